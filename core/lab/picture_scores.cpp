#include "core/lab/picture_scores.h"

#include "core/lab/views.h"

#include <algorithm>
#include <cmath>

namespace ebm::lab {
namespace {

using torch::Tensor;

constexpr std::int64_t most_compared = 200, most_fitted = 400, most_at_a_time = 16;

std::int64_t at_a_time(const Energy& energy) {
    return energy.classes() > 10 ? std::max<std::int64_t>(1, most_at_a_time * 10 / energy.classes())
                                 : most_at_a_time;
}

Statistics rows_of(const Statistics& all, std::int64_t first, std::int64_t end) {
    const auto rows = [&](const Tensor& x) { return x.defined() ? x.slice(0, first, end) : x; };
    return {rows(all.energy),   rows(all.of_classes), rows(all.log_gradient),
            rows(all.recovery), rows(all.distance),   rows(all.denoising),
            rows(all.rises),    rows(all.bits),       rows(all.members)};
}

} // namespace

PictureScorer::PictureScorer(const SceneRun& run, const Tensor& x)
    : energy_(run.energy().clone()), settings_(run.in_force()) {
    result_.iteration = run.iteration();
    const Tensor& held_out = run.data().held_out;
    const std::int64_t count = held_out.defined() ? held_out.size(0) : 0;
    const auto some_of = [&](const Tensor& rows, std::int64_t most) {
        return rows.index_select(0, evenly(rows.size(0), most_scored(most, energy_->classes())));
    };
    const Tensor fitted = some_of(fitted_rows(count), most_fitted);
    std::vector<ScoreKind> possible;
    for (const measure::ScoreInfo& info : measure::score_kinds()) {
        PictureScores::Row row;
        row.kind = info.kind;
        if (const auto problem = score_problem(info.kind, *energy_, fitted.size(0)))
            row.problem = problem->what();
        else
            possible.push_back(info.kind);
        result_.rows.push_back(row);
    }
    scorer_.emplace(*energy_, settings_, possible);
    std::vector<Tensor> all{x};
    if (count > 0) {
        const Tensor compared = some_of(scored_rows(count), most_compared);
        compared_ = compared.size(0);
        all.push_back(model_values(held_out.index_select(0, compared)));
        if (scorer_->needs_fit()) all.push_back(model_values(held_out.index_select(0, fitted)));
    }
    samples_ = torch::cat(all);
    result_.compared = compared_;
}

void PictureScorer::advance() {
    const std::int64_t end = std::min(next_ + at_a_time(*energy_), samples_.size(0));
    parts_.push_back(scorer_->statistics(samples_.slice(0, next_, end)));
    next_ = end;
    result_.done = static_cast<double>(next_) / static_cast<double>(samples_.size(0));
    if (next_ == samples_.size(0)) finish();
}

void PictureScorer::finish() {
    const Statistics all = joined(parts_);
    std::string no_fit;
    if (scorer_->needs_fit()) {
        try {
            scorer_->fit(rows_of(all, 1 + compared_, samples_.size(0)));
        } catch (const Error& error) {
            no_fit = error.what();
        }
    }
    for (PictureScores::Row& row : result_.rows) {
        if (row.problem.empty() && measure::score_info(row.kind).needs.fit) row.problem = no_fit;
        if (!row.problem.empty()) continue;
        const std::vector<float> scores = scorer_->score(rows_of(all, 0, 1 + compared_), row.kind);
        row.score = scores.front();
        if (compared_ == 0) continue;
        // What is not finite is most unlike the data, and ties count half.
        const auto likeness = [](float score) { return std::isfinite(score) ? score : -INFINITY; };
        double lower = 0;
        for (std::size_t i = 1; i < scores.size(); ++i) {
            lower += likeness(scores[i]) < likeness(scores[0]) ? 1 : 0;
            lower += likeness(scores[i]) == likeness(scores[0]) ? 0.5 : 0;
        }
        row.share_below = lower / static_cast<double>(compared_);
    }
    parts_.clear();
    finished_ = true;
}

} // namespace ebm::lab
