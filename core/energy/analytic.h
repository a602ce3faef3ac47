#pragma once

#include "core/energy/dual.h"
#include "core/energy/function_kernel.h"
#include "core/energy/registry.h"

// What formulas may be written with, beside what core/base/tensor.h has.
#include <ATen/ops/abs.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/square.h>

namespace ebm {

/// An energy on the plane given by a formula, which is written once for any kind of numbers: `Formula()(x,
/// y)` of tensors [N] gives a tensor [N], which LibTorch differentiates; of Dual numbers it is the fused
/// twin.
template <class Formula>
class AnalyticEnergy final : public Energy {
public:
    Shape sample_shape() const override { return {2}; }
    torch::Tensor value(const Batch& batch) const override {
        return Formula()(batch.x.select(1, 0), batch.x.select(1, 1));
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<AnalyticEnergy>(); }
    const FusedKernel* fused() const override { return &kernel_; }
    std::string kernel_name() const override { return kernel_.name(); }

private:
    static Dual at(float x, float y) { return Formula()(Dual{x, 1, 0}, Dual{y, 0, 1}); }

    PlaneKernel<Dual (*)(float, float)> kernel_{at};
};

/// The entry of a formula. `minima` holds x, y of every isolated minimum.
template <class Formula>
EnergyEntry analytic_entry(std::string name, std::string title, std::string description,
                           std::vector<double> minima, double low, double high) {
    return {
        {std::move(name), std::move(title), std::move(description), true, true, std::move(minima), low, high},
        [](const Settings&, const Shape& shape, std::uint64_t, int) -> std::shared_ptr<Energy> {
            require_plane(shape, "an analytic energy");
            return std::make_shared<AnalyticEnergy<Formula>>();
        }};
}

} // namespace ebm
