#pragma once

#include "core/energy/energy.h"

namespace ebm {

/// Negatives kept between iterations (Tieleman 2008; Du & Mordatch 2019, Algorithm 1). Slots are overwritten
/// in place by the sample that continued them; a re-initialised negative takes the slot it was drawn for.
class ReplayBuffer {
public:
    ReplayBuffer() = default;
    /// Fills all slots with `initial` [size, sample_shape…].
    explicit ReplayBuffer(torch::Tensor initial);

    std::int64_t size() const { return samples_.defined() ? samples_.size(0) : 0; }
    /// Keeps the first samples, or repeats all of them until there are `size` ≥ 1.
    void resize(std::int64_t size);
    /// slots: int64 [N]; returns [N, sample_shape…] (a copy).
    torch::Tensor take(const torch::Tensor& slots) const;
    /// Writes x back; `energy` [N] are its energies, `fresh` bool [N] marks re-initialised chains (age and
    /// reuse restart).
    void put(const torch::Tensor& slots, const torch::Tensor& x, const torch::Tensor& energy,
             const torch::Tensor& fresh, std::int64_t steps, std::int64_t iteration);

    torch::Tensor samples_; ///< [size, sample_shape…]
    torch::Tensor energy_;  ///< [size], when last written; NaN before
    torch::Tensor age_;     ///< int64 [size], Langevin steps since (re-)initialisation
    torch::Tensor reused_;  ///< int64 [size], times continued since (re-)initialisation
    torch::Tensor birth_;   ///< int64 [size], iteration of (re-)initialisation
};

} // namespace ebm
