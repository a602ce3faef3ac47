#include "core/measure/diagnostics.h"

#include "core/learn/record.h"
#include "core/settings/settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

/// The signs are those of Nijkamp et al. (2020), "On the anatomy of MCMC-based maximum likelihood learning of
/// energy-based models" (d = E⁺ − E⁻ around 0, its runaway to −∞) and of runs of the default recipe on the
/// plane: healthy ones keep the mean d of 20 iterations above −0.16, and |∇E| of single negatives passes 200
/// some 280 iterations before d runs away.
namespace ebm::measure {
namespace {

using Records = std::span<const Record>;

constexpr std::size_t remembered = 200, window = 20;
constexpr std::int64_t settling = 100; ///< iterations that say little
constexpr double collapse = 0.3;       ///< |d| at T = 1, in units of energy
constexpr double collapse_cold = 1.0;  ///< the same as published, where T is tiny and energies have no unit
constexpr double steep = 200;          ///< max |∇E| of a healthy plane
constexpr double low_acceptance = 0.2, high_acceptance = 0.95;
constexpr double clipped_too_often = 0.95, clamped_too_often = 0.98;
constexpr double swing = -0.5; ///< autocorrelation of d

template <class Value>
double mean_of(Records records, Value value) {
    double sum = 0;
    for (const Record& record : records)
        sum += value(record);
    return sum / static_cast<double>(records.size());
}

template <class Value>
double largest_of(Records records, Value value) {
    double largest = -std::numeric_limits<double>::infinity();
    for (const Record& record : records)
        largest = std::max<double>(largest, value(record));
    return largest;
}

Records last(Records records, std::size_t count) {
    return records.last(std::min(count, records.size()));
}

double difference(const Record& record) {
    return record.difference();
}

std::string number_text(double value) {
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, 3).ptr;
    return {digits, end};
}

bool finite(const Record& r) {
    return std::isfinite(r.loss) && std::isfinite(r.difference()) &&
           std::isfinite(r.parameter_gradient_norm) && std::isfinite(r.gradient_norm_max);
}

/// What the verdicts are made of.
struct Signs {
    double difference = 0; ///< mean d of the last 20
    double noise = 0;      ///< three standard errors of that mean
    double steepest = 0;   ///< smaller maximum of |∇E| of the last two windows of 20
    double acceptance = 0, clipped = 0, clamped = 0;
    double swing = 0; ///< lowest autocorrelation of d at lags 1 … 10
    double difference_sd = 0;
    bool cold = false; ///< the published mode: T far below 1
};

Signs read(Records records, const Settings& settings) {
    const Records recent = last(records, window);
    Signs signs;
    signs.cold =
        settings.sampler.kind == SamplerKind::langevin && settings.sampler.mode == SamplerMode::published;
    signs.difference = mean_of(recent, difference);
    const double spread = mean_of(recent, [](const auto& r) {
        return r.positive_energy_sd * r.positive_energy_sd + r.negative_energy_sd * r.negative_energy_sd;
    });
    signs.noise = 3 * std::sqrt(spread / static_cast<double>(settings.train.batch * recent.size()));
    const auto gradient = [](const auto& r) { return r.gradient_norm_max; };
    signs.steepest = largest_of(recent, gradient);
    if (records.size() >= 2 * window)
        signs.steepest =
            std::min(signs.steepest, largest_of(last(records, 2 * window).first(window), gradient));
    signs.acceptance = mean_of(recent, [](const auto& r) { return r.acceptance; });
    signs.clipped = mean_of(recent, [](const auto& r) { return r.clipped_share; });
    signs.clamped = mean_of(recent, [](const auto& r) { return r.clamped_share; });
    std::vector<double> series;
    for (const Record& record : records)
        series.push_back(record.difference());
    const double m = mean_of(records, difference);
    signs.difference_sd =
        std::sqrt(mean_of(records, [m](const auto& r) { return std::pow(r.difference() - m, 2); }));
    if (series.size() >= 100) {
        const auto correlation = autocorrelation(series, 10);
        signs.swing = *std::min_element(correlation.begin(), correlation.end());
    }
    return signs;
}

Health verdict(HealthLevel level, std::string sentence, std::string remedy = {},
               std::optional<std::pair<std::string, std::string>> change = {}) {
    return {level, std::move(sentence), {}, std::move(remedy), std::move(change)};
}

std::pair<std::string, std::string> scaled(std::string key, double value, double factor) {
    return {std::move(key), number_text(value * factor)};
}

Health collapsed(const Signs& signs, const Settings& settings) {
    const std::string sentence =
        "Diverging: the data lie far below the chains, which no longer follow the energy";
    if (settings.sampler.kind == SamplerKind::langevin && !signs.cold)
        return verdict(HealthLevel::failure, sentence,
                       "Plain Langevin steps overshoot where the energy is steep. MALA rejects such steps: "
                       "choose it and "
                       "reset.",
                       {{"sampler.kind", "mala"}});
    if (signs.cold && settings.data.noise < settings.sampler.noise)
        return verdict(
            HealthLevel::failure, sentence,
            "Constant pixels tell data from chains: give the data twice the noise of the chains and reset.",
            scaled("data.noise", std::max(settings.sampler.noise, 0.005), 2));
    return verdict(HealthLevel::failure, sentence,
                   "Go back to the last checkpoint or reset, with half the learning rate.",
                   scaled("train.learning_rate", settings.train.learning_rate, 0.5));
}

Health attention(std::string sentence, std::string remedy,
                 std::optional<std::pair<std::string, std::string>> change = {}) {
    return verdict(HealthLevel::attention, std::move(sentence), std::move(remedy), std::move(change));
}

Health decide(const Signs& signs, const Record& now, const Settings& settings) {
    const auto& sampler = settings.sampler;
    const double limit = (signs.cold ? collapse_cold : collapse) + signs.noise;
    if (now.iteration <= settling)
        return verdict(HealthLevel::unknown, "Starting: the first 100 iterations say little");
    if (signs.difference < -limit) return collapsed(signs, settings);
    if (signs.difference > limit)
        return attention("The chains lie below the data: they sit in valleys that the data do not fill",
                         "More steps let the chains follow the energy, and the training fills such valleys.",
                         {{"sampler.steps", std::to_string(std::min(1000, 2 * sampler.steps))}});
    if (!signs.cold && signs.steepest > steep)
        return attention("The energy is getting steep: a sign that comes before divergence",
                         "Halve the learning rate.",
                         scaled("train.learning_rate", settings.train.learning_rate, 0.5));
    if (signs.acceptance < low_acceptance)
        return attention("Most proposals are rejected: the chains stand still", "Halve the step size.",
                         scaled("sampler.step_size", sampler.step_size, 0.5));
    if (signs.acceptance > high_acceptance)
        return attention("Nearly every proposal is accepted: the chains crawl", "Double the step size.",
                         scaled("sampler.step_size", sampler.step_size, 2));
    if (signs.clipped > clipped_too_often)
        return attention("Nearly every gradient element is clipped: the chains see only its sign",
                         "Raise the gradient clip, or the energy L2, which flattens the energy.",
                         scaled("sampler.gradient_clip", sampler.gradient_clip, 2));
    if (signs.clamped > clamped_too_often)
        return attention("The chains are pressed against the walls of the box", "Halve the step size.",
                         scaled("sampler.step_size", sampler.step_size, 0.5));
    if (signs.swing < swing && signs.difference_sd > limit)
        return attention("E\u207a \u2212 E\u207b swings: the model changes faster than the chains can follow",
                         "Halve the learning rate.",
                         scaled("train.learning_rate", settings.train.learning_rate, 0.5));
    if (now.learning_rate == 0)
        return verdict(HealthLevel::good,
                       "Finished: the learning rate has reached 0. Data and samples have the same energy");
    return verdict(HealthLevel::good, "Healthy: data and samples have the same energy");
}

} // namespace

Health judge(const std::vector<Record>& all, const Settings& settings) {
    if (all.empty()) return verdict(HealthLevel::unknown, "Nothing has been trained yet");
    const Records records = last(all, remembered);
    if (!std::all_of(records.begin(), records.end(), finite))
        return verdict(HealthLevel::failure, "Failed: a value is no longer finite",
                       "Go back to the last checkpoint or reset, with half the learning rate.",
                       scaled("train.learning_rate", settings.train.learning_rate, 0.5));
    const Signs signs = read(records, settings);
    Health health = decide(signs, records.back(), settings);
    health.numbers = {{"E\u207a \u2212 E\u207b, mean of 20", signs.difference}};
    if (signs.cold)
        health.numbers.emplace_back("clipped share", signs.clipped);
    else
        health.numbers.emplace_back("max |\u2207E|", signs.steepest);
    if (!std::isnan(signs.acceptance)) health.numbers.emplace_back("acceptance", signs.acceptance);
    return health;
}

} // namespace ebm::measure
