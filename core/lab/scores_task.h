#pragma once

#include "core/lab/scorer.h"
#include "core/lab/views.h"

#include <string>
#include <vector>

namespace ebm::lab {

/// What scores_views returns, computed a piece at a time.
class ScoresTask {
public:
    /// Keeps a reference to `energy`. piece: samples that are looked at at a time; 0 = a whole set. The size
    /// of the pieces changes the scores by rounding alone.
    ScoresTask(const Energy& energy, const Dataset& dataset, const torch::Tensor& buffer,
               const torch::Tensor& chains, const ScoreQuery& query, std::int64_t piece = 0);
    ScoresTask(const ScoresTask&) = delete;

    bool left() const { return next_set_ < sets_.size(); }
    void advance();
    double done() const; ///< share of the samples, 0 … 1
    /// Whether all that is left is to look at what scores are fitted on.
    bool only_fits() const;
    /// Once nothing is left.
    std::vector<std::shared_ptr<const ScoresView>> result();
    /// Those of the scores that need a fit, once nothing is left; of the others also while it only_fits().
    std::vector<std::shared_ptr<const ScoresView>> views(bool of_fits);

private:
    /// Samples that are scored, or that scores are fitted on, and what the model says of them.
    struct Set {
        std::string name;
        SetMeaning meaning;
        torch::Tensor x, labels; ///< those that are looked at; labels undefined without
        std::int64_t total;      ///< in the whole set
        bool to_fit = false;
        std::vector<Statistics> parts = {};
        Statistics statistics = {};
    };
    void add(Set set, const torch::Tensor& rows);
    void finish(Set& set);
    void sum_up();
    std::shared_ptr<const ScoresView> view_of(ScoresView view) const;

    const Energy& energy_;
    ScoreQuery query_;
    std::int64_t piece_;
    ScoresView common_;
    std::optional<Scorer> scorer_;
    std::vector<Set> sets_;
    std::size_t next_set_ = 0;
    std::int64_t next_ = 0; ///< sample of that set
    std::int64_t looked_ = 0, all_ = 0;
    std::string no_fit_;
    bool summed_up_ = false;
    std::vector<float>
        own_; ///< E(x, y) of the training data under their own classes, which chains compare with
};

} // namespace ebm::lab
