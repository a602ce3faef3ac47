#include "core/measure/plane_samples.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/sample/sampler.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ebm::measure {
namespace {

constexpr std::int64_t side = 384;   ///< cells
constexpr double bound = 2;          ///< of the density in a cell over that of its middle
constexpr double steep_share = 0.01; ///< of the proposals that may be beyond the bound
constexpr std::int64_t rows_at_a_time = 16'384;

std::vector<double> log_densities(const Energy& energy, const torch::Tensor& points, double temperature) {
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(points.size(0)));
    for (std::int64_t first = 0; first < points.size(0); first += rows_at_a_time) {
        const torch::NoGradGuard no_graph;
        const torch::Tensor some =
            energy.value({points.slice(0, first, std::min(first + rows_at_a_time, points.size(0)))})
                .to(torch::kDouble)
                .contiguous();
        for (std::int64_t i = 0; i < some.numel(); ++i)
            values.push_back(-some.const_data_ptr<double>()[i] / temperature);
    }
    for (const double value : values)
        if (std::isnan(value))
            throw Error("An energy is not a number, so the model has no samples", "samples on a grid",
                        "Go back to an earlier state of the model.");
    return values;
}

} // namespace

torch::Tensor plane_samples(const Energy& energy, double temperature, double low, double high,
                            std::int64_t count, std::uint64_t seed) {
    const double width = (high - low) / side;
    torch::Tensor middles = torch::empty({side * side, 2});
    float* at = middles.data_ptr<float>();
    for (std::int64_t j = 0; j < side; ++j)
        for (std::int64_t i = 0; i < side; ++i) {
            *at++ = static_cast<float>(low + (static_cast<double>(i) + 0.5) * width);
            *at++ = static_cast<float>(low + (static_cast<double>(j) + 0.5) * width);
        }
    const std::vector<double> here = log_densities(energy, middles, temperature);
    const double most = *std::ranges::max_element(here);
    std::vector<double> sums; // of the masses of the cells up to each
    double sum = 0;
    for (const double value : here)
        sums.push_back(sum += std::exp(value - most));

    const auto group = static_cast<std::uint32_t>(RandomGroup::evaluation);
    const float* middle = middles.const_data_ptr<float>();
    torch::Tensor samples = torch::empty({count, 2});
    std::int64_t found = 0, proposed = 0, beyond = 0;
    for (std::uint32_t round = 0; found < count; ++round) {
        torch::Tensor points = torch::empty({2 * count + 64, 2});
        float* drawn = points.data_ptr<float>();
        std::vector<std::size_t> cells;
        std::vector<float> chances;
        for (std::int64_t k = 0; k < points.size(0); ++k) {
            const auto words = [&](std::uint32_t part) {
                return random::words(
                    {seed, random::Stream::choice, group, static_cast<std::uint32_t>(k), round}, part);
            };
            const random::Words first = words(0), second = words(1);
            // Two words, as a cell may have less than 2⁻³² of the mass.
            const double u =
                sum * (static_cast<double>(first[0]) * 0x1p-32 + static_cast<double>(first[1]) * 0x1p-64);
            const std::size_t cell = std::min<std::size_t>(
                static_cast<std::size_t>(std::ranges::upper_bound(sums, u) - sums.begin()), sums.size() - 1);
            cells.push_back(cell);
            for (std::size_t axis = 0; axis < 2; ++axis)
                drawn[2 * static_cast<std::size_t>(k) + axis] =
                    middle[2 * cell + axis] +
                    static_cast<float>((random::uniform(second[axis]) - 0.5) * width);
            chances.push_back(random::uniform(second[2]));
        }
        const std::vector<double> there = log_densities(energy, points, temperature);
        for (std::size_t k = 0; k < there.size() && found < count; ++k) {
            const double ratio = std::exp(there[k] - here[cells[k]]);
            ++proposed;
            beyond += ratio > bound;
            if (chances[k] * bound < ratio) samples[found++] = points[static_cast<std::int64_t>(k)];
        }
        if (static_cast<double>(beyond) > steep_share * static_cast<double>(proposed) || round > 1000)
            throw Error("The density is steeper than the grid that samples are drawn with is fine",
                        "samples on a grid", "Choose a smaller box or a higher temperature.");
    }
    return samples;
}

} // namespace ebm::measure
