#include "core/lab/sample_judge.h"
#include "tests/unit/failure.h"
#include "tests/unit/lab/small_scene.h"
#include "tests/unit/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;
using ebm::tests::contains;
using ebm::tests::failure_of;
using ebm::tests::plain;

namespace {

/// A classifier of the colours of sprites, which are learned in a moment.
Scene colour_classifier() {
    Scene scene;
    scene.name = scene.title = "colours";
    Settings& s = scene.settings;
    s.data.set = "sprites";
    s.data.labels = "colour";
    s.data.count = 300;
    s.model.energy = "classifier";
    s.model.conditional = true;
    s.model.channels = 4;
    s.model.stages = "1";
    s.buffer.size = 64;
    s.train.batch = 32;
    s.train.learning_rate = 0.02;
    s.train.beta1 = 0.9;
    s.train.iterations = 60;
    s.sampler.kind = SamplerKind::langevin;
    s.sampler.chains = 4;
    s.sampler.box_low = -1;
    s.sampler.box_high = 1;
    return scene;
}

} // namespace

DOCTEST_TEST_CASE("a classifier judges samples: shares by class, distances, roughness") {
    Laboratory laboratory(plain);
    laboratory.apply(OpenScene{colour_classifier(), false});
    laboratory.apply(StepTraining{60});
    const SampleJudge judge(laboratory, 1);
    DOCTEST_CHECK(judge.accuracy() > 1.5 / static_cast<double>(judge.classes().size()));
    DOCTEST_CHECK(judge.accuracy() ==
                  doctest::Approx(laboratory.evaluate({}, 0).scores.front()->accuracy).epsilon(1e-9));

    // The held-out data themselves: as true as the classifier is right, at no distance.
    const Samples held_out = laboratory.data(true, 0);
    const SampleQuality same = judge.judge(held_out, judge.classes());
    DOCTEST_CHECK(same.class_true == judge.accuracy());
    DOCTEST_CHECK(same.frechet == doctest::Approx(0).epsilon(1e-6));
    DOCTEST_CHECK(same.kernel < 0);
    DOCTEST_CHECK(same.roughness == judge.reference_roughness());
    DOCTEST_CHECK(std::accumulate(same.found.begin(), same.found.end(), std::int64_t{0}) == same.n);
    for (std::size_t label = 0; label < judge.classes().size(); ++label) {
        std::int64_t column = 0;
        for (const auto& row : same.confusion)
            column += row[label];
        DOCTEST_CHECK(column == same.found[label]);
        DOCTEST_CHECK(same.asked(label) == std::count(held_out.labels.begin(), held_out.labels.end(),
                                                      static_cast<std::int32_t>(label)));
    }

    // Classes are compared by name: the same samples with their numbers and names turned round.
    std::vector<std::string> names = judge.classes();
    Samples renamed = held_out;
    const auto last = static_cast<std::int32_t>(names.size()) - 1;
    for (std::int32_t& label : renamed.labels)
        label = last - label;
    std::reverse(names.begin(), names.end());
    DOCTEST_CHECK(judge.judge(renamed, names).class_true == same.class_true);
    names[0] = "ultraviolet";
    DOCTEST_CHECK(contains(failure_of([&] { judge.judge(renamed, names); }), "ultraviolet"));

    // Noise: far away, rough, and without classes.
    Samples noise = held_out;
    noise.labels.clear();
    for (std::size_t i = 0; i < noise.values.size(); ++i)
        noise.values[i] = i * 2654435761u % 1000 < 500 ? -1.0f : 1.0f;
    const SampleQuality far = judge.judge(noise, {});
    DOCTEST_CHECK(std::isnan(far.class_true));
    DOCTEST_CHECK(far.confusion.empty());
    DOCTEST_CHECK(far.frechet > 100 * (1e-3 + std::abs(same.frechet)));
    DOCTEST_CHECK(far.kernel > 10 * far.kernel_sd);
    DOCTEST_CHECK(far.roughness > 2 * same.roughness);
}

DOCTEST_TEST_CASE("only a classifier judges, and only pictures of its shape") {
    Laboratory energy(plain);
    energy.apply(OpenScene{ebm::tests::small_scene(), false});
    DOCTEST_CHECK(contains(failure_of([&] { SampleJudge(energy, 1); }), "no classifier"));
    Laboratory laboratory(plain);
    laboratory.apply(OpenScene{colour_classifier(), false});
    const SampleJudge judge(laboratory, 1);
    const Samples small{1, {false, 3, 8, 8}, std::vector<float>(192)};
    DOCTEST_CHECK(contains(failure_of([&] { judge.judge(small, {}); }), "shape"));
}

DOCTEST_TEST_CASE("a classifier's checkpoint, exported or not, opens with the same energies") {
    const tests::TemporaryFolder folder;
    const std::string path = (folder.path / "run.safetensors").string();
    Laboratory going(plain);
    going.apply(OpenScene{colour_classifier(), false});
    going.apply(StepTraining{3});
    going.apply(SaveCheckpoint{path});
    Laboratory opened(plain);
    opened.apply(OpenCheckpoint{path});
    const Samples some = going.data(false, 20);
    DOCTEST_CHECK(opened.classify(some).features == going.classify(some).features);
    for (Laboratory* laboratory : {&going, &opened})
        laboratory->apply(StepTraining{3});
    DOCTEST_CHECK(opened.iteration() == 6);
    DOCTEST_CHECK(opened.classify(some).features == going.classify(some).features);
}
