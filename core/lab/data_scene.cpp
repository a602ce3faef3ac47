#include "core/lab/data_scene.h"

#include "core/base/error.h"
#include "core/data/describe.h"

#include <filesystem>

namespace ebm::lab {

Scene learning_scene(const std::string& path, const Scene& now) {
    const data::FileDescription file = data::describe(path);
    using Use = data::FileDescription::Use;
    if (file.use != Use::points && file.use != Use::pictures)
        throw Error("There is nothing to learn in the file: " + file.words, path,
                    "Give a table of points, or pictures.");
    const std::string energy = file.use == Use::points ? "mlp" : "conv";
    Scene scene = now;
    if (now.settings.model.energy != energy)
        for (const Scene& other : built_in_scenes())
            if (other.settings.model.energy == energy) {
                scene.settings = other.settings;
                break;
            }
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(path, error);
    scene.settings.data.set = file.use == Use::points ? "points" : "pictures";
    scene.settings.data.path = error ? path : whole.lexically_normal().string();
    scene.settings.data.columns.clear();
    scene.checkpoint.clear();
    const std::string name =
        whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
    scene.name = std::filesystem::path(name).stem().string();
    scene.title = name;
    scene.group = "Own scenes";
    scene.description = "Learns " + file.words + ", from " + path + ".";
    return scene;
}

} // namespace ebm::lab
