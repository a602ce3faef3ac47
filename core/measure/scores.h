#pragma once

#include "core/settings/settings.h"

#include <string_view>
#include <vector>

/// The scores by which a model can be asked whether it knows a sample. Higher = more like the data.
namespace ebm::measure {

/// What a score cannot do without.
struct ScoreNeeds {
    bool fit = false;      ///< held-out data to fit on, never those that are scored
    bool classes = false;  ///< a conditional energy
    bool density = false;  ///< a normalised model
    bool ensemble = false; ///< a mean of several models
    bool pictures = false; ///< not points of the plane
};

struct ScoreInfo {
    ScoreKind kind;
    std::string_view name;    ///< as the command line and files have it
    std::string_view title;   ///< as a person reads it
    std::string_view unit;    ///< "nat"; empty if it has none
    std::string_view formula; ///< in the words of README
    std::string_view help;    ///< what it tells, a sentence or two
    std::string_view source;  ///< of the idea
    std::string_view cost;    ///< in passes of the network for one sample
    ScoreNeeds needs;
};

/// In the order of ScoreKind.
const std::vector<ScoreInfo>& score_kinds();
const ScoreInfo& score_info(ScoreKind kind);
/// Throws Error with the nearest name.
const ScoreInfo& score_named(std::string_view name);

inline constexpr int recovery_steps = 20; ///< of the training's sampler
/// Standard deviations of the noise in E(x + noise) − E(x), in the model's coordinates.
inline constexpr double noise_sizes[] = {0.05, 0.1, 0.2, 0.4};
/// The same of the noise that the denoising error is about.
inline constexpr double denoising_noise = 0.2;
inline constexpr int mixture_components = 8; ///< of the density of states

} // namespace ebm::measure
