#pragma once

#include "app/panels/plotting.h"
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

/// What is scored how; printed wherever an AUROC stands.
inline constexpr const char* score_convention =
    "score = −E, positive class = in-distribution (held-out data)";

/// Set, n, mean energy, AUROC with a bar that marks chance, FPR at 95 % TPR, and the convention below.
void score_table(const lab::ScoresView& scores, ImVec2 size);

} // namespace ebm::panels
