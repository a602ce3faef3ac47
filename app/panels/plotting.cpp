#include "app/panels/plotting.h"

#include "app/panels/ticks.h"
#include "app/window/number_format.h"
#include "app/window/theme.h"

#include <imgui_internal.h>
#include <implot.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace ebm::panels {

using namespace window;

namespace {

ImGuiID newest_plot = 0;

constexpr std::array<std::array<float, 4>, dash_count> patterns = {
    {{1, 0, 0, 0}, {6, 4, 6, 4}, {1.5f, 3, 1.5f, 3}, {7, 3, 1.5f, 3}, {12, 4, 12, 4}}};

} // namespace

std::vector<std::pair<ImVec2, ImVec2>> hatching(ImVec2 low, ImVec2 high, Hatch hatch, float spacing) {
    std::vector<std::pair<ImVec2, ImVec2>> lines;
    if (hatch == Hatch::none || !(low.x < high.x) || !(low.y < high.y)) return lines;
    if (hatch == Hatch::level) {
        for (float y = std::ceil(low.y / spacing) * spacing; y <= high.y; y += spacing)
            lines.push_back({{low.x, y}, {high.x, y}});
        return lines;
    }
    // y = c + x falls on the screen, y = c − x rises.
    const auto add = [&](float slope) {
        const float step = spacing * 1.4f, from = slope > 0 ? low.y - high.x : low.y + low.x,
                    to = slope > 0 ? high.y - low.x : high.y + high.x;
        for (float c = std::ceil(from / step) * step; c <= to; c += step) {
            const float at_low = (low.y - c) / slope, at_high = (high.y - c) / slope;
            const float left = std::max(low.x, std::min(at_low, at_high)),
                        right = std::min(high.x, std::max(at_low, at_high));
            if (left < right) lines.push_back({{left, c + slope * left}, {right, c + slope * right}});
        }
    };
    if (hatch != Hatch::rising) add(1);
    if (hatch != Hatch::falling) add(-1);
    return lines;
}

void dashed_line(ImDrawList& list, std::span<const ImVec2> points, ImU32 color, float thickness, Dash dash) {
    if (points.size() < 2) return;
    if (dash == Dash::solid) {
        list.AddPolyline(points.data(), static_cast<int>(points.size()), color, thickness);
        return;
    }
    const auto& pattern = patterns[static_cast<std::size_t>(dash)];
    const float unit = std::max(1.f, thickness / 1.5f);
    std::size_t part = 0;
    float left = pattern[0] * unit;
    bool pen = true;
    list.PathClear();
    list.PathLineTo(points[0]);
    for (std::size_t i = 1; i < points.size(); ++i) {
        ImVec2 from = points[i - 1];
        const ImVec2 to = points[i];
        float length = std::hypot(to.x - from.x, to.y - from.y);
        while (length > left) {
            const float share = left / length;
            from = {from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share};
            length -= left;
            if (pen) {
                list.PathLineTo(from);
                list.PathStroke(color, thickness);
            } else {
                list.PathLineTo(from);
            }
            pen = !pen;
            part = (part + 1) % pattern.size();
            left = pattern[part] * unit;
        }
        left -= length;
        if (pen) list.PathLineTo(to);
    }
    if (pen)
        list.PathStroke(color, thickness);
    else
        list.PathClear();
}

ImU32 faded(ImU32 color, float share) {
    const ImU32 opacity = (color >> IM_COL32_A_SHIFT) & 0xFF;
    const auto less = static_cast<ImU32>(std::clamp(static_cast<float>(opacity) * share, 0.f, 255.f));
    return (color & ~IM_COL32_A_MASK) | (less << IM_COL32_A_SHIFT);
}

std::string exact(float value) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return {digits, end};
}

void flow(float width) {
    const ImGuiWindow& window = *ImGui::GetCurrentWindow();
    const float next = window.DC.CursorPosPrevLine.x + ImGui::GetStyle().ItemSpacing.x;
    if (next + width <= window.WorkRect.Max.x) ImGui::SameLine();
}

float button_width(const char* label) {
    return ImGui::CalcTextSize(label, nullptr, true).x + 2 * ImGui::GetStyle().FramePadding.x;
}

namespace {
bool legend_started = false;
}

void begin_legend() {
    legend_started = true;
}

bool legend_switch(const char* id, std::string_view text, ImU32 color, Dash dash, bool& shown,
                   const char* tooltip) {
    const float height = ImGui::GetTextLineHeight(), sample = std::floor(height * 1.3f);
    const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
    const ImVec2 text_size = ImGui::CalcTextSize(text.data(), text.data() + text.size());
    const float width = sample + gap + text_size.x;
    if (!legend_started) flow(width);
    legend_started = false;
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const bool clicked = ImGui::InvisibleButton(id, {width, height}, ImGuiButtonFlags_EnableNav);
    if (clicked) shown = !shown;
    ImGuiContext& g = *ImGui::GetCurrentContext();
    IMGUI_TEST_ENGINE_ITEM_INFO(ImGui::GetItemID(), id,
                                g.LastItemData.StatusFlags | ImGuiItemStatusFlags_Checkable |
                                    (shown ? ImGuiItemStatusFlags_Checked : 0));
    const bool hovered = ImGui::IsItemHovered();
    if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    ImGui::SetItemTooltip("%s%sClick to %s.", tooltip ? tooltip : "", tooltip ? "\n" : "",
                          shown ? "hide" : "show");
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float share = shown ? 1.f : 0.35f;
    const float middle = std::floor(corner.y + height * 0.5f) + 0.5f;
    const std::array<ImVec2, 2> line = {ImVec2{corner.x, middle}, ImVec2{corner.x + sample, middle}};
    dashed_line(list, line, faded(color, share), std::max(2.f, height / 7), dash);
    const ImU32 ink = ImGui::GetColorU32(shown ? ImGuiCol_Text : ImGuiCol_TextDisabled);
    list.AddText({corner.x + sample + gap, corner.y}, ink, text.data(), text.data() + text.size());
    if (!shown) list.AddLine({corner.x + sample + gap, middle}, {corner.x + width, middle}, ink, 1);
    if (hovered)
        list.AddLine({corner.x + sample + gap, corner.y + height}, {corner.x + width, corner.y + height}, ink,
                     1);
    return clicked;
}

Tiling tile(int count, ImVec2 available, float least_height) {
    Tiling best;
    const ImVec2 gap = ImGui::GetStyle().ItemSpacing;
    float best_cost = INFINITY;
    for (int columns = 1; columns <= std::max(count, 1); ++columns) {
        const int rows = (count + columns - 1) / columns;
        const ImVec2 size = {
            std::floor((available.x - gap.x * static_cast<float>(columns - 1)) / static_cast<float>(columns)),
            std::floor((available.y - gap.y * static_cast<float>(rows - 1)) / static_cast<float>(rows))};
        const float height = std::max(size.y, least_height);
        // Plots read best near 2 : 1; a tile that has to be scrolled to or an empty place costs extra.
        const float shape = std::abs(std::log(std::max(size.x, 1.f) / (2.f * height)));
        const float scrolled = size.y < least_height ? 0.7f : 0.f;
        const float narrow = size.x < least_height * 1.35f && columns > 1 ? 2.f : 0.f;
        const float empty = static_cast<float>(columns * rows - count) * 0.15f;
        if (shape + scrolled + narrow + empty < best_cost) {
            best_cost = shape + scrolled + narrow + empty;
            best = {columns, rows, {size.x, height}};
        }
    }
    return best;
}

Tiling tile_in_sight(int count, ImVec2 available, float least_height) {
    const Tiling best = tile(count, available, least_height);
    const ImVec2 gap = ImGui::GetStyle().ItemSpacing;
    const auto rows = static_cast<float>(best.rows), columns = static_cast<float>(count);
    const float width = std::floor((available.x - gap.x * (columns - 1)) / columns);
    const bool seen = rows * best.size.y + (rows - 1) * gap.y <= available.y;
    if (seen || best.rows == 1 || width < least_height) return best;
    return {count, 1, {width, std::max(available.y, least_height)}};
}

static float width_of(std::string_view text) {
    return ImGui::CalcTextSize(text.data(), text.data() + text.size()).x;
}

void plot_heading(std::string_view name, std::string_view meaning, float width) {
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float name_width = width_of(name), gap = ImGui::GetStyle().ItemInnerSpacing.x * 1.5f;
    const auto fits = [&](std::string_view text) { return name_width + gap + width_of(text) <= width; };
    ImGui::Dummy({width, ImGui::GetTextLineHeight()});
    std::string_view shown = meaning;
    if (!fits(shown)) {
        ImGui::SetItemTooltip("%s", (std::string(name) + ": " + std::string(meaning)).c_str());
        shown = shown.substr(0, shown.find(';'));
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddText(corner, ImGui::GetColorU32(ImGuiCol_Text), name.data(), name.data() + name.size());
    if (fits(shown))
        list.AddText({corner.x + name_width + gap, corner.y}, ImGui::GetColorU32(ImGuiCol_TextDisabled),
                     shown.data(), shown.data() + shown.size());
}

float least_plot_height() {
    return ImGui::GetTextLineHeight() * 6.6f;
}

bool is_low_plot(ImVec2 size) {
    return size.y < ImGui::GetTextLineHeight() * 14;
}

const char* axis_name(const char* name, ImVec2 size) {
    return is_low_plot(size) ? nullptr : name;
}

ImGuiID last_plot() {
    return newest_plot;
}

bool begin_plot(const char* id, ImVec2 size, int flags) {
    ImPlot::PushStyleVar(ImPlotStyleVar_PlotPadding, ImVec2(scaled(14), scaled(5)));
    ImPlot::PushStyleVar(ImPlotStyleVar_LabelPadding, ImVec2(scaled(4), scaled(2)));
    if (ImPlot::BeginPlot(id, size,
                          flags | ImPlotFlags_NoTitle | ImPlotFlags_NoLegend | ImPlotFlags_NoMouseText |
                              ImPlotFlags_NoMenus | ImPlotFlags_NoBoxSelect)) {
        newest_plot = ImGui::GetID(id);
        return true;
    }
    ImPlot::PopStyleVar(2);
    return false;
}

void setup_count_ticks(int axis, double low, double high, float width) {
    ImPlot::SetupAxisFormat(axis, tick_count);
    const auto longest = static_cast<std::int64_t>(std::max(std::abs(low), std::abs(high)));
    const float label = ImGui::CalcTextSize(format_count(longest).c_str()).x;
    const float room = std::max(width - scaled(60), 2 * label);
    const double last = high - (high - low) * 0.5 * label / room;
    std::vector<double> at;
    for (const Tick& tick : ticks(low, last, std::clamp(static_cast<int>(room / (1.6f * label)), 2, 8)))
        at.push_back(tick.value);
    ImPlot::SetupAxisTicks(axis, at.data(), static_cast<int>(at.size()));
}

void end_plot() {
    ImPlot::EndPlot();
    ImPlot::PopStyleVar(2);
}

void small_points(ImDrawList& list, std::span<const float> points, float radius, ImU32 color) {
    for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
        const ImVec2 at = ImPlot::PlotToPixels(points[i], points[i + 1]);
        list.AddRectFilled({at.x - radius, at.y - radius}, {at.x + radius, at.y + radius}, color);
    }
}

void band(ImDrawList& list, std::span<const ImVec2> lower, std::span<const ImVec2> upper, ImU32 color) {
    // Neighbouring quads share an edge: smoothed edges would show as seams.
    const ImDrawFlags flags = list.Flags;
    list.Flags &= ~ImDrawFlags_AAFill;
    for (std::size_t i = 1; i < std::min(lower.size(), upper.size()); ++i)
        list.AddQuadFilled(upper[i - 1], upper[i], lower[i], lower[i - 1], color);
    list.Flags = flags;
}

void plot_note(std::string_view text, bool at_top) {
    const TypeScope type(Type::caption);
    const ImVec2 corner = ImPlot::GetPlotPos(), size = ImPlot::GetPlotSize();
    const ImVec2 words = ImGui::CalcTextSize(text.data(), text.data() + text.size());
    const float edge = std::floor(scaled(3));
    if (words.x + 4 * edge > size.x || words.y * 2.5f > size.y) return;
    const ImVec2 at = {corner.x + 2 * edge, at_top ? corner.y + edge : corner.y + size.y - words.y - edge};
    ImDrawList& list = *ImPlot::GetPlotDrawList();
    list.AddRectFilled({at.x - edge, at.y}, {at.x + words.x + edge, at.y + words.y},
                       packed(Meaning::panel, 0.6f), edge);
    list.AddText(at, packed(Meaning::muted), text.data(), text.data() + text.size());
}

void right_aligned(const std::string& text, ImU32 color) {
    const float space = ImGui::GetContentRegionAvail().x - ImGui::CalcTextSize(text.c_str()).x;
    if (space > 0) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + space);
    ImGui::PushStyleColor(ImGuiCol_Text, color);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopStyleColor();
}

int tick_number(double value, char* text, int size, void*) {
    return std::snprintf(text, static_cast<std::size_t>(size), "%s", format_tick(value).c_str());
}

int tick_count(double value, char* text, int size, void*) {
    return std::snprintf(text, static_cast<std::size_t>(size), "%s",
                         value == std::round(value) ? format_count(static_cast<std::int64_t>(value)).c_str()
                                                    : "");
}

} // namespace ebm::panels
