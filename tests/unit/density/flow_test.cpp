#include "core/base/error.h"
#include "core/density/flow.h"
#include "core/density/noise.h"
#include "core/energy/differentiate.h"
#include "core/energy/registry.h"
#include "core/measure/quadrature.h"
#include "core/settings/settings.h"
#include "tests/unit/failure.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace ebm;
using torch::Tensor;

namespace {

Settings small_flow() {
    Settings settings;
    settings.model.energy = "flow";
    settings.model.width = 8;
    settings.model.layers = 1;
    settings.model.flow_steps = 3;
    settings.model.flow_levels = 2;
    settings.model.activation = Activation::silu; // smooth, so that its Jacobian is one everywhere
    return settings;
}

Shape rows(std::int64_t count, Shape shape) {
    shape.insert(shape.begin(), count);
    return shape;
}

/// A flow whose couplings do something: all weights are moved at random.
std::shared_ptr<Flow> moved_flow(const Shape& shape, const Settings& settings = small_flow()) {
    auto flow = std::dynamic_pointer_cast<Flow>(make_energy(settings, shape, 3));
    const torch::NoGradGuard no_graph;
    torch::manual_seed(5);
    for (const auto& [name, weight] : flow->parameters())
        weight.add_(0.05 * torch::randn_like(weight));
    return flow;
}

const std::vector<Shape> shapes = {{2}, {1, 4, 4}, {3, 4, 4}, {1, 8, 4}};

} // namespace

DOCTEST_TEST_CASE("the inverse of a flow gives its input back") {
    const torch::NoGradGuard no_graph;
    for (const Shape& shape : shapes) {
        const auto flow = moved_flow(shape);
        const Tensor y = 0.7 * torch::randn(rows(6, shape));
        const Tensor z = flow->encode(y).z;
        DOCTEST_CHECK((z - y.flatten(1)).abs().max().item<double>() > 0.05);
        DOCTEST_CHECK(torch::allclose(flow->decode(z), y, 1e-4, 1e-4));
        DOCTEST_CHECK(torch::allclose(flow->encode(flow->decode(y.flatten(1))).z, y.flatten(1), 1e-4, 1e-4));
    }
}

DOCTEST_TEST_CASE("the logarithm of a flow's determinant is that of the Jacobian") {
    for (const Shape& shape : shapes) {
        const auto flow = moved_flow(shape);
        const Tensor y = (0.7 * torch::randn(rows(2, shape))).requires_grad_(true);
        const Flow::Encoded encoded = flow->encode(y);
        const std::int64_t elements = encoded.z.size(1);
        for (std::int64_t row = 0; row < 2; ++row) {
            std::vector<Tensor> jacobian;
            for (std::int64_t i = 0; i < elements; ++i)
                jacobian.push_back(
                    ebm::differentiate({encoded.z[row][i]}, {y}, {}, {.keep = true})[0][row].flatten());
            const Tensor exact =
                std::get<1>(torch::linalg_slogdet(torch::stack(jacobian).to(torch::kDouble)));
            DOCTEST_CHECK(encoded.log_det[row].item<double>() ==
                          doctest::Approx(exact.item<double>()).epsilon(1e-3));
        }
    }
}

DOCTEST_TEST_CASE("a flow on the plane is a density: it integrates to 1") {
    const auto flow = moved_flow({2});
    const auto energies = [&](std::span<const float> points) {
        const torch::NoGradGuard no_graph;
        const Tensor x = torch::from_blob(const_cast<float*>(points.data()),
                                          {static_cast<std::int64_t>(points.size()) / 2, 2});
        const Tensor values = flow->value(x).contiguous();
        return std::vector<float>(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
    };
    const measure::Partition partition =
        measure::log_partition(energies, {-12, 12}, measure::thorough, {}, {});
    DOCTEST_CHECK(std::abs(partition.log_partition) < 1e-3);
    DOCTEST_CHECK(flow->exact());
}

DOCTEST_TEST_CASE("the energy of a picture is that of its values with the flow's fixed noise") {
    const torch::NoGradGuard no_graph;
    const Shape shape = {1, 4, 4};
    const auto flow = moved_flow(shape);
    const Tensor bytes = torch::randint(0, 256, rows(3, shape));
    const Tensor y = (bytes + uniform_noise(1, shape, {0, DensityUse::value})) / 256 - 0.5;
    const Flow::Encoded encoded = flow->encode(y);
    // P(bytes) is the density of y times the size of a cell, 256^−16.
    const Tensor expected = 0.5 * encoded.z.square().sum(1) - encoded.log_det +
                            16 * (0.5 * std::log(2 * std::numbers::pi) + std::log(256.0));
    const Tensor x = bytes / 127.5 - 1;
    const Tensor energy = flow->value(x);
    DOCTEST_CHECK(torch::allclose(energy, expected, 1e-4, 1e-3));
    DOCTEST_CHECK(torch::allclose(flow->value(x.slice(0, 2, 3)), energy.slice(0, 2, 3), 1e-5, 1e-4));
    DOCTEST_CHECK_FALSE(flow->exact());
    // Training draws other noise each iteration, and the same again.
    const double first = flow->training_loss(x, 1, 1).item<double>();
    DOCTEST_CHECK(first == flow->training_loss(x, 1, 1).item<double>());
    DOCTEST_CHECK(first != flow->training_loss(x, 1, 2).item<double>());
    DOCTEST_CHECK(first != flow->training_loss(x, 2, 1).item<double>());
}

DOCTEST_TEST_CASE("a flow's samples do not depend on how many are drawn, and pictures are 8-bit values") {
    for (const Shape& shape : shapes) {
        const std::shared_ptr<Density> flow = moved_flow(shape);
        const Tensor many = flow->draw(70, 4), few = flow->draw(3, 4);
        DOCTEST_CHECK(many.sizes().vec() == rows(70, shape));
        DOCTEST_CHECK(torch::allclose(many.slice(0, 0, 3), few, 1e-5, 1e-5));
        DOCTEST_CHECK_FALSE(torch::allclose(flow->draw(3, 5), few));
        if (shape.size() == 1) continue;
        const Tensor bytes = (many + 1) * 127.5;
        DOCTEST_CHECK(torch::allclose(bytes, bytes.round(), 0, 1e-3));
        DOCTEST_CHECK(many.min().item<double>() >= -1);
        DOCTEST_CHECK(many.max().item<double>() <= 1);
    }
}

DOCTEST_TEST_CASE("Glow's normalisations begin with the first batch, once") {
    torch::manual_seed(2);
    const Shape shape = {1, 4, 4};
    const auto flow = std::dynamic_pointer_cast<Flow>(make_energy(small_flow(), shape, 3));
    const Tensor batch = (torch::randint(0, 256, rows(64, shape)) * 0.25).floor() / 127.5 - 1;
    const auto level = [&] { return flow->value(batch).mean().item<double>(); };
    const double before = level();
    flow->initialise(batch);
    DOCTEST_CHECK(level() < before - 10);
    const auto weights = flow->parameters();
    std::vector<Tensor> kept;
    for (const auto& [name, weight] : weights)
        kept.push_back(weight.detach().clone());
    const auto unchanged = [&](const Density& of) {
        bool same = true;
        for (std::size_t i = 0; i < kept.size(); ++i)
            same = same && torch::equal(kept[i], of.parameters()[i].second.detach());
        return same;
    };
    flow->initialise(batch * 0.1);
    DOCTEST_CHECK(unchanged(*flow));
    const auto copy = std::dynamic_pointer_cast<Flow>(flow->clone());
    copy->initialise(batch * 0.1);
    DOCTEST_CHECK(unchanged(*copy));
}

DOCTEST_TEST_CASE("a flow's description counts its weights") {
    for (const Shape& shape : shapes) {
        std::int64_t weights = 0, told = 0;
        for (const auto& [name, weight] : moved_flow(shape)->parameters())
            weights += weight.numel();
        for (const auto& layer : energy_layers(small_flow(), shape, 0))
            told += layer.parameters;
        DOCTEST_CHECK(weights == told);
    }
}

DOCTEST_TEST_CASE("shapes that a flow cannot take are refused") {
    Settings settings = small_flow();
    const auto why = [&](const Shape& shape) {
        return tests::failure_of([&] { make_energy(settings, shape, 1); });
    };
    DOCTEST_CHECK(tests::contains(why({1, 6, 6}), "cannot be halved 2 times"));
    DOCTEST_CHECK(tests::contains(why({3}), "needs points of the plane or pictures"));
    settings.model.conditional = true;
    DOCTEST_CHECK(
        tests::contains(tests::failure_of([&] { make_energy(settings, {2}, 1, 3); }), "has no classes"));
}
