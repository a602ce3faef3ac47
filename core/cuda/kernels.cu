// The kernels of one network. "network.h" is written for it by source.cpp: struct ebm::cuda::Network.
#define EBM_NOT_INLINED __noinline__

#include "core/cuda/steps.cuh"
#include "core/cuda/weights.cuh"
#include "network.h"

using namespace ebm::cuda;

extern "C" __global__ void __launch_bounds__(Network::shape.threads)
    evaluate_kernel(const EvaluateArguments a) {
    evaluate_batch<Network>(a);
}

extern "C" __global__ void __launch_bounds__(Network::shape.threads) run_kernel(const RunArguments a) {
    run_chains<Network>(a);
}

extern "C" __global__ void __launch_bounds__(Network::shape.threads)
    gradient_kernel(const GradientArguments a) {
    gradient_sums<Network>(a);
}

extern "C" __global__ void pack_kernel(const PackArguments a) {
    pack_weights(a, static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x));
}

extern "C" __global__ void sum_kernel(const SumArguments a) {
    sum_groups(a, static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x));
}
