#include "app/render.h"
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/error.h"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

namespace ebm::cli {
namespace {

struct RenderOptions : ComputeOptions {
    std::string checkpoint, scene, panel, size = "1600x1000", out;
    std::int64_t iterations = 0;
    int frames = 0, steps = 1;
    double frames_per_second = 20;
    std::vector<std::string> changes;
};

/// "1600x1000" to its numbers; false if it is not of that form.
bool parse_size(const std::string& text, int& width, int& height) {
    const char* const end = text.data() + text.size();
    const auto [x, width_error] = std::from_chars(text.data(), end, width);
    if (width_error != std::errc() || x == end || *x != 'x') return false;
    const auto [rest, height_error] = std::from_chars(x + 1, end, height);
    const auto in_range = [](int pixels) { return pixels >= 200 && pixels <= 16384; };
    return height_error == std::errc() && rest == end && in_range(width) && in_range(height);
}

int render_one(window::RenderRequest& request) {
    catch_interrupts();
    std::string task;
    std::optional<Progress> progress;
    request.on_the_way = [&](const char* now, std::int64_t done, std::int64_t total) {
        if (task != now) {
            task = now;
            progress.reset();
            progress.emplace(task, task == "Training" ? "iterations" : "passes", done, total);
        }
        progress->update(done);
        return !interrupted();
    };
    const bool written = window::render_picture(request);
    progress.reset();
    if (written) return exit_done;
    print(stderr, "ebmlab: Interrupted: the picture is not written.\n");
    return exit_interrupted;
}

int render(const RenderOptions& options) {
    if (options.frames == 0) check_output(options.out, {".png"}, {options.checkpoint, options.scene});
    window::RenderRequest request;
    request.compute = options.laboratory();
    request.compute.for_window = true;
    request.checkpoint = options.checkpoint;
    if (!options.scene.empty()) {
        lab::Scene scene = lab::find_scene(options.scene);
        // As `train --iterations` does, so that both make the same model.
        if (options.iterations > 0 && scene.checkpoint.empty())
            scene.settings.train.iterations = static_cast<int>(options.iterations);
        change(scene.settings, parse_changes(options.changes));
        request.scene = scene;
    } else if (!options.changes.empty()) {
        throw Error("--set needs --scene", "option --set",
                    "A checkpoint is drawn as it is; leave --set out.");
    }
    request.iterations = options.iterations;
    request.panel = options.panel;
    parse_size(options.size, request.width, request.height);
    request.out = options.out;
    if (options.frames == 0) return render_one(request);
    request.frames = options.frames;
    request.steps = options.steps;
    request.frames_per_second = options.frames_per_second;
    catch_interrupts();
    Progress progress("Drawing", "frames", 0, options.frames);
    request.before_frame = [&](int frame) {
        progress.update(frame);
        return !interrupted();
    };
    const bool written = window::render_picture(request);
    if (written) progress.update(options.frames);
    progress.finish();
    if (!written) {
        print(stderr, std::filesystem::is_directory(options.out)
                          ? "ebmlab: Interrupted: " + options.out + " has the pictures so far.\n"
                          : "ebmlab: Interrupted: the animation is not written.\n");
        return exit_interrupted;
    }
    return exit_done;
}

} // namespace

void add_render(CLI::App& program, Action& action) {
    auto* app =
        program.add_subcommand("render", "Draw the window, or one panel, into a picture; needs no display");
    auto options = std::make_shared<RenderOptions>();
    auto* model = app->add_option_group("Model", "One of these is needed");
    model->add_option("--scene", options->scene, "A name from `ebmlab scenes`, or a scene file")
        ->type_name("NAME|FILE.json");
    model->add_option("--checkpoint", options->checkpoint, "A model that `ebmlab train` saved")
        ->type_name("FILE");
    model->require_option(1);
    app->add_option("--iterations", options->iterations,
                    "Length of the training before the picture is made, as for `ebmlab train`; 0 = none")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{10'000'000}).description(""))
        ->capture_default_str();
    app->add_option("--panel", options->panel, "Draw this panel alone, e.g. landscape")->type_name("NAME");
    app->add_option("--size", options->size, "Size of the picture in pixels")
        ->type_name("WxH")
        ->check([](const std::string& text) {
            int width = 0, height = 0;
            return parse_size(text, width, height)
                       ? std::string()
                       : "'" + text + "' is not a size such as 1600x1000 (200 to 16384 pixels)";
        })
        ->capture_default_str();
    auto* frames =
        app->add_option("--frames", options->frames,
                        "Make an animation of so many pictures; the iterations are spread over them")
            ->type_name("N")
            ->check(CLI::Range(2, 100'000).description(""));
    app->add_option("--steps", options->steps,
                    "Of an animation: steps of the live chains between two pictures")
        ->type_name("N")
        ->check(CLI::Range(0, 100'000).description(""))
        ->needs(frames)
        ->capture_default_str();
    app->add_option("--fps", options->frames_per_second, "Of an animation: pictures a second")
        ->type_name("N")
        ->check(real_number(1, 50))
        ->needs(frames)
        ->capture_default_str();
    app->add_option(
           "--out", options->out,
           "The picture, FILE.png. An animation: FILE.gif; FILE.mp4 or FILE.webm if there is ffmpeg; "
           "or a new folder for its pictures")
        ->type_name("FILE")
        ->required();
    add_changes(*app, options->changes);
    add_compute_options(*app, *options);
    app->footer("Examples:\n"
                "  ebmlab render --scene two_moons --iterations 2000 --out moons.png\n"
                "  ebmlab render --scene two_moons --iterations 2000 --frames 100 --panel landscape --size "
                "600x600 --out moons.gif\n"
                "  ebmlab render --scene muller_brown --panel landscape --size 800x800 --out surface.png\n"
                "\n" +
                program.get_footer());
    app->callback([options, &action] { action = [options] { return render(*options); }; });
}

} // namespace ebm::cli
