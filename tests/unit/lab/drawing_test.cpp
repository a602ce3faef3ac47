#include "small_scene.h"

#include "core/store/checkpoint.h"
#include "tests/unit/temporary_folder.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::lab;
using namespace ebm::tests;

namespace {

/// PixelCNN++ or an autoencoder of tiny sprites.
Scene drawn_picture_scene(const char* energy) {
    Scene scene = small_scene();
    Settings& s = scene.settings;
    s.data.set = "sprites";
    s.data.count = 100;
    s.model.energy = energy;
    s.model.channels = 4;
    s.model.components = 2;
    s.model.latent = 3;
    s.model.bound_draws = 2;
    s.train.batch = 4;
    s.sampler.chains = 4;
    s.sampler.kind = SamplerKind::langevin;
    s.sampler.step_size = 1e-5;
    s.sampler.jump_share = 0;
    s.sampler.box_low = -1;
    s.sampler.box_high = 1;
    return scene;
}

/// Pixels of the live chains' pictures that are not black.
std::int64_t bright(const Snapshot& snapshot) {
    return std::ranges::count_if(snapshot.chains.pixels, [](std::uint8_t pixel) { return pixel > 0; });
}

} // namespace

DOCTEST_TEST_CASE(
    "live samples of PixelCNN++ come about pixel by pixel, and are whole before anything else moves") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{drawn_picture_scene("pixelcnn"), false});
    laboratory.apply(RestartChains{ChainStart::model, {}, ""});
    DOCTEST_CHECK(bright(look(laboratory)) == 0);
    DOCTEST_CHECK(std::isnan(look(laboratory).chains.energy[0])); // of half a picture nothing is said
    // A paused laboratory draws too, and says that there is more to do.
    const Work first = laboratory.work(std::chrono::microseconds(1));
    DOCTEST_CHECK(first.changed);
    DOCTEST_CHECK(first.wait == 0);
    std::int64_t before = bright(look(laboratory));
    int looks = 0, grown = 0;
    for (; std::isnan(look(laboratory).chains.energy[0]) && looks < 100000; ++looks) {
        laboratory.work(std::chrono::microseconds(1));
        const std::int64_t after = bright(look(laboratory));
        DOCTEST_CHECK(after >= before);
        grown += after > before ? 1 : 0;
        before = after;
    }
    DOCTEST_CHECK(grown > 20);
    DOCTEST_CHECK(std::isfinite(look(laboratory).chains.energy[3]));
    const std::vector<std::uint8_t> whole = look(laboratory).chains.pixels;
    DOCTEST_CHECK(whole.size() == std::size_t(4 * laboratory.kind().elements()));

    // One chain anew: the others stay. A second command makes the first one's samples whole.
    laboratory.apply(RestartChains{ChainStart::model, {2}, ""});
    laboratory.apply(RestartChains{ChainStart::noise, {3}, ""});
    const Snapshot two = look(laboratory);
    const auto elements = static_cast<std::ptrdiff_t>(laboratory.kind().elements());
    const auto same = [&](int chain) {
        return std::equal(whole.begin() + chain * elements, whole.begin() + (chain + 1) * elements,
                          two.chains.pixels.begin() + chain * elements);
    };
    DOCTEST_CHECK(same(0));
    DOCTEST_CHECK(same(1));
    DOCTEST_CHECK(!same(2));
    DOCTEST_CHECK(!same(3));
    DOCTEST_CHECK(std::isfinite(two.chains.energy[2]));
}

DOCTEST_TEST_CASE("pictures are made of those chains that are on screen") {
    Laboratory laboratory({1, "cpu", true});
    laboratory.apply(OpenScene{drawn_picture_scene("vae"), false});
    const ChainsView all = look(laboratory).chains;
    DOCTEST_CHECK(all.pictured == std::vector<std::int32_t>{0, 1, 2, 3});
    laboratory.apply(ShowPictures{{3, 1, 1, 99, -1}});
    const ChainsView some = look(laboratory).chains;
    DOCTEST_CHECK(some.shown == 4);
    DOCTEST_REQUIRE(some.pictured == std::vector<std::int32_t>{1, 3});
    const auto elements = static_cast<std::size_t>(laboratory.kind().elements());
    DOCTEST_REQUIRE(some.pixels.size() == 2 * elements);
    for (const int chain : {1, 3}) {
        const auto at = [&](const ChainsView& view) {
            return view.pixels.begin() + view.picture_of(chain) * static_cast<std::ptrdiff_t>(elements);
        };
        DOCTEST_CHECK(std::equal(at(some), at(some) + static_cast<std::ptrdiff_t>(elements), at(all)));
    }
    DOCTEST_CHECK(some.picture_of(0) == -1);
    laboratory.apply(ShowPictures{{}});
    DOCTEST_CHECK(look(laboratory).chains.pixels.empty());
    laboratory.apply(OpenScene{drawn_picture_scene("vae"), false});
    DOCTEST_CHECK(look(laboratory).chains.pictured.size() == 4);
}

DOCTEST_TEST_CASE("PixelCNN++ and autoencoders resume bit for bit, and say whether their bits are a bound") {
    const TemporaryFolder folder;
    for (const char* energy : {"pixelcnn", "vae"}) {
        Laboratory whole({1, "cpu", false});
        whole.apply(OpenScene{drawn_picture_scene(energy), false});
        train(whole, 3);
        const std::string path = folder.path / "model.safetensors";
        whole.apply(SaveCheckpoint{path});
        Laboratory resumed({1, "cpu", false});
        resumed.apply(OpenCheckpoint{path});
        train(whole, 2);
        train(resumed, 2);
        int told = 0;
        const auto drawn = [&](Laboratory& laboratory) {
            return laboratory.sample(3, 0, ChainStart::model, nullptr, 1, [&](int) { ++told; }).values;
        };
        DOCTEST_CHECK(drawn(whole) == drawn(resumed));
        DOCTEST_CHECK((told > 10) == (energy == std::string("pixelcnn")));
        DOCTEST_CHECK(whole.train_iteration().loss == resumed.train_iteration().loss);
        const Evaluation evaluation = whole.evaluate({}, 20);
        DOCTEST_REQUIRE(evaluation.bits);
        DOCTEST_CHECK(std::isfinite(evaluation.bits->mean));
        DOCTEST_CHECK(evaluation.bits->bound.empty() == (energy == std::string("pixelcnn")));
    }
}

DOCTEST_TEST_CASE("the layers that describe a density have as many weights as it") {
    for (const char* energy : {"pixelcnn", "vae"})
        for (const bool plane : {false, true}) {
            if (plane && energy == std::string("pixelcnn")) continue;
            Scene scene = plane ? small_scene() : drawn_picture_scene(energy);
            scene.settings.model.energy = energy;
            Laboratory laboratory({1, "cpu", true});
            laboratory.apply(OpenScene{scene, false});
            const Snapshot snapshot = look(laboratory);
            DOCTEST_REQUIRE(snapshot.model);
            DOCTEST_CHECK(snapshot.model->parameters == snapshot.parameter_count);
            DOCTEST_CHECK(snapshot.model->multiply_adds > 0);
            DOCTEST_CHECK(snapshot.density());
        }
}
