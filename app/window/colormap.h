#pragma once

#include <array>
#include <cstdint>

/// Perceptually uniform colour maps for fields. Entry 0 is the dark end.
namespace ebm::window {

enum class Colormap { viridis, magma, cividis, grey };
inline constexpr std::array<Colormap, 4> all_colormaps = {Colormap::viridis, Colormap::magma,
                                                          Colormap::cividis, Colormap::grey};

const char* colormap_name(Colormap map);

using Rgb = std::array<std::uint8_t, 3>;
const std::array<Rgb, 256>& colormap_table(Colormap map);
/// Colour at t in [0, 1]; t outside is clamped, NaN is entry 0.
Rgb colormap_at(Colormap map, float t);

/// For differences: one colour at either end, neutral in the middle.
const std::array<Rgb, 256>& difference_table();

} // namespace ebm::window
