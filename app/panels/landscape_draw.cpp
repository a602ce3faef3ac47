#include "app/panels/landscape_draw.h"

#include "app/panels/field_difference.h"
#include "app/panels/ticks.h"
#include "app/window/comparison.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "app/window/theme.h"

#include <algorithm>
#include <cmath>

namespace ebm::panels {
namespace {

using window::Meaning;
using window::scaled;

/// A longer step of a trail is a jump or a restart and is not drawn.
constexpr float longest_step = 1;

draw::Color ink(Meaning meaning, float alpha = 1) {
    const ImVec4 c = window::color(meaning);
    return {c.x, c.y, c.z, c.w * alpha};
}

PlaneView view_of(const LandscapeState& state, const Pane& pane) {
    PlaneView view = state.view;
    view.set_screen(pane.low.x, pane.low.y, pane.high.x - pane.low.x, pane.high.y - pane.low.y);
    return view;
}

draw::Plane plane_of(const lab::Rect& rect) {
    return {static_cast<float>(rect.low_x), static_cast<float>(rect.low_y), static_cast<float>(rect.high_x),
            static_cast<float>(rect.high_y)};
}

bool shows_density(const Pane& pane, const Settings& settings) {
    if (pane.exact && !pane.split) return true;
    return settings.view.field == FieldKind::density || settings.view.field == FieldKind::exact_density;
}

/// 1, 2 or 5 · 10ⁿ near range / count.
float round_spacing(float range, int count) {
    const double rough = std::max(1e-12, static_cast<double>(range) / count);
    const double unit = std::pow(10.0, std::floor(std::log10(rough)));
    const double digit = rough / unit < 1.5 ? 1 : rough / unit < 3.5 ? 2 : rough / unit < 7.5 ? 5 : 10;
    return static_cast<float>(digit * unit);
}

void upload_field(FieldLayer& layer, const std::shared_ptr<const lab::FieldView>& field,
                  window::Colormap colormap, double seconds, bool jump) {
    if (layer.colormap != static_cast<int>(colormap)) {
        layer.colormap = static_cast<int>(colormap);
        layer.field.set_colormap(window::colormap_table(colormap));
    }
    if (!field || field->energy.empty()) return;
    if (layer.uploaded != field) {
        layer.uploaded = field;
        layer.field.set(field->energy, field->resolution, field->resolution,
                        {static_cast<float>(field->low_x), static_cast<float>(field->low_y),
                         static_cast<float>(field->high_x), static_cast<float>(field->high_y)});
        // What matters lies within some tens of nats above the bottom: e⁻⁴⁰ of the density there is no chain.
        const Limits wide = robust_limits(field->energy, 0.001, 0.82);
        const float quarter = robust_limits(field->energy, 0.001, 0.25).high - wide.low;
        layer.energy_target = {wide.low, std::min(wide.high, wide.low + std::max(40.0f, 3 * quarter))};
        std::vector<float> density(field->energy.size());
        for (std::size_t i = 0; i < density.size(); ++i)
            density[i] = static_cast<float>(std::exp(-field->energy[i] / field->temperature - field->log_z));
        layer.density_target = {0, std::max(1e-9f, robust_limits(density, 0, 0.998).high)};
    }
    layer.energy_limits.follow(layer.energy_target, seconds, jump);
    layer.density_limits.follow(layer.density_target, seconds, jump);
}

/// The difference of the runs that are compared, while it is shown and both have a landscape of the plane.
void upload_difference(LandscapeState& state, const window::Context& context, double seconds) {
    const bool both = context.comparison && context.comparison->a().field && context.comparison->b().field;
    if (!both || !state.layers.difference) {
        state.difference = state.of_a = state.of_b = nullptr;
        return;
    }
    const auto &a = context.comparison->a().field, &b = context.comparison->b().field;
    FieldLayer& layer = state.fields[2];
    const bool jump = !state.difference;
    if (state.of_a != a || state.of_b != b) {
        state.of_a = a;
        state.of_b = b;
        auto difference = std::make_shared<lab::FieldView>(difference_of(*a, *b));
        layer.energy_target = difference_limits(*a, *b, *difference);
        layer.field.set_colormap(window::difference_table());
        layer.field.set(difference->energy, difference->resolution, difference->resolution,
                        {static_cast<float>(difference->low_x), static_cast<float>(difference->low_y),
                         static_cast<float>(difference->high_x), static_cast<float>(difference->high_y)});
        layer.uploaded = state.difference = std::move(difference);
    }
    layer.energy_limits.follow(layer.energy_target, seconds, jump);
}

void upload_gradient(LandscapeState& state, const std::shared_ptr<const lab::FieldView>& field) {
    if (state.uploaded_gradient == field) return;
    state.uploaded_gradient = field;
    std::vector<float> starts, vectors;
    if (field) {
        const double cell_x = (field->high_x - field->low_x) / std::max(1, field->arrows);
        const double cell_y = (field->high_y - field->low_y) / std::max(1, field->arrows);
        for (int j = 0; j < field->arrows; ++j)
            for (int i = 0; i < field->arrows; ++i) {
                starts.push_back(static_cast<float>(field->low_x + (i + 0.5) * cell_x));
                starts.push_back(static_cast<float>(field->low_y + (j + 0.5) * cell_y));
            }
        // Chains are pulled along −∇E. Lengths grow with the square root, so that weak pulls can be seen
        // beside strong ones.
        double largest = 1e-12;
        for (std::size_t k = 0; k + 1 < field->gradient.size(); k += 2)
            largest = std::max<double>(largest, std::hypot(field->gradient[k], field->gradient[k + 1]));
        for (std::size_t k = 0; k + 1 < field->gradient.size(); k += 2) {
            const double norm = std::hypot(field->gradient[k], field->gradient[k + 1]);
            const double length =
                0.9 * std::min(cell_x, cell_y) * std::sqrt(norm / largest) / std::max(norm, 1e-12);
            vectors.push_back(static_cast<float>(-field->gradient[k] * length));
            vectors.push_back(static_cast<float>(-field->gradient[k + 1] * length));
        }
        starts.resize(vectors.size());
    }
    state.gradient.set(starts, vectors);
}

/// Packed colours of labels, [n]; empty where points are not coloured by class.
std::vector<std::uint32_t> class_colors(const LandscapeState& state,
                                        const std::vector<std::int32_t>& labels) {
    std::vector<std::uint32_t> colors;
    if (!state.layers.by_class) return colors;
    for (const std::int32_t label : labels)
        colors.push_back(ImGui::ColorConvertFloat4ToU32(window::class_color(label)));
    return colors;
}

void upload_chains(LandscapeState& state, const lab::ChainsView& chains) {
    const std::vector<float>& positions = state.motion.positions();
    const std::size_t row = positions.size();
    state.chains.set(positions, class_colors(state, chains.labels));
    // Of the selected chain alone, if there is one: those of hundreds cover each other.
    const auto set = [&](draw::Arrows& arrows, const StepMotion::Arrows& of_all) {
        const auto at = 2 * static_cast<std::size_t>(std::max(0, state.selected));
        if (state.selected < 0 || at + 2 > of_all.start.size())
            return arrows.set(of_all.start, of_all.vector);
        arrows.set(std::span(of_all.start).subspan(at, 2), std::span(of_all.vector).subspan(at, 2));
    };
    set(state.kicks, state.motion.kicks());
    set(state.drifts, state.motion.pulls());
    set(state.jumps, state.motion.jumps());
    if (state.motion.kicks().start.empty() || chains.trail.size() < row)
        return state.trails.set(chains.trail, chains.trail_length, chains.count, longest_step);
    // In slow motion the trail ends where the chain is drawn.
    state.shown_trail = chains.trail;
    std::copy(positions.begin(), positions.end(), state.shown_trail.end() - static_cast<std::ptrdiff_t>(row));
    state.trails.set(state.shown_trail, chains.trail_length, chains.count, longest_step);
}

void draw_points(LandscapeState& state, const Pane& pane, const draw::Offscreen& target,
                 const draw::Plane& view, const lab::Snapshot& snapshot) {
    const Layers& on = state.layers;
    const float size = window::look().scale;
    // Colours of classes lie on any colour of the field, so they need an edge.
    const float edge = on.by_class ? 0.75f * size : 0;
    const draw::Color dark = {0, 0, 0, 0.7f};
    if (on.data && snapshot.kind.plane)
        state.data.draw(target, view, {3 * size, ink(Meaning::data), edge, dark, 0.85f});
    if (pane.exact && pane.split) return;
    if (on.held_out) state.held_out.draw(target, view, {3 * size, ink(Meaning::held_out), edge, dark, 0.85f});
    if (on.buffer) state.buffer.draw(target, view, {2.5f * size, ink(Meaning::buffer), 0, {}, 0.85f});
    if (on.gradient) {
        draw::Arrows::Style style;
        style.width = 1.25f * size;
        style.head = 5 * size;
        style.color = {1, 1, 1, 0.85f};
        style.outline = size;
        style.centred = true;
        state.gradient.draw(target, view, style);
    }
    if (!on.chains) return;
    const bool classes = on.by_class && !snapshot.chains.labels.empty();
    // Many trails must not hide what they cross, least of all spots of density, where the chains are.
    const bool densities = snapshot.settings.view.field != FieldKind::energy;
    const float crowd = std::sqrt(96.0f / static_cast<float>(std::max(1, snapshot.chains.count)));
    if (on.trails)
        state.trails.draw(target, view,
                          {1.5f * size, classes ? draw::Color{1, 1, 1, 1} : ink(Meaning::samples),
                           (densities ? 0.4f : 1.0f) * std::clamp(0.7f * crowd, 0.3f, 0.7f)});
    // The negatives of an iteration have the chains' colour and are not they.
    const float strength = shows_iteration(snapshot) ? 0.4f : 1;
    // Thousands of chains are dots: discs with outlines would cover each other and the field.
    if (snapshot.chains.count > 2000)
        state.chains.draw(target, view, {2.5f * size, ink(Meaning::samples), 0, {}, 0.85f * strength});
    else
        state.chains.draw(target, view,
                          {(classes ? 7.0f : 5.0f) * size,
                           ink(Meaning::samples),
                           size,
                           {0, 0, 0, 0.85f * strength},
                           strength});
    // Above the chains, which would hide their heads.
    draw::Arrows::Style arrow;
    arrow.width = 1.75f * size;
    arrow.head = 6 * size;
    arrow.color = {1, 1, 1, 1};
    arrow.outline = size;
    state.kicks.draw(target, view, arrow);
    arrow.color = ink(Meaning::accent);
    state.drifts.draw(target, view, arrow);
    arrow.color = ink(Meaning::noise);
    state.jumps.draw(target, view, arrow);
}

} // namespace

ImVec2 place(const LandscapeState& state, const Pane& pane, Vec2 point) {
    const Vec2 at = view_of(state, pane).to_screen(point);
    return {static_cast<float>(at.x), static_cast<float>(at.y)};
}

Vec2 plane_at(const LandscapeState& state, const Pane& pane, ImVec2 screen) {
    return view_of(state, pane).to_plane({screen.x, screen.y});
}

void upload_layers(LandscapeState& state, const window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const window::Colormap colormap = context.shell.preferences().colormap;
    const double seconds = ImGui::GetIO().DeltaTime;
    const bool jump = state.uploaded_scene != s.scene.name;
    state.uploaded_scene = s.scene.name;
    const auto learned = s.kind.plane ? s.field
                         : s.slice    ? std::shared_ptr<const lab::FieldView>(s.slice, &s.slice->field)
                                      : nullptr;
    if (s.exact || jump || state.uploaded_data != s.data) state.exact = s.exact;
    upload_field(state.fields[0], learned, colormap, seconds, jump);
    upload_field(state.fields[1], state.exact, colormap, seconds, jump);
    upload_difference(state, context, seconds);
    // A scene without data or buffer clears those of the scene before it.
    const bool recolored = state.uploaded_by_class != state.layers.by_class;
    state.uploaded_by_class = state.layers.by_class;
    if (state.uploaded_data != s.data || recolored) {
        state.uploaded_data = s.data;
        const auto upload = [&](draw::PointCloud& cloud, const std::vector<float>& points,
                                const std::vector<std::int32_t>& labels) {
            cloud.set(points, class_colors(state, labels));
        };
        static const lab::DataView none;
        const lab::DataView& data = s.data ? *s.data : none;
        upload(state.data, data.points, data.labels);
        upload(state.held_out, data.held_out, data.held_out_labels);
    }
    if (state.uploaded_buffer != s.buffer) {
        state.uploaded_buffer = s.buffer;
        state.buffer.set(s.buffer ? std::span<const float>(s.buffer->all_points) : std::span<const float>());
    }
    if (s.slice && state.uploaded_slice != s.slice) {
        state.uploaded_slice = s.slice;
        state.anchors.set(s.slice->pixels, {s.kind.channels, s.kind.height, s.kind.width}, s.number);
    }
    if (state.layers.gradient) upload_gradient(state, learned);
    state.motion.follow(s.chains, s.pace.speed == lab::Speed::slow, s.pace.steps_per_second,
                        ImGui::GetTime());
    if (state.uploaded_chains == s.number && !state.motion.moving() && !recolored) return;
    state.uploaded_chains = state.motion.moving() ? 0 : s.number;
    upload_chains(state, s.chains);
}

ColorScale color_scale(const LandscapeState& state, const Pane& pane, const Settings& settings) {
    const FieldLayer& layer = state.fields[static_cast<std::size_t>(pane.layer())];
    if (pane.difference) return {layer.energy_limits.shown(), "log p of A \u2212 of B, nats", false, true};
    if (shows_density(pane, settings)) {
        const FieldLayer& shared = state.fields[pane.split ? 1 : pane.exact ? 1 : 0];
        return {shared.density_limits.shown(), pane.exact ? "exact density p(x)" : "density p(x)", true};
    }
    if (!pane.split) return {layer.energy_limits.shown(), "energy E(x)", false};
    // Side by side both show −log p on the scale of the learned one, so that equal colors mean equal
    // densities.
    const Limits raw = state.fields[0].energy_limits.shown();
    const auto& learned = state.fields[0].uploaded;
    const float log_z = learned ? static_cast<float>(learned->log_z) : 0,
                t = learned ? static_cast<float>(learned->temperature) : 1;
    return {{raw.low / t + log_z, raw.high / t + log_z}, "\u2212log p(x), nats", false};
}

void draw_pane(LandscapeState& state, const Pane& pane, const window::Context& context) {
    const int width = std::max(1, static_cast<int>(pane.high.x - pane.low.x));
    const int height = std::max(1, static_cast<int>(pane.high.y - pane.low.y));
    const PlaneView view = view_of(state, pane);
    const draw::Plane plane = plane_of(view.visible());
    FieldLayer& layer = state.fields[static_cast<std::size_t>(pane.layer())];
    if (!layer.picture.begin(width, height, ink(Meaning::window))) return;
    if (layer.uploaded) {
        const ColorScale scale = color_scale(state, pane, context.snapshot.settings);
        const float log_z = static_cast<float>(layer.uploaded->log_z),
                    t = static_cast<float>(layer.uploaded->temperature);
        draw::Field::Style style;
        style.density = scale.density;
        style.density_offset = -log_z;
        style.density_factor = 1 / t;
        // The texture holds E; what is shown beside another field is E / T + log Z.
        const bool log_density = pane.split && !scale.density;
        const float shift = log_density ? log_z : 0, stretch = log_density ? t : 1;
        style.low = stretch * (scale.limits.low - shift);
        style.high = stretch * (scale.limits.high - shift);
        style.contour_width = window::look().scale;
        if (state.layers.contours)
            style.contour_spacing = stretch * round_spacing(scale.limits.high - scale.limits.low, 9);
        layer.field.draw(layer.picture, plane, style);
    }
    draw_points(state, pane, layer.picture, plane, context.snapshot);
    layer.picture.end();
    ImGui::GetWindowDrawList()->AddImage(static_cast<ImTextureID>(layer.picture.name()), pane.low, pane.high,
                                         {0, 1}, {1, 0});
}

/// One for each `spacing` pixels. No multiple of 1, 2 or 5 gives 2 to 4 ticks between −4 and 4: 5 then, since
/// a single one says no scale.
static std::vector<Tick> axis_ticks(double low, double high, float length, float spacing) {
    std::vector<Tick> list = ticks(low, high, std::max(3, static_cast<int>(length / spacing)));
    return list.size() < 2 ? ticks(low, high, 5) : list;
}

float draw_axes(const LandscapeState& state, const Pane& pane, const data::Coding& axes, bool bottom_only) {
    const window::TypeScope type(window::Type::caption);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const PlaneView view = view_of(state, pane);
    const lab::Rect rect = view.visible();
    const ImU32 text = window::packed(Meaning::muted), line = window::packed(Meaning::muted, 0.6f);
    const float tick = scaled(4), height = ImGui::GetFontSize();
    for (const Tick& t : axis_ticks(axes.to_file(0, rect.low_x), axes.to_file(0, rect.high_x),
                                    pane.high.x - pane.low.x, scaled(80))) {
        const float x = std::round(place(state, pane, {axes.to_model(0, t.value), 0}).x);
        list.AddLine({x, pane.high.y}, {x, pane.high.y + tick}, line);
        const float half = ImGui::CalcTextSize(t.label.c_str()).x / 2;
        // Beside another picture the labels at the edges would touch its own.
        const float over = pane.split ? -scaled(2) : scaled(8);
        if (x - half >= pane.low.x - over && x + half <= pane.high.x + over)
            list.AddText({x - half, pane.high.y + tick}, text, t.label.c_str());
    }
    if (bottom_only) return 0;
    float widest = 0;
    for (const Tick& t : axis_ticks(axes.to_file(1, rect.low_y), axes.to_file(1, rect.high_y),
                                    pane.high.y - pane.low.y, scaled(64))) {
        const float y = std::round(place(state, pane, {0, axes.to_model(1, t.value)}).y);
        list.AddLine({pane.low.x - tick, y}, {pane.low.x, y}, line);
        if (y - height / 2 < pane.low.y - scaled(4) || y + height / 2 > pane.high.y + scaled(4)) continue;
        const float width = ImGui::CalcTextSize(t.label.c_str()).x;
        widest = std::max(widest, width);
        list.AddText({pane.low.x - tick - scaled(3) - width, y - height / 2}, text, t.label.c_str());
    }
    if (!axes.identity()) {
        // Right is the first column, up the second.
        const std::string names = "\u2192 " + axes.columns[0].name + "    \u2191 " + axes.columns[1].name;
        list.PushClipRect({pane.low.x, pane.high.y}, {pane.high.x, pane.high.y + tick + 3 * height}, true);
        list.AddText({pane.low.x, pane.high.y + tick + height + scaled(2)}, text, names.c_str());
        ImGui::LogText("%s\n", names.c_str());
        list.PopClipRect();
    }
    return widest + tick + scaled(3);
}

} // namespace ebm::panels
