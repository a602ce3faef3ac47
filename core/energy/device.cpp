#include "core/energy/device.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/program.h"
#include "core/cuda/library.h"
#include "core/settings/devices.h"

#include <cctype>
#include <cstring>
#include <filesystem>

#include <dlfcn.h>
#include <fmt/format.h>

namespace ebm {
namespace {

constexpr const char* library_name = "ebmlab_cuda.so";

/// Stays loaded: the classes of its objects live in it.
EbmlabCudaOpen* load_library() {
    const std::filesystem::path place = program_folder() / library_name;
    std::error_code none;
    if (!place.has_parent_path() || !std::filesystem::exists(place, none))
        throw Error("The GPU library was not found beside the program", place.string(),
                    "Build or install the program again.");
    void* library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library)
        throw Error("The GPU library cannot be loaded", dlerror(), "Build or install the program again.");
    const void* build = dlsym(library, "ebmlab_cuda_build");
    void* open = dlsym(library, "ebmlab_cuda_open");
    if (!build || !open || std::strcmp(static_cast<const char*>(build), EBM_BUILD_ID) != 0)
        throw Error("The GPU library belongs to another build of the program", place.string(),
                    "Build or install both together.");
    return reinterpret_cast<EbmlabCudaOpen*>(open);
}

cuda::Precision precision_of(const std::string& wanted) {
    if (wanted == "cuda_tf32") return cuda::Precision::tf32;
    return wanted == "cuda_bf16" ? cuda::Precision::bf16 : cuda::Precision::fp32;
}

/// "No NVIDIA driver was found (libcuda.so.1)" as the second half of a sentence.
std::string continued(const Error& error) {
    std::string text = error.what_happened;
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])))
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return error.where.empty() ? text : text + " (" + error.where + ")";
}

} // namespace

ComputeDevice open_device(const std::string& wanted) {
    std::string names;
    bool known = false;
    for (const DeviceChoice& choice : device_choices) {
        names += (names.empty() ? "" : ", ") + std::string(choice.name);
        known = known || choice.name == wanted;
    }
    if (!known)
        throw Error(fmt::format("There is no device '{}'", wanted), "option --device",
                    fmt::format("Choose one of {}.", names));
    ComputeDevice device;
    if (wanted == "cpu") return device;
    device.required = wanted != "auto";
    try {
        device.gpu.reset(load_library()(precision_of(wanted)));
        // Until `./dev gpu-check` has passed on a card, only those who ask for a GPU get it.
        if (!device.required) {
            device.note = fmt::format("The CPU computes: the kernels for {} have not been measured on a card "
                                      "yet. Choose CUDA (--device cuda) to use them.",
                                      device.gpu->name());
            device.gpu.reset();
        }
    } catch (const Error& error) {
        if (device.required)
            throw Error("CUDA was asked for and cannot be used: " + continued(error), "", error.what_to_do);
        device.note = "The CPU computes: " + continued(error) + ".";
    }
    return device;
}

void move_to(ComputeDevice& device, Energy& energy) {
    if (!device.gpu) {
        if (energy.gpu()) energy.compute_on(nullptr);
        return;
    }
    try {
        energy.compute_on(device.gpu);
        device.note = energy.gpu() ? "" : "The CPU computes: this kind of energy has no GPU kernel.";
    } catch (const Error& error) {
        if (device.required) throw;
        device.note = "The CPU computes: " + continued(error) + ".";
        log::warning("{}", device.note);
    }
}

std::string device_name(const cuda::Device* gpu) {
    return gpu ? gpu->name() : "CPU";
}

} // namespace ebm
