#include "core/measure/chain_history.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ebm::measure {

void ChainHistory::add(const std::vector<std::vector<float>>& values) {
    if (values.size() != statistics_.size() || values.empty())
        throw Error("A step has another number of statistics than the history", std::to_string(values.size()),
                    "This is a mistake in the program. Please report it.");
    const std::size_t chains = std::min(values.front().size(), most_chains);
    if (chains != chains_) {
        clear();
        chains_ = chains;
        age_.assign(chains, 0);
    }
    std::vector<float> row;
    for (const std::vector<float>& statistic : values)
        row.insert(row.end(), statistic.begin(), statistic.begin() + static_cast<std::ptrdiff_t>(chains));
    steps_.push_back(std::move(row));
    if (steps_.size() > most_steps) steps_.pop_front();
    for (std::int64_t& age : age_)
        ++age;
}

void ChainHistory::restarted(std::size_t chain) {
    if (chain < age_.size()) age_[chain] = 0;
}

void ChainHistory::clear() {
    steps_.clear();
    age_.assign(chains_, 0);
}

std::vector<float> ChainHistory::path(const std::string& statistic, std::size_t chain) const {
    const auto found = std::ranges::find(statistics_, statistic);
    if (found == statistics_.end())
        throw Error("The history has no such statistic", statistic,
                    "This is a mistake in the program. Please report it.");
    const std::size_t at = static_cast<std::size_t>(found - statistics_.begin()) * chains_ + chain;
    const auto kept = static_cast<std::size_t>(std::min(age_[chain], steps()));
    std::vector<float> values;
    for (std::size_t step = steps_.size() - kept; step < steps_.size(); ++step)
        values.push_back(steps_[step][at]);
    return values;
}

Mixing ChainHistory::mixing() const {
    Mixing result;
    result.effective_samples = result.r_hat = std::numeric_limits<double>::quiet_NaN();
    result.draws = steps();
    std::vector<std::size_t> whole;
    for (std::size_t chain = 0; chain < age_.size(); ++chain)
        if (age_[chain] >= steps()) whole.push_back(chain);
    std::size_t first = 0;
    const auto youngest = std::ranges::min_element(age_);
    if (whole.empty() && youngest != age_.end() && *youngest >= static_cast<std::int64_t>(fewest_steps)) {
        // All were put somewhere else: the steps since the last of them was.
        first = steps_.size() - static_cast<std::size_t>(*youngest);
        for (std::size_t chain = 0; chain < age_.size(); ++chain)
            whole.push_back(chain);
        result.draws = *youngest;
    }
    result.chains = static_cast<int>(whole.size());
    if (steps_.size() < fewest_steps) {
        result.reason =
            std::to_string(fewest_steps) + " steps are needed, there are " + std::to_string(steps_.size());
        return result;
    }
    if (whole.empty()) {
        result.reason =
            "every chain was restarted within the last " + std::to_string(steps_.size()) + " steps";
        return result;
    }
    for (std::size_t s = 0; s < statistics_.size(); ++s) {
        Chains chains(whole.size());
        for (std::size_t step = first; step < steps_.size(); ++step)
            for (std::size_t i = 0; i < whole.size(); ++i)
                chains[i].push_back(steps_[step][s * chains_ + whole[i]]);
        if (const std::string reason = why_unknown(chains); !reason.empty()) {
            if (result.reason.empty()) result.reason = statistics_[s] + ": " + reason;
            continue;
        }
        const double size = bulk_effective_sample_size(chains);
        if (!(size >= result.effective_samples)) {
            result.effective_samples = size;
            result.slowest = statistics_[s];
        }
        result.r_hat = std::fmax(result.r_hat, rank_r_hat(chains));
    }
    if (!std::isnan(result.effective_samples)) result.reason.clear();
    return result;
}

} // namespace ebm::measure
