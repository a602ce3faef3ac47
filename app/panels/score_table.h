#pragma once

#include "app/panels/plotting.h"
#include "app/window/context.h"
#include "app/window/theme.h"
#include "core/lab/snapshot.h"

namespace ebm::panels {

/// The colour of set `index`: that of its meaning, and for each OOD set one of its own.
ImVec4 hue_of(const lab::ScoresView& scores, std::size_t index);
inline ImU32 ink_of(const lab::ScoresView& scores, std::size_t index, float alpha = 1) {
    return ImGui::ColorConvertFloat4ToU32(window::with_alpha(hue_of(scores, index), alpha));
}
/// The outline of set `index`: OOD sets are told apart by dashes too, not by colour alone.
Dash dash_of(const lab::ScoresView& scores, std::size_t index);

/// Hatching that tells OOD set `index` from others without colour: its direction; none for other sets.
Hatch hatch_of(const lab::ScoresView& scores, std::size_t index);

/// Whether the interval of an AUROC holds 0.5.
bool may_be_chance(const lab::ScoreSet& set);
/// How a known AUROC is coloured: below chance is the wrong way round; what may be chance is neither way.
window::Meaning auroc_meaning(const lab::ScoreSet& set);

/// Set, n, mean of what the histogram shows, AUROC with a bar that marks chance and its interval, FPR at 95 %
/// TPR, and the convention below. The
/// context menu copies and saves it.
void score_table(window::Context& context, const lab::ScoresView& scores, ImVec2 size);
/// The same as text, one row a set: name, meaning, n, samples there are, mean and sd of energies or scores,
/// how many are not finite, AUROC and FPR at 95 % TPR (empty where there are none), positive class and its n,
/// score, interval of the AUROC, AUPR.
std::string score_text(const lab::ScoresView& scores, char separator);

} // namespace ebm::panels
