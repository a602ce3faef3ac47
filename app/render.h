#pragma once

#include "core/lab/session.h"

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
    std::string out; ///< .png
};

/// Draws the picture and writes it. Returns the exit code; throws Error.
int render_picture(const RenderRequest& request);

} // namespace ebm::window
