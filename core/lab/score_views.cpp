#include "core/lab/views.h"

#include "core/energy/classes.h"
#include "core/measure/classification.h"
#include "core/measure/histogram.h"

#include <algorithm>
#include <cmath>

namespace ebm::lab {
namespace {

constexpr int bins = 80;

bool any_nan(const std::vector<float>& energies) {
    return std::ranges::any_of(energies, [](float value) { return std::isnan(value); });
}

/// AUROC of `set` against the positive class, or why it is unknown.
void compare(ScoreSet& set, const std::vector<float>& energies, const std::string& positive,
             const std::vector<float>* in) {
    if (!in) {
        set.why_no_auroc = "there are no held-out data and no samples to compare with";
    } else if (in->empty() || energies.empty()) {
        set.why_no_auroc = (in->empty() ? positive : set.name) + " is empty";
    } else if (any_nan(*in) || any_nan(energies)) {
        set.why_no_auroc = "an energy of " + (any_nan(*in) ? positive : set.name) + " is not a number";
    } else {
        const measure::Detection result = measure::detection(*in, energies);
        set.auroc = result.auroc;
        set.fpr95 = result.fpr_at_95_tpr;
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

} // namespace

std::shared_ptr<const ScoresView> scores_view(const Energy& energy, const Dataset& dataset,
                                              const torch::Tensor& buffer, const torch::Tensor& chains,
                                              std::int64_t most, std::int64_t iteration, ClassScore score,
                                              const std::string& chains_name) {
    auto view = std::make_shared<ScoresView>();
    view->iteration = iteration;
    std::vector<std::vector<float>> energies;
    view->classes = energy.classes();
    view->minimum_over_classes = energy.classes() > 0 && score == ClassScore::minimum;
    std::vector<float> own; // E(x, y) of the training data under their own classes, which chains compare with
    const auto add = [&](const std::string& name, SetMeaning meaning, const torch::Tensor& x,
                         const torch::Tensor& labels = {}) {
        const torch::Tensor rows = evenly(x.size(0), most);
        const torch::Tensor some = rows.size(0) == x.size(0) ? x : x.index_select(0, rows);
        torch::Tensor scored;
        if (energy.classes() == 0) {
            scored = energies_in_pieces(energy, some);
        } else {
            const torch::Tensor of_classes = class_energies_in_pieces(energy, some);
            scored = without_class(of_classes, score);
            if (meaning == SetMeaning::data && labels.defined())
                own = to_vector(of_classes.gather(1, labels.index_select(0, rows).unsqueeze(1)).flatten());
            if (meaning == SetMeaning::held_out && labels.defined())
                count_right(*view, of_classes, labels.index_select(0, rows));
        }
        std::vector<float> values = to_vector(scored);
        const measure::Moments moments = measure::moments(values);
        ScoreSet set;
        set.name = name;
        set.meaning = meaning;
        set.count = moments.count;
        set.total = x.size(0);
        set.mean = moments.mean;
        set.sd = moments.sd;
        set.not_finite = moments.not_finite;
        set.auroc = set.fpr95 = std::nan("");
        view->sets.push_back(std::move(set));
        energies.push_back(std::move(values));
    };
    if (dataset.train.defined())
        add(training_set_name, SetMeaning::data, dataset.train, dataset.train_labels);
    if (dataset.held_out.defined())
        add(held_out_set_name, SetMeaning::held_out, dataset.held_out, dataset.held_out_labels);
    if (buffer.defined()) add(buffer_set_name, SetMeaning::buffer, buffer);
    if (chains.defined() && chains.size(0) > 0) add(chains_name, SetMeaning::samples, chains);
    for (const auto& [name, x] : dataset.ood)
        add(name, SetMeaning::ood, x);

    const auto is = [&](SetMeaning meaning) {
        return [&, meaning](const ScoreSet& set) { return set.meaning == meaning; };
    };
    // In-distribution (the positive class): held-out data; without data the live chains.
    auto inside = std::ranges::find_if(view->sets, is(SetMeaning::held_out));
    if (inside == view->sets.end()) inside = std::ranges::find_if(view->sets, is(SetMeaning::samples));
    const std::vector<float>* positive = nullptr;
    if (inside != view->sets.end()) {
        positive = &energies[static_cast<std::size_t>(inside - view->sets.begin())];
        view->positive = inside->name;
        view->positive_count = inside->count;
    }
    for (std::size_t i = 0; i < view->sets.size(); ++i)
        if (view->sets[i].meaning == SetMeaning::ood)
            compare(view->sets[i], energies[i], view->positive, positive);
    const std::vector<std::span<const float>> spans(energies.begin(), energies.end());
    const measure::Histogram histogram = measure::shared_histogram(spans, bins);
    for (int edge = 0; edge <= bins; ++edge)
        view->edges.push_back(static_cast<float>(histogram.low + edge * histogram.bin_width()));
    for (std::size_t i = 0; i < view->sets.size(); ++i) {
        view->sets[i].density = histogram.sets[i].densities;
        view->sets[i].below = histogram.sets[i].below;
        view->sets[i].above = histogram.sets[i].above;
    }
    std::vector<float> sorted;
    if (energy.classes() > 0)
        sorted = own;
    else if (!view->sets.empty() && view->sets[0].meaning == SetMeaning::data)
        sorted = energies[0];
    std::erase_if(sorted, [](float value) { return std::isnan(value); });
    if (!sorted.empty()) {
        std::ranges::sort(sorted);
        for (int percent = 0; percent <= 100; ++percent)
            view->data_quantiles.push_back(
                static_cast<float>(sorted[(sorted.size() - 1) * static_cast<std::size_t>(percent) / 100]));
    }
    return view;
}

std::shared_ptr<const BufferView> buffer_view(const ReplayBuffer& buffer, const BufferQuery& query,
                                              const SampleKind& kind) {
    auto view = std::make_shared<BufferView>();
    view->query = query;
    view->size = buffer.size();
    const std::int64_t* age = buffer.age_.data_ptr<std::int64_t>();
    const std::int64_t* reused = buffer.reused_.data_ptr<std::int64_t>();
    const std::int64_t* birth = buffer.birth_.data_ptr<std::int64_t>();
    const float* energy = buffer.energy_.data_ptr<float>();
    const std::int64_t* label = buffer.labels_.defined() ? buffer.labels_.data_ptr<std::int64_t>() : nullptr;

    std::vector<std::int64_t> order;
    std::int64_t fresh = 0;
    for (std::int64_t slot = 0; slot < buffer.size(); ++slot) {
        const bool is_fresh = reused[slot] == 0;
        fresh += is_fresh;
        if (query.of_class >= 0 && (!label || label[slot] != query.of_class)) continue;
        if (query.filter == BufferFilter::all || (query.filter == BufferFilter::fresh) == is_fresh)
            order.push_back(slot);
    }
    view->fresh_share =
        static_cast<double>(fresh) / static_cast<double>(std::max<std::int64_t>(1, buffer.size()));
    view->matching = static_cast<std::int64_t>(order.size());
    const auto key = [&](std::int64_t slot) -> double {
        switch (query.order) {
        case BufferOrder::slot:
            return static_cast<double>(slot);
        case BufferOrder::energy:
            // Slots that were never written have no energy yet: last in both directions.
            return std::isnan(energy[slot])
                       ? (query.descending ? -1 : 1) * std::numeric_limits<double>::infinity()
                       : static_cast<double>(energy[slot]);
        case BufferOrder::age:
            return static_cast<double>(age[slot]);
        case BufferOrder::reused:
            return static_cast<double>(reused[slot]);
        }
        return 0;
    };
    std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) {
        return query.descending ? key(a) > key(b) : key(a) < key(b);
    });
    const auto page_size = static_cast<std::size_t>(std::clamp(query.page_size, 1, 1024));
    view->pages = static_cast<int>((order.size() + page_size - 1) / page_size);
    view->query.page = std::clamp(query.page, 0, std::max(0, view->pages - 1));
    const std::size_t first = static_cast<std::size_t>(view->query.page) * page_size;
    for (std::size_t i = first; i < std::min(first + page_size, order.size()); ++i) {
        const std::int64_t slot = order[i];
        view->slots.push_back(slot);
        view->energy.push_back(energy[slot]);
        view->age.push_back(age[slot]);
        view->reused.push_back(reused[slot]);
        view->birth.push_back(birth[slot]);
    }
    const Batch page = buffer.look(torch::tensor(view->slots, torch::kInt64));
    const torch::Tensor& shown = page.x;
    if (page.labels.defined()) {
        const auto* labels = page.labels.data_ptr<std::int64_t>();
        view->labels.assign(labels, labels + page.labels.numel());
    }
    if (kind.plane) {
        view->points = to_vector(shown);
        view->all_points = to_vector(buffer.look(evenly(buffer.size(), 4000)).x);
    } else {
        view->pixels = to_pixels(shown);
    }
    const std::int64_t oldest = std::max<std::int64_t>(1, buffer.age_.max().item<std::int64_t>());
    constexpr std::size_t age_bins = 30;
    view->age_counts.assign(age_bins, 0);
    for (std::size_t bin = 0; bin <= age_bins; ++bin)
        view->age_edges.push_back(static_cast<float>(oldest) * static_cast<float>(bin) / age_bins);
    for (std::int64_t slot = 0; slot < buffer.size(); ++slot)
        view->age_counts[std::min(age_bins - 1, static_cast<std::size_t>(age[slot]) * age_bins /
                                                    static_cast<std::size_t>(oldest))] += 1;
    return view;
}

} // namespace ebm::lab
