#include "app/panels/score_choice.h"

#include "app/panels/percentile.h"
#include "app/panels/plotting.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"
#include "core/measure/scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ebm::panels {

using namespace window;

std::string score_convention(const lab::ScoresView& scores) {
    const measure::ScoreInfo& info = measure::score_info(scores.score);
    std::string text = fmt::format("score = {}, positive class = {}", info.title,
                                   scores.positive.empty() ? "none" : scores.positive);
    if (scores.fitted_on > 0)
        text += fmt::format(", fitted on {} others of them", format_count(scores.fitted_on));
    return text;
}

std::string score_in_words(ScoreKind kind) {
    const measure::ScoreInfo& info = measure::score_info(kind);
    return fmt::format(
        "{}\n{}\nCost of a sample: {}. Source: {}.{}", info.formula, info.help, info.cost, info.source,
        info.needs.fit ? " Fitted on every second sample of the held-out data; the others are the "
                         "positive class. It never sees an OOD set."
                       : "");
}

void score_choice(Context& context, const lab::ScoresView& scores) {
    const std::string label = "Score";
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(label.c_str());
    ImGui::SameLine();
    SettingEditor& editor = context.settings;
    const Setting& row = setting("view.score");
    const auto chosen = static_cast<ScoreKind>(static_cast<int>(row.number(editor.shown())));
    ImGui::SetNextItemWidth(std::min(ImGui::GetFontSize() * 12,
                                     std::max(ImGui::GetContentRegionAvail().x, ImGui::GetFontSize() * 5)));
    const std::string title(measure::score_info(chosen).title);
    if (begin_combo("##score", title)) {
        for (const measure::ScoreInfo& info : measure::score_kinds()) {
            const auto index = static_cast<std::size_t>(info.kind);
            const bool possible = index >= scores.refusals.size() || scores.refusals[index].empty();
            ImGui::BeginDisabled(!possible);
            if (ImGui::Selectable(std::string(info.title).c_str(), info.kind == chosen)) {
                editor.change_number(row, static_cast<double>(index));
                editor.release();
            }
            ImGui::EndDisabled();
            help_tooltip(possible ? score_in_words(info.kind) : scores.refusals[index], info.title);
        }
        ImGui::EndCombo();
    }
    help_tooltip(score_in_words(chosen), measure::score_info(chosen).title);
    const std::string selected = selected_in_words(context.snapshot, scores);
    if (selected.empty()) return;
    flow(ImGui::CalcTextSize(selected.c_str()).x);
    ImGui::AlignTextToFramePadding();
    ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::muted));
    clipped_text(selected, ImGui::GetContentRegionAvail().x);
    ImGui::PopStyleColor();
}

std::string interval_in_words(const lab::ScoreSet& set) {
    if (std::isnan(set.auroc)) return "No AUROC, because " + set.why_no_auroc + ".";
    if (std::isnan(set.auroc_low))
        return fmt::format("AUROC {}, no interval, because {}.", format_number(set.auroc),
                           set.why_no_interval);
    return fmt::format("AUROC {}, 95 % interval {} … {} (DeLong). AUPR {}.{}{}", format_number(set.auroc),
                       format_number(set.auroc_low), format_number(set.auroc_high), format_number(set.aupr),
                       set.remark.empty() ? "" : " ", set.remark);
}

std::string selected_in_words(const lab::Snapshot& snapshot, const lab::ScoresView& scores) {
    const int chain = snapshot.trace ? snapshot.trace->chain : -1;
    if (chain < 0 || static_cast<std::size_t>(chain) >= scores.chain_values.size()) return {};
    const float value = scores.chain_values[static_cast<std::size_t>(chain)];
    const double below = percentile(value, scores.score_quantiles);
    if (!std::isfinite(value)) return fmt::format("Chain {} as last scored: not finite", chain);
    std::string text = fmt::format("Chain {} as last scored: {}", chain, format_number(value));
    if (!std::isnan(below))
        text += fmt::format(", above {} of: {}", format_share(std::round(below) / 100), scores.positive);
    return text;
}

} // namespace ebm::panels
