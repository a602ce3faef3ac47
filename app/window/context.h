#pragma once

#include "core/lab/command.h"
#include "core/lab/snapshot.h"

#include <functional>

namespace ebm::window {

class Comparison;
class SettingEditor;
class Shell;

/// What panels and actions see during one frame: the newest snapshot of a run, the way to its laboratory, its
/// settings, and the window around them.
struct Context {
    const lab::Snapshot& snapshot;
    std::function<void(lab::Command)> send;
    Shell& shell;
    /// As they are shown and edited, with undo. Up to date before the panels are drawn.
    SettingEditor& settings;
    Comparison* comparison = nullptr; ///< null while there is one run only
    bool second = false;              ///< the snapshot is that of run B
};

} // namespace ebm::window
