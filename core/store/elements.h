#pragma once

#include "core/base/tensor.h"
#include "core/store/input.h"

/// Numbers as binary files have them.
namespace ebm::store {

/// A tensor for `shape` numbers. Throws Error that says how much memory `source` needs if there is not
/// enough.
torch::Tensor allocate(const std::vector<std::int64_t>& shape, torch::ScalarType type,
                       const std::string& source);

/// Number types as files have them.
struct ElementType {
    enum class Kind { boolean, integer, natural, real } kind = Kind::real;
    int size = 4; ///< bytes: 1; 1 2 4 8; 1 2 4 8; 2 4 8
    bool big_endian = false;
};

/// Reads shape[0] × shape[1] × … numbers, last dimension fastest, as uint8 (booleans, bytes), float32 (what
/// it holds exactly) or float64. Throws Error if the content is too short.
torch::Tensor read_elements(Input& input, const ElementType& type, const std::vector<std::int64_t>& shape);

} // namespace ebm::store
