#pragma once

#include "core/lab/laboratory.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace CLI {
class App;
}

/// The option --score, and what `ebmlab evaluate` says of sets and scores.
namespace ebm::cli {

/// --score NAME, several of them with commas or repeated, or all.
void add_scores(CLI::App& app, std::vector<std::string>& names, const std::string& help);
/// The scores of those names, in their order; `all` is those that the model can give. Throws Error for an
/// unknown name.
std::vector<ScoreKind> chosen_scores(const lab::Laboratory& laboratory,
                                     const std::vector<std::string>& names);

/// Names, formulas, costs and needs of all scores, for the help.
std::string scores_in_words();

/// `views`: that of −E, then those that were asked for, which may be that of −E again.
struct ScoreReport {
    const lab::ScoresView& energies;
    std::vector<std::shared_ptr<const lab::ScoresView>> asked;
};
/// The table of sets and scores with its remarks.
std::string scores_text(const ScoreReport& report);
/// score, sets, ood and what goes with them, into `json`.
void put_scores(nlohmann::ordered_json& json, const ScoreReport& report);

/// JSON knows no NaN and no infinity: null, and the reason beside it.
void put(nlohmann::ordered_json& json, const std::string& key, double value, const std::string& reason);
/// Something that is not known: null, and the reason beside it.
void put_unknown(nlohmann::ordered_json& json, const std::string& key, const std::string& reason);

} // namespace ebm::cli
