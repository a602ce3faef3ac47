#include "core/measure/ais.h"

#include "core/energy/energy.h"
#include "core/lab/views.h"
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
