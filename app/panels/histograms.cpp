#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/plot_export.h"
#include "app/panels/plotting.h"
#include "app/panels/sample_files.h"
#include "app/panels/score_choice.h"
#include "app/panels/score_table.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"
#include "core/measure/scores.h"

#include <fmt/format.h>
#include <implot.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>

namespace ebm::panels {

using namespace window;

namespace {

class HistogramsPanel {
public:
    void draw(Context& context);

private:
    void draw_header(Context& context, const lab::ScoresView& scores, bool beside);
    void draw_classes(Context& context, const lab::ScoresView& scores);
    void draw_legend(const lab::ScoresView& scores, bool only_ood);
    void draw_histogram(Context& context, const lab::ScoresView& scores, ImVec2 size);
    void fill(const lab::ScoresView& scores, std::size_t index);
    void outline(const lab::ScoresView& scores, std::size_t index);
    void draw_rug(const std::vector<float>& values);
    void hover(const lab::ScoresView& scores);
    void draw_roc(Context& context, const lab::ScoresView& scores, ImVec2 size);
    bool& shown(const lab::ScoreSet& set);

    enum View { histogram, roc, table };
    int view_ = histogram;
    std::string when_; ///< the iteration of the scores, if there was no room for it above
    std::map<std::string, bool> shown_;
    EasedRange range_, heights_;
    bool zoomed_ = false; ///< by hand; a double click fits again
    double low_ = 0, high_ = 1;
};

bool& HistogramsPanel::shown(const lab::ScoreSet& set) {
    return shown_.try_emplace(set.name, true).first->second;
}

void HistogramsPanel::draw(Context& context) {
    const lab::Snapshot& snapshot = context.snapshot;
    const auto scores = snapshot.scores;
    const bool refused = scores && !scores->problem.empty();
    if (!refused && (!scores || scores->sets.empty() || scores->edges.size() < 2)) {
        empty_state(icon::histogram, snapshot.state == lab::State::empty
                                         ? "No scene is open. Pick one in the panel at the left."
                                     : snapshot.data
                                         ? "Energies are being computed: they appear within seconds of Run."
                                         : "This scene has no data to compare energies with.");
        return;
    }
    const float table_width = ImGui::GetFontSize() * 26, gap = ImGui::GetStyle().ItemSpacing.x * 2;
    const bool beside = ImGui::GetContentRegionAvail().x > table_width * 2.1f;
    if (beside && view_ == table) view_ = histogram;
    draw_header(context, *scores, beside);
    score_choice(context, *scores);
    if (refused) {
        empty_state(icon::histogram, scores->problem);
        return;
    }
    if (scores->classes > 0) draw_classes(context, *scores);
    const float left = beside ? ImGui::GetContentRegionAvail().x - table_width - gap : 0;
    if (ImGui::BeginChild("view", {left, 0})) {
        // Where both have no room the plot comes first: the legend says what the table beside it says too.
        const float rows = 4 * ImGui::GetTextLineHeightWithSpacing();
        const bool low = ImGui::GetContentRegionAvail().y < least_plot_height() + rows;
        if (view_ != table && !low) draw_legend(*scores, view_ == roc);
        const ImVec2 room = ImGui::GetContentRegionAvail();
        if (view_ == histogram)
            draw_histogram(context, *scores, room);
        else if (view_ == roc)
            draw_roc(context, *scores, room);
        else
            score_table(context, *scores, room);
        if (view_ != table && low) draw_legend(*scores, view_ == roc);
    }
    ImGui::EndChild();
    if (!beside) return;
    ImGui::SameLine(0, gap);
    if (ImGui::BeginChild("table")) score_table(context, *scores, ImGui::GetContentRegionAvail());
    ImGui::EndChild();
}

void HistogramsPanel::draw_header(Context& context, const lab::ScoresView& scores, bool beside) {
    static constexpr std::array names = {"Histogram", "ROC", "Table"};
    const float em = ImGui::GetFontSize();
    ImGui::SetNextItemWidth(std::min(beside ? em * 10 : em * 14, ImGui::GetContentRegionAvail().x));
    segmented("view", view_, std::span<const char* const>(names).first(beside ? 2 : 3));
    const std::string label = std::string(icon::plus) + " OOD set…###add_ood";
    flow(button_width(label.c_str()));
    if (ImGui::Button(label.c_str()))
        context.shell.dialogs().open_file("Add an OOD set", sample_filters(),
                                          [send = context.send](const std::string& path) {
                                              const std::filesystem::path file(path);
                                              send(lab::AddOodSet{file.stem().string(), path});
                                          });
    help_tooltip("Adds an out-of-distribution set: energies of your own samples, which the model has never "
                 "seen, beside "
                 "those of the data. .idx, .idx.gz, .npy, .csv or .png of the shape of this scene.");
    const std::int64_t behind = context.snapshot.iteration - scores.iteration;
    const std::string at = "iteration " + format_count(scores.iteration);
    const std::string whole = "computed at " + at + (behind > 0 ? ", " + format_count(behind) + " ago" : "");
    const auto width = [](const std::string& text) { return ImGui::CalcTextSize(text.c_str()).x; };
    ImGui::SameLine();
    const float room = ImGui::GetContentRegionAvail().x;
    when_.clear();
    const std::string& text = width(whole) <= room ? whole : at;
    if (width(text) > room) {
        when_ = at;
        ImGui::NewLine();
        return;
    }
    ImGui::AlignTextToFramePadding();
    ImGui::TextColored(color(Meaning::muted), "%s", text.c_str());
    help_tooltip("The energies shown were computed then. They are renewed while training, as time allows.");
}

/// Of a model with classes: how it scores a sample without class, and how well its energies tell classes.
void HistogramsPanel::draw_classes(Context& context, const lab::ScoresView& scores) {
    const std::string n = format_count(scores.classified) + " held-out";
    const std::string accuracy = std::isnan(scores.accuracy)
                                     ? "Accuracy unknown: no labelled held-out data"
                                     : "Accuracy " + format_share(scores.accuracy) + " of " + n;
    const float room = ImGui::GetContentRegionAvail().x;
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(accuracy.c_str());
    help_tooltip(
        "A sample is taken for the class under which its energy E(x, y) is lowest. The share of the held-out "
        "data for which that is their label; with " +
            format_count(scores.classes) + " classes chance is " + format_share(1.0 / scores.classes) +
            " if they are equally many.",
        "Accuracy by lowest energy");
    constexpr std::array<const char*, 2> names = {"−log Σ exp(−E(x, y))", "min E(x, y)"};
    const std::string label = "Score without class";
    const float width = ImGui::CalcTextSize(names[0]).x + 2 * ImGui::GetFrameHeight();
    const bool worded =
        ImGui::CalcTextSize((accuracy + label).c_str()).x + width + 3 * ImGui::GetStyle().ItemSpacing.x <=
        room;
    if (worded) {
        ImGui::SameLine(0, 2 * ImGui::GetStyle().ItemSpacing.x);
        ImGui::TextUnformatted(label.c_str());
        ImGui::SameLine();
    } else {
        flow(width);
    }
    SettingEditor& editor = context.settings;
    const Setting& row = setting("view.class_score");
    const auto chosen = static_cast<std::size_t>(row.number(editor.shown()));
    ImGui::SetNextItemWidth(std::min(width, ImGui::GetContentRegionAvail().x));
    if (begin_combo("##class_score", names[std::min(chosen, names.size() - 1)])) {
        for (std::size_t i = 0; i < names.size(); ++i)
            if (ImGui::Selectable(names[i], i == chosen)) {
                editor.change_number(row, static_cast<double>(i));
                editor.release();
            }
        ImGui::EndCombo();
    }
    help_tooltip(row.help, row.label);
}

void HistogramsPanel::draw_legend(const lab::ScoresView& scores, bool only_ood) {
    begin_legend();
    const bool roomy = ImGui::GetContentRegionAvail().y > ImGui::GetTextLineHeight() * 13;
    for (std::size_t i = 0; i < scores.sets.size(); ++i) {
        const lab::ScoreSet& set = scores.sets[i];
        const bool ood = set.meaning == lab::SetMeaning::ood;
        if (only_ood && !ood) continue;
        std::string text = set.name;
        if (only_ood)
            text +=
                "  AUROC " + format_number(set.auroc) +
                (roomy && !std::isnan(set.auroc_low)
                     ? fmt::format(" ({} … {})", format_number(set.auroc_low), format_number(set.auroc_high))
                     : "");
        else if (roomy)
            text += "  n " + format_count(set.count);
        std::string tip = "n " + format_count(set.count) + ", mean " +
                          (scores.energies() ? "energy " : "score ") + format_number(set.mean) + " ± " +
                          format_number(set.sd) + ".";
        if (ood) tip += " " + interval_in_words(set);
        if (set.meaning == lab::SetMeaning::data && scores.overlap)
            tip += " " + measure::in_words(*scores.overlap);
        legend_switch(set.name.c_str(), text, ink_of(scores, i), dash_of(scores, i), shown(set), tip.c_str());
    }
}

void HistogramsPanel::fill(const lab::ScoresView& scores, std::size_t index) {
    const lab::ScoreSet& set = scores.sets[index];
    const std::vector<float>& edges = scores.edges;
    // Training data and live chains are what is compared first; the others would only make mud of them.
    const bool main = set.meaning == lab::SetMeaning::data || set.meaning == lab::SetMeaning::samples;
    const ImU32 paint = ink_of(scores, index, main ? 0.45f : 0.2f);
    const float ground = ImPlot::PlotToPixels(0, 0).y;
    for (std::size_t bin = 0; bin < std::min(set.density.size(), edges.size() - 1); ++bin) {
        if (set.density[bin] <= 0) continue;
        const ImVec2 corner = ImPlot::PlotToPixels(edges[bin], set.density[bin]);
        const float right = ImPlot::PlotToPixels(edges[bin + 1], 0).x;
        ImPlot::GetPlotDrawList()->AddRectFilled(corner, {right, ground}, paint);
        for (const auto& [from, to] :
             hatching({corner.x, corner.y}, {right, ground}, hatch_of(scores, index), scaled(7)))
            ImPlot::GetPlotDrawList()->AddLine(from, to, ink_of(scores, index, 0.75f), scaled(1));
    }
}

void HistogramsPanel::outline(const lab::ScoresView& scores, std::size_t index) {
    const lab::ScoreSet& set = scores.sets[index];
    const std::vector<float>& edges = scores.edges;
    const std::size_t bins = std::min(set.density.size(), edges.size() - 1);
    const float ground = ImPlot::PlotToPixels(0, 0).y;
    std::vector<ImVec2> points;
    const auto finish = [&] {
        dashed_line(*ImPlot::GetPlotDrawList(), points, ink_of(scores, index), scaled(1.5f),
                    dash_of(scores, index));
        points.clear();
    };
    for (std::size_t bin = 0; bin < bins; ++bin) {
        if (set.density[bin] <= 0) {
            if (!points.empty()) {
                points.push_back({points.back().x, ground});
                finish();
            }
            continue;
        }
        const ImVec2 corner = ImPlot::PlotToPixels(edges[bin], set.density[bin]);
        if (points.empty()) points.push_back({corner.x, ground});
        points.push_back(corner);
        points.push_back({ImPlot::PlotToPixels(edges[bin + 1], 0).x, corner.y});
    }
    if (points.empty()) return;
    points.push_back({points.back().x, ground});
    finish();
}

/// The energies of the chains as they are, or their scores when they were scored.
void HistogramsPanel::draw_rug(const std::vector<float>& values) {
    ImDrawList& list = *ImPlot::GetPlotDrawList();
    const float bottom = ImPlot::GetPlotPos().y + ImPlot::GetPlotSize().y;
    const std::size_t step = std::max<std::size_t>(1, values.size() / 1000);
    for (std::size_t i = 0; i < values.size(); i += step) {
        if (!std::isfinite(values[i])) continue;
        const float x = std::floor(ImPlot::PlotToPixels(values[i], 0).x) + 0.5f;
        list.AddLine({x, bottom - scaled(8)}, {x, bottom}, packed(Meaning::samples, 0.55f));
    }
}

void HistogramsPanel::hover(const lab::ScoresView& scores) {
    if (!ImPlot::IsPlotHovered() || ImGui::IsMouseDown(0)) return;
    const double at = ImPlot::GetPlotMousePos().x;
    const auto above = std::upper_bound(scores.edges.begin(), scores.edges.end(), static_cast<float>(at));
    if (above == scores.edges.begin() || above == scores.edges.end()) return;
    const auto bin = static_cast<std::size_t>(above - scores.edges.begin() - 1);
    const ImVec2 corner = ImPlot::GetPlotPos(), size = ImPlot::GetPlotSize();
    const float left = ImPlot::PlotToPixels(scores.edges[bin], 0).x;
    const float right = ImPlot::PlotToPixels(scores.edges[bin + 1], 0).x;
    ImPlot::GetPlotDrawList()->AddRectFilled({left, corner.y}, {right, corner.y + size.y},
                                             packed(Meaning::text, 0.08f));
    if (!ImGui::BeginTooltip()) return;
    ImGui::Text("%s  %s … %s", scores.energies() ? "E" : "score", format_number(scores.edges[bin]).c_str(),
                format_number(scores.edges[bin + 1]).c_str());
    const double width = scores.edges[bin + 1] - scores.edges[bin];
    for (std::size_t i = 0; i < scores.sets.size(); ++i) {
        const lab::ScoreSet& set = scores.sets[i];
        if (!shown(set) || bin >= set.density.size()) continue;
        ImGui::TextColored(hue_of(scores, i), "%s", set.name.c_str());
        ImGui::SameLine();
        ImGui::Text("%s of its samples", format_share(set.density[bin] * width).c_str());
    }
    ImGui::EndTooltip();
}

void HistogramsPanel::draw_histogram(Context& context, const lab::ScoresView& scores, ImVec2 size) {
    double low = INFINITY, high = -INFINITY, top = 0;
    for (const lab::ScoreSet& set : scores.sets) {
        if (!shown(set)) continue;
        for (std::size_t bin = 0; bin < std::min(set.density.size(), scores.edges.size() - 1); ++bin) {
            const double share = set.density[bin] * (scores.edges[bin + 1] - scores.edges[bin]);
            if (share < 5e-4) continue;
            low = std::min<double>(low, scores.edges[bin]);
            high = std::max<double>(high, scores.edges[bin + 1]);
            top = std::max<double>(top, set.density[bin]);
        }
    }
    if (!(low < high)) {
        empty_state(icon::histogram, "All sets are hidden: click a name above.");
        return;
    }
    const double margin = 0.03 * (high - low), seconds = ImGui::GetIO().DeltaTime;
    const AxisRange across = range_.update({low - margin, high + margin}, seconds);
    const AxisRange upward = heights_.update({0, top * 1.06}, seconds);
    // Where the panel is too low for a plot with words below it, they lie on the plot.
    const float words = ImGui::GetTextLineHeightWithSpacing();
    const bool below = size.y - words >= least_plot_height();
    size.y = std::max(below ? size.y - words : size.y, least_plot_height());
    if (!zoomed_) {
        low_ = across.low;
        high_ = across.high;
    }
    const double low_before = low_, high_before = high_;
    if (!begin_plot("##histogram", {-1, size.y})) return;
    ImPlot::SetupAxis(ImAxis_X1, nullptr, ImPlotAxisFlags_NoHighlight);
    ImPlot::SetupAxis(ImAxis_Y1, size.y > ImGui::GetTextLineHeight() * 12 ? "density" : nullptr,
                      ImPlotAxisFlags_NoHighlight);
    ImPlot::SetupAxisFormat(ImAxis_X1, tick_number);
    ImPlot::SetupAxisFormat(ImAxis_Y1, tick_number);
    ImPlot::SetupAxisLinks(ImAxis_X1, &low_, &high_);
    ImPlot::SetupAxisLimits(ImAxis_Y1, 0, upward.high, ImPlotCond_Always);
    ImPlot::SetupFinish();
    const ImVec2 corner = ImPlot::GetPlotPos(), plot = ImPlot::GetPlotSize();
    ImPlot::PushPlotClipRect();
    for (std::size_t i = 0; i < scores.sets.size(); ++i)
        if (shown(scores.sets[i])) fill(scores, i);
    for (std::size_t i = 0; i < scores.sets.size(); ++i)
        if (shown(scores.sets[i])) outline(scores, i);
    draw_rug(scores.energies() ? context.snapshot.chains.energy : scores.chain_values);
    ImPlot::PopPlotClipRect();
    hover(scores);
    const bool fit = ImPlot::IsPlotHovered() && ImGui::IsMouseDoubleClicked(0);
    const bool asked = plot_menu_asked();
    end_plot();
    plot_menu(context, asked, [&] {
        const std::string what = scores.energies() ? "energies" : "scores";
        PlotContent content{"Histograms of " + what, what + " (middle of the bin)", "density", {}, false};
        for (std::size_t i = 0; i < scores.sets.size(); ++i) {
            const lab::ScoreSet& set = scores.sets[i];
            if (!shown(set)) continue;
            PlotLine line{set.name, {}, {}, ink_of(scores, i), dash_of(scores, i)};
            for (std::size_t bin = 0; bin < std::min(set.density.size(), scores.edges.size() - 1); ++bin) {
                line.x.push_back((scores.edges[bin] + scores.edges[bin + 1]) / 2);
                line.y.push_back(set.density[bin]);
            }
            content.lines.push_back(std::move(line));
        }
        return content;
    });
    zoomed_ = !fit && (zoomed_ || low_ != low_before || high_ != high_before);

    // The axis says which way is likely.
    const measure::ScoreInfo& info = measure::score_info(scores.score);
    const std::string axis =
        (scores.energies()
             ? "energy E(x)"
             : fmt::format("{}{}", info.title, info.unit.empty() ? "" : fmt::format(", {}", info.unit))) +
        (when_.empty() ? "" : " at " + when_);
    const char* ends[] = {scores.energies() ? "← likely" : "← strange", axis.c_str(),
                          scores.energies() ? "unlikely →" : "known →"};
    const float y = below ? ImGui::GetCursorScreenPos().y - ImGui::GetStyle().ItemSpacing.y / 2
                          : corner.y + plot.y - ImGui::GetTextLineHeight() - scaled(2);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 muted = packed(Meaning::muted);
    const float middle = ImGui::CalcTextSize(ends[1]).x, last = ImGui::CalcTextSize(ends[2]).x;
    const auto write = [&](float x, const char* text) {
        const ImVec2 room = ImGui::CalcTextSize(text);
        if (!below)
            list.AddRectFilled({x - scaled(3), y}, {x + room.x + scaled(3), y + room.y},
                               ImGui::GetColorU32(ImGuiCol_WindowBg, 0.75f), scaled(3));
        list.AddText({x, y}, muted, text);
    };
    const float inset = below ? 0 : scaled(6);
    write(corner.x + inset, ends[0]);
    if (plot.x > middle + last * 2.6f) write(corner.x + (plot.x - middle) / 2, ends[1]);
    write(corner.x + plot.x - last - inset, ends[2]);
    if (below) ImGui::Dummy({0, ImGui::GetTextLineHeight()});
}

void HistogramsPanel::draw_roc(Context& context, const lab::ScoresView& scores, ImVec2 size) {
    const bool any = std::any_of(scores.sets.begin(), scores.sets.end(),
                                 [](const lab::ScoreSet& set) { return !set.roc_fpr.empty(); });
    if (!any) {
        empty_state(icon::histogram, "No OOD set yet. Add one with the button above.");
        return;
    }
    const float words = ImGui::GetTextLineHeightWithSpacing();
    size.y = std::max(size.y - words, least_plot_height());
    const float side = std::min(size.x, size.y * 1.7f);
    if (begin_plot("##roc", {side, size.y})) {
        ImPlot::SetupAxes("OOD taken for data (FPR)", "data kept (TPR)", ImPlotAxisFlags_NoHighlight,
                          ImPlotAxisFlags_NoHighlight);
        ImPlot::SetupAxisFormat(ImAxis_X1, tick_number);
        ImPlot::SetupAxisFormat(ImAxis_Y1, tick_number);
        ImPlot::SetupAxesLimits(-0.01, 1.01, -0.01, 1.02, ImPlotCond_Once);
        ImPlot::SetupFinish();
        ImDrawList& list = *ImPlot::GetPlotDrawList();
        ImPlot::PushPlotClipRect();
        const std::array chance = {ImPlot::PlotToPixels(0, 0), ImPlot::PlotToPixels(1, 1)};
        dashed_line(list, chance, packed(Meaning::muted), scaled(1), Dash::dashed);
        const ImVec2 words_size = ImGui::CalcTextSize("dashed grey: chance, AUROC 0.5");
        const ImVec2 end = {ImPlot::GetPlotPos().x + ImPlot::GetPlotSize().x, ImPlot::PlotToPixels(0, 0).y};
        list.AddText({end.x - words_size.x - scaled(6), end.y - words_size.y - scaled(2)},
                     packed(Meaning::muted), "dashed grey: chance, AUROC 0.5");
        for (std::size_t i = 0; i < scores.sets.size(); ++i) {
            const lab::ScoreSet& set = scores.sets[i];
            if (!shown(set) || set.roc_fpr.empty()) continue;
            std::vector<ImVec2> points;
            for (std::size_t k = 0; k < std::min(set.roc_fpr.size(), set.roc_tpr.size()); ++k)
                points.push_back(ImPlot::PlotToPixels(set.roc_fpr[k], set.roc_tpr[k]));
            dashed_line(list, points, ink_of(scores, i), scaled(1.75f), dash_of(scores, i));
            list.AddCircleFilled(ImPlot::PlotToPixels(set.fpr95, 0.95), scaled(3.5f), ink_of(scores, i));
        }
        ImPlot::PopPlotClipRect();
        const bool asked = plot_menu_asked();
        end_plot();
        plot_menu(context, asked, [&] {
            PlotContent content{"ROC", "false positive rate", "true positive rate", {}, false};
            for (std::size_t i = 0; i < scores.sets.size(); ++i) {
                const lab::ScoreSet& set = scores.sets[i];
                if (!shown(set) || set.roc_fpr.empty()) continue;
                content.lines.push_back({set.name,
                                         {set.roc_fpr.begin(), set.roc_fpr.end()},
                                         {set.roc_tpr.begin(), set.roc_tpr.end()},
                                         ink_of(scores, i),
                                         dash_of(scores, i)});
            }
            return content;
        });
    }
    ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::muted));
    clipped_text(score_convention(scores), ImGui::GetContentRegionAvail().x);
    ImGui::PopStyleColor();
    help_tooltip("Discs mark the FPR at 95 % TPR: the share of the OOD set that is taken for data when 95 % "
                 "of the held-out "
                 "data are kept.");
}

} // namespace

} // namespace ebm::panels

namespace ebm::window {

Panel histograms_panel() {
    return {.id = "histograms",
            .title = "Histograms & OOD",
            .short_title = "Histograms",
            .icon = icon::histogram,
            .place = Place::bottom_right,
            .help = panels::help_text("histograms"),
            .draw = [panel = std::make_shared<panels::HistogramsPanel>()](
                        Context& context) { panel->draw(context); },
            .actions = {},
            .views = {lab::View::scores}};
}

} // namespace ebm::window
