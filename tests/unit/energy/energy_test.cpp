#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/tensor.h"
#include "core/energy/energy.h"
#include "core/settings/settings.h"
#include "tests/unit/failure.h"

#include <cmath>

namespace {

using ebm::Energy;
using torch::Tensor;

std::shared_ptr<Energy> make(const std::string& name, const ebm::Shape& shape, std::uint64_t seed = 7) {
    ebm::Settings settings;
    settings.model.energy = name;
    settings.model.conditional = name == "classifier";
    return ebm::make_energy(settings, shape, seed, 3);
}

/// In double precision, so that finite differences are sharp.
std::shared_ptr<Energy> in_double(std::shared_ptr<Energy> energy) {
    for (auto& [name, weight] : energy->parameters())
        weight.set_data(weight.detach().to(torch::kDouble));
    return energy;
}

/// Central differences of the energies of x [N, …], element by element.
Tensor finite_difference(const Energy& energy, const Tensor& x, double h) {
    const torch::NoGradGuard no_graph;
    Tensor gradient = torch::empty_like(x);
    const Tensor flat = gradient.flatten(1);
    for (std::int64_t e = 0; e < flat.size(1); ++e) {
        Tensor up = x.clone(), down = x.clone();
        up.flatten(1).select(1, e).add_(h);
        down.flatten(1).select(1, e).sub_(h);
        flat.select(1, e).copy_((energy.value(up) - energy.value(down)) / (2 * h));
    }
    return gradient;
}

void check_gradient(const Energy& energy, const Tensor& x) {
    const auto [value, gradient] = energy.value_and_gradient(x);
    const Tensor expected = finite_difference(energy, x, 1e-5);
    DOCTEST_CHECK((gradient - expected).abs().max().item<double>() <
                  1e-6 * (1 + expected.abs().max().item<double>()));
    const torch::NoGradGuard no_graph;
    DOCTEST_CHECK(torch::equal(value, energy.value(x)));
    DOCTEST_CHECK_FALSE(value.requires_grad());
    DOCTEST_CHECK_FALSE(gradient.requires_grad());
}

} // namespace

DOCTEST_TEST_CASE("gradients equal finite differences: every energy on the plane") {
    torch::manual_seed(1);
    for (const ebm::EnergyKind& kind : ebm::energy_kinds()) {
        if (!kind.plane) continue;
        DOCTEST_CAPTURE(kind.name);
        check_gradient(*in_double(make(kind.name, {2})), torch::rand({64, 2}, torch::kDouble) * 5 - 2.5);
    }
}

DOCTEST_TEST_CASE("gradients equal finite differences: every activation") {
    torch::manual_seed(2);
    for (int a = 0; a <= static_cast<int>(ebm::Activation::gelu); ++a) {
        DOCTEST_CAPTURE(a);
        ebm::Settings settings;
        settings.model.activation = static_cast<ebm::Activation>(a);
        settings.model.width = 16;
        // relu and leaky_relu have kinks; points this far apart do not meet one within the difference step.
        check_gradient(*in_double(ebm::make_energy(settings, {2}, 3)),
                       torch::rand({16, 2}, torch::kDouble) * 4 - 2);
    }
}

DOCTEST_TEST_CASE("gradients equal finite differences: convolutional network") {
    torch::manual_seed(3);
    check_gradient(*in_double(make("conv", {1, 12, 9})), torch::rand({2, 1, 12, 9}, torch::kDouble) * 2 - 1);
    check_gradient(*in_double(make("conv", {3, 8, 8})), torch::rand({2, 3, 8, 8}, torch::kDouble) * 2 - 1);
}

DOCTEST_TEST_CASE("the convolutional network has 76,993 parameters for 28 x 28") {
    std::int64_t count = 0;
    for (const auto& [name, weight] : make("conv", {1, 28, 28})->parameters())
        count += weight.numel();
    DOCTEST_CHECK(count == 76993);
}

DOCTEST_TEST_CASE("the MLP is confined: E grows as |x|^2 / (2 r^2) far out") {
    ebm::Settings settings;
    settings.model.confinement = 2.0;
    settings.model.activation = ebm::Activation::tanh; // bounded, so that the confinement is all that is left
    const auto energy = ebm::make_energy(settings, {2}, 1);
    const torch::NoGradGuard no_graph;
    const double at = energy->value(torch::tensor({{3000.0f, 4000.0f}})).item<double>();
    DOCTEST_CHECK(at == doctest::Approx(5000.0 * 5000.0 / 8.0).epsilon(1e-4));
}

DOCTEST_TEST_CASE("known minima of analytic energies are minima") {
    for (const ebm::EnergyKind& kind : ebm::energy_kinds()) {
        const auto energy = kind.plane ? make(kind.name, {2}) : nullptr;
        DOCTEST_CAPTURE(kind.name);
        for (std::size_t i = 0; i + 1 < kind.minima.size(); i += 2) {
            const double x = kind.minima[i], y = kind.minima[i + 1], h = 1e-4;
            const Tensor points =
                torch::tensor({x, y, x + h, y, x - h, y, x, y + h, x, y - h}, torch::kDouble);
            const auto [value, gradient] = energy->value_and_gradient(points.view({5, 2}));
            const auto g = gradient.accessor<double, 2>();
            const double xx = (g[1][0] - g[2][0]) / (2 * h), yy = (g[3][1] - g[4][1]) / (2 * h);
            const double xy = (g[3][0] - g[4][0]) / (2 * h);
            DOCTEST_CHECK(std::hypot(g[0][0], g[0][1]) < 1e-4);
            DOCTEST_CHECK(xx + yy > 0);
            DOCTEST_CHECK(xx * yy - xy * xy > 0);
            DOCTEST_CHECK(kind.low < std::min(x, y));
            DOCTEST_CHECK(kind.high > std::max(x, y));
        }
    }
}

DOCTEST_TEST_CASE("every point of the ring's circle is a minimum across the ring") {
    const auto energy = make("ring", {2});
    const Tensor angle = torch::arange(0, 6.2, 0.1, torch::kDouble);
    const Tensor circle = torch::stack({angle.cos(), angle.sin()}, 1);
    DOCTEST_CHECK(energy->value_and_gradient(2 * circle).gradient.abs().max().item<double>() < 1e-6);
    const Tensor outward = energy->value_and_gradient(2.01 * circle).gradient.mul(circle).sum(1);
    DOCTEST_CHECK(outward.min().item<double>() == doctest::Approx(0.01 / 0.04).epsilon(1e-3));
    DOCTEST_CHECK(energy->value_and_gradient(torch::zeros({1, 2})).gradient.abs().max().item<double>() == 0);
}

DOCTEST_TEST_CASE("energies with a closed form: Z by quadrature") {
    // Gaussian mixture: Z = 1. Banana: 2 pi 1.3 0.4. Funnel: 2 pi 1.2. Ring: 2 pi 2 sqrt(2 pi) 0.2.
    const double pi = 3.14159265358979323846;
    const std::vector<std::pair<std::string, double>> known = {
        {"gaussian_mixture", 1.0},
        {"banana", 2 * pi * 1.3 * 0.4},
        {"funnel", 2 * pi * 1.2},
        {"ring", 2 * pi * 2 * std::sqrt(2 * pi) * 0.2}};
    const Tensor axis = torch::arange(-12.0, 12.0, 0.02, torch::kDouble);
    const auto grid = torch::meshgrid({axis, axis}, "xy");
    const Tensor points = torch::stack({grid[0].flatten(), grid[1].flatten()}, 1);
    for (const auto& entry : known) {
        const auto& [name, z] = entry;
        DOCTEST_CAPTURE(entry.first);
        const double sum = torch::exp(-make(name, {2})->value(points)).sum().item<double>() * 0.02 * 0.02;
        DOCTEST_CHECK(sum == doctest::Approx(z).epsilon(1e-3));
    }
}

DOCTEST_TEST_CASE("weights are U(±1/sqrt(fan_in)), the same for the same seed") {
    const auto first = make("conv", {1, 28, 28}, 5)->parameters(),
               again = make("conv", {1, 28, 28}, 5)->parameters();
    const auto other = make("conv", {1, 28, 28}, 6)->parameters();
    for (std::size_t i = 0; i < first.size(); ++i) {
        const Tensor weight = first[i].second.detach();
        DOCTEST_CAPTURE(first[i].first);
        DOCTEST_CHECK(torch::equal(weight, again[i].second));
        DOCTEST_CHECK_FALSE(torch::equal(weight, other[i].second));
        DOCTEST_CHECK(first[i].second.requires_grad());
        const Tensor of_layer = first[i / 2 * 2].second;
        const double bound = 1 / std::sqrt(static_cast<double>(of_layer.numel() / of_layer.size(0)));
        DOCTEST_CHECK(weight.abs().max().item<double>() <= bound);
        if (weight.numel() < 1000) continue;
        DOCTEST_CHECK(weight.std().item<double>() == doctest::Approx(bound / std::sqrt(3.0)).epsilon(0.05));
        DOCTEST_CHECK(std::abs(weight.mean().item<double>()) <
                      4 * bound / std::sqrt(3.0 * static_cast<double>(weight.numel())));
    }
}

DOCTEST_TEST_CASE("a clone has its own weights and the same energies") {
    for (const ebm::EnergyKind& kind : ebm::energy_kinds()) {
        const ebm::Shape shape = kind.plane ? ebm::Shape{2} : ebm::Shape{1, 12, 12};
        const auto energy = make(kind.name, shape), copy = energy->clone();
        ebm::Shape batch = shape;
        batch.insert(batch.begin(), 5);
        const Tensor x = torch::rand(batch);
        const torch::NoGradGuard no_graph;
        const Tensor before = energy->value(x);
        DOCTEST_CHECK(torch::equal(before, copy->value(x)));
        for (auto& [name, weight] : copy->parameters())
            weight.mul_(0.5);
        copy->weights_changed();
        DOCTEST_CHECK(torch::equal(before, energy->value(x)));
        DOCTEST_CHECK(copy->parameters().size() == energy->parameters().size());
        DOCTEST_CHECK(kind.analytic == energy->parameters().empty());
    }
}

DOCTEST_TEST_CASE("make_energy refuses unknown names and shapes that do not fit") {
    DOCTEST_CHECK(
        ebm::tests::contains(ebm::tests::failure_of([&] { make("mpl", {2}); }), "Did you mean mlp?"));
    DOCTEST_CHECK_THROWS_AS(make("mlp", {1, 28, 28}), ebm::Error);
    DOCTEST_CHECK_THROWS_AS(make("double_well", {3}), ebm::Error);
    DOCTEST_CHECK_THROWS_AS(make("conv", {2}), ebm::Error);
}
