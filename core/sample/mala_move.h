#pragma once

#include "core/sample/sampler.h"

namespace ebm {

/// Chains with what is known of where they are.
struct Point {
    torch::Tensor x, energy, gradient;
    torch::Tensor accepted; ///< bool [N], false for a rejected proposal
    bool proposals_possible = true;
};

/// E(x, labels) as a loop evaluates it.
struct Target {
    const Energy& energy;
    const torch::Tensor& labels; ///< may be undefined
    /// Not what overrides Energy::value_and_gradient: the twin of a fast kernel must not be computed by it.
    bool reference = false;

    ValueAndGradient operator()(const torch::Tensor& x) const {
        return reference ? energy.Energy::value_and_gradient({x, labels})
                         : energy.value_and_gradient({x, labels});
    }
};

Point evaluate(const Target& target, const torch::Tensor& x);
/// Throws Error, naming the step, if an energy, a gradient or a state is not finite, or an energy of a
/// proposal impossible.
void require_finite(const Point& point, const random::Place& place);
inline Point evaluate_finite(const Target& target, const torch::Tensor& x, const random::Place& place) {
    Point point = evaluate(target, x);
    require_finite(point, place);
    return point;
}
/// The gradient as a move uses it: clipped and limited as the settings say.
torch::Tensor used_gradient(const torch::Tensor& gradient, const kernels::StepSettings& step);

/// One step of MALA with uniform jumps (kernels/step.h), chain i for exp(−E / temperature[i]);
/// step.temperature is not read. `here` is evaluated at the states, and so is the result. events may be null.
Point mala_move(const Target& target, const Point& here, const kernels::StepSettings& step,
                const torch::Tensor& temperature, const random::Place& place, kernels::StepReport& report,
                StepEvents* events);

} // namespace ebm
