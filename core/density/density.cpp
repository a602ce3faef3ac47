#include "core/density/density.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace ebm {

torch::Tensor require_finite_draws(torch::Tensor x) {
    const torch::Tensor broken = x.isfinite().flatten(1).all(1).logical_not();
    if (const auto number = broken.sum().item<std::int64_t>(); number > 0)
        throw Error(fmt::format("{} of {} samples that the model drew are not finite", number, x.size(0)),
                    "samples of the model",
                    "Train it longer or with a lower learning rate, or start chains from noise.");
    return x;
}

torch::Tensor finite_draws(const Density& density, std::int64_t count, std::uint64_t seed,
                           const torch::Tensor& labels) {
    return require_finite_draws(density.draw(count, seed, labels));
}

} // namespace ebm
