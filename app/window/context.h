#pragma once

#include "core/lab/command.h"
#include "core/lab/snapshot.h"

#include <functional>

namespace ebm::window {

class Shell;

/// What panels and actions see during one frame: the newest snapshot, the way to the laboratory, and the
/// window around them.
struct Context {
    const lab::Snapshot& snapshot;
    std::function<void(lab::Command)> send;
    Shell& shell;
};

} // namespace ebm::window
