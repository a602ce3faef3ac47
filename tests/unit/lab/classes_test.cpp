#include "core/lab/class_choice.h"
#include "core/lab/laboratory.h"
#include "core/lab/model_description.h"
#include "tests/unit/failure.h"
#include "tests/unit/lab/small_scene.h"
#include "tests/unit/temporary_folder.h"

#include <algorithm>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;
using ebm::tests::contains;
using ebm::tests::failure_of;
using ebm::tests::plain;
using ebm::tests::window;

namespace {

Scene moons_by_class() {
    Scene scene = ebm::tests::small_scene();
    scene.settings.data.set = "two_moons";
    scene.settings.model.conditional = true;
    return scene;
}

Snapshot look_anew(Laboratory& laboratory) {
    laboratory.refresh_views();
    Snapshot snapshot;
    laboratory.fill(snapshot);
    return snapshot;
}

} // namespace

DOCTEST_TEST_CASE("a class is asked for by name, by a part of one, or by number") {
    const std::vector<std::string> names = {"T-shirt/top", "Trouser", "Shirt", "Ankle boot", "7", "all"};
    DOCTEST_CHECK(class_choice("boot", names) == 3);
    DOCTEST_CHECK(class_choice("shirt", names) == 2); // a whole name is meant before a part of another
    DOCTEST_CHECK(class_choice("TROUSER", names) == 1);
    DOCTEST_CHECK(class_choice("7", names) == 4); // a name is meant before a number
    DOCTEST_CHECK(class_choice("1", names) == 1);
    DOCTEST_CHECK(class_choice("all", names) == 5);
    DOCTEST_CHECK(class_choice("all", {"a", "b"}) == -1);
    DOCTEST_CHECK(contains(failure_of([] { class_choice("trousr", {"Trouser", "Coat"}); }), "Trouser"));
    DOCTEST_CHECK(contains(failure_of([] { class_choice("12", {"a", "b"}); }), "0 to 1"));
    DOCTEST_CHECK(contains(failure_of([] { class_choice("coat", {"Red coat", "Blue coat"}); }), "Several"));
}

DOCTEST_TEST_CASE("chains keep their places when they are asked for another class") {
    Laboratory laboratory(window);
    laboratory.apply(OpenScene{moons_by_class(), false});
    laboratory.apply(StepChains{3});
    const Snapshot before = look_anew(laboratory);
    DOCTEST_REQUIRE(before.chains.labels.size() == static_cast<std::size_t>(before.chains.count));
    DOCTEST_CHECK(before.chains.asked_class == -1);
    for (std::size_t i = 0; i < before.chains.labels.size(); ++i)
        DOCTEST_CHECK(before.chains.labels[i] == static_cast<int>(i % 2));
    laboratory.apply(ChangeSetting{"sampler.ask", "1"});
    const Snapshot after = look_anew(laboratory);
    DOCTEST_CHECK(after.chains.positions == before.chains.positions);
    DOCTEST_CHECK(after.chains.asked_class == 1);
    DOCTEST_CHECK(after.chains.labels == std::vector<std::int32_t>(after.chains.labels.size(), 1));
    DOCTEST_CHECK(contains(failure_of([&] {
                               laboratory.apply(ChangeSetting{"sampler.ask", "sun"});
                           }),
                           "sun"));
}

DOCTEST_TEST_CASE("a conditional training is resumed bit for bit, labels of buffer and chains included") {
    const tests::TemporaryFolder folder;
    const std::string path = (folder.path / "run.safetensors").string();
    for (const char* labels : {"batch", "own"}) {
        Scene scene = moons_by_class();
        scene.settings.buffer.labels = std::string(labels) == "own" ? BufferLabels::own : BufferLabels::batch;
        scene.settings.buffer.reinit_share = 0.2;
        scene.settings.train.class_weight = std::string(labels) == "own" ? 0.2 : 0.0;
        scene.settings.train.class_batch = 9;
        scene.settings.sampler.relabel_share = 0.3;
        scene.settings.sampler.restart_share = 0.1;
        Laboratory going(window);
        going.apply(OpenScene{scene, false});
        going.apply(StepTraining{3});
        going.apply(StepChains{scene.settings.sampler.steps});
        going.apply(SaveCheckpoint{path});
        Laboratory opened(window);
        opened.apply(OpenCheckpoint{path});
        for (Laboratory* laboratory : {&going, &opened}) {
            laboratory->apply(StepTraining{3});
            laboratory->apply(StepChains{scene.settings.sampler.steps});
        }
        const Snapshot a = look_anew(going), b = look_anew(opened);
        DOCTEST_CHECK(a.buffer->labels == b.buffer->labels);
        DOCTEST_CHECK(a.chains.labels == b.chains.labels);
        DOCTEST_CHECK(a.chains.positions == b.chains.positions);
        std::vector<float> energies_a, energies_b;
        const Samples points{2, {}, {0.1f, 0.2f, -1.0f, 0.5f}};
        going.energies(points, 1, energies_a, nullptr);
        opened.energies(points, 1, energies_b, nullptr);
        DOCTEST_CHECK(energies_a == energies_b);
    }
}

DOCTEST_TEST_CASE("samples of a class lie where the class is") {
    Laboratory laboratory(plain);
    Scene scene = moons_by_class();
    scene.settings.train.energy_l2 = 0.01;
    scene.settings.train.iterations = 150;
    scene.settings.buffer.labels = BufferLabels::own;
    laboratory.apply(OpenScene{scene, false});
    laboratory.apply(StepTraining{150});
    const Evaluation evaluation = laboratory.evaluate({});
    DOCTEST_CHECK(evaluation.scores.front()->classes == 2);
    DOCTEST_CHECK(evaluation.scores.front()->accuracy > 0.7);
    for (const char* ask : {"0", "1"}) {
        laboratory.apply(ChangeSetting{"sampler.ask", ask});
        const Samples samples = laboratory.sample(200, 200, ChainStart::noise, nullptr, 1, {});
        DOCTEST_CHECK(samples.labels == std::vector<std::int32_t>(200, ask[0] - '0'));
        const std::vector<float> energies = laboratory.class_energies(samples);
        int right = 0;
        for (std::size_t i = 0; i < 200; ++i)
            right += (energies[2 * i] < energies[2 * i + 1]) == (ask[0] == '0');
        DOCTEST_CHECK(right > 130);
    }
}

DOCTEST_TEST_CASE("energies without class and their gradients are of the score that is chosen") {
    Laboratory laboratory(plain);
    laboratory.apply(OpenScene{moons_by_class(), false});
    const Samples points{2, {}, {0.1f, 0.2f, -1.0f, 0.5f}};
    const std::vector<float> of_classes = laboratory.class_energies(points);
    laboratory.apply(ChangeSetting{"view.class_score", "minimum"});
    std::vector<float> energies, with_gradient, gradients, gradients_of_class;
    laboratory.energies(points, -1, energies, nullptr);
    laboratory.energies(points, -1, with_gradient, &gradients);
    for (std::size_t i = 0; i < 2; ++i) {
        const float *first = of_classes.data() + 2 * i, *lowest = std::min_element(first, first + 2);
        DOCTEST_CHECK(energies[i] == doctest::Approx(*lowest));
        DOCTEST_CHECK(with_gradient[i] == doctest::Approx(*lowest));
        laboratory.energies(points, static_cast<int>(lowest - first), energies, &gradients_of_class);
        DOCTEST_CHECK(gradients[2 * i] == doctest::Approx(gradients_of_class[2 * i]));
        laboratory.energies(points, -1, energies, nullptr);
    }
}

DOCTEST_TEST_CASE("the mean of models is their mean, sums over classes after it, and cannot be trained") {
    const tests::TemporaryFolder folder;
    Scene mean = moons_by_class();
    std::vector<std::vector<float>> of_members;
    const Samples points{2, {}, {0.1f, 0.2f, -1.0f, 0.5f}};
    for (const int iterations : {2, 5}) {
        Laboratory member(plain);
        member.apply(OpenScene{moons_by_class(), false});
        member.apply(StepTraining{iterations});
        const std::string path = (folder.path / (std::to_string(iterations) + ".safetensors")).string();
        mean.parts.push_back({"", path, ""});
        member.apply(SaveCheckpoint{path});
        of_members.push_back(member.class_energies(points));
    }
    // As older files name the parts of a mean.
    std::vector<std::string> warnings;
    std::string json = scene_json(moons_by_class());
    const std::string order = "\"order\": 1000,";
    json.replace(json.find(order), order.size(),
                 "\"members\": [\"" + mean.parts[0].checkpoint + "\", \"" + mean.parts[1].checkpoint +
                     "\"],");
    mean = parse_scene(json, "test", warnings);
    Laboratory laboratory(plain);
    laboratory.apply(OpenScene{mean, false});
    const std::vector<float> found = laboratory.class_energies(points);
    for (std::size_t i = 0; i < found.size(); ++i)
        DOCTEST_CHECK(found[i] == doctest::Approx((of_members[0][i] + of_members[1][i]) / 2).epsilon(1e-4));
    std::vector<float> energies;
    laboratory.energies(points, -1, energies, nullptr);
    DOCTEST_CHECK(energies[0] ==
                  doctest::Approx(-std::log(std::exp(-found[0]) + std::exp(-found[1]))).epsilon(1e-4));
    DOCTEST_CHECK(contains(failure_of([&] { laboratory.apply(StepTraining{1}); }), "not trained"));
    DOCTEST_CHECK((parse_scene(scene_json(mean), "test", warnings).parts == mean.parts));
    DOCTEST_CHECK(mean.settings.compose.weights == "0.5, 0.5");
    DOCTEST_CHECK(warnings.empty());
}

DOCTEST_TEST_CASE("the description counts what the model has") {
    for (const char* name :
         {"two_moons", "two_moons_classes", "fashion_mnist", "fashion_mnist_classes", "sprites"}) {
        const Scene scene = find_scene(name);
        const ModelDescription model = describe_model(scene.settings, data_outline(scene.settings));
        Laboratory laboratory(plain);
        laboratory.apply(OpenScene{scene, false});
        Snapshot snapshot;
        laboratory.fill(snapshot);
        DOCTEST_CHECK(model.parameters == snapshot.parameter_count);
        DOCTEST_CHECK(model.memory_bytes() > 0);
    }
    // 2·64 + 3·64·64 + 64 multiply-adds
    const Scene moons = find_scene("two_moons");
    DOCTEST_CHECK(describe_model(moons.settings, data_outline(moons.settings)).multiply_adds == 12480);
}
