#include "app/draw/field.h"
#include "app/draw/points.h"
#include "app/draw/trails.h"
#include "app/program.h"
#include "app/window/colormap.h"
#include "core/lab/session.h"
#include "tests/bench/demo_snapshot.h"

#include "app/draw/gl.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <thread>

/// Milliseconds of drawing, by part and for the whole window, with 10,000 chains, trails of 24 steps and a
/// field of 256², with the landscape in front and with its surface, and with 128 pictures of 3 × 128 × 128;
/// the window beside trainings of each kind of model; then how soon a changed setting acts. The whole frame
/// has 33 ms on a software renderer, the setting 100. `bench_window [window]`: on the display instead of
/// offscreen.
using namespace ebm;

namespace {

using Clock = std::chrono::steady_clock;
constexpr int chains = 10000, steps = 24, resolution = 256;
constexpr double frame_budget = 33; // milliseconds

template <class Work>
double median_milliseconds(int repeats, Work work) {
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
        const auto begin = Clock::now();
        work();
        glFinish();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    std::nth_element(times.begin(), times.begin() + repeats / 2, times.end());
    return times[static_cast<std::size_t>(repeats / 2)];
}

void fill_chains(lab::Snapshot& snapshot) {
    lab::ChainsView& view = snapshot.chains;
    view.count = chains;
    view.trail_length = steps;
    view.trail.resize(2ull * chains * steps);
    view.energy.assign(chains, 1);
    view.gradient_norm.assign(chains, 1);
    view.age.assign(chains, 100);
    view.accepted.assign(chains, 1);
    for (std::uint32_t chain = 0; chain < chains; ++chain) {
        float x = 4 * demo::uniform(90, chain) - 2, y = 4 * demo::uniform(91, chain) - 2;
        for (std::uint32_t step = 0; step < steps; ++step) {
            x += 0.05f * demo::normal(92, chain * steps + step);
            y += 0.05f * demo::normal(93, chain * steps + step);
            view.trail[2 * (step * chains + chain)] = x;
            view.trail[2 * (step * chains + chain) + 1] = y;
        }
    }
    view.positions.assign(view.trail.end() - 2 * chains, view.trail.end());
}

std::shared_ptr<lab::FieldView> field_of(const lab::Snapshot& snapshot) {
    auto field = std::make_shared<lab::FieldView>(*snapshot.field);
    field->resolution = resolution;
    field->energy.resize(resolution * resolution);
    for (int i = 0; i < resolution * resolution; ++i) {
        const float x = static_cast<float>(i % resolution) / 32 - 4,
                    y = static_cast<float>(i / resolution) / 32 - 4;
        field->energy[static_cast<std::size_t>(i)] =
            (x * x - 4) * (x * x - 4) / 8 + y * y / 2 + std::sin(5 * x) * std::sin(5 * y);
    }
    return field;
}

/// Samples of 3 × 128 × 128 as in ImageNet 128: 128 chains, a page of the buffer, a trace of 60 frames.
lab::Snapshot large_pictures() {
    constexpr int count = 128, side = 128, bytes = 3 * side * side;
    lab::Snapshot snapshot = demo::images();
    snapshot.kind = {false, 3, side, side};
    const auto pixels = [](int pictures) {
        std::vector<std::uint8_t> all(static_cast<std::size_t>(pictures) * bytes);
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] = static_cast<std::uint8_t>(i * 2654435761u >> 24);
        return all;
    };
    lab::ChainsView& view = snapshot.chains;
    view.count = view.shown = count;
    view.pixels = pixels(count);
    view.trail_length = 1;
    view.positions.resize(2ull * count);
    view.trail = view.positions;
    view.energy.resize(count, 1);
    view.gradient_norm.resize(count, 1);
    view.age.resize(count, 100);
    view.accepted.resize(count, 1);
    const auto fill = [&](auto& shown, int pictures) {
        auto copy = std::make_shared<std::remove_const_t<std::remove_reference_t<decltype(*shown)>>>(*shown);
        copy->pixels = pixels(pictures);
        shown = copy;
    };
    fill(snapshot.data, 64);
    fill(snapshot.slice, 3);
    fill(snapshot.buffer, 64);
    fill(snapshot.trace, 60);
    return snapshot;
}

void report(const char* what, double milliseconds) {
    std::printf("  %-44s %7.2f ms\n", what, milliseconds);
}

void parts(const lab::Snapshot& snapshot) {
    draw::Offscreen picture;
    draw::Field field;
    draw::PointCloud points;
    draw::Trails trails;
    const draw::Plane view = {-4, -4, 4, 4};
    field.set_colormap(window::colormap_table(window::Colormap::viridis));
    const auto draw = [&](auto content) {
        picture.begin(850, 560, {0, 0, 0, 1});
        content();
        picture.end();
    };
    const auto set_field = [&] { field.set(snapshot.field->energy, resolution, resolution, view); };
    const auto set_points = [&] { points.set(snapshot.chains.positions); };
    const auto set_trails = [&] { trails.set(snapshot.chains.trail, steps, chains, 1); };
    set_field(), set_points(), set_trails();
    report("field upload", median_milliseconds(20, set_field));
    report("field 850 x 560, contours", median_milliseconds(20, [&] {
               draw([&] { field.draw(picture, view, {.low = 0, .high = 8, .contour_spacing = 1}); });
           }));
    report("trails upload", median_milliseconds(20, set_trails));
    report("trails", median_milliseconds(20, [&] {
               draw([&] { trails.draw(picture, view, {.color = {1, 0.7f, 0.2f, 1}}); });
           }));
    report("points upload", median_milliseconds(20, set_points));
    report(
        "points", median_milliseconds(20, [&] {
            draw([&] { points.draw(picture, view, {.size = 5, .color = {1, 0.7f, 0.2f, 1}, .outline = 1}); });
        }));
}

/// From a change in the window to a snapshot of an engine that samples with it, beside a running training.
void latency(const char* scene) {
    lab::Options options;
    options.for_window = true;
    lab::Session session(options);
    session.send(lab::OpenScene{lab::find_scene(scene), true});
    session.wait();
    std::vector<double> times;
    for (int i = 0; i < 60; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(37));
        const double value = session.latest().settings.sampler.step_size * (i % 2 ? 1.1 : 1 / 1.1);
        const auto begin = Clock::now();
        session.send(lab::ChangeSetting{"sampler.step_size", std::to_string(value)});
        session.wait();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    std::ranges::sort(times);
    report(("setting reaches the sampler, " + std::string(scene) + ": median").c_str(),
           times[times.size() / 2]);
    report("                             the slowest of 60", times.back());
}

/// Frames of the window beside a training that runs, 30 a second if they can be drawn so fast.
void beside_training(window::Shell& shell, window::Display& display, const char* scene) {
    lab::Options options;
    options.for_window = true;
    lab::Session session(options);
    session.send(lab::OpenScene{lab::find_scene(scene), true});
    session.wait();
    const std::int64_t first = session.latest().iteration;
    const auto begun = Clock::now();
    const auto period = std::chrono::milliseconds(33);
    std::vector<double> times;
    double seconds = 0;
    for (auto due = begun; seconds < 10; due = std::max(Clock::now(), due + period)) {
        std::this_thread::sleep_until(due);
        const auto begin = Clock::now();
        shell.begin(false);
        shell.build(session.latest(), [&](lab::Command command) { session.send(std::move(command)); });
        shell.draw();
        display.show();
        glFinish();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
        seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    }
    const double made = static_cast<double>(times.size()) / seconds;
    const auto trained = static_cast<double>(session.latest().iteration - first);
    std::ranges::sort(times);
    std::printf("  beside %-36s %5.1f frames/s; median %.0f ms, 19 of 20 within %.0f ms; %.1f it/s\n", scene,
                made, times[times.size() / 2], times[times.size() * 19 / 20], trained / seconds);
}

} // namespace

int main(int argument_count, char** arguments) {
    const bool on_screen = argument_count > 1 && !std::strcmp(arguments[1], "window");
    const auto start = Clock::now();
    const auto display = on_screen ? window::Display::open_window({}) : window::Display::open_offscreen({});
    std::printf("%s, OpenGL %s, 1600 x 1000\n", glGetString(GL_RENDERER), glGetString(GL_VERSION));
    lab::Snapshot snapshot = demo::plane();
    fill_chains(snapshot);
    snapshot.field = field_of(snapshot);
    parts(snapshot);

    window::Shell shell(*display, window::program_options());
    const auto frame = [&] {
        // New content each time: uploads count.
        snapshot.number += 1;
        if (snapshot.field) snapshot.field = std::make_shared<lab::FieldView>(*snapshot.field);
        shell.begin(false);
        shell.build(snapshot, [](lab::Command) {});
        shell.draw();
        display->show();
    };
    frame();
    const double first = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    for (int i = 0; i < 10; ++i)
        frame();
    const double whole = median_milliseconds(40, frame);
    report("whole window, every frame new content", whole);
    report("first frame after start, with the above", first);
    std::printf("  %.0f %% of the %.0f ms of a frame\n", 100 * whole / frame_budget, frame_budget);
    shell.open_panel("surface");
    for (int i = 0; i < 10; ++i)
        frame();
    const std::clock_t used = std::clock();
    const double surface = median_milliseconds(40, frame);
    report("whole window with the Surface in front", surface);
    report("  in processor time, on a machine that is busy",
           1e3 * static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC / 40);
    std::printf("  %.0f %% of the %.0f ms of a frame\n", 100 * surface / frame_budget, frame_budget);
    snapshot = large_pictures();
    snapshot.number = 1'000'000;
    for (const char* panel : {"samples", "replay_buffer"})
        shell.open_panel(panel);
    for (int i = 0; i < 10; ++i)
        frame();
    const double pictures = median_milliseconds(40, frame);
    report("whole window, 128 pictures of 3 x 128 x 128", pictures);
    std::printf("  %.0f %% of the %.0f ms of a frame\n", 100 * pictures / frame_budget, frame_budget);
    for (const char* scene : {"fashion_mnist", "fashion_mnist_classes_new", "fashion_mnist_autoencoder",
                              "fashion_mnist_flow", "fashion_mnist_vae", "fashion_mnist_pixelcnn"})
        beside_training(shell, *display, scene);
    for (const char* scene : {"eight_gaussians", "fashion_mnist"})
        latency(scene);
    return 0;
}
