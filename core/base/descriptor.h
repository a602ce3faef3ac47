#pragma once

#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace ebm::files {

/// Closes a file descriptor at the end of a scope.
struct Descriptor {
    int number = -1;
    explicit Descriptor(int number = -1) : number(number) {}
    Descriptor(Descriptor&& other) noexcept : number(std::exchange(other.number, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number, other.number);
        return *this;
    }
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
    /// Closes at once, because a network file system may report a failed write only here.
    bool close() { return ::close(std::exchange(number, -1)) == 0; }
};

} // namespace ebm::files
