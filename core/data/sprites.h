#pragma once

#include "core/base/tensor.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Colour pictures that the program makes itself: one flat figure on a dark, softly varying ground, drawn
/// from independent factors. Picture i of a seed is a pure function of both and has the same bytes on every
/// machine, because nothing is computed but integers.
namespace ebm::data::sprites {

constexpr int channels = 3, side = 32;
/// How finely places and lengths are told: a pixel has this many units.
constexpr int unit = 256;

/// What a picture can be classified by.
enum class Factor { shape, colour, position, size };
constexpr std::array<std::string_view, 4> factor_names = {"shape", "colour", "position", "size"};
/// The factor of that name, shape for an empty one. Throws Error with the nearest known name.
Factor factor(std::string_view name);

/// What class k of a factor is called. Positions are quarters of the picture, and no figure has its centre
/// less than a pixel from the line between two of them; sizes are three ranges with gaps between them.
const std::vector<std::string>& classes(Factor factor);

/// Everything that one picture is made of. All factors are independent and uniform.
struct Sprite {
    int shape = 0, colour = 0, size = 0; ///< classes of their factors
    int x = 0, y = 0;                    ///< centre of gravity, in units from the upper left corner
    int radius = 0;                      ///< in units: of the circle; the other shapes are about as large
    int ground = 0;                      ///< grey level in the middle of the ground
    int slope_x = 0, slope_y = 0; ///< how much lighter the right and the lower edge are than the middle

    int label(Factor factor) const;
};
/// `index` is at least 0.
Sprite sprite(std::int64_t index, std::uint64_t seed);

/// Draws to pixels [channels][side][side], RGB. The share of a pixel that a figure covers is measured on
/// eight lines through it.
void draw(const Sprite& sprite, std::uint8_t* pixels);

/// Pictures first … first + count − 1: uint8 [count, 3, 32, 32].
torch::Tensor pictures(std::int64_t first, std::int64_t count, std::uint64_t seed);
/// Their classes: int64 [count].
torch::Tensor labels(Factor factor, std::int64_t first, std::int64_t count, std::uint64_t seed);

} // namespace ebm::data::sprites
