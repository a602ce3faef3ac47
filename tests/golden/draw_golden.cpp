#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include "app/draw/arrows.h"
#include "app/draw/field.h"
#include "app/draw/points.h"
#include "app/draw/trails.h"
#include "app/window/colormap.h"
#include "app/window/display.h"
#include "tests/golden/golden.h"

#include <cmath>
#include <numbers>

using namespace ebm;

namespace {

constexpr int side = 320;
constexpr draw::Plane view = {-4, -4, 4, 4};

/// Double well: E = (x² − 4)² / 8 + y² / 2.
float energy(float x, float y) {
    return (x * x - 4) * (x * x - 4) / 8 + y * y / 2;
}

std::vector<float> energies(int resolution) {
    std::vector<float> values;
    const float cell = 8.0f / static_cast<float>(resolution);
    for (int row = 0; row < resolution; ++row)
        for (int column = 0; column < resolution; ++column)
            values.push_back(energy(-4 + (static_cast<float>(column) + 0.5f) * cell,
                                    -4 + (static_cast<float>(row) + 0.5f) * cell));
    return values;
}

struct Graphics {
    std::unique_ptr<window::Display> display = window::Display::open_offscreen({side, side, ""});
    draw::Offscreen picture;

    void begin() { DOCTEST_REQUIRE(picture.begin(side, side, {0.08f, 0.09f, 0.1f, 1})); }
    /// Red, green, blue at a point of the plane.
    std::array<int, 3> at(float x, float y) const {
        const auto pixels = picture.read_pixels();
        const int column = static_cast<int>((x + 4) / 8 * side), row = static_cast<int>((4 - y) / 8 * side);
        const std::uint8_t* pixel = pixels.data() + (row * side + column) * 4;
        return {pixel[0], pixel[1], pixel[2]};
    }
};

} // namespace

DOCTEST_TEST_CASE("field with contours, points and trails") {
    Graphics graphics;
    draw::Field field;
    field.set_colormap(window::colormap_table(window::Colormap::viridis));
    field.set(energies(96), 96, 96, view);
    std::vector<float> positions, trail;
    constexpr int chains = 24, steps = 16;
    for (int step = 0; step < steps; ++step)
        for (int chain = 0; chain < chains; ++chain) {
            const float angle = 2 * std::numbers::pi_v<float> *
                                (static_cast<float>(chain) / chains + 0.01f * static_cast<float>(step));
            const float radius = 3.4f - 0.09f * static_cast<float>(step);
            trail.insert(trail.end(), {radius * std::cos(angle), radius * std::sin(angle)});
        }
    positions.assign(trail.end() - 2 * chains, trail.end());
    draw::Trails trails;
    trails.set(trail, steps, chains);
    draw::PointCloud points;
    points.set(positions);
    graphics.begin();
    field.draw(graphics.picture, view, {.low = 0, .high = 8, .contour_spacing = 1});
    trails.draw(graphics.picture, view, {.color = {0.94f, 0.66f, 0.19f, 1}});
    points.draw(graphics.picture, view, {.size = 7, .color = {0.94f, 0.66f, 0.19f, 1}, .outline = 1});
    graphics.picture.end();
    DOCTEST_CHECK(golden::check("double_well", graphics.picture) == "");
}

DOCTEST_TEST_CASE("density with gradient arrows") {
    Graphics graphics;
    draw::Field field;
    field.set_colormap(window::colormap_table(window::Colormap::magma));
    field.set(energies(96), 96, 96, view);
    std::vector<float> starts, vectors;
    for (int row = 0; row < 12; ++row)
        for (int column = 0; column < 12; ++column) {
            const float x = -3.67f + 0.667f * static_cast<float>(column),
                        y = -3.67f + 0.667f * static_cast<float>(row);
            starts.insert(starts.end(), {x, y});
            vectors.insert(vectors.end(), {-x * (x * x - 4) / 2, -y});
        }
    draw::Arrows arrows;
    arrows.set(starts, vectors);
    graphics.begin();
    field.draw(graphics.picture, view, {.high = 1, .density = true});
    arrows.draw(graphics.picture, view,
                {.scale = 0.2f, .max_length = 0.5f, .color = {1, 1, 1, 0.8f}, .centred = true});
    graphics.picture.end();
    DOCTEST_CHECK(golden::check("double_well_density", graphics.picture) == "");
}

DOCTEST_TEST_CASE(
    "low energy is the bright end, its place is the place of the minimum, NaN shows the ground") {
    Graphics graphics;
    draw::Field field;
    field.set_colormap(window::colormap_table(window::Colormap::grey));
    std::vector<float> values = energies(64);
    for (std::size_t i = 0; i < 64 * 8; ++i)
        values[i] = NAN; // the lowest rows: y < −3
    field.set(values, 64, 64, view);
    graphics.begin();
    field.draw(graphics.picture, view, {.low = 0, .high = 8});
    graphics.picture.end();
    DOCTEST_CHECK(graphics.at(2, 0)[0] > 230);
    DOCTEST_CHECK(graphics.at(-2, 0)[0] > 230);
    DOCTEST_CHECK(graphics.at(0, 0)[0] < 200);
    DOCTEST_CHECK(graphics.at(3.9f, 3.9f)[0] == 16);
    DOCTEST_CHECK(graphics.at(2, -3.6f) == std::array<int, 3>{20, 23, 26});
    // Halfway of the range is halfway of the map: E(2, y) = 4 at y = √8.
    DOCTEST_CHECK(std::abs(graphics.at(2, std::sqrt(8.0f))[0] - 130) <= 4);
}

DOCTEST_TEST_CASE("a point is where its coordinates say and as large as asked") {
    Graphics graphics;
    draw::PointCloud points;
    const float position[] = {1, 2};
    points.set(position);
    graphics.begin();
    points.draw(graphics.picture, view, {.size = 20, .color = {1, 0, 0, 1}});
    graphics.picture.end();
    const auto pixels = graphics.picture.read_pixels();
    double count = 0, x = 0, y = 0;
    for (int row = 0; row < side; ++row)
        for (int column = 0; column < side; ++column) {
            const double red = (pixels[static_cast<std::size_t>(row * side + column) * 4] - 20) / 235.0;
            if (red <= 0) continue;
            count += red;
            x += red * (column + 0.5);
            y += red * (row + 0.5);
        }
    DOCTEST_CHECK(std::abs(count - std::numbers::pi * 100) < 8);
    DOCTEST_CHECK(std::abs(x / count - (1 + 4) / 8.0 * side) < 0.6);
    DOCTEST_CHECK(std::abs(y / count - (4 - 2) / 8.0 * side) < 0.6);
}

DOCTEST_TEST_CASE("trails leave out jumps and fade towards the oldest end") {
    Graphics graphics;
    draw::Trails trails;
    const float trail[] = {-3.5f, 0, -3, 0, 3, 0, 3.5f, 0};
    trails.set(trail, 4, 1, 1.0f);
    graphics.begin();
    trails.draw(graphics.picture, view, {.width = 6, .color = {1, 1, 1, 1}, .opacity = 1});
    graphics.picture.end();
    DOCTEST_CHECK(graphics.at(0, 0)[0] == 20);
    DOCTEST_CHECK(graphics.at(3.4f, 0)[0] > 200);
    DOCTEST_CHECK(graphics.at(-3.2f, 0)[0] < 60);
}

DOCTEST_TEST_CASE("many trails are clipped, leave out jumps and show the newest on top") {
    Graphics graphics;
    constexpr int chains = 1000, steps = 24;
    std::vector<float> trail;
    for (int step = 0; step < steps; ++step)
        for (int chain = 0; chain < chains; ++chain) {
            // Every second chain goes from left to right across both borders, the others stay above and jump
            // once in the middle of their time.
            const float t = static_cast<float>(step) / (steps - 1), y = static_cast<float>(chain) / 1000;
            if (chain % 2 == 0)
                trail.insert(trail.end(), {12 * t - 6, y});
            else
                trail.insert(trail.end(), {t < 0.5f ? -3.0f : 3.0f, 2 + 0.01f * static_cast<float>(step)});
        }
    draw::Trails trails;
    trails.set(trail, steps, chains, 1.0f);
    graphics.begin();
    trails.draw(graphics.picture, view, {.color = {1, 1, 1, 1}, .opacity = 1});
    graphics.picture.end();
    const int background = graphics.at(0, -2)[0];
    for (int red = background, i = 0; i < 7; ++i) {
        const int next = graphics.at(static_cast<float>(i) - 3, 0.5f)[0];
        DOCTEST_CHECK(next > red);
        red = next;
    }
    DOCTEST_CHECK(graphics.at(3.9f, 0.5f)[0] > 150);
    DOCTEST_CHECK(graphics.at(0, 2.12f)[0] == background);
    DOCTEST_CHECK(graphics.at(3, 2.22f)[0] > 180);
}

DOCTEST_TEST_CASE("where the density is 0 contours paint nothing") {
    Graphics graphics;
    draw::Field field;
    field.set_colormap(window::colormap_table(window::Colormap::viridis));
    std::vector<float> values = energies(64);
    for (std::size_t i = 0; i < 64 * 8; ++i)
        values[i] = 1000; // the lowest rows: y < −3
    field.set(values, 64, 64, view);
    std::array<int, 3> plain{}, lined{}, on_a_line{};
    for (const bool contours : {false, true}) {
        graphics.begin();
        field.draw(graphics.picture, view,
                   {.high = 1, .density = true, .contour_spacing = contours ? 0.125f : 0});
        graphics.picture.end();
        (contours ? lined : plain) = graphics.at(0, -3.7f);
        // exp(−E) = 0.5 at (2, √(2 log 2)), a multiple of the spacing.
        on_a_line = graphics.at(2, 1.1774f);
    }
    DOCTEST_CHECK(lined == plain);
    DOCTEST_CHECK(lined == std::array<int, 3>{68, 1, 84}); // the dark end of the map, as the color bar has it
    DOCTEST_CHECK(on_a_line != graphics.at(2, 1.05f));
}

DOCTEST_TEST_CASE("a white arrow is seen on the bright end of the map") {
    Graphics graphics;
    draw::Arrows arrows;
    const float start[] = {-1, 0}, vector[] = {2, 0};
    arrows.set(start, vector);
    DOCTEST_REQUIRE(graphics.picture.begin(side, side, {0.99f, 0.91f, 0.14f, 1}));
    arrows.draw(graphics.picture, view, {.width = 2, .color = {1, 1, 1, 1}, .outline = 1});
    graphics.picture.end();
    int darkest = 255, brightest = 0;
    for (float y = -0.2f; y <= 0.2f; y += 0.02f) {
        const auto pixel = graphics.at(0, y);
        darkest = std::min(darkest, pixel[1]);
        brightest = std::max(brightest, pixel[2]);
    }
    DOCTEST_CHECK(darkest < 110);
    DOCTEST_CHECK(brightest > 200);
}

DOCTEST_TEST_CASE("the comparison sees a changed picture") {
    const std::vector<std::uint8_t> grey(4000, 100);
    std::vector<std::uint8_t> other = grey;
    for (std::size_t i = 0; i < 80; ++i)
        other[i] = 160;
    DOCTEST_CHECK(golden::compare(grey, grey, 4).failed_share == 0);
    DOCTEST_CHECK(golden::compare(grey, other, 4).failed_share == doctest::Approx(0.02));
    DOCTEST_CHECK(golden::compare(grey, other, 60).failed_share == 0);
}
