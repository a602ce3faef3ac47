#include "core/lab/evaluation.h"

#include "core/data/plane.h"
#include "core/density/density.h"
#include "core/lab/views.h"
#include "core/settings/settings.h"

#include <cmath>
#include <limits>
#include <numbers>

#include <doctest/doctest.h>

namespace {

using namespace ebm;
using namespace ebm::lab;
using torch::Tensor;

/// E = (x² + y²) / 2 s², but not a number beyond x = 100.
class Bowl final : public Energy {
public:
    explicit Bowl(double deviation) : deviation_(deviation) {}
    Shape sample_shape() const override { return {2}; }
    Tensor value(const Batch& batch) const override {
        const Tensor& x = batch.x;
        const Tensor energy = x.square().sum(1) / (2 * deviation_ * deviation_);
        return torch::where(x.select(1, 0) > 100, torch::full_like(energy, NAN), energy);
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<Bowl>(*this); }

private:
    double deviation_;
};

/// −log of a normal density of standard deviation 1, and `gap` more: its energy bounds −log p from above.
class Bounded final : public Density {
public:
    explicit Bounded(double gap) : gap_(gap) {}
    bool exact() const override { return gap_ == 0; }
    std::string bound() const override { return exact() ? "" : "by a gap that is known"; }
    Shape sample_shape() const override { return {2}; }
    Tensor value(const Batch& batch) const override {
        return batch.x.square().sum(1) / 2 + std::log(2 * std::numbers::pi) + gap_;
    }
    Tensor draw(std::int64_t count, std::uint64_t, const Tensor&) const override {
        return torch::zeros({count, 2});
    }
    Tensor training_loss(const Batch& batch, std::uint64_t, std::int64_t) const override {
        return value(batch).mean();
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<Bounded>(*this); }

private:
    double gap_;
};

Tensor points(std::vector<float> values) {
    return torch::tensor(values).view({-1, 2});
}

const ScoreSet& set_named(const ScoresView& view, const std::string& name) {
    for (const ScoreSet& set : view.sets)
        if (set.name == name) return set;
    throw std::runtime_error("no set " + name);
}

} // namespace

DOCTEST_TEST_CASE("Evaluation: held-out log-likelihood of own points is that of the normalised model") {
    Dataset dataset;
    dataset.train = points({0, 0, 1, 1});
    dataset.held_out = points({0.5f, 0, 0, -1, 1, 1, 9, 0}); // the last lies outside the box
    const double s = 0.5;
    const Evaluation found = plane_evaluation(Bowl(s), dataset, Settings(), {});
    DOCTEST_CHECK_FALSE(found.divergence); // nobody knows the density of own points
    DOCTEST_REQUIRE(found.partition);
    const double log_z = std::log(2 * std::numbers::pi * s * s);
    DOCTEST_CHECK(std::abs(found.partition->log_partition - log_z) <= found.partition->error + 1e-5);
    DOCTEST_REQUIRE(found.held_out);
    DOCTEST_CHECK(found.held_out->count == 3);
    DOCTEST_CHECK(found.held_out->outside == 1);
    const double energies[] = {0.25 / 0.5, 1 / 0.5, 2 / 0.5};
    const double mean = (energies[0] + energies[1] + energies[2]) / 3;
    DOCTEST_CHECK(found.held_out->mean == doctest::Approx(-mean - log_z).epsilon(1e-4));
    double squares = 0;
    for (const double e : energies)
        squares += (e - mean) * (e - mean);
    DOCTEST_CHECK(found.held_out->standard_error == doctest::Approx(std::sqrt(squares / 2 / 3)));
}

DOCTEST_TEST_CASE("Evaluation: KL with error and the modes of data and buffer on a generated plane set") {
    Dataset dataset;
    dataset.plane = std::make_shared<data::PlaneSet>(data::plane_set("eight_gaussians"));
    dataset.train = points(dataset.plane->sample(2000, 1));
    dataset.held_out = points(dataset.plane->sample(2000, 2));
    const Tensor one_mode =
        dataset.train.index({(dataset.train - torch::tensor({2.0f, 0.0f})).norm(2, 1) < 0.5});
    const Evaluation found = plane_evaluation(Bowl(1.5), dataset, Settings(), one_mode);
    DOCTEST_REQUIRE(found.divergence);
    // KL = −entropy + E[r²] / 2 s² + log Z, with E[r²] = 4 + 2 · 0.04 and the box cutting 1 − erf-terms of Z.
    const double inside = std::pow(std::erf(4 / 1.5 / std::numbers::sqrt2), 2);
    const double entropy = std::log(8 * 2 * std::numbers::pi * 0.04) + 1; // the modes do not overlap
    const double expected = -entropy + 4.08 / (2 * 2.25) + std::log(2 * std::numbers::pi * 2.25 * inside);
    DOCTEST_CHECK(std::abs(found.divergence->kl - expected) < found.divergence->error + 2e-3);
    DOCTEST_REQUIRE(found.modes.size() == 2);
    DOCTEST_CHECK(found.modes[0].shares.missed == 0);
    DOCTEST_CHECK(found.modes[0].shares.distance < 0.05);
    DOCTEST_CHECK(found.modes[1].name == "Replay buffer");
    DOCTEST_CHECK(found.modes[1].shares.missed == 7);
    DOCTEST_CHECK(found.modes[1].shares.distance == doctest::Approx(7.0 / 8));
}

DOCTEST_TEST_CASE(
    "Evaluation: the model's modes are those of exp(-E/T), data and buffer are counted as they are") {
    Dataset dataset;
    dataset.plane = std::make_shared<data::PlaneSet>(data::plane_set("eight_gaussians"));
    dataset.train = points(dataset.plane->sample(2000, 1));
    dataset.held_out = points(dataset.plane->sample(2000, 2));
    Settings hot;
    hot.sampler.mode = SamplerMode::coupled;
    hot.sampler.temperature = 4;
    const auto at = [&](double width, const Settings& settings) {
        return plane_evaluation(Bowl(width), dataset, settings, dataset.train);
    };
    Settings usual = hot;
    usual.sampler.temperature = 1;
    const Evaluation narrow = at(0.75, usual), heated = at(0.75, hot), wide = at(1.5, usual);
    DOCTEST_REQUIRE(heated.model_modes);
    DOCTEST_CHECK(heated.temperature == 4);
    // r² / 2 s² over T is that of the width s √T.
    DOCTEST_CHECK(heated.model_modes->none == doctest::Approx(wide.model_modes->none).epsilon(1e-5));
    DOCTEST_CHECK(heated.model_modes->none < narrow.model_modes->none - 0.1);
    for (std::size_t mode = 0; mode < 8; ++mode) {
        DOCTEST_CHECK(heated.model_modes->shares[mode] ==
                      doctest::Approx(wide.model_modes->shares[mode]).epsilon(1e-5));
        DOCTEST_CHECK(
            heated.model_modes->shares[mode] ==
            doctest::Approx((1 - heated.model_modes->none) / 8).epsilon(0.02)); // they lie on a ring
        DOCTEST_CHECK(heated.modes[0].shares.shares[mode] == narrow.modes[0].shares.shares[mode]);
    }
}

DOCTEST_TEST_CASE("Scores: n of total, infinite energies rank last and are counted, NaN too") {
    Dataset dataset;
    dataset.train = points({0, 0, 1, 0, 2, 0, 3, 0});
    dataset.held_out = points({0, 1, 0, 2});
    dataset.ood.emplace_back("far", points({0, 3e30f, 0, 4e30f, 0, 5, 0, 6}));
    dataset.ood.emplace_back("broken", points({101, 0, 0, 0}));
    const Bowl energy(1);
    const auto view = scores_view(energy, dataset, {}, {}, {.iteration = 7});
    DOCTEST_CHECK(view->positive == "Held-out data");
    DOCTEST_CHECK(view->positive_count == 2);
    const ScoreSet& far = set_named(*view, "far");
    DOCTEST_CHECK(far.count == 4);
    DOCTEST_CHECK(far.not_finite == 2);
    DOCTEST_CHECK(far.auroc == 1);
    DOCTEST_CHECK(far.mean == doctest::Approx((12.5 + 18) / 2));
    DOCTEST_CHECK(far.sd == doctest::Approx(5.5 / std::sqrt(2.0))); // n − 1
    const ScoreSet& broken = set_named(*view, "broken");
    DOCTEST_CHECK(broken.not_finite == 1);
    DOCTEST_CHECK(broken.auroc == 0.5); // (0, 0) is likelier than both held-out points, NaN than neither
    DOCTEST_CHECK(broken.count == 2);

    const auto part = scores_view(energy, dataset, {}, {}, {.most = 2, .iteration = 7});
    DOCTEST_CHECK(set_named(*part, "Training data").count == 2);
    DOCTEST_CHECK(set_named(*part, "Training data").total == 4);

    Dataset alone;
    alone.ood = dataset.ood;
    const auto none = scores_view(energy, alone, {}, {}, {.iteration = 7});
    DOCTEST_CHECK(none->positive.empty());
    DOCTEST_CHECK(set_named(*none, "far").why_no_auroc ==
                  "there are no held-out data and no samples to compare with");
    const auto chains = scores_view(energy, alone, {}, points({0, 0, 0, 1}),
                                    {.iteration = 7, .chains_name = "Chains after 3 steps"});
    DOCTEST_CHECK(chains->positive == "Chains after 3 steps");
    DOCTEST_CHECK(set_named(*chains, "far").auroc == 1);
}

DOCTEST_TEST_CASE("Evaluation: log Z of a density is 0, and numbers of a bound are those of the bound") {
    Settings settings;
    settings.data.set = "two_moons";
    const std::shared_ptr<const data::PlaneSet> moons = data::plane_set_of(settings);
    Dataset dataset;
    dataset.plane = moons;
    dataset.train = points(moons->sample(500, 1));
    dataset.held_out = points({0.5f, 0, 0, -1, 9, 0}); // a density has the last one too, outside the box
    const double log_two_pi = std::log(2 * std::numbers::pi);
    const double mean = (0.25 / 2 + 1.0 / 2 + 81.0 / 2) / 3 + log_two_pi;
    double exact_kl = 0;
    for (const double gap : {0.0, 0.7}) {
        const Bounded density(gap);
        const Evaluation found = plane_evaluation(density, dataset, settings, {});
        DOCTEST_CHECK(found.normalised);
        DOCTEST_CHECK(found.bound == density.bound());
        DOCTEST_REQUIRE(found.held_out);
        DOCTEST_CHECK(found.held_out->count == 3);
        DOCTEST_CHECK(found.held_out->outside == 0);
        DOCTEST_CHECK(found.held_out->log_z_error == 0);
        DOCTEST_CHECK(found.held_out->mean == doctest::Approx(-(mean + gap))); // −mean E
        DOCTEST_REQUIRE(found.divergence);
        // What it is renormalised on the box, log Z and all; a square of ± 4 holds all but 1e-4 of it.
        const measure::Divergence on_the_box =
            plane_quadrature(dataset, settings, measure::thorough)->divergence(energy_of_points(density));
        DOCTEST_CHECK(on_the_box.log_partition == doctest::Approx(-gap).epsilon(0.001));
        DOCTEST_CHECK(found.partition->log_partition == doctest::Approx(on_the_box.log_partition));
        DOCTEST_CHECK(found.divergence->kl == doctest::Approx(on_the_box.kl + gap).epsilon(0.001));
        if (gap == 0) exact_kl = found.divergence->kl;
        DOCTEST_CHECK(found.divergence->kl == doctest::Approx(exact_kl + gap).epsilon(0.001));
        // At another temperature exp(−E/T) is no density as it is: the box normalises it.
        Settings warm = settings;
        warm.sampler.kind = SamplerKind::langevin;
        warm.sampler.temperature = 2;
        const Evaluation hot = plane_evaluation(density, dataset, warm, {});
        DOCTEST_CHECK_FALSE(hot.normalised);
        DOCTEST_CHECK(hot.bound.empty());
        DOCTEST_CHECK(hot.held_out->count == 2);
    }
    DOCTEST_CHECK_FALSE(plane_evaluation(Bowl(0.5), dataset, settings, {}).normalised);
}

DOCTEST_TEST_CASE("Views: the landscape of a density is with log Z = 0, its integral is a check") {
    const auto field = field_view(Bounded(0.7), {-4, -4, 4, 4}, 32, 0, -4, 4, 0);
    DOCTEST_CHECK(field->normalised);
    DOCTEST_CHECK(field->log_z == 0);
    DOCTEST_CHECK(field->log_integral == doctest::Approx(-0.7).epsilon(0.01));
    const auto warm = field_view(Bounded(0.7), {-4, -4, 4, 4}, 32, 0, -4, 4, 0, {}, 2);
    DOCTEST_CHECK_FALSE(warm->normalised);
    DOCTEST_CHECK(warm->log_z == warm->log_integral);
}
