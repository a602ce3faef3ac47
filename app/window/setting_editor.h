#pragma once

#include "app/window/setting_history.h"
#include "core/lab/snapshot.h"

#include <functional>
#include <map>
#include <optional>

namespace ebm::window {

/// Settings as the window shows them: an edited value is shown from the moment of the edit, the engine's
/// value from the moment it has applied or refused the edit, or does not answer.
class SettingEditor {
public:
    using Sink = std::function<void(lab::Command)>;

    /// Once a frame, before any panel. Another scene forgets the history. `now` in seconds.
    void begin_frame(const lab::Snapshot& snapshot, const Sink& sink, double now);

    const Settings& shown() const { return shown_; }
    const Settings& scene() const { return scene_; }
    bool changed(const Setting& row) const { return !row.is_default(shown_, scene_); }
    /// Settings that differ from the scene's.
    int changed_count() const;

    /// Who is asked before an edit is sent, and returns whether to take it over, as more than this one value
    /// is needed: data of one's own need a file, and a table its columns.
    using Takeover = std::function<bool(const Setting& row, const std::string& value, const Settings& shown)>;
    void take_over(Takeover takeover) { takeover_ = std::move(takeover); }

    /// Sends the new value. One history entry until `release`.
    void change(const Setting& row, const std::string& value);
    void change_number(const Setting& row, double value);
    /// Like change_number, but a row that starts the scene anew is sent only at `release`.
    void drag_number(const Setting& row, double value);
    void reset(const Setting& row);
    /// The mouse button or the key is up.
    void release();

    /// What a panel keeps for itself, such as a painting that nobody learns yet, has its place in the same
    /// history. key: of no setting; label: for people; take: gives the panel the value to have, at undo and
    /// redo, and lives as long as the panel. One history entry until `release`.
    using Take = std::function<void(const std::string& value)>;
    void change_draft(const std::string& key, const std::string& label, const std::string& before,
                      const std::string& after, Take take);
    /// Of the setting or draft that a history entry is of.
    std::string label_of(const std::string& key) const;
    bool is_draft(const std::string& key) const { return drafts_.contains(key); }

    void undo();
    void redo();
    const SettingHistory& history() const { return history_; }

private:
    void show_and_send(const std::string& key, const std::string& value);
    void put(const std::string& key, const std::string& value);

    struct Pending {
        std::string value;
        double since;
        std::int64_t number; ///< of the change
    };
    struct Held {
        std::string key, value;
    };
    struct Draft {
        std::string label;
        Take take;
    };
    std::map<std::string, Pending, std::less<>> pending_;
    std::map<std::string, Draft> drafts_; ///< those that were changed since the history began
    std::optional<Held> held_;            ///< shown, not yet sent
    Settings shown_, scene_, unheld_;     ///< unheld_ = shown_ without held_
    std::string scene_name_;
    SettingHistory history_;
    Sink sink_;
    Takeover takeover_;
    double now_ = 0;
    static constexpr double patience_ = 3; ///< seconds
};

} // namespace ebm::window
