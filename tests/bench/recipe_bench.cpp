// The default recipe on every plane set: KL(data‖model) by quadrature and seconds. Run by hand, never by
// ctest.
//
//   recipe_bench [--sets a,b] [--seeds N] [--first-seed N] [--threads N] [--set key=value]… [--trace N]

#include "core/base/error.h"
#include "core/base/tensor.h"
#include "core/data/plane.h"
#include "core/learn/contrastive_divergence.h"
#include "core/measure/diagnostics.h"
#include "core/measure/quadrature.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

struct Options {
    std::vector<std::string> sets;
    int seeds = 5, first_seed = 1, threads = 1, trace = 0;
    ebm::Settings settings;
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string flag = argv[i], value = argv[i + 1];
        if (flag == "--sets") {
            for (std::size_t at = 0; at <= value.size();) {
                const std::size_t comma = std::min(value.find(',', at), value.size());
                options.sets.push_back(value.substr(at, comma - at));
                at = comma + 1;
            }
        } else if (flag == "--seeds") {
            options.seeds = std::stoi(value);
        } else if (flag == "--first-seed") {
            options.first_seed = std::stoi(value);
        } else if (flag == "--threads") {
            options.threads = std::stoi(value);
        } else if (flag == "--trace") {
            options.trace = std::stoi(value);
        } else if (flag == "--set") {
            const std::size_t equals = value.find('=');
            ebm::setting(value.substr(0, equals)).set_text(options.settings, value.substr(equals + 1));
        } else {
            throw ebm::Error("There is no option " + flag, "recipe_bench",
                             "See the head of recipe_bench.cpp.");
        }
    }
    if (options.sets.empty())
        for (const auto& set : ebm::data::plane_sets())
            options.sets.emplace_back(set.name);
    return options;
}

/// KL(data‖model) in nats over the box.
double divergence(const ebm::data::PlaneSet& set, const ebm::Energy& energy, const ebm::Settings& settings) {
    const torch::NoGradGuard no_graph;
    ebm::measure::PlaneQuadrature quadrature({settings.sampler.box_low, settings.sampler.box_high},
                                             set.log_density, set.sample(4000, 1), ebm::measure::thorough);
    return quadrature
        .divergence([&](std::span<const float> points) {
            const torch::Tensor x = torch::from_blob(const_cast<float*>(points.data()),
                                                     {static_cast<std::int64_t>(points.size()) / 2, 2});
            const torch::Tensor energies = energy.value(x).contiguous();
            return std::vector<float>(energies.data_ptr<float>(),
                                      energies.data_ptr<float>() + energies.numel());
        })
        .kl;
}

struct Outcome {
    double kl = 0, seconds = 0, lowest_difference = 0, largest_gradient = 0;
    std::string verdict;
};

Outcome train(const ebm::data::PlaneSet& set, ebm::Settings settings, int seed, int trace) {
    settings.train.seed = seed;
    const auto points = set.sample(settings.data.count, static_cast<std::uint64_t>(seed));
    const torch::Tensor data = torch::tensor(points).view({-1, 2});
    ebm::ContrastiveDivergence learner(
        settings, ebm::make_energy(settings, {2}, static_cast<std::uint64_t>(seed)), data);
    Outcome outcome;
    std::vector<ebm::Record> records;
    double window = 0;
    for (int i = 1; i <= settings.train.iterations; ++i) {
        records.push_back(learner.step(settings));
        window += records.back().difference() / 20;
        if (i > 20) window -= records[records.size() - 21].difference() / 20;
        if (i > 100) outcome.lowest_difference = std::min(outcome.lowest_difference, window);
        if (i > 100)
            outcome.largest_gradient =
                std::max<double>(outcome.largest_gradient, records.back().gradient_norm_max);
        if (trace > 0 && i % trace == 0) {
            const auto& r = records.back();
            std::printf(
                "  %6d d %8.4f E+ %8.3f sd %6.3f E- %8.3f sd %6.3f |g| %7.2f max %8.1f accept %.3f jump %.3f "
                "norm %7.3f kl %.4f  %s\n",
                i, window, r.positive_energy, r.positive_energy_sd, r.negative_energy, r.negative_energy_sd,
                r.gradient_norm, r.gradient_norm_max, r.acceptance, r.jump_acceptance,
                r.parameter_gradient_norm, divergence(set, *learner.average(), settings),
                ebm::measure::judge(records, settings).sentence.c_str());
        }
    }
    outcome.seconds = records.back().seconds;
    outcome.kl = divergence(set, *learner.average(), settings);
    outcome.verdict = ebm::measure::judge(records, settings).sentence;
    return outcome;
}

} // namespace

int main(int argc, char** argv) try {
    const Options options = parse(argc, argv);
    at::set_num_threads(options.threads);
    std::printf("%-16s %8s %8s %8s %8s %9s %9s\n", "set", "median", "worst", "seconds", "it/s", "lowest d",
                "max |g|");
    for (const std::string& name : options.sets) {
        const auto& set = ebm::data::plane_set(name);
        std::vector<Outcome> outcomes;
        for (int s = 0; s < options.seeds; ++s) {
            outcomes.push_back(train(set, options.settings, options.first_seed + s, options.trace));
            std::printf("  seed %d kl %.4f %.1f s  %s\n", options.first_seed + s, outcomes.back().kl,
                        outcomes.back().seconds, outcomes.back().verdict.c_str());
        }
        std::sort(outcomes.begin(), outcomes.end(), [](const auto& a, const auto& b) { return a.kl < b.kl; });
        Outcome worst = outcomes.back();
        for (const auto& o : outcomes) {
            worst.lowest_difference = std::min(worst.lowest_difference, o.lowest_difference);
            worst.largest_gradient = std::max(worst.largest_gradient, o.largest_gradient);
            worst.seconds = std::max(worst.seconds, o.seconds);
        }
        std::printf("%-16s %8.4f %8.4f %8.1f %8.0f %9.3f %9.1f\n", name.c_str(),
                    outcomes[outcomes.size() / 2].kl, worst.kl, worst.seconds,
                    options.settings.train.iterations / worst.seconds, worst.lowest_difference,
                    worst.largest_gradient);
        std::fflush(stdout);
    }
} catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 1;
}
