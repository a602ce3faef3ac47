#pragma once

#include "core/cuda/network.cuh"

/// Gradients with respect to the parameters. Each block adds up its tiles in an array of its own, with the
/// layout of the forward weights; sum_groups then adds the arrays, so that the result does not depend on
/// timing.
namespace ebm::cuda {

__device__ inline void add_to(float* place, float value, bool first) {
    *place = first ? value : *place + value;
}

/// Weights and bias of layer l: Σ over samples and positions of the layer's inputs × the gradients at its
/// outputs. After evaluating with a gradient at the tile's outputs. `first`: overwrite instead of adding.
template <class N, int l = 0>
__device__ inline void add_layer_gradients(const Block<N>& block, int point, float* sums, bool first) {
    using B = Block<N>;
    constexpr Layer layer = N::shape.layers[l];
    constexpr int in = stored_in(N::shape, l), out = stored_out(N::shape, l), vector = vector_of(in);
    constexpr int chunks = in / vector, in_stride = row_stride(in), out_stride = row_stride(out);
    constexpr int in_sample = l == 0 ? sample_floats(N::shape) : in_positions(layer) * in_stride;
    const float* inputs = block.memory(l > 0 ? B::template values<l - 1> : point);
    const float* outputs = block.memory(B::template derivatives<l>);

    for (int task = threadIdx.x; task < taps(layer) * chunks * out; task += N::shape.threads) {
        const int output = task % out, chunk = task / out % chunks, tap = task / out / chunks;
        const int tap_y = tap / layer.kernel_width, tap_x = tap % layer.kernel_width;
        float sum[vector] = {};
        for (int sample = 0; sample < N::shape.tile; ++sample) {
            for (int y = 0; y < layer.out_height; ++y) {
                const int in_y = y * layer.stride_height - layer.padding + tap_y;
                if (in_y < 0 || in_y >= layer.in_height) continue;
#pragma unroll 4
                for (int x = 0; x < layer.out_width; ++x) {
                    const int in_x = x * layer.stride_width - layer.padding + tap_x;
                    if (in_x < 0 || in_x >= layer.in_width) continue;
                    const float* row =
                        inputs + sample * in_sample + (in_y * layer.in_width + in_x) * in_stride;
                    const int position = (sample * layer.out_height + y) * layer.out_width + x;
                    const float gradient = outputs[position * out_stride + output];
                    if constexpr (vector == 4) {
                        float inner[4];
                        unpack(load4(row + 4 * chunk), inner);
#pragma unroll
                        for (int v = 0; v < 4; ++v)
                            sum[v] += inner[v] * gradient;
                    } else {
                        sum[0] += row[chunk] * gradient;
                    }
                }
            }
        }
        float* place =
            sums + B::template forward<l> + (tap * chunks + chunk) * chunk_stride(in, out) + output * vector;
#pragma unroll
        for (int v = 0; v < vector; ++v)
            add_to(place + v, sum[v], first);
    }
    for (int output = threadIdx.x; output < out; output += N::shape.threads) {
        float sum = 0;
        for (int position = 0; position < N::shape.tile * out_positions(layer); ++position)
            sum += outputs[position * out_stride + output];
        add_to(sums + B::template bias<l> + output, sum, first);
    }
    if constexpr (l + 1 < N::shape.layer_count) add_layer_gradients<N, l + 1>(block, point, sums, first);
}

/// The linear layer to the energy. coefficients: [sample], in shared memory.
template <class N>
__device__ inline void add_last_gradients(const Block<N>& block, const float* coefficients, float* sums,
                                          bool first) {
    using B = Block<N>;
    constexpr int top = N::shape.layer_count - 1, stored = stored_out(N::shape, top);
    constexpr int stride = row_stride(stored), positions = out_positions(N::shape.layers[top]);
    const float* values = block.memory(B::template values<top>);
    for (int i = threadIdx.x; i < positions * stored; i += N::shape.threads) {
        float sum = 0;
        for (int sample = 0; sample < N::shape.tile; ++sample)
            sum += coefficients[sample] * values[(sample * positions + i / stored) * stride + i % stored];
        add_to(sums + B::weight_places.last + i, sum, first);
    }
    if (threadIdx.x == 0) {
        float sum = 0;
        for (int sample = 0; sample < N::shape.tile; ++sample)
            sum += coefficients[sample];
        add_to(sums + B::weight_places.last_bias, sum, first);
    }
}

/// Kernel body: energies, and gradients of Σ_i (coefficients[i] + energy_factor · E_i) · E_i with the bracket
/// held fixed. The blocks share the tiles evenly.
template <class N>
__device__ inline void gradient_sums(const GradientArguments& a) {
    using B = Block<N>;
    constexpr int top = N::shape.layer_count - 1, stored = stored_out(N::shape, top);
    constexpr int stride = row_stride(stored), positions = out_positions(N::shape.layers[top]);
    const B block(a.network);
    block.prepare();
    const long long tiles = (a.n + N::shape.tile - 1) / N::shape.tile;
    const int begin = static_cast<int>(tiles * blockIdx.x / gridDim.x);
    const int end = static_cast<int>(tiles * (blockIdx.x + 1) / gridDim.x);
    float* sums = a.sums + static_cast<long long>(blockIdx.x) * B::weight_places.forward_floats;
    float* coefficients = B::shared(B::layout.flags);
    for (int tile = begin; tile < end; ++tile) {
        const int first = tile * N::shape.tile;
        load_samples<N>(block, a.x, first, a.n, B::layout.state);
        evaluate<N>(block, B::layout.state, B::layout.energies, false, 0);
        const int mine = threadIdx.x;
        if (mine < N::shape.tile) {
            const bool present = first + mine < a.n;
            const float energy = B::shared(B::layout.energies)[mine];
            coefficients[mine] = present ? a.coefficients[first + mine] + a.energy_factor * energy : 0.0f;
            if (present) a.energies[first + mine] = energy;
        }
        __syncthreads();
        float* derivatives = block.memory(B::template derivatives<top>);
        for (int i = threadIdx.x; i < N::shape.tile * positions * stored; i += N::shape.threads) {
            const int position = i / stored;
            derivatives[position * stride + i % stored] *= coefficients[position / positions];
        }
        __syncthreads();
        backward_layers<N>(block);
        add_layer_gradients<N>(block, B::layout.state, sums, tile == begin);
        add_last_gradients<N>(block, coefficients, sums, tile == begin);
        __syncthreads();
    }
}

/// Kernel bodies that know nothing of the network.
__device__ inline void pack_weights(const PackArguments& a, int thread) {
    if (thread >= a.count) return;
    const int source = a.source[thread];
    a.packed[thread] = source < 0 ? 0.0f : a.scale[thread] * a.raw[source];
}

__device__ inline void sum_groups(const SumArguments& a, int thread) {
    if (thread >= a.count) return;
    float sum = 0;
    for (int group = 0; group < a.groups; ++group)
        sum += a.sums[static_cast<long long>(group) * a.stride + a.place[thread]];
    a.gradients[thread] = a.scale[thread] * sum;
}

} // namespace ebm::cuda
