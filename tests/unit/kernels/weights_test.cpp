#include "graph_twin.h"
#include "layer_graph.h"

#include "core/base/error.h"
#include "core/energy/differentiate.h"
#include "core/kernels/graph_kernel.h"
#include "core/network/plain.h"

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using network::Graph;
using network::perceptron_graph;
using network::tutorial_graph;
using torch::Tensor;

std::vector<Tensor> buffers_like(const std::vector<Tensor>& parameters) {
    std::vector<Tensor> result;
    for (const Tensor& parameter : parameters)
        result.push_back(torch::full_like(parameter, NAN));
    return result;
}

std::vector<float*> pointers_of(const std::vector<Tensor>& tensors) {
    std::vector<float*> result;
    for (const Tensor& tensor : tensors)
        result.push_back(tensor.data_ptr<float>());
    return result;
}

/// Kernel against autograd, both for Σ c·E and for Σ c·E + ½·factor·ΣE².
void compare_weights(const Graph& graph, std::uint64_t seed, const Tensor& x) {
    const twin::GraphNetwork network = twin::random_graph_network(graph, seed);
    kernels::GraphKernel kernel(graph);
    kernel.pack(network.pointers());
    const std::int64_t n = x.size(0);
    const Tensor coefficients = torch::randn({n});
    for (const float factor : {0.0f, 0.7f}) {
        DOCTEST_CAPTURE(factor);
        twin::GraphNetwork exact = network;
        for (Tensor& parameter : exact.weights) {
            parameter = parameter.to(torch::kDouble).detach().set_requires_grad(true);
        }
        const Tensor expected_energy = exact.energy(x.to(torch::kDouble));
        const Tensor loss =
            (coefficients * expected_energy).sum() + 0.5 * factor * expected_energy.square().sum();
        const auto expected = ebm::differentiate({loss}, exact.weights);
        const std::vector<Tensor> gradients = buffers_like(network.weights);
        Tensor energy = torch::full({n}, NAN);
        kernel.parameter_gradient(x.data_ptr<float>(), nullptr, n, coefficients.data_ptr<float>(), factor,
                                  energy.data_ptr<float>(), pointers_of(gradients), 1);
        DOCTEST_CHECK(twin::relative_error(energy, expected_energy.detach()) < 1e-5);
        // The gradient of the last bias is one number, a sum that may cancel.
        const Tensor terms = coefficients.abs() + factor * expected_energy.detach().abs();
        DOCTEST_CHECK((gradients.back() - expected.back()).abs().item<double>() <
                      1e-6 * std::abs(network.graph.output_scale) * terms.sum().item<double>());
        for (std::size_t i = 0; i + 1 < gradients.size(); ++i) {
            DOCTEST_CAPTURE(i);
            DOCTEST_CHECK(twin::relative_error(gradients[i], expected[i]) < 1e-5);
        }
        const std::vector<Tensor> threaded = buffers_like(network.weights);
        kernel.parameter_gradient(x.data_ptr<float>(), nullptr, n, coefficients.data_ptr<float>(), factor,
                                  energy.data_ptr<float>(), pointers_of(threaded), 4);
        for (std::size_t i = 0; i < gradients.size(); ++i)
            DOCTEST_CHECK(torch::equal(threaded[i], gradients[i]));
    }
}

void compare_conv(const Graph& graph, std::int64_t n) {
    torch::manual_seed(7);
    compare_weights(graph, 300,
                    torch::rand({n, graph.input.channels, graph.input.height, graph.input.width}) * 2 - 1);
}

void compare_mlp(const network::PerceptronSpec& spec, std::int64_t n) {
    torch::manual_seed(8);
    compare_weights(perceptron_graph(spec), 311, torch::randn({n, spec.inputs}));
}

} // namespace

DOCTEST_TEST_CASE("parameter gradients: convolutional networks equal autograd") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const std::int64_t n : {1, 16, 37, 300}) {
            DOCTEST_CAPTURE(n);
            compare_conv(tutorial_graph({1, 12, 12}, {16, 32, 20}, 24), n);
        }
        compare_conv(tutorial_graph(), 40);
        compare_conv(tutorial_graph({3, 16, 16}, {5, 7, 12}, 33, Activation::tanh), 18);
        using twin::layer_graph;
        compare_conv(
            layer_graph({2, 9, 8}, {{20, 3, 1, 1}, {6, 1, 1, 0}, {10, 4, 3, 2}}, {}, Activation::silu), 19);
        compare_conv(layer_graph({1, 6, 6}, {{3, 6, 1, 0}, {5, 3, 2, 1}}, {9, 17}, Activation::silu), 20);
        compare_conv(layer_graph({2, 3, 2}, {}, {37}, Activation::silu), 16);
    });
}

DOCTEST_TEST_CASE("parameter gradients: networks on the plane equal autograd") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const std::int64_t n : {1, 3, 16, 17, 130, 1000}) {
            DOCTEST_CAPTURE(n);
            compare_mlp({2, {128, 40, 33}, Activation::silu, 0.7f, 3.0f, 2.0f}, n);
        }
        compare_mlp({2, {1}, Activation::softplus}, 50);
        compare_mlp({7, {19, 256, 5}, Activation::gelu, 1.0f, -1.0f}, 50);
    });
}

DOCTEST_TEST_CASE("parameter gradients: an empty batch gives zero, a wrong number of arrays is refused") {
    const twin::GraphNetwork network = twin::random_graph_network(perceptron_graph({2, {20}}), 320);
    kernels::GraphKernel kernel(network.graph);
    std::vector<const float*> parameters = network.pointers();
    kernel.pack(parameters);
    std::vector<Tensor> gradients = buffers_like(network.weights);
    std::vector<float*> pointers = pointers_of(gradients);
    kernel.parameter_gradient(nullptr, nullptr, 0, nullptr, 1.0f, nullptr, pointers, 2);
    for (const Tensor& gradient : gradients)
        DOCTEST_CHECK(gradient.abs().max().item<float>() == 0.0f);
    parameters.pop_back();
    pointers.pop_back();
    DOCTEST_CHECK_THROWS_AS(kernel.pack(parameters), Error);
    DOCTEST_CHECK_THROWS_AS(
        kernel.parameter_gradient(nullptr, nullptr, 0, nullptr, 1.0f, nullptr, pointers, 1), Error);
}
