#include "core/lab/landscape.h"

#include "core/lab/views.h"
#include "core/settings/settings.h"

#include <cmath>
#include <functional>

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using namespace ebm::lab;
using torch::Tensor;

class Formula final : public Energy {
public:
    explicit Formula(std::function<Tensor(const Tensor&, const Tensor&)> formula)
        : formula_(std::move(formula)) {}
    Shape sample_shape() const override { return {2}; }
    Tensor value(const Batch& batch) const override {
        return formula_(batch.x.select(1, 0), batch.x.select(1, 1));
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<Formula>(*this); }

private:
    std::function<Tensor(const Tensor&, const Tensor&)> formula_;
};

std::shared_ptr<Energy> random_network(Activation activation, double gain) {
    Settings settings;
    settings.model.activation = activation;
    const auto energy = make_energy(settings, {2}, 5);
    const torch::NoGradGuard no_graph;
    for (const auto& [name, weight] : energy->parameters())
        weight.detach().mul_(gain);
    energy->weights_changed();
    return energy;
}

const Rect box{-4, -3, 4, 5};

struct FieldError {
    double error, range;
    std::int64_t evaluations;
};
FieldError compare_drawn(const Energy& energy, int resolution, const Rect& rect = box) {
    const Landscape found = landscape(plane_energy(energy), rect, resolution);
    const Tensor exact = energies_in_pieces(energy, grid_points(rect, resolution));
    const Tensor seen = torch::from_blob(const_cast<float*>(found.energy.data()), {exact.size(0)});
    DOCTEST_REQUIRE(static_cast<std::int64_t>(found.energy.size()) == exact.size(0));
    return {(seen - exact).abs().max().item<double>(), (exact.max() - exact.min()).item<double>(),
            found.evaluations};
}

} // namespace

DOCTEST_TEST_CASE("Landscape: smooth energies from a fraction of the evaluations, to a hundredth of a nat") {
    const torch::NoGradGuard no_graph;
    Settings settings;
    for (const std::string name : {"gaussian_mixture", "double_well", "muller_brown", "ring"}) {
        DOCTEST_CAPTURE(name);
        settings.model.energy = name;
        const FieldError c = compare_drawn(*make_energy(settings, {2}, 1), 256);
        DOCTEST_CHECK(c.error <= std::min(0.01, c.range / 1000));
        DOCTEST_CHECK(c.evaluations < 256 * 256 / 2);
    }
    for (const Activation activation : {Activation::silu, Activation::tanh, Activation::softplus}) {
        DOCTEST_CAPTURE(static_cast<int>(activation));
        const FieldError c = compare_drawn(*random_network(activation, 1.5), 256);
        DOCTEST_CHECK(c.error <= std::min(0.01, c.range / 1000));
        DOCTEST_CHECK(c.evaluations < 256 * 256 / 3);
    }
}

DOCTEST_TEST_CASE("Landscape: every size has all its points, and narrow views follow the range") {
    const torch::NoGradGuard no_graph;
    const auto energy = random_network(Activation::silu, 1.5);
    for (const int resolution : {1, 3, 4, 5, 16, 33, 64, 130}) {
        DOCTEST_CAPTURE(resolution);
        const FieldError c = compare_drawn(*energy, resolution);
        DOCTEST_CHECK(c.error <= std::min(0.01, c.range / 1000) + 1e-6);
    }
    const FieldError close = compare_drawn(*energy, 64, {1, 1, 1.01, 1.02});
    DOCTEST_CHECK(close.error <= close.range / 1000 + 1e-6);
}

DOCTEST_TEST_CASE("Landscape: what is not smooth is evaluated point by point") {
    const torch::NoGradGuard no_graph;
    const Formula rough(
        [](const Tensor& x, const Tensor& y) { return torch::sin(40 * x) * torch::cos(37 * y); });
    const FieldError everywhere = compare_drawn(rough, 128);
    DOCTEST_CHECK(everywhere.error <= 0.002);
    DOCTEST_CHECK(everywhere.evaluations > 128 * 128);
    // A bowl with a wall: only the cells at the wall need more.
    const Formula wall(
        [](const Tensor& x, const Tensor& y) { return x * x + y * y + 50 * torch::sigmoid(30 * (x - 1.3)); });
    const FieldError edge = compare_drawn(wall, 256);
    DOCTEST_CHECK(edge.error <= 0.01);
    DOCTEST_CHECK(edge.evaluations < 256 * 256 / 2);
    // Two quartics whose errors cancel in the middle of each patch.
    const Formula saddle([](const Tensor& x, const Tensor& y) { return x.pow(4) - y.pow(4); });
    DOCTEST_CHECK(compare_drawn(saddle, 64, {-4, -4, 4, 4}).error <= 0.01);
    const FieldError kinks = compare_drawn(*random_network(Activation::relu, 1.5), 256);
    DOCTEST_CHECK(kinks.error <= 2 * std::min(0.01, kinks.range / 1000));
}

DOCTEST_TEST_CASE("Landscape: flat stays flat, and what is not finite stays in sight") {
    const torch::NoGradGuard no_graph;
    // The gradient of a constant has no graph, so it comes from a product with zero.
    const Formula constant([](const Tensor& x, const Tensor& y) { return 2.5 + 0 * x + 0 * y; });
    for (const float value : landscape(plane_energy(constant), box, 40).energy)
        DOCTEST_CHECK(value == 2.5f);
    const Formula hole([](const Tensor& x, const Tensor& y) { return torch::log(x * x + y * y - 1); });
    const Landscape found = landscape(plane_energy(hole), box, 64);
    const Tensor exact = energies_in_pieces(hole, grid_points(box, 64));
    for (std::size_t i = 0; i < found.energy.size(); ++i) {
        const float expected = exact[static_cast<std::int64_t>(i)].item<float>();
        DOCTEST_CHECK(std::isnan(found.energy[i]) == std::isnan(expected));
    }
}

DOCTEST_TEST_CASE("Landscape: a slice through images shows the energies of its images") {
    const torch::NoGradGuard no_graph;
    Settings settings;
    settings.model.energy = "conv";
    const auto energy = make_energy(settings, {1, 28, 28}, 3);
    torch::manual_seed(4);
    const SliceBasis basis{torch::rand({1, 28, 28}), torch::randn({1, 28, 28}), torch::randn({1, 28, 28})};
    const Rect rect{-0.5, -0.25, 1.5, 1.25};
    const Tensor uv = grid_points(rect, 64).view({-1, 2, 1, 1, 1});
    const Tensor exact = energies_in_pieces(*energy, basis.origin + uv.select(1, 0) * basis.first +
                                                         uv.select(1, 1) * basis.second);
    const Landscape found = landscape(slice_energy(*energy, basis), rect, 64);
    const Tensor seen = torch::from_blob(const_cast<float*>(found.energy.data()), {64 * 64});
    const double range = (exact.max() - exact.min()).item<double>();
    DOCTEST_CHECK((seen - exact).abs().max().item<double>() <= range / 1000);
    DOCTEST_CHECK(found.evaluations < 64 * 64 / 2);
}
