#include "app/run.h"

#include "app/panels/lesson.h"
#include "app/panels/panels.h"
#include "app/panels/unsaved.h"
#include "app/program.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/printable.h"
#include "core/lab/lessons.h"
#include "core/store/recovery.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>

namespace ebm::window {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int exit_code_of_signal = 130;
std::atomic<int> end_signal = 0; ///< that asks the program to end; 0 = none
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler writes it");

extern "C" void handle_end(int signal) {
    end_signal = signal;
    if (signal != SIGHUP) std::signal(signal, SIG_DFL); // the second one ends at once; hangups come in swarms
}

/// Signals end the frames, not the process; those that were ignored when the program started stay ignored.
void catch_end_signals() {
    for (const int signal : {SIGTERM, SIGHUP, SIGINT})
        if (std::signal(signal, handle_end) == SIG_IGN) std::signal(signal, SIG_IGN);
    std::signal(SIGPIPE, SIG_IGN); // a message that nobody reads must not end a training
}

/// Saves training that closing the window would ask about where the next start finds it, and says so on
/// standard error. Waits for the engine; its thread must be another one.
void keep_unsaved_training(lab::Session& session, const Shell& shell,
                           store::recovery::Which run = store::recovery::Which::a) {
    const lab::Snapshot& before = session.latest();
    if (!panels::is_missed_at_end(shell, before, run == store::recovery::Which::b)) return;
    const std::int64_t problems = before.problem ? before.problem->number : 0;
    try {
        const std::filesystem::path file = store::recovery::own_file(run);
        session.send(lab::SaveCheckpoint{file.string()});
        session.wait();
        const lab::Snapshot& after = session.latest();
        if (after.problem && after.problem->number > problems)
            throw Error(after.problem->text, "", after.problem->remedy);
        std::fprintf(
            stderr,
            "ebmlab: The training that nobody saved%s, iteration %lld, is kept. Open it with: ebmlab %s\n",
            run == store::recovery::Which::b ? " in run B" : "", static_cast<long long>(after.iteration),
            shell_quoted(file.string()).c_str());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ebmlab: The training could not be kept: %s\n", printable(error.what()).c_str());
    }
}

void keep_unsaved_trainings(lab::Session& session, Shell& shell) {
    keep_unsaved_training(session, shell);
    if (Comparison* both = shell.comparison())
        keep_unsaved_training(both->session(), shell, store::recovery::Which::b);
}

/// What the window opens with.
void open_first(lab::Session& session, Shell& shell, const WindowRequest& request) {
    if (!request.file.empty()) return shell.open_path(request.file);
    const lab::Lesson* lesson = lab::find_lesson(request.lesson);
    const std::string& own = shell.preferences().start_scene;
    if (!lesson && !request.asked_for && !own.empty()) {
        try {
            return session.send(lab::OpenScene{lab::find_scene(own), true});
        } catch (const Error& error) {
            shell.say(std::string("The scene to begin with cannot be opened: ") + error.what(),
                      Meaning::attention);
        }
    }
    session.send(lab::OpenScene{request.scene, !lesson || lesson->run});
}

/// Whether nothing moves by itself: the laboratory is at rest, or it runs and has published nothing for a
/// while, as with chains that are held after a training that is done.
class Rest {
public:
    bool is_idle(const lab::Snapshot& snapshot) {
        if (!snapshot.task.empty()) return false;
        if (snapshot.state != lab::State::running) return true;
        const auto now = Clock::now();
        if (snapshot.number != number_) {
            number_ = snapshot.number;
            since_ = now;
        }
        return now - since_ > std::chrono::seconds(1);
    }

private:
    std::uint64_t number_ = 0;
    Clock::time_point since_;
};

/// Draws until `enough` says so or the window is closed.
void draw_frames(Display& display, Shell& shell, lab::Session& session, const std::function<bool()>& enough) {
    std::atomic<bool> idle = false;
    Rest rest;
    session.on_publish([&] {
        if (idle) display.wake();
    });
    while (!shell.wants_close() && !enough() && end_signal == 0) {
        shell.frame(
            [&]() -> const lab::Snapshot& {
                const lab::Snapshot& snapshot = session.latest();
                idle = rest.is_idle(snapshot);
                panels::front_samples_of_kind(shell, snapshot);
                display.set_title(snapshot.scene.title.empty()
                                      ? "EBM Lab"
                                      : printable(snapshot.scene.title) + " – EBM Lab");
                return snapshot;
            },
            [&](lab::Command command) { session.send(std::move(command)); }, idle);
    }
    session.on_publish({});
}

int draw_without_display(const WindowRequest& request, const std::string& reason) {
    std::printf("%s\n", reason.c_str());
    std::fflush(stdout);
    const std::unique_ptr<Display> display = Display::open_offscreen({});
    ShellOptions options = program_options();
    if (request.ui_scale > 0) options.ui_scale = request.ui_scale;
    const auto write_picture = options.write_picture;
    lab::Session session(request.compute);
    if (!request.lesson.empty())
        options.started = [lesson = request.lesson](Context& context) {
            panels::begin_lesson(context, lesson, false);
        };
    Shell shell(*display, std::move(options));
    open_first(session, shell, request);
    const auto end = Clock::now() + std::chrono::seconds(6);
    std::string failure;
    draw_frames(*display, shell, session, [&] {
        const Shell::Notice notice = shell.notice();
        const bool nothing_open = session.latest().state == lab::State::empty;
        if (notice.meaning == Meaning::failure || (notice.meaning == Meaning::attention && nothing_open))
            failure = notice.text;
        return Clock::now() > end || (!failure.empty() && !request.file.empty());
    });
    if (end_signal != 0) {
        keep_unsaved_training(session, shell);
        return exit_code_of_signal;
    }
    if (!request.file.empty()) {
        if (const auto& problem = session.latest().problem) throw Error(problem->text, "", problem->remedy);
        if (!failure.empty()) {
            std::fprintf(stderr, "ebmlab: %s\n", printable(failure).c_str());
            return 1;
        }
    }
    const std::filesystem::path path = files::make_new_file("ebmlab", ".png");
    try {
        write_picture(path.string(), display->read_pixels());
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
        throw;
    }
    std::printf(
        "What it would show is in %s. All commands work without a window: ebmlab train, sample, energy, "
        "evaluate, race, render and those that ebmlab --help lists.\n",
        std::filesystem::absolute(path).c_str());
    return 0;
}

} // namespace

int run_window(const WindowRequest& request) {
    catch_end_signals();
    const std::string reason = Display::why_no_window();
    if (!reason.empty()) return draw_without_display(request, reason);
    const std::unique_ptr<Display> display = Display::open_window({.scale = request.ui_scale});
    ShellOptions options = program_options();
    options.config_folder = config_folder();
    if (!options.config_folder.empty()) options.scenes_folder = options.config_folder / "scenes";
    options.started = [lesson = request.lesson](Context& context) {
        panels::offer_recovery(context);
        if (!lesson.empty()) panels::begin_lesson(context, lesson, false);
    };
    // The number that the person gives is the size itself, not a factor on what the screen asks for.
    if (request.ui_scale > 0) options.ui_scale = request.ui_scale / display->content_scale();
    lab::Options compute = request.compute;
    lab::Options second = compute;
    try {
        compute.recovery = store::recovery::own_file().string();
        second.recovery = store::recovery::own_file(store::recovery::Which::b).string();
    } catch (const Error& error) {
        log::warning("Unsaved training cannot be kept for recovery: {}", error.what());
    }
    options.second_session = [second] { return std::make_unique<lab::Session>(second); };
    options.second_ended = [] { store::recovery::remove_own_file(store::recovery::Which::b); };
    auto session = std::make_unique<lab::Session>(compute);
    Shell shell(*display, std::move(options));
    open_first(*session, shell, request);
    display->on_lost = [&session, &shell] { keep_unsaved_trainings(*session, shell); };
    draw_frames(*display, shell, *session, [] { return false; });
    if (end_signal != 0) keep_unsaved_trainings(*session, shell);
    display->on_lost = nullptr;
    shell.drop_comparison();
    session.reset();     // the last saves of both are done
    if (end_signal == 0) // what is lost now was asked for
        for (const auto run : {store::recovery::Which::a, store::recovery::Which::b})
            store::recovery::remove_own_file(run);
    return end_signal != 0 ? exit_code_of_signal : 0;
}

} // namespace ebm::window
