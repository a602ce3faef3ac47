#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text.h"
#include "core/base/error.h"

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
    bool json = false;
};

Json finite(double value) {
    return std::isfinite(value) ? Json(value) : Json();
}

std::string as_json(const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    Json json = {{"scene", laboratory.scene().name}, {"iteration", laboratory.iteration()}};
    json["kl"] = evaluation.kl ? finite(*evaluation.kl) : Json();
    json["score"] = "-E";
    json["positive_class"] = "held-out data";
    json["sets"] = Json::array();
    json["ood"] = Json::array();
    if (evaluation.scores)
        for (const lab::ScoreSet& set : evaluation.scores->sets) {
            if (set.meaning == lab::SetMeaning::ood)
                json["ood"].push_back({{"name", set.name},
                                       {"n", set.count},
                                       {"not_finite", set.not_finite},
                                       {"auroc", finite(set.auroc)},
                                       {"fpr95", finite(set.fpr95)}});
            json["sets"].push_back({{"name", set.name},
                                    {"n", set.count},
                                    {"not_finite", set.not_finite},
                                    {"energy_mean", finite(set.mean)},
                                    {"energy_sd", finite(set.sd)}});
        }
    return json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string as_text(const lab::Laboratory& laboratory, const lab::Evaluation& evaluation) {
    std::string text =
        fmt::format("{}, iteration {}\n\n", laboratory.scene().title, count(laboratory.iteration()));
    if (evaluation.kl)
        text += fmt::format("KL(data‖model) = {} nat, by quadrature on the box\n\n", number(*evaluation.kl));
    if (!evaluation.scores || evaluation.scores->sets.empty()) return text + "No data sets to compare.\n";
    Table table({{"set"}, {"n", true}, {"mean E", true}, {"sd E", true}, {"AUROC", true}, {"FPR95", true}});
    for (const lab::ScoreSet& set : evaluation.scores->sets) {
        const bool ood = set.meaning == lab::SetMeaning::ood;
        table.add({set.name, count(set.count), number(set.mean), number(set.sd),
                   ood ? fmt::format("{:.3f}", set.auroc) : "", ood ? fmt::format("{:.3f}", set.fpr95) : ""});
    }
    text += table.text();
    for (const lab::ScoreSet& set : evaluation.scores->sets)
        if (set.not_finite > 0)
            text += fmt::format(
                "{}: {} of {} energies are infinite or not a number; mean and sd leave them out, AUROC "
                "ranks them above all others.\n",
                set.name, count(set.not_finite), count(set.count));
    text += "\nAUROC and FPR at 95 % TPR: score −E, the held-out data are the positive class. AUROC 1 = told "
            "apart,\n"
            "0.5 = not at all, below 0.5 = the set looks likelier than the data.\n";
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
    const lab::Evaluation evaluation = laboratory.evaluate(extra);
    std::fputs((options.json ? as_json(laboratory, evaluation) : as_text(laboratory, evaluation)).c_str(),
               stdout);
    return exit_done;
}

} // namespace

void add_evaluate(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "evaluate", "KL divergence on the plane; energies and AUROC of out-of-distribution sets");
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
    app->add_flag("--json", options->json,
                  "Print JSON: kl in nats or null, and ood as a list of {name, n, auroc, fpr95}");
    app->footer("Examples:\n"
                "  ebmlab evaluate --checkpoint runs/moons/last.safetensors\n"
                "  ebmlab evaluate --checkpoint runs/fashion/last.safetensors --ood "
                "digits=train-images-idx3-ubyte.gz --json\n"
                "\n" +
                program.get_footer());
    app->callback([options, &action] { action = [options] { return evaluate(*options); }; });
}

} // namespace ebm::cli
