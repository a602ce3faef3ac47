#include "core/kernels/chains.h"

#include "core/kernels/aligned.h"
#include "core/kernels/parallel.h"
#include "core/kernels/step_report.h"

#include <algorithm>
#include <vector>

namespace ebm::kernels {

void run_chains(const EvaluateSamples& energy, int elements, float* x, const std::int64_t* labels,
                std::int64_t n, const StepSettings& settings, const random::Place& first, int steps,
                int threads, const ChainOutputs& outputs, StepReport& report) {
    require_possible(settings);
    constexpr int most_elements_of_points = 16;
    const ChainBackend& backend = current_chain_backend();
    // Pictures are costly: a tile holds fewer where all cores would not get work otherwise.
    const std::int64_t tile = elements <= most_elements_of_points
                                  ? backend.tile
                                  : std::clamp<std::int64_t>((n + 7) / 8, 1, backend.tile);
    const std::int64_t tiles = (n + tile - 1) / tile;
    std::vector<StepReport> reports(static_cast<std::size_t>(tiles));
    parallel_for(tiles, threads, [&](std::int64_t index) {
        const std::int64_t start = index * tile;
        const auto at = [start](auto* array, std::int64_t width = 1) {
            return array ? array + start * width : nullptr;
        };
        random::Place place = first;
        place.chain += static_cast<std::uint32_t>(start);
        backend.run(energy, elements, at(x, elements), at(labels),
                    static_cast<int>(std::min(tile, n - start)), settings, place, steps,
                    {at(outputs.energies), at(outputs.gradient_norms), at(outputs.accepted)},
                    reports[static_cast<std::size_t>(index)],
                    thread_scratch(backend.scratch_floats(elements), ScratchUser::chains));
    });
    report = {};
    for (const StepReport& of_tile : reports)
        add(report, of_tile);
}

} // namespace ebm::kernels
