#include "core/base/error.h"
#include "core/lab/scene.h"
#include "tests/unit/failure.h"

#include <set>

#include <doctest/doctest.h>

using ebm::Error;
using ebm::Settings;
using ebm::lab::parse_scene;
using ebm::lab::Scene;
using ebm::tests::contains;

namespace {

std::string with_settings(const std::string& settings) {
    return R"({"format": "ebmlab-scene", "version": 1, "name": "try", "settings": )" + settings + "}";
}

std::string failure_to_parse(const std::string& json) {
    std::vector<std::string> warnings;
    try {
        parse_scene(json, "try.json", warnings);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

/// A value that is allowed and is not the default.
void change(const ebm::Setting& row, Settings& settings) {
    if (row.type == ebm::SettingType::text) return row.set_text(settings, "größe \"x\"/\\ 漢字");
    const double now = row.number(settings);
    if (row.type == ebm::SettingType::real)
        return row.set_number(settings, now == row.high ? row.low : now + (row.high - now) / 3);
    row.set_number(settings, now == row.high ? row.low : now + 1);
}

} // namespace

DOCTEST_TEST_CASE("a scene with every setting changed survives JSON exactly") {
    Scene scene;
    scene.name = "name";
    scene.title = "Title – “x”";
    scene.group = "Planes";
    scene.description = "Says\nsomething.";
    scene.checkpoint = "models/m.safetensors";
    scene.parts = {{"", "a.safetensors", ""}};
    scene.order = 42;
    scene.panels = {"landscape", "energies", "chain"};
    scene.in_front = {"landscape", "chain"};
    for (const ebm::Setting& row : ebm::settings_table())
        if (row.key != "sampler.box_low") change(row, scene.settings);
    const Settings defaults;
    for (const ebm::Setting& row : ebm::settings_table())
        if (row.key != "sampler.box_low")
            DOCTEST_CHECK_MESSAGE(!row.is_default(scene.settings, defaults), row.key);

    std::vector<std::string> warnings;
    const Scene back = parse_scene(ebm::lab::scene_json(scene), "back", warnings);
    DOCTEST_CHECK(warnings.empty());
    DOCTEST_CHECK(back.settings == scene.settings);
    DOCTEST_CHECK(back.name == scene.name);
    DOCTEST_CHECK(back.title == scene.title);
    DOCTEST_CHECK(back.group == scene.group);
    DOCTEST_CHECK(back.description == scene.description);
    DOCTEST_CHECK(back.checkpoint == scene.checkpoint);
    DOCTEST_CHECK((back.parts == scene.parts));
    DOCTEST_CHECK(back.order == scene.order);
    DOCTEST_CHECK(back.panels == scene.panels);
    DOCTEST_CHECK(back.in_front == scene.in_front);
}

DOCTEST_TEST_CASE("a scene file holds only what differs from the defaults") {
    Scene scene;
    scene.settings.sampler.step_size = 0.123;
    const std::string json = ebm::lab::scene_json(scene);
    DOCTEST_CHECK(contains(json, "\"step_size\": 0.123"));
    DOCTEST_CHECK_FALSE(contains(json, "batch"));
    DOCTEST_CHECK_FALSE(contains(json, "gradient_clip"));
}

DOCTEST_TEST_CASE("unknown keys are ignored with the nearest known name") {
    std::vector<std::string> warnings;
    const Scene scene = parse_scene(R"({"format": "ebmlab-scene", "version": 1, "titel": "x",
        "settings": {"sampler": {"step_sise": 3, "steps": 7}, "samplr": 4}})",
                                    "try.json", warnings);
    DOCTEST_CHECK(scene.settings.sampler.steps == 7);
    DOCTEST_CHECK(scene.settings.sampler.step_size == Settings().sampler.step_size);
    DOCTEST_REQUIRE(warnings.size() == 3);
    DOCTEST_CHECK(contains(warnings[0], "'titel'"));
    DOCTEST_CHECK(contains(warnings[0], "Did you mean 'title'?"));
    DOCTEST_CHECK(contains(warnings[1], "try.json"));
    DOCTEST_CHECK(contains(warnings[1], "Did you mean 'sampler.step_size'?"));
    DOCTEST_CHECK(contains(warnings[2], "samplr"));
}

DOCTEST_TEST_CASE("a setting of a scene file may be named by its whole key, as --set names it") {
    std::vector<std::string> warnings;
    const Scene scene = parse_scene(
        R"({"format": "ebmlab-scene", "version": 1, "sampler.steps": 5,
            "settings": {"sampler.step_size": 0.25, "train.bach": 3, "train": {"batch": 7}}})",
        "try.json", warnings);
    DOCTEST_CHECK(scene.settings.sampler.step_size == 0.25);
    DOCTEST_CHECK(scene.settings.train.batch == 7);
    DOCTEST_REQUIRE(warnings.size() == 2);
    DOCTEST_CHECK(contains(warnings[0], "belong under \"settings\""));
    DOCTEST_CHECK(contains(warnings[1], "Did you mean 'train.batch'?"));
}

DOCTEST_TEST_CASE("a bad scene is refused in one line that says what, where and what to do") {
    struct Bad {
        std::string json, says;
    };
    const Bad table[] = {
        {"", "empty"},
        {"{", "line 1, column 2"},
        {"{\"format\":\n\n  oops}", "line 3, column 3"},
        {"[]", "not a scene"},
        {"{}", "not a scene"},
        {R"({"format": "other", "version": 1})", "not a scene"},
        {R"({"format": "ebmlab-scene"})", "version"},
        {R"({"format": "ebmlab-scene", "version": 2})", "newer"},
        {R"({"format": "ebmlab-scene", "version": "1"})", "version"},
        {R"({"format": "ebmlab-scene", "version": 1, "title": 3})", "\"title\""},
        {R"({"format": "ebmlab-scene", "version": 1, "order": -1})", "order"},
        {with_settings("[]"), "settings"},
        {with_settings(R"({"train": {"batch": "many"}})"), "train.batch"},
        {with_settings(R"({"train": {"batch": 1.5}})"), "train.batch"},
        {with_settings(R"({"train": {"batch": 0}})"), "from 1 to 4096"},
        {with_settings(R"({"train": {"learning_rate": 1e999}})"), "try.json"},
        {with_settings(R"({"train": {"learning_rate": null}})"), "train.learning_rate"},
        {with_settings(R"({"sampler": {"kind": "mcmc"}})"), "sampler.kind"},
        {with_settings(R"({"sampler": {"box": 1}})"), "sampler.box"},
        {with_settings(R"({"sampler": {"box_low": 5}})"), "box"},
        {with_settings(std::string(100, '[')), "try.json"},
        {with_settings(std::string(100, '[') + std::string(100, ']')), "nested"},
        {std::string(1 << 21, ' '), "more than a scene"},
        {with_settings(R"({"data": {"path": ")" + std::string(5000, 'x') + "\"}}"), "data.path"},
    };
    for (const Bad& bad : table) {
        const std::string message = failure_to_parse(bad.json);
        const std::string head = bad.json.substr(0, 100);
        DOCTEST_CAPTURE(head);
        DOCTEST_CAPTURE(message);
        DOCTEST_CHECK(contains(message, bad.says));
        DOCTEST_CHECK(contains(message, "try.json"));
        DOCTEST_CHECK_FALSE(contains(message, "\n"));
        DOCTEST_CHECK_FALSE(contains(message, "json.exception"));
    }
}

DOCTEST_TEST_CASE("the built-in scenes are complete and in the order of the picker") {
    const auto& scenes = ebm::lab::built_in_scenes();
    std::set<std::string> names;
    for (const Scene& scene : scenes) {
        DOCTEST_CAPTURE(scene.name);
        DOCTEST_CHECK(names.insert(scene.name).second);
        DOCTEST_CHECK_FALSE(scene.title.empty());
        DOCTEST_CHECK_FALSE(scene.group.empty());
        DOCTEST_CHECK_FALSE(scene.description.empty());
        DOCTEST_CHECK(std::filesystem::exists(ebm::lab::assets_folder() / "scenes" / (scene.name + ".json")));
        DOCTEST_CHECK(scene.order != Scene().order);
    }
    DOCTEST_REQUIRE_FALSE(scenes.empty());
    DOCTEST_CHECK(scenes.front().name == "eight_gaussians");
    for (const char* name :
         {"two_moons", "two_spirals", "swiss_roll", "checkerboard", "rings", "pinwheel", "grid_gaussians",
          "two_moons_published", "points", "gaussian_mixture", "double_well", "banana", "funnel", "ring",
          "muller_brown", "fashion_mnist", "fashion_mnist_trained", "fashion_mnist_convnet"})
        DOCTEST_CHECK_MESSAGE(names.count(name) == 1, name);
    DOCTEST_CHECK(ebm::lab::find_scene("eight_gaussians").settings == Settings());
    DOCTEST_CHECK(std::filesystem::exists(ebm::lab::find_scene("points").settings.data.path));
}

DOCTEST_TEST_CASE("an unknown scene names the nearest one") {
    std::string message;
    try {
        ebm::lab::find_scene("two_moon");
    } catch (const Error& error) {
        message = error.what();
    }
    DOCTEST_CHECK(contains(message, "two_moons"));
    DOCTEST_CHECK_THROWS_AS(ebm::lab::find_scene("no/such/scene.json"), Error);
}

DOCTEST_TEST_CASE("the paper's runs have one command on a card, and say what the code does differently") {
    int found = 0;
    for (const Scene& scene : ebm::lab::built_in_scenes()) {
        if (scene.group != "The paper's runs") continue;
        ++found;
        DOCTEST_CHECK_FALSE(scene.settings.model.spectral_every_step); // on the CPU only
        DOCTEST_CHECK(scene.settings.model.zero_to_one);
        DOCTEST_CHECK(scene.settings.train.element_clip);
        const bool trains = scene.name != "cifar10_classes_sampling";
        DOCTEST_CHECK(
            contains(scene.description, trains ? "model.spectral_every_step=true" : "test_inception.py"));
        if (trains) DOCTEST_CHECK(scene.settings.buffer.order == ebm::SlotOrder::fifo); // as the code
    }
    DOCTEST_CHECK(found == 5);
}
