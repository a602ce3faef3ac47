#include "core/measure/diagnostics.h"

#include "core/measure/record.h"
#include "core/settings/settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

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
    if (!r.has_negatives()) return std::isfinite(r.loss) && std::isfinite(r.parameter_gradient_norm);
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

using Changes = std::vector<std::pair<std::string, std::string>>;

Health verdict(HealthLevel level, std::string sentence, std::string remedy = {}, Changes changes = {},
               Health::Then then = Health::Then::go_on) {
    return {level, std::move(sentence), {}, std::move(remedy), std::move(changes), then};
}

Health attention(std::string sentence, std::string remedy, Changes changes = {},
                 Health::Then then = Health::Then::go_on) {
    return verdict(HealthLevel::attention, std::move(sentence), std::move(remedy), std::move(changes), then);
}

std::pair<std::string, std::string> scaled(std::string key, double value, double factor) {
    return {std::move(key), number_text(value * factor)};
}

/// Half the learning rate, or that of the plane's recipe where it is many times higher.
std::pair<std::string, std::string> slower(const Settings& settings, bool cold) {
    const double rate = settings.train.learning_rate, recipe = Settings().train.learning_rate;
    return {"train.learning_rate", number_text(!cold && rate > 2 * recipe ? recipe : rate / 2)};
}

/// What MALA needs beside itself where the energy has steep walls: without, every proposal there is refused
/// for ever and the energy goes on sharpening behind the chains' backs.
void limit_drift(Changes& changes, const Settings& settings) {
    if (settings.sampler.drift_limit == 0 && settings.sampler.step_spread <= 1)
        changes.emplace_back("sampler.drift_limit", number_text(Settings().sampler.drift_limit));
}

Health collapsed(const Signs& signs, const Settings& settings) {
    const std::string sentence =
        "Diverging: the data lie far below the negatives, which no longer follow the energy";
    Changes changes;
    if (!signs.cold && signs.clipped > clipped_too_often)
        return verdict(HealthLevel::failure, sentence,
                       "Nearly every element of the gradient is clipped, so the pull is too weak for the "
                       "chains to follow. Take the clip off, and go back to the newest good state.",
                       {{"sampler.gradient_clip", "0"}}, Health::Then::roll_back);
    if (settings.sampler.kind == SamplerKind::langevin && !signs.cold) {
        changes.emplace_back("sampler.kind", "mala");
        limit_drift(changes, settings);
        return verdict(
            HealthLevel::failure, sentence,
            "Plain Langevin steps overshoot where the energy is steep. MALA refuses such steps, and a "
            "limited drift lets it move on steep walls; the energy of now is lost to both, so reset.",
            changes, Health::Then::reset);
    }
    if (signs.cold && settings.data.noise < settings.sampler.noise)
        return verdict(
            HealthLevel::failure, sentence,
            "Constant pixels tell data from chains: give the data twice the noise of the chains and reset.",
            {scaled("data.noise", std::max(settings.sampler.noise, 0.005), 2)}, Health::Then::reset);
    if (!signs.cold) limit_drift(changes, settings);
    if (!changes.empty())
        return verdict(
            HealthLevel::failure, sentence,
            "On steep walls every proposal is refused and the chains stand still. Limit the drift, so that "
            "they can move there, and reset.",
            changes, Health::Then::reset);
    return verdict(
        HealthLevel::failure, sentence,
        "The energy changes faster than the chains can follow. Go back to the newest good state with a lower "
        "learning rate.",
        {slower(settings, signs.cold)}, Health::Then::roll_back);
}

/// How the sampler works, by its acceptance and what it clips and clamps; nothing if that is well.
std::optional<Health> sampler_trouble(const Signs& signs, const Settings& settings) {
    const auto& sampler = settings.sampler;
    const double usual = Settings().sampler.step_size;
    if (signs.acceptance < low_acceptance && sampler.step_size > 4 * usual)
        return attention("Most proposals are rejected: the chains stand still",
                         "The steps are far too long. Go back to the step size of the plane's recipe.",
                         {{"sampler.step_size", number_text(usual)}});
    if (signs.acceptance < low_acceptance)
        return attention("Most proposals are rejected: the chains stand still", "Halve the step size.",
                         {scaled("sampler.step_size", sampler.step_size, 0.5)});
    if (signs.acceptance > high_acceptance)
        return attention("Nearly every proposal is accepted: the chains crawl", "Double the step size.",
                         {scaled("sampler.step_size", sampler.step_size, 2)});
    if (signs.clipped > clipped_too_often)
        return attention("Nearly every gradient element is clipped: the chains see only its sign",
                         "Raise the gradient clip, or the energy L2, which flattens the energy.",
                         {scaled("sampler.gradient_clip", sampler.gradient_clip, 2)});
    if (signs.clamped > clamped_too_often)
        return attention("The chains are pressed against the walls of the box", "Halve the step size.",
                         {scaled("sampler.step_size", sampler.step_size, 0.5)});
    return {};
}

/// Chains cannot reach what lies outside their box, so nothing holds the energy up there.
std::optional<Health> box_trouble(const Circumstances& around, const Settings& settings, bool diverging) {
    if (around.data_outside == 0 || !settings.sampler.box) return {};
    const double reach = 1.05 * std::max(std::abs(around.data_low), std::abs(around.data_high));
    const std::string edge = number_text(std::ceil(2 * reach) / 2);
    const std::string sentence = std::to_string(around.data_outside) + " of " +
                                 std::to_string(around.data_count) +
                                 " training points lie outside the sampler's box: no chain gets there, and "
                                 "the energy falls without end";
    return verdict(diverging ? HealthLevel::failure : HealthLevel::attention, sentence,
                   "Widen the box to \u00b1" + edge + " and reset.",
                   {{"sampler.box_low", "-" + edge}, {"sampler.box_high", edge}}, Health::Then::reset);
}

Health decide(const Signs& signs, const Record& now, const Settings& settings, const Circumstances& around) {
    // An autoencoder's energy is 0 at best, and negatives that come fresh from its decoder lie above the data
    // for good. Its unit is an error as large as the contrast.
    const bool autoencoder = settings.model.energy == "autoencoder";
    const double limit = autoencoder
                             ? collapse_cold * std::max(1.0, settings.model.output_scale) + signs.noise
                             : (signs.cold ? collapse_cold : collapse) + signs.noise;
    const bool settled = now.iteration > settling;
    if (const auto box = box_trouble(around, settings, settled && signs.difference < -limit)) return *box;
    if (!settled) return verdict(HealthLevel::unknown, "Starting: the first 100 iterations say little");
    if (signs.difference < -limit) return collapsed(signs, settings);
    if (signs.difference > limit)
        return attention("The chains lie below the data: they sit in valleys that the data do not fill",
                         "More steps let the chains follow the energy, and the training fills such valleys.",
                         {{"sampler.steps", std::to_string(std::min(1000, 2 * settings.sampler.steps))}});
    if (!signs.cold && signs.steepest > steep)
        return attention("The energy is getting steep: a sign that comes before divergence",
                         "Lower the learning rate.", {slower(settings, signs.cold)});
    if (const auto trouble = sampler_trouble(signs, settings)) return *trouble;
    if (signs.swing < swing && signs.difference_sd > limit)
        return attention("E\u207a \u2212 E\u207b swings: the model changes faster than the chains can follow",
                         "Lower the learning rate.", {slower(settings, signs.cold)});
    if (now.learning_rate == 0)
        return verdict(HealthLevel::good,
                       "Finished: the learning rate has reached 0. Data and samples have the same energy");
    if (autoencoder && signs.difference < -signs.noise)
        return verdict(HealthLevel::good, "Healthy: the negatives are reconstructed worse than the data");
    return verdict(HealthLevel::good, "Healthy: data and samples have the same energy");
}

/// Chains without a training to judge: of an analytic energy, or of a model that was trained before.
Health chains_alone(const Signs& signs, const Settings& settings, const Circumstances& around) {
    if (const auto trouble = sampler_trouble(signs, settings)) return *trouble;
    if (std::isnan(around.acceptance) && std::isnan(around.clamped_share))
        return verdict(HealthLevel::unknown, "Nothing has been trained yet");
    return verdict(HealthLevel::good, "The chains move as they should");
}

constexpr double rise = 3;          ///< of the loss above its lowest level, in standard errors of both
constexpr double least_rise = 0.01; ///< as a share of the loss

/// A training without negatives: the loss is what is minimised, so it may only fall.
Health judge_loss(Records records, const Settings& settings, const Circumstances& around) {
    const auto loss = [](const auto& r) { return r.loss; };
    const Records recent = last(records, window);
    const double level = mean_of(recent, loss);
    double lowest = std::numeric_limits<double>::infinity();
    for (std::size_t end = window; end <= records.size(); end += window)
        lowest = std::min(lowest, mean_of(records.subspan(end - window, window), loss));
    const double spread = mean_of(recent, [&](const auto& r) { return std::pow(r.loss - level, 2); });
    const double noise = rise * std::sqrt(2 * spread / static_cast<double>(recent.size()));
    const Record& now = records.back();
    Health health;
    if (now.iteration <= settling)
        health = verdict(HealthLevel::unknown, "Starting: the first 100 iterations say little");
    else if (level > lowest + noise + least_rise * std::abs(lowest))
        health = attention("The loss rises: the steps are too long", "Lower the learning rate.",
                           {slower(settings, true)});
    else if (now.learning_rate == 0)
        health = verdict(HealthLevel::good, "Finished: the learning rate has reached 0");
    else
        health = verdict(HealthLevel::good, "Healthy: the loss does not rise");
    // A VAE's loss is no bound before all of the divergence is in it.
    const bool warming = settings.model.energy == "vae" && now.iteration <= settings.model.latent_warm_up;
    const std::string of = warming ? ", with a part of the divergence" : around.bound ? ", at most" : "";
    const std::string name = around.learning == Learning::classes ? "\u2212log p(y|x), mean of 20, nats"
                             : around.learning == Learning::score_matching
                                 ? "noise not found, mean of 20"
                                 : "\u2212log p" + of + ", mean of 20, nats";
    health.numbers = {{name, level}};
    if (!std::isnan(now.bits_per_dimension))
        health.numbers.emplace_back("bits per dimension" + of,
                                    mean_of(recent, [](const auto& r) { return r.bits_per_dimension; }));
    health.numbers.emplace_back("norm of the weights' gradient",
                                mean_of(recent, [](const auto& r) { return r.parameter_gradient_norm; }));
    return health;
}

} // namespace

Health judge(const std::vector<Record>& all, const Settings& settings, const Circumstances& around) {
    Signs signs;
    signs.acceptance = signs.clipped = signs.clamped = Circumstances::unknown;
    const Records records = last(all, remembered);
    if (!std::all_of(records.begin(), records.end(), finite))
        return verdict(HealthLevel::failure, "Failed: a value is no longer finite",
                       "Go back to the newest good state with a lower learning rate.",
                       {slower(settings, false)}, Health::Then::roll_back);
    if (!records.empty() && !records.back().has_negatives()) return judge_loss(records, settings, around);
    if (!records.empty()) signs = read(records, settings);
    if (!around.training || records.empty()) {
        // What the records say of the sampler is over.
        signs.acceptance = around.acceptance;
        signs.clipped = around.clipped_share;
        signs.clamped = around.clamped_share;
    }
    if (!records.empty() && data_only(settings, records.back().iteration))
        return verdict(HealthLevel::good,
                       "Learning to reconstruct the data; negatives come after iteration " +
                           std::to_string(settings.train.data_only));
    Health health = records.empty() ? chains_alone(signs, settings, around)
                                    : decide(signs, records.back(), settings, around);
    if (!records.empty()) {
        health.numbers = {{"E\u207a \u2212 E\u207b, mean of 20", signs.difference}};
        if (signs.cold)
            health.numbers.emplace_back("clipped share", signs.clipped);
        else
            health.numbers.emplace_back("max |\u2207E|", signs.steepest);
    }
    if (!std::isnan(signs.acceptance)) health.numbers.emplace_back("acceptance", signs.acceptance);
    return health;
}

} // namespace ebm::measure
