#pragma once

#include <csignal>
#include <functional>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace ebm::tests {

/// A copy of this process that runs `work` and then waits to be killed. The constructor returns once `work`
/// is done; `work` must not touch threads of the parent.
class ChildProcess {
public:
    explicit ChildProcess(const std::function<void()>& work) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
        id_ = ::fork();
        if (id_ < 0) throw std::runtime_error("no child process");
        if (id_ == 0) {
            ::close(ends[0]);
            try {
                work();
            } catch (...) {
                ::_exit(1);
            }
            ::close(ends[1]);
            while (true)
                ::pause();
        }
        ::close(ends[1]);
        char unused = 0;
        (void)!::read(ends[0], &unused, 1);
        ::close(ends[0]);
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess() { kill(); }

    int id() const { return id_; }

    /// As `kill -9` does. Returns once it is gone.
    void kill() {
        if (id_ <= 0) return;
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
        id_ = 0;
    }

private:
    pid_t id_ = 0;
};

} // namespace ebm::tests
