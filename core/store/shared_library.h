#pragma once

#include <initializer_list>

namespace ebm::store {

/// A library that is loaded when something needs it and not with the program: so the program starts without
/// it, and runs where it is missing. It stays loaded.
class SharedLibrary {
public:
    /// Loads the first of `names` that is there. `package` is the Debian package that has it. Throws Error.
    SharedLibrary(std::initializer_list<const char*> names, const char* package);

    /// Points `function` to the function of that name. Throws Error if the library has none.
    template <class Function>
    void find(Function*& function, const char* name) const {
        function = reinterpret_cast<Function*>(address(name));
    }

private:
    void* address(const char* name) const;

    void* handle_ = nullptr;
    const char* package_;
};

} // namespace ebm::store
