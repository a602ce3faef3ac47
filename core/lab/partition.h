#pragma once

#include "core/lab/partition_view.h"
#include "core/lab/scene_run.h"
#include "core/measure/annealing.h"

namespace ebm::lab {

/// Throws Error if the model is normalised: there is no log Z to estimate.
void require_unnormalised(const SceneRun& run);

/// log Z of a copy of the model that is shown, estimated a level at a time. On planes it is known by
/// quadrature too.
class PartitionEstimate {
public:
    /// The box is the sampler's, and T that of the model's density if none is given. A conditional model is
    /// taken under the class that settings.sampler.ask asks for. Throws Error if the model is normalised, or
    /// the settings make no estimate.
    PartitionEstimate(const measure::AnnealSettings& settings, const SceneRun& run);

    bool left() const { return view_.problem.empty() && annealing_->left(); }
    /// The next level; one that fails ends it, and the view says why.
    void advance();
    PartitionView view(bool paused) const;

private:
    void measure_held_out();

    std::shared_ptr<const Energy> energy_;
    std::unique_ptr<measure::Annealing> annealing_;
    SampleKind kind_;
    torch::Tensor held_out_; ///< undefined without
    double log_units_ = 0;   ///< log of a file's volume element over the model's
    PartitionView view_;     ///< what does not change
};

} // namespace ebm::lab
