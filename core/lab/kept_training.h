#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace ebm::lab {

/// What a checkpoint says of its training, without opening it.
struct KeptTraining {
    std::string title; ///< of the scene
    std::int64_t iteration = 0;
    double seconds = 0; ///< of training
};

/// Nothing of a file that is no checkpoint. Reads its header alone.
std::optional<KeptTraining> kept_training(const std::filesystem::path& path);

} // namespace ebm::lab
