#include "tests/bench/demo_snapshot.h"

#include <algorithm>
#include <cmath>

namespace ebm::demo {
namespace {

constexpr int side = 28, pixel_count = side * side;

/// How much of a garment covers (x, y) in [−1, 1]², 0 … 1. kind: 0 shirt, 1 trousers, 2 dress, 3 shoe, 4 bag.
float cover(int kind, float x, float y, float a, float b) {
    const auto soft = [](float d) { return std::clamp(0.5f - d * 12, 0.0f, 1.0f); };
    const auto box = [](float dx, float dy, float w, float h) {
        return std::max(std::fabs(dx) - w, std::fabs(dy) - h);
    };
    switch (kind) {
    case 0: {
        const float body = box(x, y - 0.1f, 0.42f + 0.08f * a, 0.62f);
        const float sleeve =
            box(std::fabs(x) - 0.6f, y + 0.28f - 0.7f * (std::fabs(x) - 0.5f), 0.22f, 0.2f + 0.05f * b);
        const float collar = 0.16f - std::hypot(x, y + 0.58f);
        return soft(std::max(std::min(body, sleeve), collar));
    }
    case 1: {
        const float leg = box(std::fabs(x) - 0.2f - 0.08f * (y + 1) * (0.5f + a), y, 0.16f, 0.85f);
        const float hip = box(x, y + 0.68f, 0.36f, 0.17f);
        return soft(std::min(leg, hip));
    }
    case 2: {
        const float width = 0.2f + 0.16f * (1 + 0.6f * a) * std::max(0.0f, y + 0.3f) + 0.05f * b;
        return soft(std::max(std::fabs(x) - width, std::fabs(y) - 0.85f));
    }
    case 3: {
        const float sole = box(x, y - 0.42f, 0.82f, 0.08f);
        const float upper =
            std::max(box(x, y - 0.1f, 0.78f, 0.3f), y * -1.0f - 0.15f + 0.75f * x * (1 + 0.3f * a) - 0.1f);
        return soft(std::min(sole, upper));
    }
    default: {
        const float body = box(x, y - 0.25f, 0.62f + 0.1f * a, 0.45f);
        const float handle = std::fabs(std::hypot(x, (y + 0.15f) * 0.9f) - 0.42f) - 0.06f;
        return soft(std::min(body, std::max(handle, y + 0.15f)));
    }
    }
}

/// One garment with its own shape and shade, blended with noise: `noise` 0 = clean, 1 = only noise.
void add_picture(std::vector<std::uint8_t>& out, std::uint32_t seed, float noise) {
    const int kind = static_cast<int>(uniform(30, seed) * 5);
    const float a = normal(31, seed), b = normal(32, seed), shade = 0.45f + 0.5f * uniform(33, seed);
    const float stripes = uniform(34, seed) < 0.3f ? 0.35f : 0.06f, turn = uniform(35, seed) * 9;
    for (int j = 0; j < side; ++j)
        for (int i = 0; i < side; ++i) {
            const float x = (static_cast<float>(i) + 0.5f) / side * 2 - 1,
                        y = (static_cast<float>(j) + 0.5f) / side * 2 - 1;
            const auto at = seed * pixel_count + static_cast<std::uint32_t>(j * side + i);
            const float cloth = shade * (1 - stripes * (0.5f + 0.5f * std::sin(14 * y + turn + 2 * x)));
            const float clean = cover(kind, x, y, 0.4f * a, 0.4f * b) * (cloth + 0.05f * normal(36, at));
            const float value = (1 - noise) * clean + noise * uniform(37, at);
            out.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0f, 1.0f) * 255));
        }
}

std::vector<std::uint8_t> pictures(std::uint32_t first, int count, float noise) {
    std::vector<std::uint8_t> out;
    for (int i = 0; i < count; ++i) {
        const auto seed = first + static_cast<std::uint32_t>(i);
        add_picture(out, seed, noise * (0.5f + uniform(38, seed)));
    }
    return out;
}

std::vector<float> energies(std::uint32_t stream, int count, float mean, float sd) {
    std::vector<float> out;
    for (int i = 0; i < count; ++i)
        out.push_back(mean + sd * normal(stream, static_cast<std::uint32_t>(i)));
    return out;
}

std::shared_ptr<const lab::SliceView> slice() {
    auto view = std::make_shared<lab::SliceView>();
    view->anchors = {
        lab::Anchor{lab::AnchorKind::data, 3}, {lab::AnchorKind::chain, 0}, {lab::AnchorKind::noise, 0}};
    view->at = {{{0, 0}, {1, 0}, {0, 1}}};
    add_picture(view->pixels, 103, 0);
    add_picture(view->pixels, 203, 0.1f);
    add_picture(view->pixels, 303, 1);
    lab::FieldView& field = view->field;
    field.low_x = field.low_y = -0.5;
    field.high_x = field.high_y = 1.5;
    field.resolution = 96;
    field.iteration = 800;
    for (int j = 0; j < 96; ++j)
        for (int i = 0; i < 96; ++i) {
            const double u = -0.5 + 2 * (i + 0.5) / 96, v = -0.5 + 2 * (j + 0.5) / 96;
            const double wells = 2.2 * std::exp(-(u * u * 3 + v * v * 6)) +
                                 2.5 * std::exp(-((u - 1) * (u - 1) * 4 + v * v * 5));
            field.energy.push_back(static_cast<float>(0.4 + 3.1 * v * v + 0.8 * std::pow(u - 0.5, 2) - wells +
                                                      0.12 * std::sin(7 * u + 2 * v)));
        }
    return view;
}

std::shared_ptr<const lab::ScoresView> scores(const lab::ChainsView& chains) {
    auto view = std::make_shared<lab::ScoresView>();
    view->iteration = 780;
    for (int i = 0; i <= 64; ++i)
        view->edges.push_back(-2.0f + 6.0f * static_cast<float>(i) / 64);
    std::vector<float> train = energies(40, 4000, -0.42f, 0.33f);
    const auto held_out = energies(41, 4000, -0.40f, 0.34f), buffer = energies(42, 4000, -0.38f, 0.41f);
    const auto mnist = energies(43, 4000, 0.71f, 0.55f), noise = energies(44, 4000, 2.9f, 0.12f);
    const auto constant = energies(45, 256, -0.6f, 0.5f), between = energies(46, 4000, -0.11f, 0.36f);
    const auto& edges = view->edges;
    using Meaning = lab::SetMeaning;
    view->sets = {score_set("Training data", Meaning::data, train, {}, edges),
                  score_set("Held-out data", Meaning::held_out, held_out, {}, edges),
                  score_set("Replay buffer", Meaning::buffer, buffer, {}, edges),
                  score_set("Live chains", Meaning::samples, chains.energy, {}, edges),
                  score_set("MNIST", Meaning::ood, mnist, held_out, edges),
                  score_set("Uniform noise", Meaning::ood, noise, held_out, edges),
                  score_set("Constant", Meaning::ood, constant, held_out, edges),
                  score_set("Interpolation", Meaning::ood, between, held_out, edges)};
    std::sort(train.begin(), train.end());
    for (std::size_t q = 0; q <= 100; ++q)
        view->data_quantiles.push_back(train[q * (train.size() - 1) / 100]);
    return view;
}

} // namespace

lab::Snapshot images() {
    lab::Snapshot s;
    fill_common(s);
    s.scene.name = "fashion_mnist";
    s.scene.title = "Fashion-MNIST";
    s.scene.group = "Images";
    s.scene.description =
        "Clothing at 28 \u00d7 28 pixels: the published algorithm on a small convolutional network.";
    Settings& settings = s.scene.settings;
    settings.data.set = "fashion_mnist";
    settings.model.energy = "conv";
    settings.sampler.kind = SamplerKind::langevin;
    settings.sampler.mode = SamplerMode::published;
    settings.sampler.step_size = 10;
    settings.sampler.steps = 60;
    settings.sampler.box_low = -1;
    settings.sampler.box_high = 1;
    settings.sampler.chains = 64;
    settings.train.iterations = 6000;
    s.settings = settings;
    s.kind = {false, 1, side, side};
    s.energy_title = "ConvNet 16-32-64-64, SiLU";
    s.kernel = "LibTorch";
    s.device = "CPU";
    s.parameter_count = 111'297;
    s.iterations_per_second = 4.1;
    s.chain_steps_per_second = 61'000;
    s.reading = {1.25e-6, 0.061, 0.42, 0.0, 0.46, std::nan(""), std::nan("")};

    lab::ChainsView& c = s.chains;
    c.count = c.shown = 64;
    c.trail_length = 24;
    c.pixels = pictures(1000, 64, 0.12f);
    c.energy = energies(47, 64, -0.36f, 0.4f);
    c.trail.resize(24 * 64 * 2);
    for (std::uint32_t i = 0; i < 64; ++i) {
        const float u = uniform(48, i) * 1.2f - 0.1f, v = 0.15f * normal(49, i);
        for (std::uint32_t t = 0; t < 24; ++t) {
            const float far = static_cast<float>(23 - t) / 23;
            c.trail[(t * 64 + i) * 2] = u + 0.1f * far * normal(50, i) + 0.01f * normal(51, i * 24 + t);
            c.trail[(t * 64 + i) * 2 + 1] = v + 0.35f * far + 0.01f * normal(52, i * 24 + t);
        }
        c.positions.push_back(c.trail[(23 * 64 + i) * 2]);
        c.positions.push_back(c.trail[(23 * 64 + i) * 2 + 1]);
        c.gradient_norm.push_back(0.03f + 0.08f * uniform(53, i));
        c.age.push_back(static_cast<std::int32_t>(20 + 400 * uniform(54, i)));
        c.accepted.push_back(1);
    }
    auto data = std::make_shared<lab::DataView>();
    data->title = "Fashion-MNIST";
    data->source = "train-images-idx3-ubyte.gz";
    data->train_count = 60'000;
    data->held_out_count = 10'000;
    data->pixels = pictures(100, 64, 0);
    s.data = data;
    s.slice = slice();
    s.scores = scores(c);

    auto buffer = std::make_shared<lab::BufferView>();
    buffer->pages = 128;
    buffer->size = buffer->matching = 8192;
    buffer->pixels = pictures(2000, 64, 0.2f);
    buffer->energy = energies(55, 64, -0.3f, 0.5f);
    for (std::uint32_t i = 0; i < 64; ++i) {
        buffer->slots.push_back(i);
        buffer->age.push_back(static_cast<std::int64_t>(60 * (1 + std::floor(40 * uniform(56, i)))));
        buffer->reused.push_back(buffer->age.back() / 60);
        buffer->birth.push_back(static_cast<std::int64_t>(760 * uniform(57, i)));
    }
    for (int i = 0; i <= 24; ++i)
        buffer->age_edges.push_back(static_cast<float>(i) * 120);
    for (int i = 0; i < 24; ++i)
        buffer->age_counts.push_back(std::round(1100 * std::exp(-static_cast<float>(i) / 7)));
    buffer->fresh_share = 0.06;
    s.buffer = buffer;

    auto trace = std::make_shared<lab::TraceView>();
    trace->chain = 5;
    trace->first_step = 47'488;
    std::vector<float> falling;
    for (std::uint32_t t = 0; t < 512; ++t) {
        falling.push_back(-0.4f + 3.2f * std::exp(-static_cast<float>(t) / 40) + 0.05f * normal(58, t));
        trace->gradient_norm.push_back(0.05f + 0.4f * std::exp(-static_cast<float>(t) / 30));
    }
    fill_trace(*trace, falling);
    trace->frames = 60;
    for (int t = 0; t < 60; ++t)
        add_picture(trace->pixels, 1005, std::max(0.05f, 1 - static_cast<float>(t) / 45));
    s.trace = trace;
    return s;
}

} // namespace ebm::demo
