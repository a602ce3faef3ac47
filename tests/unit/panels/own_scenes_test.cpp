#include "app/panels/own_scenes.h"

#include "core/base/files.h"
#include "tests/unit/temporary_folder.h"

#include <doctest/doctest.h>

namespace ebm::panels {
namespace {

DOCTEST_TEST_CASE("own scenes: a title becomes a plain file name") {
    DOCTEST_CHECK(own_scene_name("Two moons, wide!") == "my_two_moons_wide");
    DOCTEST_CHECK(own_scene_name("../../etc/passwd") == "my_etc_passwd");
    DOCTEST_CHECK(own_scene_name("\u4e8c") == "my");
    DOCTEST_CHECK(own_scene_name(std::string(500, 'a')).size() == 60);
}

DOCTEST_TEST_CASE("own scenes: one of the same title is replaced, other files are left alone") {
    const tests::TemporaryFolder folder;
    lab::Scene scene;
    scene.title = "Mine";
    const auto first = keep_own_scene(folder.path / "scenes", scene);
    scene.settings.sampler.chains = 7;
    DOCTEST_CHECK(keep_own_scene(folder.path / "scenes", scene) == first);
    scene.title = "mine!";
    const auto second = keep_own_scene(folder.path / "scenes", scene);
    DOCTEST_CHECK(second != first);
    files::write_atomically(folder.path / "scenes" / "broken.json", std::string_view("{"));
    std::vector<BrokenScene> broken;
    const auto scenes = read_own_scenes(folder.path / "scenes", &broken);
    DOCTEST_REQUIRE(scenes.size() == 2);
    DOCTEST_CHECK(scenes[0].scene.title == "Mine");
    DOCTEST_CHECK(scenes[0].scene.settings.sampler.chains == 7);
    DOCTEST_CHECK(scenes[0].scene.name == first.stem());
    DOCTEST_REQUIRE(broken.size() == 1);
    DOCTEST_CHECK(broken[0].path.filename() == "broken.json");
    DOCTEST_CHECK(broken[0].why.find("broken.json") != std::string::npos);
    DOCTEST_CHECK(read_own_scenes(folder.path / "nowhere").empty());
    files::write_atomically(folder.path / "scenes" / "broken.json.aside", std::string_view("of before"));
    DOCTEST_CHECK(put_aside(broken[0].path).filename() == "broken.json-002.aside");
    broken.clear();
    DOCTEST_CHECK(read_own_scenes(folder.path / "scenes", &broken).size() == 2);
    DOCTEST_CHECK(broken.empty());
}

} // namespace
} // namespace ebm::panels
