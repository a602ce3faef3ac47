#pragma once

#include "app/window/colormap.h"
#include "app/window/theme.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ebm::window {

/// What the window remembers between runs, besides the layout.
struct Preferences {
    ThemeKind theme = ThemeKind::dark;
    float zoom = 1;
    Colormap colormap = Colormap::viridis;
    std::map<std::string, bool> open_panels; ///< by panel id
    std::vector<std::string> recent_files;   ///< newest first, at most 10

    void remember_file(const std::string& path);
    bool operator==(const Preferences&) const = default;
};

/// $XDG_CONFIG_HOME/ebmlab or ~/.config/ebmlab; empty if neither is known.
std::filesystem::path config_folder();

/// Unknown or damaged content gives the defaults: a bad file must never keep the program from starting.
Preferences parse_preferences(const std::string& json);
std::string preferences_json(const Preferences& preferences);

} // namespace ebm::window
