#include "app/panels/file_units.h"
#include "app/panels/help.h"
#include "app/panels/landscape_draw.h"
#include "app/panels/landscape_export.h"
#include "app/panels/panels.h"
#include "app/panels/surface_mesh.h"
#include "app/window/comparison.h"
#include "app/window/icons.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include <implot3d.h>

namespace ebm::panels {
namespace {

using window::Meaning;
using window::scaled;

/// Points of the surface a side: as fine as software renderers draw at 30 frames a second beside the chains.
constexpr int side = 72;
/// More chains than these are drawn without trails.
constexpr int most_trails = 64;

struct SurfaceState {
    window::Turn turn;
    int turns = 0; ///< of Comparison::turn, as they were followed
    SteadyLimits limits;
    Limits target;                                  ///< of the newest field
    std::shared_ptr<const lab::FieldView> measured; ///< whose target it is, at `measured_height`
    Height measured_height = Height::energy;
    std::string scene;
    std::shared_ptr<const lab::FieldView> field; ///< what the mesh was made of …
    Limits shown;                                ///< … and how
    Height height = Height::energy;
    int colormap = -1;
    SurfaceMesh mesh;
    std::vector<float> x, y, z;
};

/// Surfaces of linked runs are seen from the same side: that from which the one that was turned last is.
void follow_turn(SurfaceState& state, window::Comparison* both) {
    if (!both || !both->linked || state.turns == both->turns) return;
    state.turns = both->turns;
    state.turn = both->turn;
}

void share_turn(SurfaceState& state, window::Comparison* both) {
    // The first one to be drawn gives the other its view.
    if (!both || !both->linked || (both->turns > 0 && state.turn == both->turn)) return;
    both->turn = state.turn;
    state.turns = ++both->turns;
}

void turn(SurfaceState& state, ImVec2 size, window::Comparison* both) {
    ImGui::SetNextItemAllowOverlap();
    ImGui::InvisibleButton("surface", size);
    const ImGuiIO& io = ImGui::GetIO();
    follow_turn(state, both);
    window::Turn& turn = state.turn;
    if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left, 0)) {
        turn.azimuth -= 0.4 * io.MouseDelta.x;
        turn.elevation = std::clamp(turn.elevation + 0.4 * io.MouseDelta.y, 2.0, 90.0);
    }
    if (ImGui::IsItemHovered() && io.MouseWheel != 0)
        turn.zoom = std::clamp(turn.zoom * std::pow(1.12, io.MouseWheel), 0.4, 2.5);
    if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) turn = {};
    share_turn(state, both);
}

/// What is shown, in one line.
std::string caption_of(const SurfaceState& state, const window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    std::string caption = context.comparison ? (context.second ? "B: " : "A: ") : "";
    caption += s.scene.title + (state.height == Height::energy ? ", energy E" : ", density p");
    if (s.trainable) caption += ", iteration " + window::format_count(s.field->iteration);
    if (state.height == Height::density) caption += ", T = " + window::format_number(s.field->temperature);
    return caption;
}

void update_mesh(SurfaceState& state, const window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const Height height = s.settings.view.field == FieldKind::energy ? Height::energy : Height::density;
    const window::Colormap colormap = context.shell.preferences().colormap;
    // A run that begins anew has heights of its own; those of before would leave walls where it has none.
    const bool anew = state.measured && s.field->iteration < state.measured->iteration;
    const bool jump = state.scene != s.scene.name || state.height != height || anew;
    state.scene = s.scene.name;
    if (state.measured != s.field || state.measured_height != height) {
        state.measured = s.field;
        state.measured_height = height;
        state.target = height_limits(*s.field, height);
    }
    const Limits shown = state.limits.follow(state.target, ImGui::GetIO().DeltaTime, jump);
    const bool same = state.field == s.field && shown.low == state.shown.low &&
                      shown.high == state.shown.high && state.height == height &&
                      state.colormap == static_cast<int>(colormap);
    if (same) return;
    state.field = s.field;
    state.shown = shown;
    state.height = height;
    state.colormap = static_cast<int>(colormap);
    state.mesh = make_surface(*s.field, height, shown, side, colormap);
}

/// Points of the plane on the surface, a little above it so that they are seen.
void lift(SurfaceState& state, std::span<const float> points) {
    const float above = 0.012f * (state.shown.high - state.shown.low);
    state.x.clear();
    state.y.clear();
    state.z.clear();
    for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
        const float z = height_at(*state.field, state.height, state.shown, points[i], points[i + 1]);
        const lab::Rect& square = state.mesh.square;
        const bool outside = points[i] < square.low_x || points[i] > square.high_x ||
                             points[i + 1] < square.low_y || points[i + 1] > square.high_y;
        if (outside || !std::isfinite(z)) continue;
        state.x.push_back(points[i]);
        state.y.push_back(points[i + 1]);
        state.z.push_back(z + above);
    }
}

/// Where on the screen the chain is whose trace is recorded; nothing if none is, or if it is not on the
/// surface.
std::optional<ImVec2> place_of_selected(SurfaceState& state, const lab::Snapshot& s) {
    const std::vector<float>& positions = s.chains.positions;
    const int chain = s.trace ? s.trace->chain : -1;
    if (chain < 0 || positions.size() < 2 * static_cast<std::size_t>(chain) + 2) return std::nullopt;
    lift(state, std::span(positions).subspan(2 * static_cast<std::size_t>(chain), 2));
    if (state.x.empty()) return std::nullopt;
    return ImPlot3D::PlotToPixels(state.x[0], state.y[0], state.z[0]);
}

/// A ring around it, over the whole surface: the slopes beside a chain, or a hill before it, would hide half
/// of what is flat on the screen.
void draw_selected(ImVec2 at) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddCircleFilled(at, scaled(3), window::packed(Meaning::samples));
    list.AddCircle(at, scaled(3), IM_COL32(0, 0, 0, 215));
    for (const auto& [ink, width] :
         {std::pair(IM_COL32(0, 0, 0, 165), 3.5f), std::pair(IM_COL32(255, 255, 255, 255), 2.0f)})
        list.AddCircle(at, scaled(8), ink, 0, scaled(width));
}

void draw_chains(SurfaceState& state, const lab::Snapshot& s) {
    const lab::ChainsView& chains = s.chains;
    const float scale = window::look().scale;
    if (chains.count <= most_trails && chains.trail_length > 1) {
        ImPlot3DSpec line;
        line.LineColor = window::color(Meaning::samples);
        line.LineWeight = 1.25f * scale;
        const auto count = static_cast<std::size_t>(chains.count);
        std::vector<float> trail;
        for (std::size_t chain = 0; chain < count; ++chain) {
            trail.clear();
            for (std::size_t k = 0; k < static_cast<std::size_t>(chains.trail_length); ++k)
                for (const std::size_t axis : {std::size_t{0}, std::size_t{1}})
                    trail.push_back(chains.trail[(k * count + chain) * 2 + axis]);
            lift(state, trail);
            ImPlot3D::PlotLine("##trail", state.x.data(), state.y.data(), state.z.data(),
                               static_cast<int>(state.x.size()), line);
        }
    }
    lift(state, chains.positions);
    if (state.x.empty()) return;
    ImPlot3DSpec spec;
    const bool crowd = chains.count > 2000;
    // Thousands are dots of one triangle each without an outline: every triangle is sorted by its depth.
    spec.Marker = crowd ? ImPlot3DMarker_Up : ImPlot3DMarker_Circle;
    spec.MarkerSize = (crowd ? 1.9f : 3.0f) * scale;
    spec.MarkerFillColor = window::color(Meaning::samples);
    spec.MarkerLineColor = crowd ? spec.MarkerFillColor : ImVec4(0, 0, 0, 0.85f);
    if (crowd) spec.LineWeight = 0;
    ImPlot3D::PlotScatter("##chains", state.x.data(), state.y.data(), state.z.data(),
                          static_cast<int>(state.x.size()), spec);
}

void draw_surface(SurfaceState& state, window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (s.state == lab::State::empty || !s.kind.plane || !s.field) {
        window::empty_state(
            window::icon::landscape,
            s.state == lab::State::empty ? "No scene is open. Pick one in the panel at the left."
            : !s.kind.plane              ? "A picture is a point in hundreds of dimensions: only planes are "
                                           "surfaces."
                                         : "The landscape is being computed.");
        return;
    }
    update_mesh(state, context);
    const ImVec2 start = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    const ImVec2 size(std::max(room.x, 16.0f), std::max(room.y, 16.0f));
    turn(state, size, context.comparison);
    if (ImGui::IsItemHovered() && ImGui::IsMouseReleased(ImGuiMouseButton_Right))
        ImGui::OpenPopup("surface menu");
    if (ImGui::BeginPopup("surface menu")) {
        landscape_export_items({start, {start.x + size.x, start.y + size.y}, s.field}, context, "surface");
        ImGui::EndPopup();
    }
    ImGui::SetCursorScreenPos(start);
    constexpr ImPlot3DFlags flags = ImPlot3DFlags_CanvasOnly | ImPlot3DFlags_NoInputs | ImPlot3DFlags_NoMenus;
    if (!ImPlot3D::BeginPlot("##surface", size, flags)) return;
    const data::Coding& axes = axes_of(s);
    const bool named = !axes.identity();
    ImPlot3D::SetupAxes(named ? axes.columns[0].name.c_str() : "x",
                        named ? axes.columns[1].name.c_str() : "y",
                        state.height == Height::energy ? "energy E" : "density p");
    const lab::Rect& square = state.mesh.square;
    const float margin = 0.02f * (state.shown.high - state.shown.low);
    ImPlot3D::SetupAxesLimits(square.low_x, square.high_x, square.low_y, square.high_y,
                              state.shown.low - margin, state.shown.high + margin, ImPlot3DCond_Always);
    if (named)
        for (const int axis : {0, 1})
            ImPlot3D::SetupAxisFormat(
                axis,
                [](double value, char* text, int room_of_text, void* data) {
                    const auto* column = static_cast<const data::Coding::Column*>(data);
                    return std::snprintf(text, static_cast<std::size_t>(room_of_text), "%.3g",
                                         column->mean + column->sd * value);
                },
                const_cast<data::Coding::Column*>(&axes.columns[static_cast<std::size_t>(axis)]));
    ImPlot3D::SetupBoxRotation(state.turn.elevation, state.turn.azimuth, false, ImPlot3DCond_Always);
    // With the labels of the axes, which lie around the box.
    const ImVec2 padding = ImPlot3D::GetStyle().PlotPadding, labels = scaled(58, 42);
    const ImVec2 plot{size.x - 2 * padding.x, size.y - 2 * padding.y};
    const double zoom =
        state.turn.zoom * box_fit(state.turn.elevation, plot, {plot.x - 2 * labels.x, plot.y - 2 * labels.y});
    ImPlot3D::SetupBoxScale(box_sides[0] * zoom, box_sides[1] * zoom, box_sides[2] * zoom);
    ImPlot3DSpec spec;
    spec.FillColors = state.mesh.colors.data();
    spec.FillAlpha = 1;
    spec.Flags = ImPlot3DMeshFlags_NoLines | ImPlot3DMeshFlags_NoMarkers;
    ImPlot3D::PlotMesh("##mesh", state.mesh.x.data(), state.mesh.y.data(), state.mesh.z.data(),
                       state.mesh.indices.data(), static_cast<int>(state.mesh.x.size()),
                       static_cast<int>(state.mesh.indices.size()), spec);
    draw_chains(state, s);
    const std::optional<ImVec2> selected = place_of_selected(state, s);
    ImPlot3D::EndPlot();
    if (selected) draw_selected(*selected);
    const window::TypeScope type(window::Type::caption);
    draw_plate({start.x + scaled(8), start.y + scaled(8)}, {caption_of(state, context)});
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel surface_panel() {
    const auto state = std::make_shared<panels::SurfaceState>();
    Panel panel;
    panel.id = "surface";
    panel.title = "Surface";
    panel.icon = icon::surface;
    panel.place = Place::centre;
    panel.help = panels::help_text("surface");
    panel.open = false;
    panel.flush = true;
    panel.views = {lab::View::field};
    panel.draw = [state](Context& context) { panels::draw_surface(*state, context); };
    return panel;
}

} // namespace ebm::window
