#include "app/panels/selection.h"

#include <algorithm>

namespace ebm::panels {

void Selection::add(std::int64_t item) {
    const auto at = std::lower_bound(items_.begin(), items_.end(), item);
    if (at == items_.end() || *at != item) items_.insert(at, item);
}

void Selection::click(std::int64_t item, std::span<const std::int64_t> order, bool control, bool shift) {
    const auto from = std::find(order.begin(), order.end(), last_);
    const auto to = std::find(order.begin(), order.end(), item);
    if (shift && from != order.end() && to != order.end()) {
        if (!control) items_.clear();
        for (auto at = std::min(from, to); at != std::max(from, to) + 1; ++at)
            add(*at);
        return;
    }
    last_ = item;
    if (control) {
        if (contains(item))
            std::erase(items_, item);
        else
            add(item);
        return;
    }
    const bool only = items_.size() == 1 && items_.front() == item;
    items_.clear();
    if (!only) items_.push_back(item);
}

void Selection::clear() {
    items_.clear();
    last_ = -1;
}

void Selection::keep_below(std::int64_t count) {
    items_.erase(std::lower_bound(items_.begin(), items_.end(), count), items_.end());
}

bool Selection::contains(std::int64_t item) const {
    return std::binary_search(items_.begin(), items_.end(), item);
}

} // namespace ebm::panels
