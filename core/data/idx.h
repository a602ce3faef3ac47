#pragma once

#include "core/store/elements.h"

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

/// Whether content that starts like this can be IDX: two zero bytes, a known type, 1 to 4 dimensions.
bool is_idx(std::span<const std::byte> start);

/// The shape that the header promises, and the type of the numbers. Throws Error if it is implausible.
struct IdxHeader {
    store::ElementType type;
    std::vector<std::int64_t> shape;
};
IdxHeader read_idx_header(store::Input& input);

/// Reads an IDX file to the end of the content, as store::read_elements holds it. Throws Error if the content
/// has another length than the header promises.
torch::Tensor read_idx(store::Input& input);
/// `source` names the content in errors.
torch::Tensor parse_idx(std::span<const std::byte> content, const std::string& source);

/// An IDX file of unsigned bytes.
std::vector<std::byte> format_idx(const IdxArray& array);

} // namespace ebm::data
