#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// The safetensors format: the length of a JSON header as a little-endian 64-bit number, the header
/// {name: {dtype, shape, data_offsets}, "__metadata__": {text: text}}, then the tensors' bytes,
/// little-endian, last dimension fastest. Nothing in such a file can be executed.
namespace ebm::store {

/// The bytes are not its own, so that a file can be as large as memory: they are part of what was read or of
/// what will be written, which `owner` keeps if anything does.
struct StoredTensor {
    std::string dtype; ///< F32, F64, U8, I32 or I64
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes; ///< at any address, of a file
    std::shared_ptr<const void> owner = {};

    /// A copy as another element type. `Element` must be the C++ type of `dtype` (float for F32, …), else
    /// Error.
    template <class Element>
    std::vector<Element> values() const;
};

struct SafetensorsFile {
    std::map<std::string, StoredTensor> tensors;
    std::map<std::string, std::string> metadata;

    /// The tensor of that name; Error with the nearest name if there is none.
    const StoredTensor& tensor(const std::string& name) const;
};

/// A tensor with a copy of values of type float, double, std::uint8_t, std::int32_t or std::int64_t.
template <class Element>
StoredTensor stored_tensor(std::vector<std::int64_t> shape, std::span<const Element> values);

/// Parses a whole file. Refused, with Error: a header above 100 MB or beyond the end, JSON of another form or
/// with a key twice, more than 8 dimensions, another dtype, a negative size, a shape that does not fit its
/// range, ranges outside the file, overlapping or with gaps. Not-a-number and infinite values are allowed.
/// `source` names the file in errors. The tensors are parts of `content`, which must outlive them.
SafetensorsFile parse_safetensors(std::span<const std::byte> content, const std::string& source);
SafetensorsFile read_safetensors(const std::filesystem::path& path);

/// The bytes of a file. Equal input gives equal bytes. Tensors stand in the order of their names within a
/// dtype, the widest dtype first, so that each is aligned to its element size. Throws Error if a shape does
/// not fit its bytes.
std::vector<std::byte> format_safetensors(const SafetensorsFile& file);

/// Writes the same atomically, one tensor after another, without a copy of them.
void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file);

} // namespace ebm::store
