#pragma once

#include "core/cuda/product.cuh"

/// Energies and gradients of one tile. All threads of the block call these functions together. `point` and
/// `gradient` are offsets of samples in the block's memory, `energies` is an offset in shared memory.
namespace ebm::cuda {

template <class N, int l = 0>
__device__ inline void forward_layers(const Block<N>& block, int point) {
    multiply<N, l, false>(block, point, 0);
    if constexpr (l + 1 < N::shape.layer_count) forward_layers<N, l + 1>(block, point);
}

/// Turns the derivatives of the layers below l into gradients at their outputs before the activation.
template <class N, int l = N::shape.layer_count - 1>
__device__ inline void backward_layers(const Block<N>& block) {
    if constexpr (l > 0) {
        multiply<N, l, true>(block, 0, 0);
        backward_layers<N, l - 1>(block);
    }
}

/// energies[sample] = last weights · values of the top layer + bias + ½ curvature |x|².
template <class N>
__device__ inline void sum_energies(const Block<N>& block, int point, int energies) {
    using B = Block<N>;
    constexpr int top = N::shape.layer_count - 1, stored = stored_out(N::shape, top);
    constexpr int stride = row_stride(stored), positions = out_positions(N::shape.layers[top]);
    constexpr int lanes = N::shape.threads / N::shape.tile;
    const int sample = threadIdx.x / lanes, lane = threadIdx.x % lanes;
    float sum[1] = {0.0f};
    if (sample < N::shape.tile) {
        const float* values = block.memory(B::template values<top>) + sample * positions * stride;
        const float* last = block.weights(B::weight_places.last);
        for (int i = lane; i < positions * stored; i += lanes)
            sum[0] += load_weight<N>(last + i) * values[i / stored * stride + i % stored];
        if (block.curvature != 0.0f) {
            const float* x = block.memory(point) + sample * sample_floats(N::shape);
            float squares = 0;
            for (int e = lane; e < elements(N::shape); e += lanes) {
                const float value = x[place_of<N>(e)];
                squares += value * value;
            }
            sum[0] += 0.5f * block.curvature * squares;
        }
    }
    sum_over_lanes<N, N::shape.tile, lanes>(sum);
    if (sample < N::shape.tile && lane == 0)
        B::shared(energies)[sample] = sum[0] + load_weight<N>(block.weights(B::weight_places.last_bias));
}

/// Starts and ends with all threads in step. Without `differentiate` the gradient is left alone.
template <class N>
EBM_NOT_INLINED __device__ void evaluate(const Block<N> block, int point, int energies, bool differentiate,
                                         int gradient) {
    __syncthreads();
    forward_layers<N>(block, point);
    sum_energies<N>(block, point, energies);
    if (differentiate) {
        backward_layers<N>(block);
        multiply<N, 0, true>(block, point, gradient);
    }
    __syncthreads();
}

/// Kernel body: energies and gradients of a batch.
template <class N>
__device__ inline void evaluate_batch(const EvaluateArguments& a) {
    using B = Block<N>;
    const B block(a.network);
    block.prepare();
    const int tiles = (a.n + N::shape.tile - 1) / N::shape.tile;
    for (int tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
        const int first = tile * N::shape.tile;
        load_samples<N>(block, a.x, first, a.n, B::layout.state);
        evaluate<N>(block, B::layout.state, B::layout.energies, a.gradients != nullptr, B::layout.gradient);
        const int sample = threadIdx.x;
        if (sample < N::shape.tile && first + sample < a.n)
            a.energies[first + sample] = B::shared(B::layout.energies)[sample];
        if (a.gradients) store_samples<N>(block, B::layout.gradient, a.gradients, first, a.n);
        __syncthreads();
    }
}

} // namespace ebm::cuda
