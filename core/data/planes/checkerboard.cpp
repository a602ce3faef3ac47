#include "core/data/plane.h"
#include "core/data/planes/draws.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ebm::data {
namespace {

/// start + u in [start, start + 1) as the single-precision number that the sample is kept in: rounding up to
/// the far edge would put the point into the next, empty square.
double within_square(int start, double u) {
    const float end = static_cast<float>(start + 1);
    return std::min(static_cast<float>(start + u), std::nextafter(end, -4.0f));
}

int square_in(const Draws& draws) {
    return draws.choice(0, 8);
}

Point point(const Draws& draws) {
    const int square = square_in(draws);
    const int row = square / 2, column = 2 * (square % 2) + row % 2;
    return {within_square(column - 2, draws.uniform(1)), within_square(row - 2, draws.uniform(2))};
}

double log_density(double x, double y) {
    const double column = std::floor(x), row = std::floor(y);
    const bool inside = column >= -2 && column < 2 && row >= -2 && row < 2;
    const bool filled = static_cast<int>(column + row + 4) % 2 == 0;
    return inside && filled ? -std::log(8.0) : -std::numeric_limits<double>::infinity();
}

/// The squares row by row; −1 outside them.
int square_of(double x, double y) {
    if (!std::isfinite(log_density(x, y))) return -1;
    return 2 * (static_cast<int>(std::floor(y)) + 2) + (static_cast<int>(std::floor(x)) + 2) / 2;
}

} // namespace

PlaneSet checkerboard() {
    return {"checkerboard",
            "Checkerboard",
            "Uniform on eight unit squares of a 4 × 4 board on [−2, 2]²; the density outside them is zero.",
            [](std::int64_t count, std::uint64_t seed) { return sample_points(count, seed, point); },
            log_density,
            8,
            square_of,
            {"1", "2", "3", "4", "5", "6", "7", "8"},
            [](std::int64_t count, std::uint64_t seed) { return sample_labels(count, seed, square_in); }};
}

} // namespace ebm::data
