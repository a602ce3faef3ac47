#include "app/panels/field_sample.h"

#include <algorithm>
#include <cmath>

namespace ebm::panels {

std::optional<FieldSample> sample_field(const lab::FieldView& field, Vec2 at) {
    const int n = field.resolution;
    if (n < 2 || field.energy.size() < static_cast<std::size_t>(n) * static_cast<std::size_t>(n))
        return std::nullopt;
    if (at.x < field.low_x || at.x > field.high_x || at.y < field.low_y || at.y > field.high_y)
        return std::nullopt;
    const double cell_x = (field.high_x - field.low_x) / n, cell_y = (field.high_y - field.low_y) / n;
    const double i = std::clamp((at.x - field.low_x) / cell_x - 0.5, 0.0, n - 1.0);
    const double j = std::clamp((at.y - field.low_y) / cell_y - 0.5, 0.0, n - 1.0);
    const int i0 = std::min(static_cast<int>(i), n - 2), j0 = std::min(static_cast<int>(j), n - 2);
    const auto energy = [&](int column, int row) {
        return static_cast<double>(field.energy[static_cast<std::size_t>(row) * static_cast<std::size_t>(n) +
                                                static_cast<std::size_t>(column)]);
    };
    const double u = i - i0, v = j - j0;
    const double e00 = energy(i0, j0), e10 = energy(i0 + 1, j0), e01 = energy(i0, j0 + 1),
                 e11 = energy(i0 + 1, j0 + 1);
    FieldSample sample;
    sample.energy = (1 - v) * ((1 - u) * e00 + u * e10) + v * ((1 - u) * e01 + u * e11);
    sample.gradient = {((1 - v) * (e10 - e00) + v * (e11 - e01)) / cell_x,
                       ((1 - u) * (e01 - e00) + u * (e11 - e10)) / cell_y};
    sample.gradient_norm = std::hypot(sample.gradient.x, sample.gradient.y);
    return sample;
}

} // namespace ebm::panels
