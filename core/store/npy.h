#pragma once

#include "core/store/elements.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// NumPy's .npy format (NEP 1), versions 1.0 to 3.0, for exchange with Python.
namespace ebm::store {

struct Array {
    std::vector<std::int64_t> shape;
    std::vector<float> values; ///< last dimension fastest
};

/// What stands before the numbers.
struct NpyHeader {
    ElementType type;
    bool fortran_order = false; ///< first dimension fastest
    std::vector<std::int64_t> shape;
};

inline constexpr std::string_view npy_magic = "\x93NUMPY";

/// Reads the header of an array of numbers: bool, (u)int8 to (u)int64, float16 to float64, either byte order.
/// Throws Error that names what else it is (complex numbers, texts, records, Python objects …).
NpyHeader read_npy_header(Input& input);

/// Reads an array to the end of the content, as read_elements holds it, in the array's own shape whatever the
/// order, and tells the type if asked. Throws Error if the content is longer or shorter than the header says.
torch::Tensor read_npy(Input& input, ElementType* type = nullptr);
torch::Tensor read_npy(const std::filesystem::path& path);
/// Reads an array of texts, S or U of NumPy, of shape [n] or [n, 1], as UTF-8. Nothing, and nothing is taken
/// from the input, where its elements or its shape are something else. Throws Error as read_npy.
std::optional<std::vector<std::string>> read_npy_texts(Input& input);
/// `source` names the content in errors.
torch::Tensor parse_npy(std::span<const std::byte> content, const std::string& source);

/// Version 1.0, <f4.
std::vector<std::byte> format_npy(const Array& array);
void write_npy(const std::filesystem::path& path, const Array& array);
/// Version 1.0, <f8. `values` has as many numbers as `shape` says.
std::vector<std::byte> format_npy(const std::vector<std::int64_t>& shape, const std::vector<double>& values);

} // namespace ebm::store
