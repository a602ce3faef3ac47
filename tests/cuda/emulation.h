#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

/// Runs the GPU kernels of core/cuda on the CPU: the same source, compiled as ordinary C++. Each thread of a
/// block is a fiber that runs until __syncthreads; between two barriers the threads run one after the other
/// in an order that changes, so that a missing barrier shows as a wrong result. Include before the kernels.
namespace emulation {

struct Index {
    unsigned x = 0, y = 0, z = 0;
};

/// Runs `body` once per thread of each block, block after block. The shared memory of a block starts as NaN.
/// Throws std::logic_error if some threads of a block wait at a barrier that others never reach, or if the
/// block wrote behind its shared memory.
void launch(int blocks, int threads, int shared_bytes, const std::function<void()>& body);

/// Waits for the other threads of the block.
void barrier();

/// c += a · b by the 32 threads of a warp together, with the fragments of core/cuda/fragments.cuh.
void multiply_add_fragments(const unsigned (&a)[4], const unsigned (&b)[2], float (&c)[4]);

} // namespace emulation

// What CUDA C++ has and C++ lacks, as far as the kernels use it.
#define __device__
#define __shared__
#define EBM_NOT_INLINED __attribute__((noinline))

struct alignas(16) float4 {
    float x, y, z, w;
};

extern emulation::Index threadIdx, blockIdx, gridDim;

inline void __syncthreads() {
    emulation::barrier();
}
namespace ebm::cuda {
using emulation::multiply_add_fragments;
/// To nearest, ties away from zero.
inline unsigned to_tf32(float x) {
    unsigned bits = 0;
    std::memcpy(&bits, &x, sizeof(bits));
    return (bits + 0x1000u) & ~0x1FFFu;
}
} // namespace ebm::cuda
inline float __int_as_float(int bits) {
    float value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
}
inline void sincospif(float x, float* sine, float* cosine) {
    constexpr double pi = 3.14159265358979323846;
    *sine = static_cast<float>(std::sin(pi * static_cast<double>(x)));
    *cosine = static_cast<float>(std::cos(pi * static_cast<double>(x)));
}
template <class T>
T __ldg(const T* place) {
    return *place;
}
