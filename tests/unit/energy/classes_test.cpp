#include "core/energy/classes.h"

#include <algorithm>

#include <doctest/doctest.h>

using namespace ebm;
using torch::Tensor;

namespace {

/// E(x, y) = (y mod 7) x² / 7, which knows how large the batches were that it was given.
class Counting final : public Energy {
public:
    Shape sample_shape() const override { return {1}; }
    int classes() const override { return 1000; }
    Tensor value(const Batch& batch) const override {
        largest = std::max(largest, batch.size());
        return batch.labels.remainder(7) * batch.x.square().flatten() / 7;
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<Counting>(*this); }

    mutable std::int64_t largest = 0;
};

} // namespace

DOCTEST_TEST_CASE("a thousand classes are evaluated in batches of bounded size") {
    const Counting energy;
    torch::manual_seed(1);
    const Tensor x = torch::randn({3, 1});
    const Tensor energies = class_energies(energy, x);
    DOCTEST_REQUIRE(energies.sizes() == torch::IntArrayRef({3, 1000}));
    const Tensor expected = torch::arange(1000).remainder(7) * x.square() / 7;
    DOCTEST_CHECK(torch::allclose(energies, expected));
    const auto [value, gradient] = marginal_and_gradient(energy, x);
    DOCTEST_CHECK(torch::allclose(value, -torch::logsumexp(-expected, 1)));
    const Tensor mean_slope =
        (torch::softmax(-expected, 1) * torch::arange(1000).remainder(7)).sum(1) * 2 / 7;
    DOCTEST_CHECK(torch::allclose(gradient.flatten(), mean_slope * x.flatten(), 1e-4, 1e-5));
    DOCTEST_CHECK(energy.largest <= 256);
    DOCTEST_CHECK(class_energies(energy, x.slice(0, 0, 0)).sizes() == torch::IntArrayRef({0, 1000}));
    DOCTEST_CHECK(marginal_and_gradient(energy, x.slice(0, 0, 0)).value.size(0) == 0);
}
