#pragma once

#include "core/cuda/arguments.h"
#include "core/cuda/numbers.cuh"

/// The random numbers of core/kernels/noise.h, one block of four by a thread.
namespace ebm::cuda {

template <class Fill>
__device__ inline void draw_four(const DrawArguments& a, long long thread, Fill fill) {
    const int fours = (a.elements + 3) / 4;
    const long long row = thread / fours;
    if (row >= a.rows) return;
    const int four = static_cast<int>(thread % fours);
    const Place place{a.seed_low, a.seed_high, a.group, a.chain + static_cast<unsigned>(row), a.step};
    float values[4];
    fill(place, static_cast<unsigned>(four), values);
    float* to = a.to + row * a.elements + 4 * four;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        if (4 * four + i < a.elements) to[i] = values[i];
    }
}

__device__ inline void draw_normals(const DrawArguments& a, long long thread) {
    draw_four(a, thread,
              [](const Place& place, unsigned four, float(&values)[4]) { normals<4>(place, four, values); });
}

__device__ inline void draw_uniforms(const DrawArguments& a, long long thread) {
    draw_four(a, thread, [&a](const Place& place, unsigned four, float(&values)[4]) {
        const Words words = random_words(place, a.stream, four);
        for (int i = 0; i < 4; ++i)
            values[i] = uniform(words.at[i]);
    });
}

} // namespace ebm::cuda
