#include "core/lab/part_description.h"

#include "core/base/error.h"
#include "core/energy/registry.h"
#include "core/lab/dataset.h"
#include "core/lab/part_texts.h"
#include "core/store/checkpoint.h"

#include <algorithm>

namespace ebm::lab {
namespace {

constexpr int deepest = 8; ///< as of open_composition

SampleKind kind_of(const Shape& shape) {
    if (shape.size() != 3) return {};
    return {false, static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2])};
}

PartDescription without_training(std::string title, ModelDescription model) {
    model.memory.clear();
    return {std::move(title), 1, std::move(model)};
}

PartDescription described_checkpoint(const std::string& file) {
    std::filesystem::path path = file;
    if (path.is_relative()) path = assets_folder() / path;
    const store::Checkpoint checkpoint = store::read_checkpoint(path);
    std::vector<std::string> warnings;
    const Scene scene = parse_scene(checkpoint.scene_json, path.string(), warnings);
    const KeptData kept = kept_data(checkpoint, path.string());
    const DataOutline outline{kind_of(kept.shape), static_cast<int>(kept.classes.size()), 0, false};
    return without_training(scene.title.empty() ? path.stem().string() : scene.title,
                            describe_model(scene.settings, outline));
}

PartDescription described_analytic(const std::string& name) {
    Settings settings;
    settings.model.energy = name;
    ModelDescription model = describe_model(settings, {});
    std::string title = model.energy;
    return without_training(std::move(title), std::move(model));
}

std::vector<PartDescription> described(const Scene& scene, int depth);

PartDescription described_scene(const std::string& name, int depth) {
    const Scene scene = find_scene(name);
    if (scene.parts.empty())
        return without_training(scene.title, describe_model(scene.settings, data_outline(scene.settings)));
    if (depth == deepest)
        throw Error("The scene is nested too deeply, or a part of itself", "scene " + name,
                    "Take that part out.");
    PartDescription part{scene.title, 1, {}};
    part.model.energy = "several, joined";
    for (const PartDescription& inner : described(scene, depth + 1)) {
        part.model.kind = inner.model.kind;
        part.model.parameters += inner.model.parameters;
        part.model.multiply_adds += inner.model.multiply_adds;
    }
    return part;
}

std::vector<PartDescription> described(const Scene& scene, int depth) {
    const std::vector<double> weights = part_weights(scene.settings.compose.weights, scene.parts.size());
    std::vector<PartDescription> parts;
    for (const EnergyPart& named : scene.parts) {
        parts.push_back(!named.scene.empty()        ? described_scene(named.scene, depth)
                        : !named.checkpoint.empty() ? described_checkpoint(named.checkpoint)
                                                    : described_analytic(named.energy));
        parts.back().weight = weights[parts.size() - 1];
    }
    return parts;
}

} // namespace

std::vector<PartDescription> describe_parts(const Scene& scene) {
    return described(scene, 0);
}

} // namespace ebm::lab
