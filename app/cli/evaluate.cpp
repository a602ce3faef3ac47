#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/score_report.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <numbers>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

struct EvaluateOptions : ModelOptions {
    std::vector<std::string> ood, scores = {"energy"};
    std::string columns;
    bool json = false, all = false, ais = false;
    measure::AnnealSettings annealing;
};

using Annealed = std::optional<measure::Annealed>;

/// "not a number", "infinite".
std::string what_is(double value) {
    return std::isnan(value) ? "not a number" : "infinite";
}

std::string why_no_kl(const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    if (!laboratory.kind().plane) return "there is no exact density of images";
    return evaluation.plane_problem.empty() ? "the data have no exact density" : evaluation.plane_problem;
}

/// Why nothing of the plane is known although the model is one of the plane; else that it is not.
std::string why_no_plane(const lab::Laboratory& laboratory, const lab::Evaluation& evaluation,
                         const std::string& otherwise) {
    if (!laboratory.kind().plane) return "it is known on the plane only";
    return evaluation.plane_problem.empty() ? otherwise : evaluation.plane_problem;
}

/// Whether the number beside it is exact, and if not how it is bounded.
void put_bound(Json& json, const std::string& prefix, const std::string& bound) {
    json[prefix + "exact"] = bound.empty();
    json[prefix + "bound"] = bound.empty() ? Json() : Json(bound);
}

void put_divergence(Json& json, const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    if (!evaluation.divergence) {
        for (const char* key : {"kl", "kl_error", "data_mass", "data_mass_error"})
            put_unknown(json, key, why_no_kl(laboratory, evaluation));
        return;
    }
    const measure::Divergence& divergence = *evaluation.divergence;
    put(json, "kl", divergence.kl, "it is " + what_is(divergence.kl));
    put(json, "kl_error", divergence.error, "it is " + what_is(divergence.error));
    put_bound(json, "kl_", evaluation.bound);
    json["kl_note"] = divergence.note();
    json["data_mass"] = divergence.data_mass;
    json["data_mass_error"] = divergence.data_mass_error;
}

/// Why log Z by quadrature is not what KL and likelihood are with.
std::string check_of_log_z(const lab::Evaluation& evaluation) {
    return evaluation.bound.empty()
               ? "The model is normalised, so its own log Z is 0, with which KL and likelihood are: below 0 "
                 "by "
                 "what it has outside the box."
               : "KL and likelihood are with log Z = 0: exp(−E) bounds the density p from below, and its "
                 "integral is below 1 by as much as it leaves out.";
}

void put_plane(Json& json, const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    const auto& sampler = laboratory.settings().sampler;
    json["box"] = {{"low", sampler.box_low}, {"high", sampler.box_high}};
    if (laboratory.kind().plane) json["temperature"] = evaluation.temperature;
    const auto unknown = [&](const char* key, const std::string& otherwise) {
        put_unknown(json, key, why_no_plane(laboratory, evaluation, otherwise));
    };
    if (evaluation.partition) {
        const measure::Partition& partition = *evaluation.partition;
        put(json, "log_z", partition.log_partition, "it is " + what_is(partition.log_partition));
        put(json, "log_z_error", partition.error, "it is " + what_is(partition.error));
        if (evaluation.normalised) json["log_z_note"] = check_of_log_z(evaluation);
    } else {
        unknown("log_z", "it was not computed");
        unknown("log_z_error", "it was not computed");
    }
    if (evaluation.held_out) {
        const lab::HeldOutLikelihood& held_out = *evaluation.held_out;
        Json& entry = json["held_out_log_likelihood"];
        put(entry, "mean", held_out.mean,
            held_out.count == 0 ? "no point lies in the box" : "an energy is infinite");
        put(entry, "standard_error", held_out.standard_error, "it needs two points with finite energies");
        entry["log_z_error"] = held_out.log_z_error;
        put_bound(entry, "", evaluation.bound);
        entry["n"] = held_out.count;
        entry["outside_box"] = held_out.outside;
    } else {
        unknown("held_out_log_likelihood", "there are no held-out data");
    }
    if (evaluation.modes.empty()) {
        unknown("modes", "the data have no known modes");
        return;
    }
    for (const lab::SetModes& set : evaluation.modes)
        json["modes"].push_back({{"name", set.name},
                                 {"n", set.shares.count},
                                 {"shares", set.shares.shares},
                                 {"true_share", 1.0 / static_cast<double>(set.shares.shares.size())},
                                 {"none", set.shares.none},
                                 {"missed", set.shares.missed},
                                 {"distance", set.shares.distance}});
    if (evaluation.model_modes)
        json["model_modes"] = {{"temperature", evaluation.temperature},
                               {"shares", evaluation.model_modes->shares},
                               {"none", evaluation.model_modes->none},
                               {"missed", evaluation.model_modes->missed},
                               {"distance", evaluation.model_modes->distance}};
}

void put_bits(Json& json, const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    if (!evaluation.bits) {
        put_unknown(json, "bits_per_dimension",
                    !laboratory.is_density()  ? "the model is not normalised"
                    : laboratory.kind().plane ? "it is known of pictures only"
                                              : "there are no held-out data");
        return;
    }
    const lab::BitsPerDimension& bits = *evaluation.bits;
    Json& entry = json["bits_per_dimension"];
    const std::string why = fmt::format("{} energies are not finite", count(bits.not_finite));
    put(entry, "mean", bits.mean, why);
    put(entry, "standard_error", bits.standard_error, bits.not_finite > 0 ? why : "it needs two pictures");
    entry["n"] = bits.count;
    entry["not_finite"] = bits.not_finite;
    put_bound(entry, "", bits.bound);
}

/// −E comes first, see evaluate().
ScoreReport report_of(const lab::Evaluation& evaluation) {
    const auto& views = evaluation.scores;
    return {*views.front(), {views.begin() + (views.size() > 1 ? 1 : 0), views.end()}};
}

/// What held-out pictures get from log Z, in bits a channel value of 8 bits.
std::optional<lab::BitsPerDimension> annealed_bits(const lab::Laboratory& laboratory,
                                                   const lab::Evaluation& evaluation, double temperature,
                                                   double log_z) {
    if (laboratory.kind().plane) return std::nullopt;
    const int elements = laboratory.kind().elements();
    auto bits = lab::bits_per_dimension(*evaluation.scores.front(), elements, {});
    if (!bits) return bits;
    // A step of 8 bits is 2 / 256 of the model's values.
    bits->mean = 7 + bits->mean / temperature + log_z / (elements * std::numbers::ln2);
    bits->standard_error /= temperature;
    return bits;
}

constexpr const char* on_the_grid =
    "of the density at the 8-bit values themselves; the bits of a flow have noise below the 8-bit step "
    "(dequantisation), so the two are not measured alike";

void put_annealed(Json& json, const lab::Laboratory& laboratory, const lab::Evaluation& evaluation,
                  const EvaluateOptions& options, const measure::Annealed& found) {
    Json& entry = json["ais"];
    put(entry, "log_z", found.log_z, "it is " + what_is(found.log_z));
    put(entry, "log_z_low", found.low, "it is " + what_is(found.low));
    put(entry, "log_z_high", found.high, "it is " + what_is(found.high));
    entry["temperature"] = options.annealing.temperature;
    entry["chain_temperature"] = laboratory.chain_temperature();
    entry["chains"] = found.chains;
    entry["effective_chains"] = found.effective_chains;
    entry["levels"] = found.levels;
    entry["leapfrogs"] = options.annealing.leapfrogs;
    entry["acceptance"] = found.acceptance;
    entry["step_sizes"] = {found.step_least, found.step_most};
    entry["energy_mean"] = found.energy_mean;
    entry["energy_sd"] = found.energy_sd;
    if (const auto bits = annealed_bits(laboratory, evaluation, options.annealing.temperature, found.log_z)) {
        put(entry, "bits_per_dimension", bits->mean, "an energy or log Z is not finite");
        entry["bits_per_dimension_note"] = on_the_grid;
    }
    entry["reverse"] = Json();
    if (!found.reverse) return;
    Json& reverse = entry["reverse"];
    put(reverse, "log_z", found.reverse->log_z, "it is " + what_is(found.reverse->log_z));
    put(reverse, "log_z_low", found.reverse->low, "it is " + what_is(found.reverse->low));
    put(reverse, "log_z_high", found.reverse->high, "it is " + what_is(found.reverse->high));
    reverse["effective_chains"] = found.reverse->effective_chains;
}

/// "0.0618 ± 0.0002".
std::string with_error(double value, double error) {
    return number(value) + " ± " + number(error, 2);
}

std::string annealed_text(const lab::Laboratory& laboratory, const lab::Evaluation& evaluation,
                          const EvaluateOptions& options, const measure::Annealed& found) {
    const auto& sampler = laboratory.settings().sampler;
    std::string text;
    const auto say = [&text](const std::string& line) { text += wrapped(line, 100, 0) + "\n"; };
    say(fmt::format(
        "log Z = {} nat by annealed importance sampling, 95 % interval {} … {} (on the box from {} to {})",
        number(found.log_z, 6), number(found.low, 6), number(found.high, 6), number(sampler.box_low),
        number(sampler.box_high)));
    if (found.reverse)
        say(fmt::format(
            "log Z = {} nat by as many chains that run back from exact samples, 95 % interval {} … "
            "{}: mostly too high, where the other is mostly too low",
            number(found.reverse->log_z, 6), number(found.reverse->low, 6), number(found.reverse->high, 6)));
    if (!found.no_reverse.empty()) say("No chains run back from exact samples. " + found.no_reverse);
    say(fmt::format(
        "{} chains over {} levels, {} leapfrog steps each of {} to {}; acceptance {:.2f}; the weights are "
        "worth {:.1f} chains{}",
        found.chains, found.levels, options.annealing.leapfrogs, number(found.step_least),
        number(found.step_most), found.acceptance, found.effective_chains,
        found.few() ? ": few, so log Z is likely to be higher. More levels (--ais-levels) help" : ""));
    say(fmt::format(
        "−E/T − log Z is a log density at T = {}; the chains of this scene run at T = {}. Energies of "
        "the density: {} ± {}.",
        number(options.annealing.temperature), number(laboratory.chain_temperature()),
        number(found.energy_mean), number(found.energy_sd)));
    if (const auto bits = annealed_bits(laboratory, evaluation, options.annealing.temperature, found.log_z))
        say(fmt::format(
            "Held-out data: {} bits per dimension (n {}), {}. Where log Z is too low, so are these.",
            with_error(bits->mean, bits->standard_error), count(bits->count), on_the_grid));
    return text + "\n";
}

std::string as_json(lab::Laboratory& laboratory, const lab::Evaluation& evaluation,
                    const EvaluateOptions& options, const Annealed& annealed) {
    Json json = {{"scene", laboratory.scene().name}, {"iteration", laboratory.iteration()}};
    put_divergence(json, laboratory, evaluation);
    lab::Snapshot snapshot;
    laboratory.fill(snapshot);
    json["kl_history"] = Json::array();
    if (snapshot.quality)
        for (const lab::QualityPoint& point : *snapshot.quality)
            if (std::isfinite(point.kl))
                json["kl_history"].push_back({{"iteration", point.iteration},
                                              {"seconds", point.seconds},
                                              {"kl", point.kl},
                                              {"kl_error", point.error},
                                              {"data_mass", point.data_mass}});
    put_plane(json, laboratory, evaluation);
    put_bits(json, laboratory, evaluation);

    if (annealed) put_annealed(json, laboratory, evaluation, options, *annealed);
    put_scores(json, report_of(evaluation));
    return json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string plane_text(const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    const auto& sampler = laboratory.settings().sampler;
    std::string text;
    const auto say = [&text](const std::string& line) { text += wrapped(line, 100, 0) + "\n"; };
    if (evaluation.temperature != 1)
        say(fmt::format("At T = {} (sampler.temperature): {} of exp(−E/T)", number(evaluation.temperature),
                        evaluation.modes.empty() ? "all of these numbers are"
                                                 : "KL, log Z, likelihood and the model's modes are"));
    if (!evaluation.plane_problem.empty()) say("No KL and no log Z: " + evaluation.plane_problem);
    if (evaluation.divergence) {
        const measure::Divergence& d = *evaluation.divergence;
        say(fmt::format(
            "KL(data‖model) {} {} nat, by quadrature on the box [{}, {}]², which holds {} % of the data",
            evaluation.bound.empty() ? "=" : "at most", with_error(d.kl, d.error), number(sampler.box_low),
            number(sampler.box_high),
            d.data_mass + d.data_mass_error >= 1 ? "100"
                                                 : with_error(100 * d.data_mass, 100 * d.data_mass_error)));
        if (!d.note().empty()) say("Note: " + d.note());
    }
    if (evaluation.partition)
        say(fmt::format("log Z = {} over the box{}{}",
                        with_error(evaluation.partition->log_partition, evaluation.partition->error),
                        evaluation.normalised ? ", a check. " : "",
                        evaluation.normalised ? check_of_log_z(evaluation) : ""));
    if (evaluation.held_out) {
        const lab::HeldOutLikelihood& held_out = *evaluation.held_out;
        std::string line = fmt::format(
            "Held-out log-likelihood {}{} nat a point (n {}", evaluation.bound.empty() ? "" : "at least ",
            with_error(held_out.mean, held_out.standard_error), count(held_out.count));
        if (held_out.outside > 0)
            line += fmt::format("; {} more lie outside the box, where the model has no density",
                                count(held_out.outside));
        say(line + ")");
    }
    if (!evaluation.bound.empty())
        say("These are bounds, as E is an upper bound of −log p: " + evaluation.bound + ".");
    const auto say_modes = [&say](const std::string& name, const measure::ModeShares& set) {
        const auto modes = static_cast<int>(set.shares.size());
        std::string shares;
        for (const double share : set.shares)
            shares += fmt::format(" {:.3f}", share);
        say(fmt::format(
            "{}: {} of {} modes found, distance {:.3f} from the data's share {:.3f} of each; none "
            "{:.3f}; shares{}",
            name, modes - set.missed, modes, set.distance, 1.0 / modes, set.none, shares));
    };
    for (const lab::SetModes& set : evaluation.modes)
        say_modes(set.name, set.shares);
    if (evaluation.model_modes)
        say_modes(evaluation.temperature == 1
                      ? "Model, exp(−E)"
                      : fmt::format("Model, exp(−E/T) at T = {}", number(evaluation.temperature)),
                  *evaluation.model_modes);
    return text.empty() ? text : text + "\n";
}

std::string as_text(const lab::Laboratory& laboratory, const lab::Evaluation& evaluation,
                    const EvaluateOptions& options, const Annealed& annealed) {
    std::string text =
        fmt::format("{}, iteration {}\n\n", laboratory.scene().title, count(laboratory.iteration()));
    text += plane_text(laboratory, evaluation);
    if (evaluation.bits) {
        const lab::BitsPerDimension& bits = *evaluation.bits;
        std::string line = fmt::format("Held-out data: {} bits per dimension (n {}",
                                       with_error(bits.mean, bits.standard_error), count(bits.count));
        if (bits.not_finite > 0) line += fmt::format("; {} energies are not finite", count(bits.not_finite));
        if (!bits.bound.empty()) line += "; an upper bound: " + bits.bound;
        text += wrapped(line + ")", 100, 0) + "\n\n";
    }
    if (annealed) text += annealed_text(laboratory, evaluation, options, *annealed);
    return text + scores_text(report_of(evaluation));
}

int evaluate(const EvaluateOptions& options) {
    lab::Laboratory laboratory(options.laboratory());
    open_model(laboratory, options);
    if (options.ais && laboratory.is_density())
        laboratory.anneal(options.annealing, {}); // says that there is no log Z to estimate, before long work
    std::vector<std::pair<std::string, lab::Samples>> extra;
    for (const std::string& set : options.ood) {
        const std::size_t equals = set.find('=');
        extra.emplace_back(set.substr(0, equals), laboratory.read(set.substr(equals + 1), options.columns));
    }
    // Means and histograms of sets are those of energies, whatever they are scored by.
    std::vector<ScoreKind> kinds = chosen_scores(laboratory, options.scores);
    if (kinds != std::vector{ScoreKind::energy}) kinds.insert(kinds.begin(), ScoreKind::energy);
    const lab::Evaluation evaluation = laboratory.evaluate(extra, options.all ? 0 : 10'000, kinds);
    Annealed annealed;
    if (options.ais) {
        measure::AnnealSettings settings = options.annealing;
        settings.seed = static_cast<std::uint64_t>(laboratory.settings().train.seed);
        catch_interrupts();
        Progress progress("Annealing", "%", 0, 100);
        annealed = laboratory.anneal(settings, [&](double share) {
            progress.update(static_cast<std::int64_t>(100 * share));
            return !interrupted();
        });
        progress.finish();
    }
    print(stdout, options.json ? as_json(laboratory, evaluation, options, annealed)
                               : as_text(laboratory, evaluation, options, annealed));
    return exit_done;
}

} // namespace

void add_evaluate(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "evaluate",
        "KL, log Z and held-out likelihood on the plane; energies and AUROC of out-of-distribution sets");
    auto options = std::make_shared<EvaluateOptions>();
    add_model_options(*app, *options);
    app->add_option("--ood", options->ood, "Another out-of-distribution set, beside the scene's own")
        ->type_name("NAME=FILE")
        ->allow_extra_args(false)
        ->check([](const std::string& text) {
            const std::size_t equals = text.find('=');
            return equals == 0 || equals == std::string::npos || equals + 1 == text.size()
                       ? "'" + text + "' is not of the form name=file"
                       : std::string();
        });
    add_scores(
        *app, options->scores,
        "By what sets are told from held-out data, several with commas; default energy, which is −E. all: "
        "every score that the model can give, see below. Scores that are fitted use every second sample "
        "of the held-out data, and score the others");
    add_columns(*app, options->columns);
    app->add_flag(
        "--all", options->all,
        "Score every sample of sets above 10,000 (or fewer, with more than ten classes), not an even part of "
        "them");
    app->add_flag(
        "--ais", options->ais,
        "Estimate log Z of exp(-E/T) on the sampler's box by annealed importance sampling, in as many "
        "dimensions as the model has: Hamiltonian moves with mirrors at the walls, step sizes from a dry "
        "run");
    const auto whole = [&](const char* name, int& value, int most, const char* help) {
        app->add_option(name, value, help)
            ->type_name("N")
            ->check(CLI::Range(name == std::string("--ais-chains") ? 2 : 1, most).description(""))
            ->capture_default_str();
    };
    whole("--ais-chains", options->annealing.chains, 100'000, "Chains of --ais");
    whole("--ais-levels", options->annealing.levels, 10'000'000,
          "Steps of --ais from the uniform density to the model's: more make it surer and slower");
    app->add_option("--ais-temperature", options->annealing.temperature, "T of --ais")
        ->type_name("T")
        ->check(real_number(1e-9, 1e9))
        ->capture_default_str();
    app->add_flag(
        "--json", options->json,
        "Print JSON: kl with kl_error, data_mass and kl_history, log_z, held_out_log_likelihood, modes, "
        "bits_per_dimension of normalised models of pictures, sets with their histograms, overlap of "
        "the energies of training and held-out data, accuracy of conditional models, ood with {name, score, "
        "n, auroc, auroc_low, auroc_high, aupr, fpr95, roc}, and "
        "ais. "
        "What is unknown is null, with a field …_reason beside it");
    app->footer("Examples:\n"
                "  ebmlab evaluate --checkpoint runs/moons/last.safetensors\n"
                "  ebmlab evaluate --checkpoint runs/fashion/last.safetensors --ood "
                "digits=train-images-idx3-ubyte.gz --json\n"
                "  ebmlab evaluate --scene fashion_mnist_convnet --score all\n"
                "\n" +
                scores_in_words() + "\n" + program.get_footer());
    app->callback([options, &action] { action = [options] { return evaluate(*options); }; });
}

} // namespace ebm::cli
