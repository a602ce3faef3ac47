#pragma once

#include "core/base/tensor.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Arrays of numbers in MATLAB files (.mat), read by the library matio. It is loaded when the first file is
/// opened: with it come HDF5 and thirty other libraries that nothing else here needs.
namespace ebm::store {

class MatlabFile {
public:
    /// Throws Error if there is no such file, if it is of another kind, or if matio is not installed.
    explicit MatlabFile(const std::string& path);
    ~MatlabFile();
    MatlabFile(const MatlabFile&) = delete;

    /// The shape of a real array of numbers, as MATLAB has it: the first dimension is the fastest in
    /// memory. Throws Error if there is no array of this name, if it holds anything else, or if its size is
    /// not plausible.
    std::vector<std::int64_t> shape(const std::string& name) const;
    /// Its numbers, [the product of its shape], uint8 where the file has bytes, else float64.
    torch::Tensor read(const std::string& name) const;

private:
    struct Library;
    struct Handle;
    std::string path_;
    std::unique_ptr<Handle> handle_;
};

} // namespace ebm::store
