#pragma once

#include "core/lab/types.h"
#include "core/settings/settings.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace ebm::lab {

/// The chosen picture as it was when it was chosen.
struct PictureView {
    PictureChoice choice;
    std::int64_t number = 0;      ///< grows with each choice
    std::int64_t held_out = 0;    ///< pictures that there are to choose from
    std::int64_t chain_steps = 0; ///< of every live chain when it was chosen
    int label = -1;               ///< class of a held-out picture, or the one that the chain was asked for
    std::vector<std::uint8_t> pixels; ///< [C·H·W]
};

/// Chains that restore the chosen picture.
struct RestorationView {
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    RestoreSettings settings;
    std::int64_t picture = 0;   ///< PictureView::number
    std::int64_t iteration = 0; ///< of the model
    int step = 0;
    bool paused = false, done = false;
    std::string problem;                       ///< why it stopped early, a sentence with a remedy
    std::vector<std::uint8_t> original;        ///< [C·H·W]
    std::vector<std::uint8_t> damaged, pixels; ///< [chains][C·H·W]: where they began, and are
    std::vector<double> error_before, error;   ///< [chains], see difference_where
    std::vector<std::int32_t> labels;          ///< [chains]; empty without classes
    /// E of the original, of where the chains began and of where they are, [chains], under their labels.
    std::vector<float> energy_original, energy_damaged, energy;
};

/// Training samples near others.
struct Neighbours {
    int each = 0; ///< of every sample
    /// [n][each], nearest first: numbers of records in the file of the data, from 0; where they are
    /// generated, of training samples.
    std::vector<std::int64_t> records;
    std::vector<float> distances;     ///< [n][each], Euclidean, in the model's values
    std::vector<std::int32_t> labels; ///< [n][each]; empty without
    Samples samples;                  ///< [n · each]
};

/// Held-out samples whose distance to the training data is measured, to compare others with.
inline constexpr std::int64_t nearest_held_out = 200;

/// Distances of held-out samples to the training sample that is nearest to each.
struct HeldOutDistances {
    std::int64_t count = 0;                                ///< samples, evenly taken
    double low = std::numeric_limits<double>::quiet_NaN(); ///< 5 % of them are nearer
    double median = std::numeric_limits<double>::quiet_NaN();
    std::vector<float> sorted; ///< [count]
};

/// Training pictures that are nearest to the chosen picture.
struct NearestView {
    std::int64_t picture = 0; ///< PictureView::number
    std::string problem;      ///< why there are none, a sentence; empty if there are
    std::int64_t training_count = 0;
    std::vector<std::int64_t> records; ///< see Neighbours::records, nearest first
    std::vector<float> distances;      ///< Euclidean, in the model's values
    std::vector<std::int32_t> labels;  ///< empty without
    std::vector<std::uint8_t> pixels;  ///< [rows][C·H·W]
    HeldOutDistances held_out;         ///< of count 0 until they are known, or without held-out data
    double held_out_done = 0;          ///< share of their search that is done
};

/// What every score says of the chosen picture.
struct PictureScores {
    struct Row {
        ScoreKind kind = ScoreKind::energy;
        double score = std::numeric_limits<double>::quiet_NaN(); ///< higher = more like the data
        /// Of the held-out pictures, 0 … 1: those with a lower score, and half of those with the same.
        double share_below = std::numeric_limits<double>::quiet_NaN();
        std::string problem; ///< why this model has no such score, a sentence; empty if it has
    };
    std::int64_t picture = 0;   ///< PictureView::number
    std::int64_t iteration = 0; ///< of the model
    std::int64_t compared = 0;  ///< held-out pictures, evenly taken
    double done = 0;            ///< share that is computed; rows have scores when it is 1
    std::vector<Row> rows;      ///< in the order of ScoreKind
};

} // namespace ebm::lab
