#include "tests/fuzz/allocation.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<bool> limited = false;

void* allocated(std::size_t size) {
    if (limited && size > ebm::fuzz::AllocationLimit::largest_block) return nullptr;
    return std::malloc(size ? size : 1);
}

} // namespace

void* operator new(std::size_t size) {
    if (void* block = allocated(size)) return block;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return allocated(size);
}
void operator delete(void* block) noexcept {
    std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
    std::free(block);
}

namespace ebm::fuzz {

AllocationLimit::AllocationLimit() {
    limited = true;
}
AllocationLimit::~AllocationLimit() {
    limited = false;
}

} // namespace ebm::fuzz
