#include "core/base/error.h"
#include "core/energy/energy.h"
#include "core/learn/contrastive_divergence.h"
#include "core/settings/settings.h"

#include <doctest/doctest.h>

namespace {

using torch::Tensor;

ebm::Settings autoencoder_settings() {
    ebm::Settings settings;
    settings.model.energy = "autoencoder";
    settings.model.channels = 4;
    settings.model.latent = 3;
    settings.sampler.kind = ebm::SamplerKind::langevin;
    settings.sampler.mode = ebm::SamplerMode::published;
    settings.sampler.step_size = 1;
    settings.sampler.steps = 3;
    settings.sampler.box_low = -1;
    settings.sampler.box_high = 1;
    settings.sampler.jump_share = 0;
    settings.sampler.gradient_clip = 0.03;
    settings.buffer.size = 32;
    settings.train.batch = 16;
    settings.train.learning_rate = 0.002;
    settings.train.energy_l2 = 0.1;
    return settings;
}

/// Pictures of one bright column each.
Tensor columns(std::int64_t count) {
    Tensor pictures = torch::full({count, 1, 8, 8}, -0.8f);
    for (std::int64_t i = 0; i < count; ++i)
        pictures.index_put_({i, 0, torch::indexing::Slice(), i % 8}, 0.7f);
    return pictures;
}

} // namespace

DOCTEST_TEST_CASE("autoencoder: the energy is the squared error in units of the picture's contrast") {
    const ebm::Settings settings = autoencoder_settings();
    const auto energy = ebm::make_energy(settings, {1, 8, 8}, 5);
    const Tensor x = torch::rand({6, 1, 8, 8}) * 2 - 1;
    const Tensor value = energy->value(x).detach();
    DOCTEST_CHECK(value.sizes() == torch::IntArrayRef({6}));
    DOCTEST_CHECK(value.min().item<float>() > 0);

    // With every decoder weight 0 the reconstruction is 0, so that the error is the mean square.
    for (auto& [name, weight] : energy->parameters())
        if (name.starts_with("decoder.4")) weight.detach().zero_();
    energy->weights_changed();
    const Tensor plain = energy->value(x).detach();
    for (std::int64_t n = 0; n < 6; ++n) {
        const Tensor picture = x[n][0];
        const auto p = picture.accessor<float, 2>();
        double sum = 0, squares = 0, across = 0, down = 0;
        for (int i = 0; i < 8; ++i)
            for (int j = 0; j < 8; ++j) {
                sum += p[i][j];
                squares += p[i][j] * p[i][j];
                if (j < 7) across += (p[i][j + 1] - p[i][j]) * (p[i][j + 1] - p[i][j]);
                if (i < 7) down += (p[i + 1][j] - p[i][j]) * (p[i + 1][j] - p[i][j]);
            }
        const double mean = sum / 64, variance = squares / 64 - mean * mean;
        const double expected = settings.model.output_scale * (squares / 64) /
                                std::sqrt((variance + 0.01) * (across / 56 + down / 56 + 0.01));
        DOCTEST_CHECK(plain[n].item<double>() == doctest::Approx(expected).epsilon(1e-4));
    }
    ebm::Settings without = settings;
    without.model.own_contrast = false;
    const auto absolute = ebm::make_energy(without, {1, 8, 8}, 5);
    for (auto& [name, weight] : absolute->parameters())
        if (name.starts_with("decoder.4")) weight.detach().zero_();
    const Tensor mean_square = x.square().mean({1, 2, 3}) * settings.model.output_scale;
    DOCTEST_CHECK(torch::allclose(absolute->value(x).detach(), mean_square));
    const auto clone = energy->clone();
    DOCTEST_CHECK(torch::equal(clone->value(x), energy->value(x)));
    DOCTEST_CHECK(clone->parameters()[0].second.data_ptr() != energy->parameters()[0].second.data_ptr());
}

DOCTEST_TEST_CASE("autoencoder: starts are pictures that depend on their own random chain only") {
    const auto energy = ebm::make_energy(autoencoder_settings(), {3, 12, 8}, 5);
    const ebm::random::Place place{7, ebm::random::Stream::start, 0, 10, 0};
    const Tensor five = energy->starts(5, place);
    DOCTEST_REQUIRE(five.sizes() == torch::IntArrayRef({5, 3, 12, 8}));
    DOCTEST_CHECK(five.abs().max().item<float>() <= 1);
    ebm::random::Place second = place;
    ++second.chain;
    DOCTEST_CHECK(torch::allclose(energy->starts(1, second)[0], five[1]));
    DOCTEST_CHECK(!torch::allclose(five[0], five[1]));
}

DOCTEST_TEST_CASE("autoencoder: data alone at first, then negatives that start from the decoder") {
    ebm::Settings settings = autoencoder_settings();
    settings.train.data_only = 60;
    settings.buffer.reinit_share = 1;
    settings.buffer.fresh_from = ebm::FreshFrom::decoder;
    const auto energy = ebm::make_energy(settings, {1, 8, 8}, 5);
    ebm::ContrastiveDivergence learner(settings, energy, columns(40));
    const Tensor before = learner.buffer()->samples().clone();
    float first = 0, last = 0;
    for (int i = 0; i < 60; ++i) {
        const ebm::Record record = learner.step(settings);
        (i == 0 ? first : last) = record.positive_energy;
        const double sd = record.positive_energy_sd, mean = record.positive_energy;
        const double square = mean * mean + sd * sd * 15 / 16;
        DOCTEST_CHECK(record.loss == doctest::Approx(mean + settings.train.energy_l2 * square));
    }
    DOCTEST_CHECK(last < 0.7f * first);
    DOCTEST_CHECK(torch::equal(learner.buffer()->samples(), before));
    DOCTEST_CHECK(learner.buffer()->age_.max().item<std::int64_t>() == 0);

    // Without a step, what is put back is what the decoder made.
    settings.sampler.steps = 0;
    ebm::random::Place place = ebm::training_place(settings, ebm::random::Stream::start, 61);
    const Tensor made = energy->starts(16, place);
    learner.step(settings);
    std::int64_t found = 0;
    for (std::int64_t i = 0; i < 16; ++i)
        for (std::int64_t slot = 0; slot < 32; ++slot)
            found += torch::allclose(learner.buffer()->samples()[slot], made[i]) ? 1 : 0;
    DOCTEST_CHECK(found >= 16);
}

DOCTEST_TEST_CASE("autoencoder: what does not fit is refused") {
    ebm::Settings settings = autoencoder_settings();
    DOCTEST_CHECK_THROWS_AS(ebm::make_energy(settings, {2}, 1), ebm::Error);
    DOCTEST_CHECK_THROWS_AS(ebm::make_energy(settings, {1, 10, 8}, 1), ebm::Error);
    settings.model.conditional = true;
    DOCTEST_CHECK_THROWS_AS(ebm::make_energy(settings, {1, 8, 8}, 1, 10), ebm::Error);
}
