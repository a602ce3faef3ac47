#include "../temporary_folder.h"
#include "small_scene.h"

#include "core/base/log.h"
#include "core/measure/health.h"

#include <fstream>
#include <thread>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;
using namespace ebm::tests;
using measure::Health;
using measure::HealthLevel;

namespace {

/// The same with the sampler that is recommended, which does not diverge.
Scene recipe_scene() {
    Scene scene = diverging_scene();
    scene.settings.sampler = Settings().sampler;
    scene.settings.sampler.chains = 100;
    scene.settings.train.learning_rate = 0.005;
    return scene;
}

std::string scene_text(const char* key) {
    return setting(key).text(diverging_scene().settings);
}

Health verdict(Laboratory& laboratory) {
    laboratory.refresh_views();
    return *look(laboratory).health;
}

/// With steps so large that nothing is accepted. Checks that it is noticed.
Health verdict_on_stuck_chains(Laboratory& laboratory) {
    laboratory.apply(ChangeSetting{"sampler.step_size", "50"});
    laboratory.apply(StepChains{2000}); // a reading is of the last fifth of a second
    const Health stuck = verdict(laboratory);
    DOCTEST_CHECK_MESSAGE(stuck.level == HealthLevel::attention, stuck.sentence);
    return stuck;
}

/// What the remedy's button does.
void apply(Laboratory& laboratory, const Health& health) {
    for (const auto& [key, value] : health.changes)
        laboratory.apply(ChangeSetting{key, value});
    if (health.then == Health::Then::reset) laboratory.apply(Reset{});
    if (health.then == Health::Then::roll_back)
        look(laboratory).roll_back_iteration >= 0 ? laboratory.apply(RollBack{}) : laboratory.apply(Reset{});
}

void train_to_the_end(Laboratory& laboratory) {
    while (look(laboratory).iteration < laboratory.settings().train.iterations)
        laboratory.train_iteration();
    laboratory.apply(StepChains{100});
}

} // namespace

DOCTEST_TEST_CASE("the remedy of a run that diverges cures it, pressed once") {
    struct Case {
        const char *name, *cure; ///< the setting that the remedy changes first
        std::vector<std::pair<std::string, std::string>> settings;
    };
    for (const Case& sick : {Case{"plain Langevin", "sampler.kind", {}},
                             Case{"MALA with unlimited drift",
                                  "sampler.drift_limit",
                                  {{"sampler.kind", "mala"}, {"train.learning_rate", "0.04"}}},
                             Case{"a clip that is too tight",
                                  "sampler.gradient_clip",
                                  {{"sampler.kind", "mala"},
                                   {"sampler.drift_limit", "30"},
                                   {"sampler.gradient_clip", "0.01"}}}}) {
        DOCTEST_CAPTURE(sick.name);
        Laboratory laboratory({1, "cpu", true});
        Scene scene = diverging_scene();
        for (const auto& [key, value] : sick.settings)
            setting(key).set_text(scene.settings, value);
        laboratory.apply(OpenScene{scene, false});
        train_to_the_end(laboratory);
        const Health ill = verdict(laboratory);
        DOCTEST_CHECK_MESSAGE(ill.level == HealthLevel::failure, ill.sentence);
        DOCTEST_REQUIRE(!ill.changes.empty());
        DOCTEST_CHECK(ill.changes.front().first == sick.cure);
        apply(laboratory, ill);
        DOCTEST_CHECK(look(laboratory).iteration < 600);
        train_to_the_end(laboratory);
        const Health cured = verdict(laboratory);
        DOCTEST_CHECK_MESSAGE(cured.level == HealthLevel::good, cured.sentence);
    }
}

DOCTEST_TEST_CASE(
    "live chains that stand still are noticed after the training, and their remedy moves them") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{recipe_scene(), false});
    train_to_the_end(laboratory);
    DOCTEST_CHECK_MESSAGE(verdict(laboratory).level == HealthLevel::good, verdict(laboratory).sentence);
    const Health stuck = verdict_on_stuck_chains(laboratory);
    apply(laboratory, stuck);
    laboratory.apply(StepChains{2000});
    DOCTEST_CHECK_MESSAGE(verdict(laboratory).level == HealthLevel::good, verdict(laboratory).sentence);
}

DOCTEST_TEST_CASE("live chains that stand still are noticed while a training rests") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{recipe_scene(), false});
    train(laboratory, 300);
    laboratory.apply(FreezeModel{true});
    laboratory.work(std::chrono::milliseconds(1)); // learns that it rests
    laboratory.apply(StepChains{2000});
    DOCTEST_CHECK_MESSAGE(verdict(laboratory).level == HealthLevel::good, verdict(laboratory).sentence);
    verdict_on_stuck_chains(laboratory);
}

DOCTEST_TEST_CASE("settings that were changed are told in the log once they rest") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{diverging_scene(), false});
    train(laboratory, 7);
    const std::uint64_t first = log::next_index();
    for (const char* value : {"0.02", "0.03", "0.04"}) // a slider on its way
        laboratory.apply(ChangeSetting{"train.learning_rate", value});
    laboratory.apply(ChangeSetting{"train.energy_l2", "0.5"});
    laboratory.apply(ChangeSetting{"train.energy_l2", scene_text("train.energy_l2")}); // and back
    DOCTEST_CHECK(laboratory.work(std::chrono::milliseconds(1)).wait <= 1);
    DOCTEST_CHECK(log::next_index() == first);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    laboratory.work(std::chrono::milliseconds(1));
    const auto messages = log::messages_from(first);
    DOCTEST_REQUIRE(messages.size() == 1);
    DOCTEST_CHECK(messages[0].text == "Learning rate: 0.01 \u2192 0.04 at iteration 7.");
}

DOCTEST_TEST_CASE("points outside the box are counted, and the remedy's box holds them all") {
    const TemporaryFolder folder;
    const std::string path = (folder.path / "outliers.csv").string();
    std::ofstream file(path);
    file << "x,y\n";
    for (int i = 0; i < 990; ++i)
        file << std::sin(i * 1.0) << ',' << std::cos(i * 1.7) << '\n';
    for (int i = 0; i < 10; ++i)
        file << 12 + i << ',' << -11 - i << '\n';
    file.close();
    Laboratory laboratory({1, "cpu", true});
    Scene scene = diverging_scene();
    scene.settings.data.set = "points";
    scene.settings.data.path = path;
    laboratory.apply(OpenScene{scene, false});
    train(laboratory, 1);
    const Health health = verdict(laboratory);
    DOCTEST_CHECK(health.level == HealthLevel::attention);
    DOCTEST_CHECK(health.sentence.find("training points lie outside") != std::string::npos);
    apply(laboratory, health);
    train(laboratory, 1);
    DOCTEST_CHECK(verdict(laboratory).sentence.find("outside") == std::string::npos);
}
