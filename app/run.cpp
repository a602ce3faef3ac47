#include "app/run.h"

#include "app/program.h"
#include "core/base/error.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>

namespace ebm::window {
namespace {

using Clock = std::chrono::steady_clock;

/// What the window opens with.
void open_first(lab::Session& session, Shell& shell, const WindowRequest& request) {
    if (!request.file.empty()) return shell.open_path(request.file);
    session.send(lab::OpenScene{request.scene, true});
}

bool is_idle(const lab::Snapshot& snapshot) {
    return snapshot.state != lab::State::running && snapshot.task.empty();
}

/// Draws until `enough` says so or the window is closed.
void draw_frames(Display& display, Shell& shell, lab::Session& session, const std::function<bool()>& enough) {
    std::atomic<bool> idle = false;
    bool shows_plane = true;
    session.on_publish([&] {
        if (idle) display.wake();
    });
    while (!shell.wants_close() && !enough()) {
        shell.frame(
            [&]() -> const lab::Snapshot& {
                const lab::Snapshot& snapshot = session.latest();
                idle = is_idle(snapshot);
                if (snapshot.kind.plane != shows_plane) {
                    shows_plane = snapshot.kind.plane;
                    shell.open_panel(shows_plane ? "landscape" : "samples");
                }
                display.set_title(snapshot.scene.title.empty() ? "EBM Lab"
                                                               : snapshot.scene.title + " – EBM Lab");
                return snapshot;
            },
            [&](lab::Command command) { session.send(std::move(command)); }, idle);
    }
    session.on_publish({});
}

int draw_without_display(const WindowRequest& request, const std::string& reason) {
    std::printf("%s\n", reason.c_str());
    std::fflush(stdout);
    const std::string path = "ebmlab.png";
    const std::unique_ptr<Display> display = Display::open_offscreen({});
    ShellOptions options = program_options();
    if (request.ui_scale > 0) options.ui_scale = request.ui_scale;
    const auto write_picture = options.write_picture;
    lab::Session session(request.compute);
    Shell shell(*display, std::move(options));
    open_first(session, shell, request);
    const auto end = Clock::now() + std::chrono::seconds(6);
    draw_frames(*display, shell, session, [end] { return Clock::now() > end; });
    write_picture(path, display->read_pixels());
    std::printf("What it would show is in %s. These work without a window: ebmlab train, sample, energy, "
                "evaluate, render, "
                "params, scenes, bench.\n",
                std::filesystem::absolute(path).c_str());
    return 0;
}

} // namespace

int run_window(const WindowRequest& request) {
    const std::string reason = Display::why_no_window();
    if (!reason.empty()) return draw_without_display(request, reason);
    const std::unique_ptr<Display> display = Display::open_window({.scale = request.ui_scale});
    ShellOptions options = program_options();
    options.config_folder = config_folder();
    // The number that the person gives is the size itself, not a factor on what the screen asks for.
    if (request.ui_scale > 0) options.ui_scale = request.ui_scale / display->content_scale();
    lab::Session session(request.compute);
    Shell shell(*display, std::move(options));
    open_first(session, shell, request);
    draw_frames(*display, shell, session, [] { return false; });
    return 0;
}

} // namespace ebm::window
