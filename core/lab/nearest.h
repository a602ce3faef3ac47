#pragma once

#include "core/lab/dataset.h"
#include "core/lab/picture_view.h"

namespace ebm::lab {

/// Looks through the training data for the samples that are nearest to others, a part at a time.
class NearestSearch {
public:
    /// `dataset` outlives the search. x: [n, sample shape…] in the model's values; `piece` training samples
    /// are compared at a time. Throws Error if there are fewer than `each`.
    NearestSearch(const Dataset& dataset, const torch::Tensor& x, int each, std::int64_t piece = 4096);

    bool left() const { return next_ < count_; }
    void advance();
    double done() const { return count_ > 0 ? static_cast<double>(next_) / static_cast<double>(count_) : 1; }
    /// Of the training data that were looked at.
    Neighbours result() const;

private:
    const Dataset* dataset_;
    torch::Tensor x_, distances_, rows_; ///< [n, elements], [n, each], [n, each]
    int each_;
    std::int64_t piece_, count_, next_ = 0;
};

/// At most `most` of the held-out samples, evenly taken, as NearestSearch takes them; of size 0 if there are
/// none.
torch::Tensor held_out_to_search(const Dataset& dataset, std::int64_t most);
/// What a search with one neighbour each found for them.
HeldOutDistances held_out_distances(const Neighbours& found);

} // namespace ebm::lab
