#pragma once

#include "app/panels/landscape_state.h"
#include "app/window/colormap.h"

#include <string>

/// Pictures and annotations of the landscape; input is in landscape_input.h.
namespace ebm::panels {

/// Brings everything on the graphics card up to date with the snapshot.
void upload_layers(LandscapeState& state, const window::Context& context);
/// Field, points, trails and arrows of one pane.
void draw_pane(LandscapeState& state, const Pane& pane, const window::Context& context);
/// Ticks and labels on the left (unless `bottom_only`) and below, in the numbers of the file and with its
/// names if it has any. Returns the room that those on the left need.
float draw_axes(const LandscapeState& state, const Pane& pane, const data::Coding& axes, bool bottom_only);
/// Low and high end of what the color bar of this pane shows, and what it is called.
struct ColorScale {
    Limits limits;
    const char* title = "";
    bool density = false;
    bool difference = false; ///< of two runs
};
ColorScale color_scale(const LandscapeState& state, const Pane& pane, const Settings& settings);
ImVec2 color_bar_size(const Pane& pane);
void draw_color_bar(const Pane& pane, const ColorScale& scale, window::Colormap colormap);
/// Whether the data and negatives of the iteration that is stepped through are marked.
bool shows_iteration(const lab::Snapshot& snapshot);
/// Ring and label of the selected chain, minima, restart of a dragged one, the mode that Sampler points at.
void draw_marks(const LandscapeState& state, const Pane& pane, const window::Context& context);
/// A text plate over the picture, its corner at `at`; returns its size.
ImVec2 draw_plate(ImVec2 at, const std::vector<std::string>& lines, bool right_aligned = false);

/// The place of a point of the plane on the screen within this pane.
ImVec2 place(const LandscapeState& state, const Pane& pane, Vec2 point);
Vec2 plane_at(const LandscapeState& state, const Pane& pane, ImVec2 screen);

} // namespace ebm::panels
