#include "small_scene.h"

#include "core/base/error.h"
#include "core/base/stop_check.h"
#include "core/lab/model_file.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;
using namespace ebm::tests;

namespace {

Scene analytic_scene(const std::string& energy) {
    Scene scene = small_scene();
    scene.settings.data.set = "none";
    scene.settings.model.energy = energy;
    return scene;
}

std::string temporary(const std::string& name) {
    return (std::filesystem::temp_directory_path() / ("ebmlab_" + std::to_string(::getpid()) + name))
        .string();
}

} // namespace

DOCTEST_TEST_CASE("An analytic scene moves its chains without training") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{analytic_scene("double_well"), false});
    const Snapshot before = look(laboratory);
    DOCTEST_CHECK(before.state == State::ready);
    DOCTEST_CHECK_FALSE(before.trainable);
    DOCTEST_CHECK(before.minima.size() >= 4);
    laboratory.apply(StepChains{3});
    const Snapshot after = look(laboratory);
    DOCTEST_CHECK(after.state == State::paused);
    DOCTEST_REQUIRE(after.chains.count == 20);
    DOCTEST_CHECK(after.chains.trail_length == 4);
    DOCTEST_CHECK(after.chains.age[0] == 3);
    // The trail starts where the chains started and ends where they are.
    for (std::size_t i = 0; i < 40; ++i) {
        DOCTEST_CHECK(after.chains.trail[i] == before.chains.positions[i]);
        DOCTEST_CHECK(after.chains.trail[3 * 40 + i] == after.chains.positions[i]);
    }
    DOCTEST_CHECK_THROWS_AS(laboratory.apply(StepTraining{1}), Error);
}

DOCTEST_TEST_CASE("A measurement that nobody waits for any more ends between its parts") {
    struct Ended {};
    Laboratory laboratory({1, "cpu", false});
    laboratory.apply(OpenScene{small_scene(), false});
    laboratory.apply(StepTraining{2});
    int asked = 0;
    const auto measured = [&](int most) {
        asked = 0;
        const StopCheck check([&] {
            if (++asked > most) throw Ended();
        });
        laboratory.refresh_quality(measure::repeated);
    };
    DOCTEST_CHECK_THROWS_AS(measured(3), Ended);
    DOCTEST_CHECK(asked == 4);
    DOCTEST_CHECK(look(laboratory).quality->empty());
    measured(1'000'000);
    DOCTEST_CHECK(asked > 4);
    DOCTEST_REQUIRE(look(laboratory).quality->size() == 1);
    // Without anybody who asks it is the same.
    const double kl = look(laboratory).quality->back().kl;
    laboratory.refresh_quality(measure::repeated);
    DOCTEST_CHECK(look(laboratory).quality->back().kl == kl);
    // The scores are asked about too.
    asked = 0;
    const StopCheck check([&] { throw Ended(); });
    DOCTEST_CHECK_THROWS_AS(laboratory.refresh_view(View::scores), Ended);
}

DOCTEST_TEST_CASE("A run pauses exactly where it is asked to, and only once") {
    const auto run_until_paused = [](Laboratory& laboratory) {
        for (int i = 0; i < 20'000 && look(laboratory).state == State::running; ++i)
            laboratory.work(std::chrono::milliseconds(5));
        return look(laboratory);
    };
    Laboratory chains({1, "cpu", true});
    chains.apply(OpenScene{analytic_scene("double_well"), false});
    chains.apply(PauseAt{537, -1});
    chains.apply(Run{});
    const Snapshot at = run_until_paused(chains);
    DOCTEST_CHECK(at.state == State::paused);
    DOCTEST_CHECK(at.chain_steps == 537);
    chains.apply(Run{}); // it is forgotten then
    chains.work(std::chrono::milliseconds(20));
    DOCTEST_CHECK(look(chains).chain_steps > 537);
    DOCTEST_CHECK(look(chains).state == State::running);

    Laboratory training({1, "cpu", true});
    training.apply(OpenScene{small_scene(), false});
    training.apply(PauseAt{-1, 9});
    training.apply(Run{});
    training.work(std::chrono::milliseconds(1));
    if (look(training).iteration < 9) {
        training.apply(Pause{}); // a person's own pause does not take it away
        training.apply(Run{});
    }
    DOCTEST_CHECK(run_until_paused(training).iteration == 9);
    training.apply(PauseAt{-1, 12});
    training.apply(Reset{});
    training.apply(Run{});
    while (look(training).iteration < 15)
        training.work(std::chrono::milliseconds(5));
    DOCTEST_CHECK(look(training).state == State::running);
}

DOCTEST_TEST_CASE("A run does not depend on the window, on threads or on being resumed") {
    const std::string path = temporary("resume.safetensors");
    Laboratory plain({1, "cpu", false});
    plain.apply(OpenScene{small_scene(), false});
    train(plain, 12);

    Laboratory watched({2, "cpu", true});
    watched.apply(OpenScene{small_scene(), false});
    train(watched, 5);
    watched.apply(StepChains{2});
    watched.refresh_views();
    train(watched, 2);
    watched.apply(SaveCheckpoint{path});

    Laboratory resumed({1, "cpu", false});
    resumed.apply(OpenCheckpoint{path});
    DOCTEST_CHECK(resumed.iteration() == 7);
    train(resumed, 5);

    DOCTEST_CHECK(probe(plain) == probe(resumed));
    std::filesystem::remove(path);
}

DOCTEST_TEST_CASE("Settings act at once, rebuild or are refused as the table says") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{small_scene(), false});
    laboratory.apply(StepTraining{2});
    laboratory.apply(ChangeSetting{"sampler.step_size", "0.02"});
    DOCTEST_CHECK(look(laboratory).iteration == 2);
    DOCTEST_REQUIRE(look(laboratory).changes->size() == 1);
    DOCTEST_CHECK(look(laboratory).changes->front().key == "sampler.step_size");
    laboratory.apply(ChangeSetting{"sampler.chains", "33"});
    DOCTEST_CHECK(look(laboratory).chains.count == 33);
    DOCTEST_CHECK_THROWS_AS(laboratory.apply(ChangeSetting{"sampler.step_size", "-1"}), Error);
    DOCTEST_CHECK_THROWS_AS(laboratory.apply(ChangeSetting{"sampler.box_low", "5"}), Error);
    DOCTEST_CHECK(look(laboratory).settings.sampler.step_size == 0.02);
    laboratory.apply(ChangeSetting{"model.width", "24"});
    DOCTEST_CHECK(look(laboratory).iteration == 0);
    DOCTEST_CHECK(look(laboratory).settings.sampler.step_size == 0.02);
    DOCTEST_CHECK(look(laboratory).scene.settings.model.width == 16);
    // A rebuild that cannot work leaves the run as it was.
    laboratory.apply(StepTraining{1});
    DOCTEST_CHECK_THROWS_AS(laboratory.apply(ChangeSetting{"data.set", "no_such_set"}), Error);
    DOCTEST_CHECK(look(laboratory).iteration == 1);
    DOCTEST_CHECK(look(laboratory).settings.data.set == "two_moons");
}

DOCTEST_TEST_CASE("Chains are dropped, dragged, selected and restarted where the user says") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{small_scene(), false});
    laboratory.apply(StepChains{1});
    laboratory.apply(MoveChain{4, 1.5f, -0.5f});
    Snapshot s = look(laboratory);
    DOCTEST_CHECK(s.chains.positions[8] == 1.5f);
    DOCTEST_CHECK(s.chains.positions[9] == -0.5f);
    laboratory.apply(DropChains{-1, 2, 3, 0});
    s = look(laboratory);
    int there = 0;
    for (std::size_t i = 0; i < 20; ++i)
        there +=
            s.chains.positions[2 * i] == -1 && s.chains.positions[2 * i + 1] == 2 && s.chains.age[i] == 0;
    DOCTEST_CHECK(there == 3);
    laboratory.apply(SelectChain{4});
    laboratory.apply(StepChains{5});
    s = look(laboratory);
    DOCTEST_REQUIRE(s.trace);
    DOCTEST_CHECK(s.trace->energy.size() == 5);
    DOCTEST_CHECK(s.trace->positions[8] == s.chains.positions[8]);
    laboratory.apply(RestartChains{ChainStart::data, {0, 1}, ""});
    s = look(laboratory);
    DOCTEST_CHECK(s.chains.age[0] == 0);
    DOCTEST_CHECK(s.chains.age[4] > 0);
    DOCTEST_CHECK_THROWS_AS(laboratory.apply(RestartChains{ChainStart::noise, {99}, ""}), Error);
    DOCTEST_CHECK_THROWS_AS(laboratory.apply(MoveChain{-1, 0, 0}), Error);
}

DOCTEST_TEST_CASE(
    "Drops take one chain after the other, also before the first step, when all are of one age") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{small_scene(), false});
    for (int drop = 0; drop < 3; ++drop)
        laboratory.apply(DropChains{-1, 2, 7, 0});
    const Snapshot s = look(laboratory);
    for (std::size_t i = 0; i < 20; ++i)
        DOCTEST_CHECK(s.chains.positions[2 * i] == -1);
}

DOCTEST_TEST_CASE("Chains start from data of one class, and stay there when another is asked for") {
    Laboratory laboratory({1, "cpu", true});
    Scene scene = small_scene();
    scene.settings.model.conditional = true;
    laboratory.apply(OpenScene{scene, false});
    for (const int k : {0, 1}) {
        laboratory.apply(RestartChains{ChainStart::data, {}, "", k});
        const Snapshot s = look(laboratory);
        const DataView& data = *s.data;
        for (std::size_t chain = 0; chain < 20; ++chain) {
            const float x = s.chains.positions[2 * chain], y = s.chains.positions[2 * chain + 1];
            int label = -1;
            for (std::size_t i = 0; i < data.labels.size(); ++i)
                if (data.points[2 * i] == x && data.points[2 * i + 1] == y) label = data.labels[i];
            DOCTEST_CHECK(label == k);
        }
    }
    const auto before = look(laboratory).chains;
    DOCTEST_CHECK(before.asked_class == -1);
    laboratory.apply(ChangeSetting{"sampler.ask", "upper moon"});
    const auto after = look(laboratory).chains;
    DOCTEST_CHECK(after.positions == before.positions);
    DOCTEST_CHECK(after.age == before.age);
    DOCTEST_CHECK(after.asked_class == 0);
    DOCTEST_CHECK(after.labels == std::vector<std::int32_t>(20, 0));
    DOCTEST_CHECK_THROWS_AS(laboratory.apply(RestartChains{ChainStart::data, {}, "", 7}), Error);
    scene.settings.model.conditional = false;
    scene.settings.data.set = "swiss_roll";
    laboratory.apply(OpenScene{scene, false});
    DOCTEST_CHECK_THROWS_AS(laboratory.apply(RestartChains{ChainStart::data, {}, "", 0}), Error);
}

DOCTEST_TEST_CASE("A page of the buffer holds one class, if one is asked for") {
    Laboratory laboratory({1, "cpu", true});
    Scene scene = small_scene();
    scene.settings.model.conditional = true;
    laboratory.apply(OpenScene{scene, false});
    laboratory.apply(StepTraining{5});
    std::int64_t matching = 0;
    for (const int k : {0, 1}) {
        BrowseBuffer query;
        query.of_class = k;
        laboratory.apply(query);
        laboratory.refresh_views();
        const auto buffer = look(laboratory).buffer;
        DOCTEST_REQUIRE(buffer);
        DOCTEST_CHECK(!buffer->labels.empty());
        DOCTEST_CHECK(buffer->labels == std::vector<std::int64_t>(buffer->slots.size(), k));
        matching += buffer->matching;
    }
    DOCTEST_CHECK(matching == 256);
}

DOCTEST_TEST_CASE("What the model costs is told with its scene, and follows the settings") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{small_scene(), false});
    const Snapshot s = look(laboratory);
    DOCTEST_REQUIRE(s.model);
    DOCTEST_CHECK(s.model->parameters == s.parameter_count);
    DOCTEST_CHECK(s.model->classes == 0);
    laboratory.apply(ChangeSetting{"model.conditional", "on"});
    DOCTEST_CHECK(look(laboratory).model->classes == 2);
    laboratory.apply(ChangeSetting{"train.batch", "64"});
    DOCTEST_CHECK(look(laboratory).model->memory_bytes() > s.model->memory_bytes());
    laboratory.apply(OpenScene{analytic_scene("double_well"), false});
    DOCTEST_REQUIRE(look(laboratory).model);
    DOCTEST_CHECK(look(laboratory).model->parameters == 0);
}

DOCTEST_TEST_CASE("Before the first step energies are known, and readings are not") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{small_scene(), false});
    const auto energies = [&] {
        const ChainsView chains = look(laboratory).chains;
        Samples samples{chains.count, {}, chains.positions};
        std::vector<float> expected;
        laboratory.energies(samples, -1, expected, nullptr);
        DOCTEST_CHECK(chains.energy == expected);
        return expected.size();
    };
    DOCTEST_CHECK(energies() == 20);
    laboratory.apply(ChangeSetting{"sampler.chains", "30"});
    DOCTEST_CHECK(energies() == 30);
    DOCTEST_CHECK(std::isnan(look(laboratory).reading.gradient_norm));
    DOCTEST_CHECK(std::isnan(look(laboratory).reading.clamped_share));
    laboratory.apply(SelectChain{3});
    DOCTEST_REQUIRE(look(laboratory).trace);
    DOCTEST_CHECK(look(laboratory).trace->energy.empty());
}

DOCTEST_TEST_CASE("Chains with a limited life start anew one after the other, all but the selected one") {
    Laboratory laboratory({1, "cpu", true});
    Scene scene = analytic_scene("double_well");
    scene.settings.sampler.chain_life = 40; // of 20 chains: one every other step
    laboratory.apply(OpenScene{scene, false});
    laboratory.apply(SelectChain{3});
    laboratory.apply(StepChains{120});
    const Snapshot s = look(laboratory);
    std::vector<std::int32_t> ages = s.chains.age;
    DOCTEST_REQUIRE(ages.size() == 20);
    DOCTEST_CHECK(ages[3] == 120);
    ages.erase(ages.begin() + 3);
    std::ranges::sort(ages);
    DOCTEST_CHECK(ages.back() < 40);
    DOCTEST_CHECK(std::ranges::adjacent_find(ages) == ages.end()); // all different
}

DOCTEST_TEST_CASE("Temperature: density, log Z and KL are those of exp(-E/T), and of exp(-E) as published") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{small_scene(), false});
    laboratory.apply(StepTraining{20});
    const auto mass = [](const FieldView& field) {
        double sum = 0;
        const double cell = (field.high_x - field.low_x) / 32;
        for (float energy : field.energy)
            sum += std::exp(-energy / field.temperature - field.log_z) * cell * cell;
        return sum;
    };
    laboratory.refresh_views();
    const Snapshot before = look(laboratory);
    DOCTEST_CHECK(before.field->temperature == 1);
    laboratory.apply(ChangeSetting{"sampler.temperature", "2.5"});
    laboratory.refresh_views();
    const Snapshot warm = look(laboratory);
    DOCTEST_CHECK(warm.reading.temperature == doctest::Approx(2.5));
    DOCTEST_CHECK(warm.field->temperature == 2.5);
    DOCTEST_CHECK(warm.field->energy == before.field->energy);
    DOCTEST_CHECK(warm.field->log_z != before.field->log_z);
    DOCTEST_CHECK(mass(*warm.field) == doctest::Approx(1).epsilon(0.02));
    DOCTEST_CHECK(warm.quality->back().temperature == 2.5);
    DOCTEST_CHECK(warm.quality->back().kl != before.quality->back().kl);
    const Evaluation evaluation = laboratory.evaluate({});
    DOCTEST_CHECK(evaluation.temperature == 2.5);
    DOCTEST_CHECK(evaluation.divergence->kl == doctest::Approx(warm.quality->back().kl).epsilon(0.01));
    DOCTEST_CHECK(evaluation.partition->log_partition == doctest::Approx(warm.field->log_z).epsilon(0.01));
    // -log p of a held-out point is E/T + log Z; its mean is at least the data's entropy plus KL.
    DOCTEST_REQUIRE(evaluation.held_out);
    laboratory.apply(ChangeSetting{"sampler.kind", "langevin"});
    laboratory.apply(ChangeSetting{"sampler.mode", "published"});
    laboratory.refresh_views();
    const Snapshot published = look(laboratory);
    DOCTEST_CHECK(published.field->temperature == 1);
    DOCTEST_CHECK(published.field->log_z == doctest::Approx(before.field->log_z));
    DOCTEST_CHECK(published.reading.temperature != 2.5);
}

DOCTEST_TEST_CASE("Views: the field's normalisation, the buffer's order, the scores' rows") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{small_scene(), false});
    laboratory.apply(StepTraining{20});
    laboratory.apply(BrowseBuffer{BufferOrder::age, true, BufferFilter::all, 0, 10});
    laboratory.refresh_views();
    const Snapshot s = look(laboratory);
    DOCTEST_REQUIRE(s.field);
    DOCTEST_CHECK(s.field->energy.size() == 32 * 32);
    double mass = 0;
    const double cell = (s.field->high_x - s.field->low_x) / 32;
    for (float energy : s.field->energy)
        mass += std::exp(-energy - s.field->log_z) * cell * cell;
    DOCTEST_CHECK(mass == doctest::Approx(1).epsilon(0.02));
    DOCTEST_REQUIRE(s.exact);
    DOCTEST_REQUIRE(s.buffer);
    DOCTEST_CHECK(s.buffer->slots.size() == 10);
    DOCTEST_CHECK(s.buffer->pages == 26);
    for (std::size_t i = 1; i < 10; ++i)
        DOCTEST_CHECK(s.buffer->age[i - 1] >= s.buffer->age[i]);
    DOCTEST_REQUIRE(s.scores);
    DOCTEST_CHECK(s.scores->sets.front().name == "Training data");
    DOCTEST_CHECK(s.scores->sets.back().meaning == SetMeaning::ood);
    DOCTEST_CHECK(s.scores->data_quantiles.size() == 101);
    DOCTEST_REQUIRE(s.quality);
    DOCTEST_CHECK(s.quality->back().kl > 0);
}

DOCTEST_TEST_CASE("A reset keeps the part of the plane that is looked at, another scene does not") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{small_scene(), false});
    const auto left = [&] {
        laboratory.refresh_views();
        return look(laboratory).field->low_x;
    };
    DOCTEST_CHECK(left() == -small_scene().settings.view.extent);
    laboratory.apply(SetFieldRect{-2.5, -1, 3, 4});
    DOCTEST_CHECK(left() == -2.5);
    laboratory.apply(Reset{});
    DOCTEST_CHECK(left() == -2.5);
    Scene other = small_scene();
    other.name = "other";
    laboratory.apply(OpenScene{other, false});
    DOCTEST_CHECK(left() == -other.settings.view.extent);
}

DOCTEST_TEST_CASE("The buffer of an exported model counts its samples once") {
    const std::string full = temporary("full.safetensors"), small = temporary("small.safetensors");
    Laboratory laboratory({1, "cpu", false});
    laboratory.apply(OpenScene{small_scene(), false});
    laboratory.apply(SaveCheckpoint{full});
    export_model(full, small, 8);
    laboratory.apply(OpenCheckpoint{small});
    const Evaluation evaluation = laboratory.evaluate({});
    for (const auto& path : {full, small})
        std::filesystem::remove(path);
    DOCTEST_REQUIRE(evaluation.scores.size() == 1);
    for (const ScoreSet& set : evaluation.scores.front()->sets) {
        DOCTEST_CHECK(set.meaning != SetMeaning::samples);
        if (set.meaning == SetMeaning::buffer) DOCTEST_CHECK(set.count == 8);
    }
}

DOCTEST_TEST_CASE("A device that cannot be had leaves the run as it is") {
    const auto iterate = [](bool asking) {
        Laboratory laboratory({1, "cpu", true});
        laboratory.apply(UseDevice{"cpu"}); // before any scene is open
        laboratory.apply(OpenScene{small_scene(), false});
        laboratory.apply(StepTraining{3});
        if (asking) {
            DOCTEST_CHECK_THROWS_AS(laboratory.apply(UseDevice{"cuda"}), Error);
            DOCTEST_CHECK_THROWS_AS(laboratory.apply(UseDevice{"gpu"}), Error);
            DOCTEST_CHECK(look(laboratory).device_choice == "cpu");
            laboratory.apply(UseDevice{"auto"});
            DOCTEST_CHECK(look(laboratory).device_choice == "auto");
            DOCTEST_CHECK(look(laboratory).device == "CPU");
            DOCTEST_CHECK_FALSE(look(laboratory).device_note.empty());
        }
        laboratory.apply(StepTraining{3});
        return look(laboratory).chains.positions;
    };
    DOCTEST_CHECK(iterate(true) == iterate(false));
}
