#pragma once

#include "core/energy/registry.h"

namespace ebm {

/// An energy on the plane given by a formula of x and y, [N] each; returns [N].
class AnalyticEnergy final : public Energy {
public:
    using Formula = torch::Tensor (*)(const torch::Tensor& x, const torch::Tensor& y);
    explicit AnalyticEnergy(Formula formula) : formula_(formula) {}

    Shape sample_shape() const override { return {2}; }
    torch::Tensor value(const Batch& batch) const override {
        return formula_(batch.x.select(1, 0), batch.x.select(1, 1));
    }
    std::shared_ptr<Energy> clone() const override { return std::make_shared<AnalyticEnergy>(formula_); }

private:
    Formula formula_;
};

/// The entry of a formula. `minima` holds x, y of every isolated minimum.
template <AnalyticEnergy::Formula formula>
EnergyEntry analytic_entry(std::string name, std::string title, std::string description,
                           std::vector<double> minima, double low, double high) {
    return {
        {std::move(name), std::move(title), std::move(description), true, true, std::move(minima), low, high},
        [](const Settings&, const Shape& shape, std::uint64_t, int) -> std::shared_ptr<Energy> {
            require_plane(shape, "an analytic energy");
            return std::make_shared<AnalyticEnergy>(formula);
        }};
}

} // namespace ebm
