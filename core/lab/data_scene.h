#pragma once

#include "core/lab/scene.h"

#include <string>

namespace ebm::lab {

/// A scene that learns the points or pictures of `path`, with the settings of `now` where they are for the
/// same kind of samples, else those of a built-in scene for it. Throws Error, in the words of data::describe,
/// if the file holds neither.
Scene learning_scene(const std::string& path, const Scene& now);

/// A scene that learns the density of settings.data.drawing, with the settings of `now` where they are for
/// the plane and a network, else those of a built-in scene.
Scene drawn_scene(const std::string& drawing, const Scene& now);

} // namespace ebm::lab
