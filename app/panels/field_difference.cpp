#include "app/panels/field_difference.h"

#include "app/panels/field_sample.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ebm::panels {
namespace {

constexpr float faintest = 15; ///< nats below the largest density

Vec2 place_of(const lab::FieldView& field, std::size_t index) {
    const auto side = static_cast<std::size_t>(field.resolution);
    const double cell_x = (field.high_x - field.low_x) / field.resolution,
                 cell_y = (field.high_y - field.low_y) / field.resolution;
    return {field.low_x + (static_cast<double>(index % side) + 0.5) * cell_x,
            field.low_y + (static_cast<double>(index / side) + 0.5) * cell_y};
}

float least(const std::vector<float>& values) {
    float low = std::numeric_limits<float>::infinity();
    for (const float value : values)
        if (value < low) low = value;
    return low;
}

} // namespace

lab::FieldView difference_of(const lab::FieldView& a, const lab::FieldView& b) {
    lab::FieldView difference = b;
    difference.arrows = 0;
    difference.gradient.clear();
    difference.log_z = 0;
    difference.temperature = 1;
    difference.log_z_error = std::hypot(a.log_z_error, b.log_z_error);
    for (std::size_t i = 0; i < difference.energy.size(); ++i) {
        const auto at_a = sample_field(a, place_of(b, i));
        difference.energy[i] = at_a ? static_cast<float>((b.energy[i] / b.temperature + b.log_z) -
                                                         (at_a->energy / a.temperature + a.log_z))
                                    : std::numeric_limits<float>::quiet_NaN();
    }
    return difference;
}

Limits difference_limits(const lab::FieldView& a, const lab::FieldView& b, const lab::FieldView& difference) {
    const float low_a = least(a.energy), low_b = least(b.energy);
    std::vector<float> sizes;
    for (std::size_t i = 0; i < difference.energy.size(); ++i) {
        const float value = difference.energy[i];
        if (!std::isfinite(value)) continue;
        // −log p of A at this place, from what the difference holds of it; both below their largest
        // densities.
        const double of_b = b.energy[i] / b.temperature, of_a = of_b + b.log_z - value - a.log_z;
        if (of_b - low_b / b.temperature < faintest || of_a - low_a / a.temperature < faintest)
            sizes.push_back(std::abs(value));
    }
    if (sizes.empty()) return {-1, 1};
    const auto at = sizes.begin() + static_cast<std::ptrdiff_t>(0.9 * static_cast<double>(sizes.size() - 1));
    std::nth_element(sizes.begin(), at, sizes.end());
    const float most = std::max(0.01f, *at);
    return {-most, most};
}

} // namespace ebm::panels
