#include "../temporary_folder.h"

#include "core/base/error.h"
#include "core/data/drawing.h"
#include "core/store/image.h"
#include "tests/unit/failure.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ebm;
using data::Drawing;
using tests::contains;
using tests::failure_of;

namespace {

/// Three cells: shares 1/4, 1/4, 1/2.
Drawing three() {
    Drawing drawing;
    drawing.cells[0] = 50;
    drawing.cells[127] = 50;
    drawing.cells[127 * 128 + 127] = 100;
    return drawing;
}

} // namespace

DOCTEST_TEST_CASE("A drawing as text, packed and back; a damaged one is refused") {
    const Drawing drawing = three();
    const std::string text = data::drawing_text(drawing);
    DOCTEST_CHECK(text.size() < 200);
    DOCTEST_CHECK(data::parse_drawing(text, "here") == drawing);
    DOCTEST_CHECK(data::drawing_text(Drawing()).empty());
    DOCTEST_CHECK(data::parse_drawing("", "here").empty());
    Drawing noise; // what gzip cannot make smaller still fits a scene
    std::uint32_t state = 1;
    for (auto& value : noise.cells)
        value = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
    DOCTEST_CHECK(data::drawing_text(noise).size() < 32768);
    DOCTEST_CHECK(data::parse_drawing(data::drawing_text(noise), "here") == noise);
    for (const std::string& bad :
         {std::string("64:abc"), text.substr(0, text.size() / 2), text + "!", std::string("128:")})
        DOCTEST_CHECK(
            contains(failure_of([&] { data::parse_drawing(bad, "setting data.drawing"); }), "drawing"));
}

DOCTEST_TEST_CASE("The density of a drawing: exact, normalised, and sampled by cells") {
    const auto set = data::drawn_set(three());
    constexpr double cell = 1.0 / 16;
    DOCTEST_CHECK(set->log_density(-3.99, -3.99) == doctest::Approx(std::log(0.25 / (cell * cell))));
    DOCTEST_CHECK(set->log_density(3.99, 3.99) == doctest::Approx(std::log(0.5 / (cell * cell))));
    DOCTEST_CHECK(std::isinf(set->log_density(0, 0)));
    DOCTEST_CHECK(std::isinf(set->log_density(4.01, 3.99)));
    const std::vector<float> points = set->sample(4000, 7);
    int upper = 0;
    for (std::size_t i = 0; i < points.size(); i += 2) {
        DOCTEST_CHECK(std::isfinite(set->log_density(points[i], points[i + 1])));
        upper += points[i + 1] > 0;
    }
    DOCTEST_CHECK(upper == doctest::Approx(2000).epsilon(0.06));
    const std::vector<float> fewer = set->sample(10, 7);
    DOCTEST_CHECK(std::equal(fewer.begin(), fewer.end(), points.begin()));
    DOCTEST_CHECK(set->sample(10, 8) != fewer);
    DOCTEST_CHECK(contains(failure_of([] { data::drawn_set(Drawing()); }), "Nothing is drawn"));
}

DOCTEST_TEST_CASE("The darkness of a picture, whatever its size, colours and transparency") {
    const tests::TemporaryFolder folder;
    const auto path = folder.path / "picture.png";
    // 4 × 2, dark at the upper left; the rest transparent black, grey and white.
    store::Image image{4, 2, 4, std::vector<std::uint8_t>(32, 255)};
    const auto put = [&](int pixel, std::uint8_t grey, std::uint8_t opacity) {
        for (int c = 0; c < 3; ++c)
            image.pixels[static_cast<std::size_t>(4 * pixel + c)] = grey;
        image.pixels[static_cast<std::size_t>(4 * pixel + 3)] = opacity;
    };
    put(0, 0, 255);
    put(1, 0, 0);
    put(4, 127, 255);
    store::write_png(path, image);
    const Drawing drawing = data::drawing_of_picture(path);
    const auto at = [&](double x, double y) {
        return drawing
            .cells[static_cast<std::size_t>((y + 4) * 16) * 128 + static_cast<std::size_t>((x + 4) * 16)];
    };
    DOCTEST_CHECK(at(-3, 1) == 255);  // black
    DOCTEST_CHECK(at(-1, 1) == 0);    // transparent
    DOCTEST_CHECK(at(-3, -1) == 128); // grey
    DOCTEST_CHECK(at(3, -1) == 0);    // white
    DOCTEST_CHECK(at(-3, 3) == 0);    // beside the picture, which is twice as wide as high
    store::Image white{3, 3, 1, std::vector<std::uint8_t>(9, 255)};
    store::write_png(path, white);
    DOCTEST_CHECK(contains(failure_of([&] { data::drawing_of_picture(path); }), "white throughout"));
    DOCTEST_CHECK(
        contains(failure_of([&] { data::drawing_of_picture(folder.path / "none.png"); }), "none.png"));
    // Large pictures are averaged.
    store::Image large{512, 512, 1, std::vector<std::uint8_t>(512 * 512, 255)};
    for (std::size_t i = 0; i < 512 * 4; ++i)
        large.pixels[i] = 0;
    store::write_png(path, large);
    const Drawing top = data::drawing_of_picture(path);
    DOCTEST_CHECK(top.cells[127 * 128] == 255);
    DOCTEST_CHECK(top.cells[126 * 128] == 0);
}
