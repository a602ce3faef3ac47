#include "app/panels/landscape_brush.h"

#include "app/panels/landscape_draw.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/lab/data_scene.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ebm::panels {
namespace {

using data::Drawing;
using window::Meaning;
using window::scaled;

constexpr int side = Drawing::side;
constexpr double cell = (Drawing::high - Drawing::low) / side;
constexpr double send_every = 0.1; ///< seconds between walls while the button is down

std::uint8_t* at(Drawing& drawing, int column, int row) {
    if (column < 0 || row < 0 || column >= side || row >= side) return nullptr;
    return &drawing.cells[static_cast<std::size_t>(row) * side + static_cast<std::size_t>(column)];
}

int index_of(double x) {
    return static_cast<int>(std::floor((x - Drawing::low) / cell));
}

void add(std::uint8_t& value, int amount) {
    value = static_cast<std::uint8_t>(std::clamp(value + amount, 0, 255));
}

void spray(Brush& brush, double x, double y) {
    constexpr int dots = 6;
    for (int i = 0; i < dots; ++i) {
        const auto words = random::words({7, random::Stream::data, 9, brush.sprayed++, 0}, 0);
        const double angle = 2 * 3.14159265358979 * random::uniform(words[0]),
                     radius = brush.size * std::sqrt(random::uniform(words[1]));
        if (std::uint8_t* value = at(brush.drawing(), index_of(x + radius * std::cos(angle)),
                                     index_of(y + radius * std::sin(angle))))
            add(*value, 160);
    }
}

void send_walls(Brush& brush, window::Context& context) {
    brush.known_walls = data::drawing_text(brush.walls);
    context.settings.change(setting("sampler.walls"), brush.known_walls);
    brush.sent_at = ImGui::GetTime();
}

/// The density has no setting until it is learned; its strokes are taken back all the same.
void keep_density(Brush& brush, window::Context& context) {
    const std::string now = data::drawing_text(brush.density);
    context.settings.change_draft(
        "painted density", "Painted density", brush.known_density, now,
        [&brush](const std::string& text) { brush.density = data::parse_drawing(text, "painted density"); });
    brush.known_density = now;
}

/// Nothing of a stroke is lost, and the next one is an entry of its own for undo.
void end_stroke(Brush& brush, window::Context& context) {
    if (!std::exchange(brush.painting, false)) return;
    if (brush.purpose == Brush::Purpose::walls)
        send_walls(brush, context);
    else
        keep_density(brush, context);
    context.settings.release();
}

/// Walls that were changed elsewhere: by undo, another scene, a file.
void follow_walls(Brush& brush, const window::Context& context) {
    const std::string& now = context.settings.shown().sampler.walls;
    if (brush.painting || brush.known_walls == now) return;
    brush.known_walls = now;
    try {
        brush.walls = data::parse_drawing(now, "setting sampler.walls");
    } catch (const Error&) {
        brush.walls = {}; // the engine has said why
    }
}

void learn(Brush& brush, window::Context& context) {
    lab::Scene now = context.snapshot.scene;
    now.settings = context.settings.shown();
    // The brush is laid down when the scene is there: the question about unsaved training may be answered by
    // no.
    context.send(lab::OpenScene{lab::drawn_scene(data::drawing_text(brush.density), now), true});
}

} // namespace

void dab(Brush& brush, double x, double y) {
    if (brush.tool == Brush::Tool::spray) return spray(brush, x, y);
    const double radius = std::max<double>(brush.size, cell);
    for (int row = index_of(y - radius); row <= index_of(y + radius); ++row)
        for (int column = index_of(x - radius); column <= index_of(x + radius); ++column) {
            std::uint8_t* value = at(brush.drawing(), column, row);
            if (!value) continue;
            const double distance =
                std::hypot(Drawing::low + (column + 0.5) * cell - x, Drawing::low + (row + 0.5) * cell - y) /
                radius;
            if (distance >= 1) continue;
            // Full to half of the radius, then falling to nothing. A stroke is not darker where dabs overlap.
            const auto full = static_cast<std::uint8_t>(std::lround(255 * std::min(1.0, 2 * (1 - distance))));
            *value = brush.tool == Brush::Tool::erase ? std::uint8_t{0} : std::max(*value, full);
        }
}

void stroke(Brush& brush, double x, double y) {
    const double way = std::hypot(x - brush.last_x, y - brush.last_y);
    const int dabs = std::clamp(static_cast<int>(way / std::max(0.3 * brush.size, cell / 2)), 1, 400);
    const double from_x = brush.last_x, from_y = brush.last_y;
    for (int i = 1; i <= dabs; ++i)
        dab(brush, from_x + (x - from_x) * i / dabs, from_y + (y - from_y) * i / dabs);
    brush.last_x = x;
    brush.last_y = y;
}

void take_brush(LandscapeState& state, window::Context& context, Brush::Purpose purpose, bool on) {
    end_stroke(state.brush, context);
    state.brush.on = on && context.snapshot.kind.plane;
    state.brush.purpose = purpose;
    follow_walls(state.brush, context);
}

void handle_brush(LandscapeState& state, const Pane& pane, window::Context& context) {
    Brush& brush = state.brush;
    follow_walls(brush, context);
    const Vec2 here = plane_at(state, pane, ImGui::GetIO().MousePos);
    const bool down = ImGui::IsItemActive() && ImGui::GetIO().MouseDown[0];
    if (down && !brush.painting) {
        brush.painting = true;
        if (brush.purpose == Brush::Purpose::density) brush.known_density = data::drawing_text(brush.density);
        brush.last_x = here.x;
        brush.last_y = here.y;
        dab(brush, here.x, here.y);
    } else if ((down || (brush.painting && ImGui::IsMouseReleased(ImGuiMouseButton_Left) &&
                         brush.tool != Brush::Tool::spray)) &&
               (here.x != brush.last_x || here.y != brush.last_y || brush.tool == Brush::Tool::spray)) {
        stroke(brush, here.x, here.y);
    }
    const bool walls = brush.purpose == Brush::Purpose::walls;
    if (down && walls && ImGui::GetTime() - brush.sent_at > send_every) send_walls(brush, context);
    if (!down && brush.painting) end_stroke(brush, context);
}

void lay_down(LandscapeState& state, window::Context& context) {
    end_stroke(state.brush, context);
    state.brush.on = false;
}

void draw_brush(const LandscapeState& state, const Pane& pane, bool hovered) {
    const Brush& brush = state.brush;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.PushClipRect(pane.low, pane.high, true);
    const auto corner = [&](int column, int row) {
        return place(state, pane, {Drawing::low + column * cell, Drawing::low + row * cell});
    };
    // Runs of cells that are about equally full, so that there are few of them.
    const auto level = [&](int column, int row) {
        return (brush.drawing().cells[static_cast<std::size_t>(row * side + column)] + 31) / 32;
    };
    const Meaning ink = brush.purpose == Brush::Purpose::walls ? Meaning::attention : Meaning::data;
    for (int row = 0; row < side; ++row)
        for (int column = 0; column < side;) {
            const int first = column, shade = level(column, row);
            while (column < side && level(column, row) == shade)
                ++column;
            if (shade == 0) continue;
            const ImVec2 low = corner(first, row), high = corner(column, row + 1);
            list.AddRectFilled({low.x, high.y}, {high.x, low.y},
                               window::packed(ink, 0.75f * static_cast<float>(shade) / 8));
        }
    const ImVec2 low = corner(0, 0), high = corner(side, side);
    list.AddRect({low.x, high.y}, {high.x, low.y}, window::packed(Meaning::muted, 0.8f));
    if (hovered) {
        const Vec2 here = plane_at(state, pane, ImGui::GetIO().MousePos);
        const float radius = place(state, pane, {here.x + brush.size, here.y}).x - ImGui::GetIO().MousePos.x;
        list.AddCircle(ImGui::GetIO().MousePos, radius, IM_COL32(0, 0, 0, 200), 0, scaled(3));
        list.AddCircle(ImGui::GetIO().MousePos, radius, IM_COL32(255, 255, 255, 230), 0, scaled(1.5f));
    }
    list.PopClipRect();
}

void brush_bar(LandscapeState& state, const Pane& pane, window::Context& context) {
    Brush& brush = state.brush;
    const float row = ImGui::GetFrameHeight(), inset = scaled(6), gap = scaled(6);
    const bool density = brush.purpose == Brush::Purpose::density;
    const float width = pane.high.x - pane.low.x - scaled(16);
    const char* text =
        density ? "Paint what the model shall learn." : "Paint walls: chains feel them at once.";
    const bool two_rows = width < scaled(720);
    const ImVec2 low(pane.low.x + scaled(8),
                     pane.high.y - scaled(8) - 2 * inset - (two_rows ? 2 * row + gap : row));
    ImGui::GetWindowDrawList()->AddRectFilled(low, {low.x + width, pane.high.y - scaled(8)},
                                              window::packed(Meaning::panel, 0.94f), scaled(4));
    ImGui::SetCursorScreenPos({low.x + inset, low.y + inset});
    ImGui::PushID("brush");
    ImGui::BeginGroup();
    int purpose = static_cast<int>(brush.purpose), tool = static_cast<int>(brush.tool);
    ImGui::SetNextItemWidth(scaled(130));
    if (window::segmented("purpose", purpose, {"Density", "Walls"}))
        take_brush(state, context, static_cast<Brush::Purpose>(purpose), true);
    window::help_tooltip(
        density ? text
                : "Walls are added to the energy that moves the live chains; training does not see them.");
    ImGui::SameLine(0, gap);
    ImGui::SetNextItemWidth(scaled(180));
    if (window::segmented("tool", tool, {"Paint", "Spray", "Erase"}))
        brush.tool = static_cast<Brush::Tool>(tool);
    ImGui::SameLine(0, gap);
    ImGui::SetNextItemWidth(scaled(120));
    ImGui::SliderFloat("##size", &brush.size, 0.06f, 2.0f, "size %.2f", ImGuiSliderFlags_Logarithmic);
    window::help_tooltip("Radius of the brush, in units of x.");
    if (two_rows)
        ImGui::SetCursorScreenPos({low.x + inset, low.y + inset + row + gap});
    else
        ImGui::SameLine(0, gap);
    const bool empty = brush.drawing().empty();
    ImGui::BeginDisabled(empty);
    if (ImGui::Button("Clear")) {
        brush.known_density = data::drawing_text(brush.density);
        brush.drawing() = {};
        if (density)
            keep_density(brush, context);
        else
            send_walls(brush, context);
        context.settings.release();
    }
    ImGui::EndDisabled();
    ImGui::SameLine(0, gap);
    if (density) {
        ImGui::BeginDisabled(empty);
        const bool go = window::accent_button("Learn this");
        ImGui::EndDisabled();
        window::help_tooltip(empty ? text
                                   : "Opens a scene whose data are drawn from this density, which is known "
                                     "exactly: KL and log p with it.");
        if (go) learn(brush, context);
        ImGui::SameLine(0, gap);
    }
    if (ImGui::Button("Done") || (ImGui::IsKeyPressed(ImGuiKey_Escape, false) &&
                                  ImGui::IsWindowFocused(ImGuiFocusedFlags_RootAndChildWindows)))
        lay_down(state, context);
    window::help_tooltip("Lays the brush down: clicks drop chains again. Escape does the same.");
    ImGui::EndGroup();
    ImGui::PopID();
}

} // namespace ebm::panels
