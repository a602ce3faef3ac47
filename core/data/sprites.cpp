#include "core/data/sprites.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/random.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

namespace ebm::data::sprites {
namespace {

using Colour = std::array<int, channels>;

/// Colours that the colour-blind tell apart too (Okabe & Ito, "Color universal design", 2008), and white.
constexpr std::array<Colour, 8> palette = {{{230, 159, 0},
                                            {86, 180, 233},
                                            {0, 158, 115},
                                            {240, 228, 66},
                                            {0, 114, 178},
                                            {213, 94, 0},
                                            {204, 121, 167},
                                            {245, 245, 245}}};

enum Shape { circle, square, triangle, cross, star, ring };

/// Corners in units of radius / 1024, y downwards.
constexpr int corner_unit = 1024;
struct Corner {
    int x, y;
};
constexpr Corner square_corners[] = {{-870, -870}, {870, -870}, {870, 870}, {-870, 870}};
constexpr Corner triangle_corners[] = {{0, -1170}, {1013, 585}, {-1013, 585}};
constexpr Corner cross_corners[] = {{-350, -1020}, {350, -1020}, {350, -350},   {1020, -350},
                                    {1020, 350},   {350, 350},   {350, 1020},   {-350, 1020},
                                    {-350, 350},   {-1020, 350}, {-1020, -350}, {-350, -350}};
constexpr Corner star_corners[] = {{0, -1180}, {319, -439}, {1122, -365}, {516, 168},    {694, 955},
                                   {0, 543},   {-694, 955}, {-516, 168},  {-1122, -365}, {-319, -439}};
constexpr int ring_hole = 560;

/// Centres lie so that the largest figure is whole in the picture.
constexpr int nearest_edge = 10 * unit, middle = side * unit / 2, gap = unit;
/// Radii of a size: from here on, `radius_range` wide.
constexpr std::array<int, 3> smallest_radius = {1100, 1510, 1920};
constexpr int radius_range = 256;

constexpr int lines_a_pixel = 8;
/// What a wholly covered pixel adds up to.
constexpr int covered = lines_a_pixel * unit;

/// The part of a line that lies in a figure, in units from its centre.
struct Span {
    int begin, end;
};

/// At most three spans of one line.
class Spans {
public:
    void add(int begin, int end) {
        if (begin < end) spans_[count_++] = {begin, end};
    }
    std::span<const Span> all() const& { return {spans_.data(), count_}; }

private:
    std::array<Span, 3> spans_{};
    std::size_t count_ = 0;
};

/// Half of the chord of a circle; −1 outside. The square root of an integer below 2^52 is rounded correctly
/// everywhere, and so its integer part is exact.
int half_chord(int radius, int y) {
    const int square = radius * radius - y * y;
    return square < 0 ? -1 : static_cast<int>(std::sqrt(static_cast<double>(square)));
}

/// Where a figure meets the line `y` units below its centre.
template <std::size_t count>
Spans polygon_spans(const Corner (&corners)[count], int radius, int y) {
    std::array<int, 6> crossings{};
    std::size_t found = 0;
    const std::int64_t line = std::int64_t{y} * corner_unit;
    for (std::size_t i = 0; i < count; ++i) {
        const Corner from = corners[i], to = corners[(i + 1) % count];
        const std::int64_t y0 = std::int64_t{from.y} * radius, y1 = std::int64_t{to.y} * radius;
        if ((y0 <= line) == (y1 <= line)) continue;
        const std::int64_t x0 = std::int64_t{from.x} * radius, x1 = std::int64_t{to.x} * radius;
        const std::int64_t x = x0 + (x1 - x0) * (line - y0) / (y1 - y0);
        crossings[found++] = static_cast<int>(x >> 10);
    }
    static_assert(corner_unit == 1 << 10);
    // A line meets at most six sides, which GCC 12 cannot see.
    std::ranges::sort(std::span(crossings).first(std::min(found, crossings.size())));
    Spans spans;
    for (std::size_t i = 0; i + 1 < found; i += 2)
        spans.add(crossings[i], crossings[i + 1]);
    return spans;
}

Spans spans_of(int shape, int radius, int y) {
    switch (shape) {
    case square:
        return polygon_spans(square_corners, radius, y);
    case triangle:
        return polygon_spans(triangle_corners, radius, y);
    case cross:
        return polygon_spans(cross_corners, radius, y);
    case star:
        return polygon_spans(star_corners, radius, y);
    default:
        break;
    }
    const int outer = half_chord(radius, y);
    const int hole = shape == ring ? half_chord(radius * ring_hole / corner_unit, y) : -1;
    Spans spans;
    if (hole > 0) {
        spans.add(-outer, -hole);
        spans.add(hole, outer);
    } else {
        spans.add(-outer, outer);
    }
    return spans;
}

/// Adds the length that [begin, end), in units from the left edge, has in each pixel of a row.
void cover(std::array<int, side>& row, int begin, int end) {
    const int first = begin / unit, last = (end - 1) / unit;
    for (int x = first; x <= last; ++x)
        row[static_cast<std::size_t>(x)] += std::min(end, (x + 1) * unit) - std::max(begin, x * unit);
}

void draw_ground(const Sprite& sprite, std::uint8_t* pixels) {
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            const int slope = sprite.slope_x * (2 * x + 1 - side) + sprite.slope_y * (2 * y + 1 - side);
            pixels[y * side + x] = static_cast<std::uint8_t>(sprite.ground + (slope >> 5));
        }
    for (int channel = 1; channel < channels; ++channel)
        std::copy_n(pixels, side * side, pixels + channel * side * side);
}

/// Light from above: 256 at the centre of the figure, more above it.
int light(const Sprite& sprite, int row) {
    const int below = row * unit + unit / 2 - sprite.y;
    return 256 - 28 * below / sprite.radius;
}

/// A number below `choices` from one word.
int choice(std::uint32_t word, int choices) {
    return static_cast<int>(static_cast<std::uint64_t>(word) * static_cast<std::uint64_t>(choices) >> 32);
}

/// A centre that is neither near an edge nor at the line between two quarters.
int place(std::uint32_t word) {
    constexpr int half = middle - gap - nearest_edge;
    const int drawn = choice(word, 2 * half);
    return drawn < half ? nearest_edge + drawn : middle + gap + drawn - half;
}

} // namespace

Factor factor(std::string_view name) {
    if (name.empty()) return Factor::shape;
    const auto found = std::find(factor_names.begin(), factor_names.end(), name);
    if (found == factor_names.end())
        throw Error(fmt::format("Sprites have no factor '{}'", name), "setting data.labels",
                    did_you_mean(name, factor_names));
    return static_cast<Factor>(found - factor_names.begin());
}

const std::vector<std::string>& classes(Factor factor) {
    static const std::array<std::vector<std::string>, factor_names.size()> names = {{
        {"circle", "square", "triangle", "cross", "star", "ring"},
        {"orange", "sky blue", "green", "yellow", "blue", "vermilion", "pink", "white"},
        {"top left", "top right", "bottom left", "bottom right"},
        {"small", "medium", "large"},
    }};
    return names[static_cast<std::size_t>(factor)];
}

int Sprite::label(Factor factor) const {
    switch (factor) {
    case Factor::shape:
        return shape;
    case Factor::colour:
        return colour;
    case Factor::position:
        return 2 * (y > middle) + (x > middle);
    case Factor::size:
        break;
    }
    return size;
}

Sprite sprite(std::int64_t index, std::uint64_t seed) {
    constexpr std::uint32_t group = 16; // apart from those of sampler.h, which draw for chains and training
    const auto number = static_cast<std::uint64_t>(index);
    const random::Place where{seed, random::Stream::data, group, static_cast<std::uint32_t>(number),
                              static_cast<std::uint32_t>(number >> 32)};
    const random::Words factors = random::words(where, 0), details = random::words(where, 1),
                        ground = random::words(where, 2);
    Sprite sprite;
    sprite.shape = choice(factors[0], 6);
    sprite.colour = choice(factors[1], static_cast<int>(palette.size()));
    sprite.size = choice(factors[2], static_cast<int>(smallest_radius.size()));
    sprite.radius = smallest_radius[static_cast<std::size_t>(sprite.size)] + choice(factors[3], radius_range);
    sprite.x = place(details[0]);
    sprite.y = place(details[1]);
    sprite.ground = 26 + choice(ground[0], 17);
    sprite.slope_x = choice(ground[1], 15) - 7;
    sprite.slope_y = choice(ground[2], 15) - 7;
    return sprite;
}

void draw(const Sprite& sprite, std::uint8_t* pixels) {
    draw_ground(sprite, pixels);
    const Colour& colour = palette[static_cast<std::size_t>(sprite.colour)];
    const int reach = sprite.radius * 6 / 5; // no corner is farther above or below the centre
    const int top = std::max(0, (sprite.y - reach) / unit),
              bottom = std::min(side - 1, (sprite.y + reach) / unit);
    for (int y = top; y <= bottom; ++y) {
        std::array<int, side> row{};
        for (int line = 0; line < lines_a_pixel; ++line) {
            const int height = y * unit + unit / lines_a_pixel * line + unit / (2 * lines_a_pixel);
            const Spans spans = spans_of(sprite.shape, sprite.radius, height - sprite.y);
            for (const Span& span : spans.all())
                cover(row, std::max(0, sprite.x + span.begin), std::min(side * unit, sprite.x + span.end));
        }
        const int bright = light(sprite, y);
        for (int channel = 0; channel < channels; ++channel) {
            const int lit = std::min(255, colour[static_cast<std::size_t>(channel)] * bright >> 8);
            std::uint8_t* to = pixels + (channel * side + y) * side;
            for (int x = 0; x < side; ++x) {
                const int share = row[static_cast<std::size_t>(x)];
                if (share > 0)
                    to[x] = static_cast<std::uint8_t>(
                        (to[x] * (covered - share) + lit * share + covered / 2) / covered);
            }
        }
    }
}

torch::Tensor pictures(std::int64_t first, std::int64_t count, std::uint64_t seed) {
    torch::Tensor pictures = torch::empty({count, channels, side, side}, torch::kByte);
    auto* pixels = pictures.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < count; ++i)
        draw(sprite(first + i, seed), pixels + i * channels * side * side);
    return pictures;
}

torch::Tensor labels(Factor factor, std::int64_t first, std::int64_t count, std::uint64_t seed) {
    torch::Tensor labels = torch::empty({count}, torch::kLong);
    auto* values = labels.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < count; ++i)
        values[i] = sprite(first + i, seed).label(factor);
    return labels;
}

} // namespace ebm::data::sprites
