#include "app/cli/terminal.h"

#include "app/cli/commands.h"
#include "app/cli/text.h"
#include "core/base/printable.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ebm::cli {
namespace {

std::atomic<bool> interrupt_seen = false, save_seen = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");

std::size_t terminal_columns() {
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
    return 80;
}

extern "C" void handle_interrupt(int signal) {
    interrupt_seen = true;
    std::signal(signal, SIG_DFL);
}

/// The one of commands that have nothing to put in order first, or not yet.
extern "C" void end_at_once(int) {
    constexpr std::string_view sentence = "\nebmlab: Interrupted.\n";
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, sentence.data(), sentence.size());
    ::_exit(exit_interrupted);
}

/// A terminal that goes away may send several of these.
extern "C" void handle_hangup(int) {
    interrupt_seen = true;
}

extern "C" void handle_save(int) {
    save_seen = true;
}

/// Unless the signal was ignored when the program started.
void handle_unless_ignored(int signal, void (*handler)(int)) {
    struct sigaction before {
    }, after{};
    if (::sigaction(signal, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
    after.sa_handler = handler;
    after.sa_flags = SA_RESTART;
    ::sigaction(signal, &after, nullptr);
}

bool obeys_escapes() {
    const char* kind = std::getenv("TERM");
    const char* plain = std::getenv("NO_COLOR");
    return kind && *kind && std::string_view(kind) != "dumb" && !(plain && *plain);
}

} // namespace

bool on_terminal() {
    return isatty(STDERR_FILENO) != 0 && obeys_escapes();
}

void end_on_interrupt() {
    handle_unless_ignored(SIGINT, end_at_once);
}

void catch_interrupts() {
    std::signal(SIGINT, handle_interrupt);
    std::signal(SIGTERM, handle_interrupt);
}

void await_training_signals() {
    for (const int signal : {SIGINT, SIGTERM})
        std::signal(signal, end_at_once);
    for (const int signal : {SIGHUP, SIGPIPE})
        handle_unless_ignored(signal, end_at_once);
    handle_unless_ignored(SIGUSR1, handle_save);
}

void catch_training_signals() {
    catch_interrupts();
    handle_unless_ignored(SIGHUP, handle_hangup);
    handle_unless_ignored(SIGPIPE, handle_hangup);
    handle_unless_ignored(SIGUSR1, handle_save);
}

bool interrupted() {
    return interrupt_seen;
}

bool save_wanted() {
    return save_seen.exchange(false);
}

void print(std::FILE* stream, std::string_view text) {
    std::fputs(printable_lines(text).c_str(), stream);
}

Progress::Progress(std::string task, std::string units, std::int64_t done, std::int64_t total)
    : task_(printable(task)), units_(std::move(units)), done_(done), total_(total), mark_done_(done),
      mark_(Clock::now()), terminal_(on_terminal()) {
    next_draw_ = mark_ + (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000));
}

Progress::~Progress() {
    finish();
}

bool Progress::due() const {
    return Clock::now() >= next_draw_;
}

void Progress::update(std::int64_t done, const std::string& reading, double deadline_seconds) {
    done_ = done;
    const auto now = Clock::now();
    if (now < next_draw_) return;
    reading_ = reading;
    deadline_ = deadline_seconds;
    const double seconds = std::chrono::duration<double>(now - mark_).count();
    if (rate_ == 0 || seconds > 2) {
        rate_ = static_cast<double>(done - mark_done_) / std::max(seconds, 1e-9);
        if (seconds > 2) {
            mark_ = now;
            mark_done_ = done;
        }
    }
    next_draw_ = now + (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000));
    draw();
}

void Progress::clear() {
    if (terminal_ && drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::finish() {
    if (finished_) return;
    finished_ = true;
    clear();
}

void Progress::draw() {
    drawn_ = true;
    double left = rate_ > 0 ? static_cast<double>(total_ - done_) / rate_ : -1;
    if (deadline_ >= 0) left = left < 0 ? deadline_ : std::min(left, deadline_);
    const double share =
        total_ > 0 ? std::clamp(static_cast<double>(done_) / static_cast<double>(total_), 0.0, 1.0) : 1;
    std::string line;
    if (terminal_) {
        constexpr std::size_t cells = 12;
        const auto full = static_cast<std::size_t>(share * cells);
        line = fmt::format("{} [{}{}] {}/{}", task_, std::string(full, '#'), std::string(cells - full, '.'),
                           count(done_), count(total_));
    } else {
        line = fmt::format("{}: {} of {} {} ({:.0f} %)", task_, count(done_), count(total_), units_,
                           100 * share);
    }
    if (rate_ > 0) line += fmt::format(", {}/s", number(rate_, 3));
    if (!reading_.empty()) line += ", " + reading_;
    if (left >= 0) line += fmt::format(", {} left", duration(left));
    if (terminal_)
        std::fputs(fmt::format("\r{}\x1b[K", shortened(line, terminal_columns() - 1)).c_str(), stderr);
    else
        std::fputs((line + "\n").c_str(), stderr);
    std::fflush(stderr);
}

} // namespace ebm::cli
