#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebm::window {

/// Undo and redo of setting changes. What happens to one setting between press and release of the mouse is
/// one entry. Lives on the thread of the window.
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

    const Change* next_undo() const { return done_ > 0 ? &entries_[done_ - 1].change : nullptr; }
    const Change* next_redo() const { return done_ < entries_.size() ? &entries_[done_].change : nullptr; }
    /// Of all changes in all histories these came as number …; 0: there is none.
    std::uint64_t undo_number() const { return done_ > 0 ? entries_[done_ - 1].number : 0; }
    std::uint64_t redo_number() const { return done_ < entries_.size() ? entries_[done_].number : 0; }
    /// The entry to take back (set `before`) or to do again (set `after`).
    std::optional<Change> undo();
    std::optional<Change> redo();

    static constexpr std::size_t capacity = 200;

private:
    struct Entry {
        Change change;
        std::uint64_t number;
    };
    std::vector<Entry> entries_;
    std::size_t done_ = 0; ///< entries before this one are in force
    bool open_ = false;
};

} // namespace ebm::window
