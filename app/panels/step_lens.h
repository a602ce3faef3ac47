#pragma once

#include "core/lab/snapshot.h"

#include <array>
#include <optional>
#include <string>

namespace ebm::panels {

/// The newest step of one chain, enlarged: near a minimum its parts are shorter on the landscape than the
/// ring around the chain.
struct StepLens {
    using Vector = std::array<float, 2>; ///< in units of the plane
    int chain = 0;
    double factor = 1;               ///< of its size on the landscape: 1, 2 or 5 times a power of ten
    Vector first{}, second{}, end{}; ///< from the start: after the first part, the second, and the proposal
    bool noise_first = false;        ///< the first part is the kick, as published; else the pull
    bool jumped = false;             ///< one move, neither pull nor kick
    bool refused = false;            ///< the chain stays at its start

    /// "Step of #3, × 5", "Step of #3, refused, × 5".
    std::string title() const;
    /// Lengths in units of the plane.
    float pull() const;
    float kick() const;
};

/// pixels: of one unit on the landscape; reach: pixels that the lens has in each direction. Nothing if the
/// parts of the chain's step are not known, or are nothing.
std::optional<StepLens> step_lens(const lab::StepParts& parts, int chain, float pixels, float reach);

} // namespace ebm::panels
