#include "core/learn/learner.h"

#include "core/learn/contrastive_divergence.h"
#include "core/learn/cross_entropy.h"
#include "core/learn/maximum_likelihood.h"
#include "core/learn/score_matching.h"

#include <limits>

namespace ebm {

Record Learner::step(const Settings& settings) {
    while (true)
        if (const auto record = work(settings, std::numeric_limits<double>::infinity())) return *record;
}

std::unique_ptr<Learner> make_learner(const Settings& settings, std::shared_ptr<Energy> energy, Batch data) {
    if (auto density = std::dynamic_pointer_cast<Density>(energy))
        return std::make_unique<MaximumLikelihood>(settings, std::move(density), std::move(data));
    if (auto classifier = std::dynamic_pointer_cast<Classifier>(energy))
        return std::make_unique<CrossEntropy>(settings, std::move(classifier), std::move(data));
    if (settings.train.method == Method::score_matching)
        return std::make_unique<ScoreMatching>(settings, std::move(energy), std::move(data));
    return std::make_unique<ContrastiveDivergence>(settings, std::move(energy), std::move(data));
}

} // namespace ebm
