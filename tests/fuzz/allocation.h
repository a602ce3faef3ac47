#pragma once

#include <cstddef>

namespace ebm::fuzz {

/// While one lives, operator new refuses single blocks above `largest_block` bytes with std::bad_alloc.
struct AllocationLimit {
    static constexpr std::size_t largest_block = 64'000'000;
    AllocationLimit();
    ~AllocationLimit();
};

} // namespace ebm::fuzz
