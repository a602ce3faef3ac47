#include "app/window/preferences.h"

#include "app/window/saved_layout.h"
#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

namespace ebm::window {
namespace {

/// Grows when panels are renamed or the default layout changes, so that an old file does not spoil the new
/// one.
std::string layout_file_name(LayoutForm form) {
    const char* name = form == LayoutForm::wide ? "wide" : form == LayoutForm::medium ? "medium" : "narrow";
    return fmt::format("layout-3-{}.ini", name);
}
constexpr LayoutForm forms[] = {LayoutForm::wide, LayoutForm::medium, LayoutForm::narrow};
constexpr const char* preferences_file_name = "preferences.json";
constexpr std::uint64_t most_bytes = 4 << 20;

/// The numbers of the files that were kept aside of `file`, in rising order.
std::vector<int> numbers_aside(const std::filesystem::path& file) {
    const std::string beginning = file.filename().string() + ".unusable-";
    std::vector<int> numbers;
    std::error_code error;
    for (std::filesystem::directory_iterator at(file.parent_path(), error), end; !error && at != end;
         at.increment(error)) {
        const std::string name = at->path().filename().string();
        int number = 0;
        if (!name.starts_with(beginning)) continue;
        const auto [rest, code] =
            std::from_chars(name.data() + beginning.size(), name.data() + name.size(), number);
        if (code == std::errc() && rest == name.data() + name.size() && number > 0) numbers.push_back(number);
    }
    std::ranges::sort(numbers);
    return numbers;
}

/// Gives an unusable file a name of its own beside it and says so. Of those that were kept before, the oldest
/// are deleted.
std::string keep_aside(const std::filesystem::path& file, const std::string& what, const Error& problem) {
    constexpr std::size_t most_kept = 5;
    const auto named = [&](int number) {
        return file.parent_path() / fmt::format("{}.unusable-{}", file.filename().string(), number);
    };
    std::error_code error;
    std::vector<int> numbers = numbers_aside(file);
    const std::filesystem::path aside = named(numbers.empty() ? 1 : numbers.back() + 1);
    for (std::size_t i = 0; numbers.size() - i >= most_kept; ++i)
        if (std::filesystem::is_regular_file(std::filesystem::symlink_status(named(numbers[i]), error)))
            std::filesystem::remove(named(numbers[i]), error);
    std::filesystem::rename(file, aside, error);
    std::string sentence =
        fmt::format("{} could not be used, so the default is: {}{}. ", what, problem.what_happened,
                    problem.where.empty() ? "" : " (" + problem.where + ")");
    if (error) return sentence + fmt::format("{} cannot be renamed: {}.", file.string(), error.message());
    return sentence + fmt::format("The old file is kept as {}.", aside.string());
}

/// Gives the text of `file` to `use` if there is one. Returns a sentence if it cannot be used, else nothing.
std::string use_file(const std::filesystem::path& file, const std::string& what,
                     const std::function<void(const std::string&)>& use) {
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::symlink_status(file, error))) return {};
    try {
        use(files::read_text(file, most_bytes));
    } catch (const Error& problem) {
        return keep_aside(file, what, problem);
    }
    return {};
}

void write(const std::filesystem::path& folder, const std::string& name, std::string_view text) {
    std::error_code error;
    std::filesystem::create_directories(folder, error); // what goes wrong here shows in the next line
    files::write_atomically(folder / name, text);
}

} // namespace

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

Preferences parse_preferences(const std::string& text, const Preferences& defaults) {
    Preferences preferences = defaults;
    // Deeper than any preferences: a file of brackets would be read by recursion.
    const auto shallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) { return depth < 8; };
    const nlohmann::json json = nlohmann::json::parse(text, shallow, false);
    if (!json.is_object())
        throw Error("The preferences are not a JSON object", "", "The default preferences are used.");
    const auto text_at = [&](const char* key) {
        const auto found = json.find(key);
        return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    if (text_at("theme") == "light") preferences.theme = ThemeKind::light;
    if (text_at("theme") == "dark") preferences.theme = ThemeKind::dark;
    for (const Colormap map : all_colormaps)
        if (text_at("colormap") == colormap_name(map)) preferences.colormap = map;
    if (const auto zoom = json.find("zoom"); zoom != json.end() && zoom->is_number()) {
        const float value = zoom->get<float>();
        if (std::isfinite(value)) preferences.zoom = std::clamp(value, 0.5f, 3.0f);
    }
    preferences.start_scene = text_at("start_scene");
    if (const auto pictures = json.find("pictures"); pictures != json.end() && pictures->is_boolean())
        preferences.pictures = pictures->get<bool>();
    if (const auto panels = json.find("panels"); panels != json.end() && panels->is_object())
        for (const auto& [id, open] : panels->items())
            if (open.is_boolean()) preferences.open_panels[id] = open.get<bool>();
    if (const auto lessons = json.find("lessons"); lessons != json.end() && lessons->is_object())
        for (const auto& [name, steps] : lessons->items())
            if (steps.is_number_unsigned() && steps.get<std::uint64_t>() <= 1000)
                preferences.lessons[name] = steps.get<int>();
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
    if (!preferences.start_scene.empty()) json["start_scene"] = preferences.start_scene;
    json["pictures"] = preferences.pictures;
    json["lessons"] = preferences.lessons;
    json["recent_files"] = preferences.recent_files;
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Configuration read_configuration(const std::filesystem::path& folder, const Preferences& defaults) {
    Configuration found{defaults, {}, {}};
    if (folder.empty()) return found;
    const auto use = [&](const std::string& name, const char* what, const auto& reader) {
        if (std::string notice = use_file(folder / name, what, reader); !notice.empty())
            found.notices.push_back(std::move(notice));
    };
    use(preferences_file_name, "The saved preferences",
        [&](const std::string& text) { found.preferences = parse_preferences(text, defaults); });
    for (const LayoutForm form : forms)
        use(layout_file_name(form), "The saved layout",
            [&](const std::string& text) { found.layouts[form] = sound_layout(text); });
    return found;
}

void write_preferences(const std::filesystem::path& folder, const Preferences& preferences) {
    write(folder, preferences_file_name, preferences_json(preferences));
}

void write_layout(const std::filesystem::path& folder, LayoutForm form, std::string_view layout) {
    write(folder, layout_file_name(form), layout);
}

} // namespace ebm::window
