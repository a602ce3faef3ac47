#pragma once

#include "app/window/context.h"

namespace ebm::panels {

/// Calls `go_on`, which sends `command`. If that would discard training that took a while and that nobody
/// saved, the person is asked first, with what would be lost and the way to save it. A lesson's own scene may
/// be trained longer before that, as the lesson leads on to the next.
void allow_or_ask(window::Context& context, const lab::Command& command, std::function<void()> go_on);

/// Whether so much training would be lost with the window that closing it asks. second: the snapshot is that
/// of run B.
bool is_missed_at_end(const window::Shell& shell, const lab::Snapshot& snapshot, bool second);

/// Whether the run may end now. If training would be lost, asks, and goes on when that is answered.
bool may_end(window::Context& context, std::function<void()> go_on);

/// Offers what the program that ended too early last left behind, of each of its runs; the files of others
/// are offered at the next start. So short a training that closing the window would not have asked is
/// removed. Once after the start.
void offer_recovery(window::Context& context);

} // namespace ebm::panels
