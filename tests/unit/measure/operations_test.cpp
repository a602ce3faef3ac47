#include "core/measure/operations.h"

#include "core/network/plain.h"

#include <doctest/doctest.h>

using namespace ebm;

DOCTEST_TEST_CASE("operations: the two networks of the speed table, counted by hand") {
    const double energy = measure::energy_operations(network::perceptron_graph({2, {128, 128, 128}}));
    DOCTEST_CHECK(energy == 2.0 * (256 + 16384 + 16384 + 128));
    DOCTEST_CHECK(measure::step_operations(energy) == 132'608);

    // 16 × 16, 8 × 8, 4 × 4 and 2 × 2 outputs.
    const double image = measure::energy_operations(network::tutorial_graph());
    DOCTEST_CHECK(image == 2.0 * (256 * 16 * 25 + 64 * 32 * 16 * 9 + 16 * 64 * 32 * 9 + 4 * 64 * 64 * 9 +
                                  256 * 64 + 64));
    DOCTEST_CHECK(measure::step_operations(image) == doctest::Approx(3.4e6).epsilon(0.01));

    DOCTEST_CHECK(measure::training_operations(energy, 1, 0) == 6 * energy);
    DOCTEST_CHECK(measure::training_operations(energy, 256, 20) == 256 * 46 * energy);
}
