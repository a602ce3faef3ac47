#include "core/lab/trained_model.h"

#include "core/base/error.h"
#include "core/lab/dataset.h"

#include <filesystem>

#include <fmt/format.h>

namespace ebm::lab {

bool is_checkpoint(const std::string& model) {
    return model.ends_with(".safetensors");
}

TrainedModel look_at_model(const std::string& model) {
    TrainedModel found;
    std::filesystem::path file = model;
    if (!is_checkpoint(model)) {
        found.scene = find_scene(model);
        found.plane = data::is_plane_set(found.scene.settings);
        if (!holds_model(found.scene))
            throw Error(fmt::format("The scene '{}' holds no trained model", found.scene.name), "models",
                        fmt::format("Train it with `ebmlab train --scene {} --out DIR` and name "
                                    "DIR/last.safetensors.",
                                    model));
        if (found.scene.checkpoint.empty()) return found;
        file = found.scene.checkpoint;
        if (file.is_relative()) file = assets_folder() / file;
    }
    const store::Checkpoint checkpoint = store::read_checkpoint(file);
    if (is_checkpoint(model)) {
        std::vector<std::string> ignored;
        found.scene = parse_scene(checkpoint.scene_json, model, ignored);
    }
    KeptData kept = kept_data(checkpoint, file.string());
    found.shape = std::move(kept.shape);
    found.coding = std::move(kept.coding);
    found.classes = std::move(kept.classes);
    if (!found.shape.empty()) found.plane = found.shape.size() == 1;
    return found;
}

} // namespace ebm::lab
