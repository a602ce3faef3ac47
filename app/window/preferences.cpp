#include "app/window/preferences.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace ebm::window {

void Preferences::remember_file(const std::string& path) {
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(path, error);
    const std::string name = error ? path : absolute.lexically_normal().string();
    std::erase(recent_files, name);
    recent_files.insert(recent_files.begin(), name);
    if (recent_files.size() > 10) recent_files.resize(10);
}

std::filesystem::path config_folder() {
    if (const char* folder = std::getenv("XDG_CONFIG_HOME"); folder && *folder)
        return std::filesystem::path(folder) / "ebmlab";
    if (const char* home = std::getenv("HOME"); home && *home)
        return std::filesystem::path(home) / ".config" / "ebmlab";
    return {};
}

Preferences parse_preferences(const std::string& text) {
    Preferences preferences;
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return preferences;
    const auto text_at = [&](const char* key) {
        const auto found = json.find(key);
        return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    if (text_at("theme") == "light") preferences.theme = ThemeKind::light;
    for (const Colormap map : all_colormaps)
        if (text_at("colormap") == colormap_name(map)) preferences.colormap = map;
    if (const auto zoom = json.find("zoom"); zoom != json.end() && zoom->is_number()) {
        const float value = zoom->get<float>();
        if (std::isfinite(value)) preferences.zoom = std::clamp(value, 0.5f, 3.0f);
    }
    if (const auto panels = json.find("panels"); panels != json.end() && panels->is_object())
        for (const auto& [id, open] : panels->items())
            if (open.is_boolean()) preferences.open_panels[id] = open.get<bool>();
    if (const auto files = json.find("recent_files"); files != json.end() && files->is_array())
        for (const auto& file : *files)
            if (file.is_string() && preferences.recent_files.size() < 10)
                preferences.recent_files.push_back(file.get<std::string>());
    return preferences;
}

std::string preferences_json(const Preferences& preferences) {
    nlohmann::ordered_json json;
    json["version"] = 1;
    json["theme"] = preferences.theme == ThemeKind::light ? "light" : "dark";
    json["zoom"] = preferences.zoom;
    json["colormap"] = colormap_name(preferences.colormap);
    json["panels"] = preferences.open_panels;
    json["recent_files"] = preferences.recent_files;
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

} // namespace ebm::window
