#include "core/measure/ais.h"

#include "core/energy/energy.h"
#include "core/lab/views.h"
#include "core/measure/plane_samples.h"
#include "tests/unit/failure.h"

#include <cmath>
#include <doctest/doctest.h>

using namespace ebm;
using tests::failure_of;
using torch::Tensor;

namespace {

class IsotropicGaussian final : public Energy {
public:
    IsotropicGaussian(int dimensions, double deviation) : dimensions_(dimensions), deviation_(deviation) {}
    Shape sample_shape() const override { return {dimensions_}; }
    Tensor value(const Batch& batch) const override {
        return batch.x.square().sum(1) / (2 * deviation_ * deviation_);
    }
    ValueAndGradient value_and_gradient(const Batch& batch) const override {
        const torch::NoGradGuard no_graph;
        return {value(batch), batch.x / (deviation_ * deviation_)};
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<IsotropicGaussian>(*this); }

private:
    int dimensions_;
    double deviation_;
};

} // namespace

DOCTEST_TEST_CASE("AIS: log Z of a Gaussian in 100 dimensions within 0.5 nats, and of a hotter one") {
    constexpr double deviation = 0.3;
    const IsotropicGaussian energy(100, deviation);
    measure::AnnealSettings settings;
    settings.chains = 32;
    settings.levels = 600;
    // What lies within the walls at −1 and 1.
    const auto exact = [](double sd) {
        return 100 * std::log(sd * std::sqrt(2 * M_PI) * std::erf(1 / (sd * std::sqrt(2.0))));
    };
    const measure::Annealed found = measure::anneal(energy, settings);
    DOCTEST_CHECK(std::abs(found.log_z - exact(deviation)) < 0.5);
    DOCTEST_CHECK(found.low <= found.log_z);
    DOCTEST_CHECK(found.high >= found.log_z);
    DOCTEST_CHECK(found.effective_chains > 2);
    DOCTEST_CHECK(found.effective_chains <= 32);
    DOCTEST_CHECK(found.acceptance > 0.4);
    DOCTEST_CHECK(found.energy_mean == doctest::Approx(49.5).epsilon(0.1)); // half a nat an element
    settings.temperature = 1.5;
    settings.levels = 400;
    DOCTEST_CHECK(std::abs(measure::anneal(energy, settings).log_z - exact(deviation * std::sqrt(1.5))) <
                  0.5);
    settings.levels = 10;
    DOCTEST_CHECK(measure::anneal(energy, settings).log_z == measure::anneal(energy, settings).log_z);
}

DOCTEST_TEST_CASE("AIS: agrees with quadrature on the plane within 0.05 nats, walls included") {
    struct Case {
        const char* energy;
        double box;
    };
    for (const Case& c : {Case{"double_well", 2}, Case{"banana", 1.5}, Case{"ring", 4}}) {
        Settings scene;
        scene.model.energy = c.energy;
        const auto energy = make_energy(scene, {2}, 1);
        const measure::Square box{-c.box, c.box};
        const double exact =
            measure::log_partition(lab::energy_of_points(*energy), box, measure::thorough, {}, {})
                .log_partition;
        measure::AnnealSettings settings;
        settings.chains = 4000;
        settings.levels = 120;
        settings.low = -c.box;
        settings.high = c.box;
        const measure::Annealed found = measure::anneal(*energy, settings);
        DOCTEST_CAPTURE(c.energy);
        DOCTEST_CHECK(std::abs(found.log_z - exact) < 0.05);
        DOCTEST_CHECK(found.high - found.low < 0.2);
    }
}

DOCTEST_TEST_CASE("exact samples of a plane's density have its mean energy and the shares of its modes") {
    Settings scene;
    scene.model.energy = "gaussian_mixture";
    const auto energy = make_energy(scene, {2}, 1);
    constexpr std::int64_t count = 20'000;
    for (const double temperature : {1.0, 2.5}) {
        DOCTEST_CAPTURE(temperature);
        const Tensor x = measure::plane_samples(*energy, temperature, -5, 5, count, 3);
        DOCTEST_REQUIRE(x.size(0) == count);
        const Tensor energies = energy->value({x}).to(torch::kDouble);
        // ⟨E⟩ = −d log Z / dβ with β = 1/T.
        const auto log_z = [&](double beta) {
            return measure::log_partition(lab::energy_of_points(*energy, 1 / beta), {-5, 5},
                                          measure::thorough, {}, {})
                .log_partition;
        };
        const double beta = 1 / temperature;
        const double mean = -(log_z(beta + 1e-3) - log_z(beta - 1e-3)) / 2e-3;
        const double error = energies.std().item<double>() / std::sqrt(static_cast<double>(count));
        DOCTEST_CHECK(std::abs(energies.mean().item<double>() - mean) < 4 * error);
        if (temperature != 1) continue;
        const double top = x.select(1, 1).gt(0.5).to(torch::kDouble).mean().item<double>();
        DOCTEST_CHECK(std::abs(top - 0.2) < 0.015); // the mode at (0, 2.2) with sd 0.6
        const double left = x.select(1, 0).lt(-1).to(torch::kDouble).mean().item<double>();
        DOCTEST_CHECK(std::abs(left - 0.5) < 0.025);
    }
    // So cold that a cell is wider than the floor of the wells.
    DOCTEST_CHECK(failure_of([&] { measure::plane_samples(*energy, 1e-7, -5, 5, 10, 3); }).find("steeper") !=
                  std::string::npos);
}

DOCTEST_TEST_CASE(
    "AIS: on the plane log Z lies between the run forward and the run back from exact samples") {
    Settings scene;
    scene.model.energy = "double_well";
    const auto energy = make_energy(scene, {2}, 1);
    const double exact =
        measure::log_partition(lab::energy_of_points(*energy), {-4, 4}, measure::thorough, {}, {})
            .log_partition;
    measure::AnnealSettings settings;
    settings.low = -4;
    settings.high = 4;
    settings.chains = 16;
    settings.levels = 8; // so few that both are off
    settings.leapfrogs = 2;
    double below = 0, above = 0;
    constexpr int runs = 40;
    for (int run = 0; run < runs; ++run) {
        settings.seed = static_cast<std::uint64_t>(run) + 1;
        const measure::Annealed found = measure::anneal(*energy, settings);
        DOCTEST_REQUIRE(found.reverse);
        below += found.log_z / runs;
        above += found.reverse->log_z / runs;
        DOCTEST_CHECK(found.reverse->low <= found.reverse->log_z);
        DOCTEST_CHECK(found.reverse->high >= found.reverse->log_z);
    }
    DOCTEST_CAPTURE(below);
    DOCTEST_CAPTURE(exact);
    DOCTEST_CAPTURE(above);
    DOCTEST_CHECK(below < exact - 0.02);
    DOCTEST_CHECK(above > exact + 0.02);
    settings.chains = 2000;
    settings.levels = 200;
    settings.leapfrogs = 10;
    const measure::Annealed found = measure::anneal(*energy, settings);
    DOCTEST_CHECK(std::abs(found.reverse->log_z - exact) < 0.05);
    DOCTEST_CHECK(std::abs(found.log_z - exact) < 0.05);
    // Nobody can draw exact samples elsewhere.
    settings.levels = 5;
    DOCTEST_CHECK_FALSE(measure::anneal(IsotropicGaussian(3, 0.5), settings).reverse);
}

DOCTEST_TEST_CASE(
    "AIS: refuses settings that mean nothing, stops when told to, and names an energy that is none") {
    const IsotropicGaussian energy(2, 0.2);
    measure::AnnealSettings settings;
    settings.chains = 1;
    DOCTEST_CHECK(failure_of([&] { measure::anneal(energy, settings); }).find("needs two chains") !=
                  std::string::npos);
    settings.chains = 4;
    int told = 0;
    DOCTEST_CHECK(failure_of([&] {
                      measure::anneal(energy, settings, [&](double) { return ++told < 3; });
                  }).find("was stopped") != std::string::npos);
    DOCTEST_CHECK(told == 3);
    const IsotropicGaussian broken(2, NAN);
    DOCTEST_CHECK(failure_of([&] { measure::anneal(broken, settings); }).find("not a number") !=
                  std::string::npos);
}
