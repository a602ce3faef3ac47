#pragma once

#include "app/window/context.h"
#include "app/window/dialogs.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ebm::panels {

/// Files that samples are read from: points or pictures, as fits the scene.
std::vector<window::FileFilter> sample_filters();

/// Asks where, then writes one picture ([channels · height · width], 8 bit) as PNG. Says in the status bar
/// what came of it.
void save_picture(window::Context& context, std::vector<std::uint8_t> pixels, const lab::SampleKind& kind,
                  const std::string& name);

} // namespace ebm::panels
