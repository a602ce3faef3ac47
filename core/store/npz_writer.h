#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ebm::store {

/// One array of an .npz file: float32, uint8 or int64, in C order.
struct NamedArray {
    std::string name; ///< without .npy
    std::vector<std::int64_t> shape;
    std::string type;  ///< "<f4", "|u1" or "<i8"
    std::string bytes; ///< as many as shape and type say
};
NamedArray named_array(std::string name, std::vector<std::int64_t> shape, const std::vector<float>& values);
NamedArray named_array(std::string name, std::vector<std::int64_t> shape,
                       const std::vector<std::uint8_t>& values);

/// Writes NumPy's .npz (an uncompressed ZIP of .npy files), atomically. Throws Error if an array is 4 GiB or
/// more.
void write_npz(const std::filesystem::path& path, const std::vector<NamedArray>& arrays);

} // namespace ebm::store
