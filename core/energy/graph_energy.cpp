#include "core/energy/graph_energy.h"

#include "core/base/error.h"
#include "core/cuda/library.h"
#include "core/energy/classes.h"
#include "core/energy/differentiate.h"
#include "core/kernels/graph_kernel.h"
#include "core/kernels/instruction_set.h"

#include <cmath>

namespace ebm {
namespace {

using network::Node;
using network::Operation;
using torch::Tensor;

thread_local bool power_iteration_moves = false;

/// A weight as a matrix [out][everything else].
Tensor matrix(const Tensor& weight) {
    return weight.flatten(1);
}

} // namespace

Tensor start_of(const network::Weight& weight, std::uint64_t seed, std::size_t index) {
    if (weight.start == network::Start::uniform || weight.start == network::Start::zero ||
        weight.start == network::Start::one) {
        if (weight.start == network::Start::uniform)
            return uniform_weights(weight.shape, weight.fan_in, seed, index);
        Tensor same = torch::full(weight.shape, weight.start == network::Start::one ? 1.0 : 0.0);
        return same.requires_grad_(true);
    }
    const double sd = weight.start == network::Start::he
                          ? std::sqrt(2.0 / static_cast<double>(weight.fan_in))
                          : (weight.start == network::Start::tiny ? 1e-10 : 1.0);
    return normal_weights(weight.shape, sd, seed, index);
}

namespace {

/// The results of all nodes. Unless `keep`, those that no later node reads are undefined but for the last, so
/// that their memory is used again.
std::vector<Tensor> results_of(const network::Graph& graph, const std::vector<Tensor>& weights,
                               const Tensor& x, const Tensor& labels, bool keep) {
    std::vector<std::size_t> last_reader(graph.nodes.size(), 0);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        for (const int read : {graph.nodes[i].input, graph.nodes[i].other})
            if (read >= 0) last_reader[static_cast<std::size_t>(read)] = i;
    const Tensor scaled = graph.input_scale == 1 ? x : x * graph.input_scale;
    const Tensor input =
        (graph.input_offset == 0 ? scaled : scaled + graph.input_offset)
            .reshape({x.size(0), graph.input.channels, graph.input.height, graph.input.width});
    std::vector<Tensor> results;
    const auto result = [&](int node) -> const Tensor& {
        return node < 0 ? input : results[static_cast<std::size_t>(node)];
    };
    const auto weight = [&](int index) -> const Tensor& { return weights[static_cast<std::size_t>(index)]; };
    const auto of_class = [&](int index) {
        const Tensor& table = weight(index);
        return (graph.classes > 0 ? table.index_select(0, labels) : table).unsqueeze(2).unsqueeze(3);
    };
    for (const Node& node : graph.nodes) {
        const Tensor& from = result(node.input);
        switch (node.operation) {
        case Operation::convolution:
            results.push_back(torch::conv2d(from, weight(node.weight),
                                            node.second < 0 ? Tensor() : weight(node.second), node.stride,
                                            node.padding));
            break;
        case Operation::linear:
            results.push_back(torch::linear(from.flatten(1), weight(node.weight),
                                            node.second < 0 ? Tensor() : weight(node.second))
                                  .unsqueeze(2)
                                  .unsqueeze(3));
            break;
        case Operation::class_bias:
            results.push_back(from + of_class(node.weight));
            break;
        case Operation::class_gain: {
            Tensor gain = of_class(node.weight);
            if (node.second >= 0) gain = gain + weight(node.second).unsqueeze(1).unsqueeze(2);
            results.push_back(from * gain);
            break;
        }
        case Operation::activation:
            results.push_back(activate(node.function, from));
            break;
        case Operation::average_pool:
            results.push_back(torch::avg_pool2d(from, 2));
            break;
        case Operation::add:
            results.push_back(from + result(node.other));
            break;
        case Operation::sum:
            results.push_back(from.sum({2, 3}, true));
            break;
        }
        if (keep) continue;
        for (const int read : {node.input, node.other})
            if (read >= 0 && last_reader[static_cast<std::size_t>(read)] + 1 == results.size())
                results[static_cast<std::size_t>(read)] = Tensor();
    }
    return results;
}

} // namespace

std::vector<Tensor> graph_results(const network::Graph& graph, const std::vector<Tensor>& weights,
                                  const Tensor& x, const Tensor& labels) {
    return results_of(graph, weights, x, labels, true);
}

Tensor graph_value(const network::Graph& graph, const std::vector<Tensor>& weights, const Tensor& x,
                   const Tensor& labels) {
    Tensor energy = results_of(graph, weights, x, labels, false).back().flatten();
    if (graph.output_scale != 1) energy = energy * graph.output_scale;
    if (graph.curvature != 0) energy = energy + x.flatten(1).square().sum(1) * (0.5 * graph.curvature);
    return energy;
}

void power_iteration(const Tensor& weight, SpectralVectors& vectors) {
    const torch::NoGradGuard no_graph;
    const Tensor w = matrix(weight.detach());
    const auto unit = [](const Tensor& x) { return x / x.norm().clamp_min(1e-30); };
    vectors.v = unit(w.t().mv(vectors.u));
    vectors.u = unit(w.mv(vectors.v));
}

Tensor normalised(const Tensor& weight, const SpectralVectors& vectors, bool floored) {
    const Tensor sigma = vectors.u.dot(matrix(weight).mv(vectors.v));
    if (!floored) return weight / sigma;
    const Tensor raised = sigma + 1e-6;
    return weight / raised * raised.clamp_max(1.0);
}

PowerIterationMoves::PowerIterationMoves() : before_(power_iteration_moves) {
    power_iteration_moves = true;
}
PowerIterationMoves::~PowerIterationMoves() {
    power_iteration_moves = before_;
}

GraphEnergy::GraphEnergy(network::Graph graph, bool plane, bool every_step, std::uint64_t seed)
    : graph_(std::move(graph)), plane_(plane), every_step_(every_step) {
    for (const network::Weight& weight : graph_.weights)
        weights_.emplace_back(weight.name, start_of(weight, seed, weights_.size()));
    spectral_.resize(weights_.size());
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        if (!graph_.weights[i].spectral) continue;
        const Tensor& weight = weights_[i].second;
        spectral_[i].u = normal_weights({weight.size(0)}, 1.0, seed, weights_.size() + i).detach();
        for (int round = 0; round < 30; ++round)
            power_iteration(weight, spectral_[i]);
    }
    make_kernel();
}

GraphEnergy::GraphEnergy(const GraphEnergy& other)
    : graph_(other.graph_), plane_(other.plane_), every_step_(other.every_step_),
      weights_(copy_weights(other.weights_)), gpu_(other.gpu_) {
    for (const SpectralVectors& vectors : other.spectral_)
        spectral_.push_back(vectors.u.defined() ? SpectralVectors{vectors.u.clone(), vectors.v.clone()}
                                                : SpectralVectors{});
    make_kernel();
}

std::shared_ptr<Energy> GraphEnergy::clone() const {
    return std::shared_ptr<Energy>(new GraphEnergy(*this));
}

Shape GraphEnergy::sample_shape() const {
    if (plane_) return {2};
    return {graph_.input.channels, graph_.input.height, graph_.input.width};
}

NamedTensors GraphEnergy::buffers() const {
    NamedTensors buffers;
    for (std::size_t i = 0; i < spectral_.size(); ++i) {
        if (!spectral_[i].u.defined()) continue;
        buffers.emplace_back(weights_[i].first + ".u", spectral_[i].u);
        buffers.emplace_back(weights_[i].first + ".v", spectral_[i].v);
    }
    return buffers;
}

void GraphEnergy::turn() const {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        if (!spectral_[i].u.defined()) continue;
        SpectralVectors next = spectral_[i];
        power_iteration(weights_[i].second, next);
        spectral_[i].u.copy_(next.u); // in place: whoever holds buffers() sees it
        spectral_[i].v.copy_(next.v);
        packed_is_old_ = true;
    }
}

void GraphEnergy::after_update() {
    const torch::NoGradGuard no_graph;
    turn();
}

std::vector<Tensor> GraphEnergy::used_weights() const {
    std::vector<Tensor> used;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        const Tensor& weight = weights_[i].second;
        used.push_back(graph_.weights[i].spectral
                           ? normalised(weight, spectral_[i], graph_.weights[i].floored)
                           : weight);
    }
    return used;
}

const FusedKernel* GraphEnergy::fused() const {
    if (!kernel_ || every_step_) return nullptr;
    if (packed_is_old_) {
        const torch::NoGradGuard no_graph;
        std::vector<Tensor> used = used_weights();
        std::vector<const float*> pointers;
        for (Tensor& weight : used) {
            weight = weight.detach().contiguous();
            pointers.push_back(weight.data_ptr<float>());
        }
        kernel_->pack(pointers);
        packed_is_old_ = false;
    }
    return kernel_.get();
}

Tensor GraphEnergy::network_value(const Batch& batch) const {
    if (every_step_ && power_iteration_moves) {
        const torch::NoGradGuard no_graph;
        turn();
    }
    return graph_value(graph_, used_weights(), batch.x, batch.labels);
}

Tensor GraphEnergy::value(const Batch& batch) const {
    if (graph_.classes > 0 && !batch.labels.defined()) return marginal(*this, batch.x);
    const FusedKernel* kernel =
        torch::GradMode::is_enabled() || batch.x.scalar_type() != torch::kFloat ? nullptr : fused();
    if (!kernel) return network_value(batch);
    const Tensor input = batch.x.contiguous(), labels = batch.labels;
    Tensor energies = torch::empty({input.size(0)});
    kernel->evaluate(input.data_ptr<float>(), input.size(0), energies.data_ptr<float>(), nullptr,
                     label_pointer(batch));
    return energies;
}

ValueAndGradient GraphEnergy::value_and_gradient(const Batch& batch) const {
    if (graph_.classes > 0 && !batch.labels.defined()) return marginal_and_gradient(*this, batch.x);
    const FusedKernel* kernel = batch.x.scalar_type() != torch::kFloat ? nullptr : fused();
    if (!kernel) {
        // The weights are constants: only the gradient with respect to x is wanted.
        const torch::AutoGradMode with_graph(true);
        if (every_step_ && power_iteration_moves) {
            const torch::NoGradGuard no_graph;
            turn();
        }
        std::vector<Tensor> used;
        {
            const torch::NoGradGuard no_graph;
            used = used_weights();
        }
        for (Tensor& weight : used)
            weight = weight.detach();
        const Tensor leaf = batch.x.detach().requires_grad_(true);
        const Tensor energies = graph_value(graph_, used, leaf, batch.labels);
        const Tensor gradient = differentiate({energies.sum()}, {leaf})[0];
        return {energies.detach(), gradient};
    }
    const torch::NoGradGuard no_graph;
    const Tensor input = batch.x.detach().contiguous();
    ValueAndGradient result{torch::empty({input.size(0)}), torch::empty_like(input)};
    kernel->evaluate(input.data_ptr<float>(), input.size(0), result.value.data_ptr<float>(),
                     result.gradient.data_ptr<float>(), label_pointer(batch));
    return result;
}

std::vector<Tensor> GraphEnergy::weight_gradient(std::vector<Tensor> used_gradient) const {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        if (!graph_.weights[i].spectral) continue;
        const torch::AutoGradMode with_graph(true);
        const Tensor used = normalised(weights_[i].second, spectral_[i], graph_.weights[i].floored);
        used_gradient[i] = differentiate({used}, {weights_[i].second}, {used_gradient[i]})[0].contiguous();
    }
    return used_gradient;
}

namespace {

/// On as many threads as LibTorch has.
class CpuKernel final : public FusedKernel {
public:
    explicit CpuKernel(const network::Graph& graph)
        : kernel_(graph), name_("fused " + kernels::instruction_set_name()) {}

    void pack(std::span<const float* const> weights) override {
        kernel_.pack(weights, at::get_num_threads());
    }
    void evaluate(const float* x, std::int64_t n, float* energies, float* gradients,
                  const std::int64_t* labels) const override {
        kernel_.evaluate(x, labels, n, energies, gradients, at::get_num_threads());
    }
    void run(float* x, std::int64_t n, const kernels::StepSettings& settings, const random::Place& first,
             int steps, float* energies, float* gradient_norms, kernels::StepReport& report,
             std::uint8_t* accepted, const std::int64_t* labels) const override {
        kernel_.run(x, labels, n, settings, first, steps, at::get_num_threads(), energies, gradient_norms,
                    report, accepted);
    }
    void parameter_gradient(const float* x, std::int64_t n, const float* coefficients, float energy_factor,
                            float* energies, std::span<float* const> gradients,
                            const std::int64_t* labels) const override {
        kernel_.parameter_gradient(x, labels, n, coefficients, energy_factor, energies, gradients,
                                   at::get_num_threads());
    }
    std::string name() const override { return name_; }

private:
    kernels::GraphKernel kernel_;
    std::string name_;
};

} // namespace

std::unique_ptr<FusedKernel> cpu_kernel(const network::Graph& graph) {
    return std::make_unique<CpuKernel>(graph);
}

void GraphEnergy::make_kernel() {
    std::unique_ptr<FusedKernel> kernel;
    if (gpu_)
        kernel = gpu_->make(graph_);
    else if (!every_step_ && kernels::graph_kernel_pays(graph_))
        kernel = cpu_kernel(graph_);
    kernel_ = std::move(kernel);
    packed_is_old_ = true;
}

void GraphEnergy::compute_on(std::shared_ptr<const cuda::Device> gpu) {
    if (gpu && every_step_)
        throw Error("Power iteration in every step of the chains is computed on the CPU only",
                    "setting model.spectral_every_step",
                    "Set it to false, or compute on the CPU (--device cpu).");
    const auto before = std::exchange(gpu_, std::move(gpu));
    try {
        make_kernel();
    } catch (...) {
        gpu_ = before;
        throw;
    }
}

std::string GraphEnergy::kernel_name() const {
    return kernel_ && !every_step_ ? kernel_->name() : Energy::kernel_name();
}

} // namespace ebm
