#pragma once

#include "core/energy/energy.h"
#include "core/settings/settings.h"

#include <span>

namespace ebm {

/// One of the energies E_i that a SumEnergy joins.
struct EnergyTerm {
    std::shared_ptr<Energy> energy;
    double weight = 1;       ///< w_i
    std::int64_t label = -1; ///< of a conditional energy: the class that it is asked for; −1: see SumEnergy
};

/// Energies of the same samples as one, after Du, Li & Mordatch (2020), "Compositional visual generation with
/// energy based models":
///
///     Composition::all   E = Σ w_i E_i, the product of the densities (AND; a negative weight is NOT).
///                        Du & Mordatch (2019) average ten checkpoints of one training: w_i = 1/10.
///     Composition::any   E = −log Σ w_i exp(−E_i), their mixture (OR) with w_i ≥ 0. Since each E_i is known
///                        up to a constant, the shares of the mixture are w_i Z_i, and the Z_i are not known.
///
/// A part with weight 0 is not evaluated. A conditional part without a label answers −log Σ_y exp(−E_i(x,
/// y)), or, if the sum itself is conditional, takes the label of the sample.
class SumEnergy final : public Energy {
public:
    /// by_class: conditional on the classes of its parts, which are then equally many; parts without classes
    /// do not read them. Throws Error if there is no part, or they do not fit each other.
    SumEnergy(std::vector<EnergyTerm> parts, Composition joined, bool by_class);
    ~SumEnergy() override;

    /// One weight and one label for each part, from now on, and by_class as the constructor has it. Throws
    /// Error, and changes nothing, if they are not finite or not possible.
    void set(Composition joined, std::span<const double> weights, std::span<const std::int64_t> labels,
             bool by_class);
    const std::vector<EnergyTerm>& parts() const { return parts_; }
    /// Whether it is the mean of its parts under one label.
    bool is_mean() const;

    Shape sample_shape() const override { return parts_.front().energy->sample_shape(); }
    int classes() const override { return classes_; }
    torch::Tensor value(const Batch& batch) const override;
    ValueAndGradient value_and_gradient(const Batch& batch) const override;
    std::shared_ptr<Energy> clone() const override;
    /// Evaluates the parts' kernels; null if one of them has none, or computes on a GPU.
    const FusedKernel* fused() const override;
    void compute_on(std::shared_ptr<const cuda::Device> gpu) override;
    const cuda::Device* gpu() const override;
    std::string kernel_name() const override;

private:
    friend class SumKernel;
    Batch of_part(const EnergyTerm& part, const Batch& batch) const;

    std::vector<EnergyTerm> parts_;
    Composition joined_;
    int classes_ = 0;
    std::unique_ptr<class SumKernel> kernel_;
};

/// The mean of several energies of the same samples and classes. Throws Error as SumEnergy does.
std::shared_ptr<Energy> mean_energy(std::vector<std::shared_ptr<Energy>> members);

/// The energies whose mean `energy` is: all parts of a sum have the weight 1/n. Empty if it is none.
std::vector<std::shared_ptr<const Energy>> members_of(const Energy& energy);

} // namespace ebm
