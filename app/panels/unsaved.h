#pragma once

#include "app/window/context.h"

namespace ebm::panels {

/// Sends `command`, unless it would discard training that took a while and that nobody saved: then the person
/// is asked once, with what would be lost and the way to save it.
void send_or_ask(window::Context& context, lab::Command command);

/// Whether the run may end now. If training would be lost, asks, and goes on when that is answered.
bool may_end(window::Context& context, std::function<void()> go_on);

/// Offers what the program that ended too early last left behind, of each of its runs; the files of others
/// are offered at the next start. Once after the start.
void offer_recovery(window::Context& context);

} // namespace ebm::panels
