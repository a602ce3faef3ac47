#include "core/cuda/compiler.h"

#include "core/base/embedded.h"
#include "core/base/error.h"

#include <algorithm>
#include <cstdlib>
#include <span>

#include <nvrtc.h>

namespace ebm {
/// The files of core/cuda that the kernels are made of.
std::span<const EmbeddedFile> cuda_sources();
} // namespace ebm

namespace ebm::cuda {
namespace {

std::vector<std::string> folders() {
    std::vector<std::string> list;
    if (const char* file = std::getenv("EBMLAB_NVRTC"); file && *file) {
        const std::string path = file;
        list.push_back(path.substr(0, path.rfind('/') + 1));
    }
    list.push_back(own_folder() + "/nvidia/cu13/lib/");
    if (const std::string torch = folder_of_loaded("libtorch_cpu.so"); !torch.empty())
        list.push_back(torch + "/../../nvidia/cu13/lib/"); // where the wheel of PyTorch has it
    list.push_back("");
    return list;
}

std::vector<std::string> in_folders(const std::string& name) {
    std::vector<std::string> list = folders();
    for (std::string& folder : list)
        folder += name;
    return list;
}

/// FNV-1a, started from `start`.
unsigned long long hash(const std::string& text, unsigned long long start) {
    unsigned long long value = start;
    for (const char c : text)
        value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
    return value;
}

std::string hexadecimal(unsigned long long value) {
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4)
        text += "0123456789abcdef"[value >> shift & 15];
    return text;
}

/// Deletes the program at the end of its scope.
struct Program {
    ~Program() { destroy(&handle); }
    decltype(&nvrtcDestroyProgram) destroy;
    nvrtcProgram handle = nullptr;
};

} // namespace

// NVRTC opens its builtins by name only, so they are loaded from its folder first.
Compiler::Compiler()
    : builtins_(in_folders("libnvrtc-builtins.so.13.0")), library_(in_folders("libnvrtc.so.13")) {
    if (!library_.loaded())
        throw Error("NVRTC, which compiles the GPU kernels, was not found", "libnvrtc.so.13",
                    "Install the package nvidia-cuda-nvrtc with pip, or name the file in EBMLAB_NVRTC.");
    int major = 0, minor = 0, count = 0;
    library_.find<decltype(nvrtcVersion)>("nvrtcVersion")(&major, &minor);
    version_ = std::to_string(major) + "." + std::to_string(minor);
    library_.find<decltype(nvrtcGetNumSupportedArchs)>("nvrtcGetNumSupportedArchs")(&count);
    architectures_.resize(static_cast<std::size_t>(count));
    library_.find<decltype(nvrtcGetSupportedArchs)>("nvrtcGetSupportedArchs")(architectures_.data());
    std::sort(architectures_.begin(), architectures_.end());
}

bool Compiler::knows(int architecture) const {
    return std::find(architectures_.begin(), architectures_.end(), architecture) != architectures_.end();
}

std::vector<std::string> Compiler::options(int architecture) const {
    const std::string target = knows(architecture) ? "sm_" + std::to_string(architecture)
                                                   : "compute_" + std::to_string(architectures_.back());
    return {"--gpu-architecture=" + target, "--std=c++20", "--device-as-default-execution-space",
            "--prec-div=false"};
}

std::string Compiler::key(const std::string& network, int architecture, const std::string& main) const {
    std::string text = version_ + '\n' + main + '\n' + network;
    for (const std::string& option : options(architecture))
        text += option + '\n';
    for (const EmbeddedFile& file : cuda_sources())
        text += std::string(file.name) + '\n' + std::string(file.bytes);
    return hexadecimal(hash(text, 0xCBF29CE484222325ull)) + hexadecimal(hash(text, 0x9E3779B97F4A7C15ull));
}

std::string Compiler::compile(const std::string& network, int architecture, const std::string& main) const {
    std::string source;
    std::vector<std::string> texts{network}, names{"network.h"};
    for (const EmbeddedFile& file : cuda_sources()) {
        if (file.name == main) {
            source = file.bytes;
            continue;
        }
        texts.emplace_back(file.bytes);
        names.push_back("core/cuda/" + std::string(file.name));
    }
    const auto pointers = [](const std::vector<std::string>& list) {
        std::vector<const char*> result;
        for (const std::string& text : list)
            result.push_back(text.c_str());
        return result;
    };
    Program program{library_.find<decltype(nvrtcDestroyProgram)>("nvrtcDestroyProgram")};
    library_.find<decltype(nvrtcCreateProgram)>("nvrtcCreateProgram")(
        &program.handle, source.c_str(), main.c_str(), static_cast<int>(texts.size()), pointers(texts).data(),
        pointers(names).data());
    const std::vector<std::string> flags = options(architecture);
    const nvrtcResult result = library_.find<decltype(nvrtcCompileProgram)>("nvrtcCompileProgram")(
        program.handle, static_cast<int>(flags.size()), pointers(flags).data());
    std::size_t size = 0;
    if (result != NVRTC_SUCCESS) {
        library_.find<decltype(nvrtcGetProgramLogSize)>("nvrtcGetProgramLogSize")(program.handle, &size);
        std::string log(size, '\0');
        library_.find<decltype(nvrtcGetProgramLog)>("nvrtcGetProgramLog")(program.handle, log.data());
        const char* name = library_.find<decltype(nvrtcGetErrorString)>("nvrtcGetErrorString")(result);
        throw Error("The GPU kernels did not compile: " + std::string(name) + "\n" + log.c_str(),
                    flags.front(), "Compute on the CPU (--device cpu), and report this.");
    }
    const bool machine_code = knows(architecture);
    library_.find<decltype(nvrtcGetCUBINSize)>(machine_code ? "nvrtcGetCUBINSize"
                                                            : "nvrtcGetPTXSize")(program.handle, &size);
    std::string code(size, '\0');
    library_.find<decltype(nvrtcGetCUBIN)>(machine_code ? "nvrtcGetCUBIN" : "nvrtcGetPTX")(program.handle,
                                                                                           code.data());
    return code;
}

} // namespace ebm::cuda
