#include "core/lab/nearest.h"

#include "core/base/error.h"
#include "core/lab/parts.h"
#include "core/measure/histogram.h"

#include <algorithm>

#include <fmt/format.h>

namespace ebm::lab {

NearestSearch::NearestSearch(const Dataset& dataset, const torch::Tensor& x, int each, std::int64_t piece)
    : dataset_(&dataset), x_(x.flatten(1)), distances_(torch::empty({x.size(0), 0})),
      rows_(torch::empty({x.size(0), 0}, torch::kLong)), each_(each), piece_(piece) {
    dataset.require_training_data();
    count_ = dataset.train.size(0);
    if (count_ < each)
        throw Error(fmt::format("There are only {} training samples", count_), "",
                    "Ask for fewer neighbours.");
}

void NearestSearch::advance() {
    const torch::NoGradGuard no_graph;
    const std::int64_t end = std::min(next_ + piece_, count_);
    const torch::Tensor some = model_values(dataset_->train.slice(0, next_, end)).flatten(1);
    // Not by a product: it loses the small distances, which are the ones that are asked for.
    const torch::Tensor all = torch::cat({distances_, torch::cdist(x_, some, 2, /*compute_mode=*/2)}, 1);
    const torch::Tensor numbers =
        torch::cat({rows_, torch::arange(next_, end).expand({x_.size(0), end - next_})}, 1);
    const auto [least, which] =
        all.topk(std::min<std::int64_t>(each_, all.size(1)), 1, /*largest=*/false, /*sorted=*/true);
    distances_ = least;
    rows_ = numbers.gather(1, which);
    next_ = end;
}

Neighbours NearestSearch::result() const {
    Neighbours found;
    found.each = static_cast<int>(rows_.size(1));
    found.distances = to_vector(distances_);
    const torch::Tensor flat = rows_.flatten().contiguous();
    const auto* row = flat.const_data_ptr<std::int64_t>();
    const std::vector<std::int64_t>& records = dataset_->train_records;
    for (std::int64_t i = 0; i < flat.numel(); ++i)
        found.records.push_back(records.empty() ? row[i] : records[static_cast<std::size_t>(row[i])]);
    found.samples = {flat.numel(), dataset_->kind,
                     to_vector(model_values(dataset_->train.index_select(0, flat)))};
    if (dataset_->train_labels.defined()) {
        const torch::Tensor labels = dataset_->train_labels.index_select(0, flat).contiguous();
        const auto* label = labels.const_data_ptr<std::int64_t>();
        found.labels.assign(label, label + labels.numel());
    }
    return found;
}

torch::Tensor held_out_to_search(const Dataset& dataset, std::int64_t most) {
    if (!dataset.held_out.defined() || dataset.held_out.size(0) == 0)
        return torch::empty({0, dataset.kind.elements()});
    return model_values(dataset.held_out.index_select(0, evenly(dataset.held_out.size(0), most)));
}

HeldOutDistances held_out_distances(const Neighbours& found) {
    HeldOutDistances result;
    result.sorted = found.distances;
    result.count = static_cast<std::int64_t>(result.sorted.size());
    std::ranges::sort(result.sorted);
    result.low = measure::quantile(result.sorted, 0.05);
    result.median = measure::quantile(result.sorted, 0.5);
    return result;
}

Neighbours Laboratory::nearest(const Samples& samples, int each) const {
    NearestSearch search(parts_->run_->data(), to_tensor(samples), each);
    while (search.left())
        search.advance();
    return search.result();
}

HeldOutDistances Laboratory::held_out_distances(std::int64_t most) const {
    const Dataset& data = parts_->run_->data();
    const torch::Tensor some = held_out_to_search(data, most);
    if (some.size(0) == 0) return {};
    NearestSearch search(data, some, 1);
    while (search.left())
        search.advance();
    return lab::held_out_distances(search.result());
}

} // namespace ebm::lab
