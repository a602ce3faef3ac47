#include "core/cuda/driver.h"

#include "core/base/error.h"

namespace ebm::cuda {
namespace {

constexpr int oldest_driver = 13000; ///< CUDA 13.0, whose compiler makes the kernels
constexpr int oldest_architecture = 75;

std::string dotted(int version) {
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

} // namespace

DriverFunctions load_driver() {
    const SharedLibrary library({"libcuda.so.1"});
    if (!library.loaded())
        throw Error("No NVIDIA driver was found", "libcuda.so.1",
                    "Install the driver, or compute on the CPU (--device cpu).");
    DriverFunctions functions;
#define EBM_FIND(name)                                                                                       \
    functions.name = library.find<decltype(::name)>(#name);                                                  \
    if (!functions.name)                                                                                     \
        throw Error("The NVIDIA driver is too old", "it lacks " #name, "Install driver 580 or newer.");
    EBM_DRIVER_FUNCTIONS(EBM_FIND)
#undef EBM_FIND
    return functions;
}

Driver::Driver(const DriverFunctions& functions) : DriverFunctions(functions) {
    const CUresult started = cuInit(0);
    if (started == CUDA_ERROR_NO_DEVICE)
        throw Error("The NVIDIA driver sees no GPU", "CUDA", "Compute on the CPU (--device cpu).");
    check(started, "starting the NVIDIA driver");
    int version = 0, count = 0;
    check(cuDriverGetVersion(&version), "asking the driver's version");
    if (version < oldest_driver)
        throw Error("The NVIDIA driver is too old: it speaks CUDA " + dotted(version) +
                        " and the kernels need " + dotted(oldest_driver),
                    "CUDA", "Install driver 580 or newer.");
    check(cuDeviceGetCount(&count), "counting GPUs");
    if (count == 0)
        throw Error("The NVIDIA driver sees no GPU", "CUDA", "Compute on the CPU (--device cpu).");
    open_card();
}

void Driver::open_card() {
    check(cuDeviceGet(&device_, 0), "opening the GPU");
    char name[256] = "";
    check(cuDeviceGetName(name, sizeof(name), device_), "asking the GPU's name");
    card_ = name;
    architecture_ = 10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) +
                    attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    if (architecture_ < oldest_architecture)
        throw Error("The " + card_ + " is too old: its compute capability is " +
                        std::to_string(architecture_ / 10) + "." + std::to_string(architecture_ % 10) +
                        " and the kernels need 7.5",
                    "CUDA", "Compute on the CPU (--device cpu).");
    check(cuDevicePrimaryCtxRetain(&context_, device_), "opening a context on the GPU");
}

Driver::~Driver() {
    if (context_) cuDevicePrimaryCtxRelease_v2(device_);
}

void Driver::check(CUresult result, const char* doing) const {
    if (result == CUDA_SUCCESS) return;
    const char* words = nullptr;
    cuGetErrorString(result, &words);
    const std::string where =
        std::string("CUDA error ") + std::to_string(result) + ", " + (words ? words : "unknown");
    if (result == CUDA_ERROR_OUT_OF_MEMORY)
        throw Error(
            "The GPU's memory is full", where,
            "Close other programs that use it, take fewer chains, or compute on the CPU (--device cpu).");
    throw Error(std::string("The GPU failed while ") + doing, where,
                "Start again, or compute on the CPU (--device cpu).");
}

int Driver::attribute(CUdevice_attribute attribute) const {
    int value = 0;
    check(cuDeviceGetAttribute(&value, attribute, device_), "asking what the GPU can do");
    return value;
}

Memory::~Memory() {
    release();
}

void Memory::release() {
    driver_.enter_quietly();
    if (card_) driver_.cuMemFree_v2(card_);
    if (host_) driver_.cuMemFreeHost(host_);
    card_ = 0;
    host_ = nullptr;
    bytes_ = 0;
}

void Memory::reserve(std::size_t bytes) {
    if (bytes <= bytes_) return;
    release();
    bytes += bytes / 4;
    if (kind_ == Kind::card) {
        driver_.check(driver_.cuMemAlloc_v2(&card_, bytes), "taking memory on the GPU");
    } else {
        void* place = nullptr;
        driver_.check(driver_.cuMemHostAlloc(&place, bytes, 0), "taking page-locked memory");
        host_ = static_cast<std::byte*>(place);
    }
    bytes_ = bytes;
}

} // namespace ebm::cuda
