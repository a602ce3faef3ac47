#include "core/data/points.h"

#include "core/base/error.h"
#include "core/store/table.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace ebm::data {
namespace {

PointSet standardised(const store::Table& table, const std::string& source) {
    if (table.columns != 2 && table.rows() > 0)
        throw Error(fmt::format("The file has {} columns where points of the plane need two", table.columns),
                    source, "Keep two columns of numbers.");
    if (table.rows() < 2)
        throw Error(fmt::format("The file has {} points", table.rows() == 0 ? "no" : "too few"), source,
                    "Give a file with one point a line: two numbers separated by a comma.");
    PointSet set;
    set.source = source;
    set.names = {"x", "y"};
    if (table.names.size() == 2) set.names = {table.names[0], table.names[1]};

    const auto rows = static_cast<size_t>(table.rows());
    for (size_t i = 0; i < table.values.size(); ++i)
        if (!std::isfinite(table.values[i]) || std::abs(table.values[i]) > 1e100)
            throw Error(fmt::format("Line {}: a coordinate is not a finite number", table.lines[i / 2]),
                        source, "Remove the line or complete it.");
    for (size_t axis = 0; axis < 2; ++axis) {
        double sum = 0, squares = 0, largest = 0;
        for (size_t row = 0; row < rows; ++row)
            sum += table.values[2 * row + axis];
        const double mean = sum / static_cast<double>(rows);
        for (size_t row = 0; row < rows; ++row) {
            const double difference = table.values[2 * row + axis] - mean;
            squares += difference * difference;
            largest = std::max(largest, std::abs(table.values[2 * row + axis]));
        }
        const double scale = std::sqrt(squares / static_cast<double>(rows));
        if (!(scale > 1e-12 * largest))
            throw Error(fmt::format("All values of the column {} are the same", set.names[axis]), source,
                        "Give points that spread in both directions.");
        set.mean[axis] = mean;
        set.scale[axis] = scale;
    }
    set.points.reserve(table.values.size());
    for (size_t i = 0; i < table.values.size(); ++i)
        set.points.push_back(static_cast<float>((table.values[i] - set.mean[i % 2]) / set.scale[i % 2]));
    return set;
}

} // namespace

PointSet parse_points(std::string_view text, const std::string& source) {
    return standardised(store::parse_table(text, source), source);
}

PointSet read_points(const std::filesystem::path& path) {
    return standardised(store::read_table(path), path.string());
}

} // namespace ebm::data
