#pragma once

#include "core/lab/snapshot.h"
#include "core/measure/modes.h"
#include "core/measure/quadrature.h"

namespace ebm::lab {

/// Mean log-likelihood of held-out points under the model, in nats a point and in the units of their file:
/// normalised on the sampler's box, or as it is where it is a density on the whole plane (Evaluation).
struct HeldOutLikelihood {
    double mean = 0;
    double standard_error = 0; ///< from the spread over the points
    double log_z_error = 0;    ///< the same for all points; 0 where log Z is known
    std::int64_t count = 0;    ///< points inside the box; of a density on the whole plane all of them
    std::int64_t outside = 0;  ///< points that the box leaves out, where the model has no density
};

/// −log₂ p of held-out pictures under a normalised model, in bits a channel value of 8 bits.
struct BitsPerDimension {
    double mean = 0;           ///< infinite if a picture's is not finite
    double standard_error = 0; ///< from the spread over the pictures
    std::int64_t count = 0, not_finite = 0;
    std::string bound; ///< see Density::bound
};

/// Shares per mode of one set of samples.
struct SetModes {
    std::string name;
    measure::ModeShares shares;
};

/// From the energies of the held-out data in `scores`; nothing without them. elements: of a picture.
std::optional<BitsPerDimension> bits_per_dimension(const ScoresView& scores, int elements, std::string bound);

/// What `ebmlab evaluate` says about a model.
struct Evaluation {
    double temperature = 1; ///< T: everything on the plane is of exp(−E/T)
    /// On the plane: exp(−E) is a density as it is, or bounds one from below. KL and likelihood are with
    /// log Z = 0, and `partition` is a check.
    bool normalised = false;
    /// Of the normalised: how E bounds −log p from above (Density::bound), so that KL is at most and the
    /// likelihood at least what stands here; empty if E is −log p.
    std::string bound;
    std::optional<measure::Divergence> divergence; ///< plane sets with an exact density, of a trained model
    std::optional<measure::Partition> partition;   ///< log Z over the box; every energy on the plane
    std::optional<HeldOutLikelihood> held_out;     ///< plane data
    std::vector<SetModes> modes; ///< plane sets that have modes: held-out data, buffer, whatever T is
    std::optional<measure::ModeShares> model_modes; ///< of exp(−E/T) on the box, where `modes` are known
    std::string
        plane_problem; ///< why none of the above is known though the model is one of the plane; else empty
    std::optional<BitsPerDimension> bits; ///< pictures, of a normalised model with held-out data, by −E
    /// With the OOD rows, one for each score that was asked for, in that order.
    std::vector<std::shared_ptr<const ScoresView>> scores;
};

} // namespace ebm::lab
