#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ebm::window {

/// Undo and redo of setting changes. What happens to one setting between press and release of the mouse is
/// one entry.
class SettingHistory {
public:
    struct Change {
        std::string key, before, after;
        bool operator==(const Change&) const = default;
    };

    /// Joins the open entry if it is of the same key, else opens one. Forgets what was undone.
    void change(const std::string& key, const std::string& before, const std::string& after);
    /// Closes the open entry; one that ended where it began is dropped.
    void release();
    void clear();

    const Change* next_undo() const { return done_ > 0 ? &entries_[done_ - 1] : nullptr; }
    const Change* next_redo() const { return done_ < entries_.size() ? &entries_[done_] : nullptr; }
    /// The entry to take back (set `before`) or to do again (set `after`).
    std::optional<Change> undo();
    std::optional<Change> redo();

    static constexpr std::size_t capacity = 200;

private:
    std::vector<Change> entries_;
    std::size_t done_ = 0; ///< entries before this one are in force
    bool open_ = false;
};

} // namespace ebm::window
