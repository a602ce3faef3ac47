#include "app/panels/plot_export.h"

#include "app/panels/table_export.h"
#include "app/panels/ticks.h"
#include "app/window/icons.h"
#include "app/window/shell.h"

#include <fmt/format.h>
#include <imgui_internal.h>
#include <implot.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ebm::panels {

using window::scaled;

namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char letter : text)
        out += letter == '<'   ? "&lt;"
               : letter == '>' ? "&gt;"
               : letter == '&' ? "&amp;"
                               : std::string(1, letter);
    return out;
}

std::string paint(ImU32 color) {
    return fmt::format("#{:02x}{:02x}{:02x}", color >> IM_COL32_R_SHIFT & 255u,
                       color >> IM_COL32_G_SHIFT & 255u, color >> IM_COL32_B_SHIFT & 255u);
}

const char* dashes(Dash dash) {
    constexpr std::array<const char*, dash_count> patterns = {"none", "6 4", "1.5 3", "7 3 1.5 3", "12 4"};
    return patterns[static_cast<std::size_t>(dash)];
}

struct Extent {
    double low = INFINITY, high = -INFINITY;
    void add(double value) {
        if (!std::isfinite(value)) return;
        low = std::min(low, value);
        high = std::max(high, value);
    }
    void open() {
        if (!(low <= high)) low = 0, high = 1;
        if (low == high) low -= 0.5, high += 0.5;
    }
};

ImRect plot_frame; ///< of the plot whose menu was asked for

} // namespace

std::string table_cell(const std::string& name, char separator) {
    if (name.find_first_of(std::string("\"\r\n") + separator) == std::string::npos) return name;
    std::string out = "\"";
    for (const char letter : name)
        out += letter == '"' ? "\"\"" : std::string(1, letter);
    return out + "\"";
}

std::string plot_table(const PlotContent& content, char separator) {
    const std::vector<PlotLine>& lines = content.lines;
    const auto number = [](double value) {
        return std::isnan(value) ? std::string() : fmt::format("{}", value);
    };
    std::string out;
    const bool wide =
        std::ranges::all_of(lines, [&](const PlotLine& line) { return line.x == lines.front().x; });
    if (wide) {
        out = table_cell(content.x_name, separator);
        for (const PlotLine& line : lines)
            out += separator + table_cell(line.name, separator);
        out += "\n";
        for (std::size_t row = 0; !lines.empty() && row < lines.front().x.size(); ++row) {
            out += number(lines.front().x[row]);
            for (const PlotLine& line : lines)
                out += separator + number(line.y[row]);
            out += "\n";
        }
        return out;
    }
    out = std::string("line") + separator + table_cell(content.x_name, separator) + separator +
          table_cell(content.y_name, separator) + "\n";
    for (const PlotLine& line : lines)
        for (std::size_t row = 0; row < line.x.size(); ++row)
            out += table_cell(line.name, separator) + separator + number(line.x[row]) + separator +
                   number(line.y[row]) + "\n";
    return out;
}

std::string plot_svg(const PlotContent& content, int width, int height) {
    const double left = 70, right = width - 16.0, top = 44, bottom = height - 46.0;
    const auto level = [&](double y) { return content.logarithmic ? std::log10(y) : y; };
    Extent across, upward;
    for (const PlotLine& line : content.lines) {
        for (const double x : line.x)
            across.add(x);
        for (const double y : line.y)
            upward.add(level(y));
    }
    across.open();
    upward.open();
    const auto at_x = [&](double x) {
        return left + (x - across.low) / (across.high - across.low) * (right - left);
    };
    const auto at_y = [&](double y) {
        return bottom - (y - upward.low) / (upward.high - upward.low) * (bottom - top);
    };
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" "
        "font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        "<text x=\"{}\" y=\"18\" font-weight=\"bold\">{}</text>\n",
        width, height, left, escaped(content.name));
    for (const Tick& tick : ticks(across.low, across.high, 6))
        out += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#ddd\"/>\n"
                           "<text x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>\n",
                           at_x(tick.value), top, bottom, bottom + 16, tick.label);
    for (const Tick& tick : ticks(upward.low, upward.high, 6))
        out += fmt::format("<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#ddd\"/>\n"
                           "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}{6}</text>\n",
                           left, right, at_y(tick.value), left - 6, at_y(tick.value) + 4,
                           content.logarithmic ? "10^" : "", tick.label);
    out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", (left + right) / 2,
                       height - 10, escaped(content.x_name));
    out += fmt::format(
        "<text x=\"16\" y=\"{0}\" text-anchor=\"middle\" transform=\"rotate(-90 16 {0})\">{1}</text>\n",
        (top + bottom) / 2, escaped(content.y_name));
    double legend = left;
    for (const PlotLine& line : content.lines) {
        std::string path;
        bool pen = false;
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            const double y = level(line.y[i]);
            if (!std::isfinite(line.x[i]) || !std::isfinite(y)) {
                pen = false;
                continue;
            }
            path += fmt::format("{}{:.2f} {:.2f}", pen ? "L" : "M", at_x(line.x[i]), at_y(y));
            pen = true;
        }
        const std::string ink = paint(line.color);
        out += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\" "
                           "stroke-dasharray=\"{}\"/>\n",
                           path, ink, dashes(line.dash));
        out +=
            fmt::format("<line x1=\"{0}\" x2=\"{1}\" y1=\"32\" y2=\"32\" stroke=\"{2}\" stroke-width=\"2\" "
                        "stroke-dasharray=\"{3}\"/>\n<text x=\"{4}\" y=\"36\">{5}</text>\n",
                        legend, legend + 22, ink, dashes(line.dash), legend + 27, escaped(line.name));
        legend += 46 + 7 * static_cast<double>(line.name.size());
    }
    return out + "</svg>\n";
}

bool plot_menu_asked() {
    const ImVec2 drag = ImGui::GetIO().MouseDragMaxDistanceAbs[1];
    if (!ImPlot::IsPlotHovered() || !ImGui::IsMouseReleased(ImGuiMouseButton_Right) ||
        std::max(drag.x, drag.y) > scaled(4))
        return false;
    const ImVec2 low = ImPlot::GetPlotPos(), size = ImPlot::GetPlotSize();
    // With the tick labels at the left and below.
    plot_frame = {low.x - scaled(48), low.y - scaled(8), low.x + size.x + scaled(8),
                  low.y + size.y + scaled(26)};
    return true;
}

void plot_menu(window::Context& context, bool asked, const std::function<PlotContent()>& content) {
    // Several plots of a panel have a menu each.
    const std::string menu = fmt::format("plot menu {}", last_plot());
    if (asked) ImGui::OpenPopup(menu.c_str());
    if (!ImGui::BeginPopup(menu.c_str())) return;
    window::Shell& shell = context.shell;
    const auto save_text = [&](const char* title, const PlotContent& what, const char* ending,
                               std::string text) {
        shell.dialogs().save_file(
            title, file_name(what.name) + ending, {{title, {std::string("*") + ending}}},
            [&shell, text = std::move(text)](const std::string& path) { shell.save_text(path, text); });
    };
    if (ImGui::MenuItem("Copy numbers")) {
        ImGui::SetClipboardText(plot_table(content(), '\t').c_str());
        shell.say("The numbers are in the clipboard, separated by tabs.");
    }
    if (ImGui::MenuItem("Save numbers (CSV)…")) {
        const PlotContent what = content();
        save_text("Save numbers", what, ".csv", plot_table(what, ','));
    }
    if (ImGui::MenuItem("Save drawing (SVG)…")) {
        const PlotContent what = content();
        save_text("Save drawing", what, ".svg", plot_svg(what));
    }
    if (ImGui::MenuItem("Save picture (PNG)…"))
        shell.dialogs().save_file("Save picture", file_name(content().name) + ".png",
                                  {{"Pictures", {"*.png"}}},
                                  [&shell, low = plot_frame.Min, high = plot_frame.Max](
                                      const std::string& path) { shell.screenshot(path, low, high); });
    ImGui::EndPopup();
}

} // namespace ebm::panels
