#pragma once

#include "core/lab/command.h"
#include "core/lab/snapshot.h"

#include <functional>
#include <memory>

namespace ebm::lab {

/// The engine thread with its command queue and the newest snapshot. The window's side never waits for a
/// computation.
class Session {
public:
    explicit Session(const Options& options);
    ~Session();
    Session(const Session&) = delete;

    /// Any thread. Applied in order; a command that fails becomes Snapshot::problem and a log line.
    void send(Command command);
    /// One reader thread. Valid until the next call.
    const Snapshot& latest();
    /// Called by the engine thread after each publication, to wake an idle window; it must not call the
    /// session. Once this returns, the function of before runs no more.
    void on_publish(std::function<void()> wake);
    /// Blocks until every command sent so far was applied and published. For tests and scripts, never for a
    /// frame.
    void wait();

private:
    struct Engine;
    std::unique_ptr<Engine> engine_;
};

} // namespace ebm::lab
