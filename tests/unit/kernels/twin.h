#pragma once

#include "core/kernels/instruction_set.h"
#include "core/kernels/network_spec.h"

#include <doctest/doctest.h>
#include <torch/torch.h>

#include <string>
#include <vector>

/// The plain LibTorch twin of the fused kernels, in double precision and by autograd.
namespace twin {

using torch::Tensor;

inline Tensor activate(ebm::kernels::Activation activation, const Tensor& z) {
    using ebm::kernels::Activation;
    switch (activation) {
    case Activation::silu:
        return torch::silu(z);
    case Activation::softplus:
        return torch::softplus(z, 1, 100);
    case Activation::tanh:
        return torch::tanh(z);
    case Activation::relu:
        return torch::relu(z);
    case Activation::leaky_relu:
        return torch::leaky_relu(z, 0.2);
    case Activation::gelu:
        return torch::gelu(z);
    }
    return z;
}

/// A network with random parameters: float values, so that the kernels see exactly what the twin sees.
struct Network {
    ebm::kernels::ConvNetSpec layers;
    double input_scale = 1, output_scale = 1, confinement = 0;
    std::vector<Tensor> parameters = {}; ///< float, contiguous: weight, bias, …

    std::vector<const float*> pointers() const {
        std::vector<const float*> result;
        for (const Tensor& parameter : parameters)
            result.push_back(parameter.data_ptr<float>());
        return result;
    }

    /// x: [n, …] of any floating type; returns [n] of the same type.
    Tensor energy(const Tensor& x) const {
        const std::int64_t n = x.size(0);
        std::size_t next = 0;
        Tensor h = x.reshape({n, layers.channels, layers.height, layers.width}) * input_scale;
        const auto parameter = [&] { return parameters[next++].to(x.scalar_type()); };
        for (const ebm::kernels::ConvLayer& layer : layers.convolutions) {
            const Tensor weight = parameter(), bias = parameter();
            h = activate(layers.activation, torch::conv2d(h, weight, bias, layer.stride, layer.padding));
        }
        h = h.reshape({n, -1});
        for (std::size_t i = 0; i < layers.linear.size(); ++i) {
            const Tensor weight = parameter(), bias = parameter();
            h = torch::linear(h, weight, bias);
            if (i + 1 < layers.linear.size()) h = activate(layers.activation, h);
        }
        Tensor result = output_scale * h.squeeze(1);
        if (confinement > 0)
            result = result + x.reshape({n, -1}).square().sum(1) / (2 * confinement * confinement);
        return result;
    }

    struct EnergyAndGradient {
        Tensor energy, gradient;
    };
    EnergyAndGradient energy_and_gradient(const Tensor& x) const {
        const Tensor leaf = x.detach().clone().set_requires_grad(true);
        const Tensor value = energy(leaf);
        return {value.detach(), torch::autograd::grad({value.sum()}, {leaf})[0]};
    }
};

inline Network random_network(const ebm::kernels::ConvNetSpec& spec, std::uint64_t seed) {
    torch::Generator generator = torch::make_generator<at::CPUGeneratorImpl>(seed);
    Network network{spec};
    const auto add = [&](torch::IntArrayRef weight_shape, std::int64_t out, double inputs) {
        network.parameters.push_back(torch::randn(weight_shape, generator) * (1.2 / std::sqrt(inputs)));
        network.parameters.push_back(torch::randn({out}, generator) * 0.3);
    };
    for (const auto& l : spec.convolutions) {
        add({l.out, l.in, l.kernel, l.kernel}, l.out, static_cast<double>(l.in) * l.kernel * l.kernel);
    }
    for (const auto& l : spec.linear)
        add({l.out, l.in}, l.out, l.in);
    return network;
}

inline Network random_network(const ebm::kernels::MlpSpec& spec, std::uint64_t seed) {
    ebm::kernels::ConvNetSpec layers{spec.inputs, 1, 1, {}, {}, spec.activation};
    int in = spec.inputs;
    for (const int width : spec.hidden) {
        layers.linear.push_back({in, width});
        in = width;
    }
    layers.linear.push_back({in, 1});
    Network network = random_network(layers, seed);
    network.input_scale = spec.input_scale;
    network.output_scale = spec.output_scale;
    network.confinement = spec.confinement;
    return network;
}

/// Largest difference relative to the largest magnitude of the expected values.
inline double relative_error(const Tensor& actual, const Tensor& expected) {
    const Tensor a = actual.to(torch::kFloat64).flatten(), e = expected.to(torch::kFloat64).flatten();
    return ((a - e).abs().max() / e.abs().max().clamp_min(1e-30)).item<double>();
}

/// Energies and gradients of a packed kernel beside the network's. x: [n, …].
template <class Kernel>
void check_energies(const Kernel& kernel, const Network& network, const Tensor& x) {
    const std::int64_t n = x.size(0);
    const auto expected = network.energy_and_gradient(x.to(torch::kFloat64));
    Tensor energy = torch::full({n}, NAN), only_energy = torch::full({n}, NAN),
           gradient = torch::full_like(x, NAN);
    kernel.energy_and_gradient(x.data_ptr<float>(), n, energy.data_ptr<float>(), gradient.data_ptr<float>(),
                               1);
    kernel.energy(x.data_ptr<float>(), n, only_energy.data_ptr<float>(), 1);
    DOCTEST_CHECK(relative_error(energy, expected.energy) < 1e-5);
    DOCTEST_CHECK(relative_error(gradient, expected.gradient) < 1e-5);
    DOCTEST_CHECK(torch::equal(energy, only_energy));
}

/// Calls work once per instruction set of this machine.
template <class Work>
void for_each_instruction_set(Work work) {
    for (const std::string& name : ebm::kernels::available_instruction_sets()) {
        ebm::kernels::set_instruction_set(name);
        work(name);
    }
    ebm::kernels::set_instruction_set("best");
}

} // namespace twin
