#pragma once

#include "app/draw/offscreen.h"

#include <string>

namespace ebm::golden {

/// How far two pictures of one size are apart: a pixel fails if any channel differs by more than
/// `channel_tolerance`.
struct Difference {
    double failed_share = 0;
    std::vector<std::uint8_t> picture; ///< RGBA, failed pixels red on a dimmed copy of the first picture
};
Difference compare(const std::vector<std::uint8_t>& actual, const std::vector<std::uint8_t>& expected,
                   int channel_tolerance);

/// Compares with golden/NAME.png: at most 1 % of the pixels may fail. On failure the actual picture and the
/// difference are kept in the build folder and their paths are in the answer; empty = equal enough.
/// UPDATE_GOLDEN=1 rewrites instead.
std::string check(const std::string& name, const draw::Offscreen& picture, int channel_tolerance = 12);

} // namespace ebm::golden
