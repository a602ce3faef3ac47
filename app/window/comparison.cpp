#include "app/window/comparison.h"

#include "core/base/error.h"
#include "core/base/files.h"

namespace ebm::window {
namespace {

/// Of a command that failed; the next one that succeeds takes it off the snapshot.
std::string newest_problem(const lab::Snapshot& s) {
    return s.problem ? s.problem->text : "the log says why";
}

} // namespace

bool is_shared_by_linked_runs(const lab::Command& command) {
    return std::holds_alternative<lab::Run>(command) || std::holds_alternative<lab::Pause>(command) ||
           std::holds_alternative<lab::StepChains>(command) ||
           std::holds_alternative<lab::StepTraining>(command) ||
           std::holds_alternative<lab::StepAlgorithm>(command) ||
           std::holds_alternative<lab::Reset>(command) || std::holds_alternative<lab::SetPace>(command) ||
           std::holds_alternative<lab::FreezeChains>(command) ||
           std::holds_alternative<lab::FreezeModel>(command);
}

Comparison::Comparison(std::unique_ptr<lab::Session> session, const lab::Snapshot& a,
                       const Settings& settings, const Send& to_a)
    : session_(std::move(session)), a_(&a), b_(&session_->latest()),
      was_running_(a.state == lab::State::running), problems_of_a_(a.problems) {
    session_->send(lab::UseDevice{a.device_choice});
    session_->send(lab::SetPace{a.pace});
    if (!a.trainable) {
        lab::Scene scene = a.scene;
        scene.settings = settings;
        session_->send(lab::OpenScene{scene, was_running_});
        stage_ = Stage::copied;
        return;
    }
    file_ = files::make_new_file(std::filesystem::temp_directory_path() / "ebmlab-copy", ".safetensors");
    if (was_running_) to_a(lab::Pause{});
    to_a(lab::SaveCopy{file_.string()});
    stage_ = Stage::saving;
}

Comparison::Comparison(std::unique_ptr<lab::Session> session, const lab::Snapshot& a,
                       const std::filesystem::path& recovered)
    : session_(std::move(session)), a_(&a), b_(&session_->latest()), stage_(Stage::opening),
      was_running_(false), recovered_(true), problems_of_a_(a.problems) {
    session_->send(lab::UseDevice{a.device_choice});
    session_->send(lab::SetPace{a.pace});
    // It is paused then, as run A is that was recovered before it: both go on together.
    session_->send(lab::Recover{recovered.string()});
}

Comparison::~Comparison() {
    session_->on_publish({});
    remove_file();
}

void Comparison::remove_file() {
    std::error_code ignored;
    if (!file_.empty()) std::filesystem::remove(file_, ignored);
    file_.clear();
}

void Comparison::fail(std::string problem, const Send& to_a) {
    problem_ = std::move(problem);
    stage_ = Stage::failed;
    if (was_running_) to_a(lab::Run{});
}

void Comparison::follow_inheritance(const lab::Snapshot& a) {
    if (inherited_.iterations == 0) return;
    const bool saved_since = a.scene.name == inherited_.scene && !inherited_.given_up &&
                             a.iteration - a.unsaved_iterations >= inherited_.at;
    const bool b_saved = b_->iteration - b_->unsaved_iterations > inherited_.at;
    const bool b_gone = b_->iteration < inherited_.at; // a reset, or another scene
    if (saved_since || b_saved || b_gone)
        inherited_ = {};
    else if (a.scene.name != inherited_.scene || a.iteration < inherited_.at)
        inherited_.given_up = true;
}

bool Comparison::has_parted() {
    if (a_->scene.name.empty() || b_->scene.name.empty()) return false;
    const bool same = a_->scene.name == b_->scene.name;
    const bool parted = same_scene_ && !same && linked;
    if (parted) linked = false;
    same_scene_ = same;
    return parted;
}

bool Comparison::begin_frame(const lab::Snapshot& a, const Send& to_a, const Send& edit, double now) {
    a_ = &a;
    b_ = &session_->latest();
    settings_.begin_frame(*b_, edit, now);
    if (stage_ == Stage::copied) {
        follow_inheritance(a);
        return has_parted();
    }
    if (stage_ == Stage::saving) {
        std::error_code missing;
        // It is written beside and renamed, so that it is whole once there is something in it.
        if (std::filesystem::file_size(file_, missing) > 0 && !missing) {
            session_->send(lab::OpenCheckpoint{file_.string(), "", a.scene.checkpoint});
            stage_ = Stage::opening;
        } else if (a.problems > problems_of_a_) {
            fail("The run could not be duplicated: " + newest_problem(a), to_a);
        }
    } else if (stage_ == Stage::opening) {
        if (b_->problems > 0) {
            fail((recovered_ ? "Run B could not be recovered: " : "The run could not be duplicated: ") +
                     newest_problem(*b_),
                 to_a);
        } else if (b_->state != lab::State::empty && b_->task.empty()) {
            stage_ = Stage::copied;
            remove_file();
            if (!recovered_)
                inherited_ = {a.unsaved_iterations, b_->iteration, a.unsaved_seconds, a.scene.name, false};
            if (!was_running_) return false;
            session_->send(lab::Run{});
            to_a(lab::Run{});
        }
    }
    return false;
}

void Comparison::send_to_b(const lab::Command& command, const Send& to_a) {
    session_->send(command);
    if (shares(command)) to_a(command);
}

void Comparison::sent_to_a(const lab::Command& command) {
    if (shares(command)) session_->send(command);
}

bool Comparison::is_idle() const {
    return is_copied() && b_->state != lab::State::running && b_->task.empty();
}

} // namespace ebm::window
