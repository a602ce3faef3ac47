#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ebm::lab {

/// Which part of the plane a mode is.
struct ModePlace {
    std::string name;          ///< as the data set calls it; may be empty
    std::vector<float> points; ///< [n][2]: data that were drawn from it, or the one minimum that it is about
};

/// How the live chains are spread over the modes, and how often they go from one to another.
struct ModesView {
    std::vector<double> shares; ///< [modes] of all chains, where they are now
    double none = 0;            ///< of chains that are in no mode
    /// [modes] of the data, or without data of exp(−E/T) on the sampler's box; empty if T is unknown
    std::vector<double> exact;
    bool of_data = false;                                 ///< whose `exact` are
    std::shared_ptr<const std::vector<ModePlace>> places; ///< [modes]
    /// From one mode to another, by `chains` of them within their latest `steps` steps; a chain that was put
    /// somewhere else counts from there.
    std::int64_t crossings = 0;
    int chains = 0;
    std::int64_t steps = 0;
};

} // namespace ebm::lab
