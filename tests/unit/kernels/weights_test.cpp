#include "twin.h"

#include "core/base/error.h"
#include "core/kernels/conv_kernel.h"
#include "core/kernels/mlp_kernel.h"

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using kernels::Activation;
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
template <class Kernel>
void compare(const Kernel& kernel, const twin::Network& network, const Tensor& x) {
    const std::int64_t n = x.size(0);
    const Tensor coefficients = torch::randn({n});
    for (const float factor : {0.0f, 0.7f}) {
        DOCTEST_CAPTURE(factor);
        twin::Network exact = network;
        for (Tensor& parameter : exact.parameters) {
            parameter = parameter.to(torch::kFloat64).detach().set_requires_grad(true);
        }
        const Tensor expected_energy = exact.energy(x.to(torch::kFloat64));
        const Tensor loss =
            (coefficients * expected_energy).sum() + 0.5 * factor * expected_energy.square().sum();
        const auto expected = torch::autograd::grad({loss}, exact.parameters);
        const std::vector<Tensor> gradients = buffers_like(network.parameters);
        Tensor energy = torch::full({n}, NAN);
        kernel.parameter_gradient(x.data_ptr<float>(), n, coefficients.data_ptr<float>(), factor,
                                  energy.data_ptr<float>(), pointers_of(gradients), 1);
        DOCTEST_CHECK(twin::relative_error(energy, expected_energy.detach()) < 1e-5);
        // The gradient of the last bias is one number, a sum that may cancel.
        const Tensor terms = coefficients.abs() + factor * expected_energy.detach().abs();
        DOCTEST_CHECK((gradients.back() - expected.back()).abs().item<double>() <
                      1e-6 * std::abs(network.output_scale) * terms.sum().item<double>());
        for (std::size_t i = 0; i + 1 < gradients.size(); ++i) {
            DOCTEST_CAPTURE(i);
            DOCTEST_CHECK(twin::relative_error(gradients[i], expected[i]) < 1e-5);
        }
        const std::vector<Tensor> threaded = buffers_like(network.parameters);
        kernel.parameter_gradient(x.data_ptr<float>(), n, coefficients.data_ptr<float>(), factor,
                                  energy.data_ptr<float>(), pointers_of(threaded), 4);
        for (std::size_t i = 0; i < gradients.size(); ++i)
            DOCTEST_CHECK(torch::equal(threaded[i], gradients[i]));
    }
}

void compare_conv(const kernels::ConvNetSpec& spec, std::int64_t n) {
    torch::manual_seed(7);
    const twin::Network network = twin::random_network(spec, 300);
    kernels::ConvKernel kernel(spec);
    kernel.pack(network.pointers());
    compare(kernel, network, torch::rand({n, spec.channels, spec.height, spec.width}) * 2 - 1);
}

void compare_mlp(const kernels::MlpSpec& spec, std::int64_t n) {
    torch::manual_seed(8);
    const twin::Network network = twin::random_network(spec, 310);
    kernels::MlpKernel kernel(spec);
    kernel.pack(network.pointers());
    compare(kernel, network, torch::randn({n, spec.inputs}));
}

} // namespace

DOCTEST_TEST_CASE("parameter gradients: convolutional networks equal autograd") {
    twin::for_each_instruction_set([](const std::string& name) {
        DOCTEST_CAPTURE(name);
        for (const std::int64_t n : {1, 16, 37, 300}) {
            DOCTEST_CAPTURE(n);
            compare_conv(kernels::tutorial_conv_net(1, 12, 12, {16, 32, 20}, 24), n);
        }
        compare_conv(kernels::tutorial_conv_net(), 40);
        compare_conv(kernels::tutorial_conv_net(3, 16, 16, {5, 7, 12}, 33, Activation::tanh), 18);
        compare_conv({2, 9, 8, {{2, 20, 3, 1, 1}, {20, 6, 1, 1, 0}, {6, 10, 4, 3, 2}}, {{120, 1}}}, 19);
        compare_conv({1, 6, 6, {{1, 3, 6, 1, 0}, {3, 5, 3, 2, 1}}, {{5, 9}, {9, 17}, {17, 1}}}, 20);
        compare_conv({2, 3, 2, {}, {{12, 37}, {37, 1}}}, 16);
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
    const kernels::MlpSpec spec{2, {20}};
    const twin::Network network = twin::random_network(spec, 320);
    kernels::MlpKernel kernel(spec);
    std::vector<const float*> parameters = network.pointers();
    kernel.pack(parameters);
    std::vector<Tensor> gradients = buffers_like(network.parameters);
    std::vector<float*> pointers = pointers_of(gradients);
    kernel.parameter_gradient(nullptr, 0, nullptr, 1.0f, nullptr, pointers, 2);
    for (const Tensor& gradient : gradients)
        DOCTEST_CHECK(gradient.abs().max().item<float>() == 0.0f);
    parameters.pop_back();
    pointers.pop_back();
    DOCTEST_CHECK_THROWS_AS(kernel.pack(parameters), Error);
    DOCTEST_CHECK_THROWS_AS(kernel.parameter_gradient(nullptr, 0, nullptr, 1.0f, nullptr, pointers, 1),
                            Error);
}
