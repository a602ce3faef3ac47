#include "app/panels/class_names.h"
#include "app/panels/file_units.h"
#include "app/panels/landscape_draw.h"
#include "app/panels/landscape_input.h"
#include "app/panels/landscape_tools.h"
#include "app/panels/panels.h"
#include "app/window/comparison.h"
#include "app/window/icons.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"
#include "core/data/drawing.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace ebm::panels {
namespace {

using window::scaled;

/// Keeps the view where it makes sense: another scene starts with its own extent, and a selection made
/// elsewhere shows here.
void follow_scene(LandscapeState& state, const lab::Snapshot& s) {
    const bool other_view = s.scene.look_at && state.look_at != s.scene.look_at;
    if (state.scene != s.scene.name || state.plane != s.kind.plane || other_view) {
        state.scene = s.scene.name;
        state.look_at = s.scene.look_at;
        state.plane = s.kind.plane;
        state.sent_rect = {};
        state.selected = -1;
        state.drop_many = false;
        const bool learned = state.brush.purpose == Brush::Purpose::density &&
                             s.settings.data.drawing == data::drawing_text(state.brush.density);
        if (!s.kind.plane || learned) state.brush.on = false;
        state.layers.by_class = is_conditional(s);
        if (s.kind.plane && s.scene.look_at)
            state.view.look_at({(*s.scene.look_at)[0], (*s.scene.look_at)[1]}, (*s.scene.look_at)[2]);
        else if (s.kind.plane)
            state.view.look_at({0, 0}, half_shown(s.settings));
        else
            state.view.look_at({0.5, 0.5}, 1.0);
        state.frame_asked = false;
    }
    const int traced = s.trace ? s.trace->chain : -1;
    if (traced != state.traced) state.traced = state.selected = traced;
    if (state.selected >= s.chains.count) state.selected = -1;
}

void draw_hover(LandscapeState& state, const Pane& pane, const window::Context& context) {
    const window::TypeScope type(window::Type::small_mono);
    const auto lines = read_out(state, pane, context);
    const float height = ImGui::GetFontSize() + scaled(8), width = ImGui::CalcTextSize(lines[0].c_str()).x;
    // Beside the color bar, or above it where the picture is narrow.
    const bool beside = pane.low.x + width + scaled(30) < pane.high.x - color_bar_size(pane).x;
    const float below = beside || !state.layers.plates ? 0 : color_bar_size(pane).y + scaled(8);
    draw_plate({pane.low.x + scaled(8), pane.high.y - scaled(8) - below - height}, lines);
}

void draw_one(LandscapeState& state, const Pane& pane, window::Context& context, bool first) {
    ImGui::SetCursorScreenPos(pane.low);
    ImGui::SetNextItemAllowOverlap();
    const ImVec2 size(std::max(1.0f, pane.high.x - pane.low.x), std::max(1.0f, pane.high.y - pane.low.y));
    ImGui::InvisibleButton(first ? "canvas" : "canvas_exact", size,
                           ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight |
                               ImGuiButtonFlags_MouseButtonMiddle);
    const bool hovered = mouse_is_over_item();
    handle_input(state, pane, context);
    draw_pane(state, pane, context);
    const float room = draw_axes(state, pane, axes_of(context.snapshot), !first);
    if (first) state.label_room = room;
    if (!context.snapshot.kind.plane) draw_anchors(state, pane, context);
    draw_marks(state, pane, context);
    if (state.brush.on) draw_brush(state, pane, hovered);
    const bool plates = state.layers.plates && !state.dragging;
    if (plates && !state.brush.on && (first || !pane.split))
        draw_color_bar(pane, color_scale(state, pane, context.snapshot.settings),
                       context.shell.preferences().colormap);
    if (hovered && !state.brush.on) draw_hover(state, pane, context);
}

window::Camera camera_of(const PlaneView& view) {
    return {view.centre().x, view.centre().y, view.half()};
}

/// Landscapes of linked runs show the same part of the plane: that of the one that was moved last.
void follow_camera(LandscapeState& state, const window::Context& context) {
    window::Comparison* both = context.comparison;
    if (!both || !both->linked || !context.snapshot.kind.plane) return;
    if (state.camera_moves == both->camera_moves) return;
    state.camera_moves = both->camera_moves;
    state.view.look_at({both->camera.x, both->camera.y}, both->camera.half);
    state.moved_at = ImGui::GetTime();
}

void share_camera(LandscapeState& state, const window::Context& context) {
    window::Comparison* both = context.comparison;
    if (!both || !context.snapshot.kind.plane) return;
    // The first one to be drawn gives the other its view.
    const bool moved = both->camera_moves == 0 || camera_of(state.view) != both->camera;
    if (!both->linked || !moved) return;
    both->camera = camera_of(state.view);
    state.camera_moves = ++both->camera_moves;
}

void draw_landscape(LandscapeState& state, window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const bool has_field = s.kind.plane ? s.field != nullptr : s.slice != nullptr;
    if (s.state == lab::State::empty || !has_field) {
        window::empty_state(window::icon::landscape,
                            s.state == lab::State::empty
                                ? "No scene is open. Pick one in the panel at the left."
                                : "The landscape is being computed.");
        return;
    }
    follow_scene(state, s);
    upload_layers(state, context);
    if (!s.kind.plane) {
        ImGui::SetCursorPos(ImVec2(ImGui::GetCursorPosX() + scaled(8), ImGui::GetCursorPosY() + scaled(6)));
        draw_anchor_pickers(state, context);
    }
    const ImVec2 start = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    const bool named = !axes_of(s).identity();
    const float left = std::max(scaled(38), std::min(std::ceil(state.label_room) + scaled(2), room.x / 4));
    const float below = scaled(named ? 40 : 24), gap = scaled(8), right_edge = scaled(6);
    const ImVec2 low(start.x + left, start.y + (s.kind.plane ? scaled(6) : 0));
    const ImVec2 high(std::max(low.x + 16, start.x + room.x - right_edge),
                      std::max(low.y + 16, start.y + room.y - below));
    const bool exact = s.kind.plane && state.exact;
    const bool split = exact && state.layers.exact_beside;
    const float middle = (low.x + high.x) / 2;
    Pane pane{low, split ? ImVec2(std::floor(middle - gap / 2), high.y) : high, nullptr, false, false, split};
    pane.exact = exact && !split && s.settings.view.field == FieldKind::exact_density;
    pane.field = !s.kind.plane ? std::shared_ptr<const lab::FieldView>(s.slice, &s.slice->field)
                 : pane.exact  ? state.exact
                               : s.field;
    // Chains of this run over the difference of both.
    if (!split && s.kind.plane && state.difference) {
        pane.exact = false;
        pane.difference = true;
        pane.field = state.difference;
    }
    follow_camera(state, context);
    if (state.frame_asked) {
        state.view.set_screen(pane.low.x, pane.low.y, pane.high.x - pane.low.x, pane.high.y - pane.low.y);
        frame_data(state, s);
        state.frame_asked = false;
    }
    draw_one(state, pane, context, true);
    Pane beside = pane;
    if (split) {
        beside.low.x = std::ceil(middle + gap / 2);
        beside.high.x = high.x;
        beside.exact = true;
        beside.field = state.exact;
        draw_one(state, beside, context, false);
    }
    const Pane& last = split ? beside : pane;
    share_camera(state, context);
    if (!context.second) context.shell.camera_scene = s.scene.name;
    if (!context.second)
        context.shell.camera = s.kind.plane ? std::optional(camera_of(state.view)) : std::nullopt;
    if (state.dragging) return follow_view(state, pane, context);
    const bool picture = context.shell.draws_picture();
    const float tools = picture ? last.high.x
                                : draw_tools(state, {last.high.x - scaled(8), last.low.y + scaled(8)},
                                             (last.high.x - last.low.x) - scaled(split ? 120 : 220), context);
    if (state.layers.plates) draw_title(state, pane, split ? pane.high.x : tools, context);
    if (split && state.layers.plates) draw_title(state, beside, tools, context);
    if (state.brush.on && !picture) brush_bar(state, pane, context);
    follow_view(state, pane, context);
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel landscape_panel() {
    const auto state = std::make_shared<panels::LandscapeState>();
    Panel panel;
    panel.id = "landscape";
    panel.views = {lab::View::field, lab::View::exact, lab::View::slice, lab::View::buffer,
                   lab::View::quality};
    panel.title = "Landscape";
    panel.icon = icon::landscape;
    panel.place = Place::centre;
    panel.flush = true;
    panel.help =
        "The energy E(x), or the density p(x) = exp(\u2212E) / Z, with the live chains that walk on it. "
        "Bright is "
        "likely. Drag to move, wheel to zoom, F frames the data. Click drops a chain (Shift-click: 50), "
        "click a "
        "chain to select it and see its trace, drag a chain to carry it. In slow motion each step shows the "
        "noise kick (white) and the pull of the gradient (blue), of the selected chain alone if there is "
        "one. "
        "For images this is the plane through three "
        "samples a, b and c; chains are projected onto it. Where the energy is smooth only every fourth "
        "point "
        "is computed and the rest interpolated; where that is checked it is off by a third of 0.01 nats or "
        "of a "
        "thousandth of the energies' range at most, and may be off by more in between. KL(data \u2016 model) "
        "is "
        "computed from every point.";
    panel.draw = [state](Context& context) { panels::draw_landscape(*state, context); };
    Action frame;
    frame.id = "frame_landscape";
    frame.title = "Frame the landscape";
    frame.icon = icon::frame;
    frame.menu = "View";
    frame.shortcut = ImGuiKey_F;
    frame.tooltip = "Shows all of the data";
    frame.run = [state](Context&) { state->frame_asked = true; };
    const auto brush = [state](const char* id, const char* title, const char* tooltip,
                               panels::Brush::Purpose purpose) {
        Action action;
        action.id = id;
        action.title = title;
        action.icon = icon::brush;
        action.menu = "Edit";
        action.tooltip = tooltip;
        action.checked = [state, purpose](const Context&) {
            return state->brush.on && state->brush.purpose == purpose;
        };
        action.run = [state, purpose](Context& context) {
            const bool taken = state->brush.on && state->brush.purpose == purpose;
            if (!taken) context.shell.open_panel("landscape");
            panels::take_brush(*state, context, purpose, !taken);
        };
        action.refusal = [](const Context& context) {
            return context.snapshot.state == lab::State::empty ? "Open a scene first."
                   : context.snapshot.kind.plane               ? ""
                                                               : "Only the plane can be painted on.";
        };
        return action;
    };
    panel.actions = {frame,
                     brush("draw_density", "Draw a density",
                           "A brush for the landscape: what is painted becomes a scene to learn",
                           panels::Brush::Purpose::density),
                     brush("draw_walls", "Draw walls for the chains",
                           "A brush for the landscape: what is painted is added to the energy",
                           panels::Brush::Purpose::walls)};
    return panel;
}

} // namespace ebm::window
