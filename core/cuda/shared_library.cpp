#include "core/cuda/shared_library.h"

#include <dlfcn.h>

namespace ebm::cuda {

SharedLibrary::SharedLibrary(const std::vector<std::string>& candidates) {
    for (const std::string& candidate : candidates) {
        handle_ = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle_) return;
        const char* message = dlerror();
        problem_ = message ? message : candidate;
    }
}

void* SharedLibrary::address(const char* name) const {
    return handle_ ? dlsym(handle_, name) : nullptr;
}

std::string own_folder() {
    Dl_info info{};
    if (!dladdr(reinterpret_cast<void*>(&own_folder), &info) || !info.dli_fname) return ".";
    const std::string file = info.dli_fname;
    const std::size_t slash = file.rfind('/');
    return slash == std::string::npos ? "." : file.substr(0, slash);
}

} // namespace ebm::cuda
