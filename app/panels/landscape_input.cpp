#include "app/panels/landscape_input.h"

#include "app/panels/field_sample.h"
#include "app/panels/file_units.h"
#include "app/panels/landscape_draw.h"
#include "app/panels/landscape_export.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "app/window/theme.h"

#include <cmath>
#include <limits>

namespace ebm::panels {
namespace {

using window::scaled;

constexpr int longest_name = 20; ///< of a column, in characters

void select(LandscapeState& state, int chain, window::Context& context) {
    state.selected = state.selected == chain ? -1 : chain;
    context.send(lab::SelectChain{state.selected});
}

void drop(Vec2 at, int count, const PlaneView& view, window::Context& context) {
    const float spread = count > 1 ? static_cast<float>(0.05 * view.half()) : 0;
    context.send(lab::DropChains{static_cast<float>(at.x), static_cast<float>(at.y), count, spread});
}

void context_menu(LandscapeState& state, const Pane& pane, window::Context& context) {
    if (!ImGui::BeginPopup("landscape menu")) return;
    const Vec2 at = state.pressed_at;
    const bool plane = context.snapshot.kind.plane;
    if (ImGui::MenuItem("Drop a chain here", nullptr, false, plane)) drop(at, 1, state.view, context);
    if (ImGui::MenuItem("Drop 50 chains here", nullptr, false, plane))
        drop(at, drop_count, state.view, context);
    if (ImGui::MenuItem("Restart all chains from noise"))
        context.send(lab::RestartChains{lab::ChainStart::noise, {}, {}});
    if (ImGui::MenuItem("Restart all chains from data"))
        context.send(lab::RestartChains{lab::ChainStart::data, {}, {}});
    ImGui::Separator();
    if (ImGui::MenuItem("Frame the data", "F")) state.frame_asked = true;
    if (ImGui::MenuItem("Copy this position")) {
        const std::string text = position_text(axes_of(context.snapshot), at.x, at.y);
        ImGui::SetClipboardText(text.c_str());
    }
    ImGui::Separator();
    ImGui::MenuItem("Title and color bar over the picture", nullptr, &state.layers.plates);
    if (pane.field) landscape_export_items(pane, context);
    ImGui::EndPopup();
}

} // namespace

bool mouse_is_over_item() {
    return ImGui::IsItemHovered(ImGuiHoveredFlags_NoNavOverride) && ImGui::IsMousePosValid();
}

/// Which of these points of the plane is under the mouse; −1 = none.
static int point_at(const LandscapeState& state, const Pane& pane, const std::vector<float>& positions,
                    ImVec2 mouse) {
    int nearest = -1;
    float reach = scaled(8) * scaled(8);
    for (std::size_t i = 0; i + 1 < positions.size(); i += 2) {
        const ImVec2 at = place(state, pane, {positions[i], positions[i + 1]});
        const float distance = (at.x - mouse.x) * (at.x - mouse.x) + (at.y - mouse.y) * (at.y - mouse.y);
        if (distance < reach) {
            reach = distance;
            nearest = static_cast<int>(i / 2);
        }
    }
    return nearest;
}

int chain_at(const LandscapeState& state, const Pane& pane, ImVec2 mouse) {
    if (!state.layers.chains || (pane.exact && pane.split)) return -1;
    return point_at(state, pane, state.motion.positions(), mouse);
}

int negative_at(const LandscapeState& state, const Pane& pane, const lab::Snapshot& snapshot, ImVec2 mouse) {
    if (!shows_iteration(snapshot) || (pane.exact && pane.split)) return -1;
    return point_at(state, pane, snapshot.algorithm->negatives, mouse);
}

void handle_input(LandscapeState& state, const Pane& pane, window::Context& context) {
    const ImGuiIO& io = ImGui::GetIO();
    const bool hovered = mouse_is_over_item(), active = ImGui::IsItemActive(),
               plane = context.snapshot.kind.plane;
    state.view.set_screen(pane.low.x, pane.low.y, pane.high.x - pane.low.x, pane.high.y - pane.low.y);
    const ImVec2 mouse = io.MousePos;

    if (hovered && io.MouseWheel != 0) {
        state.view.zoom(std::pow(1.18, io.MouseWheel), {mouse.x, mouse.y});
        state.moved_at = ImGui::GetTime();
    }
    if (state.brush.on && plane) {
        handle_brush(state, pane, context);
        if (io.MouseDown[0] || ImGui::IsMouseReleased(ImGuiMouseButton_Left)) return;
    }
    if (ImGui::IsItemActivated()) {
        // A crowd is dropped also where one lies already.
        const bool takes = io.MouseDown[0] && !io.KeyShift && !state.drop_many;
        state.dragged_chain = takes ? chain_at(state, pane, mouse) : -1;
        state.moved = false;
        state.pressed_at = plane_at(state, pane, mouse);
    }
    // The last movement of a drag may come in the frame in which the button is let go of.
    if (active || ImGui::IsItemDeactivated()) {
        const auto held = [&](int button) { return io.MouseDown[button] || io.MouseReleased[button]; };
        const ImVec2 way = ImGui::GetMouseDragDelta(held(0) ? 0 : held(1) ? 1 : 2, scaled(4));
        if (way.x != 0 || way.y != 0) state.moved = true;
        if (state.moved && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) {
            if (state.dragged_chain >= 0 && plane) {
                const Vec2 at = plane_at(state, pane, mouse);
                context.send(
                    lab::MoveChain{state.dragged_chain, static_cast<float>(at.x), static_cast<float>(at.y)});
            } else {
                state.view.pan(io.MouseDelta.x, io.MouseDelta.y);
                state.moved_at = ImGui::GetTime();
            }
        }
        if (state.moved)
            ImGui::SetMouseCursor(state.dragged_chain >= 0 ? ImGuiMouseCursor_Hand
                                                           : ImGuiMouseCursor_ResizeAll);
    }
    if (active) state.dragging = state.moved;
    if (ImGui::IsItemDeactivated()) {
        state.dragging = false;
        const bool left = ImGui::IsMouseReleased(ImGuiMouseButton_Left),
                   right = ImGui::IsMouseReleased(ImGuiMouseButton_Right);
        // Marks of negatives lie over the chains.
        const int negative =
            io.KeyShift || state.drop_many ? -1 : negative_at(state, pane, context.snapshot, mouse);
        if (!state.moved && left && negative >= 0)
            context.shell.followed_negative() = negative;
        else if (!state.moved && left && state.dragged_chain >= 0)
            select(state, state.dragged_chain, context);
        else if (!state.moved && left && plane)
            drop(state.pressed_at, state.drop_many || io.KeyShift ? drop_count : 1, state.view, context);
        else if (!state.moved && right)
            ImGui::OpenPopup("landscape menu");
        state.dragged_chain = -1;
    }
    if (hovered && !active && !state.drop_many &&
        (chain_at(state, pane, mouse) >= 0 || negative_at(state, pane, context.snapshot, mouse) >= 0))
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    context_menu(state, pane, context);
}

void follow_view(LandscapeState& state, const Pane& pane, window::Context& context) {
    state.view.set_screen(pane.low.x, pane.low.y, pane.high.x - pane.low.x, pane.high.y - pane.low.y);
    const lab::Rect wanted = state.view.visible(0.04);
    if (alike(wanted, state.sent_rect, 0.004)) return;
    const double now = ImGui::GetTime();
    const bool at_rest = now - state.moved_at > 0.12, overdue = now - state.sent_at > 0.25;
    if (!at_rest && !overdue) return;
    state.sent_rect = wanted;
    state.sent_at = now;
    context.send(lab::SetFieldRect{wanted});
}

std::vector<std::string> read_out(const LandscapeState& state, const Pane& pane,
                                  const window::Context& context) {
    const Vec2 at = plane_at(state, pane, ImGui::GetIO().MousePos);
    const data::Coding& axes = axes_of(context.snapshot);
    const std::string x = coordinate_text(axes, 0, at.x, state.view.unit()),
                      y = coordinate_text(axes, 1, at.y, state.view.unit());
    std::string line;
    if (axes.identity())
        line = (context.snapshot.kind.plane ? "x = (" : "(u, v) = (") + x + ", " + y + ")";
    else
        line = window::ellipsize(axes.columns[0].name, longest_name) + " " + x + "   " +
               window::ellipsize(axes.columns[1].name, longest_name) + " " + y;
    if (pane.field)
        if (const auto sample = sample_field(*pane.field, at)) {
            line += pane.difference ? "   log p of A \u2212 of B = "
                    : pane.exact    ? "   \u2212log p = "
                                    : "   E = ";
            line += window::format_number(sample->energy);
            if (pane.difference) return {line};
            line += "   |\u2207E| = " + window::format_number(sample->gradient_norm);
        }
    return {line};
}

void frame_data(LandscapeState& state, const lab::Snapshot& snapshot) {
    if (!snapshot.kind.plane)
        state.view.look_at({0.5, 0.5}, 1.0);
    else if (snapshot.data && !snapshot.data->points.empty())
        state.view.frame(snapshot.data->points);
    else
        state.view.look_at({0, 0}, half_shown(snapshot.settings));
}

} // namespace ebm::panels
