#include "../temporary_folder.h"
#include "small_scene.h"

#include "core/base/error.h"
#include "core/data/drawing.h"
#include "core/lab/composition.h"
#include "core/lab/scene_text.h"
#include "tests/unit/failure.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>

using namespace ebm;
using tests::contains;
using tests::failure_of;
using namespace ebm::lab;
using namespace ebm::tests;

namespace {

std::string scene_file(const std::string& energies, const std::string& settings = "{}") {
    return R"({"format": "ebmlab-scene", "version": 1, "name": "both", "energies": )" + energies +
           R"(, "settings": )" + settings + "}";
}
const std::string plane =
    R"({"data": {"set": "none"}, "view": {"resolution": 32}, "sampler": {"chains": 20}})";
const std::string moons_data =
    R"({"data": {"set": "two_moons"}, "view": {"resolution": 32}, "sampler": {"chains": 20}})";

Scene parsed(const std::string& energies, const std::string& settings = plane) {
    std::vector<std::string> warnings;
    const Scene scene = parse_scene(scene_file(energies, settings), "test", warnings);
    DOCTEST_CHECK(warnings.empty());
    return scene;
}

std::string refusal_of(const std::string& energies, const std::string& settings = plane) {
    return failure_of([&] { Laboratory(plain).apply(OpenScene{parsed(energies, settings), false}); });
}
std::vector<float> energies_of(Laboratory& laboratory) {
    return probe(laboratory);
}
std::vector<float> energies_of(const std::string& name) {
    Laboratory laboratory(plain);
    laboratory.apply(OpenScene{find_scene(name), false});
    return probe(laboratory);
}

} // namespace

DOCTEST_TEST_CASE("A scene of several energies: sum, live weights, change mark, reset, file and text") {
    const std::string both =
        R"({"as": "and", "parts": [{"energy": "ring", "weight": 1}, {"scene": "double_well", "weight": 0.5}]})";
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{parsed(both), false});
    const std::vector<float> ring = energies_of("ring"), well = energies_of("double_well");
    std::vector<float> found = energies_of(laboratory);
    for (std::size_t i = 0; i < found.size(); ++i)
        DOCTEST_CHECK(found[i] == doctest::Approx(ring[i] + 0.5 * well[i]).epsilon(1e-4));
    Snapshot s = look(laboratory);
    DOCTEST_CHECK(s.energy_title == "Ring AND Double well");
    DOCTEST_REQUIRE(s.parts);
    DOCTEST_CHECK(s.parts->at(1).title == "Double well");
    DOCTEST_CHECK(contains(s.kernel, "2 parts: fused"));
    DOCTEST_CHECK_FALSE(s.trainable);

    laboratory.apply(StepChains{3});
    laboratory.apply(ChangeSetting{"compose.weights", "1, -2"});
    s = look(laboratory);
    DOCTEST_CHECK(s.energy_title == "Ring AND NOT Double well");
    DOCTEST_CHECK(s.chain_steps == 3); // chains go on where they are
    DOCTEST_CHECK_FALSE(setting("compose.weights").is_default(s.settings, s.scene.settings));
    found = energies_of(laboratory);
    for (std::size_t i = 0; i < found.size(); ++i)
        DOCTEST_CHECK(found[i] == doctest::Approx(ring[i] - 2 * well[i]).epsilon(1e-4));
    laboratory.apply(Reset{});
    DOCTEST_CHECK(energies_of(laboratory) == found);

    // A part that is left out is not named.
    laboratory.apply(ChangeSetting{"compose.weights", "0, 1"});
    DOCTEST_CHECK(look(laboratory).energy_title == "Double well");
    laboratory.apply(ChangeSetting{"compose.weights", "0, 0"});
    DOCTEST_CHECK(look(laboratory).energy_title == "nothing: every weight is 0");
    laboratory.apply(ChangeSetting{"compose.weights", "1, -2"});

    // What cannot be is refused, and the energy stays.
    DOCTEST_CHECK(contains(failure_of([&] {
                               laboratory.apply(ChangeSetting{"compose.as", "or"});
                           }),
                           "OR cannot"));
    DOCTEST_CHECK(contains(failure_of([&] {
                               laboratory.apply(ChangeSetting{"compose.weights", "1"});
                           }),
                           "2 parts need as many weights, and 1 is given"));
    DOCTEST_CHECK(contains(failure_of([&] {
                               laboratory.apply(ChangeSetting{"compose.weights", "1, inf"});
                           }),
                           "'inf' is not a number from"));
    DOCTEST_CHECK(energies_of(laboratory) == found);
    laboratory.apply(ChangeSetting{"compose.weights", "1, 0.25"});
    laboratory.apply(ChangeSetting{"compose.as", "or"});
    found = energies_of(laboratory);
    for (std::size_t i = 0; i < found.size(); ++i)
        DOCTEST_CHECK(
            found[i] ==
            doctest::Approx(-std::log(std::exp(-ring[i]) + 0.25 * std::exp(-well[i]))).epsilon(1e-3));

    // Saved as it is now, and opened again.
    Scene saved = laboratory.scene();
    saved.settings = look(laboratory).settings;
    std::vector<std::string> warnings;
    const Scene back = parse_scene(scene_json(saved), "saved", warnings);
    DOCTEST_CHECK(warnings.empty());
    DOCTEST_CHECK(contains(scene_json(saved), "\"weight\": 0.25"));
    DOCTEST_CHECK_FALSE(contains(scene_json(saved), "compose"));
    DOCTEST_CHECK((back.parts == saved.parts));
    DOCTEST_CHECK(back.settings == saved.settings);
    DOCTEST_CHECK((parse_scene_text(scene_text(saved), warnings).parts == saved.parts));
    Laboratory again(plain);
    again.apply(OpenScene{back, false});
    DOCTEST_CHECK(energies_of(again) == found);
}

DOCTEST_TEST_CASE("Parts of a trained model: by checkpoint, with a class, in a scene of a scene") {
    const TemporaryFolder folder;
    Scene moons = small_scene();
    moons.settings.model.conditional = true;
    const std::string path = (folder.path / "moons.safetensors").string();
    Laboratory trained(plain);
    trained.apply(OpenScene{moons, false});
    train(trained, 2);
    trained.apply(SaveCheckpoint{path});
    const std::vector<float> by_class = trained.class_energies({1, {}, {0.5f, 0.25f}});

    const auto energy_at = [](Laboratory& laboratory) {
        std::vector<float> energy;
        laboratory.energies({1, {}, {0.5f, 0.25f}}, -1, energy, nullptr);
        return energy.at(0);
    };
    const std::string part = R"({"checkpoint": ")" + path + R"(", "class": "lower moon", "weight": 2})";
    Laboratory laboratory(plain);
    laboratory.apply(OpenScene{parsed(R"({"parts": [)" + part + "]}"), false});
    DOCTEST_CHECK(energy_at(laboratory) == doctest::Approx(2 * by_class[1]));
    laboratory.apply(ChangeSetting{"compose.classes", "upper moon"});
    DOCTEST_CHECK(energy_at(laboratory) == doctest::Approx(2 * by_class[0]));
    DOCTEST_CHECK(contains(failure_of([&] {
                               laboratory.apply(ChangeSetting{"compose.classes", "uper moon"});
                           }),
                           "upper moon"));

    // Without a class the energy is conditional on those of its part, which these data do not have.
    DOCTEST_CHECK(contains(failure_of([&] {
                               laboratory.apply(ChangeSetting{"compose.classes", ""});
                           }),
                           "do not have the classes"));
    DOCTEST_CHECK(energy_at(laboratory) == doctest::Approx(2 * by_class[0]));

    // With data that have them: at once as after a reset.
    Laboratory live(plain);
    live.apply(OpenScene{parsed(R"({"parts": [)" + part + "]}", moons_data), false});
    live.apply(ChangeSetting{"compose.classes", ""});
    DOCTEST_CHECK(look(live).chains.labels.size() == look(live).chains.energy.size());
    const float joint = energy_at(live);
    live.apply(Reset{});
    DOCTEST_CHECK(energy_at(live) == doctest::Approx(joint));
    DOCTEST_CHECK(look(live).chains.labels.size() == look(live).chains.energy.size());

    // A scene whose part is a scene with parts, with an analytic energy beside it; any class.
    std::ofstream(folder.path / "inner.json") << scene_file(R"({"parts": [)" + part + "]}", plane);
    std::ofstream(folder.path / "outer.json") << scene_file(
        R"({"parts": [{"scene": "inner.json"}, {"energy": "banana"}, {"checkpoint": "moons.safetensors", "class": ""}]})",
        plane);
    Laboratory outer(plain);
    outer.apply(OpenScene{find_scene((folder.path / "outer.json").string()), false});
    Laboratory banana(plain);
    banana.apply(OpenScene{find_scene("banana"), false});
    const double any = -std::log(std::exp(-by_class[0]) + std::exp(-by_class[1]));
    DOCTEST_CHECK(energy_at(outer) ==
                  doctest::Approx(2 * by_class[1] + energy_at(banana) + any).epsilon(1e-4));
}

DOCTEST_TEST_CASE("Nonsense in the list of energies is refused in words") {
    const TemporaryFolder folder;
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": []})"), "no list of 1 to 1000"));
    DOCTEST_CHECK(contains(refusal_of(R"([])"), "no list of 1 to 1000"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [1]})"), "not an object"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"weight": 1}]})"), "does not say what it is"));
    DOCTEST_CHECK(
        contains(refusal_of(R"({"parts": [{"energy": "ring", "scene": "ring"}]})"), "does not say what"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"energy": "ring", "weight": 1e999}]})"), "too large"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"energy": "ring", "weight": "1"}]})"), "not a number"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"energy": "ring", "weight": 1e300}]})"),
                           "not a number from -1000000 to 1000000"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"energy": "ring", "class": 0}]})"), "without classes"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"scene": "sprites_trained", "class": 99}]})",
                                      R"({"data": {"set": "sprites", "count": 1000}})"),
                           "99"));
    DOCTEST_CHECK(contains(refusal_of(R"({"as": "xor", "parts": [{"energy": "ring"}]})"), "and, or"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"energy": "rign"}]})"), "Did you mean ring?"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"energy": "mlp"}]})"), "has to be trained"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"scene": "rign"}]})"), "Did you mean ring?"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"scene": "two_moons"}]})"), "no trained model"));
    DOCTEST_CHECK(
        contains(refusal_of(R"({"parts": [{"checkpoint": "no/such.safetensors"}]})"), "such.safetensors"));
    DOCTEST_CHECK(contains(
        refusal_of(R"({"parts": [{"energy": "ring"}, {"scene": "sprites_trained", "class": "ring"}]})"),
        "{2} and {3, 32, 32}"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"scene": "sprites_trained", "class": "ring"}]})"),
                           "do not have the shape"));
    DOCTEST_CHECK(contains(refusal_of(R"({"parts": [{"scene": "sprites_trained", "class": "rnig"}]})",
                                      R"({"data": {"set": "sprites", "count": 1000}})"),
                           "ring"));
    // What lies nowhere is missed beside the scene that names it.
    std::ofstream(folder.path / "lost.json")
        << scene_file(R"({"parts": [{"checkpoint": "lost.safetensors"}]})", plane);
    DOCTEST_CHECK(contains(
        failure_of([&] {
            Laboratory(plain).apply(OpenScene{find_scene((folder.path / "lost.json").string()), false});
        }),
        (folder.path / "lost.safetensors").string()));
    std::ofstream(folder.path / "loop.json") << scene_file(R"({"parts": [{"scene": "loop.json"}]})", plane);
    DOCTEST_CHECK(contains(
        failure_of([&] {
            Laboratory(plain).apply(OpenScene{find_scene((folder.path / "loop.json").string()), false});
        }),
        "part of itself"));
    std::vector<std::string> warnings;
    parse_scene(scene_file(R"({"parts": [{"energy": "ring", "wieght": 2}]})"), "test", warnings);
    DOCTEST_CHECK(warnings.size() == 1);
}

DOCTEST_TEST_CASE(
    "Walls are added to the energy that chains feel, whether the model trains or not, and are saved") {
    data::Drawing wall;
    for (std::size_t row = 0; row < 128; ++row)
        for (std::size_t column = 62; column < 66; ++column)
            wall.cells[row * 128 + column] = 255;
    Laboratory laboratory(window);
    Scene scene = small_scene();
    laboratory.apply(OpenScene{scene, false});
    train(laboratory, 1);
    const std::vector<float> points{0, 1, 1, 1};
    const auto energies = [&] {
        std::vector<float> energy;
        laboratory.energies({2, {}, points}, -1, energy, nullptr);
        return energy;
    };
    const std::vector<float> before = energies();
    laboratory.apply(ChangeSetting{"sampler.walls", data::drawing_text(wall)});
    DOCTEST_CHECK(energies()[0] == doctest::Approx(before[0] + 12).epsilon(1e-4));
    DOCTEST_CHECK(energies()[1] == doctest::Approx(before[1]));
    DOCTEST_CHECK(look(laboratory).iteration == 1);
    train(laboratory, 1); // training does not see them
    // Nor does the judgement of the model.
    const auto kl = [&] { return laboratory.evaluate({}, 50).divergence->kl; };
    const double walled = kl();
    laboratory.apply(ChangeSetting{"sampler.walls", ""});
    DOCTEST_CHECK(walled == kl());
    laboratory.apply(ChangeSetting{"sampler.walls", data::drawing_text(wall)});
    Scene saved = laboratory.scene();
    saved.settings = look(laboratory).settings;
    std::vector<std::string> warnings;
    DOCTEST_CHECK(parse_scene(scene_json(saved), "saved", warnings).settings == saved.settings);
    laboratory.apply(ChangeSetting{"sampler.walls", ""});
    DOCTEST_CHECK(energies()[0] != doctest::Approx(before[0] + 12));
    DOCTEST_CHECK(contains(failure_of([&] {
                               laboratory.apply(ChangeSetting{"sampler.walls", "x"});
                           }),
                           "no drawing"));
}
