#include "app/panels/class_energies.h"
#include "app/panels/file_units.h"
#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/plot_export.h"
#include "app/panels/plotting.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <implot.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>

namespace ebm::panels {

using namespace window;

namespace {

class ChainPanel {
public:
    void draw(Context& context);

private:
    void draw_header(Context& context, const lab::TraceView& trace);
    void draw_steps(Context& context, const char* id, const char* name, const char* meaning,
                    const std::vector<float>& values, Meaning ink, EasedRange& range, ImVec2 size);
    void draw_autocorrelation(Context& context, const lab::TraceView& trace, ImVec2 size);
    void draw_path(Context& context, const lab::TraceView& trace, ImVec2 size);

    std::vector<float> scratch_;
    EasedRange energies_, gradients_;
    ClassEnergies classes_;
    int chain_ = -1;
    std::int64_t first_step_ = 0;
    std::int64_t hovered_ = -1, hovered_before_ = -1; ///< index into the trace, under the mouse in any plot
};

void ChainPanel::draw(Context& context) {
    const lab::Snapshot& snapshot = context.snapshot;
    const auto trace = snapshot.trace;
    if (trace && trace->energy.empty() && !trace->class_energy.empty()) {
        // The energies of the classes are known before the first step.
        draw_header(context, *trace);
        classes_.draw(context, *trace, ImGui::GetContentRegionAvail());
        return;
    }
    if (trace && trace->energy.empty()) {
        const std::string chain = "Chain " + format_count(trace->chain) + " is selected. ";
        const bool running = snapshot.state == lab::State::running;
        empty_state(icon::trace, chain + (running ? "Its next step is the first to be recorded."
                                                  : "Press Run, or S for one step, to record it."));
        return;
    }
    if (!trace) {
        const char* text = snapshot.kind.plane
                               ? "No chain is selected. Click one in Landscape or Samples: its energy, "
                                 "gradient and path are recorded from then on."
                               : "No chain is selected. Click a picture in Samples: its energy and gradient "
                                 "are recorded from then on.";
        if (empty_state(icon::trace, text, snapshot.chains.count > 0 ? "Select chain 0" : ""))
            context.send(lab::SelectChain{0});
        return;
    }
    if (trace->chain != chain_) {
        chain_ = trace->chain;
        energies_.forget();
        gradients_.forget();
        classes_.forget();
    }
    first_step_ = trace->first_step;
    hovered_before_ = hovered_ < static_cast<std::int64_t>(trace->energy.size()) ? hovered_ : -1;
    hovered_ = -1;
    draw_header(context, *trace);
    const bool path = snapshot.kind.plane && trace->positions.size() >= 4;
    const int first = trace->class_energy.empty() ? 0 : 1;
    const int count = first + (path ? 4 : 3);
    if (!ImGui::BeginChild("plots")) {
        ImGui::EndChild();
        return;
    }
    const Tiling tiling = tile(count, ImGui::GetContentRegionAvail(),
                               least_plot_height() + ImGui::GetTextLineHeightWithSpacing());
    for (int tile = 0; tile < count; ++tile) {
        if (tile % tiling.columns != 0) ImGui::SameLine();
        ImGui::BeginGroup();
        const int i = tile - first;
        if (i < 0)
            classes_.draw(context, *trace, tiling.size);
        else if (i == 0)
            draw_steps(context, "energy", "E(x)", "(low = likely) against step", trace->energy,
                       Meaning::samples, energies_, tiling.size);
        else if (i == 1)
            draw_steps(context, "gradient", "|∇E|", "length of the gradient against step",
                       trace->gradient_norm, Meaning::text, gradients_, tiling.size);
        else if (i == 2)
            draw_autocorrelation(context, *trace, tiling.size);
        else
            draw_path(context, *trace, tiling.size);
        ImGui::EndGroup();
    }
    ImGui::EndChild();
}

void ChainPanel::draw_header(Context& context, const lab::TraceView& trace) {
    const auto steps = static_cast<std::int64_t>(trace.energy.size());
    status_dot(Meaning::samples);
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    ImGui::Text("Chain %d", trace.chain);
    ImGui::SameLine();
    if (icon_button("deselect", icon::close, "Stop recording this chain")) context.send(lab::SelectChain{-1});
    const std::string range = steps == 0 ? "no step recorded yet"
                                         : "steps " + format_count(trace.first_step) + " – " +
                                               format_count(trace.first_step + steps - 1);
    flow(ImGui::CalcTextSize(range.c_str()).x);
    ImGui::AlignTextToFramePadding();
    ImGui::TextColored(color(Meaning::muted), "%s", range.c_str());
    const std::string ess = "ESS " + format_number(trace.effective_samples) + " of " + format_count(steps);
    flow(ImGui::CalcTextSize(ess.c_str()).x);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(ess.c_str());
    help_tooltip("Effective sample size: how many independent samples the energy trace is worth. “–”: too "
                 "short to tell.");
}

void ChainPanel::draw_steps(Context& context, const char* id, const char* name, const char* meaning,
                            const std::vector<float>& values, Meaning hue, EasedRange& range, ImVec2 size) {
    const float top = ImGui::GetCursorPosY();
    plot_heading(name, meaning, size.x);
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), least_plot_height());
    scratch_ = values;
    const AxisRange limits = range.update(robust_range(scratch_, 0), ImGui::GetIO().DeltaTime);
    ImGui::PushID(id);
    if (begin_plot("##plot", {size.x, height})) {
        const auto first = static_cast<double>(first_step_),
                   last = first + static_cast<double>(values.size()) - 1;
        ImPlot::SetupAxes(nullptr, nullptr, ImPlotAxisFlags_NoHighlight, ImPlotAxisFlags_NoHighlight);
        setup_count_ticks(ImAxis_X1, first, std::max(last, first + 1), size.x);
        ImPlot::SetupAxisFormat(ImAxis_Y1, tick_number);
        ImPlot::SetupAxesLimits(first, std::max(last, first + 1), limits.low, limits.high, ImPlotCond_Always);
        ImPlot::SetupFinish();
        std::vector<ImVec2> points;
        for (std::size_t i = 0; i < values.size(); ++i)
            if (std::isfinite(values[i]))
                points.push_back(ImPlot::PlotToPixels(first + static_cast<double>(i), values[i]));
        ImPlot::PushPlotClipRect();
        ImDrawList& list = *ImPlot::GetPlotDrawList();
        dashed_line(list, points, packed(hue), scaled(1.75f), Dash::solid);
        if (ImPlot::IsPlotHovered()) {
            const auto at = static_cast<std::int64_t>(std::llround(ImPlot::GetPlotMousePos().x - first));
            hovered_ = std::clamp<std::int64_t>(at, 0, static_cast<std::int64_t>(values.size()) - 1);
            ImGui::SetTooltip("step %s\n%s  %s", format_count(first_step_ + hovered_).c_str(), name,
                              format_number(values[static_cast<std::size_t>(hovered_)], 5).c_str());
        }
        if (const std::int64_t shown = std::max(hovered_, hovered_before_);
            shown >= 0 && shown < static_cast<std::int64_t>(values.size())) {
            const ImVec2 at = ImPlot::PlotToPixels(first + static_cast<double>(shown),
                                                   values[static_cast<std::size_t>(shown)]);
            list.AddLine({at.x, ImPlot::GetPlotPos().y},
                         {at.x, ImPlot::GetPlotPos().y + ImPlot::GetPlotSize().y},
                         packed(Meaning::text, 0.35f));
            list.AddCircleFilled(at, scaled(4), packed(Meaning::text));
        }
        ImPlot::PopPlotClipRect();
        const bool asked = plot_menu_asked();
        end_plot();
        plot_menu(context, asked, [&] {
            PlotLine line{name, {}, {values.begin(), values.end()}, packed(hue), Dash::solid};
            for (std::size_t i = 0; i < values.size(); ++i)
                line.x.push_back(first + static_cast<double>(i));
            return PlotContent{"Chain " + std::to_string(chain_) + " " + id, "step", name, {line}, false};
        });
    }
    ImGui::PopID();
}

void ChainPanel::draw_autocorrelation(Context& context, const lab::TraceView& trace, ImVec2 size) {
    const float top = ImGui::GetCursorPosY();
    plot_heading("Autocorrelation", "of the energy against lag in steps; shaded: noise of a trace this long",
                 size.x);
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), least_plot_height());
    const auto lags = static_cast<int>(trace.autocorrelation.size());
    if (lags < 2) {
        ImGui::BeginChild("short", {size.x, height});
        empty_state("", "The trace is still too short.");
        ImGui::EndChild();
        return;
    }
    if (!begin_plot("##autocorrelation", {size.x, height})) return;
    const float lowest = *std::min_element(trace.autocorrelation.begin(), trace.autocorrelation.end());
    ImPlot::SetupAxes(nullptr, nullptr, ImPlotAxisFlags_NoHighlight, ImPlotAxisFlags_NoHighlight);
    setup_count_ticks(ImAxis_X1, 0, lags - 1, size.x);
    ImPlot::SetupAxisFormat(ImAxis_Y1, tick_number);
    ImPlot::SetupAxesLimits(-0.5, lags - 0.5, std::min(-0.25, lowest * 1.1), 1.05, ImPlotCond_Always);
    ImPlot::SetupFinish();
    ImDrawList& list = *ImPlot::GetPlotDrawList();
    ImPlot::PushPlotClipRect();
    const double noise = 1.96 / std::sqrt(static_cast<double>(trace.energy.size()));
    list.AddRectFilled(ImPlot::PlotToPixels(-0.5, noise), ImPlot::PlotToPixels(lags - 0.5, -noise),
                       packed(Meaning::noise, 0.18f));
    list.AddLine(ImPlot::PlotToPixels(-0.5, 0), ImPlot::PlotToPixels(lags - 0.5, 0),
                 packed(Meaning::muted, 0.7f));
    const float wide = std::max(1.f, std::floor(ImPlot::GetPlotSize().x / static_cast<float>(lags) * 0.6f));
    for (int lag = 0; lag < lags; ++lag) {
        const float value = trace.autocorrelation[static_cast<std::size_t>(lag)];
        if (std::isfinite(value))
            list.AddLine(ImPlot::PlotToPixels(lag, 0), ImPlot::PlotToPixels(lag, value),
                         packed(Meaning::samples, 0.85f), wide);
    }
    if (ImPlot::IsPlotHovered()) {
        const auto lag =
            static_cast<int>(std::clamp(std::llround(ImPlot::GetPlotMousePos().x), 0ll, lags - 1ll));
        ImGui::SetTooltip("lag %d steps\nρ  %s", lag,
                          format_number(trace.autocorrelation[static_cast<std::size_t>(lag)]).c_str());
    }
    ImPlot::PopPlotClipRect();
    const bool asked = plot_menu_asked();
    end_plot();
    plot_menu(context, asked, [&] {
        PlotLine line{"autocorrelation", {}, {}, packed(Meaning::samples), Dash::solid};
        for (int lag = 0; lag < lags; ++lag) {
            line.x.push_back(lag);
            line.y.push_back(trace.autocorrelation[static_cast<std::size_t>(lag)]);
        }
        return PlotContent{
            "Chain " + std::to_string(chain_) + " autocorrelation", "lag in steps", "ρ", {line}, false};
    });
}

void ChainPanel::draw_path(Context& context, const lab::TraceView& trace, ImVec2 size) {
    const lab::Snapshot& snapshot = context.snapshot;
    const float top = ImGui::GetCursorPosY();
    plot_heading("Path", "on the plane; pale = long ago", size.x);
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), least_plot_height());
    if (!begin_plot("##path", {size.x, height}, ImPlotFlags_Equal)) return;
    ImPlot::SetupAxes(nullptr, nullptr, ImPlotAxisFlags_NoHighlight, ImPlotAxisFlags_NoHighlight);
    data::Coding axes = axes_of(snapshot);
    ImPlot::SetupAxisFormat(ImAxis_X1, tick_in_file, &axes.columns[0]);
    ImPlot::SetupAxisFormat(ImAxis_Y1, tick_in_file, &axes.columns[1]);
    const auto field = snapshot.field;
    const double low_x = field ? field->low_x : -4, high_x = field ? field->high_x : 4;
    const double low_y = field ? field->low_y : -4, high_y = field ? field->high_y : 4;
    ImPlot::SetupAxesLimits(low_x, high_x, low_y, high_y, ImPlotCond_Once);
    ImPlot::SetupFinish();
    ImDrawList& list = *ImPlot::GetPlotDrawList();
    ImPlot::PushPlotClipRect();
    if (snapshot.data) {
        const std::span<const float> points(snapshot.data->points);
        small_points(list, points.first(std::min<std::size_t>(points.size(), 4000)), scaled(0.8f),
                     packed(Meaning::data, 0.35f));
    }
    const std::size_t steps = trace.positions.size() / 2;
    for (std::size_t i = 1; i < steps; ++i) {
        const float age = static_cast<float>(steps - i) / static_cast<float>(steps);
        list.AddLine(ImPlot::PlotToPixels(trace.positions[2 * i - 2], trace.positions[2 * i - 1]),
                     ImPlot::PlotToPixels(trace.positions[2 * i], trace.positions[2 * i + 1]),
                     packed(Meaning::samples, 1 - 0.85f * age), scaled(1.25f));
    }
    const auto shown = std::max(hovered_, hovered_before_);
    const std::size_t at = shown >= 0 ? std::min(static_cast<std::size_t>(shown), steps - 1) : steps - 1;
    const ImVec2 disc = ImPlot::PlotToPixels(trace.positions[2 * at], trace.positions[2 * at + 1]);
    list.AddCircleFilled(disc, scaled(5), packed(Meaning::samples));
    list.AddCircle(disc, scaled(6.5f), packed(Meaning::text), 0, scaled(2));
    ImPlot::PopPlotClipRect();
    const bool asked = plot_menu_asked();
    end_plot();
    plot_menu(context, asked, [&] {
        PlotLine across{axes.columns[0].name, {}, {}, packed(Meaning::samples), Dash::solid},
            upward{axes.columns[1].name, {}, {}, packed(Meaning::buffer), Dash::dashed};
        for (std::size_t i = 0; i < steps; ++i) {
            for (PlotLine* line : {&across, &upward})
                line->x.push_back(static_cast<double>(first_step_) + static_cast<double>(i));
            across.y.push_back(axes.to_file(0, trace.positions[2 * i]));
            upward.y.push_back(axes.to_file(1, trace.positions[2 * i + 1]));
        }
        return PlotContent{"Chain " + std::to_string(chain_) + " path",
                           "step",
                           across.name + ", " + upward.name,
                           {across, upward},
                           false};
    });
}

} // namespace

} // namespace ebm::panels

namespace ebm::window {

Panel chain_panel() {
    return {
        .id = "chain",
        .title = "Chain",
        .icon = icon::trace,
        .place = Place::bottom,
        .help = panels::help_text("chain"),
        .draw = [panel = std::make_shared<panels::ChainPanel>()](Context& context) { panel->draw(context); },
        .actions = {},
        .views = {lab::View::trace, lab::View::field}};
}

} // namespace ebm::window
