// A libcuda.so.1 without a card, for tests of the whole program: memory is the host's, and kernels of a
// network whose energy is 0 everywhere. EBMLAB_STAND_IN_FAILS=CALL:ERROR: every call from this one on fails
// with this error, as on a card that was taken away; 0 is the first.

#include "core/cuda/arguments.h"
#include "core/cuda/driver.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

using namespace ebm::cuda;

CUresult result() {
    static std::atomic<long> calls{0};
    static long first = -1, error = 0;
    static const bool asked = [] {
        const char* wish = std::getenv("EBMLAB_STAND_IN_FAILS");
        return wish && std::sscanf(wish, "%ld:%ld", &first, &error) == 2;
    }();
    return asked && calls++ >= first ? static_cast<CUresult>(error) : CUDA_SUCCESS;
}

template <class T>
void clear(T* numbers, long count) {
    if (numbers) std::memset(numbers, 0, sizeof(T) * static_cast<std::size_t>(count));
}

/// There are as many blocks as tiles, see cuOccupancyMaxActiveBlocksPerMultiprocessor.
void launch(std::string_view kernel, unsigned blocks, void* arguments) {
    if (kernel == "evaluate_kernel") {
        const auto& a = *static_cast<const EvaluateArguments*>(arguments);
        clear(a.energies, a.n);
    } else if (kernel == "run_kernel") {
        const auto& a = *static_cast<const RunArguments*>(arguments);
        clear(a.energies, a.n);
        clear(a.gradient_norms, a.n);
        clear(a.accepted, a.n);
        clear(a.tallies, blocks);
        for (unsigned tile = 0; tile < blocks; ++tile)
            a.tallies[tile].non_finite_step = -1;
    } else if (kernel == "gradient_kernel") {
        const auto& a = *static_cast<const GradientArguments*>(arguments);
        clear(a.energies, a.n);
    } else if (kernel == "sum_kernel") {
        const auto& a = *static_cast<const SumArguments*>(arguments);
        clear(a.gradients, a.count);
    }
}

const char* const kernels[] = {"evaluate_kernel", "run_kernel", "gradient_kernel", "pack_kernel",
                               "sum_kernel"};

CUresult allocate(void** place, std::size_t bytes) {
    const CUresult answer = result();
    if (answer == CUDA_SUCCESS) *place = std::calloc(1, bytes);
    return answer;
}

} // namespace

extern "C" {
CUresult cuInit(unsigned) {
    return result();
}
CUresult cuDriverGetVersion(int* version) {
    return *version = 13000, result();
}
CUresult cuDeviceGetCount(int* count) {
    return *count = 1, result();
}
CUresult cuDeviceGet(CUdevice* device, int) {
    return *device = 0, result();
}
CUresult cuDeviceGetName(char* name, int size, CUdevice) {
    std::snprintf(name, static_cast<std::size_t>(size), "Stand-in");
    return result();
}
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
    *value = attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR            ? 9
             : attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR          ? 0
             : attribute == CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN ? 232448
                                                                                  : 1024;
    return result();
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice) {
    return *context = nullptr, result();
}
CUresult cuDevicePrimaryCtxRelease(CUdevice) {
    return result();
}
CUresult cuCtxSetCurrent(CUcontext) {
    return result();
}
CUresult cuModuleLoadData(CUmodule*, const void* code) {
    const CUresult answer = result();
    return answer != CUDA_SUCCESS || std::memcmp(code,
                                                 "\x7f"
                                                 "ELF",
                                                 4) == 0
               ? answer
               : CUDA_ERROR_INVALID_IMAGE;
}
CUresult cuModuleUnload(CUmodule) {
    return result();
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule, const char* name) {
    for (const char* const& kernel : kernels)
        if (std::string_view(kernel) == name)
            *function = reinterpret_cast<CUfunction>(const_cast<char*>(kernel));
    return result();
}
CUresult cuFuncSetAttribute(CUfunction, CUfunction_attribute, int) {
    return result();
}
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction, int, std::size_t) {
    return *blocks = 1024, result();
}
CUresult cuLaunchKernel(CUfunction function, unsigned blocks, unsigned, unsigned, unsigned, unsigned,
                        unsigned, unsigned, CUstream, void** arguments, void**) {
    const CUresult answer = result();
    if (answer == CUDA_SUCCESS) launch(reinterpret_cast<const char*>(function), blocks, arguments[0]);
    return answer;
}
CUresult cuMemAlloc(CUdeviceptr* place, std::size_t bytes) {
    return allocate(reinterpret_cast<void**>(place), bytes);
}
CUresult cuMemFree(CUdeviceptr place) {
    return std::free(reinterpret_cast<void*>(place)), result();
}
CUresult cuMemHostAlloc(void** place, std::size_t bytes, unsigned) {
    return allocate(place, bytes);
}
CUresult cuMemFreeHost(void* place) {
    return std::free(place), result();
}
CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, std::size_t bytes, CUstream) {
    return std::memcpy(reinterpret_cast<void*>(to), from, bytes), result();
}
CUresult cuMemcpyDtoHAsync(void* to, CUdeviceptr from, std::size_t bytes, CUstream) {
    const CUresult answer = result();
    if (answer == CUDA_SUCCESS) std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
    return answer;
}
CUresult cuStreamCreate(CUstream* stream, unsigned) {
    return *stream = nullptr, result();
}
CUresult cuStreamDestroy(CUstream) {
    return result();
}
CUresult cuStreamSynchronize(CUstream) {
    return result();
}
CUresult cuGetErrorString(CUresult, const char** words) {
    return *words = "the stand-in fails", CUDA_SUCCESS;
}
}
