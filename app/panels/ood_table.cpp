#include "app/panels/flow_number.h"
#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/plotting.h"
#include "app/panels/score_choice.h"
#include "app/panels/score_table.h"
#include "app/panels/table_export.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"
#include "core/lab/ood_table_view.h"
#include "core/measure/scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <utility>

namespace ebm::panels {

using namespace window;

namespace {

class OodTablePanel {
public:
    void draw(Context& context);

private:
    void draw_controls(Context& context);
    void draw_score_choice();
    void follow(const std::shared_ptr<const lab::OodTableView>& view);
    void draw_rows(Context& context, const lab::OodTableView& view);
    void draw_published(Context& context);

    std::string score_; ///< of measure::score_kinds, or "all"; empty: those that tell most for their cost
    int most_ = 2000;
    std::shared_ptr<const lab::OodTableView> view_; ///< that rows_ were made of
    std::vector<lab::OodRow> rows_;                 ///< of it, with titles in the place of names
};

/// A model as it is called on the screen: its scene by the title, a file by its name.
std::string title_of(const std::string& model) {
    for (const lab::Scene& scene : lab::built_in_scenes())
        if (scene.name == model) return scene.title;
    return std::filesystem::path(model).filename().string();
}

/// What the table does at the moment.
std::string what_it_does(const lab::OodTableView& view) {
    if (view.done) return "Finished: " + format_count(static_cast<std::int64_t>(view.rows.size())) + " rows";
    return fmt::format("{}{}, {:.0f} % of all", view.paused ? "Paused at " : "", title_of(view.model),
                       100 * view.share);
}

void OodTablePanel::draw_score_choice() {
    constexpr const char* usual = "usual ones";
    flow(ImGui::CalcTextSize("Score").x + ImGui::GetFontSize() * 12 + scaled(8));
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Score");
    ImGui::SameLine();
    const auto title = [&]() -> std::string {
        if (score_.empty()) return usual;
        return score_ == "all" ? score_ : std::string(measure::score_named(score_).title);
    };
    ImGui::SetNextItemWidth(std::min(ImGui::GetFontSize() * 12,
                                     std::max(ImGui::GetContentRegionAvail().x, ImGui::GetFontSize() * 5)));
    constexpr const char* usual_help = "−E, approximate mass, typicality and input complexity; of energies "
                                       "that chains were trained with also "
                                       "recovery and density of states.";
    if (begin_combo("##score", title())) {
        if (ImGui::Selectable(usual, score_.empty())) score_.clear();
        help_tooltip(usual_help);
        for (const measure::ScoreInfo& info : measure::score_kinds()) {
            if (ImGui::Selectable(std::string(info.title).c_str(), info.name == score_)) score_ = info.name;
            help_tooltip(score_in_words(info.kind), info.title);
        }
        if (ImGui::Selectable("all", score_ == "all")) score_ = "all";
        help_tooltip("Every score that a model can give.");
        ImGui::EndCombo();
    }
    help_tooltip(score_.empty()    ? usual_help
                 : score_ == "all" ? std::string("Every score that a model can give.")
                                   : score_in_words(measure::score_named(score_).kind));
}

void OodTablePanel::draw_controls(Context& context) {
    const lab::OodTableView* view = context.snapshot.ood_table.get();
    if (accent_button(view ? "Ask them anew###ood_start" : "Ask the models###ood_start")) {
        lab::StartOodTable start;
        if (!score_.empty()) start.scores = {score_};
        start.most = most_;
        if (!view || view->rows.empty())
            context.send(start);
        else
            context.shell.ask(
                {"Ask the models anew?",
                 "The rows that are there, " + format_count(static_cast<std::int64_t>(view->rows.size())) +
                     (view->done ? " in all," : " so far,") +
                     " are given up, and every model is asked from the beginning. A right click on "
                     "the table copies or saves its numbers.",
                 {{"Ask them anew", [send = context.send, start] { send(start); }}}});
    }
    help_tooltip(
        "Every model of Fashion-MNIST that comes with the program, one after the other, as the command "
        "“ebmlab table ood” does. It goes on while this panel is shown, whatever scene is open.");
    if (view && !view->done) {
        ImGui::SameLine();
        if (ImGui::Button(view->paused ? "Go on###ood_pause" : "Pause###ood_pause"))
            context.send(lab::PauseOodTable{!view->paused});
    }
    if (view) {
        ImGui::SameLine();
        if (ImGui::Button(view->done ? "Clear###ood_end" : "Cancel###ood_end"))
            context.send(lab::EndOodTable{});
    }
    draw_score_choice();
    flow_number("Of each set", "##most", most_, 2, 10'000,
                "Samples of each set that are scored, evenly taken. More make the intervals shorter and take "
                "longer; the fits of some scores take 2,000 held-out pictures at least.");
}

void OodTablePanel::follow(const std::shared_ptr<const lab::OodTableView>& view) {
    if (std::exchange(view_, view) == view) return;
    rows_ = view ? view->rows : std::vector<lab::OodRow>();
    for (lab::OodRow& row : rows_)
        row.model = title_of(row.model);
}

/// What an AUROC below or about 0.5 says, behind its numbers; empty if it says nothing of the kind.
std::string about_chance(const lab::ScoreSet& set) {
    if (may_be_chance(set))
        return " The interval reaches over 0.5: that may be chance, and the score does not tell the two "
               "apart.";
    if (set.auroc < 0.5) return " Below 0.5: the score finds these more like the data than the data.";
    return "";
}

void OodTablePanel::draw_rows(Context& context, const lab::OodTableView& view) {
    const std::vector<std::string> sets = lab::ood_set_names(rows_);
    const int columns = 2 + static_cast<int>(sets.size());
    const float height = ImGui::GetTextLineHeightWithSpacing() *
                             static_cast<float>(std::min<std::size_t>(rows_.size(), 24) + 1) +
                         ImGui::GetStyle().ScrollbarSize + scaled(8);
    if (!ImGui::BeginTable("models", columns,
                           ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollX |
                               ImGuiTableFlags_ScrollY | ImGuiTableFlags_NoSavedSettings,
                           {0, height}))
        return;
    ImGui::TableSetupScrollFreeze(1, 1);
    ImGui::TableSetupColumn("model");
    ImGui::TableSetupColumn("score");
    for (const std::string& set : sets)
        ImGui::TableSetupColumn(set.c_str());
    ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::muted));
    ImGui::TableHeadersRow();
    ImGui::PopStyleColor();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const lab::OodRow& row = rows_[i];
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(row.model.c_str());
        help_tooltip(view.rows[i].model);
        ImGui::TableNextColumn();
        const measure::ScoreInfo& info = measure::score_info(row.score);
        ImGui::TextUnformatted(row.opened ? std::string(info.name).c_str() : "–");
        help_tooltip(row.opened ? score_in_words(row.score) : row.problem, row.opened ? info.title : "");
        for (const std::string& name : sets) {
            ImGui::TableNextColumn();
            const auto set = std::ranges::find(row.sets, name, &lab::ScoreSet::name);
            const bool known = set != row.sets.end() && std::isfinite(set->auroc);
            ImGui::TextColored(color(known ? auroc_meaning(*set) : Meaning::muted), "%s",
                               lab::ood_cell(row, name).c_str());
            if (!known)
                help_tooltip(set != row.sets.end() ? "Unknown: " + set->why_no_auroc + "."
                             : row.problem.empty() ? "The model has no such set."
                                                   : row.problem);
            else
                help_tooltip(fmt::format("{} of {} against {} of {}; FPR at 95 % TPR {}.{}",
                                         format_count(row.positive_count), row.positive,
                                         format_count(set->count), name, format_share(set->fpr95),
                                         about_chance(*set)));
        }
    }
    ImGui::EndTable();
    table_menu(context, "models menu", [&] {
        NumberTable table{"ood_table", lab::ood_columns(), {}};
        for (const std::vector<std::string>& line : lab::ood_lines(view.rows))
            table.rows.emplace_back(line.begin(), line.end());
        return table;
    });
    muted_text(lab::ood_note(rows_));
    for (const std::string& remark : lab::ood_remarks(rows_))
        muted_text(remark);
}

void OodTablePanel::draw_published(Context& context) {
    group_heading("As published");
    muted_text(lab::published_ood_title);
    const auto rows = lab::published_ood();
    if (!ImGui::BeginTable("published", 4,
                           ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg |
                               ImGuiTableFlags_NoHostExtendX | ImGuiTableFlags_NoSavedSettings))
        return;
    for (const char* title : {"set", "PixelCNN++", "Glow", "EBM"})
        ImGui::TableSetupColumn(title);
    ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::muted));
    ImGui::TableHeadersRow();
    ImGui::PopStyleColor();
    for (const lab::PublishedOod& row : rows) {
        ImGui::TableNextRow();
        for (const std::string_view cell : {row.set, row.pixelcnn, row.glow, row.ebm}) {
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(cell.data(), cell.data() + cell.size());
        }
    }
    ImGui::EndTable();
    table_menu(context, "published menu", [&] {
        NumberTable table{"ood_as_published", {"set", "PixelCNN++", "Glow", "EBM"}, {}};
        for (const lab::PublishedOod& row : rows)
            table.rows.push_back({std::string(row.set), std::string(row.pixelcnn), std::string(row.glow),
                                  std::string(row.ebm)});
        return table;
    });
    muted_text(lab::published_ood_protocol);
}

void OodTablePanel::draw(Context& context) {
    if (context.snapshot.state == lab::State::empty)
        return (void)empty_state(icon::difference, "No energy yet. Pick a scene in the panel at the left.");
    follow(context.snapshot.ood_table);
    draw_controls(context);
    const lab::OodTableView* view = context.snapshot.ood_table.get();
    ImGui::BeginChild("tables");
    if (!view) {
        muted_text(
            "Which models know what they do not know? Each model of Fashion-MNIST that comes with the "
            "program "
            "scores held-out clothes and sets that it never saw; AUROC is the share of pairs in which the "
            "clothes get the higher score. A row appears as soon as its score is known, those that cost "
            "least "
            "first; all of them take some minutes.");
    } else {
        ImGui::AlignTextToFramePadding();
        muted_text(what_it_does(*view));
        if (!view->done)
            progress(static_cast<float>(view->share), {ImGui::GetContentRegionAvail().x, scaled(4)});
        if (!view->rows.empty()) draw_rows(context, *view);
    }
    draw_published(context);
    ImGui::EndChild();
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel ood_table_panel() {
    const auto state = std::make_shared<panels::OodTablePanel>();
    Panel panel;
    panel.id = "ood_table";
    panel.views = {lab::View::ood_table};
    panel.title = "Known or not";
    panel.icon = icon::difference;
    panel.place = Place::centre;
    panel.open = false;
    panel.help = panels::help_text("ood_table");
    panel.draw = [state](Context& context) { state->draw(context); };
    return panel;
}

} // namespace ebm::window
