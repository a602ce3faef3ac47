#include "app/render.h"

#include "app/program.h"
#include "core/base/error.h"
#include "core/lab/laboratory.h"

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

int render_picture(const RenderRequest& request) {
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
    const bool from_checkpoint = !request.scene || !request.scene->checkpoint.empty();
    if (from_checkpoint && request.iterations > laboratory.iteration())
        laboratory.apply(lab::ChangeSetting{"train.iterations", std::to_string(request.iterations)});
    // Quality is a curve: it is measured on the way too.
    const std::int64_t part = std::max<std::int64_t>(1, request.iterations / 12);
    while (laboratory.iteration() < request.iterations) {
        laboratory.train_iteration();
        if (laboratory.iteration() % part == 0) laboratory.refresh_views();
    }
    laboratory.apply(lab::StepChains{steps_for_trails});
    while (laboratory.work(std::chrono::milliseconds(50)).wait == 0) {
    }

    const std::unique_ptr<Display> display = Display::open_offscreen({request.width, request.height});
    Shell shell(*display, std::move(options));
    lab::Snapshot snapshot;
    bool stale = true;
    // Layout and color limits settle, and the scene picker makes one picture a frame.
    const int frames = 12 + static_cast<int>(lab::built_in_scenes().size());
    for (int i = 0; i < frames; ++i) {
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
    write_picture(request.out, display->read_pixels());
    return 0;
}

} // namespace ebm::window
