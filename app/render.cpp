#include "app/render.h"

#include "app/program.h"
#include "core/base/error.h"
#include "core/lab/laboratory.h"
#include "core/store/animation.h"

#include <algorithm>

namespace ebm::window {
namespace {

/// Chain steps before the picture, so that trails are as long as in a running window.
constexpr int steps_for_trails = 30;

std::string known_panels(const std::vector<Panel>& panels) {
    std::string names;
    for (const Panel& panel : panels)
        names += (names.empty() ? "" : ", ") + panel.id;
    return names;
}

} // namespace

bool render_picture(const RenderRequest& request) {
    ShellOptions options = program_options();
    if (!request.panel.empty() && std::none_of(options.panels.begin(), options.panels.end(),
                                               [&](const Panel& panel) { return panel.id == request.panel; }))
        throw Error("There is no panel '" + request.panel + "'", "option --panel",
                    "There are: " + known_panels(options.panels) + ".");
    options.only_panel = request.panel;
    const auto write_picture = options.write_picture;
    lab::Laboratory laboratory(request.compute);
    if (request.scene)
        laboratory.apply(lab::OpenScene{*request.scene, false});
    else
        laboratory.apply(lab::OpenCheckpoint{request.checkpoint});
    if (request.iterations > laboratory.iteration()) laboratory.require_training();
    std::unique_ptr<store::Animation> animation; // once nothing is left to refuse
    if (request.frames > 0)
        animation = store::in_background(store::open_animation(request.out, request.frames_per_second));
    const bool from_checkpoint = !request.scene || !request.scene->checkpoint.empty();
    if (from_checkpoint && request.iterations > laboratory.iteration())
        laboratory.apply(lab::ChangeSetting{"train.iterations", std::to_string(request.iterations)});
    // Quality is a curve: it is measured on the way too.
    const std::int64_t part = std::max<std::int64_t>(1, request.iterations / 12);
    const auto goes_on = [&](const char* task, std::int64_t done, std::int64_t total) {
        return request.frames > 0 || !request.on_the_way || request.on_the_way(task, done, total);
    };
    const auto train_until = [&](std::int64_t iteration) {
        while (laboratory.iteration() < iteration) {
            if (!goes_on("Training", laboratory.iteration(), iteration)) return false;
            laboratory.train_iteration();
            if (laboratory.iteration() % part == 0) laboratory.refresh_views();
        }
        return true;
    };
    const auto move_chains = [&](int steps) {
        if (steps > 0) laboratory.apply(lab::StepChains{steps});
        while (laboratory.work(std::chrono::milliseconds(50)).wait == 0) {
        }
    };
    if (!animation) {
        if (!train_until(request.iterations)) return false;
        move_chains(steps_for_trails);
    }

    const std::unique_ptr<Display> display = Display::open_offscreen({request.width, request.height});
    Shell shell(*display, std::move(options));
    lab::Snapshot snapshot;
    bool stale = true;
    const auto draw = [&](int times) {
        for (int i = 0; i < times; ++i) {
            if (!goes_on("Drawing", i, times)) return false;
            if (stale) {
                laboratory.refresh_views();
                laboratory.fill(snapshot);
                ++snapshot.number; // as the engine thread does: panels upload what is new
                stale = false;
            }
            shell.frame([&]() -> const lab::Snapshot& { return snapshot; },
                        [&](lab::Command command) {
                            laboratory.apply(command);
                            stale = true;
                        },
                        false);
        }
        return true;
    };
    // Layout and color limits settle, and the scene picker makes one picture a frame.
    if (!draw(12 + static_cast<int>(lab::built_in_scenes().size()))) return false;
    if (!animation) {
        write_picture(request.out, display->read_pixels());
        return true;
    }
    const std::int64_t first = laboratory.iteration();
    for (int frame = 0; frame < request.frames; ++frame) {
        if (request.before_frame && !request.before_frame(frame)) return false;
        if (frame > 0) {
            if (request.iterations > first)
                train_until(first + (request.iterations - first) * frame / (request.frames - 1));
            move_chains(request.steps);
            stale = true;
        }
        draw(2);
        const Pixels pixels = display->read_pixels();
        animation->add({pixels.width, pixels.height, 4, pixels.rgba});
    }
    animation->finish();
    return true;
}

} // namespace ebm::window
