#pragma once

#include "core/lab/picture_view.h"
#include "core/lab/scene_run.h"
#include "core/lab/scorer.h"

#include <optional>

namespace ebm::lab {

/// Scores one picture by every score that the model can give, and some held-out pictures beside it, a part at
/// a time. With the model of now, of which it keeps a copy.
class PictureScorer {
public:
    /// x: [1, C, H, W] in the model's values. Held-out pictures that scores are fitted on are not those that
    /// the picture is compared with.
    PictureScorer(const SceneRun& run, const torch::Tensor& x);
    PictureScorer(const PictureScorer&) = delete;

    bool left() const { return !finished_; }
    void advance();
    /// What is known so far; rows come when all is.
    PictureScores result() const { return result_; }

private:
    void finish();

    std::shared_ptr<const Energy> energy_;
    Settings settings_;
    std::optional<Scorer> scorer_; ///< of the two above
    torch::Tensor samples_;        ///< the picture, those to compare with, those to fit on
    std::int64_t compared_ = 0, next_ = 0;
    std::vector<Statistics> parts_;
    PictureScores result_;
    bool finished_ = false;
};

} // namespace ebm::lab
