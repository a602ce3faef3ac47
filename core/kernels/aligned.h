#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace ebm::kernels {

/// Memory that starts on a cache line, as the vector loads of the kernels require.
template <class T>
struct CacheLineAllocator {
    using value_type = T;

    CacheLineAllocator() = default;
    template <class U>
    CacheLineAllocator(const CacheLineAllocator<U>&) {}

    T* allocate(std::size_t count) {
        return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{64}));
    }
    void deallocate(T* pointer, std::size_t) { ::operator delete (pointer, std::align_val_t{64}); }
    template <class U>
    bool operator==(const CacheLineAllocator<U>&) const {
        return true;
    }
};

using AlignedFloats = std::vector<float, CacheLineAllocator<float>>;

} // namespace ebm::kernels
