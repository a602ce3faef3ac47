#include "small_run.h"

#include "core/base/error.h"
#include "core/energy/differentiate.h"
#include "core/learn/draws.h"
#include "core/sample/sampler.h"
#include "tests/unit/failure.h"
#include "tests/unit/same_bits.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

using namespace ebm::tests;
using torch::Tensor;

namespace {

std::vector<std::pair<std::string, Tensor>> copy_state(const ebm::ContrastiveDivergence& learner) {
    std::vector<std::pair<std::string, Tensor>> copies;
    for (const auto& [name, tensor] : learner.state())
        copies.emplace_back(name, tensor.clone());
    return copies;
}

bool same_state(const std::vector<std::pair<std::string, Tensor>>& a,
                const std::vector<std::pair<std::string, Tensor>>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i].first != b[i].first || !same_bits(a[i].second, b[i].second)) return false;
    return true;
}

} // namespace

DOCTEST_TEST_CASE("the gradient of the loss equals autograd of the formula, fused and reference") {
    torch::manual_seed(4);
    ebm::Settings settings = small_settings();
    for (const ebm::Shape& shape : {ebm::Shape{2}, ebm::Shape{1, 28, 28}}) {
        settings.model.energy = shape.size() == 1 ? "mlp" : "conv";
        const auto energy = ebm::make_energy(settings, shape, 3);
        ebm::Shape batch = shape;
        batch.insert(batch.begin(), 20);
        const Tensor positives = torch::randn(batch), negatives = torch::randn(batch) * 2;
        std::vector<Tensor> weights;
        for (const auto& [name, weight] : energy->parameters())
            weights.push_back(weight);
        for (const double alpha : {0.0, 0.3}) {
            const Tensor up = energy->value(positives), down = energy->value(negatives);
            const Tensor regulariser = (up.square() + down.square()).mean();
            const Tensor loss = up.mean() - down.mean() + alpha * regulariser;
            const auto expected = ebm::differentiate({loss}, weights);
            for (const bool reference : {true, false}) {
                const ebm::LossGradient result =
                    reference ? ebm::loss_gradient_reference(*energy, positives, negatives, alpha)
                              : ebm::loss_gradient(*energy, positives, negatives, alpha);
                DOCTEST_CHECK(result.loss == doctest::Approx(loss.item<double>()).epsilon(1e-4));
                DOCTEST_CHECK(result.regulariser ==
                              doctest::Approx(regulariser.item<double>()).epsilon(1e-4));
                DOCTEST_CHECK(torch::allclose(result.positive_energy, up.detach(), 1e-4, 1e-5));
                DOCTEST_CHECK(torch::allclose(result.negative_energy, down.detach(), 1e-4, 1e-5));
                DOCTEST_REQUIRE(result.gradient.size() == expected.size());
                for (std::size_t i = 0; i < expected.size(); ++i) {
                    const double difference = (result.gradient[i] - expected[i]).norm().item<double>();
                    // The gradient of the last bias is 0 up to rounding.
                    DOCTEST_CHECK(difference < 1e-4 * (1e-2 + expected[i].norm().item<double>()));
                }
            }
        }
    }
}

DOCTEST_TEST_CASE("the gradient of a two-weight energy by hand") {
    // dL/dw_j = mean x⁺_j² − mean x⁻_j² with α = 0.
    const Bowl energy;
    const Tensor positives = torch::tensor({{1.0f, 0.0f}, {3.0f, 1.0f}}),
                 negatives = torch::tensor({{2.0f, 2.0f}, {0.0f, 1.0f}});
    const ebm::LossGradient result = ebm::loss_gradient(energy, positives, negatives, 0);
    DOCTEST_CHECK(result.gradient[0][0].item<float>() == doctest::Approx(5.0f - 2.0f));
    DOCTEST_CHECK(result.gradient[0][1].item<float>() == doctest::Approx(0.5f - 2.5f));
    // E⁺ = .5, 5.5; E⁻ = 6, 1.
    DOCTEST_CHECK(result.loss == doctest::Approx(3.0 - 3.5));
}

DOCTEST_TEST_CASE("a resumed run equals a never-stopped one to the bit") {
    const ebm::Settings settings = small_settings();
    ebm::ContrastiveDivergence whole = small_learner(settings);
    std::vector<std::pair<std::string, Tensor>> saved;
    for (int i = 0; i < 12; ++i) {
        if (i == 5) saved = copy_state(whole);
        whole.step(settings);
    }
    ebm::ContrastiveDivergence resumed = small_learner(settings);
    resumed.step(settings); // a different state, to be replaced completely
    resumed.restore(saved, 5, 1.5, "a file");
    DOCTEST_CHECK(resumed.iteration() == 5);
    ebm::Record last;
    for (int i = 5; i < 12; ++i)
        last = resumed.step(settings);
    DOCTEST_CHECK(last.iteration == 12);
    DOCTEST_CHECK(last.seconds > 1.5);
    DOCTEST_CHECK(same_state(whole.state(), resumed.state()));
}

DOCTEST_TEST_CASE("an iteration in parts equals the whole, to the bit") {
    for (const auto& [kind, mode] : {std::pair{ebm::SamplerKind::mala, ebm::SamplerMode::coupled},
                                     {ebm::SamplerKind::langevin, ebm::SamplerMode::coupled},
                                     {ebm::SamplerKind::langevin, ebm::SamplerMode::published}}) {
        ebm::Settings settings = small_settings();
        settings.sampler.kind = kind;
        settings.sampler.mode = mode;
        ebm::ContrastiveDivergence whole = small_learner(settings), parts = small_learner(settings);
        for (int i = 0; i < 3; ++i)
            whole.step(settings);
        int calls = 0;
        while (parts.iteration() < 3) {
            DOCTEST_CHECK(parts.work(settings, 0).has_value() == (++calls % 5 == 0)); // one step a part
        }
        DOCTEST_CHECK(calls == 15);
        DOCTEST_CHECK(same_state(whole.state(), parts.state()));
    }
}

DOCTEST_TEST_CASE("a setting acts within the iteration, and restoring forgets what was begun") {
    ebm::Settings settings = small_settings();
    ebm::ContrastiveDivergence changed = small_learner(settings), plain = small_learner(settings);
    const auto start = copy_state(plain);
    DOCTEST_CHECK_FALSE(changed.work(settings, 0));
    ebm::Settings shorter = settings;
    shorter.sampler.steps = 2;
    DOCTEST_CHECK(changed.work(shorter, 0)); // 2 steps are done: the iteration is whole
    DOCTEST_CHECK(changed.iteration() == 1);

    DOCTEST_CHECK_FALSE(changed.work(settings, 0));
    changed.restore(start, 0, 0, "a file");
    changed.step(settings);
    plain.step(settings);
    DOCTEST_CHECK(same_state(changed.state(), plain.state()));
}

DOCTEST_TEST_CASE("training does not depend on the thread count, to the bit") {
    const int threads = at::get_num_threads();
    const ebm::Settings settings = small_settings();
    ebm::ContrastiveDivergence one = small_learner(settings), three = small_learner(settings);
    for (int i = 0; i < 5; ++i) {
        at::set_num_threads(1);
        one.step(settings);
        at::set_num_threads(3);
        three.step(settings);
    }
    at::set_num_threads(threads);
    DOCTEST_CHECK(same_state(one.state(), three.state()));
}

DOCTEST_TEST_CASE("restore refuses a state that does not fit and changes nothing") {
    const ebm::Settings settings = small_settings();
    ebm::ContrastiveDivergence learner = small_learner(settings);
    learner.step(settings);
    const auto before = copy_state(learner);
    auto missing = copy_state(learner);
    missing.erase(missing.begin() + 3);
    DOCTEST_CHECK(contains(failure_of([&] { learner.restore(missing, 9, 0, "a file"); }), before[3].first));
    auto reshaped = copy_state(learner);
    reshaped.back().second = torch::zeros({3}, torch::kLong);
    DOCTEST_CHECK_THROWS_AS(learner.restore(reshaped, 9, 0, "a file"), ebm::Error);
    DOCTEST_CHECK(learner.iteration() == 1);
    DOCTEST_CHECK(same_state(before, learner.state()));
}

DOCTEST_TEST_CASE("a non-finite weight stops the iteration and leaves the state as it was") {
    const ebm::Settings settings = small_settings();
    ebm::ContrastiveDivergence learner = small_learner(settings);
    learner.step(settings);
    {
        const torch::NoGradGuard no_graph;
        learner.energy()->parameters()[2].second.view(-1)[3] = std::nanf("");
        learner.energy()->weights_changed();
    }
    const auto before = copy_state(learner);
    DOCTEST_CHECK_THROWS_AS(learner.step(settings), ebm::Error);
    DOCTEST_CHECK(same_state(before, learner.state()));
    DOCTEST_CHECK(learner.iteration() == 1);
}

DOCTEST_TEST_CASE("a loss that overflows is an Error that names the iteration") {
    ebm::Settings settings = small_settings();
    settings.train.energy_l2 = 10;
    settings.data.noise = 0;
    // E⁺ is of the order 1e24: finite, but its square is not.
    ebm::ContrastiveDivergence learner(settings, std::make_shared<Bowl>(), ring_data(100) * 1e12);
    const auto before = copy_state(learner);
    DOCTEST_CHECK(contains(failure_of([&] { learner.step(settings); }), "training iteration 1"));
    DOCTEST_CHECK(same_state(before, learner.state()));
}

DOCTEST_TEST_CASE(
    "negatives: different slots, fresh ones really uniform, the others as they lie in the buffer") {
    ebm::Settings settings = small_settings();
    settings.buffer.size = 5000;
    settings.train.batch = 2000;
    settings.buffer.reinit_share = 0.3;
    // Entries outside the box: what is inside must be freshly drawn, not an old entry.
    const ebm::ReplayBuffer buffer(torch::full({5000, 2}, 100.0f));
    std::set<std::int64_t> seen;
    std::vector<Tensor> fresh_points;
    std::int64_t fresh = 0;
    for (std::int64_t iteration = 1; iteration <= 5; ++iteration) {
        const ebm::Negatives negatives =
            ebm::draw_negatives(settings, Bowl(), buffer, torch::zeros({2000, 2}), iteration);
        const auto slots = negatives.slots.accessor<std::int64_t, 1>();
        std::set<std::int64_t> of_batch;
        for (std::int64_t i = 0; i < 2000; ++i) {
            DOCTEST_REQUIRE((slots[i] >= 0 && slots[i] < 5000));
            of_batch.insert(slots[i]);
        }
        DOCTEST_CHECK(of_batch.size() == 2000);
        seen.insert(of_batch.begin(), of_batch.end());
        fresh += negatives.fresh.sum().item<std::int64_t>();
        DOCTEST_CHECK(torch::equal(negatives.x.x.select(1, 0).lt(50), negatives.fresh));
        fresh_points.push_back(negatives.x.x.index({negatives.fresh}));
    }
    // 1 − 0.6⁵ = 92 % of the slots are drawn at least once.
    DOCTEST_CHECK(static_cast<double>(seen.size()) ==
                  doctest::Approx(5000 * (1 - std::pow(0.6, 5))).epsilon(0.02));
    DOCTEST_CHECK(static_cast<double>(fresh) == doctest::Approx(3000).epsilon(0.05));
    // Kolmogorov–Smirnov against U(−4, 4) at the 0.1 % level, and no correlation of x and y.
    const Tensor points = torch::cat(fresh_points);
    const double n = static_cast<double>(points.size(0));
    for (int e = 0; e < 2; ++e) {
        const Tensor sorted = std::get<0>(points.select(1, e).to(torch::kDouble).sort());
        const Tensor expected = (sorted + 4) / 8, actual = (torch::arange(points.size(0)) + 0.5) / n;
        DOCTEST_CHECK((expected - actual).abs().max().item<double>() < 1.95 / std::sqrt(n));
    }
    DOCTEST_CHECK(std::abs((points.select(1, 0) * points.select(1, 1)).mean().item<double>()) <
                  3 * (16.0 / 3) / std::sqrt(n));
    DOCTEST_CHECK(std::get<0>(torch::_unique(points.select(1, 0))).size(0) > 0.99 * n);
}

DOCTEST_TEST_CASE("the buffer remembers age, reuse, birth and energy") {
    ebm::ReplayBuffer buffer(torch::zeros({6, 2}));
    const Tensor x = torch::ones({2, 2}), energy = torch::tensor({1.0f, 2.0f});
    buffer.put(torch::tensor({1, 4}), x, energy, torch::tensor({false, true}), 20, 7);
    buffer.put(torch::tensor({4, 1}), 2 * x, energy + 1, torch::tensor({false, true}), 30, 8);
    DOCTEST_CHECK(torch::equal(buffer.age_, torch::tensor({0, 30, 0, 0, 50, 0})));
    DOCTEST_CHECK(torch::equal(buffer.reused_, torch::tensor({0, 0, 0, 0, 1, 0})));
    DOCTEST_CHECK(torch::equal(buffer.birth_, torch::tensor({0, 8, 0, 0, 7, 0})));
    DOCTEST_CHECK(buffer.energy_[4].item<float>() == 2.0f);
    DOCTEST_CHECK(buffer.energy_[1].item<float>() == 3.0f);
    DOCTEST_CHECK(std::isnan(buffer.energy_[0].item<float>()));
    DOCTEST_CHECK(
        torch::equal(buffer.look(torch::tensor({4, 0})).x, torch::tensor({{2.0f, 2.0f}, {0.0f, 0.0f}})));
}

DOCTEST_TEST_CASE("a buffer whose slots are taken in turn is a ring that begins empty") {
    ebm::ReplayBuffer buffer(torch::zeros({5, 2}));
    const auto points = [](float value) { return torch::full({2, 2}, value); };
    const Tensor energy = torch::tensor({1.0f, 2.0f}), none = torch::tensor({false, false});
    buffer.append(torch::tensor({0, 0}), points(1), energy, torch::tensor({true, true}), 10, 1);
    DOCTEST_CHECK(buffer.filled_ == 2);
    buffer.append(torch::tensor({1, 1}), points(2), energy, none, 10, 2); // one slot continued twice
    DOCTEST_CHECK(torch::equal(buffer.next_slots(2), torch::tensor({4, 0})));
    // Slot 0 is overwritten by what goes on from it.
    buffer.append(torch::tensor({3, 0}), points(3), energy, torch::tensor({true, false}), 5, 3);
    DOCTEST_CHECK(torch::equal(buffer.samples_.select(1, 0), torch::tensor({3.0f, 1.0f, 2.0f, 2.0f, 3.0f})));
    DOCTEST_CHECK(torch::equal(buffer.age_, torch::tensor({15, 10, 20, 20, 5})));
    DOCTEST_CHECK(torch::equal(buffer.reused_, torch::tensor({1, 0, 1, 1, 0})));
    DOCTEST_CHECK(torch::equal(buffer.birth_, torch::tensor({1, 1, 1, 1, 3})));
    DOCTEST_CHECK(buffer.filled_ == 5);
    DOCTEST_CHECK(buffer.next_ == 1);
    buffer.resize(3);
    DOCTEST_CHECK(buffer.filled_ == 3);
    DOCTEST_CHECK(buffer.next_ == 0);
}

DOCTEST_TEST_CASE(
    "first in, first out: noise alone at first, then draws with replacement, and a resume to the bit") {
    ebm::Settings settings = small_settings();
    settings.buffer.order = ebm::SlotOrder::fifo;
    settings.buffer.size = 80;
    settings.buffer.reinit_share = 0;
    auto learner = small_learner(settings);
    learner.keep_account(true);
    std::vector<ebm::NamedTensors> states;
    bool repeated = false;
    for (std::int64_t iteration = 1; iteration <= 6; ++iteration) {
        const ebm::Record record = learner.step(settings);
        // 32 a batch: 0, 32 and then more than a batch to draw from.
        DOCTEST_CHECK(record.fresh_share == (iteration <= 2 ? 1.0f : 0.0f));
        const ebm::Account& account = *learner.account();
        const std::int64_t filled = std::min<std::int64_t>(80, 32 * (iteration - 1));
        DOCTEST_CHECK(account.buffer_filled == filled);
        for (std::int64_t i = 0; i < 32; ++i)
            DOCTEST_CHECK(account.put[static_cast<std::size_t>(i)] == (32 * (iteration - 1) + i) % 80);
        if (iteration > 2) DOCTEST_CHECK(*std::ranges::max_element(account.slots) < filled);
        repeated = repeated || std::set(account.slots.begin(), account.slots.end()).size() < 32;
        states.push_back(copy_state(learner));
    }
    DOCTEST_CHECK(repeated);
    for (const std::int64_t at : {1, 3, 5}) {
        auto resumed = small_learner(settings);
        resumed.restore(states[static_cast<std::size_t>(at - 1)], at, 0, "here");
        for (std::int64_t iteration = at; iteration < 6; ++iteration)
            resumed.step(settings);
        DOCTEST_CHECK(same_bits(resumed.state(), states.back()));
    }
    // Where each negative goes back to its slot, nothing of a ring is kept.
    auto in_place = small_learner(small_settings());
    in_place.step(small_settings());
    DOCTEST_CHECK(
        std::ranges::none_of(in_place.state(), [](const auto& entry) { return entry.first == "ring"; }));
}

DOCTEST_TEST_CASE("the record describes the iteration that was computed") {
    ebm::Settings settings = small_settings();
    settings.buffer.reinit_share = 1.0;
    ebm::ContrastiveDivergence learner = small_learner(settings);
    const auto before = learner.energy()->clone();
    const auto record = learner.step(settings);
    DOCTEST_CHECK(record.iteration == 1);
    DOCTEST_CHECK(record.fresh_share == 1.0f);
    DOCTEST_CHECK(record.learning_rate == doctest::Approx(settings.train.learning_rate));
    DOCTEST_CHECK(record.loss ==
                  doctest::Approx(record.difference() + 0.05 * record.regulariser).epsilon(1e-4));

    // The negatives are what was written to the buffer; their energies are those of the weights before the
    // update.
    const Tensor written = learner.buffer()->reused_.eq(0).logical_and(learner.buffer()->birth_.eq(1));
    DOCTEST_CHECK(written.sum().item<std::int64_t>() == 32);
    const torch::NoGradGuard no_graph;
    const Tensor energies = before->value(learner.buffer()->samples_.index({written}));
    DOCTEST_CHECK(record.negative_energy == doctest::Approx(energies.mean().item<float>()).epsilon(1e-4));
    DOCTEST_CHECK(record.negative_energy_sd == doctest::Approx(energies.std().item<float>()).epsilon(1e-3));
    DOCTEST_CHECK(torch::allclose(learner.buffer()->energy_.index({written}), energies, 1e-4, 1e-4));
    DOCTEST_CHECK(record.acceptance > 0);
    DOCTEST_CHECK(record.acceptance <= 1);
    DOCTEST_CHECK(record.gradient_norm_max >= record.gradient_norm);
}

DOCTEST_TEST_CASE("training learns: a bowl takes the precision of Gaussian data") {
    // E = w₀ x₀² + w₁ x₁² fitted to N(0, 0.5² ) × N(0, 1): w → 1 / (2 σ²) = 2 and 0.5.
    ebm::Settings settings;
    settings.train.batch = 512;
    settings.train.iterations = 400;
    settings.train.learning_rate = 0.05;
    settings.train.average = 0.98;
    settings.buffer.size = 2048;
    settings.sampler.box_low = -8;
    settings.sampler.box_high = 8;
    torch::manual_seed(6);
    const Tensor data = torch::randn({20000, 2}) * torch::tensor({0.5f, 1.0f});
    ebm::ContrastiveDivergence learner(settings, std::make_shared<Bowl>(1.0f, 1.0f), data);
    for (int i = 0; i < 400; ++i)
        learner.step(settings);
    const Tensor w = learner.average()->parameters()[0].second;
    DOCTEST_CHECK(w[0].item<float>() == doctest::Approx(2.0).epsilon(0.06));
    DOCTEST_CHECK(w[1].item<float>() == doctest::Approx(0.5).epsilon(0.06));
}

DOCTEST_TEST_CASE("a learner refuses analytic energies and data of another shape") {
    ebm::Settings settings = small_settings();
    DOCTEST_CHECK_THROWS_AS(
        ebm::ContrastiveDivergence(settings, ebm::make_energy(settings, {2}, 1), torch::zeros({5, 3})),
        ebm::Error);
    DOCTEST_CHECK_THROWS_AS(
        ebm::ContrastiveDivergence(settings, ebm::make_energy(settings, {2}, 1), torch::zeros({0, 2})),
        ebm::Error);
    settings.model.energy = "ring";
    DOCTEST_CHECK_THROWS_AS(
        ebm::ContrastiveDivergence(settings, ebm::make_energy(settings, {2}, 1), torch::zeros({5, 2})),
        ebm::Error);
}

DOCTEST_TEST_CASE("noisy data stay in the box if the chains do") {
    ebm::Settings settings = small_settings();
    settings.data.noise = 0.5;
    settings.sampler.box_low = -1;
    settings.sampler.box_high = 1;
    const Tensor data = torch::full({50, 2}, -1.0f);
    const Tensor inside = ebm::draw_positives(settings, data, 400, 3).x;
    DOCTEST_CHECK(inside.min().item<float>() == -1.0f);
    settings.sampler.box = false;
    const Tensor free = ebm::draw_positives(settings, data, 400, 3).x;
    DOCTEST_CHECK(free.min().item<float>() < -1.5f);
    DOCTEST_CHECK((free + 1).std().item<double>() == doctest::Approx(0.5).epsilon(0.1));
    DOCTEST_CHECK_FALSE(torch::equal(free, ebm::draw_positives(settings, data, 400, 4).x));
}
