#include "app/panels/class_energies.h"

#include "app/panels/class_names.h"
#include "app/panels/plot_export.h"
#include "app/panels/plotting.h"
#include "app/window/number_format.h"
#include "app/window/widgets.h"

#include <implot.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ebm::panels {

using namespace window;

namespace {

/// Of p(y | x) = exp(−E(x, y)) / Σ exp(−E(x, y′)).
double share_of(std::span<const float> energies, int which) {
    const int lowest = lowest_class(energies);
    if (lowest < 0) return std::nan("");
    const double low = energies[static_cast<std::size_t>(lowest)];
    double sum = 0;
    for (const float energy : energies)
        if (!std::isnan(energy)) sum += std::exp(low - static_cast<double>(energy));
    return std::exp(low - static_cast<double>(energies[static_cast<std::size_t>(which)])) / sum;
}

} // namespace

int lowest_class(std::span<const float> energies) {
    int lowest = -1;
    for (std::size_t k = 0; k < energies.size(); ++k)
        if (!std::isnan(energies[k]) &&
            (lowest < 0 || energies[k] < energies[static_cast<std::size_t>(lowest)]))
            lowest = static_cast<int>(k);
    return lowest;
}

std::vector<int> classes_to_show(std::span<const float> energies, int asked, int room) {
    std::vector<int> classes(energies.size());
    std::iota(classes.begin(), classes.end(), 0);
    const auto most = static_cast<std::size_t>(std::max(1, room));
    if (classes.size() <= most) return classes;
    std::ranges::stable_sort(classes, {}, [&](int k) {
        const float energy = energies[static_cast<std::size_t>(k)];
        return std::isnan(energy) ? std::numeric_limits<float>::infinity() : energy;
    });
    classes.resize(most);
    const bool known = asked >= 0 && asked < static_cast<int>(energies.size());
    if (known && std::ranges::find(classes, asked) == classes.end()) classes.back() = asked;
    return classes;
}

void ClassEnergies::draw(Context& context, const lab::TraceView& trace, ImVec2 size) {
    const lab::Snapshot& snapshot = context.snapshot;
    const std::span<const float> energies = trace.class_energy;
    const std::vector<std::string>& names = class_names(snapshot);
    const auto chain = static_cast<std::size_t>(std::max(0, trace.chain));
    const int asked = chain < snapshot.chains.labels.size() ? snapshot.chains.labels[chain] : -1;
    const int lowest = lowest_class(energies);

    const float top = ImGui::GetCursorPosY();
    const float line = ImGui::GetTextLineHeight();
    const float axis = line + 3 * ImGui::GetStyle().ItemSpacing.y;
    const float plot_room = size.y - line - axis;
    const std::vector<int> shown =
        classes_to_show(energies, asked, static_cast<int>(plot_room / (line * 0.95f)));
    std::string meaning = "of the selected chain under each class; low = likely said";
    if (shown.size() < energies.size())
        meaning = "the lowest " + format_count(static_cast<std::int64_t>(shown.size())) + " of " +
                  format_count(static_cast<std::int64_t>(energies.size())) + " classes; low = likely said";
    plot_heading("E(x, y)", meaning, size.x);
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), least_plot_height());

    std::vector<float> values;
    for (const int k : shown)
        if (std::isfinite(energies[static_cast<std::size_t>(k)]))
            values.push_back(energies[static_cast<std::size_t>(k)]);
    if (values.empty()) {
        ImGui::BeginChild("none", {size.x, height});
        empty_state("", "No energy of this chain is finite.");
        ImGui::EndChild();
        return;
    }
    const auto [low, high] = std::ranges::minmax(values);
    const double span = std::max(1e-6, static_cast<double>(high) - low);
    // Energies have no zero of their own: the scale begins a little below the lowest.
    const AxisRange wanted{low - 0.12 * span, high + 0.3 * span};
    const AxisRange limits = range_.update(wanted, ImGui::GetIO().DeltaTime);
    if (!begin_plot("##classes", {size.x, height})) return;
    const auto count = static_cast<int>(shown.size());
    std::vector<double> places;
    std::vector<std::string> words;
    std::vector<const char*> labels;
    for (int i = 0; i < count; ++i) {
        places.push_back(count - 1 - i);
        words.push_back(class_name(names, shown[static_cast<std::size_t>(i)]));
    }
    // A name may take two fifths of the width.
    for (std::string& word : words) {
        while (word.size() > 4 && ImGui::CalcTextSize(word.c_str()).x > size.x * 0.4f)
            word = ellipsize(word, static_cast<int>(word.size() * 4 / 5));
        labels.push_back(word.c_str());
    }
    ImPlot::SetupAxes(nullptr, nullptr, ImPlotAxisFlags_NoHighlight,
                      ImPlotAxisFlags_NoHighlight | ImPlotAxisFlags_NoGridLines |
                          ImPlotAxisFlags_NoTickMarks);
    ImPlot::SetupAxisFormat(ImAxis_X1, tick_number);
    ImPlot::SetupAxisTicks(ImAxis_Y1, places.data(), count, labels.data());
    ImPlot::SetupAxesLimits(limits.low, limits.high, -0.6, count - 0.4, ImPlotCond_Always);
    ImPlot::SetupFinish();
    ImDrawList& list = *ImPlot::GetPlotDrawList();
    const ImVec2 corner = ImPlot::GetPlotPos(), room = ImPlot::GetPlotSize();
    ImPlot::PushPlotClipRect();
    int hovered = -1;
    for (int i = 0; i < count; ++i) {
        const int k = shown[static_cast<std::size_t>(i)];
        const float energy = energies[static_cast<std::size_t>(k)];
        const double place = places[static_cast<std::size_t>(i)];
        const float upper = ImPlot::PlotToPixels(0, place + 0.38).y,
                    lower = ImPlot::PlotToPixels(0, place - 0.38).y;
        const bool finite = std::isfinite(energy);
        const float end =
            finite ? std::max(ImPlot::PlotToPixels(energy, 0).x, corner.x + scaled(2)) : corner.x;
        const ImU32 ink = k == lowest  ? packed(Meaning::good)
                          : k == asked ? packed(Meaning::samples)
                                       : packed(Meaning::muted, 0.6f);
        // A mark on a scale and no bar: its length would say nothing.
        const ImVec2 at{end, (upper + lower) / 2};
        const float radius = std::clamp((lower - upper) / 3, scaled(2.5f), scaled(5));
        list.AddLine({corner.x, at.y}, at, packed(Meaning::muted, 0.35f), scaled(1.5f));
        if (finite) list.AddCircleFilled(at, radius, ink);
        if (k == asked) list.AddCircle(at, radius + scaled(2), packed(Meaning::samples), 0, scaled(2));
        std::string said = finite ? format_number(energy) : "not finite";
        if (k == lowest && k == asked)
            said += "  lowest, asked for";
        else if (k == lowest)
            said += "  lowest";
        else if (k == asked)
            said += "  asked for";
        const auto fits = [&] { return ImGui::CalcTextSize(said.c_str()).x <= room.x - scaled(8); };
        if (!fits() && k == lowest) said = format_number(energy) + "  lowest";
        if (!fits()) said = finite ? format_number(energy) : "\u2013"; // the colours say the rest
        const ImVec2 text = ImGui::CalcTextSize(said.c_str());
        const float middle = (upper + lower - text.y) / 2;
        // Beside the mark; where there is no room, on it at its end.
        const bool beside = end + scaled(12) + text.x <= corner.x + room.x;
        const float left = beside ? end + scaled(12) : corner.x + room.x - text.x - scaled(4);
        if (!beside)
            list.AddRectFilled({left - scaled(3), middle}, {left + text.x + scaled(3), middle + text.y},
                               packed(Meaning::panel, 0.85f), scaled(2));
        list.AddText({left, middle}, packed(k == lowest || k == asked ? Meaning::text : Meaning::muted),
                     said.c_str());
        if (ImPlot::IsPlotHovered() && std::abs(ImPlot::GetPlotMousePos().y - place) < 0.5) hovered = k;
    }
    ImPlot::PopPlotClipRect();
    if (hovered >= 0)
        ImGui::SetTooltip("%s\nE(x, y)  %s\nshare of exp(−E) over all classes  %s",
                          class_name(names, hovered).c_str(),
                          format_number(energies[static_cast<std::size_t>(hovered)], 5).c_str(),
                          format_share(share_of(energies, hovered)).c_str());
    const bool asked_menu = plot_menu_asked();
    end_plot();
    plot_menu(context, asked_menu, [&] {
        PlotLine curve{"E(x, y)", {}, {}, packed(Meaning::samples), Dash::solid};
        for (std::size_t k = 0; k < energies.size(); ++k) {
            curve.x.push_back(static_cast<double>(k));
            curve.y.push_back(energies[k]);
        }
        return PlotContent{"Chain " + std::to_string(trace.chain) + " energies of classes",
                           "class",
                           "E(x, y)",
                           {curve},
                           false};
    });
}

} // namespace ebm::panels
