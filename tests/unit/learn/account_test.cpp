#include "small_run.h"

#include "core/learn/draws.h"
#include "tests/unit/same_bits.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace ebm::tests;
using torch::Tensor;

DOCTEST_TEST_CASE("an iteration walked line by line equals a whole one, to the bit") {
    const ebm::Settings settings = small_settings();
    for (const ebm::Stride stride : {ebm::Stride::sampling_step, ebm::Stride::line, ebm::Stride::iteration}) {
        auto whole = small_learner(settings), walked = small_learner(settings);
        walked.keep_account(true);
        for (int i = 0; i < 4; ++i) {
            const ebm::Record expected = whole.step(settings);
            std::optional<ebm::Record> record;
            int strides = 0;
            while (!record) {
                record = walked.walk(settings, stride);
                ++strides;
            }
            // data, start, 5 steps or all of them, energies, update
            DOCTEST_CHECK(strides == (stride == ebm::Stride::sampling_step ? 9
                                      : stride == ebm::Stride::line        ? 5
                                                                           : 1));
            for (const ebm::RecordField& field : ebm::record_fields())
                DOCTEST_CHECK(
                    std::memcmp(&(expected.*field.member), &((*record).*field.member), sizeof(float)) == 0);
        }
        DOCTEST_CHECK(same_bits(whole.state(), walked.state()));
    }
}

DOCTEST_TEST_CASE("who looks at an iteration does not move the power iteration of its network") {
    ebm::Settings settings = small_settings();
    settings.model.energy = "residual";
    settings.model.width = 8;
    settings.model.spectral_every_step = true;
    settings.sampler.kind = ebm::SamplerKind::langevin;
    settings.sampler.jump_share = 0;
    settings.train.batch = 4;
    const Tensor pictures = torch::linspace(-1, 1, 20 * 64).reshape({20, 1, 8, 8});
    const auto learner = [&] {
        return ebm::ContrastiveDivergence(settings, ebm::make_energy(settings, {1, 8, 8}, 5), pictures);
    };
    auto alone = learner(), looked_at = learner();
    looked_at.keep_account(true);
    for (int i = 0; i < 2; ++i) {
        alone.step(settings);
        looked_at.step(settings);
    }
    DOCTEST_CHECK(looked_at.account()->whole);
    DOCTEST_CHECK(same_bits(alone.state(), looked_at.state()));
}

DOCTEST_TEST_CASE("a walk stops after each line, and training goes on from there") {
    const ebm::Settings settings = small_settings();
    auto whole = small_learner(settings), learner = small_learner(settings);
    whole.step(settings);
    const auto next = [&] { return learner.progress(); };
    DOCTEST_CHECK(next().phase == ebm::Phase::data);
    DOCTEST_CHECK_FALSE(learner.walk(settings, ebm::Stride::line));
    DOCTEST_CHECK(next().phase == ebm::Phase::start);
    DOCTEST_CHECK_FALSE(learner.walk(settings, ebm::Stride::line));
    DOCTEST_CHECK(next().phase == ebm::Phase::sample);
    DOCTEST_CHECK_FALSE(learner.walk(settings, ebm::Stride::sampling_step));
    DOCTEST_CHECK(next().phase == ebm::Phase::sample);
    DOCTEST_CHECK(next().step == 1);
    DOCTEST_CHECK_FALSE(learner.walk(settings, ebm::Stride::line));
    DOCTEST_CHECK(next().phase == ebm::Phase::energies);
    learner.step(settings);
    DOCTEST_CHECK(learner.iteration() == 1);
    DOCTEST_CHECK(same_bits(whole.state(), learner.state()));
}

DOCTEST_TEST_CASE("the account tells the numbers of the record, and who took part") {
    ebm::Settings settings = small_settings();
    settings.data.noise = 0;
    settings.sampler.kind = ebm::SamplerKind::mala;
    settings.train.gradient_norm = 0.01; // shortens every gradient
    auto learner = small_learner(settings);
    learner.keep_account(true);
    for (int i = 0; i < 3; ++i)
        learner.step(settings);
    const Tensor ages = learner.buffer()->age_.clone();
    const auto energies_before = learner.energy()->clone();
    std::optional<ebm::Record> record;
    int refused = 0;
    std::int64_t jumps = 0;
    ebm::Account halfway;
    while (!record) {
        record = learner.walk(settings, ebm::Stride::sampling_step);
        const ebm::Account& account = *learner.account();
        if (account.progress.phase == ebm::Phase::sample && account.progress.step == 2) halfway = account;
        refused += static_cast<int>(account.refused);
        if (account.progress.phase == ebm::Phase::sample) jumps += account.jumps;
        DOCTEST_CHECK(account.jumps_accepted <= account.jumps);
        DOCTEST_CHECK(std::count(account.stayed.begin(), account.stayed.end(), 1) == account.refused);
        if (account.progress.phase != ebm::Phase::sample || account.progress.step == 0) continue;
        // What is told of each one's last step is what it did.
        DOCTEST_REQUIRE(account.proposed_energies.size() == 32);
        DOCTEST_CHECK(std::count(account.jumped.begin(), account.jumped.end(), 1) == account.jumps);
        for (std::size_t i = 0; i < 32; ++i) {
            if (!account.stayed[i])
                DOCTEST_CHECK(account.proposed_energies[i] ==
                              doctest::Approx(account.energies[i]).epsilon(1e-3));
            DOCTEST_CHECK(account.step_scales[i] >= 1 / settings.sampler.step_spread - 1e-5);
            DOCTEST_CHECK(account.step_scales[i] <= settings.sampler.step_spread + 1e-5);
        }
    }
    // MALA knows the energy and its gradient where each negative is.
    DOCTEST_REQUIRE(learner.account()->energies.size() == 32);
    for (std::size_t i = 0; i < 32; ++i) {
        const auto [energy, gradient] = energies_before->value_and_gradient(
            {torch::tensor({{learner.account()->negatives[2 * i], learner.account()->negatives[2 * i + 1]}}),
             {}});
        DOCTEST_CHECK(learner.account()->energies[i] == doctest::Approx(energy.item<double>()).epsilon(1e-3));
        DOCTEST_CHECK(learner.account()->gradient_norms[i] ==
                      doctest::Approx(gradient.norm().item<double>()).epsilon(1e-3));
    }
    const ebm::Account& account = *learner.account();
    DOCTEST_CHECK(account.whole);
    DOCTEST_CHECK(account.iteration == 4);
    DOCTEST_CHECK_FALSE(halfway.whole);
    DOCTEST_CHECK(halfway.progress.steps == 5);
    DOCTEST_CHECK(refused > 0);
    DOCTEST_CHECK(jumps > 0);
    DOCTEST_CHECK(account.positive_energy == record->positive_energy);
    DOCTEST_CHECK(account.negative_energy == record->negative_energy);
    DOCTEST_CHECK(account.loss == record->loss);
    DOCTEST_CHECK(account.regulariser == record->regulariser);
    DOCTEST_CHECK(account.gradient_norm_weights == record->parameter_gradient_norm);
    DOCTEST_CHECK(account.learning_rate == record->learning_rate);
    DOCTEST_CHECK(account.gradient_scale ==
                  doctest::Approx(0.01 / record->parameter_gradient_norm).epsilon(1e-5));
    DOCTEST_CHECK(account.fresh_count == std::lround(record->fresh_share * 32));
    // The samples that were drawn are those of the data.
    const Tensor data = ring_data(200);
    DOCTEST_REQUIRE(account.shown == 32);
    for (std::size_t i = 0; i < 32; ++i) {
        DOCTEST_CHECK(account.positives[2 * i] == data[account.rows[i]][0].item<float>());
        DOCTEST_CHECK(account.ages[i] ==
                      (account.fresh[i] ? 0 : ages[account.slots[i]].item<std::int64_t>()));
        // Where they were put back.
        const Tensor kept = learner.buffer()->samples_[account.slots[i]];
        DOCTEST_CHECK(account.negatives[2 * i + 1] == kept[1].item<float>());
    }
    // ‖Δθ‖, and the energies of the same samples afterwards.
    double squared = 0;
    const auto before = energies_before->parameters(), after = learner.energy()->parameters();
    for (std::size_t i = 0; i < before.size(); ++i)
        squared += (after[i].second - before[i].second).square().sum().item<double>();
    DOCTEST_CHECK(account.update_norm == doctest::Approx(std::sqrt(squared)).epsilon(1e-5));
    const auto change = [&](const std::vector<float>& samples, std::size_t i) {
        const torch::NoGradGuard none;
        const Tensor at = torch::tensor({samples[2 * i], samples[2 * i + 1]}).reshape({1, 2});
        return (learner.energy()->value({at, {}}) - energies_before->value({at, {}})).item<float>();
    };
    DOCTEST_REQUIRE(account.positive_changes.size() == 32);
    DOCTEST_REQUIRE(account.negative_changes.size() == 32);
    for (std::size_t i = 0; i < 32; ++i) {
        DOCTEST_CHECK(account.positive_changes[i] ==
                      doctest::Approx(change(account.positives, i)).epsilon(1e-3));
        DOCTEST_CHECK(account.negative_changes[i] ==
                      doctest::Approx(change(account.negatives, i)).epsilon(1e-3));
        DOCTEST_CHECK(std::abs(account.negative_changes[i]) <= account.largest_change());
    }
    const torch::NoGradGuard no_graph;
    const Tensor x = torch::from_blob(const_cast<float*>(account.positives.data()), {32, 2});
    DOCTEST_CHECK(account.positive_after ==
                  doctest::Approx(learner.energy()->value(x).mean().item<double>()).epsilon(1e-4));
    DOCTEST_CHECK(account.positive_after != account.positive_energy);
}
