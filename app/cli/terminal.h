#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace ebm::cli {

/// True if standard error goes to a person's terminal and not to a file or a pipe.
bool on_terminal();

/// From now on Ctrl-C and a termination request only set `interrupted`; a second one ends the process at
/// once.
void catch_interrupts();
bool interrupted();

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
