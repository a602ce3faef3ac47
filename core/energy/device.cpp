#include "core/energy/device.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/program.h"
#include "core/cuda/library.h"
#include "core/energy/classes.h"
#include "core/kernels/noise.h"
#include "core/settings/devices.h"

#include <cctype>
#include <cstring>
#include <filesystem>
#include <limits>

#include <dlfcn.h>
#include <fmt/format.h>

namespace ebm {
namespace {

constexpr const char* library_name = "ebmlab_cuda.so";

OpenCard& card_opener() {
    static OpenCard open;
    return open;
}

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

/// |found − right| / |right|; infinite if one alone is finite.
double difference(const torch::Tensor& found, const torch::Tensor& right) {
    if (right.isfinite().all().item<bool>() != found.isfinite().all().item<bool>())
        return std::numeric_limits<double>::infinity();
    const torch::Tensor off = torch::where(right.isfinite(), found - right, torch::zeros_like(right));
    return off.norm().item<double>() / std::max(right.nan_to_num(0, 0, 0).norm().item<double>(), 1e-6);
}

/// Throws Error if the card's energies and gradients of a few samples are not those of LibTorch on the CPU.
void require_agreement(const Energy& energy, const ComputeDevice& device) {
    constexpr std::int64_t count = 6;
    Shape sizes = energy.sample_shape();
    sizes.insert(sizes.begin(), count);
    const torch::Tensor samples = torch::empty(sizes);
    kernels::fill_normal(samples.data_ptr<float>(), count, samples.numel() / count,
                         {7, random::Stream::start}, 1);
    const Batch batch(samples, labels_in_turn(count, energy.classes()));
    const ValueAndGradient card = energy.value_and_gradient(batch),
                           cpu = energy.Energy::value_and_gradient(batch);
    const double worst = std::max(difference(card.value, cpu.value), difference(card.gradient, cpu.gradient));
    if (worst <= device.tolerance) return;
    throw Error(
        fmt::format("The {} computes other energies than the CPU: they differ by {:.2g} of their size",
                    device.gpu->name(), worst),
        "", "Compute on the CPU (--device cpu), and report this.");
}

} // namespace

void open_cards_by(OpenCard open) {
    card_opener() = std::move(open);
}

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
        const cuda::Precision precision = precision_of(wanted);
        device.gpu = card_opener() ? card_opener()(precision)
                                   : std::unique_ptr<cuda::Device>(load_library()(precision));
        device.tolerance = wanted == "cuda_bf16" ? 0.3 : wanted == "cuda_tf32" ? 0.05 : 1e-3;
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
        if (energy.gpu()) require_agreement(energy, device);
    } catch (const Error& error) {
        if (energy.gpu()) energy.compute_on(nullptr);
        if (device.required) throw;
        device.note = "The CPU computes: " + continued(error) + ".";
        log::warning("{}", device.note);
    }
}

std::string device_name(const cuda::Device* gpu) {
    return gpu ? gpu->name() : "CPU";
}

} // namespace ebm
