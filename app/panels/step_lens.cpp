#include "app/panels/step_lens.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace ebm::panels {
namespace {

float length(const StepLens::Vector& v) {
    return std::hypot(v[0], v[1]);
}

StepLens::Vector between(const StepLens::Vector& a, const StepLens::Vector& b) {
    return {b[0] - a[0], b[1] - a[1]};
}

} // namespace

std::string StepLens::title() const {
    return fmt::format("Step of #{}{}, \u00d7 {:g}", chain, refused ? ", refused" : "", factor);
}

float StepLens::pull() const {
    return length(noise_first ? between(first, second) : first);
}

float StepLens::kick() const {
    return length(noise_first ? first : between(first, second));
}

std::optional<StepLens> step_lens(const lab::StepParts& parts, int chain, float pixels, float reach) {
    const std::size_t at = 2 * static_cast<std::size_t>(std::max(0, chain));
    if (chain < 0 || at + 1 >= parts.start.size() || !(pixels > 0)) return std::nullopt;
    const auto vector = [at](const std::vector<float>& of_all) {
        return at + 1 < of_all.size() ? StepLens::Vector{of_all[at], of_all[at + 1]} : StepLens::Vector{};
    };
    const std::size_t index = at / 2;
    const auto flag = [index](const std::vector<std::uint8_t>& flags, bool without) {
        return index < flags.size() ? flags[index] != 0 : without;
    };
    StepLens lens;
    lens.chain = chain;
    lens.noise_first = parts.noise_first;
    lens.jumped = flag(parts.jumped, false);
    lens.refused = !flag(parts.accepted, true);
    const StepLens::Vector kick = vector(parts.kick), pull = vector(parts.pull);
    lens.end = between(vector(parts.start), vector(parts.proposal));
    lens.first = lens.jumped ? lens.end : parts.noise_first ? kick : pull;
    lens.second = lens.jumped ? lens.end : StepLens::Vector{kick[0] + pull[0], kick[1] + pull[1]};
    float widest = 0;
    for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
        const auto [low, high] = std::minmax({0.0f, lens.first[axis], lens.second[axis], lens.end[axis]});
        widest = std::max(widest, high - low);
    }
    if (!(widest > 0) || !std::isfinite(widest)) return std::nullopt;
    const double most = reach / (static_cast<double>(widest) * pixels);
    const double power = std::pow(10.0, std::floor(std::log10(most)));
    lens.factor = power * (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1);
    return lens;
}

} // namespace ebm::panels
