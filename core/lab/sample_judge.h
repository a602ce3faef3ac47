#pragma once

#include "core/lab/laboratory.h"

#include <functional>
#include <memory>
#include <optional>

namespace ebm::lab {

/// The published scores of a set of pictures, which are bytes then, with weights of the Inception network
/// that a person has; see core/measure/inception.h and feature_distance.h.
struct PublishedScores {
    double inception = 0, inception_sd = 0; ///< Inception Score over `splits`
    int splits = 0;
    double fid = 0, kid = 0, kid_sd = 0; ///< from the held-out pictures; KID over subsets
    std::int64_t reference = 0;          ///< held-out pictures that were looked at
};

/// What a classifier says of one set of samples. Distances are between its features of the samples and of the
/// held-out data, in units of the latter's root mean square; they are comparable with one classifier and
/// about the same n only.
struct SampleQuality {
    std::int64_t n = 0;
    /// [asked for][found] over the classifier's classes; empty for samples without classes.
    std::vector<std::vector<std::int64_t>> confusion;
    std::vector<std::int64_t> found;                              ///< by class
    double class_true = std::numeric_limits<double>::quiet_NaN(); ///< share; NaN without classes
    double frechet = 0, kernel = 0, kernel_sd = 0;                ///< see measure/feature_distance.h
    int subsets = 0;                                              ///< of the kernel distance
    std::int64_t subset_size = 0;
    std::optional<PublishedScores> published; ///< with Inception weights
    double roughness = 0;                     ///< of the pictures, from 0 to 1 (a half of the model's units)

    std::int64_t asked(std::size_t label) const;
    int classes_found() const;
};

/// Judges samples by a classifier that is open in a laboratory, which it refers to.
class SampleJudge {
public:
    /// Throws Error unless `classifier` has a classifier open and its held-out data are there. seed: of the
    /// subsets of the kernel distance.
    SampleJudge(const Laboratory& classifier, std::uint64_t seed);
    ~SampleJudge();
    SampleJudge(SampleJudge&&) = delete;

    /// From now on judge() tells the published scores too, with the weights of `file` (safetensors). count:
    /// of held-out pictures that are looked at, evenly taken; 0 = all. `progress` is called with the pictures
    /// done and may throw. Throws Error if the file does not fit.
    void use_inception(const std::string& file, std::int64_t count,
                       const std::function<void(std::int64_t)>& progress);

    /// classes: what label k of the samples is called, in any order; the classifier must know all of them.
    /// Throws Error if it does not, if the samples are of another shape, or not finite.
    SampleQuality judge(const Samples& samples, const std::vector<std::string>& classes) const;

    const std::vector<std::string>& classes() const { return classes_; }
    std::int64_t reference_count() const { return static_cast<std::int64_t>(reference_.classes.size()); }
    double reference_roughness() const { return reference_roughness_; }
    /// Share of the held-out data whose class the classifier finds; NaN if they have no labels.
    double accuracy() const { return accuracy_; }

private:
    struct Published;
    const Laboratory& classifier_;
    std::uint64_t seed_;
    std::vector<std::string> classes_;
    Classified reference_;
    double unit_ = 1; ///< root mean square of the reference's features
    double reference_roughness_ = 0, accuracy_ = 0;
    std::unique_ptr<Published> published_; ///< null without Inception weights
};

} // namespace ebm::lab
