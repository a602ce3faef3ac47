#include "tests/bench/demo_snapshot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace ebm::demo {
namespace {

struct Point {
    float x, y;
};

/// A mixture of eight Gaussians; the learned one is blunter, bumpy and shifted by a constant.
struct Mixture {
    float radius, deviation, offset, bump;

    float energy(Point p) const {
        double density = 0;
        for (int k = 0; k < 8; ++k) {
            const double angle = k * std::numbers::pi / 4;
            const double dx = p.x - radius * std::cos(angle), dy = p.y - radius * std::sin(angle);
            density += std::exp(-(dx * dx + dy * dy) / (2 * deviation * deviation));
        }
        density /= 8 * 2 * std::numbers::pi * deviation * deviation;
        const double wide = std::exp(-(p.x * p.x + p.y * p.y) / 8.0) * bump;
        return static_cast<float>(-std::log(density + wide * 0.02 + (bump > 0 ? 1e-9 : 1e-300)) + offset +
                                  bump * 0.3 * std::sin(2.3 * p.x + 0.7) * std::cos(1.9 * p.y));
    }
    Point gradient(Point p) const {
        const float h = 1e-3f;
        return {(energy({p.x + h, p.y}) - energy({p.x - h, p.y})) / (2 * h),
                (energy({p.x, p.y + h}) - energy({p.x, p.y - h})) / (2 * h)};
    }
};

constexpr Mixture exact{2.0f, 0.2f, 0.0f, 0.0f}, learned{1.98f, 0.215f, -3.1f, 0.35f};

Point data_point(std::uint32_t stream, std::uint32_t i) {
    const double angle = (i % 8) * std::numbers::pi / 4;
    return {2.0f * static_cast<float>(std::cos(angle)) + 0.2f * normal(stream, 2 * i),
            2.0f * static_cast<float>(std::sin(angle)) + 0.2f * normal(stream, 2 * i + 1)};
}

void push(std::vector<float>& list, Point p) {
    list.push_back(p.x);
    list.push_back(p.y);
}

std::shared_ptr<const lab::FieldView> field_of(const auto& energy, int resolution, int arrows,
                                               double half = 4) {
    auto view = std::make_shared<lab::FieldView>();
    view->low_x = view->low_y = -half;
    view->high_x = view->high_y = half;
    view->resolution = resolution;
    view->iteration = 800;
    view->arrows = arrows;
    const auto centre = [half](int i, int n) { return static_cast<float>(-half + 2 * half * (i + 0.5) / n); };
    double sum = 0;
    for (int j = 0; j < resolution; ++j)
        for (int i = 0; i < resolution; ++i) {
            view->energy.push_back(energy.energy(Point{centre(i, resolution), centre(j, resolution)}));
            sum += std::exp(-view->energy.back());
        }
    view->log_z = std::log(sum * std::pow(2 * half / resolution, 2));
    for (int j = 0; j < arrows; ++j)
        for (int i = 0; i < arrows; ++i)
            push(view->gradient, energy.gradient(Point{centre(i, arrows), centre(j, arrows)}));
    return view;
}

/// Real Langevin chains on `energy`, so that trails are what chains do.
void run_chains(lab::ChainsView& view, const auto& energy, int count, float step_size) {
    view.count = count;
    view.trail_length = 24;
    const auto n = static_cast<std::size_t>(count);
    view.trail.resize(24 * n * 2);
    for (std::uint32_t c = 0; c < n; ++c) {
        Point p = data_point(1, c);
        p = {p.x * 1.03f, p.y * 1.03f};
        for (std::uint32_t t = 0; t < 24; ++t) {
            const Point g = energy.gradient(p);
            const float limit = std::min(1.0f, 30.0f / std::max(1e-6f, std::hypot(g.x, g.y)));
            const Point drift = {-0.5f * step_size * g.x * limit, -0.5f * step_size * g.y * limit};
            const Point kick = {std::sqrt(step_size) * normal(2, (c * 24 + t) * 2),
                                std::sqrt(step_size) * normal(2, (c * 24 + t) * 2 + 1)};
            p = {std::clamp(p.x + drift.x + kick.x, -4.0f, 4.0f),
                 std::clamp(p.y + drift.y + kick.y, -4.0f, 4.0f)};
            view.trail[(t * n + c) * 2] = p.x;
            view.trail[(t * n + c) * 2 + 1] = p.y;
        }
        push(view.positions, p);
        const Point g = energy.gradient(p);
        view.energy.push_back(energy.energy(p));
        view.gradient_norm.push_back(std::hypot(g.x, g.y));
        view.age.push_back(static_cast<std::int32_t>(40 + 900 * uniform(3, c)));
        view.accepted.push_back(uniform(4, c) < 0.82f);
    }
}

std::shared_ptr<const lab::TraceView> plane_trace() {
    auto trace = std::make_shared<lab::TraceView>();
    trace->chain = 17;
    trace->first_step = 15'488;
    Point p = data_point(1, 17);
    std::vector<float> energies;
    for (std::uint32_t t = 0; t < 512; ++t) {
        const Point g = learned.gradient(p);
        const float a = 0.01f, limit = std::min(1.0f, 30.0f / std::max(1e-6f, std::hypot(g.x, g.y)));
        p = {p.x - a * g.x * limit + std::sqrt(2 * a) * 0.5f * normal(5, 2 * t),
             p.y - a * g.y * limit + std::sqrt(2 * a) * 0.5f * normal(5, 2 * t + 1)};
        push(trace->positions, p);
        energies.push_back(learned.energy(p));
        trace->gradient_norm.push_back(std::hypot(g.x, g.y));
    }
    fill_trace(*trace, energies);
    return trace;
}

std::shared_ptr<const lab::BufferView> plane_buffer() {
    auto view = std::make_shared<lab::BufferView>();
    view->pages = 128;
    view->size = view->matching = 8192;
    for (std::uint32_t i = 0; i < 64; ++i) {
        const Point p = data_point(6, i * 5);
        view->slots.push_back(i);
        view->energy.push_back(learned.energy(p));
        view->age.push_back(static_cast<std::int64_t>(20 + 3000 * uniform(7, i)));
        view->reused.push_back(static_cast<std::int64_t>(1 + 60 * uniform(8, i)));
        view->birth.push_back(static_cast<std::int64_t>(760 * uniform(9, i)));
        push(view->points, p);
    }
    for (std::uint32_t i = 0; i < 4000; ++i) {
        const Point p = data_point(6, i);
        push(view->all_points, {p.x * 1.02f, p.y * 1.02f});
    }
    for (int i = 0; i <= 24; ++i)
        view->age_edges.push_back(static_cast<float>(i) * 50);
    for (int i = 0; i < 24; ++i)
        view->age_counts.push_back(std::round(900 * std::exp(-static_cast<float>(i) / 9)));
    view->fresh_share = 0.04;
    return view;
}

std::shared_ptr<const lab::ScoresView> plane_scores(const lab::ChainsView& chains) {
    auto view = std::make_shared<lab::ScoresView>();
    view->iteration = 790;
    std::vector<float> train, held_out, buffer, box;
    for (std::uint32_t i = 0; i < 4000; ++i) {
        const Point b = data_point(6, i);
        train.push_back(learned.energy(data_point(10, i)));
        held_out.push_back(learned.energy(data_point(11, i)));
        buffer.push_back(learned.energy({b.x * 1.02f, b.y * 1.02f}));
        box.push_back(learned.energy({-4 + 8 * uniform(12, 2 * i), -4 + 8 * uniform(12, 2 * i + 1)}));
    }
    for (int i = 0; i <= 64; ++i)
        view->edges.push_back(-4.0f + 14.0f * static_cast<float>(i) / 64);
    using Meaning = lab::SetMeaning;
    view->sets = {score_set("Training data", Meaning::data, train, {}, view->edges),
                  score_set("Held-out data", Meaning::held_out, held_out, {}, view->edges),
                  score_set("Replay buffer", Meaning::buffer, buffer, {}, view->edges),
                  score_set("Live chains", Meaning::samples, chains.energy, {}, view->edges),
                  score_set("Uniform box", Meaning::ood, box, held_out, view->edges)};
    std::sort(train.begin(), train.end());
    for (std::size_t q = 0; q <= 100; ++q)
        view->data_quantiles.push_back(train[q * (train.size() - 1) / 100]);
    return view;
}

/// E = (x² − 1)² · 2 + y²: two minima.
struct DoubleWell {
    float energy(Point p) const { return 2 * std::pow(p.x * p.x - 1, 2.0f) + p.y * p.y; }
    Point gradient(Point p) const { return {8 * p.x * (p.x * p.x - 1), 2 * p.y}; }
};

} // namespace

lab::Snapshot plane() {
    lab::Snapshot s;
    fill_common(s);
    s.scene.name = "eight_gaussians";
    s.scene.title = "Eight Gaussians";
    s.scene.group = "Planes";
    s.scene.description =
        "Eight equal Gaussians on a circle: easy to fit, hard for chains to travel between.";
    s.settings = s.scene.settings;
    s.settings.sampler.step_size = 0.05;
    s.energy_title = "MLP 2 \u2192 64 \u00d7 4 \u2192 1, SiLU";
    s.kernel = "fused AVX2";
    s.device = "CPU";
    s.parameter_count = 12'737;
    run_chains(s.chains, learned, 512, 0.02f);
    auto data = std::make_shared<lab::DataView>();
    data->title = "Eight Gaussians";
    data->source = "generated, 20 000 points";
    data->train_count = data->held_out_count = 20'000;
    for (std::uint32_t i = 0; i < 4000; ++i) {
        push(data->points, data_point(10, i));
        if (i < 2000) push(data->held_out, data_point(11, i));
    }
    s.data = data;
    s.field = field_of(learned, 160, 20);
    s.exact = field_of(exact, 160, 0);
    s.trace = plane_trace();
    s.buffer = plane_buffer();
    s.scores = plane_scores(s.chains);
    std::vector<lab::QualityPoint> quality;
    for (int i = 1; i <= 40; ++i)
        quality.push_back({i * 20, i * 0.42, 0.128 + 1.9 * std::exp(-i / 5.0) + 0.002 * std::sin(i * 1.7)});
    s.quality = std::make_shared<const std::vector<lab::QualityPoint>>(quality);
    return s;
}

lab::Snapshot analytic() {
    lab::Snapshot s;
    fill_common(s);
    s.scene.name = "double_well";
    s.scene.title = "Double well";
    s.scene.group = "Analytic energies";
    s.scene.description = "Two wells and a barrier: watch how rarely a chain crosses, and how jumps help.";
    s.scene.settings.data.set = "none";
    s.scene.settings.model.energy = "double_well";
    s.scene.settings.sampler.kind = SamplerKind::langevin;
    s.settings = s.scene.settings;
    s.energy_title = "Double well, E = 2(x\u00b2 \u2212 1)\u00b2 + y\u00b2";
    s.kernel = "reference";
    s.device = "CPU";
    s.trainable = false;
    s.iteration = 0;
    s.iterations_per_second = s.training_seconds = s.training_share = 0;
    s.minima = {-1, 0, 1, 0};
    s.field = field_of(DoubleWell{}, 160, 0, 2.5);
    s.reading.acceptance = s.reading.jump_acceptance = std::numeric_limits<double>::quiet_NaN();
    run_chains(s.chains, DoubleWell{}, 256, 0.04f);
    s.records = std::make_shared<const lab::RecordLog>();
    s.changes = nullptr;
    s.health = nullptr;
    return s;
}

} // namespace ebm::demo
