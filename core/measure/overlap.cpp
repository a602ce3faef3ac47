#include "core/measure/overlap.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/measure/classification.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace ebm::measure {
namespace {

/// What is not finite is above all others.
std::vector<float> ordered(std::span<const float> energies) {
    std::vector<float> result(energies.begin(), energies.end());
    for (float& energy : result)
        if (!std::isfinite(energy)) energy = std::numeric_limits<float>::infinity();
    return result;
}

/// Bins of equal shares of all values: the bin of each value. Equal values share one.
std::vector<int> bins_of(const std::vector<float>& values) {
    std::vector<float> sorted = values;
    std::ranges::sort(sorted);
    std::vector<float> edges;
    for (std::size_t bin = 1; bin < overlap_bins; ++bin)
        edges.push_back(sorted[bin * sorted.size() / overlap_bins]);
    std::vector<int> bins;
    for (const float value : values)
        bins.push_back(static_cast<int>(std::ranges::upper_bound(edges, value) - edges.begin()));
    return bins;
}

/// Σ over bins of the smaller share; the first `training` of `bins` are the one set, the rest the other.
double shared(const std::vector<int>& bins, std::size_t training) {
    std::vector<double> first(overlap_bins), second(overlap_bins);
    for (std::size_t i = 0; i < bins.size(); ++i)
        ++(i < training ? first : second)[static_cast<std::size_t>(bins[i])];
    double sum = 0;
    for (std::size_t bin = 0; bin < overlap_bins; ++bin)
        sum += std::min(first[bin] / static_cast<double>(training),
                        second[bin] / static_cast<double>(bins.size() - training));
    return sum;
}

} // namespace

Overlap overlap(std::span<const float> training, std::span<const float> held_out, std::uint64_t seed) {
    if (training.empty() || held_out.empty())
        throw Error("There are no energies to compare", training.empty() ? "training data" : "held-out data",
                    "Give the scene more data.");
    const std::vector<float> seen = ordered(training), unseen = ordered(held_out);
    Overlap result;
    result.training = static_cast<std::int64_t>(seen.size());
    result.held_out = static_cast<std::int64_t>(unseen.size());
    std::vector<float> all = seen;
    all.insert(all.end(), unseen.begin(), unseen.end());
    result.not_finite = std::ranges::count_if(all, [](float energy) { return std::isinf(energy); });
    std::vector<int> bins = bins_of(all);
    result.share = shared(bins, seen.size());
    std::vector<double> dealt;
    for (std::uint32_t deal = 0; deal < overlap_deals; ++deal) {
        // Fisher and Yates: each order is as likely as any other.
        for (std::size_t i = bins.size() - 1; i > 0; --i) {
            const random::Words words =
                random::words({seed, random::Stream::choice, 0, static_cast<std::uint32_t>(i), deal}, 0);
            std::swap(bins[i], bins[static_cast<std::size_t>(words[0]) * (i + 1) >> 32]);
        }
        dealt.push_back(shared(bins, seen.size()));
    }
    std::ranges::sort(dealt);
    result.alike_low = dealt[overlap_deals / 40];
    result.alike_high = dealt[overlap_deals - 1 - overlap_deals / 40];
    const Detection detected = detection(seen, unseen);
    result.auroc = detected.auroc;
    result.auroc_low = detected.auroc_low;
    result.auroc_high = detected.auroc_high;
    return result;
}

std::string verdict(const Overlap& o) {
    if (!std::isfinite(o.auroc_low)) return {};
    if (o.auroc_low > 0.5) return "a sign of overfitting: what was seen is likelier";
    if (o.auroc_high < 0.5) return "held-out data are even likelier";
    return "no sign of learning by heart";
}

std::string in_words(const Overlap& o) {
    const std::string end = verdict(o);
    return fmt::format(
        "Energies of training and held-out data overlap by {:.0f} % (sets that are alike: {:.0f} to {:.0f} "
        "%). A training sample is the likelier one with probability {:.3f}{}.",
        100 * o.share, 100 * o.alike_low, 100 * o.alike_high, o.auroc,
        end.empty() ? end : fmt::format(" ({:.3f} to {:.3f}): {}", o.auroc_low, o.auroc_high, end));
}

} // namespace ebm::measure
