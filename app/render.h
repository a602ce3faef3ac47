#pragma once

#include "core/lab/session.h"

#include <functional>
#include <optional>
#include <string>

namespace ebm::window {

/// What `ebmlab render` asks for: the window, or one panel of it, as a picture without a display.
struct RenderRequest {
    lab::Options compute;
    std::optional<lab::Scene> scene; ///< either this …
    std::string checkpoint;          ///< … or the path of a checkpoint
    std::int64_t iterations = 0;     ///< training iterations before the picture is made
    std::string panel;               ///< id of the panel to draw alone; empty = the whole window
    int width = 1600, height = 1000;
    std::string out; ///< .png; of an animation what store::open_animation takes

    /// Of an animation, else 0. The training iterations are spread evenly over the frames, the first of which
    /// is made before any; between two frames the chains make `steps` steps.
    int frames = 0;
    int steps = 1;
    double frames_per_second = 20;
    /// Called before each frame of an animation with its number from 0; false ends it, and nothing is
    /// written.
    std::function<bool(int)> before_frame;
    /// Called while one picture is made: what is done ("Training", "Drawing"), how much of it, of how much.
    /// false ends it, and nothing is written.
    std::function<bool(const char*, std::int64_t, std::int64_t)> on_the_way;
};

/// Draws the picture, or the animation, and writes it. Returns whether it was written; throws Error.
bool render_picture(const RenderRequest& request);

} // namespace ebm::window
