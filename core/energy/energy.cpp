#include "core/energy/energy.h"

#include "core/energy/differentiate.h"

namespace ebm {

ValueAndGradient Energy::value_and_gradient(const Batch& batch) const {
    const torch::AutoGradMode with_graph(true);
    const torch::Tensor leaf = batch.x.detach().requires_grad_(true);
    const torch::Tensor energies = value({leaf, batch.labels});
    // The engine visits only what leads to the listed inputs, so no gradient of a weight is computed or
    // stored.
    const torch::Tensor gradient = differentiate({energies.sum()}, {leaf})[0];
    return {energies.detach(), gradient};
}

} // namespace ebm
