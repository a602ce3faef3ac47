#include "core/lab/scorer.h"

#include "core/density/density.h"
#include "core/energy/classes.h"
#include "core/energy/sum.h"
#include "core/lab/scores_task.h"
#include "core/lab/views.h"
#include "core/measure/complexity.h"
#include "core/sample/sampler.h"
#include "tests/unit/failure.h"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <map>

using namespace ebm;
using namespace ebm::lab;
using tests::failure_of;
using torch::Tensor;

namespace {

/// E = ‖x‖²/2σ², not a number where the first element is above 100.
class ScoredBowl : public Energy {
public:
    explicit ScoredBowl(double deviation, Shape shape = {2})
        : deviation_(deviation), shape_(std::move(shape)) {}
    Shape sample_shape() const override { return shape_; }
    Tensor value(const Batch& batch) const override {
        const Tensor flat = batch.x.flatten(1), energy = flat.square().sum(1) / (2 * deviation_ * deviation_);
        return torch::where(flat.select(1, 0) > 100, torch::full_like(energy, NAN), energy);
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<ScoredBowl>(*this); }

private:
    double deviation_;
    Shape shape_;
};

/// E(x, y) = ‖x − c_y‖² with c = (0, 0), (4, 0).
class TwoBowls final : public Energy {
public:
    Shape sample_shape() const override { return {2}; }
    int classes() const override { return 2; }
    Tensor value(const Batch& batch) const override {
        if (!batch.labels.defined()) return marginal(*this, batch.x);
        const Tensor centre =
            torch::stack({4 * batch.labels.to(torch::kFloat), torch::zeros({batch.size()})}, 1);
        return (batch.x - centre).square().sum(1);
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<TwoBowls>(*this); }
};

/// E(x, y) = ‖x‖² + y. Counts the energies that it is asked for.
class ManyClasses final : public Energy {
public:
    Shape sample_shape() const override { return {2}; }
    int classes() const override { return 1000; }
    Tensor value(const Batch& batch) const override {
        if (!batch.labels.defined()) return marginal(*this, batch.x);
        asked += batch.size();
        return batch.x.square().sum(1) + batch.labels.to(torch::kFloat);
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<ManyClasses>(*this); }

    mutable std::int64_t asked = 0;
};

class Normalised final : public Density {
public:
    Shape sample_shape() const override { return {2}; }
    Tensor value(const Batch& batch) const override {
        return batch.x.square().sum(1) / 2 + std::log(2 * M_PI);
    }
    Tensor draw(std::int64_t count, std::uint64_t, const Tensor&) const override {
        return torch::zeros({count, 2});
    }
    Tensor training_loss(const Batch& batch, std::uint64_t, std::int64_t) const override {
        return value(batch).mean();
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<Normalised>(*this); }
};

Settings plain_settings() {
    Settings settings;
    settings.sampler.kind = SamplerKind::langevin;
    settings.sampler.mode = SamplerMode::coupled;
    settings.sampler.step_size = 0.1;
    settings.sampler.jump_share = 0;
    return settings;
}

Tensor some_points(std::int64_t count, double scale = 1) {
    return scale * normal_samples(count, {2}, {9, random::Stream::data, 0, 0, 0});
}

std::vector<float> scores_of(const Energy& energy, const Settings& settings, ScoreKind kind,
                             const Tensor& x) {
    const Scorer scorer(energy, settings, {kind});
    return scorer.score(scorer.statistics(x), kind);
}

} // namespace

DOCTEST_TEST_CASE("Scores: energy, mass and recovery are what their formulas say") {
    const ScoredBowl energy(2);
    const Settings settings = plain_settings();
    const Tensor x = some_points(300);
    const Tensor e = x.square().sum(1) / 8;
    const auto near = [](const std::vector<float>& found, const Tensor& expected) {
        return torch::allclose(torch::tensor(found), expected, 1e-4, 1e-5);
    };
    DOCTEST_CHECK(near(scores_of(energy, settings, ScoreKind::energy, x), -e));
    DOCTEST_CHECK(near(scores_of(energy, settings, ScoreKind::mass, x), -(x.norm(2, 1) / 4).log()));
    kernels::StepReport report;
    const ChainState after =
        advance_reference(energy, {x}, step_settings(settings),
                          {static_cast<std::uint64_t>(settings.train.seed), random::Stream::noise,
                           static_cast<std::uint32_t>(RandomGroup::evaluation), 0, 0},
                          20, report);
    DOCTEST_CHECK(
        near(scores_of(energy, settings, ScoreKind::recovery, x), -(e - after.x.square().sum(1) / 8)));
    const std::vector<float> all = scores_of(energy, settings, ScoreKind::recovery, x);
    const std::vector<float> few = scores_of(energy, settings, ScoreKind::recovery, x.slice(0, 0, 10));
    for (std::size_t i = 0; i < few.size(); ++i)
        DOCTEST_CHECK(few[i] == doctest::Approx(all[i]).epsilon(1e-5));
}

DOCTEST_TEST_CASE("Scores: the denoising error of a Gaussian energy is that of the linear chain") {
    const double variance = 4;
    const ScoredBowl energy(std::sqrt(variance));
    Settings settings = plain_settings();
    settings.sampler.box = false;
    settings.train.seed = 5;
    settings.sampler.step_spread = 1;
    constexpr std::int64_t count = 20000;
    // x ← r x + s ξ with r = 1 − a / variance, from x + 0.2 ξ: a Gaussian with a known mean and spread.
    const kernels::StepSettings step = step_settings(settings);
    const double r = 1 - step.drift / variance, r20 = std::pow(r, measure::recovery_steps);
    const double spread = r20 * r20 * std::pow(measure::denoising_noise, 2) +
                          std::pow(step.noise, 2) * (1 - r20 * r20) / (1 - r * r);
    for (const double at : {0.0, 1.0, 6.0}) {
        const Tensor x = torch::full({count, 2}, at);
        const std::vector<float> found = scores_of(energy, settings, ScoreKind::denoising, x);
        double mean_square = 0;
        for (const float score : found) {
            DOCTEST_REQUIRE(score <= 0);
            mean_square += static_cast<double>(score) * score / count;
        }
        DOCTEST_CHECK(mean_square == doctest::Approx(std::pow((1 - r20) * at, 2) + spread).epsilon(0.03));
        // Keyed by seed and by the sample's number alone.
        const std::vector<float> few = scores_of(energy, settings, ScoreKind::denoising, x.slice(0, 0, 10));
        for (std::size_t i = 0; i < few.size(); ++i)
            DOCTEST_CHECK(few[i] == doctest::Approx(found[i]).epsilon(1e-5));
    }
    // What lies far from the valley is dragged away from where it was: less like the data.
    Tensor strange = torch::zeros({2, 2});
    strange[1] += 6;
    const std::vector<float> scores = scores_of(energy, settings, ScoreKind::denoising, strange);
    DOCTEST_CHECK(scores[1] < scores[0]);
}

DOCTEST_TEST_CASE(
    "Scores: the density of states tells from a held-out set what lies elsewhere, on both sides") {
    const ScoredBowl energy(1);
    const Settings settings = plain_settings();
    Scorer scorer(energy, settings, {ScoreKind::density_of_states, ScoreKind::typicality});
    DOCTEST_CHECK(scorer.needs_fit());
    const auto ring = [](std::int64_t count, std::int64_t from) { // all at a distance near 2
        const Tensor z = some_points(from + count).slice(0, from);
        return z / z.norm(2, 1, true) * (2 + 0.1 * z.select(1, 0)).unsqueeze(1);
    };
    scorer.fit(scorer.statistics(ring(600, 0)));
    DOCTEST_CHECK(scorer.fitted_on() == 600);
    const Statistics in = scorer.statistics(ring(300, 600)), inner = scorer.statistics(some_points(300, 0.1)),
                     outer = scorer.statistics(some_points(300, 20));
    for (const ScoreKind kind : {ScoreKind::density_of_states, ScoreKind::typicality}) {
        const std::vector<float> known = scorer.score(in, kind);
        const float worst = *std::min_element(known.begin(), known.end());
        for (const Statistics& other : {inner, outer}) {
            const std::vector<float> strange = scorer.score(other, kind);
            DOCTEST_CHECK(std::count_if(strange.begin(), strange.end(), [&](float s) { return s < worst; }) >
                          280);
        }
    }
    Scorer again(energy, settings, {ScoreKind::density_of_states});
    again.fit(again.statistics(ring(600, 0)));
    DOCTEST_CHECK(again.score(in, ScoreKind::density_of_states) ==
                  scorer.score(in, ScoreKind::density_of_states));
}

DOCTEST_TEST_CASE(
    "Scores: a sample that the model cannot judge is not finite, and the others keep their scores") {
    const ScoredBowl energy(1);
    const Settings settings = plain_settings();
    Tensor x = some_points(20);
    for (const ScoreKind kind : {ScoreKind::recovery, ScoreKind::density_of_states}) {
        Scorer scorer(energy, settings, {kind});
        if (scorer.needs_fit()) scorer.fit(scorer.statistics(some_points(100)));
        const std::vector<float> before = scorer.score(scorer.statistics(x), kind);
        Tensor broken = x.clone();
        broken[7][0] = 101;
        const std::vector<float> after = scorer.score(scorer.statistics(broken), kind);
        DOCTEST_CHECK_FALSE(std::isfinite(after[7]));
        for (std::size_t i = 0; i < after.size(); ++i)
            if (i != 7) DOCTEST_CHECK(after[i] == doctest::Approx(before[i]).epsilon(1e-4));
    }
    Scorer scorer(energy, settings, {ScoreKind::density_of_states});
    Tensor held_out = some_points(100);
    held_out[3][0] = 101;
    scorer.fit(scorer.statistics(held_out));
    DOCTEST_CHECK(scorer.fitted_on() == 99);
    DOCTEST_CHECK(scorer.fit_not_finite() == 1);
}

DOCTEST_TEST_CASE("Scores: class probability, log p and bits per dimension, complexity, ensemble") {
    const Settings settings = plain_settings();
    const Tensor x = torch::tensor({{0.0f, 0.0f}, {2.0f, 1.0f}, {4.0f, 0.0f}});
    const std::vector<float> sure = scores_of(TwoBowls(), settings, ScoreKind::class_probability, x);
    DOCTEST_CHECK(sure[0] == doctest::Approx(1 / (1 + std::exp(-16.0))));
    DOCTEST_CHECK(sure[1] == doctest::Approx(0.5));
    // Its gradient is that of the class of lowest energy.
    const Tensor aside = torch::tensor({{5.0f, 0.0f}});
    DOCTEST_CHECK(scores_of(TwoBowls(), settings, ScoreKind::mass, aside)[0] ==
                  doctest::Approx(-std::log(2.0)));

    const double log_p = -0.5 - std::log(2 * M_PI);
    const Tensor one = torch::tensor({{1.0f, 0.0f}});
    DOCTEST_CHECK(scores_of(Normalised(), settings, ScoreKind::log_p, one)[0] == doctest::Approx(log_p));
    DOCTEST_CHECK(scores_of(Normalised(), settings, ScoreKind::bits_per_dim, one)[0] ==
                  doctest::Approx(log_p / (2 * std::log(2.0))));

    const Tensor grey = torch::zeros({1, 1, 28, 28});
    const Tensor noise = uniform_samples(1, {1, 28, 28}, -1, 1, {1, random::Stream::data, 0, 0, 0});
    const Tensor pictures = torch::cat({grey, noise});
    const ScoredBowl bowl(10, {1, 28, 28});
    const std::vector<float> complexity = scores_of(bowl, settings, ScoreKind::complexity, pictures);
    const std::vector<std::uint8_t> pixels(784, 128);
    const std::int64_t bits = measure::deflate_bits(pixels);
    DOCTEST_CHECK(bits < 200);
    DOCTEST_CHECK(complexity[0] == doctest::Approx(static_cast<double>(bits)));
    DOCTEST_CHECK(complexity[1] > 6000); // noise is hardly compressed: 784 · 8 = 6272, less its energy

    const auto mean = mean_energy({std::make_shared<ScoredBowl>(1), std::make_shared<ScoredBowl>(2)});
    Scorer scorer(*mean, settings, {ScoreKind::ensemble});
    const Tensor held_out = some_points(50);
    scorer.fit(scorer.statistics(held_out));
    const double mean_square = held_out.square().sum(1).mean().item<double>();
    const Tensor far = torch::tensor({{3.0f, 0.0f}});
    const double first = (9 - mean_square) / 2, second = (9 - mean_square) / 8;
    const double variance = (first - second) * (first - second) / 2; // n − 1
    DOCTEST_CHECK(scorer.score(scorer.statistics(far), ScoreKind::ensemble)[0] ==
                  doctest::Approx(-(first + second) / 2 - variance).epsilon(1e-4));
}

DOCTEST_TEST_CASE("Scores: a model that cannot give a score says why") {
    const ScoredBowl bowl(1);
    const auto problem = [](ScoreKind kind, const Energy& energy, std::int64_t held_out) {
        const auto error = score_problem(kind, energy, held_out);
        return error ? std::string(error->what()) : std::string();
    };
    DOCTEST_CHECK(
        problem(ScoreKind::class_probability, bowl, 100) ==
        "The model has no classes, so it gives no p(y|x) (score class_probability). Use another score, or "
        "a conditional model.");
    DOCTEST_CHECK(problem(ScoreKind::log_p, bowl, 100).find("not normalised") != std::string::npos);
    DOCTEST_CHECK(problem(ScoreKind::ensemble, bowl, 100).find("not an ensemble") != std::string::npos);
    DOCTEST_CHECK(problem(ScoreKind::complexity, bowl, 100).find("not compressed") != std::string::npos);
    DOCTEST_CHECK(
        problem(ScoreKind::density_of_states, bowl, 8).find("8 statistics cannot be fitted on 8 held-out") !=
        std::string::npos);
    DOCTEST_CHECK(problem(ScoreKind::typicality, bowl, 0).find("no held-out data") != std::string::npos);
    DOCTEST_CHECK(problem(ScoreKind::density_of_states, bowl, 9).empty());
    DOCTEST_CHECK(problem(ScoreKind::log_p, Normalised(), 0).empty());
    DOCTEST_CHECK(problem(ScoreKind::class_probability, TwoBowls(), 0).empty());
}

DOCTEST_TEST_CASE(
    "Scores: what is fitted on is never scored, and all scores of a table are of the same samples") {
    for (const std::int64_t count : {0, 1, 2, 7, 100}) {
        const Tensor scored = scored_rows(count), fitted = fitted_rows(count);
        DOCTEST_CHECK(scored.size(0) + fitted.size(0) == count);
        DOCTEST_CHECK(std::get<0>(torch::cat({scored, fitted}).sort()).equal(torch::arange(count)));
    }
    Dataset dataset;
    dataset.held_out = some_points(201);
    dataset.ood.emplace_back("far", some_points(50, 30));
    dataset.ood.emplace_back("one", some_points(1, 30));
    dataset.ood.emplace_back("equal", torch::ones({4, 2}));
    const ScoredBowl energy(1);
    const auto views = scores_views(
        energy, dataset, {}, {},
        {.settings = plain_settings(),
         .kinds = {ScoreKind::energy, ScoreKind::density_of_states, ScoreKind::class_probability}});
    DOCTEST_REQUIRE(views.size() == 3);
    for (int i = 0; i < 2; ++i) {
        DOCTEST_CHECK(views[i]->positive_count == 101);
        DOCTEST_CHECK(views[i]->problem.empty());
        const ScoreSet& far = views[i]->sets[1];
        DOCTEST_CHECK(far.auroc > 0.95);
        DOCTEST_CHECK(far.auroc_low <= far.auroc);
        DOCTEST_CHECK(far.auroc_high >= far.auroc);
        DOCTEST_CHECK(std::isnan(views[i]->sets[2].auroc_low));
        DOCTEST_CHECK(views[i]->sets[2].why_no_interval == "one has a single sample");
        DOCTEST_CHECK_FALSE(std::isnan(views[i]->sets[2].auroc));
        DOCTEST_CHECK(views[i]->score_quantiles.size() == 101);
    }
    DOCTEST_CHECK(views[0]->sets[3].remark.find("one and the same score") != std::string::npos);
    DOCTEST_CHECK(views[0]->fitted_on == 0);
    DOCTEST_CHECK(views[1]->fitted_on == 100);
    DOCTEST_CHECK(views[2]->sets.empty());
    DOCTEST_CHECK(views[2]->problem.find("no classes") != std::string::npos);
    // Low energies and high scores are both "in".
    DOCTEST_CHECK(views[0]->sets[0].mean < views[0]->sets[1].mean);
    DOCTEST_CHECK(views[1]->sets[0].mean > views[1]->sets[1].mean);
}

DOCTEST_TEST_CASE("Scores: with a thousand classes few samples are scored, and n says so") {
    DOCTEST_CHECK(most_scored(500, 0) == 500);
    DOCTEST_CHECK(most_scored(500, 10) == 500);
    DOCTEST_CHECK(most_scored(500, 100) == 50);
    DOCTEST_CHECK(most_scored(500, 1000) == 20);
    DOCTEST_CHECK(most_scored(10'000, 1000) == 100);
    DOCTEST_CHECK(most_scored(4, 1000) == 4);
    DOCTEST_CHECK(most_scored(0, 1000) == 0); // all
    Dataset dataset;
    dataset.train = some_points(400);
    dataset.held_out = some_points(300);
    dataset.ood.emplace_back("far", some_points(200, 30));
    const ManyClasses energy;
    const auto view = scores_view(energy, dataset, {}, {}, {.settings = plain_settings(), .most = 500});
    for (const ScoreSet& set : view->sets)
        DOCTEST_CHECK(set.count == 20);
    DOCTEST_CHECK(view->sets[1].total == 300);
    DOCTEST_CHECK(view->positive_count == 20);
    DOCTEST_CHECK(view->sets[2].auroc > 0.9);
    DOCTEST_CHECK(energy.asked == 3 * 20 * 1000);
}

DOCTEST_TEST_CASE("OOD pictures: inverted, turned and shuffled ones have the pixels of held-out pictures") {
    Dataset dataset;
    dataset.kind = {false, 1, 4, 4};
    dataset.held_out = torch::arange(3 * 16).view({3, 1, 4, 4}).to(torch::kByte);
    Settings settings;
    settings.data.set = "pictures";
    add_ood_pictures(dataset, settings);
    std::map<std::string, Tensor> sets;
    for (const auto& [name, x] : dataset.ood)
        sets[name] = x;
    const Tensor truth = model_values(dataset.held_out);
    DOCTEST_REQUIRE(sets.contains("Rotated"));
    DOCTEST_CHECK(sets["Inverted"].equal(-truth));
    DOCTEST_CHECK(sets["Rotated"][1][0][3][0].item<float>() == truth[1][0][0][0].item<float>());
    const Tensor shuffled = sets["Shuffled pixels"];
    DOCTEST_CHECK_FALSE(shuffled.equal(truth));
    DOCTEST_CHECK(std::get<0>(shuffled.flatten(1).sort(1)).equal(std::get<0>(truth.flatten(1).sort(1))));
    DOCTEST_CHECK_FALSE(sets.contains("MNIST digits")); // of another shape
    dataset.ood.clear();
    dataset.kind = {false, 1, 4, 3};
    dataset.held_out = dataset.held_out.slice(3, 0, 3);
    add_ood_pictures(dataset, settings);
    DOCTEST_CHECK(std::none_of(dataset.ood.begin(), dataset.ood.end(),
                               [](const auto& set) { return set.first == "Rotated"; }));
}

DOCTEST_TEST_CASE("Scores: a set that is looked at in pieces gets the scores that it gets as a whole") {
    const auto some = [](std::int64_t count, double spread, std::uint64_t seed) {
        return (spread * torch::randn({count, 2}, torch::make_generator<torch::CPUGeneratorImpl>(seed)))
            .contiguous();
    };
    Dataset dataset;
    dataset.train = some(50, 0.5, 1);
    dataset.held_out = some(61, 0.5, 2);
    dataset.ood = {{"far", some(33, 2, 3)}, {"near", some(20, 0.3, 4)}};
    ScoreQuery query{.settings = plain_settings(),
                     .kinds = {ScoreKind::energy, ScoreKind::recovery, ScoreKind::typicality,
                               ScoreKind::density_of_states, ScoreKind::class_probability}};
    query.most = 25;
    const ScoredBowl bowl(0.5);
    const auto whole = scores_views(bowl, dataset, {}, {}, query);
    ScoresTask task(bowl, dataset, {}, {}, query, 7);
    double before = -1;
    while (task.left()) {
        DOCTEST_CHECK(task.done() > before);
        before = task.done();
        task.advance();
    }
    DOCTEST_CHECK(task.done() == 1);
    const auto parts = task.result();
    DOCTEST_REQUIRE(parts.size() == whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        DOCTEST_CHECK(parts[i]->problem == whole[i]->problem);
        DOCTEST_CHECK(parts[i]->fitted_on == whole[i]->fitted_on);
        DOCTEST_REQUIRE(parts[i]->sets.size() == whole[i]->sets.size());
        for (std::size_t set = 0; set < whole[i]->sets.size(); ++set) {
            DOCTEST_CHECK(parts[i]->sets[set].name == whole[i]->sets[set].name);
            DOCTEST_CHECK(parts[i]->sets[set].mean == doctest::Approx(whole[i]->sets[set].mean));
            if (whole[i]->sets[set].meaning == SetMeaning::ood)
                DOCTEST_CHECK(parts[i]->sets[set].auroc == doctest::Approx(whole[i]->sets[set].auroc));
        }
    }
    DOCTEST_CHECK_FALSE(parts.back()->problem.empty()); // no classes
}
