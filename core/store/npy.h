#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

/// NumPy's .npy format (NEP 1), versions 1.0 and 2.0, for exchange with Python.
namespace ebm::store {

struct Array {
    std::vector<std::int64_t> shape;
    std::vector<float> values; ///< last dimension fastest
};

/// Parses an array of 2 to 4 dimensions in C order with elements <f4, <f8, |u1, <i4 or <i8, rounded to float.
/// Throws Error for everything else and if the size does not fit the shape. `source` names the file in
/// errors.
Array parse_npy(std::span<const std::byte> content, const std::string& source);
Array read_npy(const std::filesystem::path& path);

/// Version 1.0, <f4.
std::vector<std::byte> format_npy(const Array& array);
void write_npy(const std::filesystem::path& path, const Array& array);

} // namespace ebm::store
