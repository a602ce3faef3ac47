#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// The IDX format of MNIST: two zero bytes, a type, the number of dimensions, then each dimension as a
/// big-endian 32-bit number, then the values (LeCun, Cortes & Burges, "The MNIST database of handwritten
/// digits").
namespace ebm::data {

struct IdxArray {
    std::vector<std::int64_t> shape;
    std::vector<std::uint8_t> values;
};

/// Parses an IDX file of unsigned bytes with 1 to 4 dimensions, gzip or not. All sizes are checked against
/// the content before anything is allocated. Throws Error for another type, another length or an implausible
/// header.
IdxArray parse_idx(std::span<const std::byte> content, const std::string& source);

/// An IDX file of unsigned bytes.
std::vector<std::byte> format_idx(const IdxArray& array);

} // namespace ebm::data
