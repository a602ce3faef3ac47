#include "app/draw/field.h"
#include "app/draw/offscreen.h"
#include "app/draw/points.h"
#include "app/panels/color_limits.h"
#include "app/panels/flow_number.h"
#include "app/panels/image_sheet.h"
#include "app/panels/panels.h"
#include "app/panels/plot_export.h"
#include "app/panels/plotting.h"
#include "app/panels/table_export.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <fmt/format.h>
#include <implot.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace ebm::panels {

using namespace window;

namespace {

/// The picture of one sampler: its chains on the landscape, or pictures.
struct LanePicture {
    draw::Offscreen picture;
    draw::PointCloud chains;
    ImageSheet sheet;
};

class RacePanel {
public:
    void draw(Context& context);

private:
    void draw_controls(Context& context);
    void draw_table(Context& context);
    void draw_numbers(const lab::RaceLane* lane, const lab::RaceView* race);
    void draw_panes(Context& context, const lab::RaceView& race, float height);
    void draw_traces(Context& context, const lab::RaceView& race, ImVec2 size);
    void draw_autocorrelation(Context& context, const lab::RaceView& race, ImVec2 size);
    void upload_field(Context& context);

    lab::RaceSettings wanted_;
    std::vector<char> takes_part_; ///< by sampler_infos
    std::vector<double> steps_;
    std::vector<std::unique_ptr<LanePicture>> pictures_;
    draw::Field field_;
    Limits energies_;
    std::shared_ptr<const lab::FieldView> uploaded_;
    std::shared_ptr<const lab::RaceView> shown_;
    int colormap_ = -1;
};

/// Samplers are told apart by hue and by dash, in the order of their records.
std::size_t place_of(const std::string& sampler) {
    const auto& infos = lab::sampler_infos();
    const auto found = std::ranges::find(infos, sampler, &lab::SamplerInfo::name);
    return static_cast<std::size_t>(found - infos.begin());
}
ImVec4 hue(const std::string& sampler) {
    return curve_color(static_cast<int>(place_of(sampler)));
}
Dash dash_of(const std::string& sampler) {
    return static_cast<Dash>(place_of(sampler) % static_cast<std::size_t>(dash_count));
}

/// What the race does at the moment.
std::string state_of(const lab::RaceView& race) {
    if (race.done) return "Finished";
    if (race.adapting)
        return fmt::format("{} for steps: {:.0f} %", race.paused ? "Paused in the dry run" : "Dry run",
                           100 * race.adapted);
    std::int64_t most = 0;
    for (const lab::RaceLane& lane : race.lanes)
        most = std::max(most, lane.gradients);
    return fmt::format("{}: {} of {} gradients each", race.paused ? "Paused" : "Racing", format_count(most),
                       format_count(race.settings.gradients));
}

void RacePanel::draw_controls(Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const lab::RaceView* race = s.race.get();
    if (accent_button(race ? "Start anew###race_start" : "Start###race_start")) {
        lab::StartRace start{wanted_};
        start.runners.clear();
        const auto& infos = lab::sampler_infos();
        for (std::size_t i = 0; i < infos.size(); ++i)
            if (takes_part_[i]) start.runners.push_back({infos[i].name, steps_[i]});
        start.seed = static_cast<std::uint64_t>(s.in_force.train.seed);
        start.start = s.data ? wanted_.start : lab::ChainStart::noise;
        if (start.runners.empty())
            context.shell.say("Tick a sampler that takes part.");
        else
            context.send(start);
    }
    help_tooltip(
        "All samplers start at the same points of the energy as it is now, with the seed of the scene, and "
        "use as many gradient evaluations. The race goes on while this panel is shown.");
    if (race && !race->done) {
        ImGui::SameLine();
        if (ImGui::Button(race->paused ? "Go on###race_pause" : "Pause###race_pause"))
            context.send(lab::PauseRace{!race->paused});
    }
    if (race) {
        ImGui::SameLine();
        if (ImGui::Button("Clear###race_reset")) context.send(lab::EndRace{});
    }
    const auto number = [](const char* label, const char* id, auto& value, int low, std::int64_t high,
                           const char* help) {
        int shown = static_cast<int>(value);
        if (flow_number(label, id, shown, low, static_cast<int>(high), help)) value = shown;
    };
    number("Chains", "##chains", wanted_.chains, 2, 1000, "Chains of each sampler.");
    number("Gradients", "##gradients", wanted_.gradients, 100, 1'000'000,
           "Gradient evaluations of each chain, warm-up included.");
    wanted_.warm_up = std::min(wanted_.warm_up, wanted_.gradients / 2);
    number("Warm-up", "##warm_up", wanted_.warm_up, 0, wanted_.gradients / 2,
           "How many of them come before the draws that count.");
    number("Leapfrogs", "##leapfrogs", wanted_.leapfrogs, 1, 200, "Steps of a Hamiltonian move, L.");
    number(
        "Replicas", "##replicas", wanted_.replicas, 2, 20,
        "Temperatures of tempering: T, and in equal ratios up to ten times T. Each costs a gradient a draw.");
    if (s.data) {
        const char* labels[] = {"Noise", "Data"};
        const float width = segmented_width(labels);
        flow(width);
        ImGui::SetNextItemWidth(width);
        int chosen = wanted_.start == lab::ChainStart::data;
        if (segmented("##start", chosen, labels))
            wanted_.start = chosen ? lab::ChainStart::data : lab::ChainStart::noise;
        help_tooltip("Where all chains start.");
    }
}

void RacePanel::draw_numbers(const lab::RaceLane* lane, const lab::RaceView* race) {
    const auto cell = [&](const std::string& text, const std::string& help = {}) {
        ImGui::TableNextColumn();
        right_aligned(text, packed(Meaning::text));
        help_tooltip(help);
    };
    const auto share = [](double value) {
        return std::isfinite(value) ? format_share(value) : std::string("–");
    };
    if (!lane) {
        for (int i = 0; i < 8; ++i)
            cell("");
        return;
    }
    std::string shares = "Share of the draws in each mode (exact share):";
    for (std::size_t mode = 0; mode < lane->mode_shares.size(); ++mode)
        shares += fmt::format("\n{}   {}   ({})", mode + 1, format_share(lane->mode_shares[mode]),
                              format_share(race->mode_shares[mode]));
    std::string accepted;
    if (!lane->exact)
        accepted = "Nothing is refused: the density is off by an amount that grows with the step.";
    if (std::isfinite(lane->swap_acceptance))
        accepted = "Exchanges between neighbours: " + format_share(lane->swap_acceptance) + " accepted.";
    if (lane->divergences > 0) accepted += format_count(lane->divergences) + " moves flew off.";
    const std::string worst = lane->why_unknown.empty()
                                  ? "Bulk ESS of " + lane->slowest +
                                        ", the statistic that mixes worst, after " +
                                        format_count(lane->measured_draws) + " draws of each chain."
                                  : "Not known: " + lane->why_unknown + ".";
    // What samplers are compared by first: a narrow panel shows no more.
    cell(format_number(lane->r_hat, 4), "Rank-normalised split R\u0302, the largest of the statistics.");
    cell(share(lane->mode_distance), lane->mode_shares.empty() ? "The modes are not known." : shares);
    cell(format_number(1000 * lane->per_gradient), worst);
    cell(format_number(lane->per_second), worst);
    cell(format_number(lane->effective_samples), worst);
    cell(share(lane->acceptance), accepted);
    cell(format_count(lane->draws));
    cell(format_number(lane->split_r_hat, 4), "Split R\u0302 without ranks, the largest of the statistics.");
}

/// A row for each sampler, also for those that take no part.
NumberTable race_numbers(const lab::RaceView* race, const std::string& scene) {
    NumberTable table{scene + "_race",
                      {"sampler", "step_name", "step", "gradients", "draws", "seconds", "acceptance",
                       "swap_acceptance", "divergences", "ess_bulk", "ess_per_second", "ess_per_gradient",
                       "measured_draws", "r_hat", "split_r_hat", "mode_distance"},
                      {}};
    for (const lab::SamplerInfo& info : lab::sampler_infos()) {
        std::vector<TableCell> row = {info.title, info.step_name};
        if (race)
            for (const lab::RaceLane& lane : race->lanes)
                if (lane.sampler == info.name)
                    for (const TableCell& cell : std::initializer_list<TableCell>{
                             lane.step, lane.gradients, lane.draws, lane.seconds, lane.acceptance,
                             lane.swap_acceptance, lane.divergences, lane.effective_samples, lane.per_second,
                             lane.per_gradient, lane.measured_draws, lane.r_hat, lane.split_r_hat,
                             lane.mode_distance})
                        row.push_back(cell);
        row.resize(table.columns.size(), "");
        table.rows.push_back(std::move(row));
    }
    return table;
}

void RacePanel::draw_table(Context& context) {
    const lab::RaceView* race = context.snapshot.race.get();
    const auto& infos = lab::sampler_infos();
    if (!ImGui::BeginTable("numbers", 10,
                           ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_BordersInnerH |
                               ImGuiTableFlags_ScrollX | ImGuiTableFlags_NoSavedSettings,
                           {0, ImGui::GetFrameHeightWithSpacing() * static_cast<float>(infos.size() + 1) +
                                   ImGui::GetStyle().ScrollbarSize + scaled(6)}))
        return;
    ImGui::TableSetupScrollFreeze(1, 1);
    const auto column = [](const char* title, float least) {
        ImGui::TableSetupColumn(title, ImGuiTableColumnFlags_WidthFixed,
                                std::max(scaled(least), ImGui::CalcTextSize(title).x));
    };
    column("Sampler", 118);
    column("Step", 90);
    for (const char* title :
         {"R\u0302", "Modes off", "ESS/1000 grad.", "ESS/s", "ESS", "Accepted", "Draws", "split R\u0302"})
        column(title, 58);
    ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
    for (int i = 0; i < 10; ++i) {
        if (!ImGui::TableSetColumnIndex(i)) continue;
        const std::string title = ImGui::TableGetColumnName(i);
        ImGui::TableHeader(title.c_str());
        if (title == "ESS/s")
            help_tooltip(
                "Effective samples a second of computing, of all chains together. The clock is that of "
                "steps through LibTorch, which all samplers of a race take alike; the live chains run "
                "on fused kernels and are faster, so compare these numbers with each other only.");
        if (title == "ESS/1000 grad.")
            help_tooltip("Effective samples for 1,000 gradient evaluations, whatever computes them.");
    }
    for (std::size_t i = 0; i < infos.size(); ++i) {
        const lab::RaceLane* lane = nullptr;
        if (race)
            for (const lab::RaceLane& one : race->lanes)
                if (one.sampler == infos[i].name) lane = &one;
        ImGui::PushID(infos[i].name.c_str());
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        bool on = takes_part_[i];
        if (checkbox("##on", &on)) takes_part_[i] = on;
        help_tooltip("Whether it takes part in the next race.");
        ImGui::SameLine(0, scaled(6));
        ImGui::AlignTextToFramePadding();
        const ImVec2 mark = ImGui::GetCursorScreenPos();
        ImGui::GetWindowDrawList()->AddRectFilled({mark.x, mark.y + scaled(5)},
                                                  {mark.x + scaled(8), mark.y + scaled(13)},
                                                  ImGui::ColorConvertFloat4ToU32(hue(infos[i].name)));
        ImGui::SetCursorScreenPos({mark.x + scaled(13), mark.y});
        ImGui::TextUnformatted(infos[i].title.c_str());
        help_tooltip(infos[i].help);
        if (lane && !lane->problem.empty()) {
            ImGui::SameLine(0, scaled(4));
            ImGui::TextColored(color(Meaning::failure), "%s", icon::warning);
            help_tooltip(lane->problem);
        }
        ImGui::TableNextColumn();
        ImGui::SetNextItemWidth(scaled(88));
        // Of a race that runs the step in force, else what the next one is to take.
        double step = steps_[i] > 0 ? steps_[i] : lane ? lane->step : 0;
        const std::string shown = step > 0 ? infos[i].step_name + " " + format_number(step, 3) : "dry run";
        if (ImGui::InputDouble("##step", &step, 0, 0, shown.c_str())) steps_[i] = step > 0 ? step : 0;
        help_tooltip(fmt::format(
            "Step {} of the next race: 0 = found in a dry run of 300 draws, which is neither counted "
            "nor timed, and frozen then.{}",
            infos[i].step_name,
            lane ? fmt::format(" This race: {}{}.", format_number(lane->step, 4),
                               lane->step_found ? ", found" : ", as given")
                 : std::string()));
        draw_numbers(lane, race);
        ImGui::PopID();
    }
    ImGui::EndTable();
    table_menu(context, "table menu", [&] { return race_numbers(race, context.snapshot.scene.name); });
}

void RacePanel::upload_field(Context& context) {
    const auto& field = context.snapshot.field;
    const Colormap colormap = context.shell.preferences().colormap;
    if (colormap_ != static_cast<int>(colormap)) {
        colormap_ = static_cast<int>(colormap);
        field_.set_colormap(colormap_table(colormap));
    }
    if (!field || field == uploaded_ || field->energy.empty()) return;
    uploaded_ = field;
    field_.set(field->energy, field->resolution, field->resolution,
               {static_cast<float>(field->low_x), static_cast<float>(field->low_y),
                static_cast<float>(field->high_x), static_cast<float>(field->high_y)});
    energies_ = robust_limits(field->energy, 0.001, 0.82);
    const float quarter = robust_limits(field->energy, 0.001, 0.25).high - energies_.low;
    energies_.high = std::min(energies_.high, energies_.low + std::max(40.0f, 3 * quarter));
}

/// The samplers side by side: their chains on the landscape that the Landscape panel shows, or their
/// pictures.
void RacePanel::draw_panes(Context& context, const lab::RaceView& race, float height) {
    const lab::Snapshot& s = context.snapshot;
    const float gap = scaled(8), caption = ImGui::GetTextLineHeight() + scaled(2);
    const auto count = static_cast<float>(race.lanes.size());
    const float width = std::floor((ImGui::GetContentRegionAvail().x - gap * (count - 1)) / count);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float side = std::max(scaled(40), std::min(width, height - caption));
    while (pictures_.size() < race.lanes.size())
        pictures_.push_back(std::make_unique<LanePicture>());
    if (s.kind.plane) upload_field(context);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < race.lanes.size(); ++i) {
        const lab::RaceLane& lane = race.lanes[i];
        LanePicture& own = *pictures_[i];
        const ImVec2 corner(at.x + static_cast<float>(i) * (width + gap), at.y + caption);
        list.AddRectFilled({corner.x, at.y + scaled(4)}, {corner.x + scaled(8), at.y + scaled(12)},
                           ImGui::ColorConvertFloat4ToU32(hue(lane.sampler)));
        list.AddText({corner.x + scaled(13), at.y}, packed(Meaning::text), lane.title.c_str());
        if (!s.kind.plane) {
            if (shown_.get() != &race || own.sheet.count() == 0)
                own.sheet.set(lane.pixels, {s.kind.channels, s.kind.height, s.kind.width}, s.number);
            const int columns = 4;
            const auto zoom =
                std::max(1.0f, std::floor(width / static_cast<float>(columns * (s.kind.width + 2))));
            for (int picture = 0; picture < lane.shown; ++picture)
                own.sheet.draw(
                    list, picture,
                    {corner.x + static_cast<float>((picture % columns) * (s.kind.width + 2)) * zoom,
                     corner.y + static_cast<float>((picture / columns) * (s.kind.height + 2)) * zoom},
                    zoom);
            continue;
        }
        if (shown_.get() != &race) own.chains.set(lane.positions);
        const ImVec4 ground = color(Meaning::window);
        if (!uploaded_ || !own.picture.begin(static_cast<int>(side), static_cast<int>(side),
                                             {ground.x, ground.y, ground.z, 1}))
            continue;
        const double half = std::min(uploaded_->high_x - uploaded_->low_x,
                                     uploaded_->high_y - uploaded_->low_y) /
                            2,
                     x = (uploaded_->low_x + uploaded_->high_x) / 2,
                     y = (uploaded_->low_y + uploaded_->high_y) / 2;
        const draw::Plane plane{static_cast<float>(x - half), static_cast<float>(y - half),
                                static_cast<float>(x + half), static_cast<float>(y + half)};
        draw::Field::Style style;
        style.low = energies_.low;
        style.high = energies_.high;
        field_.draw(own.picture, plane, style);
        const ImVec4 ink = color(Meaning::samples);
        own.chains.draw(own.picture, plane,
                        {.size = scaled(5), .color = {ink.x, ink.y, ink.z, 1}, .outline = scaled(1)});
        own.picture.end();
        list.AddImage(static_cast<ImTextureID>(own.picture.name()), corner,
                      {corner.x + side, corner.y + side}, {0, 1}, {1, 0});
    }
    shown_ = s.race;
    ImGui::Dummy({ImGui::GetContentRegionAvail().x, height});
}

void RacePanel::draw_traces(Context& context, const lab::RaceView& race, ImVec2 size) {
    const float top = ImGui::GetCursorPosY();
    plot_heading("Traces",
                 race.traced + " of the first chain against its own gradient evaluations, the latest draws",
                 size.x);
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), least_plot_height());
    PlotContent content{"Race traces", "gradient evaluations", race.traced, {}, false};
    double low = 1e300, high = -1e300, first = 1e300, last = 0;
    for (const lab::RaceLane& lane : race.lanes) {
        PlotLine line{
            lane.title, {}, {}, ImGui::ColorConvertFloat4ToU32(hue(lane.sampler)), dash_of(lane.sampler)};
        for (std::size_t i = 0; i < lane.trace.size(); ++i) {
            const auto back = static_cast<double>(lane.trace.size() - 1 - i);
            line.x.push_back(static_cast<double>(lane.gradients) - back * static_cast<double>(lane.cost));
            line.y.push_back(lane.trace[i]);
            low = std::min(low, line.y.back());
            high = std::max(high, line.y.back());
        }
        if (line.x.empty()) continue;
        last = std::max(last, line.x.back());
        content.lines.push_back(std::move(line));
    }
    // The window in which the shortest of them is whole.
    for (const PlotLine& line : content.lines)
        first = std::min(first, last - std::min(last - line.x.front(), 400.0));
    if (!begin_plot("##traces", {size.x, height})) return;
    if (content.lines.empty()) low = 0, high = 1, first = 0, last = 1;
    ImPlot::SetupAxes(axis_name("gradient evaluations", size), nullptr, ImPlotAxisFlags_NoHighlight,
                      ImPlotAxisFlags_NoHighlight);
    setup_count_ticks(ImAxis_X1, first, std::max(last, first + 1), size.x);
    ImPlot::SetupAxisFormat(ImAxis_Y1, tick_number);
    const double margin = std::max(1e-6, 0.05 * (high - low));
    ImPlot::SetupAxesLimits(first, std::max(last, first + 1), low - margin, high + margin, ImPlotCond_Always);
    ImPlot::SetupFinish();
    ImPlot::PushPlotClipRect();
    for (const PlotLine& line : content.lines) {
        std::vector<ImVec2> points;
        for (std::size_t i = 0; i < line.x.size(); ++i)
            if (std::isfinite(line.y[i])) points.push_back(ImPlot::PlotToPixels(line.x[i], line.y[i]));
        dashed_line(*ImPlot::GetPlotDrawList(), points, line.color, scaled(1.5f), line.dash);
    }
    ImPlot::PopPlotClipRect();
    const bool asked = plot_menu_asked();
    end_plot();
    plot_menu(context, asked, [&] { return content; });
}

void RacePanel::draw_autocorrelation(Context& context, const lab::RaceView& race, ImVec2 size) {
    const float top = ImGui::GetCursorPosY();
    plot_heading("Autocorrelation",
                 "of " + race.traced + ", mean over the chains, against lag in gradient evaluations", size.x);
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), least_plot_height());
    PlotContent content{"Race autocorrelation", "gradient evaluations", "autocorrelation", {}, false};
    double lowest = 0;
    for (const lab::RaceLane& lane : race.lanes) {
        PlotLine line{
            lane.title, {}, {}, ImGui::ColorConvertFloat4ToU32(hue(lane.sampler)), dash_of(lane.sampler)};
        for (std::size_t lag = 0; lag < lane.autocorrelation.size(); ++lag) {
            line.x.push_back(static_cast<double>(lag) * static_cast<double>(lane.cost));
            line.y.push_back(lane.autocorrelation[lag]);
            lowest = std::min(lowest, line.y.back());
        }
        if (!line.x.empty()) content.lines.push_back(std::move(line));
    }
    if (!begin_plot("##autocorrelation", {size.x, height})) return;
    ImPlot::SetupAxes(axis_name("lag in gradient evaluations", size), nullptr, ImPlotAxisFlags_NoHighlight,
                      ImPlotAxisFlags_NoHighlight);
    setup_count_ticks(ImAxis_X1, 0, 200, size.x);
    ImPlot::SetupAxisFormat(ImAxis_Y1, tick_number);
    ImPlot::SetupAxesLimits(0, 200, std::min(-0.2, lowest * 1.1), 1.05, ImPlotCond_Always);
    ImPlot::SetupFinish();
    ImPlot::PushPlotClipRect();
    ImDrawList& list = *ImPlot::GetPlotDrawList();
    list.AddLine(ImPlot::PlotToPixels(0, 0), ImPlot::PlotToPixels(200, 0), packed(Meaning::muted, 0.7f));
    for (const PlotLine& line : content.lines) {
        std::vector<ImVec2> points;
        for (std::size_t i = 0; i < line.x.size(); ++i)
            if (std::isfinite(line.y[i])) points.push_back(ImPlot::PlotToPixels(line.x[i], line.y[i]));
        dashed_line(list, points, line.color, scaled(1.75f), line.dash);
    }
    ImPlot::PopPlotClipRect();
    const bool asked = plot_menu_asked();
    end_plot();
    plot_menu(context, asked, [&] { return content; });
}

void RacePanel::draw(Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (s.state == lab::State::empty)
        return (void)empty_state(icon::speed, "No energy yet. Pick a scene in the panel at the left.");
    if (takes_part_.empty()) {
        takes_part_.assign(lab::sampler_infos().size(), true);
        steps_.assign(lab::sampler_infos().size(), 0);
    }
    draw_controls(context);
    const lab::RaceView* race = s.race.get();
    if (race) {
        std::string about =
            state_of(*race) + " \u00b7 exp(\u2212E / T) at T = " + format_number(race->temperature);
        if (s.trainable) about += " \u00b7 the model of iteration " + format_count(race->iteration);
        muted_text(about);
    } else {
        muted_text(
            "Samplers side by side on this energy: same starts, same seed, as many gradient evaluations. "
            "Without jumps and spread of the step.");
    }
    draw_table(context);
    if (!race) return;
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float least = least_plot_height() + 2 * ImGui::GetTextLineHeightWithSpacing();
    const float plots = std::max(least, 0.42f * room.y);
    draw_panes(context, *race, std::max(scaled(150), room.y - plots - ImGui::GetStyle().ItemSpacing.y));
    const float width = (room.x - ImGui::GetStyle().ItemSpacing.x) / 2;
    const ImVec2 size(width, plots - scaled(2));
    ImGui::BeginGroup();
    draw_traces(context, *race, size);
    ImGui::EndGroup();
    ImGui::SameLine();
    ImGui::BeginGroup();
    draw_autocorrelation(context, *race, size);
    ImGui::EndGroup();
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel race_panel() {
    const auto state = std::make_shared<panels::RacePanel>();
    Panel panel;
    panel.id = "race";
    panel.views = {lab::View::race, lab::View::field};
    panel.title = "Race";
    panel.icon = icon::speed;
    panel.place = Place::centre;
    panel.open = false;
    panel.help =
        "Langevin, MALA, Hamiltonian Monte Carlo and parallel tempering side by side on the energy of now: "
        "the "
        "same starts, the same seed, as many gradient evaluations. Each row: the step, how many draws that "
        "bought, how many of them are worth an independent one (bulk ESS of the statistic that mixes worst, "
        "as "
        "ArviZ computes it), a second and a thousand gradients, whether the chains agree (R\u0302), and how "
        "far "
        "the draws are from the exact shares of the modes where these are known.\n\nSteps that are not given "
        "are found in a dry run, which is neither counted nor timed, and frozen then. Nothing is computed "
        "while the panel is not shown.";
    panel.draw = [state](Context& context) { state->draw(context); };
    return panel;
}

} // namespace ebm::window
