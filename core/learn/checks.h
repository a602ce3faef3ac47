#pragma once

#include "core/energy/energy.h"

#include <string_view>

/// What every learner asks of its model, its data and the state that it goes on from.
namespace ebm {

/// Throws Error if `energy` has no weights to train or the data do not fit it. Labels that the energy does
/// not read are taken out of `data`.
void require_learnable(const Energy& energy, Batch& data);

/// Training diverged: throws Error "The `what` stopped being finite" with the iteration as its place.
[[noreturn]] void throw_diverged(std::string_view what, std::int64_t iteration, std::string remedy);

/// "weights.*" and "average.*": parameters and buffers of both.
NamedTensors weights_state(const Energy& energy, const Energy& average);

/// The tensor of that name in `state`; throws Error with `origin` as its place if there is none or its shape
/// or type is not that of `like`.
torch::Tensor required_tensor(const NamedTensors& state, const std::string& name, const torch::Tensor& like,
                              const std::string& origin);

/// Copies into every tensor of `target` that of its name in `state`: all of them, or none if one does not
/// fit, which throws as `required_tensor` does.
void restore_tensors(const NamedTensors& target, const NamedTensors& state, const std::string& origin);

} // namespace ebm
