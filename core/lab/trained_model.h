#pragma once

#include "core/data/coding.h"
#include "core/lab/scene.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebm::lab {

/// What the file of a trained model tells before anything of it is opened.
struct TrainedModel {
    Scene scene;
    bool plane = false;
    std::vector<std::int64_t> shape; ///< of a sample; empty where there is no one file, as of compositions
    std::optional<data::Coding> coding;
    std::vector<std::string> classes;
};

/// Whether a model is named by its file.
bool is_checkpoint(const std::string& model);

/// `model` is a checkpoint, or the name or file of a scene that holds a trained model. Throws Error.
TrainedModel look_at_model(const std::string& model);

} // namespace ebm::lab
