#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/score_report.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/lab/class_choice.h"
#include "core/measure/scores.h"
#include "core/store/table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {
namespace {

struct EnergyOptions : ModelOptions {
    std::string in, out, columns, label;
    std::vector<std::string> scores;
    bool gradient = false;
};

std::vector<std::string> column_names(const lab::Laboratory& laboratory, bool every_class,
                                      const std::vector<ScoreKind>& scores, bool gradient) {
    std::vector<std::string> names{"energy_nat"};
    if (every_class) {
        for (const std::string& name : laboratory.classes())
            names.push_back("energy_nat " + name);
        names.push_back("class");
    }
    for (const ScoreKind kind : scores)
        names.push_back("score_" + std::string(measure::score_info(kind).name));
    if (!gradient) return names;
    if (laboratory.kind().plane)
        for (const std::string& name : laboratory.coding().names())
            names.push_back("gradient_" + name);
    else
        for (int element = 0; element < laboratory.kind().elements(); ++element)
            names.push_back(fmt::format("gradient_{}", element));
    return names;
}

int energy(const EnergyOptions& options) {
    check_output(options.out, {".csv"}, {options.in, options.checkpoint, options.scene});
    lab::Laboratory laboratory(options.laboratory());
    open_model(laboratory, options);
    const lab::Samples samples = laboratory.read(options.in, options.columns);
    const int label = options.label.empty() ? -1 : lab::class_choice(options.label, classes_of(laboratory));
    const bool every_class = !options.label.empty() && label < 0;
    std::vector<float> energies, gradients, of_classes;
    const std::vector<ScoreKind> kinds = chosen_scores(laboratory, options.scores);
    // Scores need the energies without a class, which then need not be computed twice.
    const bool by_scores = !kinds.empty() && label < 0 && !every_class && !options.gradient;
    const std::vector<std::vector<float>> scores =
        laboratory.scores(samples, kinds, 10000, by_scores ? &energies : nullptr);
    if (every_class) of_classes = laboratory.class_energies(samples, &energies);
    if (!by_scores && (!every_class || options.gradient))
        laboratory.energies(samples, label, energies, options.gradient ? &gradients : nullptr);
    std::vector<std::int64_t> bad_scores;
    for (const std::vector<float>& of_kind : scores)
        bad_scores.push_back(std::ranges::count_if(of_kind, [](float s) { return !std::isfinite(s); }));

    std::vector<float> rows;
    const auto& columns = laboratory.coding().columns;
    const std::size_t elements = gradients.size() / std::max<std::size_t>(1, energies.size());
    std::int64_t not_finite = 0;
    for (std::size_t row = 0; row < energies.size(); ++row) {
        rows.push_back(energies[row]);
        not_finite += !std::isfinite(energies[row]);
        if (const std::size_t classes = of_classes.size() / energies.size(); classes > 0) {
            const auto first = of_classes.begin() + static_cast<std::ptrdiff_t>(row * classes);
            const auto last = first + static_cast<std::ptrdiff_t>(classes);
            rows.insert(rows.end(), first, last);
            rows.push_back(static_cast<float>(std::min_element(first, last) - first));
        }
        for (const std::vector<float>& of_kind : scores)
            rows.push_back(of_kind[row]);
        for (std::size_t i = 0; i < elements; ++i) {
            // With respect to the numbers of the file: dE/dfile = dE/dx / sd.
            const double sd = laboratory.kind().plane ? columns[i].sd : 1;
            rows.push_back(static_cast<float>(gradients[row * elements + i] / sd));
        }
    }
    store::write_table(options.out, column_names(laboratory, every_class, kinds, options.gradient), rows);
    report(options.out, fmt::format("Wrote the energies of {} to {}.", counted(samples.count, "sample"),
                                    output_name(options.out)));
    const auto bad_gradients = std::ranges::count_if(gradients, [](float g) { return !std::isfinite(g); });
    if (not_finite + bad_gradients > 0)
        print(stderr,
              fmt::format(
                  "ebmlab: warning: {} of {} energies{} not finite (nan or inf in {}). {}\n",
                  count(not_finite), count(samples.count),
                  options.gradient ? " and " + count(bad_gradients) + " numbers of gradients are" : " are",
                  options.out, "The samples lie far outside what the model has seen, or it has diverged."));
    for (std::size_t k = 0; k < kinds.size(); ++k)
        if (bad_scores[k] > 0)
            print(stderr,
                  fmt::format("ebmlab: warning: {} of {} scores {} are not finite, which counts as most "
                              "unlike the data.\n",
                              count(bad_scores[k]), count(samples.count),
                              measure::score_info(kinds[k]).name));
    return exit_done;
}

} // namespace

void add_energy(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "energy", "Write the energy of each sample of a file, and its gradient if wanted");
    auto options = std::make_shared<EnergyOptions>();
    add_model_options(*app, *options);
    app->add_option("--in", options->in,
                    "Samples: a table, npy, npz, IDX, PNG, JPEG, any of them gzip, or a folder of pictures; "
                    "- reads standard input")
        ->type_name("FILE")
        ->required();
    add_columns(*app, options->columns);
    app->add_option("--out", options->out, "CSV with one row a sample; low energy = likely")
        ->type_name("FILE.csv")
        ->required();
    app->add_option(
           "--class", options->label,
           "Of a conditional model: the energy under this class, by name or number from 0. all: that "
           "without class, one column a class, and the number of the class whose energy is lowest. "
           "Default: without class, as the setting view.class_score says")
        ->type_name("NAME|N|all");
    add_scores(
        *app, options->scores,
        "Add a column for each of these scores, several with commas: higher = more like the data. all: "
        "every score that the model can give; `ebmlab evaluate --help` says what each is");
    app->add_flag("--gradient", options->gradient,
                  "Add columns with the gradient of E with respect to the sample: to the numbers of the file "
                  "on the plane, "
                  "to pixels from -1 to 1");
    app->footer(
        "Examples:\n"
        "  ebmlab energy --checkpoint runs/moons/last.safetensors --in points.csv --out energies.csv\n"
        "  ebmlab energy --checkpoint runs/fashion/last.safetensors --in t10k-images-idx3-ubyte.gz --out "
        "energies.csv\n"
        "  ebmlab energy --scene banana --in points.npy --gradient --out energies.csv\n"
        "\n" +
        program.get_footer());
    app->callback([options, &action] { action = [options] { return energy(*options); }; });
}

} // namespace ebm::cli
