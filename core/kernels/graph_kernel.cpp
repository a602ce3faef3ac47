#include "core/kernels/graph_kernel.h"

#include "core/base/error.h"
#include "core/kernels/graph_backend.h"
#include "core/kernels/packing.h"
#include "core/kernels/parallel.h"
#include "core/kernels/step_report.h"

#include <algorithm>
#include <string>

namespace ebm::kernels {

bool graph_kernel_pays(const network::Graph& graph) {
    constexpr std::int64_t most_weights = 8'000'000;
    try {
        if (const auto stack = network::layer_stack(graph)) {
            make_plan(*stack);
            return true;
        }
        if (graph.parameters() > most_weights) return false;
        make_graph_plan(graph, {});
    } catch (const Error&) {
        return false;
    }
    return true;
}

/// A network with its weights as one of the two kinds of kernels wants them. Each function computes one tile:
/// `samples` ≤ tile_size rows of x, and their labels.
class GraphKernel::Layout {
public:
    virtual ~Layout() = default;

    virtual int elements() const = 0; ///< of a sample
    virtual int classes() const { return 0; }
    /// Samples of a tile of a batch of n. Not a function of the number of threads, so that the sums of
    /// reports and gradients are not either.
    virtual std::int64_t tile_size(std::int64_t n) const = 0;

    virtual void pack(std::span<const float* const> weights, int threads) = 0;
    /// gradients may be null.
    virtual void evaluate(const float* x, const std::int64_t* labels, int samples, float* energies,
                          float* gradients) const = 0;
    virtual void run(float* x, const std::int64_t* labels, int samples, const StepSettings& settings,
                     const random::Place& first, int steps, const ChainOutputs& outputs,
                     StepReport& report) const = 0;
    /// Writes the energies and adds to `sums`, gradient_floats numbers, the gradients of
    /// Σ_i (coefficients[i] + energy_factor·E_i)·E_i, the bracket held fixed.
    virtual void add_weight_gradients(const float* x, const std::int64_t* labels, int samples,
                                      const float* coefficients, float energy_factor, float* energies,
                                      float* sums) const = 0;
    virtual std::int64_t gradient_floats() const = 0;
    /// From such sums to the layout of the weights; overwrites.
    virtual void unpack(const float* sums, std::span<float* const> gradients, int threads) const = 0;
};

class GraphKernel::StackLayout final : public Layout {
public:
    explicit StackLayout(const network::LayerStack& stack)
        : backend_(current_backend()), plan_(make_plan(stack)), packing_(plan_, backend_.largest_block),
          sums_(plan_, backend_.weight_lanes), packed_(plan_.packed_floats) {}

    int elements() const override { return plan_.elements(); }
    std::int64_t tile_size(std::int64_t) const override { return backend_.tile; }

    void pack(std::span<const float* const> weights, int threads) override {
        packing_.pack(weights, packed_.data(), threads);
    }
    void evaluate(const float* x, const std::int64_t*, int samples, float* energies,
                  float* gradients) const override {
        backend_.evaluate(plan_, packed_.data(), x, samples, energies, gradients, scratch());
    }
    void run(float* x, const std::int64_t*, int samples, const StepSettings& settings,
             const random::Place& first, int steps, const ChainOutputs& outputs,
             StepReport& report) const override {
        backend_.run(plan_, packed_.data(), x, samples, settings, first, steps, outputs, report, scratch());
    }
    void add_weight_gradients(const float* x, const std::int64_t*, int samples, const float* coefficients,
                              float energy_factor, float* energies, float* sums) const override {
        backend_.add_parameter_gradients(plan_, sums_, packed_.data(), x, samples, coefficients,
                                         energy_factor, energies, sums, scratch());
    }
    std::int64_t gradient_floats() const override { return sums_.floats; }
    void unpack(const float* sums, std::span<float* const> gradients, int threads) const override {
        sums_.unpack(plan_, sums, gradients, threads);
    }

private:
    float* scratch() const { return thread_scratch(backend_.scratch_floats(plan_)); }

    const Backend& backend_;
    Plan plan_;
    Packing packing_;
    GradientSums sums_;
    AlignedFloats packed_;
};

class GraphKernel::GraphLayout final : public Layout {
public:
    explicit GraphLayout(const network::Graph& graph)
        : backend_(current_graph_backend()), plan_(make_graph_plan(graph, backend_.shape)),
          packed_(static_cast<std::size_t>(plan_.packed_floats)) {}

    int elements() const override { return plan_.elements; }
    int classes() const override { return plan_.classes; }
    /// Of pictures a tile holds fewer samples where all cores would not get work otherwise: the network takes
    /// them one by one anyway.
    std::int64_t tile_size(std::int64_t n) const override {
        const std::int64_t most = backend_.shape.tile;
        return plan_.flat ? most : std::clamp<std::int64_t>((n + 7) / 8, 1, most);
    }

    void pack(std::span<const float* const> weights, int threads) override {
        pack_graph(plan_, weights, packed_.data(), threads);
    }
    void evaluate(const float* x, const std::int64_t* labels, int samples, float* energies,
                  float* gradients) const override {
        backend_.evaluate(plan_, packed_.data(), x, labels, samples, energies, gradients,
                          thread_scratch(backend_.chain_scratch(plan_)));
    }
    void run(float* x, const std::int64_t* labels, int samples, const StepSettings& settings,
             const random::Place& first, int steps, const ChainOutputs& outputs,
             StepReport& report) const override {
        backend_.run(plan_, packed_.data(), x, labels, samples, settings, first, steps, outputs, report,
                     thread_scratch(backend_.chain_scratch(plan_)));
    }
    void add_weight_gradients(const float* x, const std::int64_t* labels, int samples,
                              const float* coefficients, float energy_factor, float* energies,
                              float* sums) const override {
        backend_.add_weight_gradients(plan_, packed_.data(), x, labels, samples, coefficients, energy_factor,
                                      energies, sums, thread_scratch(backend_.weights_scratch(plan_)));
    }
    std::int64_t gradient_floats() const override { return plan_.gradient_floats; }
    void unpack(const float* sums, std::span<float* const> gradients, int) const override {
        unpack_graph(plan_, sums, gradients);
    }

private:
    const GraphBackend& backend_;
    GraphPlan plan_;
    AlignedFloats packed_;
};

namespace {

/// Null stays null.
template <class T>
T* at(T* array, std::int64_t offset) {
    return array ? array + offset : nullptr;
}

/// A batch of n in tiles.
struct Tiles {
    std::int64_t n, size;

    std::int64_t count() const { return (n + size - 1) / size; }
    std::int64_t first(std::int64_t index) const { return index * size; }
    int samples(std::int64_t index) const { return static_cast<int>(std::min(size, n - first(index))); }
};

void check_labels(const std::int64_t* labels, std::int64_t n, int classes) {
    if (classes == 0) return;
    if (labels == nullptr && n > 0)
        throw Error("The network has classes, and its samples came without labels", "network",
                    "Pass one label for each sample.");
    for (std::int64_t i = 0; i < n; ++i)
        if (labels[i] < 0 || labels[i] >= classes)
            throw Error("Label " + std::to_string(labels[i]) + " of sample " + std::to_string(i) +
                            " is none of the " + std::to_string(classes) + " classes",
                        "network", "Pass labels from 0 on, below the number of classes.");
}

} // namespace

std::unique_ptr<GraphKernel::Layout> GraphKernel::layout_of(const network::Graph& graph) {
    if (const auto stack = network::layer_stack(graph)) return std::make_unique<StackLayout>(*stack);
    return std::make_unique<GraphLayout>(graph);
}

GraphKernel::GraphKernel(const network::Graph& graph) : layout_(layout_of(graph)) {}
GraphKernel::~GraphKernel() = default;
GraphKernel::GraphKernel(GraphKernel&&) noexcept = default;
GraphKernel& GraphKernel::operator=(GraphKernel&&) noexcept = default;

void GraphKernel::pack(std::span<const float* const> weights, int threads) {
    layout_->pack(weights, threads);
}

void GraphKernel::evaluate(const float* x, const std::int64_t* labels, std::int64_t n, float* energies,
                           float* gradients, int threads) const {
    check_labels(labels, n, layout_->classes());
    const Tiles tiles{n, layout_->tile_size(n)};
    const std::int64_t elements = layout_->elements();
    parallel_for(tiles.count(), threads, [&](std::int64_t index) {
        const std::int64_t first = tiles.first(index);
        layout_->evaluate(x + first * elements, at(labels, first), tiles.samples(index), energies + first,
                          at(gradients, first * elements));
    });
}

void GraphKernel::run(float* x, const std::int64_t* labels, std::int64_t n, const StepSettings& settings,
                      const random::Place& first, int steps, int threads, float* energies,
                      float* gradient_norms, StepReport& report, std::uint8_t* accepted) const {
    check_labels(labels, n, layout_->classes());
    require_possible(settings);
    const Tiles tiles{n, layout_->tile_size(n)};
    const std::int64_t elements = layout_->elements();
    std::vector<StepReport> reports(static_cast<std::size_t>(tiles.count()));
    parallel_for(tiles.count(), threads, [&](std::int64_t index) {
        const std::int64_t start = tiles.first(index);
        random::Place place = first;
        place.chain += static_cast<std::uint32_t>(start);
        layout_->run(x + start * elements, at(labels, start), tiles.samples(index), settings, place, steps,
                     {at(energies, start), at(gradient_norms, start), at(accepted, start)},
                     reports[static_cast<std::size_t>(index)]);
    });
    report = {};
    for (const StepReport& of_tile : reports)
        add(report, of_tile);
}

void GraphKernel::parameter_gradient(const float* x, const std::int64_t* labels, std::int64_t n,
                                     const float* coefficients, float energy_factor, float* energies,
                                     std::span<float* const> gradients, int threads) const {
    check_labels(labels, n, layout_->classes());
    // The tiles are dealt to a fixed number of sums, so that the result does not depend on the number of
    // threads.
    constexpr std::int64_t most_groups = 8;
    const Tiles tiles{n, layout_->tile_size(n)};
    const std::int64_t elements = layout_->elements(), floats = layout_->gradient_floats();
    const std::int64_t groups = std::max<std::int64_t>(1, std::min(most_groups, tiles.count()));
    float* sums = thread_scratch(groups * floats, ScratchUser::caller);
    parallel_for(groups, threads, [&](std::int64_t group) {
        float* group_sums = sums + group * floats;
        std::fill_n(group_sums, floats, 0.0f);
        const std::int64_t end = tiles.count() * (group + 1) / groups;
        for (std::int64_t index = tiles.count() * group / groups; index < end; ++index) {
            const std::int64_t first = tiles.first(index);
            layout_->add_weight_gradients(x + first * elements, at(labels, first), tiles.samples(index),
                                          coefficients + first, energy_factor, energies + first, group_sums);
        }
    });
    constexpr std::int64_t piece = 4096;
    parallel_for((floats + piece - 1) / piece, threads, [&](std::int64_t index) {
        const std::int64_t first = index * piece, end = std::min(first + piece, floats);
        for (std::int64_t group = 1; group < groups; ++group) {
            const float* more = sums + group * floats;
            for (std::int64_t i = first; i < end; ++i)
                sums[i] += more[i];
        }
    });
    layout_->unpack(sums, gradients, threads);
}

} // namespace ebm::kernels
