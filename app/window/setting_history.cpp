#include "app/window/setting_history.h"

namespace ebm::window {
namespace {

std::uint64_t last_number = 0;

} // namespace

void SettingHistory::change(const std::string& key, const std::string& before, const std::string& after) {
    if (open_ && entries_.back().change.key == key) {
        entries_.back().change.after = after;
        return;
    }
    release();
    if (before == after) return;
    entries_.resize(done_);
    if (entries_.size() == capacity) entries_.erase(entries_.begin());
    entries_.push_back({{key, before, after}, ++last_number});
    done_ = entries_.size();
    open_ = true;
}

void SettingHistory::release() {
    if (open_ && entries_.back().change.before == entries_.back().change.after) {
        entries_.pop_back();
        done_ = entries_.size();
    }
    open_ = false;
}

void SettingHistory::clear() {
    entries_.clear();
    done_ = 0;
    open_ = false;
}

std::optional<SettingHistory::Change> SettingHistory::undo() {
    release();
    if (done_ == 0) return std::nullopt;
    return entries_[--done_].change;
}

std::optional<SettingHistory::Change> SettingHistory::redo() {
    release();
    if (done_ == entries_.size()) return std::nullopt;
    return entries_[done_++].change;
}

} // namespace ebm::window
