#include "core/lab/ood_table_view.h"

#include "core/base/counted.h"
#include "core/measure/scores.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::lab {
namespace {

constexpr const char* no_number = "–";

std::string digits_of(double value) {
    return std::isnan(value) ? "" : fmt::format("{}", value);
}

} // namespace

std::vector<std::string> ood_set_names(const std::vector<OodRow>& rows) {
    std::vector<std::string> names;
    for (const OodRow& row : rows)
        for (const ScoreSet& set : row.sets)
            if (std::ranges::find(names, set.name) == names.end()) names.push_back(set.name);
    return names;
}

std::string ood_cell(const OodRow& row, const std::string& name) {
    const auto set = std::ranges::find(row.sets, name, &ScoreSet::name);
    if (set == row.sets.end() || !std::isfinite(set->auroc)) return no_number;
    if (!std::isfinite(set->auroc_low)) return fmt::format("{:.3f}", set->auroc);
    const double half = (set->auroc_high - set->auroc_low) / 2;
    if (std::abs(set->auroc_low + half - set->auroc) < 0.002)
        return fmt::format("{:.3f} ± {:.3f}", set->auroc, half);
    return fmt::format("{:.3f} ({:.3f} to {:.3f})", set->auroc, set->auroc_low, set->auroc_high);
}

std::string ood_note(const std::vector<OodRow>& rows) {
    std::string text =
        "AUROC with half of its 95 % interval (DeLong), or its ends where it is not as long on "
        "both sides; higher score = more like the data.";
    // Models of which the same is to be said are named together, and not at all if those are all of them.
    std::vector<std::pair<std::string, std::vector<std::string>>> told;
    std::vector<std::string> models;
    for (const OodRow& row : rows) {
        if (!row.problem.empty() || std::ranges::find(models, row.model) != models.end()) continue;
        models.push_back(row.model);
        std::int64_t fitted_on = 0;
        for (const OodRow& other : rows)
            if (other.model == row.model) fitted_on = std::max(fitted_on, other.fitted_on);
        const std::string words =
            fmt::format("positive class {} (n {}){}", row.positive, grouped(row.positive_count),
                        fitted_on > 0 ? ", fits on " + grouped(fitted_on) + " others" : "");
        const auto same = std::ranges::find(told, words, &decltype(told)::value_type::first);
        if (same == told.end())
            told.push_back({words, {row.model}});
        else
            same->second.push_back(row.model);
    }
    for (const auto& [words, of] : told)
        text += told.size() == 1 ? fmt::format(" Of all models: {}.", words)
                                 : fmt::format(" {}: {}.", fmt::join(of, ", "), words);
    return text;
}

std::vector<std::string> ood_remarks(const std::vector<OodRow>& rows) {
    std::vector<std::string> remarks;
    for (const OodRow& row : rows) {
        if (!row.problem.empty()) remarks.push_back(row.model + ": " + row.problem);
        for (const ScoreSet& set : row.sets) {
            if (set.count > 0 || set.why_no_auroc.empty()) continue;
            std::string remark =
                fmt::format("{}: {} has no numbers: {}", row.model, set.name, set.why_no_auroc);
            if (!remark.ends_with('.')) remark += ".";
            if (std::ranges::find(remarks, remark) == remarks.end()) remarks.push_back(std::move(remark));
        }
        for (const ScoreSet& set : row.sets)
            if (set.not_finite > 0)
                remarks.push_back(
                    fmt::format("{}, {}: {} of {} scores of {} are not finite, which counts as most unlike "
                                "the data.",
                                row.model, measure::score_info(row.score).name, grouped(set.not_finite),
                                grouped(set.count), set.name));
    }
    return remarks;
}

const std::vector<std::string>& ood_columns() {
    static const std::vector<std::string> columns = {
        "model",      "score", "set",       "positive_class", "positive_n", "fitted_on", "n",
        "not_finite", "auroc", "auroc_low", "auroc_high",     "aupr",       "fpr95",     "problem"};
    return columns;
}

std::vector<std::vector<std::string>> ood_lines(const std::vector<OodRow>& rows) {
    std::vector<std::vector<std::string>> lines;
    for (const OodRow& row : rows) {
        const std::string score(row.opened ? measure::score_info(row.score).name : "");
        if (!row.problem.empty()) {
            std::vector<std::string> line(ood_columns().size());
            line.front() = row.model;
            line[1] = score;
            line.back() = row.problem;
            lines.push_back(std::move(line));
        }
        for (const ScoreSet& set : row.sets)
            lines.push_back({row.model, score, set.name, row.positive, std::to_string(row.positive_count),
                             std::to_string(row.fitted_on), std::to_string(set.count),
                             std::to_string(set.not_finite), digits_of(set.auroc), digits_of(set.auroc_low),
                             digits_of(set.auroc_high), digits_of(set.aupr), digits_of(set.fpr95),
                             set.why_no_auroc});
    }
    return lines;
}

std::span<const PublishedOod> published_ood() {
    static constexpr std::array<PublishedOod, 6> rows = {{{"SVHN", "0.32", "0.24", "0.63"},
                                                          {"Textures", "0.33", "0.27", "0.48"},
                                                          {"Constant", "0.0", "0.0", "0.30"},
                                                          {"Uniform noise", "1.0", "1.0", "1.0"},
                                                          {"Interpolation", "0.71", "0.59", "0.70"},
                                                          {"mean", "0.47", "0.42", "0.62"}}};
    return rows;
}

} // namespace ebm::lab
