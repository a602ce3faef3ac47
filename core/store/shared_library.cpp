#include "core/store/shared_library.h"

#include "core/base/error.h"

#include <string>

#include <dlfcn.h>

namespace ebm::store {

SharedLibrary::SharedLibrary(std::initializer_list<const char*> names, const char* package)
    : package_(package) {
    std::string reason;
    for (const char* name : names) {
        handle_ = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
        if (handle_) return;
        const char* words = ::dlerror();
        if (reason.empty() && words) reason = words;
    }
    throw Error("A library that this needs cannot be loaded", reason,
                std::string("Install the package ") + package_ + ".");
}

void* SharedLibrary::address(const char* name) const {
    void* found = ::dlsym(handle_, name);
    if (!found)
        throw Error("A library is too old: it has no " + std::string(name), "",
                    std::string("Install a newer package ") + package_ + ".");
    return found;
}

} // namespace ebm::store
