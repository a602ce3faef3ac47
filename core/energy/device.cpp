#include "core/energy/device.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/cuda/library.h"
#include "core/settings/devices.h"

#include <cctype>
#include <filesystem>

#include <dlfcn.h>
#include <fmt/format.h>

namespace ebm {
namespace {

constexpr const char* library_name = "ebmlab_cuda.so";

/// Beside the program, where `cmake --install` puts it, and in the build folder.
std::vector<std::filesystem::path> library_places() {
    std::vector<std::filesystem::path> places;
    std::error_code none;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", none);
    if (!none) {
        places.push_back(program.parent_path() / library_name);
        places.push_back(program.parent_path().parent_path() / "lib" / "ebmlab" / library_name);
    }
    places.push_back(std::filesystem::path(EBM_BUILD_FOLDER) / library_name);
    return places;
}

/// Stays loaded: the classes of its objects live in it.
EbmlabCudaOpen* load_library() {
    for (const std::filesystem::path& place : library_places()) {
        std::error_code none;
        if (!std::filesystem::exists(place, none)) continue;
        void* library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library)
            throw Error("The GPU library cannot be loaded", dlerror(), "Build or install the program again.");
        if (void* open = dlsym(library, "ebmlab_cuda_open")) return reinterpret_cast<EbmlabCudaOpen*>(open);
        throw Error("The GPU library is not of this program", place.string(),
                    "Build or install the program again.");
    }
    throw Error("The GPU library was not found beside the program", library_name,
                "Build or install the program again.");
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
        device.gpu.reset(load_library()(cuda::interface_version, wanted == "cuda_tf32"));
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
        device.note = energy.gpu() ? "" : "The CPU computes: an analytic energy has no GPU kernel.";
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
