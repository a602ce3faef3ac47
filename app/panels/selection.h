#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ebm::panels {

/// Things picked from a list with clicks as in a file manager.
class Selection {
public:
    /// order: what is shown, in order. Plain click: only `item`, or nothing if it was the only one. Ctrl:
    /// adds or removes it. Shift: everything from the last click to `item`.
    void click(std::int64_t item, std::span<const std::int64_t> order, bool control, bool shift);
    void clear();
    /// Forgets items from `count` on (chains that are no more).
    void keep_below(std::int64_t count);
    bool contains(std::int64_t item) const;
    bool empty() const { return items_.empty(); }
    /// Ascending.
    const std::vector<std::int64_t>& items() const { return items_; }

private:
    void add(std::int64_t item);
    std::vector<std::int64_t> items_;
    std::int64_t last_ = -1;
};

} // namespace ebm::panels
