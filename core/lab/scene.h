#pragma once

#include "core/settings/settings.h"

#include <filesystem>
#include <string>
#include <vector>

namespace ebm::lab {

/// Everything that defines a run: a versioned JSON file. Unknown keys become warnings, missing ones the
/// default.
struct Scene {
    std::string name;        ///< as typed on the command line: "two_moons"
    std::string title;       ///< as shown: "Two moons"
    std::string group;       ///< heading in the scene picker: "Planes", "Analytic energies", "Images"
    std::string description; ///< one or two sentences
    std::string
        checkpoint; ///< path of a trained model, relative to the assets folder; empty = train from scratch
    Settings settings;
};

/// Parses scene JSON. `origin` names the source in messages; unknown keys are appended to `warnings`. Throws
/// Error.
Scene parse_scene(const std::string& json, const std::string& origin, std::vector<std::string>& warnings);
std::string scene_json(const Scene& scene);

/// Built-in scenes in the order of the picker, read from assets/scenes.
const std::vector<Scene>& built_in_scenes();
/// A built-in name or the path of a JSON file. Throws Error with the nearest name.
Scene find_scene(const std::string& name_or_path);

/// Where scenes and models lie: $EBMLAB_ASSETS, beside the program, the installed share folder, or the source
/// tree.
std::filesystem::path assets_folder();

} // namespace ebm::lab
