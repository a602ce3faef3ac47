#pragma once

#include "app/panels/plotting.h"
#include "app/window/theme.h"
#include "core/lab/snapshot.h"

namespace ebm::panels {

/// The hue of a set of scores.
window::Meaning meaning_of(lab::SetMeaning set);
/// The outline of set `index`: OOD sets share a hue, so the dashes tell them apart.
Dash dash_of(const lab::ScoresView& scores, std::size_t index);

/// What is scored how; printed wherever an AUROC stands.
inline constexpr const char* score_convention =
    "score = −E, positive class = in-distribution (held-out data)";

/// Set, n, mean energy, AUROC with a bar that marks chance, FPR at 95 % TPR, and the convention below.
void score_table(const lab::ScoresView& scores, ImVec2 size);

} // namespace ebm::panels
