#pragma once

#include "app/panels/landscape_state.h"

namespace ebm::panels {

/// Switches of field and layers in the top right corner of the panel; folded into one button where there is
/// little room. Returns the left edge of what was drawn.
float draw_tools(LandscapeState& state, ImVec2 top_right, float room, window::Context& context);
/// "KL(data‖model) 0.0047 nats ± 1 × 10⁻⁵", with what a reader must know besides: a T other than 1, and the
/// iteration where that is not about `iteration`, which stands above it.
/// bounded: the model's energy is an upper bound of −log p, and so is KL at T = 1.
std::string kl_words(const lab::QualityPoint& point, std::int64_t iteration, bool bounded = false);
/// What is shown, the iteration, the legend and, on the plane, KL(data‖model) with its course.
void draw_title(const LandscapeState& state, const Pane& pane, float right, const window::Context& context);
/// Images: which three samples span the slice. One row above the picture.
void draw_anchor_pickers(LandscapeState& state, window::Context& context);
/// Images: the three samples at their places, with their labels.
void draw_anchors(const LandscapeState& state, const Pane& pane, const window::Context& context);

} // namespace ebm::panels
