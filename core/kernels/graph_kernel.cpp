#include "core/kernels/graph_kernel.h"

#include "core/base/error.h"
#include "core/kernels/graph_backend.h"
#include "core/kernels/parallel.h"
#include "core/kernels/step_report.h"

#include <algorithm>
#include <string>

namespace ebm::kernels {

bool graph_kernel_pays(const network::Graph& graph) {
    constexpr std::int64_t most_weights = 8'000'000;
    if (graph.parameters() > most_weights) return false;
    try {
        make_graph_plan(graph, {});
    } catch (const Error&) {
        return false;
    }
    return true;
}

class GraphKernel::Network {
public:
    explicit Network(const network::Graph& graph)
        : backend_(current_graph_backend()), plan_(make_graph_plan(graph, backend_.shape)),
          packed_(static_cast<std::size_t>(plan_.packed_floats)) {}

    void pack(std::span<const float* const> weights, int threads) {
        pack_graph(plan_, weights, packed_.data(), threads);
    }

    void evaluate(const float* x, const std::int64_t* labels, std::int64_t n, float* energies,
                  float* gradients, int threads) const {
        check(labels, n);
        const std::int64_t scratch = backend_.chain_scratch(plan_);
        for_each_tile(n, threads, [&](std::int64_t first, int samples, std::int64_t) {
            backend_.evaluate(plan_, packed_.data(), x + first * plan_.elements, at(labels, first), samples,
                              energies + first, at(gradients, first * plan_.elements),
                              thread_scratch(scratch));
        });
    }

    void run(float* x, const std::int64_t* labels, std::int64_t n, const StepSettings& settings,
             const random::Place& first, int steps, int threads, const ChainOutputs& outputs,
             StepReport& report) const {
        check(labels, n);
        require_possible(settings);
        const std::int64_t scratch = backend_.chain_scratch(plan_);
        std::vector<StepReport> reports(static_cast<std::size_t>(tiles(n)));
        for_each_tile(n, threads, [&](std::int64_t start, int samples, std::int64_t index) {
            random::Place place = first;
            place.chain += static_cast<std::uint32_t>(start);
            const ChainOutputs tile_outputs{at(outputs.energies, start), at(outputs.gradient_norms, start),
                                            at(outputs.accepted, start)};
            backend_.run(plan_, packed_.data(), x + start * plan_.elements, at(labels, start), samples,
                         settings, place, steps, tile_outputs, reports[static_cast<std::size_t>(index)],
                         thread_scratch(scratch));
        });
        report = {};
        for (const StepReport& tile_report : reports)
            add(report, tile_report);
    }

    void parameter_gradient(const float* x, const std::int64_t* labels, std::int64_t n,
                            const float* coefficients, float energy_factor, float* energies,
                            std::span<float* const> gradients, int threads) const {
        check(labels, n);
        // The tiles are dealt to a fixed number of sums, so that the result does not depend on the number of
        // threads.
        constexpr std::int64_t most_groups = 8;
        const std::int64_t scratch = backend_.weights_scratch(plan_), count = tiles(n), tile = tile_size(n);
        const std::int64_t groups = std::max<std::int64_t>(1, std::min(most_groups, count));
        float* sums = thread_scratch(groups * plan_.gradient_floats, ScratchUser::caller);
        parallel_for(groups, threads, [&](std::int64_t group) {
            float* group_sums = sums + group * plan_.gradient_floats;
            std::fill_n(group_sums, plan_.gradient_floats, 0.0f);
            for (std::int64_t i = count * group / groups; i < count * (group + 1) / groups; ++i) {
                const std::int64_t first = i * tile;
                const int samples = static_cast<int>(std::min(tile, n - first));
                backend_.add_weight_gradients(plan_, packed_.data(), x + first * plan_.elements,
                                              at(labels, first), samples, coefficients + first, energy_factor,
                                              energies + first, group_sums, thread_scratch(scratch));
            }
        });
        constexpr std::int64_t piece = 4096;
        parallel_for((plan_.gradient_floats + piece - 1) / piece, threads, [&](std::int64_t index) {
            const std::int64_t first = index * piece, end = std::min(first + piece, plan_.gradient_floats);
            for (std::int64_t group = 1; group < groups; ++group) {
                const float* more = sums + group * plan_.gradient_floats;
                for (std::int64_t i = first; i < end; ++i)
                    sums[i] += more[i];
            }
        });
        unpack_graph(plan_, sums, gradients);
    }

private:
    /// Null stays null.
    template <class T>
    static T* at(T* array, std::int64_t offset) {
        return array ? array + offset : nullptr;
    }

    /// Of pictures a tile holds fewer samples where all cores would not get work otherwise: the network takes
    /// them one by one anyway. Not a function of `threads`, so that the sums of reports are not either.
    std::int64_t tile_size(std::int64_t n) const {
        const std::int64_t most = backend_.shape.tile;
        return plan_.flat ? most : std::clamp<std::int64_t>((n + 7) / 8, 1, most);
    }
    std::int64_t tiles(std::int64_t n) const { return (n + tile_size(n) - 1) / tile_size(n); }

    template <class Work>
    void for_each_tile(std::int64_t n, int threads, Work work) const {
        const std::int64_t tile = tile_size(n);
        parallel_for(tiles(n), threads, [&](std::int64_t index) {
            const std::int64_t first = index * tile;
            work(first, static_cast<int>(std::min(tile, n - first)), index);
        });
    }

    void check(const std::int64_t* labels, std::int64_t n) const {
        if (plan_.classes == 0) return;
        if (labels == nullptr && n > 0)
            throw Error("The network has classes, and its samples came without labels", "network",
                        "Pass one label for each sample.");
        for (std::int64_t i = 0; i < n; ++i)
            if (labels[i] < 0 || labels[i] >= plan_.classes)
                throw Error("Label " + std::to_string(labels[i]) + " of sample " + std::to_string(i) +
                                " is none of the " + std::to_string(plan_.classes) + " classes",
                            "network", "Pass labels from 0 on, below the number of classes.");
    }

    const GraphBackend& backend_;
    GraphPlan plan_;
    AlignedFloats packed_;
};

GraphKernel::GraphKernel(const network::Graph& graph) : network_(std::make_unique<Network>(graph)) {}
GraphKernel::~GraphKernel() = default;
GraphKernel::GraphKernel(GraphKernel&&) noexcept = default;
GraphKernel& GraphKernel::operator=(GraphKernel&&) noexcept = default;

void GraphKernel::pack(std::span<const float* const> weights, int threads) {
    network_->pack(weights, threads);
}

void GraphKernel::evaluate(const float* x, const std::int64_t* labels, std::int64_t n, float* energies,
                           float* gradients, int threads) const {
    network_->evaluate(x, labels, n, energies, gradients, threads);
}

void GraphKernel::run(float* x, const std::int64_t* labels, std::int64_t n, const StepSettings& settings,
                      const random::Place& first, int steps, int threads, float* energies,
                      float* gradient_norms, StepReport& report, std::uint8_t* accepted) const {
    network_->run(x, labels, n, settings, first, steps, threads, {energies, gradient_norms, accepted},
                  report);
}

void GraphKernel::parameter_gradient(const float* x, const std::int64_t* labels, std::int64_t n,
                                     const float* coefficients, float energy_factor, float* energies,
                                     std::span<float* const> gradients, int threads) const {
    network_->parameter_gradient(x, labels, n, coefficients, energy_factor, energies, gradients, threads);
}

} // namespace ebm::kernels
