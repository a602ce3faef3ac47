#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/score_report.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/measure/scores.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {
namespace {

struct OodTableOptions : ComputeOptions {
    std::string out;
    std::vector<std::string> models, scores;
    int most = 2000;
};

struct OodRow {
    std::string model;
    ScoreKind score;
    std::string positive;
    std::int64_t positive_count = 0, fitted_on = 0;
    std::vector<lab::ScoreSet> sets; ///< OOD
};

/// The built-in scenes that come with a trained model of how likely a picture of Fashion-MNIST is; a
/// classifier is none.
std::vector<std::string> shipped_models() {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const lab::Scene& scene : lab::built_in_scenes())
        if (!scene.checkpoint.empty() && scene.settings.data.set == "fashion_mnist" &&
            scene.settings.model.energy != "classifier" &&
            std::filesystem::exists(lab::assets_folder() / scene.checkpoint, ignored))
            names.push_back(scene.name);
    return names;
}

/// What is asked of a model if nothing is said: a density has no chains in its training, and the steps that
/// recovery and density of states take cost most of all.
std::vector<ScoreKind> usual_scores(const lab::Laboratory& laboratory) {
    std::vector<ScoreKind> kinds = {ScoreKind::energy, ScoreKind::mass, ScoreKind::typicality};
    const std::vector<ScoreKind> possible = laboratory.possible_scores();
    const auto add = [&](ScoreKind kind) {
        if (std::ranges::find(possible, kind) != possible.end()) kinds.push_back(kind);
    };
    add(ScoreKind::complexity);
    if (std::ranges::find(possible, ScoreKind::log_p) == possible.end()) {
        add(ScoreKind::recovery);
        add(ScoreKind::density_of_states);
    }
    std::erase_if(kinds, [&](ScoreKind kind) { return std::ranges::find(possible, kind) == possible.end(); });
    return kinds;
}

void add_rows(std::vector<OodRow>& rows, const std::string& model, const OodTableOptions& options) {
    lab::Laboratory laboratory(options.laboratory());
    ModelOptions chosen;
    static_cast<ComputeOptions&>(chosen) = options;
    (model.ends_with(".safetensors") ? chosen.checkpoint : chosen.scene) = model;
    open_model(laboratory, chosen);
    if (laboratory.kind().plane)
        throw Error(fmt::format("{} is a model of the plane, and the table is of pictures", model),
                    "--models", "Name models of pictures.");
    const std::vector<ScoreKind> kinds =
        options.scores.empty() ? usual_scores(laboratory) : chosen_scores(laboratory, options.scores);
    const lab::Evaluation evaluation = laboratory.evaluate({}, options.most, kinds);
    for (const auto& view : evaluation.scores) {
        if (!view->problem.empty()) {
            print(stderr, fmt::format("ebmlab: warning: {}: {}\n", model, view->problem));
            continue;
        }
        OodRow row{model, view->score, view->positive, view->positive_count, view->fitted_on, {}};
        for (const lab::ScoreSet& set : view->sets) {
            if (set.meaning == lab::SetMeaning::ood) row.sets.push_back(set);
            if (set.not_finite > 0)
                print(stderr,
                      fmt::format("ebmlab: warning: {}, {}: {} of {} scores of {} are not finite, which "
                                  "counts as most unlike the data.\n",
                                  model, measure::score_info(view->score).name, count(set.not_finite),
                                  count(set.count), set.name));
        }
        rows.push_back(std::move(row));
    }
}

std::string quoted(const std::string& cell) {
    std::string text = "\"";
    for (const char letter : cell)
        text += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return text + "\"";
}

std::string as_csv(const std::vector<OodRow>& rows) {
    std::string text = "model,score,set,positive_class,positive_n,fitted_on,n,not_finite,auroc,auroc_low,"
                       "auroc_high,aupr,fpr95\n";
    for (const OodRow& row : rows)
        for (const lab::ScoreSet& set : row.sets)
            text +=
                fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", quoted(row.model),
                            measure::score_info(row.score).name, quoted(set.name), quoted(row.positive),
                            row.positive_count, row.fitted_on, set.count, set.not_finite, exact(set.auroc),
                            exact(set.auroc_low), exact(set.auroc_high), exact(set.aupr), exact(set.fpr95));
    return text;
}

/// Du & Mordatch (2019), section on out-of-distribution generalisation.
constexpr const char* published =
    "\nAs published, not measured here: AUROC of models of CIFAR-10 by log p or −E (Du & Mordatch 2019).\n\n"
    "| set | PixelCNN++ | Glow | EBM |\n"
    "|---|---|---|---|\n"
    "| SVHN | 0.32 | 0.24 | 0.63 |\n"
    "| Textures | 0.33 | 0.27 | 0.48 |\n"
    "| Constant | 0.0 | 0.0 | 0.30 |\n"
    "| Uniform noise | 1.0 | 1.0 | 1.0 |\n"
    "| Interpolation | 0.71 | 0.59 | 0.70 |\n"
    "| mean | 0.47 | 0.42 | 0.62 |\n\n"
    "It scored the training split of SVHN and the top left 32 × 32 pixels of textures: where those sets are "
    "on disk, the columns 'SVHN, training split' and 'Textures, top left' above. The columns 'SVHN', its "
    "test split, and 'Textures', shrunk and cropped at the centre, are the protocol of later work.\n";

/// "0.876 ± 0.012", and both ends where the interval is not as long on both sides.
std::string with_interval(const lab::ScoreSet& set) {
    const double half = (set.auroc_high - set.auroc_low) / 2;
    if (std::abs(set.auroc_low + half - set.auroc) < 0.002)
        return fmt::format(" {:.3f} ± {:.3f} |", set.auroc, half);
    return fmt::format(" {:.3f} ({:.3f} to {:.3f}) |", set.auroc, set.auroc_low, set.auroc_high);
}

std::string as_markdown(const std::vector<OodRow>& rows) {
    std::vector<std::string> sets;
    for (const OodRow& row : rows)
        for (const lab::ScoreSet& set : row.sets)
            if (std::ranges::find(sets, set.name) == sets.end()) sets.push_back(set.name);
    std::string text = "| model | score |", line = "\n|---|---|";
    for (const std::string& set : sets) {
        text += " " + set + " |";
        line += "---|";
    }
    text += line + "\n";
    for (const OodRow& row : rows) {
        text += fmt::format("| {} | {} |", row.model, measure::score_info(row.score).name);
        for (const std::string& name : sets) {
            const auto set = std::ranges::find(row.sets, name, &lab::ScoreSet::name);
            if (set == row.sets.end() || !std::isfinite(set->auroc))
                text += " – |";
            else if (!std::isfinite(set->auroc_low))
                text += fmt::format(" {:.3f} |", set->auroc);
            else
                text += with_interval(*set);
        }
        text += "\n";
    }
    text += "\nAUROC with half of its 95 % interval (DeLong), or its ends where it is not as long on both "
            "sides; higher score = more like the data. ";
    std::string told;
    for (const OodRow& row : rows) {
        const std::string n =
            fmt::format("{}: positive class {} (n {}){}", row.model, row.positive, count(row.positive_count),
                        row.fitted_on > 0 ? ", fits on " + count(row.fitted_on) + " others" : "");
        const bool fits = std::ranges::any_of(rows, [&](const OodRow& other) {
            return other.model == row.model && other.fitted_on > row.fitted_on;
        });
        if (!fits && told.find(row.model + ":") == std::string::npos) told += (told.empty() ? "" : "; ") + n;
    }
    return text + told + ".\n" + published;
}

int table_of_ood(const OodTableOptions& options) {
    check_output(options.out, {".csv", ".md"}, {});
    const std::vector<std::string> models = options.models.empty() ? shipped_models() : options.models;
    std::vector<OodRow> rows;
    Progress progress("Scoring", "models", 0, static_cast<std::int64_t>(models.size()));
    for (std::size_t i = 0; i < models.size(); ++i) {
        progress.update(static_cast<std::int64_t>(i), models[i]);
        add_rows(rows, models[i], options);
    }
    progress.update(static_cast<std::int64_t>(models.size()));
    progress.finish();
    const bool csv = options.out.ends_with(".csv") || options.out.ends_with(".CSV");
    const std::string text = csv ? as_csv(rows) : as_markdown(rows);
    files::write_atomically(options.out, std::string_view(text));
    report(options.out,
           fmt::format("Wrote the AUROC of {} models to {}.", models.size(), output_name(options.out)));
    return exit_done;
}

} // namespace

void add_table_ood(CLI::App& table, Action& action) {
    auto* app = table.add_subcommand("ood", "AUROC of models of pictures, score by score and set by set");
    auto options = std::make_shared<OodTableOptions>();
    app->add_option("--out", options->out,
                    "A line for each model, score and set (CSV), or a table for people "
                    "with the published figures below it (Markdown)")
        ->type_name("FILE.csv|.md")
        ->required();
    app->add_option(
           "--models", options->models,
           "Scenes with a trained model, or checkpoints; default: those of Fashion-MNIST that come with "
           "the program")
        ->type_name("NAME|FILE.safetensors,…")
        ->delimiter(',');
    add_scores(
        *app, options->scores,
        "Scores, several with commas; default: energy, mass, typicality, complexity, and of energies that "
        "chains were trained with also recovery and density_of_states");
    app->add_option("--most", options->most, "Samples of each set that are scored, evenly taken; 0 = all")
        ->type_name("N")
        ->check(CLI::Range(0, 10'000'000).description(""))
        ->capture_default_str();
    add_compute_options(*app, *options);
    app->footer(
        "Examples:\n"
        "  ebmlab table ood --out ood.md\n"
        "  ebmlab table ood --models fashion_mnist_convnet,runs/a/last.safetensors --score energy,mass "
        "--out ood.csv\n"
        "\n" +
        table.get_footer());
    app->callback([options, &action] { action = [options] { return table_of_ood(*options); }; });
}

} // namespace ebm::cli
