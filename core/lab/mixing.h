#pragma once

#include "core/base/random.h"
#include "core/energy/energy.h"
#include "core/lab/rounds.h"

#include <vector>

namespace ebm::lab {

/// What happens to chains between two rounds of K steps, as the released code of Du & Mordatch (2019) does
/// when it makes the samples that it scores (test_inception.py): some start anew, some are asked for another
/// class.
struct Mix {
    std::vector<int> restarted; ///< in rising order
    torch::Tensor labels;       ///< int64 [n], undefined without classes
};
/// Each chain is chosen with the probability of sampler.restart_share and .relabel_share. place.step is the
/// number of the round; chain i draws as chain place.chain + i of the stream `batch`.
Mix mix(const Settings& settings, const torch::Tensor& labels, std::int64_t count, int classes,
        random::Place place);

} // namespace ebm::lab
