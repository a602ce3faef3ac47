#pragma once

#include "core/lab/session.h"

#include <string>

namespace ebm::window {

/// What `ebmlab` without a subcommand asks for.
struct WindowRequest {
    lab::Options compute;
    lab::Scene scene;      ///< to open running, unless there is a file
    bool asked_for = true; ///< else the scene that a person begins with is opened instead, if there is one
    std::string lesson;    ///< name of the lesson to begin; empty = none
    std::string file;      ///< checkpoint, scene or data file to open; empty = none
    float ui_scale = 0;    ///< 0 = as the screen asks for
};

/// Opens the window and returns the exit code when it is closed. Without a display it says so, draws the
/// window offscreen for a few seconds, writes a picture, and names the commands that work without a window.
/// Ended by SIGTERM, SIGHUP or SIGINT it returns 130; where the window system dies the process ends with 1.
/// In both cases training that nobody saved is kept in store::recovery first, if closing the window would
/// have asked about it. Throws Error.
int run_window(const WindowRequest& request);

} // namespace ebm::window
