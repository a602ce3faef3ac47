#include "core/lab/views.h"

#include "core/lab/scorer.h"
#include "core/measure/classification.h"
#include "core/measure/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr int bins = 80;
constexpr std::int64_t least_fit = 2000; ///< held-out samples that a fit takes if they are there

/// One set, and what the model says of the samples of it that are scored.
struct Looked {
    std::string name;
    SetMeaning meaning;
    std::int64_t total;
    Statistics statistics;
};

/// What detection compares: low = more like the data, and what is not finite is most unlike.
std::vector<float> unlikeness(const std::vector<float>& scores) {
    std::vector<float> result;
    for (const float score : scores)
        result.push_back(std::isfinite(score) ? -score : std::numeric_limits<float>::infinity());
    return result;
}

/// AUROC of `set` against the positive class, or why it is unknown.
void compare(ScoreSet& set, const std::vector<float>& scores, const std::string& positive,
             const std::vector<float>* in) {
    set.auroc_low = set.auroc_high = set.aupr = std::nan("");
    if (!in) {
        set.why_no_auroc = "there are no held-out data and no samples to compare with";
    } else if (in->empty() || scores.empty()) {
        set.why_no_auroc = (in->empty() ? positive : set.name) + " is empty";
    } else {
        const measure::Detection result = measure::detection(unlikeness(*in), unlikeness(scores));
        set.auroc = result.auroc;
        set.auroc_low = result.auroc_low;
        set.auroc_high = result.auroc_high;
        set.aupr = result.aupr;
        set.fpr95 = result.fpr_at_95_tpr;
        const auto alone = [](const std::string& name) { return name + " has a single sample"; };
        if (in->size() == 1)
            set.why_no_interval = alone(positive);
        else if (scores.size() == 1)
            set.why_no_interval = alone(set.name);
        else if (std::ranges::all_of(scores, [&](float score) { return score == scores.front(); }))
            set.remark =
                fmt::format("All {} samples of {} have one and the same score, so they say as much as "
                            "one of them, and the interval is too narrow.",
                            scores.size(), set.name);
        for (const measure::RocPoint& point : result.curve) {
            set.roc_fpr.push_back(point.false_positive_rate);
            set.roc_tpr.push_back(point.true_positive_rate);
        }
    }
}

/// A sample is taken for the class under which its energy is lowest; one without a finite energy is wrong.
void count_right(ScoresView& view, const torch::Tensor& class_energies, const torch::Tensor& labels) {
    const torch::Tensor right =
        class_energies.argmin(1).eq(labels).logical_and(class_energies.isfinite().all(1));
    view.classified = labels.size(0);
    view.accuracy = view.classified > 0 ? right.to(torch::kDouble).mean().item<double>() : std::nan("");
}

std::vector<float> percentiles(std::vector<float> values) {
    std::erase_if(values, [](float value) { return std::isnan(value); });
    std::vector<float> result;
    if (values.empty()) return result;
    std::ranges::sort(values);
    for (int percent = 0; percent <= 100; ++percent)
        result.push_back(values[(values.size() - 1) * static_cast<std::size_t>(percent) / 100]);
    return result;
}

std::shared_ptr<const ScoresView> view_of(ScoresView view, const std::vector<Looked>& sets,
                                          const Scorer& scorer) {
    std::vector<std::vector<float>> scores, values;
    for (const Looked& looked : sets) {
        scores.push_back(scorer.score(looked.statistics, view.score));
        values.push_back(view.energies() ? to_vector(looked.statistics.energy) : scores.back());
        const measure::Moments moments = measure::moments(values.back());
        ScoreSet set;
        set.name = looked.name;
        set.meaning = looked.meaning;
        set.count = moments.count;
        set.total = looked.total;
        set.mean = moments.mean;
        set.sd = moments.sd;
        set.not_finite = moments.not_finite;
        set.auroc = set.fpr95 = set.auroc_low = set.auroc_high = set.aupr = std::nan("");
        if (looked.meaning == SetMeaning::samples && set.count == set.total)
            view.chain_values = values.back();
        view.sets.push_back(std::move(set));
    }
    const auto is = [&](SetMeaning meaning) {
        return [&, meaning](const ScoreSet& set) { return set.meaning == meaning; };
    };
    // In-distribution (the positive class): held-out data; without data the live chains.
    auto inside = std::ranges::find_if(view.sets, is(SetMeaning::held_out));
    if (inside == view.sets.end()) inside = std::ranges::find_if(view.sets, is(SetMeaning::samples));
    const std::vector<float>* positive = nullptr;
    if (inside != view.sets.end()) {
        const auto index = static_cast<std::size_t>(inside - view.sets.begin());
        positive = &scores[index];
        view.positive = inside->name;
        view.positive_count = inside->count;
        view.score_quantiles = percentiles(values[index]);
    }
    for (std::size_t i = 0; i < view.sets.size(); ++i)
        if (view.sets[i].meaning == SetMeaning::ood)
            compare(view.sets[i], scores[i], view.positive, positive);
    const std::vector<std::span<const float>> spans(values.begin(), values.end());
    const measure::Histogram histogram = measure::shared_histogram(spans, bins);
    for (int edge = 0; edge <= bins; ++edge)
        view.edges.push_back(static_cast<float>(histogram.low + edge * histogram.bin_width()));
    for (std::size_t i = 0; i < view.sets.size(); ++i) {
        view.sets[i].density = histogram.sets[i].densities;
        view.sets[i].below = histogram.sets[i].below;
        view.sets[i].above = histogram.sets[i].above;
    }
    return std::make_shared<const ScoresView>(std::move(view));
}

} // namespace

std::vector<std::shared_ptr<const ScoresView>> scores_views(const Energy& energy, const Dataset& dataset,
                                                            const torch::Tensor& buffer,
                                                            const torch::Tensor& chains,
                                                            const ScoreQuery& query) {
    const std::int64_t held_out = dataset.held_out.defined() ? dataset.held_out.size(0) : 0;
    const torch::Tensor fit_rows = fitted_rows(held_out);
    ScoresView common;
    common.iteration = query.iteration;
    common.classes = energy.classes();
    common.minimum_over_classes =
        energy.classes() > 0 && query.settings.view.class_score == ClassScore::minimum;
    for (const measure::ScoreInfo& info : measure::score_kinds()) {
        const std::optional<Error> problem = score_problem(info.kind, energy, fit_rows.size(0));
        common.refusals.push_back(problem ? problem->what() : "");
    }
    std::vector<ScoreKind> possible;
    for (const ScoreKind kind : query.kinds)
        if (common.refusals[static_cast<std::size_t>(kind)].empty()) possible.push_back(kind);
    Scorer scorer(energy, query.settings, possible);
    const std::int64_t most = most_scored(query.most, energy.classes());
    const auto some_of = [&](const torch::Tensor& x, torch::Tensor rows) {
        rows = rows.index_select(0, evenly(rows.size(0), most));
        return rows.size(0) == x.size(0) ? x : x.index_select(0, rows);
    };
    std::string no_fit;
    torch::Tensor scored = torch::arange(held_out, torch::kLong);
    if (scorer.needs_fit()) {
        scored = scored_rows(held_out);
        const std::int64_t most_fit =
            query.most > 0 ? most_scored(std::max(query.most, least_fit), energy.classes()) : 0;
        const torch::Tensor rows = fit_rows.index_select(0, evenly(fit_rows.size(0), most_fit));
        try {
            scorer.fit(scorer.statistics(dataset.held_out.index_select(0, rows)));
        } catch (const Error& error) {
            no_fit = error.what();
        }
        common.fitted_on = scorer.fitted_on();
        common.fit_not_finite = scorer.fit_not_finite();
    }

    std::vector<Looked> sets;
    std::vector<float> own; // E(x, y) of the training data under their own classes, which chains compare with
    const auto add = [&](const std::string& name, SetMeaning meaning, const torch::Tensor& x,
                         const torch::Tensor& labels = {}) {
        const torch::Tensor rows =
            meaning == SetMeaning::held_out ? scored : torch::arange(x.size(0), torch::kLong);
        Looked looked{name, meaning, rows.size(0), scorer.statistics(some_of(x, rows))};
        if (energy.classes() > 0 && labels.defined()) {
            const torch::Tensor& of_classes = looked.statistics.of_classes;
            const torch::Tensor of_rows = some_of(labels, rows);
            if (meaning == SetMeaning::data)
                own = to_vector(of_classes.gather(1, of_rows.unsqueeze(1)).flatten());
            if (meaning == SetMeaning::held_out) count_right(common, of_classes, of_rows);
        }
        sets.push_back(std::move(looked));
    };
    if (dataset.train.defined())
        add(training_set_name, SetMeaning::data, dataset.train, dataset.train_labels);
    if (dataset.held_out.defined())
        add(held_out_set_name, SetMeaning::held_out, dataset.held_out, dataset.held_out_labels);
    if (buffer.defined()) add(buffer_set_name, SetMeaning::buffer, buffer);
    if (chains.defined() && chains.size(0) > 0) add(query.chains_name, SetMeaning::samples, chains);
    for (const auto& [name, x] : dataset.ood)
        add(name, SetMeaning::ood, x);
    if (energy.classes() > 0)
        common.data_quantiles = percentiles(own);
    else if (!sets.empty() && sets[0].meaning == SetMeaning::data)
        common.data_quantiles = percentiles(to_vector(sets[0].statistics.energy));

    const auto energies_of = [&](SetMeaning meaning) {
        for (const Looked& looked : sets)
            if (looked.meaning == meaning) return to_vector(looked.statistics.energy);
        return std::vector<float>();
    };
    const std::vector<float> seen = energies_of(SetMeaning::data), unseen = energies_of(SetMeaning::held_out);
    if (!seen.empty() && !unseen.empty())
        common.overlap =
            measure::overlap(seen, unseen, static_cast<std::uint64_t>(query.settings.train.seed));

    std::vector<std::shared_ptr<const ScoresView>> views;
    for (const ScoreKind kind : query.kinds) {
        ScoresView view = common;
        view.score = kind;
        view.problem = common.refusals[static_cast<std::size_t>(kind)];
        const bool fitted = measure::score_info(kind).needs.fit;
        if (view.problem.empty() && fitted) view.problem = no_fit;
        if (!fitted) view.fitted_on = view.fit_not_finite = 0;
        views.push_back(view.problem.empty() ? view_of(std::move(view), sets, scorer)
                                             : std::make_shared<const ScoresView>(std::move(view)));
    }
    return views;
}

std::shared_ptr<const ScoresView> scores_view(const Energy& energy, const Dataset& dataset,
                                              const torch::Tensor& buffer, const torch::Tensor& chains,
                                              const ScoreQuery& query) {
    return scores_views(energy, dataset, buffer, chains, query).front();
}

} // namespace ebm::lab
