#pragma once

#include <memory>
#include <utility>

namespace ebm::lab {

/// Work that shares the engine's time with the run while it is shown, and what was last told of it. A Task
/// has left(), advance() and view(paused), which makes a View.
template <class Task, class View>
class SideTask {
public:
    explicit operator bool() const { return task_ != nullptr; }
    Task* operator->() const { return task_.get(); }

    void begin(std::unique_ptr<Task> task, double now) {
        task_ = std::move(task);
        paused_ = false;
        tell(now);
    }
    void pause(bool paused, double now) {
        paused_ = paused;
        tell(now);
    }
    void end() {
        task_.reset();
        view_.reset();
    }

    /// Whether there is something to do.
    bool goes_on() const { return task_ && !paused_ && task_->left(); }
    /// Works for some seconds of `clock`. What fails is paused, else it would fail again at once.
    template <class Clock>
    void advance_for(double seconds, const Clock& clock) {
        const double end = clock() + seconds;
        try {
            while (clock() < end && task_->left())
                task_->advance();
        } catch (...) {
            pause(true, clock());
            throw;
        }
    }

    void tell(double now) {
        told_ = now;
        view_ = task_ ? std::make_shared<View>(task_->view(paused_)) : nullptr;
    }
    /// Not so often that telling takes the time, but always what it came to, and what a Task that has
    /// take_news() says is new.
    void tell_if_due(double now) {
        constexpr double every = 0.05; // seconds
        bool news = false;
        if constexpr (requires(Task & task) { task.take_news(); }) news = task_->take_news();
        if (news || !task_->left() || now > told_ + every) tell(now);
    }
    /// Null while there is no task.
    const std::shared_ptr<const View>& view() const { return view_; }

private:
    std::unique_ptr<Task> task_;
    std::shared_ptr<const View> view_;
    bool paused_ = false;
    double told_ = -1e9;
};

} // namespace ebm::lab
