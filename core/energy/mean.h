#pragma once

#include "core/energy/energy.h"

namespace ebm {

/// The mean of several energies of the same samples and classes: Du & Mordatch (2019) average ten checkpoints
/// of one training. Throws Error if `members` is empty or they do not fit each other.
std::shared_ptr<Energy> mean_energy(std::vector<std::shared_ptr<Energy>> members);

/// The energies whose mean `energy` is; empty if it is none.
std::vector<std::shared_ptr<const Energy>> members_of(const Energy& energy);

} // namespace ebm
