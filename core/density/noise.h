#pragma once

#include "core/energy/energy.h"

/// Random numbers of densities, each a pure function of what it is for, a seed, a step, its row and its place
/// in the row.
namespace ebm {

enum class DensityUse : std::uint32_t {
    draw,     ///< Density::draw; the step tells several tensors of one draw apart
    value,    ///< Density::value
    training, ///< Density::training_loss; the step is the iteration
};

struct DensityNoise {
    std::uint64_t seed = 0;
    DensityUse use = DensityUse::draw;
    std::int64_t step = 0;  ///< its lowest 32 bits are used
    std::uint32_t part = 0; ///< below 2^12: several tensors of one use and step
};

/// [count, shape…], standard normal.
torch::Tensor normal_noise(std::int64_t count, const Shape& shape, const DensityNoise& noise);
/// [count, shape…], uniform in [0, 1).
torch::Tensor uniform_noise(std::int64_t count, const Shape& shape, const DensityNoise& noise);

/// random::Place::group of all of them: these bits, and those of use and part above.
inline constexpr std::uint32_t density_group = 4;

} // namespace ebm
