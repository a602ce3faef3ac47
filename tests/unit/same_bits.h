#pragma once

#include "core/energy/energy.h"

#include <algorithm>
#include <cstring>

namespace ebm::tests {

/// Same type, shape and bytes; −0 differs from 0, and a value that is not a number equals itself.
inline bool same_bits(const torch::Tensor& a, const torch::Tensor& b) {
    return a.defined() && b.defined() && a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type() &&
           (a.nbytes() == 0 ||
            std::memcmp(a.contiguous().const_data_ptr(), b.contiguous().const_data_ptr(), a.nbytes()) == 0);
}

/// The same names in the same order too.
inline bool same_bits(const NamedTensors& a, const NamedTensors& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
        return one.first == other.first && same_bits(one.second, other.second);
    });
}

} // namespace ebm::tests
