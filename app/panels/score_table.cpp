#include "app/panels/score_table.h"

#include "app/panels/score_choice.h"
#include "app/panels/table_export.h"
#include "app/window/number_format.h"
#include "app/window/widgets.h"
#include "core/measure/scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace ebm::panels {

using namespace window;

namespace {

/// "500 of 10,000", or "500" if those are all.
std::string n_of(const lab::ScoreSet& set) {
    return format_count(set.count) + (set.count < set.total ? " of " + format_count(set.total) : "");
}

const char* meaning_name(lab::SetMeaning meaning) {
    switch (meaning) {
    case lab::SetMeaning::data:
        return "training data";
    case lab::SetMeaning::held_out:
        return "held-out data";
    case lab::SetMeaning::buffer:
        return "replay buffer";
    case lab::SetMeaning::samples:
        return "chains";
    case lab::SetMeaning::ood:
        break;
    }
    return "out of distribution";
}

/// Number of the OOD set among the OOD sets.
int ood_number(const lab::ScoresView& scores, std::size_t index) {
    int number = 0;
    for (std::size_t i = 0; i < index; ++i)
        number += scores.sets[i].meaning == lab::SetMeaning::ood;
    return number;
}

} // namespace

bool may_be_chance(const lab::ScoreSet& set) {
    return set.auroc_low <= 0.5 && set.auroc_high >= 0.5;
}

Meaning auroc_meaning(const lab::ScoreSet& set) {
    return set.auroc < 0.5 && !may_be_chance(set) ? Meaning::failure : Meaning::text;
}

ImVec4 hue_of(const lab::ScoresView& scores, std::size_t index) {
    switch (scores.sets[index].meaning) {
    case lab::SetMeaning::data:
        return color(Meaning::data);
    case lab::SetMeaning::held_out:
        return color(Meaning::held_out);
    case lab::SetMeaning::buffer:
        return color(Meaning::buffer);
    case lab::SetMeaning::samples:
        return color(Meaning::samples);
    case lab::SetMeaning::ood:
        break;
    }
    return ood_color(ood_number(scores, index));
}

Dash dash_of(const lab::ScoresView& scores, std::size_t index) {
    if (scores.sets[index].meaning == lab::SetMeaning::held_out) return Dash::long_dash;
    if (scores.sets[index].meaning != lab::SetMeaning::ood) return Dash::solid;
    return static_cast<Dash>(ood_number(scores, index) % dash_count);
}

Hatch hatch_of(const lab::ScoresView& scores, std::size_t index) {
    if (scores.sets[index].meaning != lab::SetMeaning::ood) return Hatch::none;
    constexpr std::array all = {Hatch::rising, Hatch::falling, Hatch::level, Hatch::crossed};
    return all[static_cast<std::size_t>(ood_number(scores, index)) % all.size()];
}

namespace {

/// The sets with an AUROC first: it is what the table is read for, and a low panel shows few rows.
std::vector<std::size_t> reading_order(const lab::ScoresView& scores) {
    std::vector<std::size_t> order(scores.sets.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_partition(order.begin(), order.end(),
                          [&](std::size_t i) { return scores.sets[i].meaning == lab::SetMeaning::ood; });
    return order;
}

NumberTable score_numbers(const lab::ScoresView& scores, const std::string& name) {
    const bool energies = scores.energies();
    NumberTable table{name,
                      {"set", "meaning", "n", "samples", energies ? "energy_mean_nat" : "score_mean",
                       energies ? "energy_sd_nat" : "score_sd",
                       energies ? "energies_not_finite" : "scores_not_finite", "auroc", "fpr95",
                       "positive_class", "positive_n", "score", "auroc_low", "auroc_high", "aupr"},
                      {}};
    for (const lab::ScoreSet& set : scores.sets) {
        const bool compared = !std::isnan(set.auroc);
        table.rows.push_back({set.name, meaning_name(set.meaning), set.count, set.total, set.mean, set.sd,
                              set.not_finite, set.auroc, set.fpr95, compared ? scores.positive : "",
                              compared ? TableCell(scores.positive_count) : TableCell(""),
                              std::string(measure::score_info(scores.score).name), set.auroc_low,
                              set.auroc_high, set.aupr});
    }
    return table;
}

} // namespace

std::string score_text(const lab::ScoresView& scores, char separator) {
    return table_text(score_numbers(scores, "scores"), separator);
}

void score_table(Context& context, const lab::ScoresView& scores, ImVec2 size) {
    const float line = ImGui::GetTextLineHeightWithSpacing(),
                words = line * static_cast<float>((size.x < ImGui::GetFontSize() * 25 ? 2 : 1) +
                                                  scores.overlap.has_value());
    const bool wide = size.x > ImGui::GetFontSize() * 22, roomy = size.x > ImGui::GetFontSize() * 34;
    constexpr ImGuiTableFlags flags =
        ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit;
    const int columns = wide ? 5 : 4;
    if (ImGui::BeginTable("sets", columns, flags,
                          {0, std::max(size.y - words, ImGui::GetTextLineHeight() * 4)})) {
        ImGui::TableSetupScrollFreeze(0, 1);
        ImGui::TableSetupColumn("set", ImGuiTableColumnFlags_WidthStretch);
        if (wide) ImGui::TableSetupColumn("n");
        ImGui::TableSetupColumn(scores.energies() ? "mean E" : "mean");
        ImGui::TableSetupColumn("AUROC", 0, ImGui::GetFontSize() * 6.2f);
        ImGui::TableSetupColumn("FPR95");
        ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::muted));
        ImGui::TableHeadersRow();
        ImGui::PopStyleColor();
        for (const std::size_t i : reading_order(scores)) {
            const lab::ScoreSet& set = scores.sets[i];
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            const ImVec2 corner = ImGui::GetCursorScreenPos();
            const float swatch = ImGui::GetFontSize(), middle = std::floor(corner.y + swatch * 0.55f) + 0.5f;
            const std::array swatch_line = {ImVec2{corner.x, middle}, ImVec2{corner.x + swatch, middle}};
            dashed_line(*ImGui::GetWindowDrawList(), swatch_line, ink_of(scores, i), scaled(2),
                        dash_of(scores, i));
            ImGui::Dummy({swatch, 0});
            ImGui::SameLine();
            clipped_text(set.name, ImGui::GetContentRegionAvail().x);
            const TypeScope type(Type::mono);
            if (wide) {
                ImGui::TableNextColumn();
                ImGui::TextUnformatted((roomy ? n_of(set) : format_count(set.count)).c_str());
            }
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(format_number(set.mean).c_str());
            help_tooltip("n " + n_of(set) + ", sd " + format_number(set.sd) +
                         (set.not_finite > 0
                              ? "; " + format_count(set.not_finite) + " not finite, left out of both"
                              : ""));
            if (set.meaning != lab::SetMeaning::ood) {
                ImGui::TableNextColumn();
                ImGui::TextColored(color(Meaning::muted), "–");
                ImGui::TableNextColumn();
                ImGui::TextColored(color(Meaning::muted), "–");
                continue;
            }
            if (std::isnan(set.auroc)) {
                for (int column = 0; column < 2; ++column) {
                    ImGui::TableNextColumn();
                    ImGui::TextColored(color(Meaning::muted), "–");
                    help_tooltip("Unknown: " + set.why_no_auroc + ".");
                }
                continue;
            }
            ImGui::TableNextColumn();
            ImGui::TextColored(color(auroc_meaning(set)), "%s", format_number(set.auroc).c_str());
            ImGui::SameLine(ImGui::CalcTextSize("0.0000").x);
            // A bar from 0 to 1 with a line at chance.
            const ImVec2 from = ImGui::GetCursorScreenPos();
            const float width = std::max(ImGui::GetContentRegionAvail().x, 10.f),
                        height = ImGui::GetTextLineHeight();
            ImDrawList& list = *ImGui::GetWindowDrawList();
            const float top = from.y + height * 0.3f, bottom = from.y + height * 0.75f;
            list.AddRectFilled({from.x, top}, {from.x + width, bottom}, packed(Meaning::control), 2);
            list.AddRectFilled({from.x, top}, {from.x + width * static_cast<float>(set.auroc), bottom},
                               ink_of(scores, i), 2);
            list.AddLine({from.x + width / 2, from.y}, {from.x + width / 2, from.y + height},
                         packed(Meaning::text, 0.7f));
            ImGui::Dummy({width, height});
            help_tooltip(
                interval_in_words(set) + " " +
                (may_be_chance(set) ? "The interval reaches over 0.5 (the line): that may be chance. "
                 : set.auroc < 0.5
                     ? "Below 0.5: the score finds these more like the data than the positive class. "
                     : "1 = told apart perfectly, 0.5 (the line) = by chance. ") +
                format_count(scores.positive_count) + " of " + scores.positive + " against " + n_of(set) +
                (set.count < set.total ? "; 'Scored of each set' in Settings takes more." : "."));
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(format_share(set.fpr95).c_str());
        }
        ImGui::EndTable();
    }
    table_menu(context, "table menu",
               [&] { return score_numbers(scores, context.snapshot.scene.name + "_scores"); });
    muted_text(score_convention(scores));
    if (!scores.overlap) return;
    const measure::Overlap& overlap = *scores.overlap;
    const std::string verdict = measure::verdict(overlap);
    ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::muted));
    // The whole is in the tooltip; here stands what there is room for.
    const std::string share = fmt::format("{:.0f} %", 100 * overlap.share);
    const std::string sentences[] = {"Training and held-out data overlap by " + share +
                                         (verdict.empty() ? verdict : ": " + verdict),
                                     "Training and held-out data overlap by " + share, "Overlap " + share};
    const auto fits = [&](const std::string& text) { return ImGui::CalcTextSize(text.c_str()).x <= size.x; };
    const auto* chosen = std::ranges::find_if(sentences, fits);
    clipped_text(chosen == std::end(sentences) ? sentences[2] : *chosen, size.x);
    ImGui::PopStyleColor();
    help_tooltip(measure::in_words(overlap));
}

} // namespace ebm::panels
