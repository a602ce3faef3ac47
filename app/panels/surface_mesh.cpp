#include "app/panels/surface_mesh.h"

#include "app/panels/field_sample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace ebm::panels {
namespace {

float of_energy(const lab::FieldView& field, double energy, Height height) {
    return static_cast<float>(height == Height::energy ? energy
                                                       : std::exp(-energy / field.temperature - field.log_z));
}

} // namespace

Limits height_limits(const lab::FieldView& field, Height height) {
    if (height == Height::energy) {
        const Limits valley = robust_limits(field.energy, 0, 0.3);
        return {valley.low, valley.low + std::clamp(1.5f * (valley.high - valley.low), 5.0f, 12.0f)};
    }
    std::vector<float> density;
    density.reserve(field.energy.size());
    for (const float energy : field.energy)
        density.push_back(of_energy(field, energy, height));
    return {0, std::max(1e-9f, robust_limits(density, 0, 0.999).high)};
}

lab::Rect middle_square(const lab::FieldView& field) {
    const double half = std::min(field.high_x - field.low_x, field.high_y - field.low_y) / 2;
    const double x = (field.low_x + field.high_x) / 2, y = (field.low_y + field.high_y) / 2;
    return {x - half, y - half, x + half, y + half};
}

float height_at(const lab::FieldView& field, Height height, const Limits& limits, float x, float y) {
    const auto sample = sample_field(field, {x, y});
    if (!sample) return std::numeric_limits<float>::quiet_NaN();
    return std::clamp(of_energy(field, sample->energy, height), limits.low, limits.high);
}

SurfaceMesh make_surface(const lab::FieldView& field, Height height, const Limits& limits, int side,
                         window::Colormap colormap) {
    SurfaceMesh mesh;
    mesh.limits = limits;
    const float span = std::max(limits.high - limits.low, 1e-9f);
    const lab::Rect part = mesh.square = middle_square(field);
    const double step_x = (part.high_x - part.low_x) / (side - 1),
                 step_y = (part.high_y - part.low_y) / (side - 1);
    for (int j = 0; j < side; ++j)
        for (int i = 0; i < side; ++i) {
            // The last point is the corner itself, whatever rounding says.
            const auto x = static_cast<float>(std::min(part.low_x + i * step_x, part.high_x)),
                       y = static_cast<float>(std::min(part.low_y + j * step_y, part.high_y));
            mesh.x.push_back(x);
            mesh.y.push_back(y);
            const float z = height_at(field, height, limits, x, y);
            mesh.z.push_back(std::isfinite(z) ? z : height == Height::energy ? limits.high : limits.low);
        }
    std::vector<ImU32> of_point;
    const auto at = [&](int i, int j) {
        const int column = std::clamp(i, 0, side - 1), row = std::clamp(j, 0, side - 1);
        return mesh.z[static_cast<std::size_t>(row * side + column)];
    };
    for (int j = 0; j < side; ++j)
        for (int i = 0; i < side; ++i) {
            const float share = (at(i, j) - limits.low) / span;
            const window::Rgb rgb =
                window::colormap_at(colormap, height == Height::energy ? 1 - share : share);
            // Light from the left and from behind, on a box as high as it is wide.
            const float slope_x = (at(i + 1, j) - at(i - 1, j)) / span * static_cast<float>(side - 1) / 2,
                        slope_y = (at(i, j + 1) - at(i, j - 1)) / span * static_cast<float>(side - 1) / 2;
            const float facing = (1 + 0.5f * slope_x - 0.5f * slope_y) /
                                 std::sqrt(1.5f * (1 + slope_x * slope_x + slope_y * slope_y));
            const float light = std::clamp(0.68f + 0.45f * facing, 0.5f, 1.0f);
            const auto lit = [light](std::uint8_t value) {
                return static_cast<int>(static_cast<float>(value) * light);
            };
            of_point.push_back(IM_COL32(lit(rgb[0]), lit(rgb[1]), lit(rgb[2]), 255));
        }
    for (int j = 0; j + 1 < side; ++j)
        for (int i = 0; i + 1 < side; ++i) {
            const auto corner = static_cast<unsigned>(j * side + i), row = static_cast<unsigned>(side);
            for (const auto& triangle : {std::array{corner, corner + 1, corner + row + 1},
                                         std::array{corner, corner + row + 1, corner + row}}) {
                const bool wall =
                    height == Height::energy && std::ranges::all_of(triangle, [&](unsigned index) {
                        return mesh.z[index] >= limits.high;
                    });
                if (wall) continue;
                for (const unsigned index : triangle) {
                    mesh.indices.push_back(index);
                    mesh.colors.push_back(of_point[index]);
                }
            }
        }
    return mesh;
}

double box_fit(double elevation, ImVec2 room, ImVec2 inner) {
    const double unit = std::min(room.x, room.y) / 1.8, angle = elevation * std::numbers::pi / 180;
    const double wide = std::hypot(box_sides[0], box_sides[1]) * unit,
                 high = wide * std::sin(angle) + box_sides[2] * unit * std::cos(angle);
    constexpr double least = 0.3; // smaller it says nothing, and its edges may be cut
    return std::clamp(std::min(inner.x / wide, inner.y / high), least, 1.0);
}

} // namespace ebm::panels
