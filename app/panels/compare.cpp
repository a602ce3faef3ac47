#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/plotting.h"
#include "app/panels/setting_rows.h"
#include "app/panels/setting_text.h"
#include "app/panels/table_export.h"
#include "app/window/comparison.h"
#include "app/window/icons.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include <misc/cpp/imgui_stdlib.h>

namespace ebm::panels {
namespace {

using window::Meaning;
using window::scaled;

struct CompareState {
    std::string search; ///< among the settings of run B
};

/// A number that both runs have; nothing where a run does not know it.
struct Reading {
    std::string name, unit, help;
    std::optional<double> a, b;
};

std::optional<double> known(double value) {
    return std::isnan(value) ? std::nullopt : std::optional(value);
}

/// The readings of one run, in an order that is the same for every run.
std::vector<std::pair<Reading, std::optional<double>>> readings_of(const lab::Snapshot& s) {
    std::vector<std::pair<Reading, std::optional<double>>> list;
    const auto add = [&](const char* name, const char* unit, const char* help, std::optional<double> value) {
        list.push_back({Reading{name, unit, help, {}, {}}, value});
    };
    const bool recorded = s.trainable && s.records && s.records->size() > 0;
    const Record last = recorded ? (*s.records)[s.records->size() - 1] : Record{};
    add("Iteration", "", "Of the training",
        s.trainable ? std::optional(static_cast<double>(s.iteration)) : std::nullopt);
    add("Training time", "s", "Pauses excluded",
        s.trainable ? std::optional(s.training_seconds) : std::nullopt);
    const auto kl = s.quality && !s.quality->empty() ? known(s.quality->back().kl) : std::nullopt;
    const bool bounded = kl && s.bounded() && s.quality->back().temperature == 1;
    add("KL(data \u2016 model)", "nats", "On planes; 0 = perfect", bounded ? std::nullopt : kl);
    add("KL(data \u2016 model), at most", "nats",
        "On planes, of a model whose energy is an upper bound of \u2212log p; 0 = perfect",
        bounded ? kl : std::nullopt);
    add("KL measured at iteration", "",
        "KL is measured now and then: compare it where both numbers are the same",
        s.quality && !s.quality->empty() ? std::optional(static_cast<double>(s.quality->back().iteration))
                                         : std::nullopt);
    add("E\u207a \u2212 E\u207b", "nats", "Of the last iteration; above 0: negatives lie below the data",
        recorded ? known(last.difference()) : std::nullopt);
    add("Loss", "nats", "Of the last iteration", recorded ? known(last.loss) : std::nullopt);
    add("Temperature T", "", "Of the live chains: s\u00b2 / 2a", known(s.reading.temperature));
    add("Acceptance", "", "Of the live chains' proposals", known(s.reading.acceptance));
    add("Mean |\u2207E|", "", "Over the live chains", known(s.reading.gradient_norm));
    add("ESS", "", "Effective samples of all live chains together",
        s.mixing ? known(s.mixing->effective_samples) : std::nullopt);
    add("R\u0302", "",
        "Rank-normalised split R-hat of the live chains, of the statistic that mixes worst; below 1.01 "
        "they agree",
        s.mixing ? known(s.mixing->r_hat) : std::nullopt);
    return list;
}

/// What at least one run knows.
std::vector<Reading> readings(const lab::Snapshot& a, const lab::Snapshot& b) {
    std::vector<Reading> both;
    const auto of_a = readings_of(a), of_b = readings_of(b);
    for (std::size_t i = 0; i < of_a.size(); ++i) {
        Reading reading = of_a[i].first;
        reading.a = of_a[i].second;
        reading.b = of_b[i].second;
        if (reading.a || reading.b) both.push_back(reading);
    }
    if (a.scores && b.scores && a.scores->score == b.scores->score)
        for (const lab::ScoreSet& set : a.scores->sets)
            for (const lab::ScoreSet& other : b.scores->sets)
                if (set.name == other.name && set.meaning == lab::SetMeaning::ood)
                    both.push_back({"AUROC " + set.name, "", "Data against this set", known(set.auroc),
                                    known(other.auroc)});
    return both;
}

bool begin_columns(const char* id, const char* first) {
    if (!ImGui::BeginTable(id, 3, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp)) return false;
    ImGui::TableSetupColumn(first, ImGuiTableColumnFlags_WidthStretch, 0.44f);
    ImGui::TableSetupColumn("A", ImGuiTableColumnFlags_WidthStretch, 0.28f);
    ImGui::TableSetupColumn("B", ImGuiTableColumnFlags_WidthStretch, 0.28f);
    ImGui::TableHeadersRow();
    return true;
}

/// Wrapped, `right` pixels before the end of the column: the panel may be narrow.
void wrapped(const std::string& text, float right = 0) {
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - right);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
}

void cell(const std::string& text) {
    ImGui::TableNextColumn();
    wrapped(text);
}

/// Settings that are not the same in both, each of which B can take over from A.
void differing_settings(window::Context& context) {
    const window::Comparison& both = *context.comparison;
    window::SettingEditor& b = context.comparison->settings();
    const Settings &of_a = context.shell.settings().shown(), &of_b = b.shown();
    if (both.a().scene.name != both.b().scene.name)
        window::muted_text("Run B has another scene: " + both.b().scene.title + ".");
    const bool differ = std::ranges::any_of(settings_table(),
                                            [&](const Setting& row) { return !row.is_default(of_b, of_a); });
    if (!differ)
        window::muted_text(
            "All settings are the same. Change one of run B: find it below, or in its panels.");
    if (differ && begin_columns("settings", "Setting")) {
        for (const Setting& row : settings_table()) {
            if (row.is_default(of_b, of_a)) continue;
            ImGui::PushID(row.key.data());
            cell(std::string(row.label));
            if (ImGui::IsItemHovered(ImGuiHoveredFlags_ForTooltip)) explain_setting(row, b, {});
            cell(shown_value(row, of_a));
            ImGui::TableNextColumn();
            const float side = ImGui::GetFrameHeight();
            const float end = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
            wrapped(shown_value(row, of_b), side);
            ImGui::SameLine(0, 0);
            ImGui::SetCursorPosX(end - side);
            if (window::icon_button("as_in_a", window::icon::undo, "As in run A")) {
                b.change(row, row.text(of_a));
                b.release();
            }
            ImGui::PopID();
        }
        ImGui::EndTable();
        table_menu(context, "settings menu", [&] {
            NumberTable table{both.a().scene.name + "_settings", {"setting", "key", "A", "B"}, {}};
            for (const Setting& row : settings_table())
                if (!row.is_default(of_b, of_a))
                    table.rows.push_back(
                        {std::string(row.label), std::string(row.key), row.text(of_a), row.text(of_b)});
            return table;
        });
    }
}

void change_one(CompareState& state, window::Context& context) {
    ImGui::SetNextItemWidth(-FLT_MIN);
    if (std::exchange(context.comparison->finds_setting, false)) ImGui::SetKeyboardFocusHere();
    ImGui::InputTextWithHint("##change", "Change a setting of run B", &state.search);
    if (state.search.empty()) return;
    int found = 0;
    if (begin_rows("found")) {
        found = found_settings(context.comparison->settings(), state.search, context.comparison->b());
        end_rows();
    }
    if (found == 0)
        window::muted_text("No setting is called that. Try a word of what it does, or its symbol.");
}

std::string reading_text(const std::optional<double>& value, const std::string& unit) {
    return value ? window::format_value(*value, unit) : std::string(window::unknown_value);
}

/// Numbers are not broken: their columns are as wide as they need, and the names have what is left. Returns
/// whether there is room for a table at all.
bool draw_readings(const std::vector<Reading>& readings) {
    float widest = ImGui::CalcTextSize("B").x;
    for (const Reading& reading : readings)
        for (const auto& value : {reading.a, reading.b})
            widest = std::max(widest, ImGui::CalcTextSize(reading_text(value, reading.unit).c_str()).x);
    if (!ImGui::BeginTable("numbers", 3, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit))
        return false;
    ImGui::TableSetupColumn("Reading", ImGuiTableColumnFlags_WidthStretch);
    ImGui::TableSetupColumn("A", ImGuiTableColumnFlags_WidthFixed, widest);
    ImGui::TableSetupColumn("B", ImGuiTableColumnFlags_WidthFixed, widest);
    ImGui::TableHeadersRow();
    for (const Reading& reading : readings) {
        cell(reading.name);
        window::help_tooltip(reading.help);
        for (const auto& value : {reading.a, reading.b}) {
            ImGui::TableNextColumn();
            const std::string text = reading_text(value, reading.unit);
            window::note_room(text, ImGui::CalcTextSize(text.c_str()).x, ImGui::GetContentRegionAvail().x);
            ImGui::TextUnformatted(text.c_str());
        }
    }
    ImGui::EndTable();
    return true;
}

void draw_compare(CompareState& state, window::Context& context) {
    if (!context.comparison) {
        if (window::empty_state(window::icon::columns,
                                "Two runs side by side: run B begins as a copy of this one. Change one "
                                "thing there and see what it does.",
                                context.snapshot.state == lab::State::empty ? "" : "Duplicate this run"))
            context.shell.actions().run("duplicate", context);
        return;
    }
    window::Comparison& both = *context.comparison;
    window::checkbox("Linked", &both.linked);
    window::help_tooltip("Run, Pause, single steps, Reset, the pace and the part of the plane that is shown "
                         "are those of both runs");
    flow(button_width("End run B"));
    ImGui::BeginDisabled(!both.is_copied());
    if (ImGui::Button("End run B")) context.shell.end_comparison();
    ImGui::EndDisabled();
    if (!both.is_copied()) {
        window::muted_text("The run is being copied.");
        return;
    }
    const float width = ImGui::GetContentRegionAvail().x;
    const bool beside = width > scaled(620);
    ImGui::BeginChild("differences", {beside ? width / 2 - scaled(6) : 0, 0},
                      beside ? 0 : ImGuiChildFlags_AutoResizeY);
    differing_settings(context);
    change_one(state, context);
    ImGui::EndChild();
    if (beside) ImGui::SameLine(0, scaled(12));
    ImGui::BeginChild("readings", {0, 0}, beside ? 0 : ImGuiChildFlags_AutoResizeY);
    if (draw_readings(readings(both.a(), both.b()))) {
        table_menu(context, "numbers menu", [&] {
            NumberTable table{both.a().scene.name + "_compared", {"reading", "unit", "A", "B"}, {}};
            for (const Reading& reading : readings(both.a(), both.b()))
                table.rows.push_back({reading.name, reading.unit, reading.a, reading.b});
            return table;
        });
    }
    ImGui::EndChild();
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel compare_panel() {
    const auto state = std::make_shared<panels::CompareState>();
    Panel panel;
    panel.id = "compare";
    panel.title = "Compare runs";
    panel.short_title = "Compare";
    panel.icon = icon::columns;
    panel.place = Place::bottom;
    panel.help = panels::help_text("compare");
    panel.open = false;
    panel.views = {lab::View::quality, lab::View::mixing, lab::View::scores};
    panel.both_runs = true;
    panel.draw = [state](Context& context) { panels::draw_compare(*state, context); };
    return panel;
}

} // namespace ebm::window
