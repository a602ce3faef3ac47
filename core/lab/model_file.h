#pragma once

#include <string>

namespace ebm::lab {

/// Writes a small copy of a checkpoint with what sampling and evaluating need: weights, averaged weights and at most
/// `buffer_samples` samples of the replay buffer. Opened, it is trained on from there, but not bit for bit: the optimizer
/// starts anew and the buffer is filled up with copies. Throws Error.
void export_model(const std::string& checkpoint, const std::string& out, int buffer_samples);

} // namespace ebm::lab
