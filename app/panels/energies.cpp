#include "app/panels/energy_curves.h"
#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/plot_export.h"
#include "app/panels/plotting.h"
#include "app/window/comparison.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <implot.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace ebm::panels {

using namespace window;

namespace {

std::string label_of(const std::string& key) {
    for (const Setting& row : settings_table())
        if (row.key == key) return std::string(row.label);
    return key;
}

/// Whether most of the values lie in the lower half of the axis.
bool mostly_low(const std::vector<float>& values, const AxisRange& limits) {
    const double middle = (limits.low + limits.high) / 2;
    const auto low = std::ranges::count_if(values, [&](float value) { return value < middle; });
    return 2 * low > static_cast<std::ptrdiff_t>(values.size());
}

class EnergiesPanel {
public:
    void draw(Context& context);

private:
    void draw_controls();
    void follow(const lab::RecordLog& log, std::int64_t size);
    void draw_plot(Context& context, Plot& plot, ImVec2 size);
    void draw_quality(Context& context, ImVec2 size);
    void collect(Plot& plot, const lab::RecordLog& log, float width);
    void draw_curves(const Plot& plot, bool second);
    void take_in_second(const Context& context);
    void draw_changes(const lab::Snapshot& snapshot);
    void hover(const Plot& plot, const lab::RecordLog& log);
    void begin_axes(ImVec2 size);
    PlotContent content_of(const Plot& plot, const lab::RecordLog& log) const;

    Learning learning_ = Learning::contrast;
    bool bounded_ = false; ///< what plots_ were made for
    std::vector<Plot> plots_ = make_plots();
    std::vector<Plot> second_ = make_plots(); ///< the same plots, of run B
    const lab::RecordLog* log_b_ = nullptr;   ///< of run B, while it is drawn; null without one
    bool quality_shown_ = true, follow_ = true, change_hovered_ = false, quality_there_ = false;
    int last_ = 0; ///< iterations shown while following; 0 = all
    double begin_ = 0, end_ = 1;
    std::vector<double> xs_, lows_;
    std::vector<float> values_;
};

void EnergiesPanel::draw(Context& context) {
    const lab::Snapshot& snapshot = context.snapshot;
    if (!snapshot.trainable) {
        empty_state(icon::energy, snapshot.state == lab::State::empty
                                      ? "No scene is open. Pick one in the panel at the left."
                                      : "This energy is given by a formula or joined from others: nothing is "
                                        "trained, so there are no "
                                        "batch energies. "
                                        "Open a scene with a model to train.");
        return;
    }
    const auto log = snapshot.records;
    if (!log || log->size() == 0) {
        empty_state(icon::energy,
                    snapshot.iteration >= snapshot.settings.train.iterations
                        ? "This model was trained before it was opened. Raise Iterations to train it on, or "
                          "press I for one iteration."
                        : "No iteration yet. Press Run (Space) to train, or I for one iteration.");
        return;
    }
    if (snapshot.learning() != learning_ || snapshot.bounded() != bounded_) {
        learning_ = snapshot.learning();
        bounded_ = snapshot.bounded();
        plots_ = make_plots(learning_, bounded_);
        second_ = make_plots(learning_, bounded_);
    }
    quality_there_ = snapshot.kind.plane && snapshot.quality && !snapshot.quality->empty();
    draw_controls();

    std::vector<Plot*> shown;
    std::int64_t size = log->size();
    for (Plot& plot : plots_) {
        if (!plot.shown) continue;
        shown.push_back(&plot);
        for (Curve& curve : plot.curves) {
            curve.middle.extend(log);
            if (curve.banded) {
                curve.low.extend(log);
                curve.high.extend(log);
            }
            size = std::min(size, curve.middle.size());
        }
    }
    if (size == 0) return;
    take_in_second(context);
    if (follow_) follow(*log, size);
    const double begin = begin_, end = end_;
    const bool quality = quality_there_ && quality_shown_;
    const int count = static_cast<int>(shown.size()) + (quality ? 1 : 0);
    if (count == 0) {
        empty_state(icon::energy, "Choose what to plot in “Plots”.");
        return;
    }
    const float least = least_plot_height() + 3 * ImGui::GetTextLineHeightWithSpacing();
    ImGui::BeginChild("plots", {0, 0}, 0, ImGuiWindowFlags_NoScrollWithMouse);
    const Tiling tiling = tile_in_sight(count, ImGui::GetContentRegionAvail(), least);
    change_hovered_ = false;
    for (int i = 0; i < count; ++i) {
        if (i % tiling.columns != 0) ImGui::SameLine();
        ImGui::BeginGroup();
        if (i < static_cast<int>(shown.size()))
            draw_plot(context, *shown[static_cast<std::size_t>(i)], tiling.size);
        else
            draw_quality(context, tiling.size);
        ImGui::EndGroup();
    }
    ImGui::EndChild();
    if (begin != begin_ || end != end_) follow_ = false;
}

/// The curves of run B follow the switches of those of run A.
void EnergiesPanel::take_in_second(const Context& context) {
    log_b_ = nullptr;
    if (!context.comparison) return;
    const lab::Snapshot& b = context.comparison->b();
    if (!b.records || b.records->size() == 0 || b.learning() != learning_) return;
    for (std::size_t i = 0; i < plots_.size(); ++i) {
        if (!plots_[i].shown) continue;
        for (std::size_t k = 0; k < plots_[i].curves.size(); ++k) {
            Curve& curve = second_[i].curves[k];
            curve.shown = plots_[i].curves[k].shown;
            curve.middle.extend(b.records);
            if (curve.middle.size() == 0) return;
        }
    }
    log_b_ = b.records.get();
}

void EnergiesPanel::draw_controls() {
    window::checkbox("Follow", &follow_);
    ImGui::SetItemTooltip("The plots move with the training. Panning or zooming switches this off.");
    static constexpr std::array lengths = {0, 200, 1000, 5000, 20'000, 100'000};
    static constexpr std::array<const char*, 6> names = {"all",        "last 200",    "last 1 000",
                                                         "last 5 000", "last 20 000", "last 100 000"};
    const float width = ImGui::GetFontSize() * 8.5f;
    flow(width);
    ImGui::SetNextItemWidth(width);
    const auto at = std::find(lengths.begin(), lengths.end(), last_) - lengths.begin();
    if (ImGui::BeginCombo("##window", names[static_cast<std::size_t>(at)])) {
        for (std::size_t i = 0; i < lengths.size(); ++i)
            if (ImGui::Selectable(names[i], lengths[i] == last_)) {
                last_ = lengths[i];
                follow_ = true;
            }
        ImGui::EndCombo();
    }
    ImGui::SetItemTooltip("How many iterations are shown while following.");
    if (log_b_) {
        flow(ImGui::CalcTextSize("long dashes: run B").x);
        ImGui::TextDisabled("long dashes: run B");
    }
    flow(button_width("Plots"));
    if (ImGui::Button("Plots")) ImGui::OpenPopup("plots");
    ImGui::SetItemTooltip("Choose which series are plotted.");
    if (ImGui::BeginPopup("plots")) {
        for (Plot& plot : plots_) {
            window::checkbox(plot.name.c_str(), &plot.shown);
            ImGui::SetItemTooltip("%s", plot.meaning.c_str());
        }
        ImGui::BeginDisabled(!quality_there_);
        window::checkbox("KL(data ‖ model)", &quality_shown_);
        ImGui::EndDisabled();
        ImGui::EndPopup();
    }
}

void EnergiesPanel::follow(const lab::RecordLog& log, std::int64_t size) {
    end_ = static_cast<double>(log[size - 1].iteration);
    const auto first = static_cast<double>(log[0].iteration);
    begin_ = last_ == 0 ? std::min(first, end_ - 1) : std::max(end_ - last_, std::min(first, end_ - 10));
    if (begin_ >= end_) begin_ = end_ - 1;
}

void EnergiesPanel::collect(Plot& plot, const lab::RecordLog& log, float width) {
    for (Curve& curve : plot.curves) {
        if (!curve.shown) continue;
        const std::int64_t size = curve.middle.size();
        const std::int64_t from = first_at(log, size, begin_) - 1, to = first_at(log, size, end_) + 2;
        const auto columns = static_cast<std::int64_t>(std::max(width, 32.f));
        curve.middle.buckets(from, to, columns, curve.line);
        for (const Bucket& bucket : curve.line) {
            values_.push_back(bucket.low);
            values_.push_back(bucket.high);
        }
        if (!curve.banded || &log == log_b_) continue;
        curve.low.buckets(from, to, columns, curve.lower);
        curve.high.buckets(from, to, columns, curve.upper);
        for (const Bucket& bucket : curve.lower)
            values_.push_back(bucket.mean);
        for (const Bucket& bucket : curve.upper)
            values_.push_back(bucket.mean);
    }
}

void EnergiesPanel::begin_axes(ImVec2 size) {
    ImPlot::SetupAxis(ImAxis_X1, axis_name("iteration", size), ImPlotAxisFlags_NoHighlight);
    setup_count_ticks(ImAxis_X1, begin_, end_, size.x);
    ImPlot::SetupAxis(ImAxis_Y1, nullptr, ImPlotAxisFlags_NoHighlight);
    ImPlot::SetupAxisFormat(ImAxis_Y1, tick_number);
    ImPlot::SetupAxisLinks(ImAxis_X1, &begin_, &end_);
}

void EnergiesPanel::draw_plot(Context& context, Plot& plot, ImVec2 size) {
    const lab::RecordLog& log = *context.snapshot.records;
    ImGui::PushID(plot.id.c_str());
    const float top = ImGui::GetCursorPosY();
    // Low tiles have one line above the plot; what the axis means then stands inside.
    const bool low = is_low_plot(size), several = plot.curves.size() > 1;
    if (!low || !several) plot_heading(plot.name, plot.meaning, size.x);
    if (several) {
        begin_legend();
        for (Curve& curve : plot.curves)
            legend_switch(curve.name.c_str(), curve.name, packed(curve.meaning), curve.dash, curve.shown,
                          nullptr);
    }
    values_.clear();
    collect(plot, log, size.x);
    Plot& second = second_[static_cast<std::size_t>(&plot - plots_.data())];
    if (log_b_) collect(second, *log_b_, size.x);
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), least_plot_height());
    if (values_.empty()) {
        const bool hidden =
            std::none_of(plot.curves.begin(), plot.curves.end(), [](auto& c) { return c.shown; });
        ImGui::BeginChild("empty", {size.x, height});
        empty_state("", hidden ? "All curves are hidden: click a name above."
                               : "No values: this sampler does not report it.");
        ImGui::EndChild();
        ImGui::PopID();
        return;
    }
    AxisRange wanted = robust_range(values_);
    if (plot.zero_line) wanted = {std::min(wanted.low, -0.02), std::max(wanted.high, 0.02)};
    const AxisRange limits = plot.limits.update(wanted, ImGui::GetIO().DeltaTime);
    if (begin_plot("##plot", {size.x, height})) {
        begin_axes(size);
        ImPlot::SetupAxisLimits(ImAxis_Y1, limits.low, limits.high,
                                follow_ ? ImPlotCond_Always : ImPlotCond_Once);
        ImPlot::SetupFinish();
        if (plot.zero_line) {
            const double zero = 0;
            ImPlotSpec spec;
            spec.LineColor = with_alpha(color(Meaning::muted), 0.7f);
            spec.Flags = ImPlotInfLinesFlags_Horizontal;
            ImPlot::PlotInfLines("##zero", &zero, 1, spec);
        }
        draw_curves(plot, false);
        if (log_b_) draw_curves(second, true);
        if (low && several) plot_note(plot.meaning, mostly_low(values_, limits));
        draw_changes(context.snapshot);
        hover(plot, log);
        const bool asked = plot_menu_asked();
        end_plot();
        plot_menu(context, asked, [&] { return content_of(plot, log); });
    }
    ImGui::PopID();
}

/// Every record, not only those in view.
PlotContent EnergiesPanel::content_of(const Plot& plot, const lab::RecordLog& log) const {
    PlotContent content{plot.name, "iteration", plot.meaning, {}, false};
    const auto add = [&](const Curve& curve, const lab::RecordLog& records, const char* run, Dash dash) {
        if (!curve.shown) return;
        PlotLine line{curve.name + run, {}, {}, packed(curve.meaning), dash};
        for (std::int64_t i = 0; i < records.size(); ++i) {
            line.x.push_back(static_cast<double>(records[i].iteration));
            line.y.push_back(curve.read_value(records[i]));
        }
        content.lines.push_back(std::move(line));
    };
    for (const Curve& curve : plot.curves)
        add(curve, log, log_b_ ? ", run A" : "", curve.dash);
    if (log_b_)
        for (const Curve& curve : plot.curves)
            add(curve, *log_b_, ", run B", Dash::long_dash);
    return content;
}

void EnergiesPanel::draw_curves(const Plot& plot, bool second) {
    std::vector<ImVec2> points, below;
    ImDrawList& list = *ImPlot::GetPlotDrawList();
    ImPlot::PushPlotClipRect();
    for (const Curve& curve : plot.curves) {
        if (!curve.shown || !curve.banded || second) continue;
        points.clear();
        below.clear();
        for (const Bucket& bucket : curve.lower)
            below.push_back(ImPlot::PlotToPixels(bucket.iteration, bucket.mean));
        for (const Bucket& bucket : curve.upper)
            points.push_back(ImPlot::PlotToPixels(bucket.iteration, bucket.mean));
        band(list, below, points, packed(curve.meaning, 0.18f));
    }
    for (const Curve& curve : plot.curves) {
        if (!curve.shown) continue;
        points.clear();
        for (const Bucket& bucket : curve.line) {
            // From the nearer end of the last column, so that the line does not cross it twice.
            const ImVec2 low = ImPlot::PlotToPixels(bucket.iteration, bucket.low);
            const ImVec2 high = ImPlot::PlotToPixels(bucket.iteration, bucket.high);
            const bool rising = !points.empty() && points.back().y > (low.y + high.y) / 2;
            points.push_back(rising ? low : high);
            if (bucket.low != bucket.high) points.push_back(rising ? high : low);
        }
        dashed_line(list, points, packed(curve.meaning), scaled(1.75f),
                    second ? Dash::long_dash : curve.dash);
    }
    ImPlot::PopPlotClipRect();
}

void EnergiesPanel::draw_changes(const lab::Snapshot& snapshot) {
    if (!snapshot.changes) return;
    ImDrawList& list = *ImPlot::GetPlotDrawList();
    const ImVec2 corner = ImPlot::GetPlotPos(), size = ImPlot::GetPlotSize();
    const float mouse = ImGui::GetMousePos().x, reach = scaled(4);
    std::string text;
    ImPlot::PushPlotClipRect();
    for (const lab::SettingChange& change : *snapshot.changes) {
        const auto at = static_cast<double>(change.iteration);
        if (at < begin_ || at > end_) continue;
        const float x = std::floor(ImPlot::PlotToPixels(at, 0).x) + 0.5f;
        const bool near = ImPlot::IsPlotHovered() && std::abs(mouse - x) <= reach;
        const ImU32 colour = near ? packed(Meaning::accent) : packed(Meaning::accent, 0.6f);
        list.AddLine({x, corner.y}, {x, corner.y + size.y}, faded(colour, 0.6f), near ? 2.f : 1.f);
        list.AddTriangleFilled({x - reach, corner.y}, {x + reach, corner.y}, {x, corner.y + 1.6f * reach},
                               colour);
        if (!near) continue;
        if (!text.empty()) text += "\n";
        text += label_of(change.key) + ": " + change.before + " → " + change.after + "  (iteration " +
                format_count(change.iteration) + ")";
    }
    ImPlot::PopPlotClipRect();
    change_hovered_ = !text.empty();
    if (change_hovered_) ImGui::SetTooltip("%s", text.c_str());
}

void EnergiesPanel::hover(const Plot& plot, const lab::RecordLog& log) {
    if (change_hovered_ || !ImPlot::IsPlotHovered() || ImGui::IsMouseDown(0)) return;
    const std::int64_t size = plot.curves.front().middle.size();
    const std::int64_t index =
        std::min(first_at(log, size, std::round(ImPlot::GetPlotMousePos().x)), size - 1);
    const Record& record = log[index];
    const ImVec2 corner = ImPlot::GetPlotPos(), plot_size = ImPlot::GetPlotSize();
    const float x = ImPlot::PlotToPixels(static_cast<double>(record.iteration), 0).x;
    ImPlot::GetPlotDrawList()->AddLine({x, corner.y}, {x, corner.y + plot_size.y},
                                       packed(Meaning::text, 0.35f));
    if (!ImGui::BeginTooltip()) return;
    ImGui::Text("iteration %s · %s s", format_count(record.iteration).c_str(),
                format_number(record.seconds).c_str());
    for (const Curve& curve : plot.curves) {
        if (!curve.shown) continue;
        const float value = curve.read_value(record);
        ImGui::PushStyleColor(ImGuiCol_Text, packed(curve.meaning));
        ImGui::Text("%s  %s", curve.name.c_str(), format_number(value).c_str());
        ImGui::PopStyleColor();
        if (!curve.banded) continue;
        const bool data = curve.meaning == Meaning::data;
        ImGui::SameLine(0, 0);
        ImGui::Text(" ± %s",
                    format_number(data ? record.positive_energy_sd : record.negative_energy_sd).c_str());
    }
    ImGui::EndTooltip();
}

void EnergiesPanel::draw_quality(Context& context, ImVec2 size) {
    const auto& quality = *context.snapshot.quality;
    ImGui::PushID("quality");
    const float top = ImGui::GetCursorPosY();
    const bool bounded = context.snapshot.bounded() && quality.back().temperature == 1;
    plot_heading("KL(data ‖ model)",
                 (bounded ? "at most " : "") + format_number(quality.back().kl) +
                     (quality.back().error > 0 ? " \u00b1 " + format_number(quality.back().error, 1) : "") +
                     " nats; 0 = perfect, logarithmic axis" +
                     (bounded ? "; a bound, as E bounds \u2212log p from above" : ""),
                 size.x);
    if (!quality.back().note.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::attention));
        ImGui::TextWrapped("%s", quality.back().note.c_str());
        ImGui::PopStyleColor();
    }
    xs_.clear();
    lows_.clear();
    double low = INFINITY, high = 0;
    for (const lab::QualityPoint& point : quality) {
        if (!std::isfinite(point.kl)) continue;
        xs_.push_back(static_cast<double>(point.iteration));
        lows_.push_back(std::max(point.kl, 1e-4));
        low = std::min(low, lows_.back());
        high = std::max(high, lows_.back());
    }
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), least_plot_height());
    if (begin_plot("##plot", {size.x, height})) {
        begin_axes(size);
        ImPlot::SetupAxisScale(ImAxis_Y1, ImPlotScale_Log10);
        ImPlot::SetupAxisLimits(ImAxis_Y1, std::min(low, 0.01) * 0.8, std::max(high, 0.1) * 1.25,
                                follow_ ? ImPlotCond_Always : ImPlotCond_Once);
        ImPlotSpec spec;
        spec.LineColor = color(Meaning::text);
        spec.LineWeight = scaled(1.75f);
        // Few points are shown as such: a single one would make no line.
        if (xs_.size() <= 30) spec.Marker = ImPlotMarker_Circle;
        spec.MarkerSize = scaled(3);
        spec.MarkerFillColor = spec.MarkerLineColor = spec.LineColor;
        ImPlot::PlotLine("##line", xs_.data(), lows_.data(), static_cast<int>(xs_.size()), spec);
        if (log_b_ && context.comparison->b().quality) {
            std::vector<ImVec2> line;
            for (const lab::QualityPoint& point : *context.comparison->b().quality)
                if (std::isfinite(point.kl))
                    line.push_back(
                        ImPlot::PlotToPixels(static_cast<double>(point.iteration), std::max(point.kl, 1e-4)));
            ImPlot::PushPlotClipRect();
            dashed_line(*ImPlot::GetPlotDrawList(), line, packed(Meaning::text), scaled(1.75f),
                        Dash::long_dash);
            ImPlot::PopPlotClipRect();
        }
        draw_changes(context.snapshot);
        if (ImPlot::IsPlotHovered() && !change_hovered_ && !xs_.empty()) {
            const double at = ImPlot::GetPlotMousePos().x;
            const auto nearest =
                std::min_element(quality.begin(), quality.end(), [&](const auto& left, const auto& right) {
                    return std::abs(static_cast<double>(left.iteration) - at) <
                           std::abs(static_cast<double>(right.iteration) - at);
                });
            ImGui::SetTooltip(
                "iteration %s · %s s\nKL  %s nats%s", format_count(nearest->iteration).c_str(),
                format_number(nearest->seconds).c_str(), format_number(nearest->kl).c_str(),
                nearest->temperature == 1 ? "" : (" at T = " + format_number(nearest->temperature)).c_str());
        }
        const bool asked = plot_menu_asked();
        end_plot();
        plot_menu(context, asked, [&] {
            PlotLine line{"KL(data ‖ model)", {}, {}, packed(Meaning::text), Dash::solid};
            for (const lab::QualityPoint& point : quality) {
                line.x.push_back(static_cast<double>(point.iteration));
                line.y.push_back(point.kl);
            }
            return PlotContent{"KL(data ‖ model)", "iteration", "nats", {line}, true};
        });
    }
    ImGui::PopID();
}

} // namespace

} // namespace ebm::panels

namespace ebm::window {

Panel energies_panel() {
    return {.id = "energies",
            .title = "Energies",
            .icon = icon::energy,
            .place = Place::bottom,
            .help = panels::help_text("energies"),
            .draw = [panel = std::make_shared<panels::EnergiesPanel>()](
                        Context& context) { panel->draw(context); },
            .actions = {},
            .views = {lab::View::quality},
            .both_runs = true};
}

} // namespace ebm::window
