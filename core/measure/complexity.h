#pragma once

#include <cstdint>
#include <span>

namespace ebm::measure {

/// Bits that deflate at its best level takes for these bytes, without header and checksum.
std::int64_t deflate_bits(std::span<const std::uint8_t> bytes);

} // namespace ebm::measure
