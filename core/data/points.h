#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::data {

/// Points of the plane from a file, standardised: each coordinate has mean 0 and standard deviation 1.
struct PointSet {
    std::vector<float> points;         ///< [count][2], (original − mean) / scale
    std::array<double, 2> mean{};      ///< of the original coordinates
    std::array<double, 2> scale{1, 1}; ///< standard deviations of the original coordinates
    std::array<std::string, 2> names;  ///< of the two columns; x and y if the file does not say
    std::string source;

    std::int64_t count() const { return static_cast<std::int64_t>(points.size()) / 2; }
};

/// Reads two columns from CSV text (separator and header as store::parse_table). Throws Error with the line
/// number for anything but two finite numbers in a line, and if there are fewer than two points or a column
/// is constant.
PointSet parse_points(std::string_view text, const std::string& source);

/// The same from a file, gzip or not.
PointSet read_points(const std::filesystem::path& path);

} // namespace ebm::data
