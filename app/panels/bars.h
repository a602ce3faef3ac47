#pragma once

#include "app/window/context.h"

#include <functional>

namespace ebm::panels {

/// Transport, pace, scene and state in one line, device and kernel at the right; and, over the middle of the
/// window, the newest problem until it is closed.
std::function<void(window::Context&)> top_bar();
/// What is under way or was just said, and the size of things.
std::function<void(window::Context&)> status_bar();

/// The newest problem with its remedies. It stays in sight when a later command has cleared it in the engine:
/// it was not read yet.
class ProblemBanner {
public:
    void draw(window::Context& context);

private:
    void close();
    std::optional<lab::Problem> shown_;
    std::int64_t closed_ = 0;
    bool failed_ = false; ///< the run, when it was drawn last
    std::string scene_;   ///< its title and name, when it was drawn last
    Settings settings_;   ///< when shown_ came
};

} // namespace ebm::panels
