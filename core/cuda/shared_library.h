#pragma once

#include <string>
#include <vector>

namespace ebm::cuda {

/// A library that is loaded at run time and stays loaded.
class SharedLibrary {
public:
    /// The first of these files or names that loads; see loaded().
    explicit SharedLibrary(const std::vector<std::string>& candidates);

    bool loaded() const { return handle_ != nullptr; }
    /// What the loader said about the last candidate.
    const std::string& problem() const { return problem_; }

    /// Null if there is no such function.
    template <class Function>
    Function* find(const char* name) const {
        return reinterpret_cast<Function*>(address(name));
    }

private:
    void* address(const char* name) const;
    void* handle_ = nullptr;
    std::string problem_;
};

/// The folder of the file that this code was loaded from.
std::string own_folder();

/// The folder that a library of this name is loaded from; empty if it is not loaded.
std::string folder_of_loaded(const std::string& name);

} // namespace ebm::cuda
