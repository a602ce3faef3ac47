#pragma once

#include "core/base/random.h"
#include "core/base/tensor.h"
#include "core/kernels/step.h"

#include <cmath>
#include <functional>
#include <utility>

namespace twin {

/// step.h word by word for one chain, in double precision, with the numbers of random.h.
class ReferenceChain {
public:
    /// x: of one sample, double. Returns its energy and ∇E like x.
    using Target = std::function<std::pair<double, torch::Tensor>(const torch::Tensor& x)>;

    ReferenceChain(Target target, const ebm::kernels::StepSettings& settings, ebm::random::Place place)
        : target_(std::move(target)), settings_(settings), place_(place) {}

    /// x: of one sample, double.
    torch::Tensor step(const torch::Tensor& x, bool& accepted) {
        using ebm::kernels::Rule;
        using torch::Tensor;
        namespace random = ebm::random;
        const Tensor noise = draw(random::Stream::noise, x), uniform = draw(random::Stream::jump, x);
        place_.stream = random::Stream::choice;
        const auto choice = random::words(place_, 0);
        ++place_.step;
        const double u = 2.0 * random::uniform(choice[2]) - 1;
        const double a = settings_.drift * std::pow(static_cast<double>(settings_.spread), u);
        const double s = settings_.noise * std::pow(static_cast<double>(settings_.spread), u / 2);
        const double accept = random::uniform(choice[0]);
        accepted = true;
        if (random::uniform(choice[1]) < settings_.jump_share) {
            const Tensor proposal = settings_.box_low + (settings_.box_high - settings_.box_low) * uniform;
            accepted = accept < std::exp((energy(x) - energy(proposal)) / settings_.temperature);
            return accepted ? proposal : x;
        }
        if (settings_.rule == Rule::published) {
            const Tensor moved = clamp(x + s * noise);
            return clamp(moved - a * gradient(moved));
        }
        if (settings_.rule == Rule::langevin) return clamp(x - a * gradient(x) + s * noise);
        const Tensor mean = x - a * gradient(x),
                     proposal = mean + std::sqrt(2 * a * settings_.temperature) * noise;
        const Tensor back = proposal - a * gradient(proposal);
        const double log_ratio =
            (energy(x) - energy(proposal)) / settings_.temperature +
            ((proposal - mean).square().sum() - (x - back).square().sum()).item<double>() /
                (4 * a * settings_.temperature);
        accepted = accept < std::exp(log_ratio) && torch::equal(clamp(proposal), proposal);
        return accepted ? proposal : x;
    }

private:
    torch::Tensor draw(ebm::random::Stream stream, const torch::Tensor& like) {
        place_.stream = stream;
        torch::Tensor result = torch::empty_like(like);
        double* at = result.data_ptr<double>();
        for (std::int64_t e = 0; e < like.numel(); ++e) {
            const auto words = ebm::random::words(place_, static_cast<std::uint32_t>(e / 4));
            const auto i = static_cast<std::size_t>(e % 4);
            at[e] = stream == ebm::random::Stream::noise ? ebm::random::normals(words)[i]
                                                         : ebm::random::uniform(words[i]);
        }
        return result;
    }
    double energy(const torch::Tensor& x) const { return target_(x).first; }
    torch::Tensor clamp(const torch::Tensor& x) const {
        return settings_.box ? x.clamp(settings_.box_low, settings_.box_high) : x;
    }
    torch::Tensor gradient(const torch::Tensor& x) const {
        torch::Tensor g = target_(x).second;
        if (settings_.gradient_clip > 0) g = g.clamp(-settings_.gradient_clip, settings_.gradient_clip);
        const double norm = g.norm().item<double>();
        return settings_.drift_limit > 0 && norm > settings_.drift_limit ? g * (settings_.drift_limit / norm)
                                                                         : g;
    }

    Target target_;
    ebm::kernels::StepSettings settings_;
    ebm::random::Place place_;
};

} // namespace twin
