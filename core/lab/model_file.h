#pragma once

#include "core/settings/settings.h"

#include <cstdint>
#include <limits>
#include <string>

namespace ebm::lab {

/// Writes a small copy of a checkpoint with what sampling and evaluating need: weights, averaged weights, at
/// most `buffer_samples` samples of the replay buffer and at most `held_out` ≥ 1 of the held-out pictures
/// that it keeps, evenly taken. Opened, it is trained on from there, but not bit for bit: the optimizer
/// starts anew and the buffer is filled up with copies. Throws Error.
void export_model(const std::string& checkpoint, const std::string& out, int buffer_samples,
                  std::int64_t held_out = std::numeric_limits<std::int64_t>::max());

/// The first setting that makes the model, or else the data, of two runs different; null if there is none.
const Setting* model_difference(const Settings& a, const Settings& b);
/// Throws Error naming the first setting that makes the model or the data of a checkpoint other than a
/// scene's.
void require_same_model(const Settings& trained, const Settings& wanted, const std::string& checkpoint);

} // namespace ebm::lab
