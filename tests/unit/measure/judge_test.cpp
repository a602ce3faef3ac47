#include <doctest/doctest.h>

#include "core/base/random.h"
#include "core/measure/diagnostics.h"
#include "core/measure/record.h"
#include "core/settings/settings.h"

#include <cmath>
#include <functional>
#include <limits>

using ebm::Learning;
using ebm::Record;
using ebm::Settings;
using ebm::measure::Circumstances;
using ebm::measure::Health;
using ebm::measure::HealthLevel;
using ebm::measure::judge;

namespace {

/// A healthy run of the plane recipe as it looks in the records, `count` iterations that end at `last`, then
/// changed.
std::vector<Record> run(int count, std::int64_t last, const std::function<void(Record&, int)>& change = {}) {
    std::vector<Record> records;
    for (int i = 0; i < count; ++i) {
        const auto noise =
            ebm::random::normals(ebm::random::words({5, {}, 0, 0, static_cast<std::uint32_t>(i)}, 0));
        Record r;
        r.iteration = last - count + 1 + i;
        r.positive_energy = -3 + 0.06f * noise[0];
        r.negative_energy = -3 + 0.06f * noise[1];
        r.positive_energy_sd = r.negative_energy_sd = 1;
        r.loss = r.difference();
        r.learning_rate = 0.005f;
        r.parameter_gradient_norm = 0.5f;
        r.gradient_norm = 8;
        r.gradient_norm_max = 60;
        r.acceptance = 0.6f;
        r.jump_acceptance = 0.05f;
        r.distance = 0.1f;
        if (change) change(r, i);
        records.push_back(r);
    }
    return records;
}

/// What a button sets must be values that the settings take, and others than now; `key` is among them.
void check_change(const Health& health, const std::string& key, Settings settings) {
    DOCTEST_REQUIRE_FALSE(health.changes.empty());
    bool found = false;
    for (const auto& [changed, value] : health.changes) {
        const Settings before = settings;
        DOCTEST_CHECK_NOTHROW(ebm::setting(changed).set_text(settings, value));
        DOCTEST_CHECK_FALSE(settings == before);
        found = found || changed == key;
    }
    DOCTEST_CHECK(found);
    DOCTEST_CHECK_FALSE(health.remedy.empty());
}

} // namespace

DOCTEST_TEST_CASE("a healthy run is called healthy, with its numbers") {
    const Health health = judge(run(300, 800), {});
    DOCTEST_CHECK(health.level == HealthLevel::good);
    DOCTEST_CHECK(health.sentence.starts_with("Healthy"));
    DOCTEST_CHECK(health.remedy.empty());
    DOCTEST_CHECK(health.changes.empty());
    DOCTEST_REQUIRE(health.numbers.size() == 3);
    DOCTEST_CHECK(std::abs(health.numbers[0].second) < 0.1);
    DOCTEST_CHECK(health.numbers[1].second == doctest::Approx(60));
    DOCTEST_CHECK(health.numbers[2].second == doctest::Approx(0.6));
}

DOCTEST_TEST_CASE("nothing and the very first iterations are not judged") {
    DOCTEST_CHECK(judge({}, {}).level == HealthLevel::unknown);
    const auto falling = run(50, 50, [](auto& r, int) { r.positive_energy -= 2; });
    DOCTEST_CHECK(judge(falling, {}).level == HealthLevel::unknown);
}

DOCTEST_TEST_CASE("a finished run says so") {
    DOCTEST_CHECK(judge(run(100, 2000, [](auto& r, int) { r.learning_rate = 0; }), {})
                      .sentence.starts_with("Finished"));
}

DOCTEST_TEST_CASE("data far below the chains is divergence, and the remedy fits the sampler") {
    const auto diverging = run(200, 900, [](auto& r, int i) {
        r.positive_energy -= i < 150 ? 0.0f : 0.02f * static_cast<float>(i - 150);
    });
    Settings settings;
    DOCTEST_CHECK(judge(diverging, settings).level == HealthLevel::failure);
    check_change(judge(diverging, settings), "train.learning_rate", settings);
    settings.sampler.kind = ebm::SamplerKind::langevin;
    check_change(judge(diverging, settings), "sampler.kind", settings);
    DOCTEST_CHECK(judge(diverging, settings).changes.front().second == "mala");
    DOCTEST_CHECK(judge(diverging, settings).changes.size() == 1); // the recipe limits the drift
    DOCTEST_CHECK(judge(diverging, settings).then == Health::Then::reset);
    settings.sampler.drift_limit = 0;
    settings.sampler.step_spread = 1;
    check_change(judge(diverging, settings), "sampler.drift_limit", settings);
    settings.sampler.kind = ebm::SamplerKind::mala;
    check_change(judge(diverging, settings), "sampler.drift_limit", settings);
    settings.sampler.kind = ebm::SamplerKind::langevin;
    // As published the energies have no unit: −0.8 is not yet a collapse, −1.5 is.
    settings.sampler.mode = ebm::SamplerMode::published;
    DOCTEST_CHECK(judge(diverging, settings).level != HealthLevel::failure);
    const auto collapsed = run(200, 900, [](auto& r, int) { r.positive_energy -= 1.5f; });
    DOCTEST_CHECK(judge(collapsed, settings).level == HealthLevel::failure);
    check_change(judge(collapsed, settings), "data.noise", settings);
    settings.data.noise = 0.03;
    check_change(judge(collapsed, settings), "train.learning_rate", settings);
}

DOCTEST_TEST_CASE("one bad batch is not divergence") {
    const auto one = run(200, 900, [](auto& r, int i) { r.positive_energy -= i == 190 ? 3.0f : 0.0f; });
    DOCTEST_CHECK(judge(one, {}).level == HealthLevel::good);
}

DOCTEST_TEST_CASE("small batches may wobble more before they are called diverging") {
    Settings settings;
    const auto shifted = run(200, 900, [](auto& r, int) { r.positive_energy -= 0.4f; });
    DOCTEST_CHECK(judge(shifted, settings).level == HealthLevel::failure);
    settings.train.batch = 4;
    DOCTEST_CHECK(judge(shifted, settings).level == HealthLevel::good);
}

DOCTEST_TEST_CASE("each sign of trouble has its sentence and a remedy that can be set") {
    Settings settings;
    const auto expect = [&](const std::vector<Record>& records, const char* word, const char* key) {
        DOCTEST_CAPTURE(word);
        const Health health = judge(records, settings);
        DOCTEST_CHECK(health.level == HealthLevel::attention);
        DOCTEST_CHECK(health.sentence.find(word) != std::string::npos);
        check_change(health, key, settings);
    };
    expect(run(200, 900, [](auto& r, int) { r.positive_energy += 0.6f; }), "below the data", "sampler.steps");
    expect(run(200, 900, [](auto& r, int i) { r.gradient_norm_max = i % 15 == 0 ? 260.0f : 50.0f; }), "steep",
           "train.learning_rate");
    expect(run(200, 900, [](auto& r, int) { r.acceptance = 0.1f; }), "rejected", "sampler.step_size");
    expect(run(200, 900, [](auto& r, int) { r.acceptance = 0.99f; }), "crawl", "sampler.step_size");
    expect(run(200, 900, [](auto& r, int i) { r.positive_energy += i % 4 < 2 ? 0.8f : -0.8f; }), "swings",
           "train.learning_rate");
    settings.sampler.kind = ebm::SamplerKind::langevin;
    settings.sampler.mode = ebm::SamplerMode::published;
    settings.sampler.gradient_clip = 0.01;
    const float none = std::numeric_limits<float>::quiet_NaN();
    expect(run(200, 900,
               [=](auto& r, int) {
                   r.acceptance = none;
                   r.clipped_share = 0.99f;
               }),
           "clipped", "sampler.gradient_clip");
    expect(run(200, 900,
               [=](auto& r, int) {
                   r.acceptance = none;
                   r.clamped_share = 0.995f;
               }),
           "walls", "sampler.step_size");
}

DOCTEST_TEST_CASE("a single steep chain in one window is no alarm") {
    const auto once = run(200, 900, [](auto& r, int i) { r.gradient_norm_max = i == 195 ? 300.0f : 50.0f; });
    DOCTEST_CHECK(judge(once, {}).level == HealthLevel::good);
}

DOCTEST_TEST_CASE("a value that is not finite is a failure") {
    const auto broken = run(200, 900, [](auto& r, int i) {
        if (i == 60) r.loss = std::numeric_limits<float>::infinity();
    });
    DOCTEST_CHECK(judge(broken, {}).level == HealthLevel::failure);
    check_change(judge(broken, {}), "train.learning_rate", {});
}

DOCTEST_TEST_CASE(
    "once the training is over the sampler is judged by the live chains, and no longer by the records") {
    Settings settings;
    ebm::measure::Circumstances around;
    around.training = false;
    around.acceptance = 0.0;
    settings.sampler.step_size = 50;
    const auto healthy = run(200, 2000);
    DOCTEST_CHECK(judge(healthy, settings).level == HealthLevel::good);
    const Health stuck = judge(healthy, settings, around);
    DOCTEST_CHECK(stuck.level == HealthLevel::attention);
    check_change(stuck, "sampler.step_size", settings);
    DOCTEST_CHECK(stuck.numbers.back().second == 0.0);
    // And the other way round: what the records say is cured.
    const auto refused = run(200, 2000, [](auto& r, int) { r.acceptance = 0.01f; });
    around.acceptance = 0.6;
    DOCTEST_CHECK(judge(refused, {}).level == HealthLevel::attention);
    DOCTEST_CHECK(judge(refused, {}, around).level == HealthLevel::good);
    // Without any records too.
    DOCTEST_CHECK(judge({}, {}, around).level == HealthLevel::good);
    around.acceptance = 0.01;
    DOCTEST_CHECK(judge({}, {}, around).level == HealthLevel::attention);
}

DOCTEST_TEST_CASE("data outside the box are said, with a box that holds them") {
    ebm::measure::Circumstances around;
    around.data_count = 3000;
    around.data_outside = 56;
    around.data_low = -4.4;
    around.data_high = 6.3;
    Settings settings;
    const Health health = judge(run(200, 900), settings, around);
    DOCTEST_CHECK(health.level == HealthLevel::attention);
    DOCTEST_CHECK(health.sentence.starts_with("56 of 3000"));
    check_change(health, "sampler.box_high", settings);
    for (const auto& [key, value] : health.changes)
        ebm::setting(key).set_text(settings, value);
    DOCTEST_CHECK(settings.sampler.box_low <= -6.3);
    DOCTEST_CHECK(settings.sampler.box_high >= 6.3);
    DOCTEST_CHECK(health.then == Health::Then::reset);
}

DOCTEST_TEST_CASE("a training by maximum likelihood is judged by its loss alone") {
    Settings settings;
    const auto likelihood = [](float rise) {
        return [rise](Record& r, int i) {
            const auto noise =
                ebm::random::normals(ebm::random::words({6, {}, 0, 0, static_cast<std::uint32_t>(i)}, 0));
            r.loss = r.positive_energy = 2 + 0.05f * noise[0] + rise * static_cast<float>(i);
            for (float Record::*member :
                 {&Record::negative_energy, &Record::negative_energy_sd, &Record::positive_energy_sd,
                  &Record::gradient_norm, &Record::gradient_norm_max, &Record::acceptance})
                r.*member = std::nanf("");
        };
    };
    const Health well = judge(run(200, 1000, likelihood(-0.001f)), settings);
    DOCTEST_CHECK(well.level == HealthLevel::good);
    DOCTEST_REQUIRE_FALSE(well.numbers.empty());
    DOCTEST_CHECK(well.numbers[0].second == doctest::Approx(1.8).epsilon(0.03));
    DOCTEST_CHECK(judge(run(50, 50, likelihood(0)), settings).level == HealthLevel::unknown);
    const Health rising = judge(run(200, 1000, likelihood(0.005f)), settings);
    DOCTEST_CHECK(rising.level == HealthLevel::attention);
    check_change(rising, "train.learning_rate", settings);
    const Health broken = judge(run(200, 1000,
                                    [&](Record& r, int i) {
                                        likelihood(0)(r, i);
                                        if (i == 190) r.loss = std::nanf("");
                                    }),
                                settings);
    DOCTEST_CHECK(broken.level == HealthLevel::failure);
    // What its loss is depends on how it learns.
    const auto called = [&](Learning learning) {
        Circumstances around;
        around.learning = learning;
        return judge(run(200, 1000, likelihood(0)), settings, around).numbers.at(0).first;
    };
    DOCTEST_CHECK(called(Learning::likelihood) == "\u2212log p, mean of 20, nats");
    DOCTEST_CHECK(called(Learning::classes) == "\u2212log p(y|x), mean of 20, nats");
    DOCTEST_CHECK(called(Learning::score_matching) == "noise not found, mean of 20");
    // Data outside the sampler's box are no trouble for it.
    ebm::measure::Circumstances around;
    around.data_count = 100;
    around.data_outside = 50;
    DOCTEST_CHECK(judge(run(200, 1000, likelihood(0)), settings, around).level == HealthLevel::good);
}

DOCTEST_TEST_CASE("an autoencoder that learns from data alone is not called diverging") {
    Settings settings;
    settings.model.energy = "autoencoder";
    settings.train.data_only = 500;
    const auto apart = [](Record& r, int) { r.negative_energy = r.positive_energy + 5; };
    const Health alone = judge(run(300, 500, apart), settings);
    DOCTEST_CHECK(alone.level == HealthLevel::good);
    DOCTEST_CHECK(alone.sentence.find("reconstruct") != std::string::npos);
    DOCTEST_CHECK(judge(run(300, 900, apart), settings).level == HealthLevel::failure);
    // Negatives that come fresh from the decoder lie above the data: that is no divergence by itself.
    const auto above = [](Record& r, int) { r.negative_energy = r.positive_energy + 2; };
    const Health later = judge(run(300, 900, above), settings);
    DOCTEST_CHECK(later.level == HealthLevel::good);
    DOCTEST_CHECK(later.sentence.find("worse than the data") != std::string::npos);
}
