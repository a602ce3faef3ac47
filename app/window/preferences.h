#pragma once

#include "app/window/colormap.h"
#include "app/window/theme.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::window {

/// How panels are arranged by default. Each form keeps the layout that a person made of it.
enum class LayoutForm {
    wide,   ///< settings at both sides, pictures in the middle, plots below
    medium, ///< settings as tabs at one side, plots below the pictures
    narrow, ///< settings as tabs at one side, everything else as tabs beside them
};

/// What the window remembers between runs, besides the layout.
struct Preferences {
    ThemeKind theme = ThemeKind::dark;
    float zoom = 1;
    Colormap colormap = Colormap::viridis;
    std::map<std::string, bool> open_panels; ///< by panel id
    std::vector<std::string> recent_files;   ///< newest first, at most 10
    std::string start_scene;                 ///< name or file of the scene to begin with; empty = the first
    bool pictures = false;                   ///< the scene that was shown last had pictures, not points
    std::map<std::string, int> lessons;      ///< by name: how many steps were done at most

    void remember_file(const std::string& path);
    bool operator==(const Preferences&) const = default;
};

/// $XDG_CONFIG_HOME/ebmlab or ~/.config/ebmlab; empty if neither is known.
std::filesystem::path config_folder();

/// Throws Error if the text is not a JSON object. Unknown or unusable entries are as in `defaults`.
Preferences parse_preferences(const std::string& json, const Preferences& defaults = {});
std::string preferences_json(const Preferences& preferences);

/// What the configuration folder says.
struct Configuration {
    Preferences preferences;
    std::map<LayoutForm, std::string> layouts; ///< of Dear ImGui, sound; a form without one has the default
    std::vector<std::string> notices;          ///< a sentence for each file that could not be used
};

/// Reads the configuration; a file that cannot be used must never keep the program from starting: it is kept
/// aside under another name, and what it says is as in `defaults`. An empty folder is no folder.
Configuration read_configuration(const std::filesystem::path& folder, const Preferences& defaults);

/// Each file is replaced as a whole or not at all. Makes the folder. Throws Error.
void write_preferences(const std::filesystem::path& folder, const Preferences& preferences);
void write_layout(const std::filesystem::path& folder, LayoutForm form, std::string_view layout);

} // namespace ebm::window
