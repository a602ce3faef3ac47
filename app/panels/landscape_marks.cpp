#include "app/panels/landscape_draw.h"

#include "app/panels/class_names.h"
#include "app/panels/lit_mode.h"
#include "app/panels/step_lens.h"
#include "app/panels/ticks.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "app/window/theme.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace ebm::panels {

using window::Meaning;
using window::scaled;

ImVec2 draw_plate(ImVec2 at, const std::vector<std::string>& lines, bool right_aligned) {
    ImVec2 size(0, 0);
    for (const std::string& line : lines) {
        const ImVec2 one = ImGui::CalcTextSize(line.c_str());
        size = {std::max(size.x, one.x), size.y + one.y};
    }
    const ImVec2 padding = scaled(7, 4), total(size.x + 2 * padding.x, size.y + 2 * padding.y);
    if (right_aligned) at.x -= total.x;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(at, {at.x + total.x, at.y + total.y}, window::packed(Meaning::panel, 0.78f),
                       scaled(4));
    float y = at.y + padding.y;
    for (const std::string& line : lines) {
        list.AddText({at.x + padding.x, y}, window::packed(Meaning::text), line.c_str());
        ImGui::LogText("%s\n", line.c_str()); // as Dear ImGui's own texts do
        y += ImGui::CalcTextSize(line.c_str()).y;
    }
    return total;
}

ImVec2 color_bar_size(const Pane& pane) {
    const window::TypeScope type(window::Type::caption);
    return {std::clamp((pane.high.x - pane.low.x) * 0.42f, scaled(130), scaled(260)),
            2 * ImGui::GetFontSize() + scaled(12 + 6 + 10 + 4)};
}

void draw_color_bar(const Pane& pane, const ColorScale& scale, window::Colormap colormap) {
    const window::TypeScope type(window::Type::caption);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float line = ImGui::GetFontSize(), margin = scaled(8);
    const ImVec2 padding = scaled(10, 6), size = color_bar_size(pane);
    const ImVec2 high(pane.high.x - margin, pane.high.y - margin), low(high.x - size.x, high.y - size.y);
    if (low.x < pane.low.x || low.y < pane.low.y + scaled(90))
        return; // no room: the read-outs say it in numbers
    list.AddRectFilled(low, high, window::packed(Meaning::panel, 0.8f), scaled(4));

    const ImU32 text = window::packed(Meaning::text), muted = window::packed(Meaning::muted);
    const float left = low.x + padding.x, right = high.x - padding.x;
    // Energies: bright and likely at the low end, left. Densities: bright and likely at the high end, right.
    const char* ends[2] = {"likely", "unlikely"};
    if (scale.density) std::swap(ends[0], ends[1]);
    if (scale.difference) ends[0] = "B likelier", ends[1] = "A likelier";
    const float top = low.y + padding.y;
    list.AddText({left, top}, text, ends[0]);
    list.AddText({right - ImGui::CalcTextSize(ends[1]).x, top}, text, ends[1]);
    const ImVec2 title = ImGui::CalcTextSize(scale.title);
    const float used = ImGui::CalcTextSize(ends[0]).x + ImGui::CalcTextSize(ends[1]).x;
    if (right - left > used + title.x + scaled(16))
        list.AddText({(left + right - title.x) / 2, top}, muted, scale.title);

    const float bar_top = top + line + scaled(6), bar_bottom = bar_top + scaled(10);
    constexpr int pieces = 64;
    for (int i = 0; i < pieces; ++i) {
        const float t = (static_cast<float>(i) + 0.5f) / pieces;
        const window::Rgb c = scale.difference
                                  ? window::difference_table()[static_cast<std::size_t>((1 - t) * 255)]
                                  : window::colormap_at(colormap, scale.density ? t : 1 - t);
        const float x0 = left + (right - left) * static_cast<float>(i) / pieces;
        const float x1 = left + (right - left) * static_cast<float>(i + 1) / pieces;
        list.AddRectFilled({std::floor(x0), bar_top}, {std::ceil(x1), bar_bottom},
                           IM_COL32(c[0], c[1], c[2], 255));
    }
    const float span = scale.limits.high - scale.limits.low;
    float free_from = low.x + scaled(2);
    for (const Tick& t : ticks(scale.limits.low, scale.limits.high, 5)) {
        const float x = left + (right - left) * (static_cast<float>(t.value) - scale.limits.low) / span;
        const float half = ImGui::CalcTextSize(t.label.c_str()).x / 2;
        list.AddLine({x, bar_bottom}, {x, bar_bottom + scaled(3)}, muted);
        if (x - half < free_from || x + half > high.x - scaled(2)) continue;
        list.AddText({x - half, bar_bottom + scaled(4)}, text, t.label.c_str());
        free_from = x + half + scaled(4);
    }
}

/// How much the update sank or raised E at a sample: an arrow down or up from its mark, as long as the change
/// is beside the largest one.
static void draw_change(ImDrawList& list, ImVec2 at, float change, float largest, ImU32 ink_of_set) {
    const float length = scaled(22) * std::abs(change) / largest;
    if (!(length >= 1)) return;
    const float way = change < 0 ? 1.0f : -1.0f, head = std::min(scaled(4), length);
    const ImVec2 tip(at.x, at.y + way * length);
    for (const auto& [ink, width] :
         {std::pair{IM_COL32(255, 255, 255, 240), scaled(4.5f)}, std::pair{ink_of_set, scaled(2.25f)}}) {
        list.AddLine(at, tip, ink, width);
        list.AddLine({tip.x - head, tip.y - way * head}, tip, ink, width);
        list.AddLine({tip.x + head, tip.y - way * head}, tip, ink, width);
    }
}

bool shows_iteration(const lab::Snapshot& s) {
    return s.algorithm && s.kind.plane &&
           (s.state != lab::State::running || s.pace.speed == lab::Speed::lines);
}

/// The data and the negatives of the iteration that Algorithm 1 is stepped through: those that its newest
/// line was about are drawn strongly.
static void draw_algorithm_samples(const LandscapeState& state, const Pane& pane, const lab::Snapshot& s,
                                   int followed) {
    if (!shows_iteration(s)) return;
    const lab::AlgorithmView& a = *s.algorithm;
    const Phase phase = a.progress.phase;
    const bool both = a.whole || phase == Phase::update;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i + 1 < a.positives.size(); i += 2) {
        const ImVec2 at = place(state, pane, {a.positives[i], a.positives[i + 1]});
        const float alpha = both || phase == Phase::start ? 1.0f : 0.35f;
        // With a white rim: rings of the data's colour alone would not stand out among the data.
        list.AddCircle(at, scaled(5.5f), IM_COL32(255, 255, 255, static_cast<int>(240 * alpha)), 0,
                       scaled(5));
        list.AddCircle(at, scaled(5.5f), window::packed(Meaning::data, alpha), 0, scaled(2.25f));
    }
    const bool under_way = both || phase == Phase::sample || phase == Phase::energies;
    const auto draw_negative = [&](std::size_t i) {
        const ImVec2 at = place(state, pane, {a.negatives[i], a.negatives[i + 1]});
        const bool fresh = i / 2 < a.fresh.size() && a.fresh[i / 2];
        const bool told = static_cast<int>(i / 2) == followed; // about by the panel
        const float arm = scaled(told ? 7 : 4.5f), half = 0.8f * arm, width = scaled(told ? 3 : 1.75f);
        const ImU32 ink = window::packed(fresh ? Meaning::noise : Meaning::samples, under_way ? 1 : 0.35f);
        // As in Replay buffer: diamonds begin anew, squares go on.
        const auto mark = [&](ImU32 color, float thick) {
            if (fresh)
                list.AddQuad({at.x - arm, at.y}, {at.x, at.y - arm}, {at.x + arm, at.y}, {at.x, at.y + arm},
                             color, thick);
            else
                list.AddRect({at.x - half, at.y - half}, {at.x + half, at.y + half}, color, 0, thick);
        };
        if (told) { // a frame that stands out of a crowd
            mark(IM_COL32(0, 0, 0, 230), width + scaled(5));
            mark(IM_COL32(255, 255, 255, 255), width + scaled(2));
        } else {
            mark(IM_COL32(0, 0, 0, under_way ? 200 : 70), width + scaled(2));
        }
        mark(ink, width);
    };
    const std::size_t last = 2 * static_cast<std::size_t>(std::max(0, followed));
    for (std::size_t i = 0; i + 1 < a.negatives.size(); i += 2)
        if (i != last) draw_negative(i);
    if (last + 1 < a.negatives.size()) draw_negative(last); // over the others
    const float largest = a.largest_change();
    if (!a.whole || !(largest > 0)) return;
    const auto arrows = [&](const std::vector<float>& samples, const std::vector<float>& changes,
                            Meaning meaning) {
        // Some are as telling as all of them, and hide less.
        const std::size_t drawn = std::min({changes.size(), samples.size() / 2, std::size_t{64}});
        for (std::size_t i = 0; i < drawn; ++i)
            draw_change(list, place(state, pane, {samples[2 * i], samples[2 * i + 1]}), changes[i], largest,
                        window::packed(meaning));
    };
    arrows(a.positives, a.positive_changes, Meaning::data);
    arrows(a.negatives, a.negative_changes, Meaning::samples);
}

/// The newest step of the selected chain beside the picture, large enough to be read. Dark in both themes:
/// the arrows have the colours that they have on the landscape.
static void draw_lens(const LandscapeState& state, const Pane& pane, const lab::Snapshot& s) {
    if (s.pace.speed != lab::Speed::slow || pane.high.y - pane.low.y < scaled(260)) return;
    const float pixels = place(state, pane, {1, 0}).x - place(state, pane, {0, 0}).x;
    const float side = scaled(96), line = ImGui::GetTextLineHeight();
    const std::optional<StepLens> lens = step_lens(s.chains.parts, state.selected, pixels, side);
    if (!lens) return;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const window::TypeScope type(window::Type::caption);
    const ImVec2 title = ImGui::CalcTextSize(lens->title().c_str());
    const float width = std::max(side + scaled(24), title.x + scaled(18));
    const ImVec2 low{pane.low.x + scaled(8), pane.high.y - scaled(72) - side - 3 * line - scaled(24)},
        high{low.x + width, low.y + side + 3 * line + scaled(24)};
    constexpr ImU32 white = IM_COL32(255, 255, 255, 255);
    const ImU32 blue =
        ImGui::ColorConvertFloat4ToU32(window::color(Meaning::accent, window::ThemeKind::dark));
    list.AddRectFilled(low, high, IM_COL32(20, 22, 26, 235), scaled(4));
    list.AddText({low.x + scaled(9), low.y + scaled(5)}, white, lens->title().c_str());
    // The step in the middle of its square.
    ImVec2 least{0, 0}, most{0, 0};
    for (const StepLens::Vector& v : {lens->first, lens->second, lens->end}) {
        least = {std::min(least.x, v[0]), std::min(least.y, v[1])};
        most = {std::max(most.x, v[0]), std::max(most.y, v[1])};
    }
    const float unit = pixels * static_cast<float>(lens->factor);
    const ImVec2 middle{(low.x + high.x) / 2, low.y + scaled(14) + line + side / 2};
    const auto at = [&](const StepLens::Vector& v) {
        return ImVec2(middle.x + (v[0] - (least.x + most.x) / 2) * unit,
                      middle.y - (v[1] - (least.y + most.y) / 2) * unit);
    };
    const auto arrow = [&](ImVec2 from, ImVec2 to, ImU32 ink) {
        const float dx = to.x - from.x, dy = to.y - from.y, size = std::hypot(dx, dy);
        if (size < 1) return;
        const float head = std::min(scaled(7), size), x = dx / size * head, y = dy / size * head;
        list.AddLine(from, to, ink, scaled(2));
        list.AddTriangleFilled(to, {to.x - x + 0.45f * y, to.y - y - 0.45f * x},
                               {to.x - x - 0.45f * y, to.y - y + 0.45f * x}, ink);
    };
    const ImU32 first = lens->jumped ? window::packed(Meaning::noise) : lens->noise_first ? white : blue;
    arrow(at({}), at(lens->first), first);
    if (!lens->jumped) arrow(at(lens->first), at(lens->second), lens->noise_first ? blue : white);
    list.AddCircleFilled(at({}), scaled(3.5f), window::packed(Meaning::samples));
    list.AddCircle(at(lens->end), scaled(4.5f), window::packed(Meaning::samples), 0, scaled(1.5f));
    const float words = high.y - 2 * line - scaled(5);
    if (lens->jumped) {
        list.AddText({low.x + scaled(9), words}, white, "a uniform jump");
        return;
    }
    const std::string pull = "pull " + window::format_number(lens->pull()),
                      kick = "kick " + window::format_number(lens->kick());
    list.AddText({low.x + scaled(9), words}, blue, pull.c_str());
    list.AddText({low.x + scaled(9), words + line}, white, kick.c_str());
}

/// Where the mode is whose bar is under the mouse: a ring about its point, or rings about points of it.
static void draw_lit_mode(const LandscapeState& state, const Pane& pane, const window::Context& context) {
    const auto& modes = context.snapshot.modes;
    const auto lit = static_cast<std::size_t>(std::max(0, lit_mode(context.second)));
    if (lit_mode(context.second) < 0 || !context.snapshot.kind.plane || !modes || !modes->places ||
        lit >= modes->places->size())
        return;
    const std::vector<float>& points = (*modes->places)[lit].points;
    const std::size_t count = points.size() / 2;
    if (count == 0) return;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float radius = scaled(count > 1 ? 4 : 16);
    Vec2 mean;
    for (std::size_t i = 0; i < count; ++i) {
        const ImVec2 at = place(state, pane, {points[2 * i], points[2 * i + 1]});
        list.AddCircle(at, radius, IM_COL32(0, 0, 0, 200), 0, scaled(4));
        list.AddCircle(at, radius, IM_COL32(255, 255, 255, 255), 0, scaled(2));
        mean.x += points[2 * i] / static_cast<double>(count);
        mean.y += points[2 * i + 1] / static_cast<double>(count);
    }
    // A moon and a ring do not hold their own centre.
    std::size_t named = 0;
    const auto far = [&](std::size_t i) {
        return std::hypot(points[2 * i] - mean.x, points[2 * i + 1] - mean.y);
    };
    for (std::size_t i = 1; i < count; ++i)
        if (far(i) < far(named)) named = i;
    const ImVec2 at = place(state, pane, {points[2 * named], points[2 * named + 1]});
    const std::string label = mode_name(*modes, lit);
    const float width = ImGui::CalcTextSize(label.c_str()).x + scaled(14);
    const bool left = at.x + radius + scaled(6) + width > pane.high.x;
    draw_plate({at.x + (left ? -1.0f : 1.0f) * (radius + scaled(6)), at.y - radius - scaled(20)}, {label},
               left);
}

void draw_marks(const LandscapeState& state, const Pane& pane, const window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.PushClipRect(pane.low, pane.high, true);
    if (state.layers.minima)
        for (std::size_t i = 0; i + 1 < s.minima.size(); i += 2) {
            const ImVec2 at = place(state, pane, {s.minima[i], s.minima[i + 1]});
            // Open in the middle: chains come to rest there.
            const float near = scaled(5.5f), far = scaled(11);
            for (const auto& [color, width] : {std::pair{IM_COL32(0, 0, 0, 200), scaled(4)},
                                               std::pair{IM_COL32(255, 255, 255, 255), scaled(1.75f)}})
                for (const float way : {-1.0f, 1.0f}) {
                    list.AddLine({at.x + way * near, at.y}, {at.x + way * far, at.y}, color, width);
                    list.AddLine({at.x, at.y + way * near}, {at.x, at.y + way * far}, color, width);
                }
        }
    if (!(pane.exact && pane.split))
        draw_algorithm_samples(state, pane, s, context.shell.followed_negative());
    const auto chain = static_cast<std::size_t>(std::max(0, state.selected));
    const std::vector<float>& at = state.motion.positions();
    if (state.layers.chains && state.selected >= 0 && chain * 2 + 1 < at.size() &&
        !(pane.exact && pane.split)) {
        const ImVec2 centre = place(state, pane, {at[chain * 2], at[chain * 2 + 1]});
        list.AddCircle(centre, scaled(7.5f), IM_COL32(0, 0, 0, 160), 0, scaled(3.5f));
        list.AddCircle(centre, scaled(7.5f), IM_COL32(255, 255, 255, 255), 0, scaled(2));
        const window::TypeScope type(window::Type::small_mono);
        std::string label = "#" + std::to_string(chain);
        if (chain < s.chains.energy.size()) label += "  E " + window::format_number(s.chains.energy[chain]);
        if (chain < s.chains.age.size()) label += "  age " + window::format_count(s.chains.age[chain]);
        if (chain < s.chains.labels.size())
            label += "  " + class_name(class_names(s), s.chains.labels[chain]);
        const float width = ImGui::CalcTextSize(label.c_str()).x + scaled(14);
        const bool left = centre.x + scaled(12) + width > pane.high.x;
        draw_plate({centre.x + (left ? -scaled(12) : scaled(12)), centre.y - scaled(26)}, {label}, left);
        draw_lens(state, pane, s);
    }
    draw_lit_mode(state, pane, context);
    list.PopClipRect();
}

} // namespace ebm::panels
