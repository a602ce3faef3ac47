#pragma once

#include <functional>
#include <utility>

namespace ebm {

/// While one of these is there, long work on its thread calls `check` between its parts: energies of many
/// samples and integrals do. What `check` throws ends the work, which then has changed nothing. The newest
/// counts.
class StopCheck {
public:
    explicit StopCheck(std::function<void()> check) : check_(std::move(check)), before_(newest()) {
        newest() = this;
    }
    ~StopCheck() { newest() = before_; }
    StopCheck(const StopCheck&) = delete;
    StopCheck& operator=(const StopCheck&) = delete;

    /// Called by long work between its parts.
    static void ask() {
        if (const StopCheck* check = newest()) check->check_();
    }

private:
    static StopCheck*& newest() {
        static thread_local StopCheck* check = nullptr;
        return check;
    }

    std::function<void()> check_;
    StopCheck* before_;
};

} // namespace ebm
