// Random numbers for what LibTorch computes on the card, see core/libtorch.
#include "core/cuda/draws.cuh"

using namespace ebm::cuda;

__device__ inline long long thread_number() {
    return static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
}

extern "C" __global__ void normals_kernel(const DrawArguments a) {
    draw_normals(a, thread_number());
}

extern "C" __global__ void uniforms_kernel(const DrawArguments a) {
    draw_uniforms(a, thread_number());
}
