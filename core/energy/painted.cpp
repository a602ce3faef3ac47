#include "core/energy/painted.h"

#include "core/energy/dual.h"
#include "core/energy/function_kernel.h"

#include <algorithm>
#include <cmath>

namespace ebm {
namespace {

using data::Drawing;
using torch::Tensor;

constexpr int side = Drawing::side, padded = side + 2;
constexpr double cell = (Drawing::high - Drawing::low) / side;

/// Heights at the centres of the cells, [padded][padded], with a ring of zeros around.
using Heights = std::shared_ptr<const std::vector<float>>;

Heights heights_of(const Drawing& drawing) {
    auto heights = std::make_shared<std::vector<float>>(std::size_t{padded} * padded);
    for (int row = 0; row < side; ++row)
        for (int column = 0; column < side; ++column)
            (*heights)[static_cast<std::size_t>((row + 1) * padded + column + 1)] =
                painted_height / 255 * drawing.cells[static_cast<std::size_t>(row * side + column)];
    return heights;
}

/// The fused twin.
struct Bilinear {
    Heights heights;

    Dual operator()(float x, float y) const {
        const float u = place(x), v = place(y);
        // Also refuses what is not a number.
        if (!(u >= 0 && v >= 0 && u < padded - 1 && v < padded - 1)) return {u * 0 + v * 0, 0, 0};
        const auto column = static_cast<std::size_t>(u), row = static_cast<std::size_t>(v);
        const float s = u - static_cast<float>(column), t = v - static_cast<float>(row);
        const float* at = heights->data() + row * padded + column;
        const float a = at[0], b = at[1], c = at[padded], d = at[padded + 1];
        const float low = a + s * (b - a), high = c + s * (d - c);
        constexpr auto slope = static_cast<float>(1 / cell);
        return {low + t * (high - low), slope * ((1 - t) * (b - a) + t * (d - c)), slope * (high - low)};
    }

    static float place(float x) {
        return (x - static_cast<float>(Drawing::low)) * static_cast<float>(1 / cell) + 0.5f;
    }
};

class PaintedEnergy final : public Energy {
public:
    explicit PaintedEnergy(Heights heights) : heights_(heights), kernel_(Bilinear{std::move(heights)}) {}

    Shape sample_shape() const override { return {2}; }

    Tensor value(const Batch& batch) const override {
        const Tensor place = (batch.x - Drawing::low) / cell + 0.5;
        // What is not a number has no corner; it stays one in `part`.
        const Tensor low = place.detach().nan_to_num(0.0).floor().clamp(0, padded - 2);
        const Tensor corner = low.to(torch::kLong), part = place - low;
        const Tensor table = torch::from_blob(const_cast<float*>(heights_->data()), {padded * padded});
        const auto height = [&](int up, int right) {
            return table.index_select(0, (corner.select(1, 1) + up) * padded + corner.select(1, 0) + right);
        };
        const Tensor s = part.select(1, 0), t = part.select(1, 1);
        const Tensor below = height(0, 0) + s * (height(0, 1) - height(0, 0));
        const Tensor above = height(1, 0) + s * (height(1, 1) - height(1, 0));
        const Tensor inside = place.detach().ge(0).logical_and(place.detach().lt(padded - 1)).all(1);
        return torch::where(inside, below + t * (above - below), place.sum(1) * 0);
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<PaintedEnergy>(heights_); }
    const FusedKernel* fused() const override { return &kernel_; }
    std::string kernel_name() const override { return kernel_.name(); }

private:
    Heights heights_;
    PlaneKernel<Bilinear> kernel_;
};

} // namespace

std::shared_ptr<Energy> painted_energy(const Drawing& drawing) {
    return std::make_shared<PaintedEnergy>(heights_of(drawing));
}

} // namespace ebm
