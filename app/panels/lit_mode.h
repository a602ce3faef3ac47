#pragma once

#include "core/lab/modes_view.h"

#include <string>

/// The mode of the plane that is pointed at: in Sampler by its bar, so that Landscape shows where it is.
namespace ebm::panels {

/// In this frame; `second`: of run B.
void light_mode(bool second, int mode);
/// Of this frame or the one before, as panels are drawn one after the other; −1 = none.
int lit_mode(bool second);

/// "Mode 2, north-east", or "Mode 2 at (−2.1, 0.4)" where it is about one point and has no name.
std::string mode_name(const lab::ModesView& modes, std::size_t mode);
/// The mode and its shares, in sentences.
std::string mode_in_words(const lab::ModesView& modes, std::size_t mode);

} // namespace ebm::panels
