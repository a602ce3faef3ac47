// fuzz_json [ROUNDS [SEED]]
//
// Damages what the program keeps as JSON: preferences, scenes with layout and chains, and scenes as text that
// is pasted. Values are changed one by one, since most damaged bytes end at the first look; every fourth
// input has damaged bytes. A reader may accept or throw ebm::Error, and what it accepts it reads back as it
// wrote it. The inputs are a function of ROUNDS and SEED.

#include "app/window/preferences.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/lab/scene.h"
#include "core/lab/scene_text.h"
#include "tests/fuzz/mutate.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace {

using namespace ebm;
using Json = nlohmann::ordered_json;

Json odd_value(fuzz::Choices& choices) {
    const Json values[] = {nullptr,
                           true,
                           -1,
                           0,
                           std::numeric_limits<std::int64_t>::min(),
                           std::numeric_limits<std::uint64_t>::max(),
                           1e300,
                           -1e-300,
                           0.5,
                           "",
                           "nan",
                           std::string(5000, 'x'),
                           std::string("a\0b\x1b[2J", 7),
                           "../../etc/passwd",
                           Json::array(),
                           Json::object(),
                           Json::array({1, "two", nullptr}),
                           Json::object({{"kind", 7}})};
    return values[choices.below(std::size(values))];
}

/// A place of the document and what happens to it.
void damage(Json& json, fuzz::Choices& choices) {
    Json* at = &json;
    while (at->is_structured() && !at->empty() && choices.below(6) != 0) {
        auto child = at->begin();
        std::advance(child, static_cast<std::ptrdiff_t>(choices.below(at->size())));
        at = &*child;
    }
    if (at->is_object() && !at->empty() && choices.below(2) == 0) {
        auto entry = at->begin();
        std::advance(entry, static_cast<std::ptrdiff_t>(choices.below(at->size())));
        const std::string key = entry.key();
        if (choices.below(2) == 0) {
            at->erase(key);
        } else {
            const Json value = *entry;
            (*at)[key + "x"] = value;
        }
        return;
    }
    if (at->is_array() && choices.below(2) == 0) {
        at->push_back(odd_value(choices));
        return;
    }
    *at = odd_value(choices);
}

std::string damaged(const std::string& text, fuzz::Choices& choices, std::uint32_t round) {
    if (round % 4 == 3) {
        const fuzz::Bytes bytes = fuzz::mutated(files::as_bytes(text), files::as_bytes(text), choices);
        return std::string(files::as_text(bytes));
    }
    Json json = Json::parse(text);
    for (std::size_t count = 1 + choices.below(3); count > 0; --count)
        damage(json, choices);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void expect_same(const std::string& first, const std::string& again) {
    if (first != again)
        throw std::runtime_error("differs when it is written and read again:\n" + first + again);
}

std::string preferences() {
    window::Preferences all;
    all.theme = window::ThemeKind::light;
    all.zoom = 1.5f;
    all.open_panels = {{"samples", true}, {"race", false}};
    all.recent_files = {"/a/b.safetensors", "c.json"};
    all.start_scene = "two_moons";
    all.lessons = {{"density", 2}, {"tour/step", 1}};
    return window::preferences_json(all);
}

void read_preferences(const std::string& text) {
    const std::string first = window::preferences_json(window::parse_preferences(text));
    expect_same(first, window::preferences_json(window::parse_preferences(first)));
}

std::string scene() {
    lab::Scene scene = lab::find_scene("eight_gaussians");
    scene.title = "A title";
    scene.panels = {"landscape", "samples"};
    scene.look_at = {0.5, -0.5, 3};
    scene.chains = {{0.25f, 1}, {-1, 2}};
    return lab::scene_json(scene);
}

/// What reading adds, such as a name, is there once it is written again.
void read_shared(const std::string& text) {
    std::vector<std::string> warnings;
    const std::string first = lab::scene_text(lab::parse_scene_text(text, warnings));
    expect_same(first, lab::scene_text(lab::parse_scene_text(first, warnings)));
}

void read_scene(const std::string& text) {
    std::vector<std::string> warnings;
    const lab::Scene first = lab::parse_scene(text, "scene.json", warnings);
    const std::string written = lab::scene_json(first);
    expect_same(written, lab::scene_json(lab::parse_scene(written, "scene.json", warnings)));
    std::string shared;
    try {
        shared = lab::scene_text(first);
    } catch (const Error&) { // it names files
        return;
    }
    read_shared(shared);
}

struct Kind {
    const char* name;
    std::string sound;
    std::function<void(const std::string&)> read;
};

} // namespace

int main(int argument_count, char** arguments) {
    const auto rounds = static_cast<std::uint32_t>(argument_count > 1 ? std::atol(arguments[1]) : 2000);
    const std::uint64_t seed = argument_count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
    const Kind kinds[] = {{"preferences", preferences(), read_preferences}, {"scene", scene(), read_scene}};
    std::size_t accepted = 0, refused = 0, wrong = 0;
    const auto attempt = [&](const char* name, const std::string& text, const auto& read, bool sound) {
        try {
            read(text);
            ++accepted;
        } catch (const Error& error) {
            ++refused;
            if (!sound) return;
            ++wrong;
            std::printf("%s: the undamaged text is refused: %s\n", name, error.what());
        } catch (const std::exception& error) {
            ++wrong;
            std::printf("%s: %s\nafter this text:\n%s\n", name, error.what(), text.c_str());
        }
    };
    for (const Kind& kind : kinds)
        for (std::uint32_t round = 0; round <= rounds; ++round) {
            fuzz::Choices choices(seed, kind.name[0], round);
            attempt(kind.name, round == 0 ? kind.sound : damaged(kind.sound, choices, round), kind.read,
                    round == 0);
        }
    const std::string shared = lab::scene_text(lab::find_scene("two_moons"));
    for (std::uint32_t round = 0; round <= rounds; ++round) {
        fuzz::Choices choices(seed, 2, round);
        const fuzz::Bytes bytes = fuzz::mutated(files::as_bytes(shared), files::as_bytes(shared), choices);
        attempt("shared scene", round == 0 ? shared : std::string(files::as_text(bytes)), read_shared,
                round == 0);
    }
    std::printf("fuzz: %zu texts accepted, %zu refused, %zu wrong\n", accepted, refused, wrong);
    return wrong == 0 ? 0 : 1;
}
