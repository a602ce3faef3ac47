#include "core/lab/views.h"

#include <algorithm>

namespace ebm::lab {

std::shared_ptr<const BufferView> buffer_view(const ReplayBuffer& buffer, const BufferQuery& query,
                                              const SampleKind& kind, const Account* account) {
    auto view = std::make_shared<BufferView>();
    view->query = query;
    view->size = buffer.size();
    const std::int64_t* age = buffer.age_.data_ptr<std::int64_t>();
    const std::int64_t* reused = buffer.reused_.data_ptr<std::int64_t>();
    const std::int64_t* birth = buffer.birth_.data_ptr<std::int64_t>();
    const float* energy = buffer.energy_.data_ptr<float>();
    const std::int64_t* label = buffer.labels_.defined() ? buffer.labels_.data_ptr<std::int64_t>() : nullptr;

    std::vector<bool> drawn(static_cast<std::size_t>(buffer.size()));
    const bool in_turn = account && !account->put.empty();
    for (std::size_t i = 0; account && i < account->slots.size(); ++i) {
        const std::int64_t slot = (in_turn && account->whole ? account->put : account->slots)[i];
        if (in_turn && !account->whole && account->fresh[i]) continue; // drawn from no slot
        if (slot < buffer.size()) drawn[static_cast<std::size_t>(slot)] = true;
    }
    const auto passes = [&](std::int64_t slot) {
        switch (query.filter) {
        case BufferFilter::all:
            return true;
        case BufferFilter::fresh:
            return reused[slot] == 0;
        case BufferFilter::old:
            return reused[slot] != 0;
        case BufferFilter::drawn:
            return static_cast<bool>(drawn[static_cast<std::size_t>(slot)]);
        }
        return true;
    };

    std::vector<std::int64_t> order;
    std::int64_t fresh = 0;
    for (std::int64_t slot = 0; slot < buffer.size(); ++slot) {
        fresh += reused[slot] == 0;
        if (query.of_class >= 0 && (!label || label[slot] != query.of_class)) continue;
        if (passes(slot)) order.push_back(slot);
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
    const Batch page = buffer.look(torch::tensor(view->slots, torch::kLong));
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
