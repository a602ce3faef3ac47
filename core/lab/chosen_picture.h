#pragma once

#include "core/lab/live_chains.h"
#include "core/lab/nearest.h"
#include "core/lab/picture_scores.h"
#include "core/lab/restoration.h"
#include "core/lab/scene_run.h"

#include <functional>
#include <memory>
#include <optional>

namespace ebm::lab {

/// The picture that a person chose, chains that restore it, the training pictures that are nearest to it, and
/// what every score says of it. Belongs to one run; made anew with the next.
class ChosenPicture {
public:
    /// Keeps the picture of a chain as it is, or a held-out picture (its number is taken modulo their count).
    /// What belonged to the one of before is forgotten. Throws Error if there is none.
    void choose(const SceneRun& run, const LiveChains& chains, const PictureChoice& choice);
    /// Of a copy of the model of now. Throws Error if no picture is chosen or the settings do not fit.
    void restore(const SceneRun& run, const RestoreSettings& settings);
    void pause(bool paused);
    void end_restoration();

    /// Whether there is something to compute for what is shown.
    bool works(bool restoration_shown, bool nearest_shown) const;
    /// Does some of it, as long as `time_left`.
    void work(const SceneRun& run, bool restoration_shown, bool nearest_shown,
              const std::function<bool()>& time_left);
    void fill(Snapshot& snapshot) const;

private:
    bool restores() const;
    bool searches() const;
    void move_on();
    void tell();
    void search(const SceneRun& run);
    bool scores() const;
    void score(const SceneRun& run);

    std::int64_t number_ = 0;
    torch::Tensor x_; ///< [1, C, H, W]; undefined while none is chosen
    std::shared_ptr<const PictureView> picture_;

    std::optional<Restoration> restoration_;
    RestorationView told_; ///< what of the restoration is known so far
    std::shared_ptr<const RestorationView> restoration_view_;
    double told_at_ = 0;

    std::optional<NearestSearch> picture_search_, held_out_search_;
    std::optional<HeldOutDistances> held_out_; ///< of the run's data, once they are known
    std::shared_ptr<const NearestView> nearest_;

    std::unique_ptr<PictureScorer> scorer_;
    std::shared_ptr<const PictureScores> scores_; ///< complete where there is no scorer_
};

} // namespace ebm::lab
