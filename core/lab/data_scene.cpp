#include "core/lab/data_scene.h"

#include "core/base/error.h"
#include "core/data/describe.h"

#include <filesystem>

namespace ebm::lab {
namespace {

/// `now` as a new scene that trains such an energy.
Scene with_energy(const std::string& energy, const Scene& now) {
    Scene scene = now;
    if (now.settings.model.energy != energy || !now.parts.empty())
        for (const Scene& other : built_in_scenes())
            if (other.settings.model.energy == energy && other.parts.empty()) {
                scene.settings = other.settings;
                break;
            }
    scene.checkpoint.clear();
    scene.parts.clear();
    scene.panels.clear();
    scene.in_front.clear();
    scene.look_at.reset();
    scene.chains.clear();
    scene.group = "Own scenes";
    return scene;
}

} // namespace

Scene learning_scene(const std::string& path, const Scene& now) {
    const data::FileDescription file = data::describe(path);
    using Use = data::FileDescription::Use;
    if (file.use != Use::points && file.use != Use::pictures)
        throw Error("There is nothing to learn in the file: " + file.words, path,
                    "Give a table of points, or pictures.");
    Scene scene = with_energy(file.use == Use::points ? "mlp" : "conv", now);
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(path, error);
    scene.settings.data.set = file.use == Use::points ? "points" : "pictures";
    scene.settings.data.path = error ? path : whole.lexically_normal().string();
    scene.settings.data.columns.clear();
    scene.settings.data.labels.clear();
    const std::string name =
        whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
    scene.name = std::filesystem::path(name).stem().string();
    scene.title = name;
    scene.description = "Learns " + file.words + ", from " + path + ".";
    return scene;
}

Scene drawn_scene(const std::string& drawing, const Scene& now) {
    Scene scene = with_energy("mlp", now);
    scene.settings.data.set = "drawn";
    scene.settings.data.path.clear();
    scene.settings.data.drawing = drawing;
    scene.settings.model.conditional = false;
    scene.settings.sampler.walls.clear();
    scene.name = "drawn";
    scene.title = "Drawn";
    scene.description = "Learns the density that was painted.";
    return scene;
}

} // namespace ebm::lab
