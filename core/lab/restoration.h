#pragma once

#include "core/energy/energy.h"
#include "core/kernels/step.h"

#include <memory>

namespace ebm::lab {

/// Chains that start at damaged pictures and move only those pixels that are to be filled in: the others are
/// put back after each step.
class Restoration {
public:
    /// `start`: x [n, channels, height, width] with labels if the energy is conditional. `moves` [height ·
    /// width]: which pixels are not put back, not 0 there. Chain i uses random chain place.chain + i, step k
    /// place.step + k. Throws Error if `moves` does not have the size of the pictures.
    Restoration(std::shared_ptr<const Energy> energy, const kernels::StepSettings& step, Batch start,
                const std::vector<std::uint8_t>& moves, const random::Place& place);

    /// One step of every chain. Throws Error if a chain stops being finite.
    void advance();
    int step() const { return done_; }
    const Batch& start() const { return start_; }
    const torch::Tensor& states() const { return x_; }
    const Energy& energy() const { return *energy_; }

private:
    std::shared_ptr<const Energy> energy_;
    kernels::StepSettings step_;
    Batch start_;
    torch::Tensor moves_, x_; ///< moves_: bool [1, 1, height, width]
    random::Place place_;
    int done_ = 0;
};

} // namespace ebm::lab
