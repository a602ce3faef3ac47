#pragma once

#include "core/cuda/shared_library.h"

#include <cstddef>
#include <string>

#include <cuda.h>

namespace ebm::cuda {

#define EBM_DRIVER_FUNCTIONS(X)                                                                              \
    X(cuInit)                                                                                                \
    X(cuDriverGetVersion)                                                                                    \
    X(cuDeviceGetCount)                                                                                      \
    X(cuDeviceGet)                                                                                           \
    X(cuDeviceGetName)                                                                                       \
    X(cuDeviceGetAttribute)                                                                                  \
    X(cuDevicePrimaryCtxRetain)                                                                              \
    X(cuDevicePrimaryCtxRelease_v2)                                                                          \
    X(cuCtxSetCurrent)                                                                                       \
    X(cuModuleLoadData)                                                                                      \
    X(cuModuleUnload)                                                                                        \
    X(cuModuleGetFunction)                                                                                   \
    X(cuFuncSetAttribute)                                                                                    \
    X(cuOccupancyMaxActiveBlocksPerMultiprocessor)                                                           \
    X(cuLaunchKernel)                                                                                        \
    X(cuMemAlloc_v2)                                                                                         \
    X(cuMemFree_v2)                                                                                          \
    X(cuMemHostAlloc)                                                                                        \
    X(cuMemFreeHost)                                                                                         \
    X(cuMemcpyHtoDAsync_v2)                                                                                  \
    X(cuMemcpyDtoHAsync_v2)                                                                                  \
    X(cuStreamCreate)                                                                                        \
    X(cuStreamDestroy_v2)                                                                                    \
    X(cuStreamSynchronize)                                                                                   \
    X(cuGetErrorString)

/// The functions of the NVIDIA driver that are used.
struct DriverFunctions {
#define EBM_MEMBER(name) decltype(&::name) name = nullptr;
    EBM_DRIVER_FUNCTIONS(EBM_MEMBER)
#undef EBM_MEMBER
};

/// From libcuda.so.1, loaded at run time. Throws ebm::Error without a driver, or if it lacks one.
DriverFunctions load_driver();

/// The driver and the first card with its context.
class Driver : public DriverFunctions {
public:
    /// Throws ebm::Error that says why no GPU can be used.
    explicit Driver(const DriverFunctions& functions);
    ~Driver();
    Driver(const Driver&) = delete;

    /// Throws ebm::Error unless the call succeeded. `doing`: "copying samples to the GPU".
    void check(CUresult result, const char* doing) const;
    int attribute(CUdevice_attribute attribute) const;
    /// To be called on each thread before anything below the context is used.
    void enter() const { check(cuCtxSetCurrent(context_), "entering the GPU's context"); }
    /// The same for destructors, which then do what they can.
    void enter_quietly() const noexcept { cuCtxSetCurrent(context_); }

    const std::string& card() const { return card_; }
    int architecture() const { return architecture_; } ///< 10 · major + minor

private:
    void open_card();

    CUdevice device_ = 0;
    CUcontext context_ = nullptr;
    std::string card_;
    int architecture_ = 0;
};

/// Memory on the card or page-locked memory of the host, which grows when asked and keeps nothing then.
class Memory {
public:
    enum class Kind { card, host };
    Memory(const Driver& driver, Kind kind) : driver_(driver), kind_(kind) {}
    ~Memory();
    Memory(const Memory&) = delete;

    void reserve(std::size_t bytes);
    CUdeviceptr card() const { return card_; }
    std::byte* host() const { return host_; }
    template <class T>
    T* pointer(std::size_t offset = 0) const {
        return kind_ == Kind::card ? reinterpret_cast<T*>(card_ + offset)
                                   : reinterpret_cast<T*>(host_ + offset);
    }

private:
    void release();

    const Driver& driver_;
    Kind kind_;
    CUdeviceptr card_ = 0;
    std::byte* host_ = nullptr;
    std::size_t bytes_ = 0;
};

} // namespace ebm::cuda
