#pragma once

#include "core/kernels/step.h"
#include "core/libtorch/place.h"

#include <functional>

namespace ebm::libtorch {

/// E(x) and, if wanted, ∇E of states [n, elements] of fp32 on the place; the results are overwritten by the
/// next call.
struct Evaluated {
    at::Tensor energies, gradient;
};
using Evaluate = std::function<Evaluated(const at::Tensor& x, bool gradient)>;

/// Chains after some steps of core/kernels/step.h, on the place.
struct Moved {
    at::Tensor x;                                  ///< [n, elements]
    at::Tensor energies, gradient_norms, accepted; ///< [n], as of FusedKernel::run
};

/// Moves chains without waiting for the place between steps. x: fp32 [n, elements].
Moved move_chains(const Place& place, const Evaluate& evaluate, const at::Tensor& x,
                  const kernels::StepSettings& settings, const random::Place& first, int steps,
                  kernels::StepReport& report);

} // namespace ebm::libtorch
