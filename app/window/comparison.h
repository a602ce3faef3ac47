#pragma once

#include "app/window/context.h"
#include "app/window/setting_editor.h"
#include "core/lab/session.h"

#include <filesystem>
#include <memory>
#include <string>

namespace ebm::window {

/// What part of the plane a landscape shows: its centre, and half of the smaller side.
struct Camera {
    double x = 0, y = 0, half = 1;
    bool operator==(const Camera&) const = default;
};

/// How a surface is seen: degrees, and how much larger than it begins.
struct Turn {
    double elevation = 48, azimuth = -52, zoom = 1;
    bool operator==(const Turn&) const = default;
};

/// Pace, single steps and reset, which runs that are compared share.
bool is_shared_by_linked_runs(const lab::Command& command);

/// Run B beside run A: a laboratory of its own, which begins as a copy of run A, or as what a program that
/// ended too early left of its run B.
///
/// A run with a model is copied bit for bit, with its chains: A pauses, writes itself to a file of this
/// computer's folder for temporary files, B opens it, the file is removed, and both go on if A was running. A
/// scene without a model is opened anew.
class Comparison {
public:
    using Send = std::function<void(lab::Command)>;

    /// session: empty, to become run B. `to_a`: the way to the laboratory of run A.
    Comparison(std::unique_ptr<lab::Session> session, const lab::Snapshot& a, const Settings& settings,
               const Send& to_a);
    /// recovered: a file that was left behind, see lab::Recover.
    Comparison(std::unique_ptr<lab::Session> session, const lab::Snapshot& a,
               const std::filesystem::path& recovered);
    ~Comparison();
    Comparison(const Comparison&) = delete;
    Comparison& operator=(const Comparison&) = delete;

    /// Once a frame, before any panel. edit: the way of changed settings to B, which may ask first. `now` in
    /// seconds. Runs that no longer have the same scene are not linked any more: returns whether that
    /// happened in this frame. A person may link them again.
    bool begin_frame(const lab::Snapshot& a, const Send& to_a, const Send& edit, double now);

    const lab::Snapshot& a() const { return *a_; }
    const lab::Snapshot& b() const { return *b_; }
    SettingEditor& settings() { return settings_; }
    const SettingEditor& settings() const { return settings_; }
    /// Whether a command to one run goes to the other too.
    bool shares(const lab::Command& command) const {
        return linked && is_copied() && is_shared_by_linked_runs(command);
    }
    /// Sends to B; commands that set the pace go to A too while the runs are linked.
    void send_to_b(const lab::Command& command, const Send& to_a);
    /// What is sent to A; commands that set the pace go to B too while the runs are linked.
    void sent_to_a(const lab::Command& command);

    /// Whether B is the copy by now.
    bool is_copied() const { return stage_ == Stage::copied; }
    /// Unsaved training that B began with and nobody else has any more: run A, whose it was, was never saved
    /// and went back or to another scene.
    bool has_the_only_copy() const { return inherited_.iterations > 0 && inherited_.given_up; }
    std::int64_t inherited_iterations() const { return has_the_only_copy() ? inherited_.iterations : 0; }
    double inherited_seconds() const { return has_the_only_copy() ? inherited_.seconds : 0; }
    /// Why there is no run B, a sentence; empty if nothing went wrong.
    const std::string& problem() const { return problem_; }
    lab::Session& session() { return *session_; }
    /// Nothing changes in B by itself.
    bool is_idle() const;
    /// Called by B's thread after each publication.
    void on_publish(std::function<void()> wake) { session_->on_publish(std::move(wake)); }
    /// Blocks until every command sent to B was applied. For tests.
    void wait() { session_->wait(); }

    bool linked = true;         ///< pace, single steps, reset and cameras are those of both
    bool finds_setting = false; ///< the field that finds a setting of B is to get the keyboard
    Camera camera;              ///< of the landscape that moved last …
    int camera_moves = 0;       ///< … and how often one has
    Turn turn;                  ///< the same of the surfaces
    int turns = 0;

private:
    enum class Stage { saving, opening, copied, failed };
    void fail(std::string problem, const Send& to_a);
    void remove_file();
    void follow_inheritance(const lab::Snapshot& a);
    bool has_parted();

    /// Training of A that was not saved when B became its copy.
    struct Inherited {
        std::int64_t iterations = 0, at = 0; ///< at: the iteration of the copy
        double seconds = 0;
        std::string scene;
        bool given_up = false; ///< A does not have it any more
    };

    std::unique_ptr<lab::Session> session_;
    const lab::Snapshot *a_, *b_;
    SettingEditor settings_;
    Stage stage_;
    bool was_running_;
    bool recovered_ = false;
    bool same_scene_ = false; ///< when both runs had one last
    std::int64_t problems_of_a_;
    std::filesystem::path file_; ///< the copy on its way
    Inherited inherited_;
    std::string problem_;
};

} // namespace ebm::window
