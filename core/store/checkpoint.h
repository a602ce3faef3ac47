#pragma once

#include "core/base/tensor.h"

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// A training run in one file: a safetensors file, which Python's `safetensors` reads too, whose metadata say
/// what the tensors belong to. A checksum over all of it finds damage.
namespace ebm::store {

struct Checkpoint {
    std::string scene_json; ///< as lab::scene_json writes it
    std::int64_t iteration = 0;
    double seconds = 0; ///< training time so far
    /// By name, on the CPU: float32, float64, int64, int32 or uint8. Read back in the order of their names.
    std::vector<std::pair<std::string, torch::Tensor>> tensors;
    std::int64_t buffer_samples = 0; ///< of a completed model: how many its file has, the rest are copies
    std::map<std::string, std::string> extra; ///< further metadata under names of their own
};

/// Writes atomically. Throws Error; an older file of that name is then untouched.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Throws Error if the file is missing, damaged, of another kind or from a newer program. A model without its
/// training state (see without_training_state) is completed: "adam.*" with zeros, "buffer.*" with copies.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// A copy with what sampling and evaluating need: no "adam.*" and "chains.*" tensors, the first
/// `buffer_samples` rows of "buffer.*".
Checkpoint without_training_state(const Checkpoint& checkpoint, std::int64_t buffer_samples);
/// True if the training state was completed when the checkpoint was read, so that training goes on but not
/// bit for bit.
bool lacks_training_state(const Checkpoint& checkpoint);

} // namespace ebm::store
