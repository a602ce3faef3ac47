#include "core/lab/scene.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/names.h"
#include "core/energy/energy.h"
#include "core/lab/part_texts.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::lab {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* format_name = "ebmlab-scene";
constexpr int format_version = 1;
constexpr int deepest_nesting = 8;
constexpr std::size_t longest_field = 4096;
/// A grid of 128 × 128 bytes that gzip cannot make smaller, in base64.
constexpr std::size_t longest_drawing = 32768;
constexpr std::size_t most_parts = 1000;

constexpr std::string_view known_keys[] = {"format",   "version",     "name",       "title",   "group",
                                           "order",    "description", "checkpoint", "members", "energies",
                                           "settings", "panels",      "in_front",   "look_at", "chains"};
constexpr std::string_view part_keys[] = {"scene", "checkpoint", "energy", "weight", "class"};

/// A key from a file as it can stand in a message: short, without control characters.
std::string shown(std::string_view key) {
    std::string text(key.substr(0, 60));
    for (char& letter : text)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = '?';
    return key.size() > 60 ? text + "…" : text;
}

/// "line 3, column 7" of a byte position that starts at 1.
std::string place_in_text(const std::string& text, std::size_t byte) {
    const auto end =
        text.begin() + static_cast<std::ptrdiff_t>(std::min(byte == 0 ? 0 : byte - 1, text.size()));
    const auto line = 1 + std::count(text.begin(), end, '\n');
    const std::size_t newline = std::string_view(text.begin(), end).rfind('\n');
    const std::size_t before = newline == std::string_view::npos ? 0 : newline + 1;
    return fmt::format("line {}, column {}", line, static_cast<std::size_t>(end - text.begin()) - before + 1);
}

Json parse_json(const std::string& text, const std::string& origin) {
    if (text.size() > Scene::largest_file)
        throw Error(
            fmt::format("The scene has {}, more than a scene can need", files::size_in_words(text.size())),
            origin, "Check that this file is a scene.");
    bool too_deep = false;
    const auto watch_depth = [&](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > deepest_nesting;
        return !too_deep;
    };
    try {
        Json json = Json::parse(text, watch_depth);
        if (too_deep)
            throw Error("The scene is nested too deeply", origin,
                        "A scene has settings in groups and nothing deeper.");
        return json;
    } catch (const Json::parse_error& error) {
        throw Error(text.find_first_not_of(" \t\r\n") == std::string::npos ? "The scene is empty"
                                                                           : "The scene is not valid JSON",
                    fmt::format("{}, {}", origin, place_in_text(text, error.byte)),
                    "Correct the text there, or take another file.");
    } catch (const Json::exception&) {
        throw Error("A number in the scene is too large", origin, "Correct the number.");
    }
}

std::string text_of(const Json& json, const char* key, const std::string& origin) {
    const auto found = json.find(key);
    if (found == json.end()) return {};
    const std::string where = fmt::format("{}, \"{}\"", origin, key);
    if (!found->is_string()) throw Error("The value is not a text", where, "Put it in quotes.");
    auto text = found->get<std::string>();
    if (text.size() > longest_field)
        throw Error("The text is too long", where, fmt::format("Use at most {} characters.", longest_field));
    return text;
}

void check_version(const Json& json, const std::string& origin) {
    const char* remedy = "Take a scene file that EBM Lab wrote, or one of `ebmlab scenes`.";
    if (!json.is_object()) throw Error("This is not a scene: its JSON is not an object", origin, remedy);
    const auto format = json.find("format");
    if (format == json.end() || *format != format_name)
        throw Error(fmt::format("This is not a scene: it does not say \"format\": \"{}\"", format_name),
                    origin, remedy);
    const auto version = json.find("version");
    if (version == json.end() || !version->is_number_integer() || *version < 1)
        throw Error("The scene does not say its \"version\"", origin, "Add \"version\": 1.");
    if (*version > format_version)
        throw Error(fmt::format("The scene has version {}, newer than this program reads", version->dump()),
                    origin, "Use a newer EBM Lab.");
}

void set_from_json(const Setting& row, const Json& value, Settings& settings) {
    const std::string where = fmt::format("setting {}", row.key);
    const bool wants_text = row.type == SettingType::text || row.type == SettingType::choice;
    if (wants_text && !value.is_string()) throw Error("The value is not a text", where, "Put it in quotes.");
    if (row.type == SettingType::boolean && !value.is_boolean())
        throw Error("The value is neither true nor false", where, "Use true or false, without quotes.");
    if ((row.type == SettingType::real || row.type == SettingType::integer) && !value.is_number())
        throw Error("The value is not a number", where, "Give a number without quotes.");
    if (!wants_text && row.type != SettingType::boolean) return row.set_number(settings, value.get<double>());
    if (row.type == SettingType::boolean) return row.set_number(settings, value.get<bool>() ? 1 : 0);
    const auto& text = value.get_ref<const std::string&>();
    const bool drawing = row.key == "data.drawing" || row.key == "sampler.walls" || row.group == "compose";
    const std::size_t longest = drawing ? longest_drawing : longest_field;
    if (text.size() > longest)
        throw Error("The text is too long", where, fmt::format("Use at most {} characters.", longest));
    row.set_text(settings, text);
}

/// "sampler.step_size" → {"sampler", "step_size"}.
std::pair<std::string, std::string> group_and_member(std::string_view key) {
    const std::size_t dot = key.find('.');
    return {std::string(key.substr(0, dot)), std::string(key.substr(dot + 1))};
}

/// Null if there is none.
const Setting* find_setting(std::string_view key) {
    const auto row = std::ranges::find(settings_table(), key, &Setting::key);
    return row == settings_table().end() ? nullptr : &*row;
}

void parse_settings(const Json& json, const std::string& origin, std::vector<std::string>& warnings,
                    Settings& settings) {
    if (!json.is_object())
        throw Error("\"settings\" is not an object", origin, R"(Write it as {"group": {"member": value}}.)");
    std::vector<std::string_view> keys;
    for (const Setting& row : settings_table())
        keys.push_back(row.key);
    const auto set = [&](const std::string& key, const Json& value) {
        if (const Setting* row = find_setting(key)) return set_from_json(*row, value, settings);
        const std::string_view near = nearest(key, keys);
        warnings.push_back(fmt::format("{}: there is no setting '{}'. It is ignored.{}", origin, shown(key),
                                       near.empty() ? "" : fmt::format(" Did you mean '{}'?", near)));
    };
    for (const auto& [group, members] : json.items()) {
        if (group.find('.') != std::string::npos) // a whole key, as `--set` takes it
            set(group, members);
        else if (members.is_object())
            for (const auto& [member, value] : members.items())
                set(group + "." + member, value);
        else
            warnings.push_back(
                fmt::format("{}: \"settings\" has \"{}\", which is not a group of settings. It is ignored.",
                            origin, shown(group)));
    }
    validate(settings);
}

EnergyPart parse_part(const Json& json, const std::string& where, double& weight, std::string& of_class,
                      std::vector<std::string>& warnings) {
    if (!json.is_object())
        throw Error("A part of the energy is not an object", where,
                    R"(Write it as {"energy": "ring", "weight": 1}.)");
    for (const auto& [key, value] : json.items()) {
        if (std::ranges::find(part_keys, key) != std::end(part_keys)) continue;
        warnings.push_back(
            fmt::format("{}: there is no key '{}' of a part. It is ignored.", where, shown(key)));
    }
    EnergyPart part{text_of(json, "scene", where), text_of(json, "checkpoint", where),
                    text_of(json, "energy", where)};
    if (!part.scene.empty() + !part.checkpoint.empty() + !part.energy.empty() != 1)
        throw Error("A part of the energy does not say what it is", where,
                    R"(Give it one of "scene", "checkpoint" and "energy".)");
    if (const auto found = json.find("class"); found != json.end() && found->is_number_integer())
        of_class = std::to_string(found->get<std::int64_t>());
    else
        of_class = text_of(json, "class", where);
    if (of_class.find(',') != std::string::npos)
        throw Error("The class of a part has a comma in it", where, "Give its number, from 0 on.");
    if (const auto found = json.find("weight"); found != json.end()) {
        if (!found->is_number())
            throw Error("The weight of a part is not a number", where, "Give a number such as 1 or -0.5.");
        weight = found->get<double>();
    }
    return part;
}

/// "energies": {"as": "and", "parts": [{"energy": "ring", "weight": 1}, …]}
void parse_energies(const Json& json, const std::string& origin, std::vector<std::string>& warnings,
                    Scene& scene) {
    const std::string where = origin + ", \"energies\"";
    const auto parts = json.is_object() ? json.find("parts") : json.end();
    if (!json.is_object() || parts == json.end() || !parts->is_array() || parts->empty() ||
        parts->size() > most_parts)
        throw Error(fmt::format("\"energies\" has no list of 1 to {} \"parts\"", most_parts), origin,
                    R"(Write it as {"as": "and", "parts": [{"energy": "ring"}, …]}.)");
    if (const std::string as = text_of(json, "as", where); !as.empty())
        setting("compose.as").set_text(scene.settings, as);
    std::vector<double> weights;
    std::vector<std::string> classes;
    bool any_class = false;
    for (const Json& part : *parts) {
        weights.push_back(1);
        classes.emplace_back();
        scene.parts.push_back(parse_part(part, fmt::format("{}, part {}", where, weights.size()),
                                         weights.back(), classes.back(), warnings));
        any_class = any_class || part.contains("class");
    }
    scene.settings.compose.weights = part_weights_text(weights);
    if (any_class) scene.settings.compose.classes = part_classes_text(classes);
}

/// `told`: whether it holds all of the group compose; what does not fit the parts, only "settings" can keep.
Json energies_json(const Scene& scene, bool& told) {
    const auto& compose = scene.settings.compose;
    std::vector<double> weights;
    std::vector<std::string> classes;
    try {
        weights = part_weights(compose.weights, scene.parts.size());
        classes = part_classes(compose.classes, scene.parts.size());
        told = compose.weights == part_weights_text(weights) && compose.classes == part_classes_text(classes);
    } catch (const Error&) {
        told = false;
    }
    Json parts = Json::array();
    for (std::size_t i = 0; i < scene.parts.size(); ++i) {
        const EnergyPart& named = scene.parts[i];
        Json part = Json::object();
        if (!named.scene.empty()) part["scene"] = named.scene;
        if (!named.checkpoint.empty()) part["checkpoint"] = named.checkpoint;
        if (!named.energy.empty()) part["energy"] = named.energy;
        if (told) part["weight"] = weights[i];
        if (told && !classes.empty()) part["class"] = classes[i];
        parts.push_back(std::move(part));
    }
    return {{"as", setting("compose.as").text(scene.settings)}, {"parts", std::move(parts)}};
}

/// `count` finite numbers, each of them a float.
std::vector<double> numbers_of(const Json& json, std::size_t count, const char* key,
                               const std::string& origin) {
    const bool fits =
        json.is_array() && json.size() == count && std::ranges::all_of(json, [](const Json& number) {
            return number.is_number() && std::abs(number.get<double>()) < 1e30;
        });
    if (!fits)
        throw Error(fmt::format("\"{}\" does not have {} numbers", key, count), origin,
                    "Leave it out, or save the scene again.");
    return json.get<std::vector<double>>();
}

std::vector<std::string> parse_panels(const Json& json, const char* key, const std::string& origin) {
    const auto panels = json.find(key);
    if (panels == json.end()) return {};
    const bool texts =
        panels->is_array() && panels->size() <= 100 && std::ranges::all_of(*panels, [](const Json& id) {
            return id.is_string() && id.get_ref<const std::string&>().size() <= 100;
        });
    if (!texts)
        throw Error("\"" + std::string(key) + "\" is not a list of at most 100 short texts", origin,
                    "Leave it out, or save the scene again.");
    return panels->get<std::vector<std::string>>();
}

/// What a scene says of the window and of its chains.
void parse_view(const Json& json, const std::string& origin, Scene& scene) {
    scene.panels = parse_panels(json, "panels", origin);
    scene.in_front = parse_panels(json, "in_front", origin);
    if (const auto view = json.find("look_at"); view != json.end()) {
        const std::vector<double> numbers = numbers_of(*view, 3, "look_at", origin);
        if (!(numbers[2] > 0))
            throw Error("\"look_at\" shows nothing: its third number is not above 0", origin,
                        "Give the centre and half of the side that is shown.");
        scene.look_at = {numbers[0], numbers[1], numbers[2]};
    }
    if (const auto chains = json.find("chains"); chains != json.end()) {
        if (!chains->is_array() || chains->size() > Scene::most_chains)
            throw Error(fmt::format("\"chains\" is not a list of at most {} points", Scene::most_chains),
                        origin, "Leave it out, or save the scene again.");
        for (const Json& point : *chains) {
            const std::vector<double> at = numbers_of(point, 2, "chains", origin);
            scene.chains.push_back({static_cast<float>(at[0]), static_cast<float>(at[1])});
        }
    }
}

} // namespace

Scene parse_scene(const std::string& text, const std::string& origin, std::vector<std::string>& warnings) {
    const Json json = parse_json(text, origin);
    check_version(json, origin);
    for (const auto& [key, value] : json.items()) {
        if (std::find(std::begin(known_keys), std::end(known_keys), key) != std::end(known_keys)) continue;
        const std::string_view near = nearest(key, known_keys);
        warnings.push_back(fmt::format("{}: there is no scene key '{}'. It is ignored.{}", origin, shown(key),
                                       find_setting(key) ? " Settings belong under \"settings\"."
                                       : near.empty()    ? ""
                                                         : fmt::format(" Did you mean '{}'?", near)));
    }
    Scene scene;
    scene.name = text_of(json, "name", origin);
    scene.title = text_of(json, "title", origin);
    scene.group = text_of(json, "group", origin);
    scene.description = text_of(json, "description", origin);
    scene.checkpoint = text_of(json, "checkpoint", origin);
    if (const auto members = json.find("members"); members != json.end()) {
        // As older files name the parts of a mean.
        const bool texts = members->is_array() && members->size() <= most_parts &&
                           std::ranges::all_of(*members, [](const Json& m) { return m.is_string(); });
        if (!texts)
            throw Error("\"members\" is not a list of at most 1,000 texts", origin,
                        "Name the checkpoints whose energies are averaged.");
        for (const Json& member : *members)
            scene.parts.push_back({"", member.get<std::string>(), ""});
        const std::vector<double> weights(scene.parts.size(), 1.0 / static_cast<double>(scene.parts.size()));
        scene.settings.compose.weights = part_weights_text(weights);
    }
    if (const auto energies = json.find("energies"); energies != json.end()) {
        if (!scene.parts.empty())
            throw Error("The scene has \"energies\" and \"members\"", origin, "Take \"members\" out.");
        parse_energies(*energies, origin, warnings, scene);
    }
    parse_view(json, origin, scene);
    if (const auto order = json.find("order"); order != json.end()) {
        if (!order->is_number_integer() || *order < 0 || *order > 1'000'000)
            throw Error("\"order\" is not a whole number from 0 to 1000000", origin,
                        "Give the place in the scene picker.");
        scene.order = order->get<int>();
    }
    if (const auto settings = json.find("settings"); settings != json.end()) {
        try {
            parse_settings(*settings, origin, warnings, scene.settings);
        } catch (const Error& problem) {
            if (problem.where == origin) throw;
            throw Error(problem.what_happened, fmt::format("{}, {}", origin, problem.where),
                        problem.what_to_do);
        }
    }
    return scene;
}

std::string scene_json(const Scene& scene) {
    Json json = {
        {"format", format_name}, {"version", format_version}, {"name", scene.name}, {"title", scene.title}};
    json["group"] = scene.group;
    json["order"] = scene.order;
    json["description"] = scene.description;
    if (!scene.checkpoint.empty()) json["checkpoint"] = scene.checkpoint;
    if (!scene.panels.empty()) json["panels"] = scene.panels;
    if (!scene.in_front.empty()) json["in_front"] = scene.in_front;
    if (scene.look_at) json["look_at"] = *scene.look_at;
    if (!scene.chains.empty()) json["chains"] = scene.chains;
    bool composition_told = false;
    if (!scene.parts.empty()) json["energies"] = energies_json(scene, composition_told);
    Json settings = Json::object();
    const Settings defaults;
    for (const Setting& row : settings_table()) {
        if (row.is_default(scene.settings, defaults)) continue;
        if (row.group == "compose" && composition_told) continue;
        const auto [group, member] = group_and_member(row.key);
        Json& value = settings[group][member];
        switch (row.type) {
        case SettingType::text:
        case SettingType::choice:
            value = row.text(scene.settings);
            break;
        case SettingType::boolean:
            value = row.number(scene.settings) != 0;
            break;
        case SettingType::integer:
            value = static_cast<std::int64_t>(row.number(scene.settings));
            break;
        case SettingType::real:
            value = row.number(scene.settings);
            break;
        }
    }
    json["settings"] = settings;
    try {
        return json.dump(4) + "\n";
    } catch (const Json::exception&) {
        throw Error("A text in the scene is not valid UTF-8", "scene " + scene.name,
                    "Rename the file that it names.");
    }
}

bool holds_model(const Scene& scene) {
    if (!scene.checkpoint.empty() || !scene.parts.empty()) return true;
    return std::ranges::any_of(energy_kinds(), [&](const EnergyKind& kind) {
        return kind.analytic && kind.name == scene.settings.model.energy;
    });
}

} // namespace ebm::lab
