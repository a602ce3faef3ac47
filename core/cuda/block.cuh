#pragma once

#include "core/cuda/arguments.h"
#include "core/cuda/numbers.cuh"
#include "core/cuda/shape.h"

/// The memory of a block, and sums over its threads. N::shape is the network, see shape.h.
namespace ebm::cuda {

extern __shared__ float4 block_memory[];

template <class N>
struct Block {
    static constexpr BlockLayout layout = block_layout(N::shape);
    static constexpr WeightLayout weight_places = weight_layout(N::shape);
    static constexpr int tile = N::shape.tile, threads = N::shape.threads;
    // Of one layer, as constants: a kernel cannot index the arrays above. Below the first layer there are
    // none.
    template <int l>
    static constexpr int forward = weight_places.forward[l];
    template <int l>
    static constexpr int bias = weight_places.bias[l];
    template <int l>
    static constexpr int backward = weight_places.backward[l];
    template <int l>
    static constexpr int values = layout.values[l < 0 ? 0 : l];
    template <int l>
    static constexpr int derivatives = layout.derivatives[l];

    __device__ explicit Block(const NetworkArguments& arguments)
        : global_weights(arguments.weights),
          workspace(arguments.workspace + static_cast<long long>(blockIdx.x) * layout.workspace_floats),
          curvature(arguments.curvature) {}

    __device__ static float* shared(int offset) { return reinterpret_cast<float*>(block_memory) + offset; }
    /// Offsets of the second group of BlockLayout.
    __device__ float* memory(int offset) const {
        if constexpr (N::shape.shared_values) {
            return shared(layout.always_shared + offset);
        } else {
            return workspace + offset;
        }
    }
    __device__ const float* weights(int offset) const {
        if constexpr (N::shape.shared_weights) {
            return shared(layout.weights + offset);
        } else {
            return global_weights + offset;
        }
    }

    /// Once per launch, before anything else.
    __device__ void prepare() const {
        if constexpr (N::shape.shared_weights) {
            for (int i = 4 * threadIdx.x; i < weight_places.forward_floats; i += 4 * threads) {
                *reinterpret_cast<float4*>(shared(layout.weights + i)) =
                    *reinterpret_cast<const float4*>(global_weights + i);
            }
        }
        // Channels that only fill up are never written, and a zero weight times a stray NaN is NaN.
        float* all = memory(0);
        for (int i = threadIdx.x; i < layout.values_floats; i += threads)
            all[i] = 0.0f;
        __syncthreads();
    }

    const float* global_weights;
    float* workspace;
    float curvature;
};

/// Adds each of `numbers` over the `lanes` neighbouring threads of each of `chains` chains; all of them
/// receive the sums. Every thread of the block must call it. The order of the sum is fixed.
template <class N, int chains, int lanes, int count>
__device__ inline void sum_over_lanes(float (&numbers)[count]) {
    static_assert(count <= most_sums && chains * lanes <= N::shape.threads);
    if constexpr (lanes > 1) {
        constexpr int second = smaller(lanes, second_sums);
        const int thread = threadIdx.x, chain = thread / lanes, lane = thread % lanes;
        float* scratch = Block<N>::shared(Block<N>::layout.scratch);
        float* sums = Block<N>::shared(Block<N>::layout.sums);
        if (chain < chains) {
#pragma unroll
            for (int q = 0; q < count; ++q)
                scratch[q * N::shape.threads + thread] = numbers[q];
        }
        __syncthreads();
        if (chain < chains && lane < second) {
#pragma unroll
            for (int q = 0; q < count; ++q) {
                float sum = 0;
                for (int i = lane; i < lanes; i += second)
                    sum += scratch[q * N::shape.threads + chain * lanes + i];
                sums[(q * chains + chain) * second_sums + lane] = sum;
            }
        }
        __syncthreads();
        if (chain < chains) {
#pragma unroll
            for (int q = 0; q < count; ++q) {
                float sum = 0;
#pragma unroll
                for (int i = 0; i < second; ++i)
                    sum += sums[(q * chains + chain) * second_sums + i];
                numbers[q] = sum;
            }
        }
    }
}

/// Place in a stored sample of element e in LibTorch's order, [channel][y][x].
template <class N>
__device__ inline int place_of(int e) {
    constexpr int positions = in_positions(N::shape.layers[0]), stride = row_stride(stored_in(N::shape, 0));
    return e % positions * stride + e / positions;
}

/// Samples [first, first + tile) of x into the memory at `offset`; absent ones are zero.
template <class N>
__device__ inline void load_samples(const Block<N>& block, const float* x, int first, int n, int offset) {
    constexpr int count = elements(N::shape);
    for (int i = threadIdx.x; i < N::shape.tile * count; i += N::shape.threads) {
        const int sample = i / count, e = i % count;
        block.memory(offset + sample * sample_floats(N::shape))[place_of<N>(e)] =
            first + sample < n ? x[static_cast<long long>(first + sample) * count + e] : 0.0f;
    }
}

template <class N>
__device__ inline void store_samples(const Block<N>& block, int offset, float* x, int first, int n) {
    constexpr int count = elements(N::shape);
    for (int i = threadIdx.x; i < N::shape.tile * count; i += N::shape.threads) {
        const int sample = i / count, e = i % count;
        if (first + sample >= n) break;
        x[static_cast<long long>(first + sample) * count + e] =
            block.memory(offset + sample * sample_floats(N::shape))[place_of<N>(e)];
    }
}

} // namespace ebm::cuda
