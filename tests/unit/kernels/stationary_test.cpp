#include "twin.h"

#include "core/base/error.h"
#include "core/kernels/graph_kernel.h"
#include "core/kernels/noise.h"
#include "core/network/plain.h"

#include <doctest/doctest.h>

#include <cmath>

namespace {

using namespace ebm;
using kernels::Rule;
using kernels::StepSettings;
using torch::Tensor;

/// No network at all: E(x) = |x|² / (2σ²).
kernels::GraphKernel quadratic(float sigma) {
    network::PerceptronSpec spec;
    spec.hidden = {4};
    spec.confinement = sigma;
    return kernels::GraphKernel(network::perceptron_graph(spec));
}

/// Variance of all elements about zero, and its standard error for independent normal elements.
void check_variance(const Tensor& x, double expected) {
    const double count = static_cast<double>(x.numel());
    const double variance = x.to(torch::kDouble).square().mean().item<double>();
    DOCTEST_CHECK(std::abs(variance - expected) < 3 * expected * std::sqrt(2 / count));
    DOCTEST_CHECK(std::abs(x.to(torch::kDouble).mean().item<double>()) < 3 * std::sqrt(expected / count));
}

Tensor normal_start(std::int64_t n, double sigma, std::uint64_t seed) {
    Tensor x = torch::empty({n, 2});
    kernels::fill_normal(x.data_ptr<float>(), n, 2, {seed, random::Stream::start}, 1);
    return x * sigma;
}

} // namespace

DOCTEST_TEST_CASE("kernel of an MLP: langevin on a quadratic has the variance of the discretised chain") {
    const double sigma = 1.3, a = 0.4, s = 0.7;
    StepSettings settings;
    settings.rule = Rule::langevin;
    settings.drift = static_cast<float>(a);
    settings.noise = static_cast<float>(s);
    settings.box = false;
    const double contraction = 1 - a / (sigma * sigma);
    const double variance = s * s / (1 - contraction * contraction);
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        Tensor x = torch::zeros({20000, 2});
        kernels::StepReport report;
        quadratic(static_cast<float>(sigma))
            .run(x.data_ptr<float>(), nullptr, 20000, settings, {11}, 200, 2, nullptr, nullptr, report);
        check_variance(x, variance);
    });
}

DOCTEST_TEST_CASE(
    "kernel of an MLP: at a temperature T mala, jumps and both give a Gaussian T times its variance") {
    const double sigma = 0.8;
    const kernels::GraphKernel kernel = quadratic(static_cast<float>(sigma));
    for (const double temperature : {0.25, 2.0}) {
        for (const double jump_share : {0.0, 0.3, 1.0}) {
            DOCTEST_CAPTURE(temperature);
            DOCTEST_CAPTURE(jump_share);
            StepSettings settings;
            settings.rule = Rule::mala;
            settings.drift = 0.5f;
            settings.spread = 2;
            settings.drift_limit = 1.1f;
            settings.jump_share = static_cast<float>(jump_share);
            settings.box_low = -6;
            settings.box_high = 6;
            settings.temperature = static_cast<float>(temperature);
            Tensor x = torch::rand({20000, 2}) * 2 - 1;
            kernels::StepReport report;
            kernel.run(x.data_ptr<float>(), nullptr, 20000, settings, {12}, jump_share == 1 ? 600 : 200, 2,
                       nullptr, nullptr, report);
            check_variance(x, temperature * sigma * sigma);
        }
    }
    StepSettings frozen;
    frozen.temperature = 0;
    Tensor x = torch::zeros({1, 2});
    kernels::StepReport report;
    DOCTEST_CHECK_THROWS_AS(
        kernel.run(x.data_ptr<float>(), nullptr, 1, frozen, {1}, 1, 1, nullptr, nullptr, report), Error);
}

DOCTEST_TEST_CASE("kernel of an MLP: mala, jumps and both together leave a Gaussian invariant") {
    const double sigma = 0.8;
    twin::for_each_instruction_set([&](const std::string& name) {
        DOCTEST_CAPTURE(name);
        const kernels::GraphKernel kernel = quadratic(static_cast<float>(sigma));
        for (const double jump_share : {0.0, 0.3, 1.0}) {
            for (const float spread : {1.0f, 2.0f}) {
                DOCTEST_CAPTURE(jump_share);
                DOCTEST_CAPTURE(spread);
                // Step far too long for the uncorrected chain, whose variance would be off by a factor.
                StepSettings settings;
                settings.rule = Rule::mala;
                settings.drift = 0.5f;
                settings.spread = spread;
                settings.gradient_clip = 1.0f;
                settings.drift_limit = 1.1f;
                settings.jump_share = static_cast<float>(jump_share);
                settings.box_low = -5;
                settings.box_high = 5;
                Tensor x = torch::rand({20000, 2}) * 2 - 1;
                kernels::StepReport report;
                kernel.run(x.data_ptr<float>(), nullptr, 20000, settings, {12}, jump_share == 1 ? 400 : 150,
                           2, nullptr, nullptr, report);
                check_variance(x, sigma * sigma);
                DOCTEST_CHECK(report.non_finite_step == -1);
                DOCTEST_CHECK(report.accepted <= report.proposals);
            }
        }
        for (const Rule rule : {Rule::published, Rule::langevin}) {
            StepSettings settings;
            settings.rule = rule;
            settings.jump_share = 1.0f;
            settings.box_low = -5;
            settings.box_high = 5;
            Tensor x = normal_start(20000, sigma, 5);
            kernels::StepReport report;
            kernel.run(x.data_ptr<float>(), nullptr, 20000, settings, {13}, 100, 2, nullptr, nullptr, report);
            check_variance(x, sigma * sigma);
            DOCTEST_CHECK(report.jumps == 2000000);
            DOCTEST_CHECK(report.jumps_accepted > 20000);
        }
    });
}
