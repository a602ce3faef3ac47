#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Json = nlohmann::ordered_json;

struct EvaluateOptions : ModelOptions {
    std::vector<std::string> ood;
    std::string columns;
    bool json = false, all = false;
};

/// JSON knows no NaN and no infinity: null, and the reason beside it.
void put(Json& json, const std::string& key, double value, const std::string& reason) {
    json[key] = std::isfinite(value) ? Json(value) : Json();
    if (!std::isfinite(value)) json[key + "_reason"] = reason;
}

/// "not a number", "infinite".
std::string what_is(double value) {
    return std::isnan(value) ? "not a number" : "infinite";
}

/// Something that is not known: null, and the reason beside it.
void put_unknown(Json& json, const std::string& key, const std::string& reason) {
    json[key] = Json();
    json[key + "_reason"] = reason;
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

void put_divergence(Json& json, const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    if (!evaluation.divergence) {
        for (const char* key : {"kl", "kl_error", "data_mass", "data_mass_error"})
            put_unknown(json, key, why_no_kl(laboratory, evaluation));
        return;
    }
    const measure::Divergence& divergence = *evaluation.divergence;
    put(json, "kl", divergence.kl, "it is " + what_is(divergence.kl));
    put(json, "kl_error", divergence.error, "it is " + what_is(divergence.error));
    json["kl_note"] = divergence.note();
    json["data_mass"] = divergence.data_mass;
    json["data_mass_error"] = divergence.data_mass_error;
}

void put_plane(Json& json, const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    const auto& sampler = laboratory.settings().sampler;
    json["box"] = {{"low", sampler.box_low}, {"high", sampler.box_high}};
    const auto unknown = [&](const char* key, const std::string& otherwise) {
        put_unknown(json, key, why_no_plane(laboratory, evaluation, otherwise));
    };
    if (evaluation.partition) {
        const measure::Partition& partition = *evaluation.partition;
        put(json, "log_z", partition.log_partition, "it is " + what_is(partition.log_partition));
        put(json, "log_z_error", partition.error, "it is " + what_is(partition.error));
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
    entry["exact"] = bits.bound.empty();
    entry["bound"] = bits.bound.empty() ? Json() : Json(bits.bound);
}

Json roc(const lab::ScoreSet& set) {
    return {{"false_positive_rate", set.roc_fpr}, {"true_positive_rate", set.roc_tpr}};
}

std::string as_json(lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    Json json = {{"scene", laboratory.scene().name}, {"iteration", laboratory.iteration()}};
    put_divergence(json, laboratory, evaluation);
    lab::Snapshot snapshot;
    laboratory.fill(snapshot);
    json["kl_history"] = Json::array();
    if (snapshot.quality)
        for (const lab::QualityPoint& point : *snapshot.quality)
            if (std::isfinite(point.kl))
                json["kl_history"].push_back(
                    {{"iteration", point.iteration}, {"seconds", point.seconds}, {"kl", point.kl}});
    put_plane(json, laboratory, evaluation);
    put_bits(json, laboratory, evaluation);

    const lab::ScoresView& scores = *evaluation.scores;
    json["score"] = "-E";
    if (scores.classes > 0) {
        json["class_score"] = scores.minimum_over_classes ? "minimum" : "log_sum";
        put(json, "accuracy", scores.accuracy, "the held-out data have no labels");
        json["accuracy_n"] = scores.classified;
    }
    if (scores.positive.empty())
        put_unknown(json, "positive_class", "there are no held-out data and no samples to compare with");
    else
        json["positive_class"] = scores.positive;
    json["positive_n"] = scores.positive_count;
    json["histogram_edges"] = scores.edges;
    json["sets"] = json["ood"] = Json::array();
    for (const lab::ScoreSet& set : scores.sets) {
        Json entry = {{"name", set.name}, {"n", set.count}, {"total", set.total}};
        put(entry, "energy_mean", set.mean, "no energy is finite");
        put(entry, "energy_sd", set.sd, "fewer than two energies are finite");
        entry["not_finite"] = set.not_finite;
        entry["histogram"] = {{"density", set.density}, {"below", set.below}, {"above", set.above}};
        json["sets"].push_back(std::move(entry));
        if (set.meaning != lab::SetMeaning::ood) continue;
        Json row = {{"name", set.name}, {"n", set.count}, {"not_finite", set.not_finite}};
        put(row, "auroc", set.auroc, set.why_no_auroc);
        put(row, "fpr95", set.fpr95, set.why_no_auroc);
        row["roc"] = roc(set);
        json["ood"].push_back(std::move(row));
    }
    return json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// "0.0618 ± 0.0002".
std::string with_error(double value, double error) {
    return number(value) + " ± " + number(error, 2);
}

std::string plane_text(const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    const auto& sampler = laboratory.settings().sampler;
    std::string text;
    const auto say = [&text](const std::string& line) { text += wrapped(line, 100, 0) + "\n"; };
    if (!evaluation.plane_problem.empty()) say("No KL and no log Z: " + evaluation.plane_problem);
    if (evaluation.divergence) {
        const measure::Divergence& d = *evaluation.divergence;
        say(fmt::format(
            "KL(data‖model) = {} nat, by quadrature on the box [{}, {}]², which holds {:.5g} % of the data",
            with_error(d.kl, d.error), number(sampler.box_low), number(sampler.box_high),
            100 * std::min(d.data_mass, 1.0)));
        if (!d.note().empty()) say("Note: " + d.note());
    }
    if (evaluation.partition)
        say(fmt::format("log Z = {} over the box",
                        with_error(evaluation.partition->log_partition, evaluation.partition->error)));
    if (evaluation.held_out) {
        const lab::HeldOutLikelihood& held_out = *evaluation.held_out;
        std::string line =
            fmt::format("Held-out log-likelihood {} nat a point (n {}",
                        with_error(held_out.mean, held_out.standard_error), count(held_out.count));
        if (held_out.outside > 0)
            line += fmt::format("; {} more lie outside the box, where the model has no density",
                                count(held_out.outside));
        say(line + ")");
    }
    for (const lab::SetModes& set : evaluation.modes) {
        const auto modes = static_cast<int>(set.shares.shares.size());
        std::string shares;
        for (const double share : set.shares.shares)
            shares += fmt::format(" {:.3f}", share);
        say(fmt::format("{}: {} of {} modes found, distance {:.3f} from the true share {:.3f} of each; none "
                        "{:.3f}; shares{}",
                        set.name, modes - set.shares.missed, modes, set.shares.distance, 1.0 / modes,
                        set.shares.none, shares));
    }
    return text.empty() ? text : text + "\n";
}

std::string as_text(const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
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
    const lab::ScoresView& scores = *evaluation.scores;
    if (scores.sets.empty()) return text + "No data sets to compare.\n";
    Table table({{"set"}, {"n", true}, {"mean E", true}, {"sd E", true}, {"AUROC", true}, {"FPR95", true}});
    std::string remarks;
    bool thinned = false;
    for (const lab::ScoreSet& set : scores.sets) {
        const bool ood = set.meaning == lab::SetMeaning::ood, known = std::isfinite(set.auroc);
        const std::string n = count(set.count) + (set.count < set.total ? " of " + count(set.total) : "");
        thinned = thinned || set.count < set.total;
        table.add({set.name, n, number(set.mean), number(set.sd),
                   !ood    ? ""
                   : known ? fmt::format("{:.3f}", set.auroc)
                           : "–",
                   !ood    ? ""
                   : known ? fmt::format("{:.3f}", set.fpr95)
                           : "–"});
        if (set.not_finite > 0)
            remarks += fmt::format("{}: {} of {} energies are not finite; mean and sd leave them out.\n",
                                   set.name, count(set.not_finite), count(set.count));
        if (ood && !known) remarks += fmt::format("{}: no AUROC, because {}.\n", set.name, set.why_no_auroc);
    }
    text += table.text() + "\n" + remarks;
    if (thinned) text += "Of larger sets an even part was scored. --all scores every sample.\n";
    if (scores.classes > 0) {
        text += fmt::format("E of a sample without class: {}.\n", scores.minimum_over_classes
                                                                      ? "the lowest E(x, y) of all classes y"
                                                                      : "−log Σ_y exp(−E(x, y))");
        if (scores.classified > 0)
            text +=
                fmt::format("The class of lowest energy is right for {:.1f} % of the held-out data (n {}).\n",
                            100 * scores.accuracy, count(scores.classified));
    }
    if (!scores.positive.empty())
        text += fmt::format(
            "AUROC and FPR at 95 % TPR: score −E; positive class: {} (n {}). AUROC 1 = told apart,\n"
            "0.5 = not at all, below 0.5 = the set looks likelier than the positive class.\n",
            scores.positive, count(scores.positive_count));
    return text;
}

int evaluate(const EvaluateOptions& options) {
    lab::Laboratory laboratory(options.laboratory());
    open_model(laboratory, options);
    std::vector<std::pair<std::string, lab::Samples>> extra;
    for (const std::string& set : options.ood) {
        const std::size_t equals = set.find('=');
        extra.emplace_back(set.substr(0, equals), laboratory.read(set.substr(equals + 1), options.columns));
    }
    const lab::Evaluation evaluation = laboratory.evaluate(extra, options.all ? 0 : 10'000);
    print(stdout, options.json ? as_json(laboratory, evaluation) : as_text(laboratory, evaluation));
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
    add_columns(*app, options->columns);
    app->add_flag("--all", options->all, "Score every sample of sets above 10,000, not an even part of them");
    app->add_flag(
        "--json", options->json,
        "Print JSON: kl with kl_error, data_mass and kl_history, log_z, held_out_log_likelihood, modes, "
        "bits_per_dimension of normalised models of pictures, sets "
        "with their histograms, accuracy of conditional models, ood with {name, n, auroc, fpr95, roc}. What "
        "is unknown is null, with a field "
        "…_reason beside it");
    app->footer("Examples:\n"
                "  ebmlab evaluate --checkpoint runs/moons/last.safetensors\n"
                "  ebmlab evaluate --checkpoint runs/fashion/last.safetensors --ood "
                "digits=train-images-idx3-ubyte.gz --json\n"
                "\n" +
                program.get_footer());
    app->callback([options, &action] { action = [options] { return evaluate(*options); }; });
}

} // namespace ebm::cli
