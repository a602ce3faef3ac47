#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace ebm::cli {

/// True if standard error goes to a person's terminal and not to a file or a pipe, and that terminal redraws
/// lines: not with TERM=dumb, without TERM, or with NO_COLOR.
bool on_terminal();

/// Writes text of several lines without anything in it that a terminal would obey. What goes wrong shows when
/// the stream is flushed.
void print(std::FILE* stream, std::string_view text);

/// From now on Ctrl-C says so in a line and ends the process at once with exit_interrupted, unless it was
/// ignored before. For commands that write what they make at their end and as a whole.
void end_on_interrupt();
/// From now on Ctrl-C and a termination request only set `interrupted`; a second one ends the process at
/// once.
void catch_interrupts();
/// For a training that has nothing to save yet: the signals of catch_training_signals say so in a line and
/// end the process at once with exit_interrupted; SIGUSR1 is remembered. May be called before any library has
/// started.
void await_training_signals();
/// The same as catch_interrupts for a training, which is saved first: also when the terminal hangs up
/// (SIGHUP, unless it is ignored, as nohup does) and when nobody reads the output any more (SIGPIPE).
/// SIGUSR1, unless it is ignored, makes `save_wanted` true once.
void catch_training_signals();
bool interrupted();
/// What long work throws when `interrupted` says so; nothing is written then.
struct Interrupted {};
/// Whether SIGUSR1 came since the last call.
bool save_wanted();

/// Progress of long work on standard error: a bar that redraws itself on a terminal, a plain line every five
/// seconds otherwise. The rate is measured over the last seconds.
class Progress {
public:
    /// `done` of `total` `units` are there already.
    Progress(std::string task, std::string units, std::int64_t done, std::int64_t total);
    ~Progress();
    Progress(const Progress&) = delete;

    /// Cheap; draws when it is time. `reading` is shown as it is; `deadline_seconds` is the time left that is
    /// not a matter of units, negative if there is none.
    void update(std::int64_t done, const std::string& reading = "", double deadline_seconds = -1);
    /// True if `update` would draw now, for a reading that is costly to write.
    bool due() const;
    /// Takes the bar off the terminal, so that a sentence can be written in its place.
    void clear();
    /// Draws the last state and ends the line. Called by the destructor if nobody did.
    void finish();

private:
    using Clock = std::chrono::steady_clock;
    void draw();

    std::string task_, units_, reading_;
    std::int64_t done_, total_, mark_done_;
    double deadline_ = -1, rate_ = 0;
    Clock::time_point mark_, next_draw_;
    bool terminal_, finished_ = false, drawn_ = false;
};

} // namespace ebm::cli
