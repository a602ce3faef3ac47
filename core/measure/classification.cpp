#include "core/measure/classification.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ebm::measure {
namespace {

std::vector<float> sorted(std::span<const float> energies, const char* name) {
    if (energies.empty())
        throw Error("There are no energies to compare", name, "Choose a data set that is not empty.");
    if (std::any_of(energies.begin(), energies.end(), [](float e) { return std::isnan(e); }))
        throw Error("An energy is not a number", name,
                    "The model has diverged. Go back to an earlier state.");
    std::vector<float> copy(energies.begin(), energies.end());
    std::sort(copy.begin(), copy.end());
    return copy;
}

/// At most `count` of the points, the ends included, evenly by the sum of both rates.
std::vector<RocPoint> thinned(const std::vector<RocPoint>& curve, std::size_t count) {
    if (curve.size() <= count) return curve;
    std::vector<RocPoint> kept = {curve.front()};
    std::size_t next = 1;
    for (std::size_t i = 1; i + 1 < curve.size() && kept.size() + 1 < count; ++i) {
        const double length = double(curve[i].false_positive_rate) + curve[i].true_positive_rate;
        if (length * static_cast<double>(count - 1) < 2.0 * static_cast<double>(next)) continue;
        kept.push_back(curve[i]);
        next = static_cast<std::size_t>(length * static_cast<double>(count - 1) / 2) + 1;
    }
    kept.push_back(curve.back());
    return kept;
}

/// Sum and sum of squares of placements, and the variance of their mean.
struct Placements {
    double sum = 0, squares = 0;
    void add(double placement, double times) {
        sum += times * placement;
        squares += times * placement * placement;
    }
    double variance_of_mean(double n) const {
        return n < 2 ? std::numeric_limits<double>::quiet_NaN()
                     : std::max(0.0, squares - sum * sum / n) / (n - 1) / n;
    }
};

} // namespace

Interval auroc_interval(double auroc, double error, std::int64_t in_count, std::int64_t out_count) {
    if (!std::isfinite(error)) return {std::nan(""), std::nan("")};
    if (auroc >= 1 || auroc <= 0) {
        const double reach = std::pow(0.025, 1.0 / static_cast<double>(std::min(in_count, out_count)));
        return auroc >= 1 ? Interval{reach, 1} : Interval{0, 1 - reach};
    }
    constexpr double z = 1.959963984540054;
    const double middle = std::log(auroc / (1 - auroc)), half = z * error / (auroc * (1 - auroc));
    const auto back = [](double x) { return 1 / (1 + std::exp(-x)); };
    return {back(middle - half), back(middle + half)};
}

Detection detection(std::span<const float> in_energies, std::span<const float> out_energies,
                    std::size_t curve_points) {
    const std::vector<float> in = sorted(in_energies, "in-distribution");
    const std::vector<float> out = sorted(out_energies, "out-of-distribution");
    const auto in_count = static_cast<double>(in.size()), out_count = static_cast<double>(out.size());

    Detection result;
    result.in_count = static_cast<std::int64_t>(in.size());
    result.out_count = static_cast<std::int64_t>(out.size());
    result.fpr_at_95_tpr = 1;
    Placements of_in, of_out;
    std::vector<RocPoint> curve = {{0, 0}};
    bool reached_95 = false;
    std::size_t i = 0, o = 0;
    while (i < in.size() || o < out.size()) {
        // One threshold: everything up to and including the next energy passes.
        const float energy = i == in.size() ? out[o] : o == out.size() ? in[i] : std::min(in[i], out[o]);
        const std::size_t i_before = i, o_before = o;
        while (i < in.size() && in[i] == energy)
            ++i;
        while (o < out.size() && out[o] == energy)
            ++o;
        // Of the "out" samples here, those of "in" before are below, those of "in" here tie.
        const double below = static_cast<double>(i_before), tied = static_cast<double>(i - i_before);
        result.auroc += static_cast<double>(o - o_before) * (below + tied / 2);
        const double in_here = tied, out_here = static_cast<double>(o - o_before);
        of_out.add((below + tied / 2) / in_count, out_here);
        of_in.add((out_count - static_cast<double>(o) + out_here / 2) / out_count, in_here);
        result.aupr += in_here / in_count * static_cast<double>(i) / static_cast<double>(i + o);
        const double true_rate = static_cast<double>(i) / in_count,
                     false_rate = static_cast<double>(o) / out_count;
        // The comparison is on whole numbers: 20 i ≥ 19 n.
        if (!reached_95 && 20 * i >= 19 * in.size()) {
            reached_95 = true;
            result.fpr_at_95_tpr = false_rate;
        }
        curve.push_back({static_cast<float>(false_rate), static_cast<float>(true_rate)});
    }
    result.auroc /= in_count * out_count;
    result.aupr = std::min(result.aupr, 1.0); // a sum of rounded shares
    result.auroc_error = std::sqrt(of_in.variance_of_mean(in_count) + of_out.variance_of_mean(out_count));
    const Interval interval =
        auroc_interval(result.auroc, result.auroc_error, result.in_count, result.out_count);
    result.auroc_low = interval.low;
    result.auroc_high = interval.high;
    result.curve = thinned(curve, std::max<std::size_t>(curve_points, 2));
    return result;
}

} // namespace ebm::measure
