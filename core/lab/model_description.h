#pragma once

#include "core/lab/types.h"
#include "core/network/layers.h"
#include "core/settings/settings.h"

#include <string>
#include <vector>

namespace ebm::lab {

/// What a scene's model is and what it costs, told from the settings alone: no data are read and no weight is
/// allocated.
struct ModelDescription {
    std::string energy; ///< its title
    SampleKind kind;
    int classes = 0;      ///< of a conditional model
    bool density = false; ///< normalised: it learns without chains and draws samples itself
    /// Of a density whose energy bounds −log p from above: how, see Density::bound; else empty. Known once it
    /// was built.
    std::string bound = {};
    bool makes_samples = false; ///< so does a density, and a decoder whose pictures chains start from
    std::vector<network::LayerFacts> layers; ///< empty for analytic energies
    std::int64_t parameters = 0;
    std::int64_t multiply_adds = 0; ///< of one energy of one sample
    struct Memory {
        std::string use; ///< "weights"
        std::int64_t bytes = 0;
        /// Of a file that is mapped: the system holds as much of it as there is room for, and it is no part
        /// of the sum.
        bool mapped = false;
    };
    /// Of a training: weights, their average (or a copy), Adam's moments and the gradient; replay buffer,
    /// which densities do not have; data; activations of one iteration.
    std::vector<Memory> memory;
    std::int64_t memory_bytes() const; ///< of all that is not mapped
};

/// What a set of data looks like before it is read. Files and folders are looked at (data::describe), not
/// read. Throws Error if that says too little.
struct DataOutline {
    SampleKind kind;
    int classes = 0;
    std::int64_t count = 0; ///< of training samples; 0 if it is not known
    bool bytes = false;     ///< pictures of bytes
};
DataOutline data_outline(const Settings& settings);

/// Throws Error for settings that fit no model.
ModelDescription describe_model(const Settings& settings, const DataOutline& data);

} // namespace ebm::lab
