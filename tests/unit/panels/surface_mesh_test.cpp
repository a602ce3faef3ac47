#include "app/panels/surface_mesh.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <doctest/doctest.h>

namespace ebm::panels {
namespace {

lab::FieldView bowl(double log_z) {
    lab::FieldView field;
    field.resolution = 64;
    field.log_z = log_z;
    for (int j = 0; j < 64; ++j)
        for (int i = 0; i < 64; ++i) {
            const double x = -4 + (i + 0.5) / 8, y = -4 + (j + 0.5) / 8;
            field.energy.push_back(static_cast<float>(x + 2 * y));
        }
    return field;
}

DOCTEST_TEST_CASE("the surface goes through the field, and chains stand on it") {
    const lab::FieldView field = bowl(0.5);
    const Limits wide{-20, 20};
    const SurfaceMesh mesh = make_surface(field, Height::energy, wide, 17, window::Colormap::viridis);
    DOCTEST_REQUIRE(mesh.z.size() == 17 * 17);
    for (std::size_t k = 0; k < mesh.z.size(); ++k) {
        if (std::abs(mesh.x[k]) > 3.9 || std::abs(mesh.y[k]) > 3.9) continue; // outside the cells' centres
        DOCTEST_CHECK(mesh.z[k] == doctest::Approx(mesh.x[k] + 2 * mesh.y[k]).epsilon(1e-4));
    }
    DOCTEST_CHECK(mesh.x.front() == -4);
    DOCTEST_CHECK(mesh.y.back() == 4);
    DOCTEST_CHECK(mesh.indices.size() == 16 * 16 * 6);
    DOCTEST_CHECK(mesh.colors.size() == mesh.indices.size());
    DOCTEST_CHECK(height_at(field, Height::energy, wide, 1.25f, -0.5f) ==
                  doctest::Approx(0.25).epsilon(1e-4));
    DOCTEST_CHECK(height_at(field, Height::density, {0, 100}, 1.25f, -0.5f) ==
                  doctest::Approx(std::exp(-0.25 - 0.5)).epsilon(1e-4));
    lab::FieldView wide_field = field;
    wide_field.high_x = 12; // the square in its middle
    const SurfaceMesh square = make_surface(wide_field, Height::energy, wide, 9, window::Colormap::viridis);
    DOCTEST_CHECK(square.x.front() == 0);
    DOCTEST_CHECK(square.x.back() == 8);
    DOCTEST_CHECK(square.y.front() == -4);
    DOCTEST_CHECK(std::isnan(height_at(field, Height::energy, wide, 5, 0)));
}

DOCTEST_TEST_CASE("walls are cut off, and an energy that is not finite is a wall") {
    lab::FieldView field = bowl(0);
    field.energy[10] = std::numeric_limits<float>::infinity();
    field.energy[20] = std::numeric_limits<float>::quiet_NaN();
    const Limits limits = height_limits(field, Height::energy);
    DOCTEST_CHECK(limits.low == doctest::Approx(-11.8125));
    DOCTEST_CHECK(limits.high - limits.low >= 5);
    DOCTEST_CHECK(limits.high - limits.low <= 12);
    const SurfaceMesh mesh = make_surface(field, Height::energy, limits, 65, window::Colormap::grey);
    for (const float z : mesh.z) {
        DOCTEST_CHECK(std::isfinite(z));
        DOCTEST_CHECK(z <= limits.high);
        DOCTEST_CHECK(z >= limits.low);
    }
    DOCTEST_CHECK(mesh.indices.size() < 64 * 64 * 6);
    for (std::size_t k = 0; k < mesh.indices.size(); k += 3) {
        const float lowest =
            std::min({mesh.z[mesh.indices[k]], mesh.z[mesh.indices[k + 1]], mesh.z[mesh.indices[k + 2]]});
        DOCTEST_CHECK(lowest < limits.high);
    }
}

} // namespace

DOCTEST_TEST_CASE("the box around the surface is whole whichever way it is turned") {
    for (const ImVec2 room : {ImVec2{900, 420}, ImVec2{420, 600}, ImVec2{300, 300}, ImVec2{1600, 1000}}) {
        const ImVec2 inner{room.x - 100, room.y - 80};
        const double unit = std::min(room.x, room.y) / 1.8;
        for (double elevation = 2; elevation <= 90; elevation += 8) {
            const double fit = box_fit(elevation, room, inner), e = elevation * std::numbers::pi / 180;
            DOCTEST_CHECK(fit <= 1);
            double widest = 0, highest = 0;
            for (double a = 0; a < 2 * std::numbers::pi; a += 0.05)
                for (int corner = 0; corner < 8; ++corner) {
                    const double x = (corner & 1 ? 0.5 : -0.5) * box_sides[0],
                                 y = (corner & 2 ? 0.5 : -0.5) * box_sides[1],
                                 z = (corner & 4 ? 0.5 : -0.5) * box_sides[2];
                    const double across = x * std::cos(a) - y * std::sin(a),
                                 along = x * std::sin(a) + y * std::cos(a);
                    widest = std::max(widest, fit * unit * std::abs(across));
                    highest = std::max(highest, fit * unit * std::abs(along * std::sin(e) + z * std::cos(e)));
                }
            DOCTEST_CHECK(widest <= inner.x / 2 + 0.5);
            DOCTEST_CHECK(highest <= inner.y / 2 + 0.5);
            // No smaller than need be.
            if (fit < 1) DOCTEST_CHECK(std::min(inner.x / 2 - widest, inner.y / 2 - highest) < 2);
        }
    }
}

} // namespace ebm::panels
