#include "core/data/sprites.h"

#include "tests/unit/failure.h"

#include <cstdlib>
#include <set>

#include <doctest/doctest.h>
#include <zlib.h>

using namespace ebm::data;
using sprites::Factor;

namespace {

using Picture = std::array<std::uint8_t, sprites::channels * sprites::side * sprites::side>;

Picture drawn(const sprites::Sprite& sprite) {
    Picture picture{};
    sprites::draw(sprite, picture.data());
    return picture;
}

/// Pixels whose brightest channel is above what the ground can have.
struct Seen {
    int count = 0;
    double x = 0, y = 0; ///< their middle, in pixels
};
Seen seen(const Picture& picture) {
    Seen seen;
    for (int y = 0; y < sprites::side; ++y)
        for (int x = 0; x < sprites::side; ++x) {
            int brightest = 0;
            for (int channel = 0; channel < sprites::channels; ++channel)
                brightest = std::max<int>(
                    brightest,
                    picture[static_cast<std::size_t>((channel * sprites::side + y) * sprites::side + x)]);
            if (brightest < 90) continue;
            ++seen.count;
            seen.x += x + 0.5;
            seen.y += y + 0.5;
        }
    seen.x /= seen.count;
    seen.y /= seen.count;
    return seen;
}

} // namespace

DOCTEST_TEST_CASE("sprites have the same bytes on every machine") {
    const torch::Tensor pictures = sprites::pictures(0, 1000, 1);
    DOCTEST_CHECK(pictures.sizes() == at::IntArrayRef({1000, 3, 32, 32}));
    DOCTEST_CHECK((pictures.scalar_type() == torch::kByte));
    const auto sum = crc32(0, pictures.const_data_ptr<std::uint8_t>(), static_cast<uInt>(pictures.numel()));
    DOCTEST_CHECK(sum == 0x46c9f1c3u);
    // Any part can be had by itself, however many there are.
    DOCTEST_CHECK(torch::equal(sprites::pictures(990, 10, 1), pictures.slice(0, 990, 1000)));
    DOCTEST_CHECK(!torch::equal(sprites::pictures(0, 10, 2), pictures.slice(0, 0, 10)));
    DOCTEST_CHECK(!torch::equal(sprites::pictures(1ll << 32, 10, 1), pictures.slice(0, 0, 10)));
}

DOCTEST_TEST_CASE("sprites show what their labels say") {
    for (int i = 0; i < 500; ++i) {
        DOCTEST_CAPTURE(i);
        sprites::Sprite sprite = sprites::sprite(i, 7);
        const Picture picture = drawn(sprite);
        const Seen now = seen(picture);
        DOCTEST_REQUIRE(now.count > 10);
        DOCTEST_CHECK(sprite.label(Factor::position) == 2 * (now.y > 16) + (now.x > 16));
        const double x = sprite.x / double(sprites::unit), y = sprite.y / double(sprites::unit);
        DOCTEST_CHECK(std::abs(now.x - x) < 0.5);
        DOCTEST_CHECK(std::abs(now.y - y) < 0.5);
        // The whole figure is in the picture: nothing is lit on the edge.
        for (int k = 0; k < sprites::side; ++k)
            for (const int at : {k, 31 * 32 + k, 32 * k, 32 * k + 31})
                DOCTEST_CHECK(std::max({picture[static_cast<std::size_t>(at)],
                                        picture[static_cast<std::size_t>(1024 + at)],
                                        picture[static_cast<std::size_t>(2048 + at)]}) < 60);
        if (sprite.size == 2) continue;
        sprite.radius += 410; // the next size
        DOCTEST_CHECK(seen(drawn(sprite)).count > now.count);
    }
}

DOCTEST_TEST_CASE("the area of a sprite is that of its shape") {
    // White on black without light from above would be area × 245; the light averages out.
    const double areas[] = {3.1416, 2.887, 1.695, 2.256, 0, 3.1416 * (1 - 0.547 * 0.547)};
    for (const int shape : {0, 1, 2, 3, 5})
        for (const int shift : {0, 17, 130}) {
            const sprites::Sprite sprite{shape, 7, 2, 4096 + shift, 4096 - shift, 2048, 0, 0, 0};
            const Picture picture = drawn(sprite);
            double sum = 0;
            for (std::size_t i = 0; i < 1024; ++i)
                sum += picture[i];
            DOCTEST_CAPTURE(shape);
            DOCTEST_CHECK(sum / 245 / 64 == doctest::Approx(areas[shape]).epsilon(0.03));
        }
}

DOCTEST_TEST_CASE("factors of sprites are uniform and independent") {
    constexpr Factor factors[] = {Factor::shape, Factor::colour, Factor::position, Factor::size};
    constexpr std::int64_t count = 20'000;
    std::vector<torch::Tensor> labels;
    for (const Factor factor : factors)
        labels.push_back(sprites::labels(factor, 100, count, 3));
    for (std::size_t a = 0; a < 4; ++a)
        for (std::size_t b = a + 1; b < 4; ++b) {
            const auto classes_a = static_cast<std::int64_t>(sprites::classes(factors[a]).size());
            const auto classes_b = static_cast<std::int64_t>(sprites::classes(factors[b]).size());
            const torch::Tensor cells =
                torch::bincount(labels[a] * classes_b + labels[b], {}, classes_a * classes_b)
                    .to(torch::kDouble);
            DOCTEST_REQUIRE(cells.numel() == classes_a * classes_b);
            const double expected = double(count) / double(cells.numel());
            const double chi_squared = ((cells - expected).square() / expected).sum().item<double>();
            const double freedom = double(cells.numel() - 1);
            DOCTEST_CHECK(chi_squared < freedom + 5 * std::sqrt(2 * freedom));
        }
}

DOCTEST_TEST_CASE("factors of sprites are found by name") {
    DOCTEST_CHECK(sprites::factor("position") == Factor::position);
    DOCTEST_CHECK(sprites::classes(Factor::shape)[4] == "star");
    const std::string problem = ebm::tests::failure_of([] { sprites::factor("color"); });
    DOCTEST_CHECK(ebm::tests::contains(problem, "colour"));
    for (const std::string_view name : sprites::factor_names) {
        const auto& classes = sprites::classes(sprites::factor(name));
        DOCTEST_CHECK(std::set<std::string>(classes.begin(), classes.end()).size() == classes.size());
    }
}
