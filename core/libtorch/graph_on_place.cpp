#include "core/libtorch/graph_on_place.h"

#include "core/base/error.h"
#include "core/kernels/step_report.h"
#include "core/libtorch/chains.h"
#include "core/libtorch/network.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <optional>

#include <c10/core/GradMode.h>

namespace ebm::libtorch {
namespace {

using at::Tensor;

/// Of all places: a process has one card at most.
std::mutex& working() {
    static std::mutex mutex;
    return mutex;
}

/// The next size that batches are rounded up to.
std::int64_t rounded_up(std::int64_t n) {
    if (n > 16) return (n + 15) / 16 * 16;
    std::int64_t size = 1;
    while (size < n)
        size *= 2;
    return size;
}

/// LibTorch's exceptions in words.
template <class Work>
auto in_words(const Work& work) {
    try {
        return work();
    } catch (const c10::OutOfMemoryError& error) {
        throw Error(
            "The GPU's memory is full", error.what_without_backtrace(),
            "Close other programs that use it, take fewer chains, or compute on the CPU (--device cpu).");
    } catch (const c10::Error& error) {
        throw Error("LibTorch failed while it computed a network on the GPU", error.what_without_backtrace(),
                    "Start again, or compute on the CPU (--device cpu).");
    }
}

/// Memory for batches of one size, and what is recorded for it.
struct Batch {
    std::int64_t size = 0;
    bool gradient = false;
    int used = 0;
    Tensor x, labels, energies, slope;
    std::unique_ptr<Recording> recording;
};

class GraphOnPlace final : public FusedKernel {
public:
    GraphOnPlace(std::shared_ptr<const Place> place, const network::Graph& graph) : place_(std::move(place)) {
        work([&] { network_.emplace(graph, place_->device(), place_->type()); });
    }
    ~GraphOnPlace() override {
        // Recordings and tensors go as they came: on the place, one thread at a time.
        const std::lock_guard lock(working());
        const auto entered = place_->enter();
        batches_.clear();
        network_.reset();
    }

    void pack(std::span<const float* const> weights) override {
        work([&] { network_->pack(weights); });
    }

    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients,
                  const std::int64_t* labels) const override {
        require_labels(labels, n);
        work([&] {
            in_parts(n, [&](std::int64_t first, std::int64_t count) {
                const Tensor of_part = labels_of(labels, first, count);
                const auto [energy, gradient] =
                    evaluated(samples(x, first, count), of_part, gradients != nullptr);
                host(energies, {count}, first).copy_(energy);
                if (gradients) host(gradients, {count, elements()}, first * elements()).copy_(gradient);
            });
        });
    }

    void run(float* x, std::int64_t n, const kernels::StepSettings& settings, const random::Place& first,
             int steps, float* energies, float* gradient_norms, kernels::StepReport& report,
             std::uint8_t* accepted, const std::int64_t* labels) const override {
        kernels::require_possible(settings);
        require_labels(labels, n);
        report = {};
        if (steps <= 0 && settings.rule != kernels::Rule::mala) return;
        work([&] {
            in_parts(n, [&](std::int64_t begin, std::int64_t count) {
                const Tensor of_part = labels_of(labels, begin, count);
                random::Place place = first;
                place.chain += static_cast<std::uint32_t>(begin);
                kernels::StepReport moved;
                const Moved ends = move_chains(
                    *place_,
                    [&](const Tensor& states, bool gradient) { return evaluated(states, of_part, gradient); },
                    samples(x, begin, count), settings, place, std::max(0, steps), moved);
                add(report, moved);
                host(x, {count, elements()}, begin * elements()).copy_(ends.x);
                if (energies) host(energies, {count}, begin).copy_(ends.energies);
                if (gradient_norms) host(gradient_norms, {count}, begin).copy_(ends.gradient_norms);
                if (accepted) at::from_blob(accepted + begin, {count}, at::kBool).copy_(ends.accepted);
            });
        });
    }

    void parameter_gradient(const float* x, std::int64_t n, const float* coefficients, float energy_factor,
                            float* energies, std::span<float* const> gradients,
                            const std::int64_t* labels) const override {
        require_labels(labels, n);
        work([&] {
            std::vector<Tensor> sums(gradients.size());
            in_parts(n, [&](std::int64_t first, std::int64_t count) {
                const Tensor states = pictures(samples(x, first, count));
                const auto [energy, part] = network_->weight_gradients(
                    states, labels_of(labels, first, count),
                    host(const_cast<float*>(coefficients), {count}, first).to(place_->device()),
                    energy_factor);
                host(energies, {count}, first).copy_(energy);
                for (std::size_t i = 0; i < sums.size(); ++i) {
                    if (!part[i].defined()) continue;
                    sums[i] = sums[i].defined() ? sums[i] + part[i] : part[i];
                }
            });
            for (std::size_t i = 0; i < sums.size(); ++i) {
                const Tensor to = at::from_blob(gradients[i], network_->graph().weights[i].shape, at::kFloat);
                if (sums[i].defined())
                    to.copy_(sums[i].view(to.sizes()));
                else
                    to.zero_();
            }
        });
    }

    std::string name() const override { return place_->name(); }

private:
    static constexpr std::size_t most_batches = 6;
    /// Uses of a size before it is recorded: cuDNN chooses its algorithms in the first.
    static constexpr int uses_before_recording = 2;

    template <class Work>
    void work(const Work& todo) const {
        const std::lock_guard lock(working());
        const c10::NoGradGuard no_graph;
        in_words([&] {
            const auto entered = place_->enter();
            todo();
        });
    }

    void require_labels(const std::int64_t* labels, std::int64_t n) const {
        const int classes = network_->graph().classes;
        if (classes == 0) return;
        for (std::int64_t i = 0; i < n; ++i)
            if (!labels || labels[i] < 0 || labels[i] >= classes)
                throw Error("A label of a batch is none of the network's classes", "labels",
                            "Give each sample a label below the number of classes.");
    }

    std::int64_t elements() const { return network_->elements(); }

    template <class Part>
    void in_parts(std::int64_t n, const Part& part) const {
        const std::int64_t fit = place_->batch_bytes() / std::max<std::int64_t>(1, network_->sample_bytes());
        const std::int64_t most = std::max<std::int64_t>(16, std::min<std::int64_t>(fit, 1024) / 16 * 16);
        for (std::int64_t first = 0; first < n; first += most)
            part(first, std::min(most, n - first));
    }

    static Tensor host(float* numbers, at::IntArrayRef sizes, std::int64_t offset) {
        return at::from_blob(numbers + offset, sizes, at::kFloat);
    }
    /// [count, elements] on the place.
    Tensor samples(const float* x, std::int64_t first, std::int64_t count) const {
        return host(const_cast<float*>(x), {count, elements()}, first * elements())
            .to(place_->device(), false, true);
    }
    Tensor labels_of(const std::int64_t* labels, std::int64_t first, std::int64_t count) const {
        if (network_->graph().classes == 0) return at::zeros({count}, on_place(at::kLong));
        return at::from_blob(const_cast<std::int64_t*>(labels) + first, {count}, at::kLong)
            .to(place_->device(), false, true);
    }
    at::TensorOptions on_place(at::ScalarType type) const { return at::device(place_->device()).dtype(type); }
    Tensor pictures(const Tensor& states) const {
        const network::NodeShape& of = network_->graph().input;
        return states.view({states.size(0), of.channels, of.height, of.width});
    }

    Batch& batch_of(std::int64_t n, bool gradient) const {
        const std::int64_t size = rounded_up(n);
        const auto known = std::find_if(batches_.begin(), batches_.end(), [&](const Batch& batch) {
            return batch.size == size && batch.gradient == gradient;
        });
        if (known != batches_.end()) {
            batches_.splice(batches_.begin(), batches_, known); // the last one is dropped first
            return batches_.front();
        }
        if (batches_.size() == most_batches) batches_.pop_back();
        Batch batch;
        batch.size = size;
        batch.gradient = gradient;
        batch.x = at::zeros({size, elements()}, on_place(at::kFloat));
        batch.labels = at::zeros({size}, on_place(at::kLong));
        batch.energies = at::empty({size}, on_place(at::kFloat));
        if (gradient) batch.slope = at::empty_like(batch.x);
        batches_.push_front(std::move(batch));
        return batches_.front();
    }

    Evaluated evaluated(const Tensor& states, const Tensor& labels, bool gradient) const {
        const std::int64_t n = states.size(0);
        Batch& batch = batch_of(n, gradient);
        batch.x.narrow(0, 0, n).copy_(states);
        batch.labels.narrow(0, 0, n).copy_(labels);
        const auto compute = [&] {
            if (gradient) {
                const auto [energies, slope] =
                    network_->energies_and_gradient(pictures(batch.x), batch.labels);
                batch.energies.copy_(energies);
                batch.slope.copy_(slope.view(batch.slope.sizes()));
            } else {
                batch.energies.copy_(network_->energies(pictures(batch.x), batch.labels));
            }
        };
        if (!batch.recording && batch.used++ == uses_before_recording)
            batch.recording = place_->record(compute);
        if (batch.recording)
            batch.recording->replay();
        else
            compute();
        return {batch.energies.narrow(0, 0, n), gradient ? batch.slope.narrow(0, 0, n) : Tensor()};
    }

    std::shared_ptr<const Place> place_;
    std::optional<Network> network_;
    mutable std::list<Batch> batches_; ///< the last used first
};

} // namespace

std::unique_ptr<FusedKernel> graph_on(std::shared_ptr<const Place> place, const network::Graph& graph) {
    return std::make_unique<GraphOnPlace>(std::move(place), graph);
}

} // namespace ebm::libtorch
