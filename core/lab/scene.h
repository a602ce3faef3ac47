#pragma once

#include "core/settings/settings.h"

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ebm::lab {

/// One energy of several: exactly one of these texts is not empty. Its weight and class are in
/// settings.compose, see composition.h.
struct EnergyPart {
    std::string scene;      ///< whose energy it is: a built-in name, or the path of a scene file
    std::string checkpoint; ///< relative to the assets folder, or absolute
    std::string energy;     ///< an analytic energy, as settings.model.energy names it
    bool operator==(const EnergyPart&) const = default;
};

/// Everything that defines a run: a versioned JSON file. Unknown keys become warnings, missing ones the
/// default.
struct Scene {
    std::string name;        ///< as typed on the command line: "two_moons"
    std::string title;       ///< as shown: "Two moons"
    std::string group;       ///< heading in the scene picker: "Planes", "Analytic energies", "Images"
    std::string description; ///< one or two sentences
    std::string checkpoint;  ///< trained model, relative to the assets folder; empty = none
    /// Energies that are joined to one, which is not trained, as settings.compose says; empty = one energy.
    std::vector<EnergyPart> parts;
    int order = 1000; ///< place in the scene picker, lowest first
    /// How a person left the window, see the ids of app/panels: those that are open; empty = as they are.
    std::vector<std::string> panels;
    std::vector<std::string> in_front; ///< those of them whose tab is chosen; empty = as they are
    /// The part of the plane that is shown: its centre and half of its smaller side.
    std::optional<std::array<double, 3>> look_at;
    /// Plane: where the first live chains start, finite, at most most_chains.
    std::vector<std::array<float, 2>> chains;
    static constexpr std::size_t most_chains = 10'000;
    static constexpr std::size_t largest_file = 1 << 20; ///< bytes of a scene as JSON
    Settings settings;
};

/// Parses scene JSON. `origin` names the source in messages; unknown keys are appended to `warnings`. Throws
/// Error.
Scene parse_scene(const std::string& json, const std::string& origin, std::vector<std::string>& warnings);
/// The JSON that parse_scene reads back as the same scene; only settings that differ from the defaults are in
/// it.
std::string scene_json(const Scene& scene);

/// Reads a scene file. What it names by a relative path and lies beside it is made absolute, and so is a
/// checkpoint that lies neither there nor in the assets folder; a scene without a name gets the file's.
/// Throws Error.
Scene read_scene(const std::filesystem::path& path, std::vector<std::string>& warnings);

/// Whether there is a model before anything is trained: a trained one, an analytic energy, or several that
/// are joined.
bool holds_model(const Scene& scene);

/// Built-in scenes in the order of the picker, read from assets/scenes.
const std::vector<Scene>& built_in_scenes();
/// A built-in name or the path of a JSON file; warnings go to the log. Throws Error with the nearest name.
Scene find_scene(const std::string& name_or_path);

/// Where scenes and models lie: $EBMLAB_ASSETS, or `assets` beside the program.
std::filesystem::path assets_folder();

} // namespace ebm::lab
