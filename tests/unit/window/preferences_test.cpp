#include "app/window/preferences.h"

#include "app/window/dialogs.h"

#include <doctest/doctest.h>

using namespace ebm::window;

DOCTEST_TEST_CASE("preferences survive the way through JSON") {
    Preferences before;
    before.theme = ThemeKind::light;
    before.zoom = 1.35f;
    before.colormap = Colormap::magma;
    before.open_panels = {{"log", false}, {"chain", true}};
    before.remember_file("/tmp/a.json");
    DOCTEST_CHECK(parse_preferences(preferences_json(before)) == before);
}

DOCTEST_TEST_CASE("damaged preferences give defaults instead of an error") {
    for (const char* text :
         {"", "{", "[]", "null", R"({"theme": 3, "zoom": "big", "panels": [1], "recent_files": {}})"})
        DOCTEST_CHECK(parse_preferences(text) == Preferences{});
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
}
