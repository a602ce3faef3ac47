#include "core/lab/scores_task.h"

#include "core/measure/classification.h"
#include "core/measure/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr int bins = 80;
constexpr std::int64_t least_fit = 2000; ///< held-out samples that a fit takes if they are there

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

} // namespace

ScoresTask::ScoresTask(const Energy& energy, const Dataset& dataset, const torch::Tensor& buffer,
                       const torch::Tensor& chains, const ScoreQuery& query, std::int64_t piece)
    : energy_(energy), query_(query), piece_(piece) {
    const std::int64_t held_out = dataset.held_out.defined() ? dataset.held_out.size(0) : 0;
    const torch::Tensor fit_rows = fitted_rows(held_out);
    common_.iteration = query_.iteration;
    common_.classes = energy.classes();
    common_.minimum_over_classes =
        energy.classes() > 0 && query_.settings.view.class_score == ClassScore::minimum;
    for (const measure::ScoreInfo& info : measure::score_kinds()) {
        const std::optional<Error> problem = score_problem(info.kind, energy, fit_rows.size(0));
        common_.refusals.push_back(problem ? problem->what() : "");
    }
    std::vector<ScoreKind> possible;
    for (const ScoreKind kind : query_.kinds)
        if (common_.refusals[static_cast<std::size_t>(kind)].empty()) possible.push_back(kind);
    scorer_.emplace(energy, query_.settings, possible);
    const torch::Tensor scored = scorer_->needs_fit() || query_.spare_half
                                     ? scored_rows(held_out)
                                     : torch::arange(held_out, torch::kLong);
    const auto whole = [](const torch::Tensor& x) { return torch::arange(x.size(0), torch::kLong); };
    if (dataset.train.defined())
        add({training_set_name, SetMeaning::data, dataset.train, dataset.train_labels, 0},
            whole(dataset.train));
    if (dataset.held_out.defined())
        add({held_out_set_name, SetMeaning::held_out, dataset.held_out, dataset.held_out_labels, 0}, scored);
    if (buffer.defined()) add({buffer_set_name, SetMeaning::buffer, buffer, {}, 0}, whole(buffer));
    if (chains.defined() && chains.size(0) > 0)
        add({query_.chains_name, SetMeaning::samples, chains, {}, 0}, whole(chains));
    for (const auto& [name, x] : dataset.ood)
        add({name, SetMeaning::ood, x, {}, 0}, whole(x));
    // Last: scores that need no fit do not wait for it.
    if (scorer_->needs_fit()) {
        const std::int64_t most =
            query_.most > 0 ? most_scored(std::max(query_.most, least_fit), energy.classes()) : 0;
        sets_.push_back(
            {"fit",
             SetMeaning::held_out,
             dataset.held_out.index_select(0, fit_rows.index_select(0, evenly(fit_rows.size(0), most))),
             {},
             fit_rows.size(0),
             true});
    }
    for (const Set& set : sets_)
        all_ += set.x.size(0);
}

/// Keeps of `set` an even part of those `rows`.
void ScoresTask::add(Set set, const torch::Tensor& rows) {
    set.total = rows.size(0);
    const torch::Tensor taken =
        rows.index_select(0, evenly(rows.size(0), most_scored(query_.most, energy_.classes())));
    if (taken.size(0) != set.x.size(0)) {
        set.x = set.x.index_select(0, taken);
        if (set.labels.defined()) set.labels = set.labels.index_select(0, taken);
    }
    sets_.push_back(std::move(set));
}

double ScoresTask::done() const {
    return all_ > 0 ? static_cast<double>(looked_) / static_cast<double>(all_) : 1;
}

void ScoresTask::advance() {
    Set& set = sets_[next_set_];
    const std::int64_t count = set.x.size(0);
    const std::int64_t end = piece_ > 0 ? std::min(next_ + piece_, count) : count;
    set.parts.push_back(scorer_->statistics(set.x.slice(0, next_, end), true, next_));
    looked_ += end - next_;
    next_ = end;
    if (next_ < count) return;
    finish(set);
    next_ = 0;
    ++next_set_;
}

void ScoresTask::finish(Set& set) {
    set.statistics = joined(set.parts);
    set.parts.clear();
    set.x = torch::Tensor();
    if (set.to_fit) {
        try {
            scorer_->fit(set.statistics);
        } catch (const Error& error) {
            no_fit_ = error.what();
        }
        common_.fitted_on = scorer_->fitted_on();
        common_.fit_not_finite = scorer_->fit_not_finite();
        set.statistics = {};
        return;
    }
    if (energy_.classes() == 0 || !set.labels.defined()) return;
    const torch::Tensor& of_classes = set.statistics.of_classes;
    if (set.meaning == SetMeaning::data)
        own_ = to_vector(of_classes.gather(1, set.labels.unsqueeze(1)).flatten());
    if (set.meaning == SetMeaning::held_out) count_right(common_, of_classes, set.labels);
}

std::shared_ptr<const ScoresView> ScoresTask::view_of(ScoresView view) const {
    std::vector<std::vector<float>> scores, values;
    for (const Set& looked : sets_) {
        if (looked.to_fit) continue;
        scores.push_back(scorer_->score(looked.statistics, view.score));
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

bool ScoresTask::only_fits() const {
    return left() && sets_[next_set_].to_fit;
}

std::vector<std::shared_ptr<const ScoresView>> ScoresTask::result() {
    std::vector<std::shared_ptr<const ScoresView>> all = views(true);
    for (std::shared_ptr<const ScoresView>& view : views(false))
        all.push_back(std::move(view));
    std::ranges::stable_sort(all, {}, [&](const auto& view) {
        return std::ranges::find(query_.kinds, view->score) - query_.kinds.begin();
    });
    return all;
}

/// What all views have, once every set but that of the fits was looked at.
void ScoresTask::sum_up() {
    if (std::exchange(summed_up_, true)) return;
    const auto energies_of = [&](SetMeaning meaning) {
        for (const Set& set : sets_)
            if (!set.to_fit && set.meaning == meaning) return to_vector(set.statistics.energy);
        return std::vector<float>();
    };
    const std::vector<float> seen = energies_of(SetMeaning::data), unseen = energies_of(SetMeaning::held_out);
    if (energy_.classes() > 0)
        common_.data_quantiles = percentiles(own_);
    else if (!seen.empty())
        common_.data_quantiles = percentiles(seen);
    if (!seen.empty() && !unseen.empty())
        common_.overlap =
            measure::overlap(seen, unseen, static_cast<std::uint64_t>(query_.settings.train.seed));
}

std::vector<std::shared_ptr<const ScoresView>> ScoresTask::views(bool of_fits) {
    sum_up();
    std::vector<std::shared_ptr<const ScoresView>> views;
    for (const ScoreKind kind : query_.kinds) {
        if (measure::score_info(kind).needs.fit != of_fits) continue;
        ScoresView view = common_;
        view.score = kind;
        view.problem = common_.refusals[static_cast<std::size_t>(kind)];
        if (view.problem.empty() && of_fits) view.problem = no_fit_;
        if (!of_fits) view.fitted_on = view.fit_not_finite = 0;
        views.push_back(view.problem.empty() ? view_of(std::move(view))
                                             : std::make_shared<const ScoresView>(std::move(view)));
    }
    return views;
}

std::vector<std::shared_ptr<const ScoresView>> scores_views(const Energy& energy, const Dataset& dataset,
                                                            const torch::Tensor& buffer,
                                                            const torch::Tensor& chains,
                                                            const ScoreQuery& query) {
    ScoresTask task(energy, dataset, buffer, chains, query);
    while (task.left())
        task.advance();
    return task.result();
}

std::shared_ptr<const ScoresView> scores_view(const Energy& energy, const Dataset& dataset,
                                              const torch::Tensor& buffer, const torch::Tensor& chains,
                                              const ScoreQuery& query) {
    return scores_views(energy, dataset, buffer, chains, query).front();
}

} // namespace ebm::lab
