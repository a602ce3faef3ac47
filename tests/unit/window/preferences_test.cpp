#include "app/window/preferences.h"

#include "app/window/dialogs.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "tests/unit/temporary_folder.h"

#include <doctest/doctest.h>

using namespace ebm::window;

DOCTEST_TEST_CASE("preferences survive the way through JSON") {
    Preferences before;
    before.theme = ThemeKind::light;
    before.zoom = 1.35f;
    before.colormap = Colormap::magma;
    before.open_panels = {{"log", false}, {"chain", true}};
    before.pictures = true;
    before.lessons = {{"density", 3}, {"density/step", 4}};
    before.remember_file("/tmp/a.json");
    DOCTEST_CHECK(parse_preferences(preferences_json(before)) == before);
}

DOCTEST_TEST_CASE(
    "preferences that are no JSON object are an error; entries that cannot be used are as by default") {
    for (const char* text : {"", "{", "[]", "null", R"({"theme": "light")"})
        DOCTEST_CHECK_THROWS_AS(parse_preferences(text), ebm::Error);
    DOCTEST_CHECK_THROWS_AS(parse_preferences(std::string(100000, '[')), ebm::Error);
    const char* odd_entries = R"({"theme": 3, "zoom": "big", "panels": [1], "recent_files": {}})";
    DOCTEST_CHECK(parse_preferences(odd_entries) == Preferences{});
    DOCTEST_CHECK(parse_preferences(R"({"zoom": 1e9})").zoom == 3.0f);
    DOCTEST_CHECK(parse_preferences(R"({"recent_files": [1, "x"]})").recent_files ==
                  std::vector<std::string>{"x"});
    Preferences odd;
    odd.recent_files = {"\xff\xfe"};
    DOCTEST_CHECK(parse_preferences(preferences_json(odd)).recent_files.size() == 1);
}

DOCTEST_TEST_CASE("recent files: newest first, once, at most ten") {
    Preferences preferences;
    for (int i = 0; i < 12; ++i)
        preferences.remember_file("/data/" + std::to_string(i));
    preferences.remember_file("/data/5");
    preferences.remember_file("/data/./x/../7");
    DOCTEST_CHECK(preferences.recent_files.size() == 10);
    DOCTEST_CHECK(preferences.recent_files[0] == "/data/7");
    DOCTEST_CHECK(preferences.recent_files[1] == "/data/5");
    DOCTEST_CHECK(preferences.recent_files[2] == "/data/11");
}

DOCTEST_TEST_CASE("file patterns and extensions") {
    DOCTEST_CHECK(matches("A.JSON", "*.json"));
    DOCTEST_CHECK(matches("train-images-idx3-ubyte.gz", "*-ubyte.gz"));
    DOCTEST_CHECK_FALSE(matches("json", "*.json"));
    DOCTEST_CHECK(matches("anything", "*"));
    const std::vector<FileFilter> scenes = {{"Scenes", {"*.json"}}};
    DOCTEST_CHECK(with_extension("/a.b/moons", scenes) == "/a.b/moons.json");
    DOCTEST_CHECK(with_extension("/a/moons.json", scenes) == "/a/moons.json");
    DOCTEST_CHECK(with_extension("x", {}) == "x");
    const std::vector<FileFilter> folder_first = {{"Pictures", {}}, {"GIF", {"*.gif"}}};
    DOCTEST_CHECK(with_extension("/a/run", folder_first) == "/a/run/");
    DOCTEST_CHECK(with_extension("/a/run/", folder_first) == "/a/run/");
    DOCTEST_CHECK(with_extension("/a/run.gif", folder_first) == "/a/run.gif");
}

DOCTEST_TEST_CASE("an unusable file of the configuration folder is kept aside and the default used") {
    const ebm::tests::TemporaryFolder folder;
    Preferences light;
    light.theme = ThemeKind::light;
    DOCTEST_CHECK(read_configuration(folder.path, light).preferences == light);
    DOCTEST_CHECK(read_configuration(folder.path, light).notices.empty());
    for (const char* name : {"preferences.json", "layout-3-wide.ini", "layout-3-narrow.ini"}) {
        for (const int round : {1, 2}) {
            ebm::files::write_atomically(folder.path / name, "{\"zoom\": 1.5");
            const Configuration found = read_configuration(folder.path, light);
            DOCTEST_CHECK(found.preferences == light);
            DOCTEST_CHECK(found.layouts.empty());
            DOCTEST_REQUIRE(found.notices.size() == 1);
            const auto aside = folder.path / (std::string(name) + ".unusable-" + std::to_string(round));
            DOCTEST_CHECK(found.notices[0].find(aside.string()) != std::string::npos);
            DOCTEST_CHECK(ebm::files::read_text(aside, 100) == "{\"zoom\": 1.5");
            DOCTEST_CHECK(!std::filesystem::exists(folder.path / name));
        }
    }
    // Where this happens at every start, the newest five are kept.
    for (int round = 3; round <= 12; ++round) {
        ebm::files::write_atomically(folder.path / "preferences.json", "{" + std::to_string(round));
        read_configuration(folder.path, light);
    }
    for (int round = 1; round <= 12; ++round) {
        const auto aside = folder.path / ("preferences.json.unusable-" + std::to_string(round));
        DOCTEST_CHECK(std::filesystem::exists(aside) == (round > 7));
    }
    DOCTEST_CHECK(ebm::files::read_text(folder.path / "preferences.json.unusable-12", 100) == "{12");
    DOCTEST_CHECK(std::filesystem::exists(folder.path / "layout-3-wide.ini.unusable-1"));
    // A folder in the place of the file neither ends the start nor stays in the way of the next save.
    std::filesystem::create_directories(folder.path / "preferences.json" / "inside");
    DOCTEST_CHECK(read_configuration(folder.path, light).notices.size() == 1);
    write_preferences(folder.path, light);
    DOCTEST_CHECK(read_configuration(folder.path, {}).preferences == light);
}
