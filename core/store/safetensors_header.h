#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::store {

inline constexpr std::size_t most_dimensions = 8;

/// One tensor as the header of a safetensors file describes it. Ranges and sizes are not yet checked.
struct SafetensorsEntry {
    std::string name;
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0; ///< of its bytes, from the end of the header
};

struct SafetensorsHeader {
    std::vector<SafetensorsEntry> entries;
    std::map<std::string, std::string> metadata;
};

/// Parses the JSON of a header as a stream, so that memory stays in proportion to the entries and nothing
/// nests deeper than the format. Throws Error for any other form, an unknown or repeated key, a number that
/// is not a non-negative integer, or an incomplete entry.
SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& source);

/// A name from a file as it can be shown in a message: printable and short.
std::string shown_name(std::string_view name);

} // namespace ebm::store
