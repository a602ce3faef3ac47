#include "core/base/error.h"
#include "core/density/vae.h"
#include "tests/unit/torch_adam.h"

#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

namespace {

using namespace ebm;

torch::Tensor normal(const Shape& shape, std::uint64_t seed) {
    return torch::randn(shape, torch::make_generator<torch::CPUGeneratorImpl>(seed));
}

VaeSpec plane_spec(int layers, int draws = 16) {
    VaeSpec spec;
    spec.shape = {2};
    spec.latent = 2;
    spec.width = 32;
    spec.layers = layers;
    spec.draws = draws;
    return spec;
}

VaeSpec picture_spec(int channels, int height, int width) {
    VaeSpec spec;
    spec.shape = {channels, height, width};
    spec.latent = 4;
    spec.width = 4;
    spec.layers = 3;
    return spec;
}

torch::Tensor weight(const Vae& vae, const std::string& name) {
    for (const auto& [key, tensor] : vae.parameters())
        if (key == name) return tensor;
    throw std::out_of_range(name);
}

/// x = loading · z + offset + 0.3 ε: log p is that of a Gaussian. The encoder has the posterior's mean and a
/// wider spread, so that the bound is not exact.
struct LinearGaussian {
    Vae vae{plane_spec(0), 1};
    torch::Tensor loading = torch::tensor({{1.2, 0.3}, {-0.4, 0.7}}), offset = torch::tensor({0.5, -0.2});

    LinearGaussian() {
        const torch::NoGradGuard no_graph;
        const double noise = 0.3;
        weight(vae, "decoder.0.weight").zero_().narrow(0, 0, 2).copy_(loading);
        weight(vae, "decoder.0.bias").fill_(std::log(noise)).narrow(0, 0, 2).copy_(offset);
        const torch::Tensor precision = torch::eye(2) + torch::mm(loading.t(), loading) / (noise * noise);
        const torch::Tensor gain = torch::mm(torch::inverse(precision), loading.t()) / (noise * noise);
        weight(vae, "encoder.0.weight").zero_().narrow(0, 0, 2).copy_(gain);
        weight(vae, "encoder.0.bias").narrow(0, 0, 2).copy_(-torch::mv(gain, offset));
        weight(vae, "encoder.0.bias").narrow(0, 2, 2).fill_(std::log(0.6));
        covariance = torch::mm(loading, loading.t()) + noise * noise * torch::eye(2);
    }

    torch::Tensor log_p(const torch::Tensor& x) const {
        const torch::Tensor d = x - offset;
        const double log_det = std::log(torch::det(covariance).item<double>());
        return -0.5 * (torch::mm(d, torch::inverse(covariance)) * d).sum(1) - 0.5 * log_det -
               std::log(2 * std::numbers::pi);
    }

    torch::Tensor covariance;
};

double mean_bound(const Vae& vae, const torch::Tensor& x, int k, int seeds) {
    double sum = 0;
    for (int seed = 0; seed < seeds; ++seed)
        sum += vae.lower_bound(x, k, static_cast<std::uint64_t>(seed)).mean().item<double>();
    return sum / seeds;
}

} // namespace

DOCTEST_TEST_CASE("VAE: the bound rises with k and stays below a log p that is known") {
    const torch::NoGradGuard no_graph;
    const LinearGaussian known;
    const torch::Tensor x =
        torch::mm(normal({300, 2}, 1), known.loading.t()) + known.offset + 0.3 * normal({300, 2}, 2);
    const double exact = known.log_p(x).mean().item<double>();
    double before = -1e9;
    for (const int k : {1, 4, 16, 64}) {
        const double bound = mean_bound(known.vae, x, k, 40);
        DOCTEST_CHECK(bound > before + 0.01);
        DOCTEST_CHECK(bound < exact);
        before = bound;
    }
    DOCTEST_CHECK(mean_bound(known.vae, x, 5000, 4) == doctest::Approx(exact).epsilon(0.02));

    // With k = 1 it is what training minimises, in the mean over the noise.
    double loss = 0;
    for (int i = 0; i < 200; ++i)
        loss += known.vae.training_loss(x, 5, i).item<double>() / 200;
    DOCTEST_CHECK(-loss == doctest::Approx(mean_bound(known.vae, x, 1, 400)).epsilon(0.03));

    const torch::Tensor drawn = known.vae.draw(20000, 3);
    DOCTEST_CHECK((drawn.mean(0) - known.offset).abs().max().item<double>() < 0.05);
    DOCTEST_CHECK((torch::cov(drawn.t()) - known.covariance).abs().max().item<double>() < 0.06);
}

DOCTEST_TEST_CASE(
    "VAE: value is the bound of its k draws, whatever batch a sample is in, and differentiable") {
    for (const VaeSpec& spec : {plane_spec(2, 8), picture_spec(1, 13, 10), picture_spec(3, 8, 8)}) {
        const Vae vae(spec, 4);
        Shape shape = spec.shape;
        shape.insert(shape.begin(), 70);
        const torch::Tensor x = normal(shape, 5).clamp(-2, 2) * (spec.shape.size() == 1 ? 1 : 0.45);
        const ValueAndGradient both = vae.value_and_gradient(x);
        const torch::NoGradGuard no_graph;
        DOCTEST_CHECK(!vae.exact());
        DOCTEST_CHECK(torch::allclose(both.value, -vae.lower_bound(x, spec.draws, 4), 1e-4, 1e-4));
        DOCTEST_CHECK(torch::allclose(vae.value(x), both.value, 1e-4, 1e-4));
        DOCTEST_CHECK(
            torch::allclose(vae.value(x.narrow(0, 41, 3)), both.value.narrow(0, 41, 3), 1e-4, 1e-4));
        DOCTEST_CHECK(torch::allclose(vae.clone()->value(x), both.value, 1e-4, 1e-4));
        DOCTEST_CHECK(both.gradient.sizes() == x.sizes());
        DOCTEST_CHECK(both.gradient.isfinite().all().item<bool>());
        const torch::Tensor step = 1e-3 * normal(shape, 6);
        const torch::Tensor change = (vae.value(x + step) - vae.value(x - step)) / 2;
        const torch::Tensor expected = (both.gradient * step).flatten(1).sum(1);
        DOCTEST_CHECK((change - expected).abs().mean().item<double>() <
                      0.05 * expected.abs().mean().item<double>());
    }
}

DOCTEST_TEST_CASE("VAE: sample i does not depend on how many are drawn, and pictures are colours") {
    for (const VaeSpec& spec : {plane_spec(2), picture_spec(1, 13, 10), picture_spec(3, 8, 8)}) {
        const Vae vae(spec, 4);
        const torch::Tensor many = vae.draw(37, 8);
        DOCTEST_CHECK(many.size(0) == 37);
        DOCTEST_CHECK(torch::equal(vae.draw(5, 8), many.narrow(0, 0, 5)));
        DOCTEST_CHECK(!torch::equal(vae.draw(5, 9), many.narrow(0, 0, 5)));
        DOCTEST_CHECK(vae.draw(0, 8).size(0) == 0);
        if (spec.shape.size() == 1) continue;
        const torch::Tensor colour = (many + 1) * 127.5;
        DOCTEST_CHECK((colour - colour.round()).abs().max().item<double>() < 1e-3);
    }
}

DOCTEST_TEST_CASE(
    "VAE: on a plane training follows a ring, whose entropy is known and far below a Gaussian's") {
    // A ring of radius 2 with a Gaussian spread of 0.15 across it.
    const auto ring = [](std::int64_t n, std::uint64_t seed) {
        const torch::Tensor numbers = normal({n, 3}, seed);
        const torch::Tensor place = numbers.narrow(1, 0, 2);
        return place / place.norm(2, 1, true) * (2 + 0.15 * numbers.narrow(1, 2, 1));
    };
    const double entropy = std::log(4 * std::numbers::pi) + std::log(0.15) +
                           0.5 * std::log(2 * std::numbers::pi * std::numbers::e);
    VaeSpec spec = plane_spec(2, 64);
    spec.width = 64;
    spec.warm_up = 500;
    const Vae vae(spec, 4);
    std::vector<torch::Tensor> weights;
    for (const auto& [name, tensor] : vae.parameters())
        weights.push_back(tensor);
    tests::TorchAdam optimizer(weights, 5e-3);
    for (int i = 0; i < 1500; ++i) {
        optimizer.set_learning_rate(5e-3 * std::min(1.0, (1500 - i) / 750.0));
        optimizer.zero_grad();
        vae.training_loss(ring(128, 100 + static_cast<std::uint64_t>(i)), 1, i).backward();
        optimizer.step();
    }
    const torch::NoGradGuard no_graph;
    const double bound = vae.value(ring(4000, 1)).mean().item<double>();
    DOCTEST_CHECK(bound > entropy - 0.05);
    DOCTEST_CHECK(bound < entropy + 0.6);
}

DOCTEST_TEST_CASE("VAE: shapes that it cannot read are refused in a sentence") {
    VaeSpec spec;
    spec.shape = {5, 8, 8};
    DOCTEST_CHECK_THROWS_WITH_AS(Vae(spec, 1), doctest::Contains("1 to 3 channels"), Error);
}
