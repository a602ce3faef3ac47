#pragma once

#include "core/measure/ais.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebm::lab {

/// How an estimate of log Z of exp(−E/T) by annealed importance sampling goes, and what came of it.
struct PartitionView {
    measure::AnnealSettings settings; ///< the box and T among them
    std::int64_t iteration = 0;       ///< of the model
    int of_class = -1;                ///< of a conditional model: E(x, y) of that class; −1 = without one
    measure::AnnealPhase phase = measure::AnnealPhase::adapting;
    int level = 0; ///< of the phase
    bool paused = false, done = false;
    double share = 0; ///< of the work that is done
    /// After levels that count, at most 400 of them, evenly taken.
    std::vector<measure::AnnealedLevel> path;
    std::optional<measure::Annealed> found; ///< once it is done

    /// log Z of exp(−β E/T) by quadrature, on planes.
    struct Exact {
        double beta = 0, log_z = 0, error = 0;
    };
    std::vector<Exact> exact; ///< the last one is of β = 1

    /// Mean of −E/T − log Z over held-out samples in the box, in nats in the units of their file; NaN if
    /// none lies there.
    struct HeldOut {
        double mean = 0, standard_error = 0; ///< the error from the spread over the samples alone
        double bits = 0;                     ///< pictures: bits a channel value of 8 bits; NaN on planes
        std::int64_t count = 0, outside = 0;
    };
    std::optional<HeldOut> held_out; ///< once it is done, where there are held-out samples

    std::vector<float> positions;     ///< plane: the chains as they are, [chains][2]
    std::vector<std::uint8_t> pixels; ///< pictures: the first chains, [shown][C·H·W]
    int shown = 0;
    std::string problem; ///< why it stopped, a sentence with a remedy; empty if it did not
};

} // namespace ebm::lab
