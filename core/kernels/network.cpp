#include "core/kernels/network.h"

#include "core/kernels/parallel.h"
#include "core/kernels/step_report.h"

#include <algorithm>

namespace ebm::kernels {
Network::Network(Plan plan)
    : plan_(std::move(plan)), backend_(&current_backend()), packing_(plan_, backend_->largest_block),
      sums_(plan_, backend_->weight_lanes), packed_(plan_.packed_floats) {}

void Network::pack(std::span<const float* const> parameters, int threads) {
    packing_.pack(parameters, packed_.data(), threads);
}

void Network::evaluate(const float* x, std::int64_t n, float* energies, float* gradients, int threads) const {
    const std::int64_t tile = backend_->tile, elements = plan_.elements();
    parallel_for((n + tile - 1) / tile, threads, [&](std::int64_t index) {
        const std::int64_t first = index * tile;
        const int samples = static_cast<int>(std::min(tile, n - first));
        backend_->evaluate(plan_, packed_.data(), x + first * elements, samples, energies + first,
                           gradients ? gradients + first * elements : nullptr,
                           thread_scratch(backend_->scratch_floats(plan_)));
    });
}

void Network::run(float* x, std::int64_t n, const StepSettings& settings, const random::Place& first,
                  int steps, int threads, const ChainOutputs& outputs, StepReport& report) const {
    require_possible(settings);
    const std::int64_t tile = backend_->tile, elements = plan_.elements(), tiles = (n + tile - 1) / tile;
    std::vector<StepReport> reports(static_cast<std::size_t>(tiles));
    parallel_for(tiles, threads, [&](std::int64_t index) {
        const std::int64_t start = index * tile;
        const int samples = static_cast<int>(std::min(tile, n - start));
        random::Place place = first;
        place.chain += static_cast<std::uint32_t>(start);
        const ChainOutputs tile_outputs{outputs.energies ? outputs.energies + start : nullptr,
                                        outputs.gradient_norms ? outputs.gradient_norms + start : nullptr,
                                        outputs.accepted ? outputs.accepted + start : nullptr};
        backend_->run(plan_, packed_.data(), x + start * elements, samples, settings, place, steps,
                      tile_outputs, reports[static_cast<std::size_t>(index)],
                      thread_scratch(backend_->scratch_floats(plan_)));
    });
    report = {};
    for (const StepReport& tile_report : reports)
        add(report, tile_report);
}

void Network::parameter_gradient(const float* x, std::int64_t n, const float* coefficients,
                                 float energy_factor, float* energies, std::span<float* const> gradients,
                                 int threads) const {
    // The tiles are dealt to a fixed number of sums, so that the result does not depend on the number of
    // threads.
    constexpr std::int64_t most_groups = 8;
    const std::int64_t tile = backend_->tile, elements = plan_.elements(), tiles = (n + tile - 1) / tile;
    const std::int64_t groups = std::max<std::int64_t>(1, std::min(most_groups, tiles));
    float* sums = thread_scratch(groups * sums_.floats, ScratchUser::caller);
    parallel_for(groups, threads, [&](std::int64_t group) {
        float* group_sums = sums + group * sums_.floats;
        std::fill_n(group_sums, sums_.floats, 0.0f);
        for (std::int64_t index = tiles * group / groups; index < tiles * (group + 1) / groups; ++index) {
            const std::int64_t first = index * tile;
            const int samples = static_cast<int>(std::min(tile, n - first));
            backend_->add_parameter_gradients(plan_, sums_, packed_.data(), x + first * elements, samples,
                                              coefficients + first, energy_factor, energies + first,
                                              group_sums, thread_scratch(backend_->scratch_floats(plan_)));
        }
    });
    constexpr std::int64_t piece = 4096;
    parallel_for((sums_.floats + piece - 1) / piece, threads, [&](std::int64_t index) {
        const std::int64_t first = index * piece, end = std::min(first + piece, sums_.floats);
        for (std::int64_t group = 1; group < groups; ++group) {
            const float* more = sums + group * sums_.floats;
            for (std::int64_t i = first; i < end; ++i)
                sums[i] += more[i];
        }
    });
    sums_.unpack(plan_, sums, gradients, threads);
}

} // namespace ebm::kernels
