#include "tests/bench/demo_snapshot.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ebm::demo {

float normal(std::uint32_t n, std::uint32_t index) {
    const auto w = random::words({7, random::Stream::data, n, index, 0}, 0);
    return random::normal_pair(w[0], w[1])[0];
}

float uniform(std::uint32_t n, std::uint32_t index) {
    return random::uniform(random::words({7, random::Stream::data, n, index, 0}, 1)[0]);
}

std::shared_ptr<const lab::RecordLog> records(int count) {
    auto log = std::make_shared<lab::RecordLog>();
    for (int i = 1; i <= count; ++i) {
        const auto at = static_cast<std::uint32_t>(i);
        const float t = static_cast<float>(i);
        const float settling = std::exp(-t / 120.0f);
        const float burst = std::exp(-std::pow((t - 240.0f) / 12.0f, 2.0f));
        Record r;
        r.iteration = i;
        r.seconds = t * 0.021;
        const float difference = -0.9f * settling + 0.6f * burst + 0.06f * normal(20, at);
        r.negative_energy = -1.6f + 1.1f * settling - 0.25f * burst + 0.05f * normal(21, at);
        r.positive_energy = r.negative_energy + difference;
        r.positive_energy_sd = 0.75f + 0.2f * settling + 0.02f * normal(22, at);
        r.negative_energy_sd = 0.82f + 0.5f * settling + 0.5f * burst + 0.03f * normal(23, at);
        r.regulariser = r.positive_energy * r.positive_energy + r.negative_energy * r.negative_energy;
        r.loss = difference;
        r.learning_rate = 0.005f;
        r.parameter_gradient_norm = 0.4f + 1.8f * settling + 1.5f * burst + 0.1f * std::fabs(normal(24, at));
        r.gradient_norm = 3.1f - 2.4f * settling + 2.0f * burst + 0.1f * normal(25, at);
        r.gradient_norm_max = 3.2f * r.gradient_norm;
        r.clipped_share = 0.004f + 0.03f * burst;
        r.clamped_share = 0.002f + 0.02f * settling;
        r.acceptance = 0.82f - 0.2f * burst + 0.15f * settling + 0.01f * normal(26, at);
        r.jump_acceptance = 0.11f + 0.6f * settling + 0.01f * normal(27, at);
        r.distance = 0.14f + 0.01f * normal(28, at);
        r.fresh_share = 0.05f;
        log->append(r);
    }
    return log;
}

lab::ScoreSet score_set(const char* name, lab::SetMeaning meaning, std::span<const float> energies,
                        std::span<const float> held_out, std::span<const float> edges) {
    lab::ScoreSet set;
    set.name = name;
    set.meaning = meaning;
    set.count = static_cast<std::int64_t>(energies.size());
    const double n = static_cast<double>(energies.size());
    set.mean = std::accumulate(energies.begin(), energies.end(), 0.0) / n;
    for (const float e : energies)
        set.sd += (e - set.mean) * (e - set.mean) / n;
    set.sd = std::sqrt(set.sd);
    set.density.assign(edges.size() - 1, 0.0f);
    for (const float e : energies) {
        const auto above = std::upper_bound(edges.begin(), edges.end(), e) - edges.begin();
        const auto bin =
            std::clamp<std::ptrdiff_t>(above - 1, 0, static_cast<std::ptrdiff_t>(edges.size()) - 2);
        const auto b = static_cast<std::size_t>(bin);
        set.density[b] += static_cast<float>(1.0 / (n * (edges[b + 1] - edges[b])));
    }
    if (held_out.empty()) return set;
    std::vector<float> positive(held_out.begin(), held_out.end()), negative(energies.begin(), energies.end());
    std::sort(positive.begin(), positive.end());
    std::sort(negative.begin(), negative.end());
    const auto below = [](const std::vector<float>& sorted, float e) {
        return static_cast<float>(std::upper_bound(sorted.begin(), sorted.end(), e) - sorted.begin()) /
               static_cast<float>(sorted.size());
    };
    for (int i = 0; i <= 100; ++i) {
        const float share = static_cast<float>(i) / 100;
        const float limit =
            positive[static_cast<std::size_t>(share * static_cast<float>(positive.size() - 1))];
        set.roc_tpr.push_back(i == 0 ? 0 : share);
        set.roc_fpr.push_back(i == 0 ? 0 : below(negative, limit));
    }
    set.roc_tpr.push_back(1);
    set.roc_fpr.push_back(1);
    set.fpr95 = set.roc_fpr[95];
    for (const float e : negative)
        set.auroc += below(positive, e) / static_cast<double>(negative.size());
    return set;
}

void fill_trace(lab::TraceView& trace, std::span<const float> energies) {
    trace.energy.assign(energies.begin(), energies.end());
    const std::size_t n = energies.size();
    const double mean = std::accumulate(energies.begin(), energies.end(), 0.0) / static_cast<double>(n);
    double sum = 0;
    for (std::size_t lag = 0; lag < std::min<std::size_t>(100, n); ++lag) {
        double product = 0;
        for (std::size_t i = 0; i + lag < n; ++i)
            product += (energies[i] - mean) * (energies[i + lag] - mean);
        trace.autocorrelation.push_back(static_cast<float>(product));
    }
    const float variance = std::max(trace.autocorrelation.front(), 1e-20f);
    for (float& r : trace.autocorrelation)
        r /= variance;
    for (const float r : trace.autocorrelation) {
        if (r < 0.05f) break;
        sum += r;
    }
    trace.effective_samples = static_cast<double>(n) / std::max(1.0, 2 * sum - 1);
}

void fill_common(lab::Snapshot& s) {
    s.number = 4711;
    s.state = lab::State::running;
    s.iteration = 800;
    s.trainable = true;
    s.threads = 1;
    s.training_share = 0.72;
    s.memory_bytes = 412ll << 20;
    s.iterations_per_second = 48.3;
    s.chain_steps_per_second = 912'000;
    s.training_seconds = 16.8;
    s.reading = {1.0, 3.12, 0.143, 0.0041, 0.0017, 0.82, 0.11};
    s.records = records(800);
    s.changes = std::make_shared<const std::vector<lab::SettingChange>>(std::vector<lab::SettingChange>{
        {236, "sampler.step_size", "0.04", "0.2"}, {262, "sampler.step_size", "0.2", "0.05"}});
    s.health = std::make_shared<const measure::Health>(
        measure::Health{measure::HealthLevel::good,
                        "Healthy: samples and data have the same energy",
                        {{"E\u207a \u2212 E\u207b", 0.034}, {"mean |\u2207E|", 3.12}, {"acceptance", 0.82}},
                        "",
                        {}});
}

} // namespace ebm::demo
