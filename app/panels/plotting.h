#pragma once

#include "app/panels/series.h"

#include <imgui.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the panels with plots share: a legend that can be clicked, dashes, tiles, axis names.
namespace ebm::panels {

/// Outline of a set, so that sets of one color are told apart without color.
enum class Dash { solid, dashed, dotted, dash_dot, long_dash };
inline constexpr int dash_count = 5;

/// Lines that fill an area, so that sets are told apart without color.
enum class Hatch { none, rising, falling, level, crossed };
/// The pieces of hatching `spacing` pixels apart within a rectangle. Rectangles side by side join without a
/// seam.
std::vector<std::pair<ImVec2, ImVec2>> hatching(ImVec2 low, ImVec2 high, Hatch hatch, float spacing);

void dashed_line(ImDrawList& list, std::span<const ImVec2> points, ImU32 color, float thickness, Dash dash);

/// A line sample and a name; a click shows or hides. Flows like words: the next entry goes to the next row if
/// it does not fit. Returns whether it was clicked.
bool legend_switch(const char* id, std::string_view text, ImU32 color, Dash dash, bool& shown,
                   const char* tooltip);
/// Call before the first entry of a legend.
void begin_legend();

/// Tiles `count` plots over `available`: how many columns make them least narrow and least flat.
struct Tiling {
    int columns = 1, rows = 1;
    ImVec2 size; ///< of one tile, spacing taken off
};
Tiling tile(int count, ImVec2 available, float least_height);
/// The same, but all in one row, narrow as they are then, before some of them lie below the edge.
Tiling tile_in_sight(int count, ImVec2 available, float least_height);

/// A small heading over a plot: its name in the text color, then what the axis means, muted: all of it, or
/// the part before “;”, or none, as the width allows. The whole text is then the tooltip.
void plot_heading(std::string_view name, std::string_view meaning, float width);

/// `color` with its opacity multiplied by `share`.
ImU32 faded(ImU32 color, float share);

/// The least height at which a plot with its tick labels says something, in pixels.
float least_plot_height();
/// Whether there is no room for more than a line above a plot of this size and its tick labels below.
bool is_low_plot(ImVec2 size);
/// `name` of a horizontal axis, or null where the plot is too low for it.
const char* axis_name(const char* name, ImVec2 size);

/// ImPlot::BeginPlot without title, legend and menus, with room for the outermost tick labels. If it returns
/// true, end with end_plot.
bool begin_plot(const char* id, ImVec2 size, int flags = 0);
void end_plot();
/// The plot that was begun last.
ImGuiID last_plot();
/// Ticks of an axis of whole numbers between `low` and `high`, `width` pixels wide with the labels of the
/// other axis: ImPlot's own choice does not know how long the labels are; long ones touch, and the last is
/// cut off.
void setup_count_ticks(int axis, double low, double high, float width);
/// A few muted words in the lower left corner of the current plot, or in the upper one, if there is room.
void plot_note(std::string_view text, bool at_top);
/// Many points [n][2] of the current plot, cheaply: squares of 2 · radius pixels.
void small_points(ImDrawList& list, std::span<const float> points, float radius, ImU32 color);
/// The area between two lines with the same x.
void band(ImDrawList& list, std::span<const ImVec2> lower, std::span<const ImVec2> upper, ImU32 color);

/// A table cell's text at its right edge.
void right_aligned(const std::string& text, ImU32 color);

/// ImPlotFormatter: numbers and counts as the window writes them.
int tick_number(double value, char* text, int size, void*);
int tick_count(double value, char* text, int size, void*);

/// Every digit that is needed to read the same single-precision number back, with an ASCII minus: for
/// copying.
std::string exact(float value);

/// Same line if the next item of `width` still fits there, else the next row.
void flow(float width);
/// Width that a button with this label takes.
float button_width(const char* label);

} // namespace ebm::panels
