#pragma once

#include "app/window/context.h"
#include "core/data/drawing.h"

#include <imgui.h>

#include <string>

/// Painting on the plane: a density to learn, or walls for the chains.
namespace ebm::panels {

struct LandscapeState;
struct Pane;

struct Brush {
    enum class Purpose { density, walls };
    enum class Tool { paint, spray, erase };

    bool on = false; ///< the left button paints; else it drops and carries chains
    Purpose purpose = Purpose::density;
    Tool tool = Tool::paint;
    float size = 0.35f; ///< radius, in units of x
    data::Drawing density, walls;
    std::string known_walls;   ///< the setting that `walls` is a copy of
    std::string known_density; ///< `density` before the stroke that is under way

    bool painting = false; ///< the button is down
    double last_x = 0, last_y = 0, sent_at = -1;
    std::uint32_t sprayed = 0; ///< dots so far

    data::Drawing& drawing() { return purpose == Purpose::walls ? walls : density; }
    const data::Drawing& drawing() const { return purpose == Purpose::walls ? walls : density; }
};

/// Puts a dab of the tool at (x, y) of the plane. Paint has soft edges; a spray is dots that lie
/// anywhere in the circle.
void dab(Brush& brush, double x, double y);
/// Dabs from the last point to this one, near enough to join.
void stroke(Brush& brush, double x, double y);

/// Takes the tool up or lays it down.
void take_brush(LandscapeState& state, window::Context& context, Brush::Purpose purpose, bool on);
void lay_down(LandscapeState& state, window::Context& context);
/// What the left button does while the brush is on; behind the item that shows the plane.
void handle_brush(LandscapeState& state, const Pane& pane, window::Context& context);
/// What is painted so far and the circle at the mouse, over the picture.
void draw_brush(const LandscapeState& state, const Pane& pane, bool hovered);
/// The tools at the foot of the picture.
void brush_bar(LandscapeState& state, const Pane& pane, window::Context& context);

} // namespace ebm::panels
