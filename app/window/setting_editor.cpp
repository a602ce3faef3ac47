#include "app/window/setting_editor.h"

#include "core/base/error.h"

#include <atomic>
#include <utility>

namespace ebm::window {

void SettingEditor::begin_frame(const lab::Snapshot& snapshot, const Sink& sink, double now) {
    now_ = now;
    sink_ = sink;
    if (snapshot.scene.name != scene_name_ || !(snapshot.scene.settings == scene_)) {
        scene_name_ = snapshot.scene.name;
        scene_ = snapshot.scene.settings;
        pending_.clear();
        held_.reset();
        history_.clear();
        drafts_.clear();
    }
    shown_ = snapshot.settings;
    for (auto at = pending_.begin(); at != pending_.end();) {
        const Setting& row = setting(at->first);
        const bool handled = snapshot.changes_handled >= at->second.number;
        if (handled || now - at->second.since > patience_) {
            at = pending_.erase(at);
        } else {
            row.set_text(shown_, at->second.value);
            ++at;
        }
    }
    unheld_ = shown_;
    if (held_) setting(held_->key).set_text(shown_, held_->value);
}

int SettingEditor::changed_count() const {
    int count = 0;
    for (const Setting& row : settings_table())
        count += changed(row);
    return count;
}

void SettingEditor::change(const Setting& row, const std::string& value) {
    Settings trial = shown_;
    try {
        row.set_text(trial, value);
    } catch (const Error&) {
        return show_and_send(std::string(row.key),
                             value); // the engine refuses it in words, where the user looks
    }
    const std::string before = row.text(shown_), after = row.text(trial);
    if (before == after || (takeover_ && takeover_(row, after, shown_))) return;
    history_.change(std::string(row.key), before, after);
    show_and_send(std::string(row.key), after);
}

void SettingEditor::change_number(const Setting& row, double value) {
    Settings trial = shown_;
    row.set_number(trial, value);
    change(row, row.text(trial));
}

void SettingEditor::drag_number(const Setting& row, double value) {
    if (row.effect != Effect::rebuild) return change_number(row, value);
    row.set_number(shown_, value);
    held_ = Held{std::string(row.key), row.text(shown_)};
}

void SettingEditor::release() {
    if (held_) {
        const Held held = *std::exchange(held_, std::nullopt);
        shown_ = unheld_;
        change(setting(held.key), held.value);
    }
    history_.release();
}

void SettingEditor::reset(const Setting& row) {
    change(row, row.text(scene_));
    release();
}

void SettingEditor::change_draft(const std::string& key, const std::string& label, const std::string& before,
                                 const std::string& after, Take take) {
    if (before == after) return;
    drafts_[key] = {label, std::move(take)};
    history_.change(key, before, after);
}

std::string SettingEditor::label_of(const std::string& key) const {
    const auto draft = drafts_.find(key);
    return draft != drafts_.end() ? draft->second.label : std::string(setting(key).label);
}

void SettingEditor::put(const std::string& key, const std::string& value) {
    const auto draft = drafts_.find(key);
    if (draft != drafts_.end()) return draft->second.take(value);
    show_and_send(key, value);
}

void SettingEditor::undo() {
    if (const auto entry = history_.undo()) put(entry->key, entry->before);
}

void SettingEditor::redo() {
    if (const auto entry = history_.redo()) put(entry->key, entry->after);
}

void SettingEditor::show_and_send(const std::string& key, const std::string& value) {
    // One count for all editors: a change of linked runs goes to the engines of both.
    static std::atomic<std::int64_t> changes = 0;
    const std::int64_t number = ++changes;
    try {
        setting(key).set_text(shown_, value);
        pending_[key] = {value, now_, number};
    } catch (const Error&) {
        pending_.erase(key);
    }
    sink_(lab::ChangeSetting{key, value, number});
}

} // namespace ebm::window
