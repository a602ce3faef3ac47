#include "core/cuda/shared_library.h"

#include <filesystem>

#include <dlfcn.h>
#include <link.h>

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
    std::string file;
    if (dladdr(reinterpret_cast<void*>(&own_folder), &info) && info.dli_fname) file = info.dli_fname;
    // Of code inside the program the loader gives what it was called by.
    if (file.empty() || file[0] != '/') {
        std::error_code none;
        file = std::filesystem::read_symlink("/proc/self/exe", none).string();
    }
    return file.substr(0, file.rfind('/'));
}

std::string folder_of_loaded(const std::string& name) {
    void* library = dlopen(name.c_str(), RTLD_NOLOAD | RTLD_LAZY);
    if (!library) return "";
    std::string file;
    if (link_map* map = nullptr; dlinfo(library, RTLD_DI_LINKMAP, &map) == 0) file = map->l_name;
    dlclose(library);
    return file.substr(0, file.rfind('/'));
}

} // namespace ebm::cuda
