#include "core/density/noise.h"

#include "core/base/random.h"
#include "core/kernels/noise.h"

namespace ebm {
namespace {

random::Place place_of(const DensityNoise& noise, random::Stream stream) {
    const std::uint32_t group = density_group | static_cast<std::uint32_t>(noise.use) << 4 | noise.part << 8;
    return {noise.seed, stream, group, 0, static_cast<std::uint32_t>(noise.step)};
}

torch::Tensor rows(std::int64_t count, Shape shape) {
    shape.insert(shape.begin(), count);
    return torch::empty(shape);
}

} // namespace

torch::Tensor normal_noise(std::int64_t count, const Shape& shape, const DensityNoise& noise) {
    torch::Tensor values = rows(count, shape);
    if (count > 0)
        kernels::fill_normal(values.data_ptr<float>(), count, values.numel() / count,
                             place_of(noise, random::Stream::noise), 1);
    return values;
}

torch::Tensor uniform_noise(std::int64_t count, const Shape& shape, const DensityNoise& noise) {
    torch::Tensor values = rows(count, shape);
    if (count > 0)
        kernels::fill_uniform(values.data_ptr<float>(), count, values.numel() / count,
                              place_of(noise, random::Stream::dequantise), 1);
    return values;
}

} // namespace ebm
