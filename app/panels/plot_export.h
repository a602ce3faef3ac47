#pragma once

#include "app/panels/plotting.h"
#include "app/window/context.h"

#include <functional>
#include <string>
#include <vector>

/// Numbers and drawings leave the window: the context menu of every plot.
namespace ebm::panels {

struct PlotLine {
    std::string name;
    std::vector<double> x, y; ///< as many of each
    ImU32 color = 0;
    Dash dash = Dash::solid;
};

/// What a plot shows, without pixels.
struct PlotContent {
    std::string name;           ///< also of the file that is proposed
    std::string x_name, y_name; ///< with unit; x_name heads the first column
    std::vector<PlotLine> lines;
    bool logarithmic = false; ///< the y axis
};

/// A name as a cell of a table: in quotes where it would be taken for several.
std::string table_cell(const std::string& name, char separator);
/// One row for each x, one column for each line; a cell is empty where a line has no such x. Every digit that
/// is needed to read the same number back.
std::string plot_table(const PlotContent& content, char separator);
/// A drawing with axes, ticks and a legend. Values that are not finite leave gaps.
std::string plot_svg(const PlotContent& content, int width = 720, int height = 440);

/// Whether the current plot was clicked with the right button, without a drag. Between begin_plot and
/// end_plot.
bool plot_menu_asked();
/// After end_plot: the menu that copies the numbers and saves them, the drawing, or a picture at twice the
/// size. `content` is called when one of them is chosen.
void plot_menu(window::Context& context, bool asked, const std::function<PlotContent()>& content);

} // namespace ebm::panels
