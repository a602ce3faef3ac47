#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/names.h"
#include "core/base/program.h"
#include "core/lab/scene.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

std::vector<Scene> read_built_in_scenes() {
    std::vector<Scene> scenes;
    const auto folder = assets_folder() / "scenes";
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".json") paths.push_back(entry.path());
    if (error)
        throw Error("The built-in scenes cannot be listed: " + error.message(), folder.string(),
                    "Install EBM Lab again.");
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
        std::vector<std::string> warnings;
        try {
            scenes.push_back(read_scene(path, warnings));
        } catch (const Error& problem) {
            log::error("{}", problem.what());
        }
        for (const std::string& warning : warnings)
            log::warning("{}", warning);
    }
    std::stable_sort(scenes.begin(), scenes.end(),
                     [](const Scene& a, const Scene& b) { return a.order < b.order; });
    if (scenes.empty()) throw Error("There is no built-in scene", folder.string(), "Install EBM Lab again.");
    return scenes;
}

} // namespace

Scene read_scene(const std::filesystem::path& path, std::vector<std::string>& warnings) {
    Scene scene = parse_scene(files::read_text(path, Scene::largest_file), path.string(), warnings);
    if (scene.name.empty()) scene.name = path.stem().string();
    if (scene.title.empty()) scene.title = scene.name;
    if (scene.group.empty()) scene.group = "Own scenes";
    std::vector<std::string*> files{&scene.settings.data.path, &scene.checkpoint};
    for (EnergyPart& part : scene.parts) {
        files.push_back(&part.checkpoint);
        if (part.scene.ends_with(".json")) files.push_back(&part.scene);
    }
    for (std::string* named : files) {
        const std::filesystem::path file = *named;
        if (file.empty() || file.is_absolute()) continue;
        std::error_code error;
        const auto beside = std::filesystem::absolute(path, error).parent_path() / file;
        const bool shipped =
            named != &scene.settings.data.path && std::filesystem::exists(assets_folder() / file, error);
        // What is nowhere is missed beside the scene; data are looked for in the current folder then.
        if (std::filesystem::exists(beside, error) || (named != &scene.settings.data.path && !shipped))
            *named = beside.lexically_normal().string();
    }
    return scene;
}

const std::vector<Scene>& built_in_scenes() {
    static const std::vector<Scene> scenes = read_built_in_scenes();
    return scenes;
}

Scene find_scene(const std::string& name_or_path) {
    const std::filesystem::path path = name_or_path;
    std::error_code error;
    const bool is_path = path.extension() == ".json" || path.has_parent_path();
    if (is_path || std::filesystem::is_regular_file(path, error)) {
        const auto& built_in = built_in_scenes();
        const bool shadowed =
            !is_path && std::any_of(built_in.begin(), built_in.end(),
                                    [&](const Scene& scene) { return scene.name == name_or_path; });
        if (!shadowed) {
            std::vector<std::string> warnings;
            Scene scene = read_scene(path, warnings);
            for (const std::string& warning : warnings)
                log::warning("{}", warning);
            return scene;
        }
    }
    std::vector<std::string_view> names;
    for (const Scene& scene : built_in_scenes()) {
        if (scene.name == name_or_path) return scene;
        names.push_back(scene.name);
    }
    throw Error(fmt::format("There is no scene '{}'", name_or_path), "",
                did_you_mean(name_or_path, names) +
                    " `ebmlab scenes` lists them; the path of a .json file works too.");
}

std::filesystem::path assets_folder() {
    if (const char* chosen = std::getenv("EBMLAB_ASSETS"); chosen && *chosen) return chosen;
    const std::filesystem::path folder = program_folder() / "assets";
    std::error_code error;
    if (std::filesystem::is_directory(folder / "scenes", error)) return folder;
    throw Error("The folder with scenes and models is missing", folder.string(),
                "Install EBM Lab again, or set EBMLAB_ASSETS to the folder that holds scenes/ and models/.");
}

} // namespace ebm::lab
