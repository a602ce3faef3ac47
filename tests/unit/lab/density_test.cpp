#include "small_scene.h"

#include "core/base/error.h"
#include "core/lab/curves.h"
#include "core/lab/model_file.h"
#include "core/lab/views.h"
#include "core/store/checkpoint.h"
#include "tests/unit/failure.h"
#include "tests/unit/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;
using namespace ebm::tests;

namespace {

Scene flow_scene() {
    Scene scene = small_scene();
    scene.settings.model.energy = "flow";
    scene.settings.model.flow_steps = 4;
    scene.settings.train.learning_rate = 0.01;
    scene.settings.train.beta1 = 0.9;
    scene.settings.train.gradient_norm = 10;
    return scene;
}

/// Glow on tiny sprites.
Scene picture_scene() {
    Scene scene = flow_scene();
    Settings& s = scene.settings;
    s.data.set = "sprites";
    s.data.count = 200;
    s.model.width = 8;
    s.model.flow_steps = 1;
    s.train.batch = 8;
    s.sampler.chains = 4;
    s.sampler.kind = SamplerKind::langevin;
    s.sampler.step_size = 1e-5;
    s.sampler.jump_share = 0;
    s.sampler.box_low = -1;
    s.sampler.box_high = 1;
    return scene;
}

} // namespace

DOCTEST_TEST_CASE("a flow learns two moons: KL by quadrature falls, log Z stays 0") {
    Scene scene = flow_scene();
    scene.settings.data.count = 5000;
    scene.settings.model.width = 32;
    scene.settings.model.flow_steps = 12;
    scene.settings.train.learning_rate = 0.005;
    scene.settings.train.batch = 256;
    scene.settings.train.iterations = 600;
    Laboratory laboratory({1, "cpu", false});
    laboratory.apply(OpenScene{scene, false});
    DOCTEST_CHECK(laboratory.is_density());
    const double before = laboratory.evaluate({}).divergence->kl;
    train(laboratory, 600);
    const Evaluation evaluation = laboratory.evaluate({});
    DOCTEST_REQUIRE(evaluation.divergence);
    DOCTEST_CHECK(before > 0.5);
    DOCTEST_CHECK(evaluation.divergence->kl < 0.1);
    DOCTEST_CHECK(std::abs(evaluation.partition->log_partition) < 0.01);
    DOCTEST_CHECK_FALSE(evaluation.bits);
    // What it draws has the energy of what it learned from.
    const auto set = [&](SetMeaning meaning) {
        for (const ScoreSet& found : evaluation.scores.front()->sets)
            if (found.meaning == meaning) return found;
        return ScoreSet{};
    };
    DOCTEST_CHECK(set(SetMeaning::samples).name == "Own samples");
    DOCTEST_CHECK(set(SetMeaning::samples).mean == doctest::Approx(set(SetMeaning::data).mean).epsilon(0.2));
}

DOCTEST_TEST_CASE("a flow's samples need no chains, and chains can start from them") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{flow_scene(), false});
    train(laboratory, 5);
    const Samples own = laboratory.sample(30, 0, ChainStart::model, nullptr, 4, {});
    DOCTEST_CHECK(own.count == 30);
    DOCTEST_CHECK(own.values == laboratory.sample(30, 0, ChainStart::model, nullptr, 4, {}).values);
    DOCTEST_CHECK(own.values != laboratory.sample(30, 0, ChainStart::model, nullptr, 5, {}).values);
    DOCTEST_CHECK(own.values != laboratory.sample(30, 3, ChainStart::model, nullptr, 4, {}).values);
    const std::vector<float> noise = look(laboratory).chains.positions;
    laboratory.apply(RestartChains{ChainStart::model, {}, ""});
    const std::vector<float> first = look(laboratory).chains.positions;
    laboratory.apply(RestartChains{ChainStart::model, {}, ""});
    DOCTEST_CHECK(first != noise);
    DOCTEST_CHECK(first != look(laboratory).chains.positions); // other draws
    Laboratory chains({1, "cpu", false});
    chains.apply(OpenScene{small_scene(), false});
    DOCTEST_CHECK_FALSE(chains.is_density());
    DOCTEST_CHECK(contains(failure_of([&] {
                               chains.apply(RestartChains{ChainStart::model, {}, ""});
                           }),
                           "draws no samples without chains"));
}

DOCTEST_TEST_CASE("chains of an autoencoder can start from what its decoder paints") {
    Scene scene;
    scene.settings.data.set = "sprites";
    scene.settings.data.count = 100;
    scene.settings.model.energy = "autoencoder";
    scene.settings.model.channels = 4;
    scene.settings.model.latent = 4;
    scene.settings.sampler.chains = 3;
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{scene, false});
    DOCTEST_CHECK_FALSE(laboratory.is_density());
    DOCTEST_CHECK(laboratory.makes_samples());
    DOCTEST_CHECK(look(laboratory).model->makes_samples);
    const Samples painted = laboratory.sample(5, 0, ChainStart::model, nullptr, 4, {});
    DOCTEST_CHECK(painted.values.size() == 5 * 3 * 32 * 32);
    DOCTEST_CHECK(painted.values == laboratory.sample(5, 0, ChainStart::model, nullptr, 4, {}).values);
    DOCTEST_CHECK(painted.values != laboratory.sample(5, 0, ChainStart::noise, nullptr, 4, {}).values);
    // A decoder without training paints nearly grey, noise is uniform between black and white.
    const auto most = [](const std::vector<float>& values) {
        float result = 0;
        for (const float value : values)
            result = std::max(result, std::abs(value));
        return result;
    };
    DOCTEST_CHECK(most(painted.values) < 0.9f);
    laboratory.apply(RestartChains{ChainStart::model, {}, ""});
    DOCTEST_CHECK(look(laboratory).chains.age[0] == 0);
}

DOCTEST_TEST_CASE("every view of a density that makes sense is there, and no other") {
    for (const bool pictures : {false, true}) {
        Laboratory laboratory({1, "cpu", true});
        laboratory.apply(OpenScene{pictures ? picture_scene() : flow_scene(), false});
        train(laboratory, 3);
        laboratory.apply(StepChains{2});
        laboratory.refresh_views();
        const Snapshot snapshot = look(laboratory);
        DOCTEST_CHECK(snapshot.density());
        DOCTEST_CHECK(snapshot.buffer == nullptr);
        DOCTEST_REQUIRE(snapshot.scores);
        DOCTEST_CHECK(snapshot.health != nullptr);
        DOCTEST_CHECK((snapshot.field != nullptr) == !pictures);
        DOCTEST_CHECK((snapshot.slice != nullptr) == pictures);
        DOCTEST_REQUIRE(snapshot.records);
        DOCTEST_CHECK(snapshot.records->size() == 3);
        DOCTEST_CHECK(std::isnan((*snapshot.records)[2].bits_per_dimension) == !pictures);
        for (const ModelDescription::Memory& part : snapshot.model->memory)
            DOCTEST_CHECK(part.use != "replay buffer");
        DOCTEST_CHECK(snapshot.model->parameters == snapshot.parameter_count);
    }
}

DOCTEST_TEST_CASE("checkpoints of densities go on bit for bit, open without their data, and are exported") {
    const TemporaryFolder folder;
    for (const bool pictures : {false, true}) {
        const Scene scene = pictures ? picture_scene() : flow_scene();
        Laboratory whole({1, "cpu", false});
        whole.apply(OpenScene{scene, false});
        train(whole, 4);
        const std::string path = folder.path / "flow.safetensors", small = folder.path / "small.safetensors";
        whole.apply(SaveCheckpoint{path});
        train(whole, 3);
        Laboratory resumed({1, "cpu", false});
        resumed.apply(OpenCheckpoint{path});
        DOCTEST_CHECK(resumed.iteration() == 4);
        train(resumed, 3);
        const auto drawn = [](Laboratory& laboratory) {
            return laboratory.sample(3, 0, ChainStart::model, nullptr, 1, {}).values;
        };
        DOCTEST_CHECK(drawn(whole) == drawn(resumed));
        DOCTEST_CHECK(whole.train_iteration().loss == resumed.train_iteration().loss);
        export_model(path, small, 10);
        Laboratory exported({1, "cpu", false});
        exported.apply(OpenCheckpoint{small});
        DOCTEST_CHECK(exported.iteration() == 4);
        DOCTEST_CHECK(std::filesystem::file_size(small) < std::filesystem::file_size(path));
        DOCTEST_CHECK(exported.sample(3, 0, ChainStart::model, nullptr, 1, {}).count == 3);
        if (!pictures) continue; // points are made anew, not kept
        export_model(path, small, 10, 3);
        const auto kept = [](const std::string& file) {
            for (const auto& [name, tensor] : store::read_checkpoint(file).tensors)
                if (name == "data.held_out") return tensor;
            return torch::Tensor();
        };
        const torch::Tensor all = kept(path), some = kept(small);
        DOCTEST_REQUIRE(some.defined());
        DOCTEST_REQUIRE(some.size(0) == 3);
        DOCTEST_CHECK(torch::equal(some[1], all[all.size(0) / 3]));
    }
}

DOCTEST_TEST_CASE("bits per dimension are those of the held-out energies") {
    Laboratory laboratory({1, "cpu", false});
    laboratory.apply(OpenScene{picture_scene(), false});
    train(laboratory, 2);
    const Evaluation evaluation = laboratory.evaluate({});
    DOCTEST_REQUIRE(evaluation.bits);
    const BitsPerDimension& bits = *evaluation.bits;
    for (const ScoreSet& set : evaluation.scores.front()->sets) {
        if (set.meaning != SetMeaning::held_out) continue;
        const double nats_in_bits = laboratory.kind().elements() * std::numbers::ln2;
        DOCTEST_CHECK(bits.mean == doctest::Approx(set.mean / nats_in_bits));
        DOCTEST_CHECK(bits.standard_error ==
                      doctest::Approx(set.sd / std::sqrt(static_cast<double>(set.count)) / nats_in_bits));
        DOCTEST_CHECK(bits.count == set.count);
    }
    DOCTEST_CHECK(bits.mean > 0);
    DOCTEST_CHECK_FALSE(bits.bound.empty());

    // One picture without a finite energy is counted, and makes the mean infinite.
    ScoresView scores;
    ScoreSet set;
    set.meaning = SetMeaning::held_out;
    set.count = 10;
    set.mean = 100;
    set.sd = 1;
    scores.sets = {set};
    DOCTEST_CHECK(bits_per_dimension(scores, 16, "")->mean ==
                  doctest::Approx(100 / (16 * std::numbers::ln2)));
    scores.sets[0].not_finite = 1;
    DOCTEST_CHECK(std::isinf(bits_per_dimension(scores, 16, "")->mean));
    DOCTEST_CHECK(bits_per_dimension(scores, 16, "")->not_finite == 1);
    scores.sets.clear();
    DOCTEST_CHECK_FALSE(bits_per_dimension(scores, 16, ""));
}

DOCTEST_TEST_CASE("curves of a version without the newest fields keep what they have") {
    Curves curves;
    Record record;
    record.iteration = 7;
    record.loss = 2;
    record.fresh_share = 0.25f;
    float Record::*const newest = record_fields().back().member;
    record.*newest = 3;
    curves.add(record);
    NamedTensors state = curves.state();
    for (auto& [name, tensor] : state)
        if (name == "curves.records") tensor = tensor.slice(1, 0, tensor.size(1) - 1).contiguous();
    Curves restored;
    restored.restore(state, curves.text());
    DOCTEST_REQUIRE(restored.records()->size() == 1);
    const Record& first = (*restored.records())[0];
    DOCTEST_CHECK(first.loss == 2);
    DOCTEST_CHECK(first.fresh_share == 0.25f);
    DOCTEST_CHECK(std::isnan(first.*newest));
}

DOCTEST_TEST_CASE("a VAE on the plane: what is shown and evaluated are the numbers of its bound") {
    Scene scene = flow_scene();
    scene.settings.model.energy = "vae";
    scene.settings.model.bound_draws = 4;
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{scene, false});
    train(laboratory, 20);
    laboratory.refresh_views();
    const Snapshot s = look(laboratory);
    DOCTEST_CHECK(s.bounded());
    DOCTEST_CHECK(contains(s.model->bound, "with 4 fixed draws"));
    DOCTEST_CHECK(s.field->log_z == 0);
    DOCTEST_CHECK(s.field->log_integral < 0); // what the bound leaves out
    const Evaluation evaluation = laboratory.evaluate({});
    DOCTEST_CHECK(evaluation.bound == s.model->bound);
    DOCTEST_CHECK(s.quality->back().kl == doctest::Approx(evaluation.divergence->kl).epsilon(0.01));
    // KL of the bound is at least that of the same function normalised on the box.
    DOCTEST_CHECK(evaluation.partition->log_partition < 0);
    for (const ScoreSet& set : evaluation.scores.front()->sets)
        if (set.meaning == SetMeaning::held_out)
            DOCTEST_CHECK(evaluation.held_out->mean == doctest::Approx(-set.mean));
    // Health and curves speak of a bound too.
    DOCTEST_CHECK(laboratory.training_circumstances().bound);
    std::vector<Record> records;
    for (std::int64_t i = 0; i < s.records->size(); ++i)
        records.push_back((*s.records)[i]);
    const measure::Health health = measure::judge(records, s.in_force, laboratory.training_circumstances());
    DOCTEST_CHECK(contains(health.numbers.front().first, "at most"));
    Laboratory exact({1, "cpu", true});
    exact.apply(OpenScene{flow_scene(), false});
    DOCTEST_CHECK_FALSE(look(exact).bounded());
    DOCTEST_CHECK_FALSE(exact.training_circumstances().bound);
}

DOCTEST_TEST_CASE("annealing has no log Z of a normalised model to estimate") {
    Laboratory laboratory(plain);
    laboratory.apply(OpenScene{flow_scene(), false});
    DOCTEST_CHECK(
        contains(failure_of([&] { laboratory.anneal({}, {}); }), "This model is normalised: its log Z is 0"));
}

DOCTEST_TEST_CASE("KL of a density that an earlier version took with log Z of the box is left out") {
    Curves curves;
    curves.add(quality_point(7, 1, {0.5, 0.01}, 1));
    const NamedTensors state = curves.state();
    std::string text = curves.text();
    Curves again;
    again.restore(state, text, true);
    DOCTEST_CHECK(again.quality()->size() == 1);
    text.replace(text.find("log_z_of_densities"), 5, "other");
    again.restore(state, text, true);
    DOCTEST_CHECK(again.quality()->empty());
    again.restore(state, text);
    DOCTEST_CHECK(again.quality()->size() == 1);
}
