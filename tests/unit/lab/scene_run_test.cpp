#include "../temporary_folder.h"
#include "small_scene.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/lab/kept_training.h"
#include "core/lab/model_file.h"
#include "core/lab/session.h"
#include "core/store/checkpoint.h"

#include <cmath>
#include <fstream>
#include <functional>
#include <thread>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;
using namespace ebm::tests;

namespace {

/// Another value that the row allows, near the one it has.
std::string another_value(const Setting& row, const Settings& settings) {
    const double now = row.type == SettingType::text ? 0 : row.number(settings);
    switch (row.type) {
    case SettingType::text:
        return row.key == "data.set"       ? "rings"
               : row.key == "model.stages" ? "1,1"
               : row.key == "model.blocks" ? "2"
               : row.key == "sampler.ask"  ? "0"
                                           : "";
    case SettingType::boolean:
        return now != 0 ? "false" : "true";
    case SettingType::choice:
        return std::string(row.choices[(static_cast<std::size_t>(now) + 1) % row.choices.size()]);
    case SettingType::integer:
        return std::to_string(static_cast<std::int64_t>(now < row.high ? now + 1 : now - 1));
    case SettingType::real:
        return std::to_string(now + (row.high - now > 0.01 ? 0.01 : -0.01));
    }
    return "";
}

} // namespace

DOCTEST_TEST_CASE(
    "every setting, by effect: changed while training, saved, opened again, resumed bit for bit") {
    const TemporaryFolder folder;
    for (const Setting& row : settings_table()) {
        if (row.key == "model.energy" || row.key == "data.path" || row.key == "data.columns" ||
            row.key == "data.labels" || row.key == "data.drawing" || row.key == "sampler.walls" ||
            row.key == "compose.weights" || row.key == "compose.classes")
            continue; // no other value fits the same scene
        DOCTEST_CAPTURE(row.key);
        const std::string path = (folder.path / "run.safetensors").string();
        Laboratory going(window);
        going.apply(OpenScene{small_scene(), false});
        train(going, 2);
        const Settings before = look(going).settings;
        const std::string value = another_value(row, before);
        going.apply(ChangeSetting{std::string(row.key), value});
        const Snapshot changed = look(going);
        DOCTEST_CHECK_FALSE(row.is_default(changed.settings, before));
        DOCTEST_CHECK(changed.iteration == (row.effect == Effect::rebuild ? 0 : 2));
        DOCTEST_CHECK(row.is_default(changed.in_force, changed.settings) == (row.effect != Effect::restart));
        train(going, 1);
        going.apply(StepChains{1});
        going.apply(SaveCheckpoint{path});
        Laboratory opened(window);
        opened.apply(OpenCheckpoint{path});
        DOCTEST_CHECK(look(opened).in_force == look(going).in_force);
        DOCTEST_CHECK(look(opened).chains.positions == look(going).chains.positions);
        for (Laboratory* laboratory : {&going, &opened}) {
            train(*laboratory, 2);
            laboratory->apply(StepChains{2});
        }
        DOCTEST_CHECK(probe(going) == probe(opened));
        DOCTEST_CHECK(look(opened).chains.positions == look(going).chains.positions);
        DOCTEST_CHECK(look(opened).chains.age == look(going).chains.age);
        if (row.effect != Effect::restart) continue;
        // At the next reset it acts.
        going.apply(Reset{});
        DOCTEST_CHECK(look(going).in_force == look(going).settings);
    }
}

DOCTEST_TEST_CASE(
    "a checkpoint whose scene names another buffer size than its buffer has is opened with the buffer") {
    const TemporaryFolder folder;
    const std::string path = (folder.path / "run.safetensors").string();
    Laboratory laboratory(plain);
    laboratory.apply(OpenScene{small_scene(), false});
    laboratory.apply(SaveCheckpoint{path});
    store::Checkpoint checkpoint = store::read_checkpoint(path);
    std::vector<std::string> warnings;
    Scene scene = parse_scene(checkpoint.scene_json, path, warnings);
    scene.settings.buffer.size = 999;
    checkpoint.scene_json = scene_json(scene);
    store::write_checkpoint(path, checkpoint);
    laboratory.apply(OpenCheckpoint{path});
    DOCTEST_CHECK(laboratory.settings().buffer.size == 256);
    train(laboratory, 1);
}

DOCTEST_TEST_CASE(
    "a run rolls back to the newest good state, and again to the one before, and forgets what came after") {
    Laboratory laboratory(window);
    Scene scene = small_scene();
    scene.settings.train.iterations = 100000;
    laboratory.apply(OpenScene{scene, false});
    laboratory.apply(StepTraining{450});
    laboratory.refresh_views(); // KL of iteration 450
    laboratory.apply(ChangeSetting{"sampler.steps", "4"});
    DOCTEST_CHECK(look(laboratory).roll_back_iteration == 400);
    laboratory.apply(RollBack{});
    Snapshot s = look(laboratory);
    DOCTEST_CHECK(s.iteration == 400);
    DOCTEST_CHECK(s.state == State::paused);
    DOCTEST_CHECK(s.records->size() == 400);
    DOCTEST_CHECK(s.quality->empty());
    DOCTEST_CHECK(s.changes->empty());
    DOCTEST_CHECK(s.roll_back_iteration == 200);
    // The run that was abandoned is not returned to: from 200 on another way is taken.
    laboratory.apply(RollBack{});
    laboratory.apply(ChangeSetting{"train.learning_rate", "0.001"});
    laboratory.apply(StepTraining{250});
    const std::vector<float> at_450 = probe(laboratory);
    laboratory.apply(RollBack{});
    DOCTEST_CHECK(look(laboratory).iteration == 400);
    laboratory.apply(StepTraining{50});
    DOCTEST_CHECK(probe(laboratory) == at_450);
}

DOCTEST_TEST_CASE("the run that was rolled back can be brought back, and goes on as if nothing had been") {
    Scene scene = small_scene();
    scene.settings.train.iterations = 100000;
    Laboratory undisturbed(window), laboratory(window);
    for (Laboratory* each : {&undisturbed, &laboratory}) {
        each->apply(OpenScene{scene, false});
        each->apply(StepTraining{450});
    }
    laboratory.apply(RollBack{});
    DOCTEST_CHECK(look(laboratory).iteration == 400);
    DOCTEST_REQUIRE(look(laboratory).set_aside);
    DOCTEST_CHECK(look(laboratory).set_aside->iteration == 450);
    laboratory.apply(StepTraining{30}); // another way, which is set aside in its turn
    laboratory.apply(BringBack{});
    DOCTEST_CHECK(look(laboratory).iteration == 450);
    DOCTEST_CHECK(look(laboratory).unsaved_iterations == 450);
    DOCTEST_CHECK(look(laboratory).records->size() == 450);
    DOCTEST_CHECK(probe(laboratory) == probe(undisturbed));
    DOCTEST_CHECK(look(laboratory).chains.positions == look(undisturbed).chains.positions);
    for (Laboratory* each : {&undisturbed, &laboratory})
        each->apply(StepTraining{20});
    DOCTEST_CHECK(probe(laboratory) == probe(undisturbed));
    laboratory.apply(Reset{});
    DOCTEST_CHECK(look(laboratory).iteration == 0);
}

DOCTEST_TEST_CASE("training on from an exported model begins with the small steps of a new optimizer") {
    const TemporaryFolder folder;
    const std::string full = (folder.path / "full.safetensors").string(),
                      small = (folder.path / "small.safetensors").string();
    Laboratory laboratory(plain);
    laboratory.apply(OpenScene{small_scene(), false});
    train(laboratory, 60);
    laboratory.apply(SaveCheckpoint{full});
    export_model(full, small, 16);
    laboratory.apply(OpenCheckpoint{small});
    const auto weights = [&] {
        laboratory.apply(SaveCheckpoint{full});
        std::vector<torch::Tensor> tensors;
        for (const auto& [name, tensor] : store::read_checkpoint(full).tensors)
            if (name.starts_with("weights.")) tensors.push_back(tensor.flatten());
        return torch::cat(tensors);
    };
    const torch::Tensor before = weights();
    train(laboratory, 1);
    // Adam's first step is at most the learning rate in each weight; with moments of 0 and a step count of 61
    // it would be (1 − β₁)/√(1 − β₂) = 15.8 times that.
    const double longest = (weights() - before).abs().max().item<double>();
    DOCTEST_CHECK(longest <= laboratory.settings().train.learning_rate * 1.001);
    DOCTEST_CHECK(longest > 0);
}

DOCTEST_TEST_CASE(
    "a reset keeps the data and the OOD sets that a person added, and the box set follows the box") {
    const TemporaryFolder folder;
    const std::string own = (folder.path / "own.csv").string();
    std::ofstream(own) << "0,0\n1,1\n2,2\n";
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{small_scene(), false});
    laboratory.apply(AddOodSet{"mine", own});
    const auto set = [&](const std::string& name) {
        laboratory.refresh_views();
        for (const ScoreSet& found : look(laboratory).scores->sets)
            if (found.name == name) return found;
        return ScoreSet{};
    };
    DOCTEST_CHECK(set("mine").count == 3);
    const double mean = set("Uniform box").mean;
    const auto data = look(laboratory).data;
    laboratory.apply(Reset{});
    DOCTEST_CHECK(set("mine").count == 3);
    DOCTEST_CHECK(look(laboratory).data == data);
    laboratory.apply(ChangeSetting{"sampler.box_high", "40"});
    DOCTEST_CHECK(set("Uniform box").mean > mean + 1);
    Scene other = small_scene();
    other.name = "other";
    other.settings.data.set = "rings";
    laboratory.apply(OpenScene{other, false});
    DOCTEST_CHECK(set("mine").count == 3);
}

DOCTEST_TEST_CASE("a run that is discarded unsaved can be brought back as it was") {
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{small_scene(), false});
    DOCTEST_CHECK_THROWS_AS(laboratory.apply(BringBack{}), Error);
    train(laboratory, 7);
    laboratory.apply(StepChains{3});
    DOCTEST_CHECK(look(laboratory).unsaved_iterations == 7);
    const std::vector<float> energies = probe(laboratory), chains = look(laboratory).chains.positions;
    Scene other = small_scene();
    other.name = other.title = "other";
    laboratory.apply(OpenScene{other, false});
    DOCTEST_REQUIRE(look(laboratory).set_aside);
    DOCTEST_CHECK(look(laboratory).set_aside->title == "small");
    DOCTEST_CHECK(look(laboratory).set_aside->iteration == 7);
    laboratory.apply(BringBack{});
    DOCTEST_CHECK(look(laboratory).iteration == 7);
    DOCTEST_CHECK(probe(laboratory) == energies);
    DOCTEST_CHECK(look(laboratory).chains.positions == chains);
    DOCTEST_CHECK_FALSE(look(laboratory).set_aside); // nothing was trained in the other
}

DOCTEST_TEST_CASE("unsaved training is kept for recovery, and a saved run counts as saved") {
    const TemporaryFolder folder;
    const std::string path = (folder.path / "saved.safetensors").string();
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{small_scene(), false});
    train(laboratory, 5);
    laboratory.apply(SaveCheckpoint{path});
    const auto kept = kept_training(path);
    DOCTEST_REQUIRE(kept.has_value());
    DOCTEST_CHECK(kept->iteration == 5);
    DOCTEST_CHECK(kept->seconds > 0);
    DOCTEST_CHECK_FALSE(kept_training(folder.path).has_value());
    DOCTEST_CHECK(look(laboratory).unsaved_iterations == 0);
    train(laboratory, 2);
    DOCTEST_CHECK(look(laboratory).unsaved_iterations == 2);
    DOCTEST_CHECK(look(laboratory).unsaved_seconds > 0);
    laboratory.apply(OpenCheckpoint{path});
    DOCTEST_CHECK(look(laboratory).unsaved_iterations == 0);
    laboratory.apply(Recover{path});
    DOCTEST_CHECK(look(laboratory).unsaved_iterations == 5);
    DOCTEST_CHECK(look(laboratory).scene.checkpoint.empty());
}

DOCTEST_TEST_CASE("what is saved is no longer kept for recovery, where an older state of it lies") {
    const TemporaryFolder folder;
    Options options = window;
    options.recovery = (folder.path / "recovery.safetensors").string();
    Laboratory laboratory(options);
    laboratory.apply(OpenScene{small_scene(), false});
    train(laboratory, 2);
    files::write_atomically(options.recovery, "an older state");
    laboratory.apply(SaveCheckpoint{(folder.path / "saved.safetensors").string()});
    DOCTEST_CHECK_FALSE(std::filesystem::exists(options.recovery));
    // On the way out a run is saved there itself.
    laboratory.apply(SaveCheckpoint{options.recovery});
    DOCTEST_CHECK(std::filesystem::exists(options.recovery));
}

DOCTEST_TEST_CASE("a checkpoint keeps its curves and the settings that were changed") {
    const TemporaryFolder folder;
    const std::string path = (folder.path / "run.safetensors").string();
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{small_scene(), false});
    train(laboratory, 30);
    laboratory.refresh_views();
    laboratory.apply(ChangeSetting{"sampler.steps", "5"});
    laboratory.apply(SaveCheckpoint{path});
    const Snapshot before = look(laboratory);
    Laboratory again(window);
    again.apply(OpenCheckpoint{path});
    const Snapshot after = look(again);
    DOCTEST_REQUIRE(after.records->size() == 30);
    DOCTEST_CHECK((*after.records)[29].loss == (*before.records)[29].loss);
    DOCTEST_CHECK((*after.records)[29].seconds == (*before.records)[29].seconds);
    DOCTEST_REQUIRE(after.quality->size() == 1);
    DOCTEST_CHECK(after.quality->back().kl == before.quality->back().kl);
    DOCTEST_REQUIRE(after.changes->size() == 1);
    DOCTEST_CHECK(after.changes->front().key == "sampler.steps");
}

DOCTEST_TEST_CASE("samples that start at data depend on the seed and on nothing else") {
    const auto sample = [](std::uint64_t seed, bool used) {
        Laboratory laboratory(plain);
        laboratory.apply(OpenScene{small_scene(), false});
        if (used) laboratory.apply(RestartChains{});
        return laboratory.sample(10, 2, ChainStart::data, nullptr, seed, {}).values;
    };
    DOCTEST_CHECK(sample(1, false) == sample(1, true));
    DOCTEST_CHECK(sample(1, false) != sample(2, false));
}

DOCTEST_TEST_CASE("slow motion tells what each step did") {
    for (const auto& rule : {std::pair{"mala", "coupled"}, std::pair{"langevin", "coupled"},
                             std::pair{"langevin", "published"}}) {
        const auto [kind, mode] = rule;
        DOCTEST_CAPTURE(rule.first);
        DOCTEST_CAPTURE(rule.second);
        Laboratory laboratory(window);
        Scene scene = small_scene();
        scene.settings.data.set = "none";
        scene.settings.model.energy = "double_well";
        scene.settings.sampler.step_size = 0.3;
        scene.settings.sampler.chains = 200;
        laboratory.apply(OpenScene{scene, false});
        laboratory.apply(ChangeSetting{"sampler.kind", kind});
        laboratory.apply(ChangeSetting{"sampler.mode", mode});
        laboratory.apply(SetPace{Speed::slow, 4, 1});
        const std::vector<float> before = look(laboratory).chains.positions;
        laboratory.apply(StepChains{1});
        const ChainsView chains = look(laboratory).chains;
        const StepParts& parts = chains.parts;
        DOCTEST_REQUIRE(parts.start.size() == 400);
        DOCTEST_CHECK(parts.start == before);
        DOCTEST_CHECK(parts.noise_first == (std::string(mode) == "published"));
        int jumps = 0, refused = 0;
        for (std::size_t i = 0; i < 400; ++i) {
            jumps += parts.jumped[i / 2];
            refused += !parts.accepted[i / 2];
            DOCTEST_CHECK(chains.positions[i] == (parts.accepted[i / 2] ? parts.proposal[i] : before[i]));
            DOCTEST_CHECK(parts.step_scale[i / 2] >= 0.25f - 1e-4f);
            DOCTEST_CHECK(parts.step_scale[i / 2] <= 4.0f + 1e-3f);
            if (parts.jumped[i / 2]) {
                DOCTEST_CHECK(parts.kick[i] == 0);
                continue;
            }
            // Inside the box nothing but the two parts moves a chain.
            const float there = before[i] + parts.kick[i] + parts.pull[i];
            const float mid = before[i] + (parts.noise_first ? parts.kick[i] : 0);
            if (std::abs(there) < 3.99f && std::abs(mid) < 3.99f)
                DOCTEST_CHECK(parts.proposal[i] == doctest::Approx(there).epsilon(1e-4));
        }
        DOCTEST_CHECK(jumps > 0);
        DOCTEST_CHECK(refused > 0);
    }
}

DOCTEST_TEST_CASE("live chains tell how well they mix, and chains that were put elsewhere do not count") {
    Laboratory laboratory(window);
    Scene scene = small_scene();
    scene.settings.data.set = "none";
    scene.settings.model.energy = "gaussian_mixture";
    laboratory.apply(OpenScene{scene, false});
    const auto mixing = [&] {
        laboratory.refresh_views();
        return *look(laboratory).mixing;
    };
    DOCTEST_CHECK(std::isnan(mixing().effective_samples));
    DOCTEST_CHECK_FALSE(mixing().reason.empty());
    laboratory.apply(StepChains{400});
    const measure::Mixing all = mixing();
    DOCTEST_CHECK(all.chains == 20);
    DOCTEST_CHECK(all.draws == 400);
    DOCTEST_CHECK(all.effective_samples > 20);
    DOCTEST_CHECK(all.effective_samples < 20 * 400);
    DOCTEST_CHECK(all.r_hat > 0.99);
    laboratory.apply(MoveChain{3, 0, 0});
    DOCTEST_CHECK(mixing().chains == 19);
    laboratory.apply(RestartChains{});
    DOCTEST_CHECK(mixing().draws == 0);
}

DOCTEST_TEST_CASE(
    "live chains tell which modes they are in, beside the shares of the density, and how often they cross") {
    Laboratory laboratory(window);
    Scene scene = small_scene();
    scene.settings.data.set = "none";
    scene.settings.model.energy = "gaussian_mixture";
    scene.settings.sampler.chains = 256;
    laboratory.apply(OpenScene{scene, false});
    const auto modes = [&] {
        laboratory.refresh_views();
        return *look(laboratory).modes;
    };
    DOCTEST_REQUIRE(look(laboratory).modes); // at once, so that rows do not come late
    // The weights of the three Gaussians, which overlap little.
    std::vector<double> exact = modes().exact;
    DOCTEST_REQUIRE(exact.size() == 3);
    DOCTEST_CHECK_FALSE(modes().of_data);
    std::ranges::sort(exact);
    for (const auto& [share, weight] : {std::pair{exact[0], 0.2}, {exact[1], 0.3}, {exact[2], 0.5}})
        DOCTEST_CHECK(share == doctest::Approx(weight).epsilon(0.03));

    laboratory.apply(DropChains{-2, -1.5, 256, 0.1f});
    ModesView now = modes();
    DOCTEST_CHECK(now.crossings == 0);
    const std::size_t lower_left =
        static_cast<std::size_t>(std::ranges::max_element(now.shares) - now.shares.begin());
    DOCTEST_CHECK(now.shares[lower_left] == 1);
    DOCTEST_CHECK(now.exact[lower_left] == doctest::Approx(0.5).epsilon(0.03));

    laboratory.apply(ChangeSetting{"sampler.jump_share", "0.3"});
    laboratory.apply(StepChains{400});
    now = modes();
    DOCTEST_CHECK(now.steps == 400);
    DOCTEST_CHECK(now.chains == 64);
    DOCTEST_CHECK(now.crossings > 64);
    for (std::size_t mode = 0; mode < 3; ++mode)
        DOCTEST_CHECK(std::abs(now.shares[mode] - now.exact[mode]) < 0.12);

    // Colder: the heaviest mode takes more.
    laboratory.apply(ChangeSetting{"sampler.temperature", "0.5"});
    DOCTEST_CHECK(std::abs(modes().exact[lower_left] - now.exact[lower_left]) > 0.01);

    scene.settings.model.energy = small_scene().settings.model.energy;
    scene.settings.data.set = "eight_gaussians";
    laboratory.apply(OpenScene{scene, false});
    DOCTEST_CHECK(modes().of_data);
    DOCTEST_CHECK(modes().exact == std::vector<double>(8, 1.0 / 8));
    scene.settings.data.set = "swiss_roll";
    laboratory.apply(OpenScene{scene, false});
    DOCTEST_CHECK_FALSE(look(laboratory).modes);
}

DOCTEST_TEST_CASE("live chains show the energies of where they are") {
    for (const char* kind : {"mala", "langevin"}) {
        DOCTEST_CAPTURE(kind);
        Laboratory laboratory(window);
        Scene scene = small_scene();
        scene.settings.data.set = "none";
        scene.settings.model.energy = "muller_brown";
        laboratory.apply(OpenScene{scene, false});
        laboratory.apply(ChangeSetting{"sampler.kind", kind});
        laboratory.apply(SelectChain{2});
        laboratory.apply(StepChains{5});
        const Snapshot s = look(laboratory);
        std::vector<float> energies;
        laboratory.energies({s.chains.count, s.kind, s.chains.positions}, -1, energies, nullptr);
        for (std::size_t i = 0; i < energies.size(); ++i)
            DOCTEST_CHECK(s.chains.energy[i] == doctest::Approx(energies[i]).epsilon(1e-4));
        DOCTEST_REQUIRE(s.trace);
        DOCTEST_CHECK(s.trace->energy.back() == doctest::Approx(energies[2]).epsilon(1e-4));
    }
}

DOCTEST_TEST_CASE("an engine with nothing to do publishes nothing, and slow motion publishes its steps") {
    const auto publications = [](const std::vector<Command>& commands, int most_looks = 300) {
        Session session(window);
        Scene scene = small_scene();
        scene.settings.train.iterations = 3;
        session.send(OpenScene{scene, true});
        for (const Command& command : commands)
            session.send(command);
        session.wait();
        // Until the training is over and all views have come up to date.
        std::uint64_t before = 0;
        for (int quiet = 0, i = 0; quiet < 40 && i < most_looks; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            quiet = session.latest().number == before ? quiet + 1 : 0;
            before = session.latest().number;
        }
        std::this_thread::sleep_for(std::chrono::seconds(1));
        return session.latest().number - before;
    };
    DOCTEST_CHECK(publications({FreezeChains{true}}) == 0);
    DOCTEST_CHECK(publications({Pause{}}) == 0);
    const std::uint64_t slow = publications({SetPace{Speed::slow, 4, 1}}, 80);
    DOCTEST_CHECK(slow >= 1);
    DOCTEST_CHECK(slow <= 30); // four steps, and the views that follow each
    const std::uint64_t full = publications({}, 80);
    DOCTEST_CHECK(full <= 62);
    DOCTEST_CHECK(full >= 1);
}

DOCTEST_TEST_CASE("what is not shown is not computed, and comes up to date when it is shown") {
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{small_scene(), false});
    ShownViews none{};
    laboratory.apply(ShowViews{none});
    const auto settle = [&] {
        for (int i = 0; i < 100 && laboratory.work(std::chrono::milliseconds(20)).wait == 0; ++i) {
        }
    };
    settle();
    DOCTEST_CHECK_FALSE(look(laboratory).field);
    DOCTEST_CHECK_FALSE(look(laboratory).scores);
    DOCTEST_CHECK_FALSE(look(laboratory).health);
    none[static_cast<std::size_t>(View::field)] = true;
    laboratory.apply(ShowViews{none});
    settle();
    DOCTEST_CHECK(look(laboratory).field);
    DOCTEST_CHECK_FALSE(look(laboratory).scores);
}

DOCTEST_TEST_CASE("the engine steps Algorithm 1 by lines, and a frozen model stays as it is") {
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{small_scene(), false});
    DOCTEST_CHECK(look(laboratory).algorithm == nullptr);
    laboratory.apply(StepAlgorithm{});
    const Snapshot drawn = look(laboratory);
    DOCTEST_REQUIRE(drawn.algorithm);
    DOCTEST_CHECK(drawn.state == State::paused);
    DOCTEST_CHECK(drawn.algorithm->progress.phase == ebm::Phase::start);
    DOCTEST_CHECK(drawn.algorithm->rows.size() == static_cast<std::size_t>(drawn.settings.train.batch));
    laboratory.apply(StepAlgorithm{ebm::Stride::line});
    laboratory.apply(StepAlgorithm{ebm::Stride::sampling_step});
    DOCTEST_CHECK(look(laboratory).algorithm->progress.step == 1);
    laboratory.apply(StepTraining{1});
    DOCTEST_CHECK(look(laboratory).iteration == 1);
    DOCTEST_CHECK(look(laboratory).records->size() == 1);

    laboratory.apply(FreezeModel{true});
    laboratory.apply(Run{});
    const std::int64_t steps = look(laboratory).chain_steps;
    const auto work_until = [&](const std::function<bool()>& done) { // views may take the first turns
        for (int turn = 0; turn < 1000 && !done(); ++turn)
            laboratory.work(std::chrono::milliseconds(10));
        return done();
    };
    DOCTEST_CHECK(work_until([&] { return look(laboratory).chain_steps >= steps + 20; }));
    DOCTEST_CHECK(look(laboratory).iteration == 1);
    laboratory.apply(FreezeModel{false});
    DOCTEST_CHECK(work_until([&] { return look(laboratory).iteration > 1; }));
}

DOCTEST_TEST_CASE("running line by line, each turn is one line and live chains rest") {
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{small_scene(), true});
    laboratory.apply(SetPace{Speed::lines, 1e6, 1});
    const std::int64_t steps = look(laboratory).chain_steps;
    laboratory.work(std::chrono::milliseconds(1));
    DOCTEST_CHECK(look(laboratory).algorithm->progress.phase == ebm::Phase::start);
    laboratory.work(std::chrono::milliseconds(1));
    DOCTEST_CHECK(look(laboratory).algorithm->progress.phase == ebm::Phase::sample);
    DOCTEST_CHECK(look(laboratory).chain_steps == steps);
}
