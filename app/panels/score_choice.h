#pragma once

#include "app/window/context.h"

#include <string>

namespace ebm::panels {

/// "score = Recovery, positive class = Held-out data": what is scored how; printed wherever an AUROC stands.
std::string score_convention(const lab::ScoresView& scores);
/// Title, formula, what it tells, cost, source and needs, for a tooltip.
std::string score_in_words(ScoreKind kind);
/// The score of view.score to choose from; those that the model cannot give say why.
void score_choice(window::Context& context, const lab::ScoresView& scores);
/// "AUROC 0.874, 95 % interval 0.861 … 0.886", or why there is none.
std::string interval_in_words(const lab::ScoreSet& set);
/// What the selected chain's sample scored when the scores were computed, and how much of the positive class
/// lies below; empty if none is selected or not all chains were scored.
std::string selected_in_words(const lab::Snapshot& snapshot, const lab::ScoresView& scores);

} // namespace ebm::panels
