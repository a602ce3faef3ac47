#include "app/panels/class_names.h"
#include "app/panels/flow_number.h"
#include "app/panels/image_sheet.h"
#include "app/panels/panels.h"
#include "app/panels/plot_export.h"
#include "app/panels/plotting.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <fmt/format.h>
#include <implot.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <tuple>

namespace ebm::panels {

using namespace window;

namespace {

class PartitionPanel {
public:
    void draw(Context& context);

private:
    void draw_controls(Context& context);
    void draw_result(const lab::PartitionView& view, const lab::Snapshot& s);
    void draw_path(Context& context, const lab::PartitionView& view, ImVec2 size);
    void draw_weights(Context& context, const lab::PartitionView& view, ImVec2 size);
    void draw_chains(const lab::PartitionView& view, const lab::Snapshot& s, ImVec2 size);

    measure::AnnealSettings wanted_;
    double started_at_ = 0;        ///< T of the estimate that is shown
    measure::AnnealSettings seen_; ///< of the estimate that is shown
    bool of_chains_ = false;       ///< T of the live chains, else that of the density
    std::string scene_;            ///< that both were chosen for
    ImageSheet sheet_;
    std::shared_ptr<const lab::PartitionView> shown_;
};

/// What the estimate does at the moment.
std::string what_happens(const lab::PartitionView& view) {
    if (!view.problem.empty()) return "Stopped";
    if (view.done) return "Finished";
    const char* held = view.paused ? "Paused: " : "";
    if (view.phase == measure::AnnealPhase::adapting)
        return fmt::format("{}dry run for the step sizes, {:.0f} %", held,
                           100.0 * view.level / view.settings.levels);
    const std::string level =
        fmt::format("level {} of {}", format_count(view.level), format_count(view.settings.levels));
    if (view.phase == measure::AnnealPhase::reverse) return held + level + ", back from exact samples";
    return fmt::format("{}{}, β = {:.3f}", held, level, view.path.back().beta);
}

/// Before it is begun.
std::string what_it_costs(const measure::AnnealSettings& wanted, const lab::Snapshot& s) {
    const std::int64_t gradients =
        static_cast<std::int64_t>(wanted.chains) * wanted.levels * wanted.leapfrogs;
    return fmt::format(
        "Estimate log Z makes {}. Each costs {} chains × {} levels × {} leapfrogs = {} gradients of E. You "
        "will "
        "see the curve of log Z over β{}, how many chains carry it, and the chains on their way.",
        s.kind.plane
            ? "three runs: a dry one for the step sizes, the one that counts, and one back from exact "
              "samples that in the mean bounds log Z from above"
            : "two runs: a dry one for the step sizes, and the one that counts",
        format_count(wanted.chains), format_count(wanted.levels), format_count(wanted.leapfrogs),
        format_count(gradients), s.kind.plane ? " beside its exact values by quadrature" : "");
}

void PartitionPanel::draw_controls(Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const lab::PartitionView* view = s.partition.get();
    const double chain_t = s.reading.temperature;
    // An estimate that others began, such as a lesson, is of the temperature that it is of.
    if (view && s.partition != shown_ && view->settings.temperature != started_at_) {
        started_at_ = view->settings.temperature;
        of_chains_ = std::abs(started_at_ - chain_t) < 1e-6 * chain_t &&
                     (of_chains_ || started_at_ != s.in_force.sampler.temperature);
    }
    if (view && s.partition != shown_) {
        const auto moves = [](const measure::AnnealSettings& a) {
            return std::tuple(a.chains, a.levels, a.leapfrogs);
        };
        if (moves(view->settings) != moves(seen_))
            std::tie(wanted_.chains, wanted_.levels, wanted_.leapfrogs) = moves(view->settings);
        seen_ = view->settings;
    }
    if (accent_button(view ? "Estimate anew###partition_start" : "Estimate log Z###partition_start")) {
        lab::StartPartition start{wanted_};
        start.temperature = of_chains_ && std::isfinite(chain_t) ? chain_t : 0;
        start.seed = static_cast<std::uint64_t>(s.in_force.train.seed);
        context.send(start);
    }
    help_tooltip("Annealed importance sampling on the model as it is now, with the seed of the scene. It "
                 "goes on while this panel is shown.");
    if (view && !view->done && view->problem.empty()) {
        ImGui::SameLine();
        if (ImGui::Button(view->paused ? "Go on###partition_pause" : "Pause###partition_pause"))
            context.send(lab::PausePartition{!view->paused});
    }
    if (view) {
        ImGui::SameLine();
        if (ImGui::Button("Clear###partition_end")) context.send(lab::EndPartition{});
    }
    flow_number(
        "Chains", "##chains", wanted_.chains, 2, 10'000,
        "Chains that start spread evenly over the box. Each has a weight; the estimate is the mean of the "
        "weights.");
    flow_number(
        "Levels", "##levels", wanted_.levels, 1, 100'000,
        "Steps from β = 0 to β = 1. More make the weights more alike, and the estimate surer and slower.");
    flow_number("Leapfrogs", "##leapfrogs", wanted_.leapfrogs, 1, 200,
                "Gradient evaluations of the Hamiltonian move that each chain makes at every level.");
    const char* labels[] = {"T of the density", "T of the chains"};
    const float width = segmented_width(labels);
    flow(width);
    ImGui::SetNextItemWidth(width);
    int chosen = of_chains_;
    if (segmented("##temperature", chosen, labels)) of_chains_ = chosen == 1;
    help_tooltip(fmt::format(
        "exp(−E/T) at the temperature of the model's density, or at that at which the sampler moves "
        "the live chains, now {}. Where chains are far colder, as in the published recipe, these are "
        "two densities.",
        format_number(chain_t)));
}

void line(const std::string& text, const char* help = nullptr) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
    if (help) help_tooltip(help);
}

/// "log Z = 1.2018 nat, 95 % interval 1.19 … 1.21", with as many digits as tell its ends apart.
std::string estimate_text(double log_z, double low, double high) {
    int digits = 5;
    while (digits < 9 && low < high && format_number(low, digits) == format_number(high, digits))
        ++digits;
    return fmt::format("log Z = {} nat, 95 % interval {} \u2026 {}", format_number(log_z, digits),
                       format_number(low, digits), format_number(high, digits));
}

void PartitionPanel::draw_result(const lab::PartitionView& view, const lab::Snapshot& s) {
    const std::string box =
        fmt::format("[{}, {}]", format_tick(view.settings.low), format_tick(view.settings.high));
    std::string about = what_happens(view) +
                        " · exp(−E / T) at T = " + format_tick(view.settings.temperature) + " on the box " +
                        box + (s.kind.plane ? "²" : fmt::format(" of {} values", s.kind.elements()));
    if (view.of_class >= 0) about += " · " + class_name(class_names(s), view.of_class);
    if (s.trainable) about += " · the model of iteration " + format_count(view.iteration);
    muted_text(about);
    if (!view.problem.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::failure));
        line(view.problem);
        ImGui::PopStyleColor();
    }
    if (view.found) {
        const measure::Annealed& found = *view.found;
        line(estimate_text(found.log_z, found.low, found.high),
             "The mean of the weights is Z exactly, and its logarithm is mostly too low. The interval comes "
             "from "
             "resampling the chains: it does not know of places that none of them found.");
        const bool few = found.few();
        ImGui::PushStyleColor(ImGuiCol_Text, color(few ? Meaning::attention : Meaning::text));
        line(fmt::format("The weights are worth {} of {} chains{}", format_number(found.effective_chains, 3),
                         format_count(found.chains),
                         few ? ": few, so log Z is likely to be higher. Give it more levels." : "."));
        ImGui::PopStyleColor();
        if (found.reverse)
            line("Back from exact samples: " +
                     estimate_text(found.reverse->log_z, found.reverse->low, found.reverse->high),
                 "Chains that begin as samples of exp(−E/T), which can be drawn on a plane, and go back to β "
                 "= "
                 "0. The mean of their weights is 1/Z exactly, so that this is mostly too high where the "
                 "other "
                 "is mostly too low: log Z lies between (Grosse, Ghahramani & Adams 2015).");
        if (!found.no_reverse.empty()) muted_text("No chains run back: " + found.no_reverse);
    }
    if (!view.exact.empty())
        line(fmt::format("By quadrature, on a grid: log Z = {} nat",
                         format_number(view.exact.back().log_z, 5)),
             "Only on a plane: a grid over the box can be added up.");
    if (view.held_out) {
        const auto& held = *view.held_out;
        std::string text = fmt::format("Held-out data: log p = {} ± {} nat", format_number(held.mean, 5),
                                       format_number(held.standard_error, 2));
        text += s.kind.plane
                    ? " a point"
                    : fmt::format(" a picture, {} bits/dim at the 8-bit values, without dequantisation",
                                  format_number(held.bits, 4));
        text += fmt::format(", mean of {}", format_count(held.count));
        if (held.bits < 0)
            text += ": less than 0 bits for values of 8 bits cannot be, so log Z is far too low";
        if (held.outside > 0)
            text += fmt::format("; {} lie outside the box, where the model has no density",
                                format_count(held.outside));
        line(text,
             s.kind.plane
                 ? "The mean of −E/T − log Z. Where log Z is too low, this is too high by as much."
                 : "The mean of −E/T − log Z. Where log Z is too low, this is too high by as much. The bits "
                   "are of the density at the 8-bit values themselves; those of a flow have noise below "
                   "the 8-bit step (dequantisation), so the two are not measured alike.");
    }
}

/// An axis of β from 0 to 1.
void setup_beta(double low, double high, ImVec2 size) {
    ImPlot::SetupAxes(axis_name("β", size), nullptr, ImPlotAxisFlags_NoHighlight,
                      ImPlotAxisFlags_NoHighlight);
    static constexpr double ticks[] = {0, 0.25, 0.5, 0.75, 1};
    static constexpr const char* labels[] = {"0", "0.25", "0.5", "0.75", "1"};
    const bool narrow = size.x < scaled(220);
    static constexpr double ends[] = {0, 1};
    static constexpr const char* end_labels[] = {"0", "1"};
    ImPlot::SetupAxisTicks(ImAxis_X1, narrow ? ends : ticks, narrow ? 2 : 5, narrow ? end_labels : labels);
    ImPlot::SetupAxisFormat(ImAxis_Y1, tick_number);
    const double margin = std::max(1e-6, 0.06 * (high - low));
    ImPlot::SetupAxesLimits(-0.02, 1.02, low - margin, high + margin, ImPlotCond_Always);
    ImPlot::SetupFinish();
}

void draw_line(const PlotLine& path, float thickness) {
    std::vector<ImVec2> points;
    for (std::size_t i = 0; i < path.x.size(); ++i)
        if (std::isfinite(path.y[i])) points.push_back(ImPlot::PlotToPixels(path.x[i], path.y[i]));
    dashed_line(*ImPlot::GetPlotDrawList(), points, path.color, thickness, path.dash);
}

void PartitionPanel::draw_path(Context& context, const lab::PartitionView& view, ImVec2 size) {
    const float top = ImGui::GetCursorPosY();
    plot_heading("log Z of exp(−βE/T)",
                 view.exact.empty() ? "nat, against β" : "nat, against β; rings: by quadrature", size.x);
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), least_plot_height());
    PlotContent content{"log Z", "beta", "log Z (nat)", {}, false};
    PlotLine estimate{"estimate", {}, {}, packed(Meaning::samples), Dash::solid};
    PlotLine exact{"quadrature", {}, {}, packed(Meaning::data), Dash::dotted};
    for (const measure::AnnealedLevel& level : view.path) {
        estimate.x.push_back(level.beta);
        estimate.y.push_back(level.log_z);
    }
    for (const auto& one : view.exact) {
        exact.x.push_back(one.beta);
        exact.y.push_back(one.log_z);
    }
    double low = 1e300, high = -1e300;
    for (const PlotLine* path : {&estimate, &exact})
        for (const double y : path->y)
            if (std::isfinite(y)) low = std::min(low, y), high = std::max(high, y);
    if (low > high) low = 0, high = 1;
    content.lines = {estimate};
    if (!exact.x.empty()) content.lines.push_back(exact);
    if (!begin_plot("##path", {size.x, height})) return;
    setup_beta(low, high, size);
    ImPlot::PushPlotClipRect();
    ImDrawList& list = *ImPlot::GetPlotDrawList();
    draw_line(estimate, scaled(2));
    for (std::size_t i = 0; i < exact.x.size(); ++i)
        list.AddCircle(ImPlot::PlotToPixels(exact.x[i], exact.y[i]), scaled(4), exact.color, 0,
                       scaled(1.75f));
    ImPlot::PopPlotClipRect();
    const bool asked = plot_menu_asked();
    end_plot();
    plot_menu(context, asked, [&] { return content; });
}

void PartitionPanel::draw_weights(Context& context, const lab::PartitionView& view, ImVec2 size) {
    const float top = ImGui::GetCursorPosY();
    plot_heading("Chains that carry it", "(Σw)² / Σw², against β", size.x);
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), least_plot_height());
    PlotLine effective{"effective chains", {}, {}, packed(Meaning::samples), Dash::solid};
    for (const measure::AnnealedLevel& level : view.path) {
        effective.x.push_back(level.beta);
        effective.y.push_back(level.effective_chains);
    }
    if (!begin_plot("##weights", {size.x, height})) return;
    setup_beta(0, view.settings.chains, size);
    ImPlot::PushPlotClipRect();
    draw_line(effective, scaled(2));
    ImPlot::PopPlotClipRect();
    const bool asked = plot_menu_asked();
    end_plot();
    plot_menu(context, asked, [&] {
        return PlotContent{"Effective chains", "beta", "effective chains", {effective}, false};
    });
}

/// The chains as they are: points in the box, or pictures.
void PartitionPanel::draw_chains(const lab::PartitionView& view, const lab::Snapshot& s, ImVec2 size) {
    const float top = ImGui::GetCursorPosY();
    plot_heading("The chains", view.done ? "at β = 1" : "now", size.x);
    const float height = std::max(scaled(60), size.y - (ImGui::GetCursorPosY() - top));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (s.kind.plane) {
        const float side = std::min(size.x, height) - scaled(2);
        list.AddRect(at, {at.x + side, at.y + side}, packed(Meaning::muted, 0.6f));
        const double low = view.settings.low, width = view.settings.high - low;
        std::vector<float> points;
        for (std::size_t i = 0; i + 1 < view.positions.size(); i += 2) {
            points.push_back(at.x + side * static_cast<float>((view.positions[i] - low) / width));
            points.push_back(at.y + side * static_cast<float>(1 - (view.positions[i + 1] - low) / width));
        }
        for (std::size_t i = 0; i + 1 < points.size(); i += 2)
            list.AddCircleFilled({points[i], points[i + 1]}, scaled(2), packed(Meaning::samples, 0.8f), 8);
    } else {
        if (shown_.get() != &view || sheet_.count() == 0)
            sheet_.set(view.pixels, {s.kind.channels, s.kind.height, s.kind.width}, s.number);
        // In as many columns as make the pictures largest.
        int columns = 1;
        float zoom = 0;
        for (int wide = 1; wide <= view.shown; ++wide) {
            const int high = (view.shown + wide - 1) / wide;
            const float room = std::min(size.x / static_cast<float>(wide * (s.kind.width + 2)),
                                        height / static_cast<float>(high * (s.kind.height + 2)));
            if (room <= zoom) continue;
            zoom = room;
            columns = wide;
        }
        for (int picture = 0; picture < view.shown; ++picture)
            sheet_.draw(list, picture,
                        {at.x + static_cast<float>((picture % columns) * (s.kind.width + 2)) * zoom,
                         at.y + static_cast<float>((picture / columns) * (s.kind.height + 2)) * zoom},
                        zoom);
    }
    ImGui::Dummy({size.x, height});
}

void PartitionPanel::draw(Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (s.state == lab::State::empty)
        return (void)empty_state(icon::calculator, "No energy yet. Pick a scene in the panel at the left.");
    if (scene_ != s.scene.name) {
        scene_ = s.scene.name;
        wanted_ = {};
        of_chains_ = false;
        if (!s.kind.plane) wanted_.chains = 16, wanted_.levels = 300, wanted_.leapfrogs = 5;
    }
    if (s.density())
        return muted_text(
            s.bounded()
                ? "This model is normalised: its log Z is 0, so there is nothing to estimate. −E is a "
                  "lower bound of its log p: " +
                      s.model->bound + "."
                : "This model is normalised: its log Z is 0, and −E is its log p. There is nothing to "
                  "estimate.");
    draw_controls(context);
    const lab::PartitionView* view = s.partition.get();
    if (!view) {
        muted_text("Z = ∫ exp(−E/T) dx turns energies into probabilities, and nobody can add it up for "
                   "pictures. Annealed "
                   "importance sampling estimates it: chains begin spread evenly over the box, where log Z "
                   "is known, and "
                   "β lets the energy in little by little.");
        muted_text(what_it_costs(wanted_, s));
        return;
    }
    draw_result(*view, s);
    if (!view->path.empty() || !view->exact.empty()) {
        const float least = least_plot_height() + ImGui::GetTextLineHeightWithSpacing();
        const Tiling tiling = tile(3, ImGui::GetContentRegionAvail(), least);
        for (int i = 0; i < 3; ++i) {
            if (i % tiling.columns > 0) ImGui::SameLine();
            ImGui::BeginGroup();
            if (i == 0) draw_path(context, *view, tiling.size);
            if (i == 1) draw_weights(context, *view, tiling.size);
            if (i == 2) draw_chains(*view, s, tiling.size);
            ImGui::EndGroup();
        }
    }
    shown_ = s.partition;
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel partition_panel() {
    const auto state = std::make_shared<panels::PartitionPanel>();
    Panel panel;
    panel.id = "partition";
    panel.views = {lab::View::partition};
    panel.title = "Log Z";
    panel.icon = icon::calculator;
    panel.place = Place::centre;
    panel.open = false;
    panel.help = "Annealed importance sampling (Neal 2001) estimates log Z, the number that turns energies "
                 "into a density: chains "
                 "begin spread evenly over the box, where Z is its volume, and move by Hamiltonian steps "
                 "while β goes from 0 to 1 "
                 "in exp(−βE/T). Each level multiplies the weight of a chain by what it changes; the mean "
                 "weight is Z.\n\nOn a "
                 "plane the rings are log Z by quadrature: the curve must run through them. On pictures "
                 "there is nothing to check "
                 "it against but the weights themselves: where few chains carry them, log Z is likely to be "
                 "higher. Step sizes are "
                 "found in a dry run and frozen, since adapting them during the run would bias it. Nothing "
                 "is computed while the "
                 "panel is not shown.";
    panel.draw = [state](Context& context) { state->draw(context); };
    return panel;
}

} // namespace ebm::window
