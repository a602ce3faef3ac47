#pragma once

#include "core/cuda/block.cuh"
#include "core/cuda/fragments.cuh"

/// The products of a layer, see Product in shape.h. All threads of the block call these functions together.
namespace ebm::cuda {

__device__ inline float4 load4(const float* p) {
    return *reinterpret_cast<const float4*>(p);
}
__device__ inline void unpack(float4 v, float (&out)[4]) {
    out[0] = v.x;
    out[1] = v.y;
    out[2] = v.z;
    out[3] = v.w;
}

/// Weights in global memory are read as such, which a pointer alone does not tell the compiler.
template <class N>
__device__ inline float4 load_weight4(const float* p) {
    if constexpr (N::shape.shared_weights) {
        return load4(p);
    } else {
        return __ldg(reinterpret_cast<const float4*>(p));
    }
}
template <class N>
__device__ inline float load_weight(const float* p) {
    if constexpr (N::shape.shared_weights) {
        return *p;
    } else {
        return __ldg(p);
    }
}

/// What happens to a finished sum. `position` counts through the tile: (sample · height + y) · width + x.
/// Forward: bias and activation; the derivative is kept beside the value, in the top layer multiplied by the
/// weight to the energy. Backward: times the derivative below, or the gradient at the sample.
template <class N, int l, bool backward>
__device__ inline void finish(const Block<N>& block, int point, int gradient, int position, int output,
                              float sum) {
    using B = Block<N>;
    if constexpr (!backward) {
        constexpr int stride = row_stride(stored_out(N::shape, l));
        const Activated a =
            activate<N::shape.activation>(sum + load_weight<N>(block.weights(B::template bias<l>) + output));
        block.memory(B::template values<l>)[position * stride + output] = a.value;
        float derivative = a.derivative;
        if constexpr (l + 1 == N::shape.layer_count) {
            const int here = position % out_positions(N::shape.layers[l]);
            derivative *= load_weight<N>(block.weights(B::weight_places.last) +
                                         here * stored_out(N::shape, l) + output);
        }
        block.memory(B::template derivatives<l>)[position * stride + output] = derivative;
    } else if constexpr (l > 0) {
        constexpr int stride = row_stride(stored_in(N::shape, l));
        block.memory(B::template derivatives<l - 1>)[position * stride + output] *= sum;
    } else {
        constexpr int stride = row_stride(stored_in(N::shape, 0));
        constexpr int positions = in_positions(N::shape.layers[0]);
        const int place =
            position / positions * sample_floats(N::shape) + position % positions * stride + output;
        block.memory(gradient)[place] = sum + block.curvature * block.memory(point)[place];
    }
}

/// Which taps and positions the tasks of a product read.
template <class N, int l, bool backward>
struct Taps {
    static constexpr Layer layer = N::shape.layers[l];
    static constexpr Product p = make_product(N::shape, l, backward);

    /// Along one axis: the source of result index i of class c at tap t is step·i + offset(c, t), and the
    /// index of the tap in the kernel is kernel(c, t).
    __device__ static int kernel(int c, int t, int stride) {
        return backward ? (c + layer.padding) % stride + t * stride : t;
    }
    __device__ static int offset(int c, int t, int stride) {
        return backward ? (c + layer.padding) / stride - t : t - layer.padding;
    }
};

/// weight[j][i] of output j of the task for inner channel i of a chunk.
template <class N, int l, bool backward>
__device__ inline void load_weights(const float* tap, int block, int chunk,
                                    float (&weight)[Taps<N, l, backward>::p.per_thread][4]) {
    constexpr Product p = Taps<N, l, backward>::p;
    constexpr bool transposed = backward && N::shape.shared_weights;
    if constexpr (!transposed) {
        constexpr int stride = chunk_stride(p.vector == 4 ? 4 : 1, p.outputs);
#pragma unroll
        for (int j = 0; j < p.per_thread; ++j) {
            if constexpr (p.vector == 4) {
                unpack(load_weight4<N>(tap + chunk * stride + 4 * (block + j * p.blocks)), weight[j]);
            } else {
                weight[j][0] = load_weight<N>(tap + chunk * stride + block + j * p.blocks);
            }
        }
    } else if constexpr (p.per_thread == 4) {
        constexpr int stride = chunk_stride(4, stored_out(N::shape, l));
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            float row[4];
            unpack(load_weight4<N>(tap + block * stride + 4 * (4 * chunk + i)), row);
#pragma unroll
            for (int j = 0; j < 4; ++j)
                weight[j][i] = row[j];
        }
    } else {
#pragma unroll
        for (int j = 0; j < p.per_thread; ++j)
            unpack(load_weight4<N>(tap + j * stored_out(N::shape, l) + 4 * chunk), weight[j]);
    }
}

/// Where the sums of one task belong.
template <class N, int l, bool backward>
struct Task {
    using T = Taps<N, l, backward>;
    static constexpr Product p = T::p;
    /// Backward weights are the forward ones where those are in shared memory.
    static constexpr bool transposed = backward && N::shape.shared_weights;
    static constexpr int all = N::shape.tile * p.rows * p.columns; ///< positions of a class
    static constexpr int share = p.chunks / p.chunk_splits;        ///< chunks of inner channels
    static constexpr int tap_floats = transposed || !backward
                                          ? stored_in(N::shape, l) / vector_of(stored_in(N::shape, l)) *
                                                chunk_stride(stored_in(N::shape, l), stored_out(N::shape, l))
                                          : p.chunks * chunk_stride(4, p.outputs);

    int output_block, first, chunk_split, tap_split, class_x, class_y;

    __device__ explicit Task(int number) {
        output_block = number % p.blocks;
        int rest = number / p.blocks;
        first = rest % p.groups * p.positions;
        rest /= p.groups;
        chunk_split = rest % p.chunk_splits;
        rest /= p.chunk_splits;
        tap_split = rest % p.tap_splits;
        rest /= p.tap_splits;
        class_x = rest % p.classes_x;
        class_y = rest / p.classes_x;
    }

    __device__ static const float* weights(const Block<N>& block) {
        using B = Block<N>;
        if constexpr (transposed || !backward) {
            return block.weights(B::template forward<l>);
        } else {
            return block.weights(B::template backward<l>);
        }
    }

    /// Calls work(weights of the tap, offset_y, offset_x) for the taps of this task.
    template <class Work>
    __device__ void for_taps(const Block<N>& block, Work work) const {
        constexpr Layer layer = N::shape.layers[l];
        const float* all_weights = weights(block);
#pragma unroll 1
        for (int tap = tap_split; tap < p.taps_y * p.taps_x; tap += p.tap_splits) {
            const int tap_y = tap / p.taps_x, tap_x = tap % p.taps_x;
            const int kernel_y = T::kernel(class_y, tap_y, layer.stride_height);
            const int kernel_x = T::kernel(class_x, tap_x, layer.stride_width);
            if (backward && (kernel_y >= layer.kernel_height || kernel_x >= layer.kernel_width)) continue;
            work(all_weights + (kernel_y * layer.kernel_width + kernel_x) * tap_floats,
                 T::offset(class_y, tap_y, layer.stride_height),
                 T::offset(class_x, tap_x, layer.stride_width));
        }
    }

    /// The channels that position number `index` reads; zeros outside the map.
    __device__ static const float* row(const Block<N>& block, int point, int index, int offset_y,
                                       int offset_x) {
        using B = Block<N>;
        constexpr Layer layer = N::shape.layers[l];
        constexpr int source_sample =
            l == 0 && !backward ? sample_floats(N::shape) : p.source_height * p.source_width * p.inner_stride;
        const float* source =
            block.memory(backward ? B::template derivatives<l> : (l > 0 ? B::template values<l - 1> : point));
        const int position = smaller(index, all - 1);
        const int sample = position / (p.rows * p.columns);
        const int y = position / p.columns % p.rows * (backward ? 1 : layer.stride_height) + offset_y;
        const int x = position % p.columns * (backward ? 1 : layer.stride_width) + offset_x;
        const bool inside = y >= 0 && y < p.source_height && x >= 0 && x < p.source_width;
        return inside ? source + sample * source_sample + (y * p.source_width + x) * p.inner_stride
                      : block.memory(B::layout.zeros);
    }

    /// Hands on the sum of an output at position number `index`: finished, or as one of several parts.
    __device__ void put(const Block<N>& block, int point, int gradient, int index, int output,
                        float sum) const {
        using B = Block<N>;
        constexpr Layer layer = N::shape.layers[l];
        const int sample = index / (p.rows * p.columns);
        const int y = index / p.columns % p.rows * (backward ? layer.stride_height : 1) + class_y;
        const int x = index % p.columns * (backward ? layer.stride_width : 1) + class_x;
        if (index >= all || y >= p.result_height || x >= p.result_width) return;
        const int position = (sample * p.result_height + y) * p.result_width + x;
        if constexpr (p.splits() == 1) {
            finish<N, l, backward>(block, point, gradient, position, output, sum);
        } else {
            constexpr int results = N::shape.tile * p.result_height * p.result_width * p.outputs;
            const int split = tap_split * p.chunk_splits + chunk_split;
            B::shared(B::layout.scratch)[split * results + position * p.outputs + output] = sum;
        }
    }
};

template <class N, int l, bool backward>
__device__ inline void multiply_task(const Block<N>& block, int point, int gradient, int number) {
    using K = Task<N, l, backward>;
    const K task(number);

    float sums[K::p.per_thread][K::p.positions];
#pragma unroll
    for (int j = 0; j < K::p.per_thread; ++j) {
#pragma unroll
        for (int i = 0; i < K::p.positions; ++i)
            sums[j][i] = 0.0f;
    }
    task.for_taps(block, [&](const float* tap_weights, int offset_y, int offset_x) {
        const float* rows[K::p.positions];
#pragma unroll
        for (int i = 0; i < K::p.positions; ++i)
            rows[i] = K::row(block, point, task.first + i, offset_y, offset_x);
#pragma unroll 4
        for (int c = 0; c < K::share; ++c) {
            const int chunk = task.chunk_split * K::share + c;
            float weight[K::p.per_thread][4];
            load_weights<N, l, backward>(tap_weights, task.output_block, chunk, weight);
#pragma unroll
            for (int i = 0; i < K::p.positions; ++i) {
                float inner[4];
                if constexpr (K::p.vector == 4) {
                    unpack(load4(rows[i] + 4 * chunk), inner);
                } else {
                    inner[0] = rows[i][chunk];
                }
#pragma unroll
                for (int j = 0; j < K::p.per_thread; ++j) {
#pragma unroll
                    for (int v = 0; v < K::p.vector; ++v)
                        sums[j][i] += weight[j][v] * inner[v];
                }
            }
        }
    });
#pragma unroll
    for (int i = 0; i < K::p.positions; ++i) {
#pragma unroll
        for (int j = 0; j < K::p.per_thread; ++j) {
            const int output =
                K::transposed ? K::p.per_thread * task.output_block + j : task.output_block + j * K::p.blocks;
            task.put(block, point, gradient, task.first + i, output, sums[j][i]);
        }
    }
}

/// The same for a warp, on the tensor cores.
template <class N, int l, bool backward>
__device__ inline void multiply_fragments(const Block<N>& block, int point, int gradient, int number) {
    using K = Task<N, l, backward>;
    const K task(number);
    const int lane = threadIdx.x % warp_threads, row = lane / 4, column = lane % 4;
    const int first_output = fragment_outputs * task.output_block + row;
    // Two sums, so that one product need not wait for the one before.
    float sums[2][4] = {};
    task.for_taps(block, [&](const float* tap_weights, int offset_y, int offset_x) {
        const float* inner = K::row(block, point, task.first + row, offset_y, offset_x) + column;
#pragma unroll 4
        for (int c = 0; c < K::share; c += 2) {
            const int chunk = task.chunk_split * K::share + c;
            unsigned weights[4], values[2];
#pragma unroll
            for (int half = 0; half < 2; ++half) {
                values[half] = to_tf32(inner[4 * (chunk + half)]);
#pragma unroll
                for (int below = 0; below < 2; ++below) {
                    const int output = first_output + 8 * below;
                    constexpr int stride =
                        chunk_stride(4, K::transposed ? stored_out(N::shape, l) : K::p.outputs);
                    const int place =
                        K::transposed ? output / 4 * stride + 4 * (4 * (chunk + half) + column) + output % 4
                                      : (chunk + half) * stride + 4 * output + column;
                    weights[below + 2 * half] = to_tf32(load_weight<N>(tap_weights + place));
                }
            }
            multiply_add_fragments(weights, values, sums[c / 2 % 2]);
        }
    });
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        task.put(block, point, gradient, task.first + 2 * column + i % 2, first_output + i / 2 * 8,
                 sums[0][i] + sums[1][i]);
    }
}

/// The whole product of a layer. Ends with all threads in step.
template <class N, int l, bool backward>
__device__ inline void multiply(const Block<N>& block, int point, int gradient) {
    constexpr Product p = make_product(N::shape, l, backward);
    if constexpr (p.fragments) {
#pragma unroll 1
        for (int task = threadIdx.x / warp_threads; task < p.tasks(); task += N::shape.threads / warp_threads)
            multiply_fragments<N, l, backward>(block, point, gradient, task);
    } else {
#pragma unroll 1
        for (int task = threadIdx.x; task < p.tasks(); task += N::shape.threads)
            multiply_task<N, l, backward>(block, point, gradient, task);
    }
    __syncthreads();
    if constexpr (p.splits() > 1) {
        constexpr int results = N::shape.tile * p.result_height * p.result_width * p.outputs;
        const float* partial = Block<N>::shared(Block<N>::layout.scratch);
        for (int i = threadIdx.x; i < results; i += N::shape.threads) {
            float sum = 0;
#pragma unroll
            for (int s = 0; s < p.splits(); ++s)
                sum += partial[s * results + i];
            finish<N, l, backward>(block, point, gradient, i / p.outputs, i % p.outputs, sum);
        }
        __syncthreads();
    }
}

} // namespace ebm::cuda
