#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/error.h"
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
    std::string in, out;
    bool gradient = false;
};

std::vector<std::string> column_names(const lab::SampleKind& kind, bool gradient) {
    std::vector<std::string> names{"energy_nat"};
    if (!gradient) return names;
    if (kind.plane) return {"energy_nat", "gradient_x", "gradient_y"};
    for (int element = 0; element < kind.elements(); ++element)
        names.push_back(fmt::format("gradient_{}", element));
    return names;
}

int energy(const EnergyOptions& options) {
    check_output(options.out, {".csv"}, {options.in, options.checkpoint, options.scene});
    lab::Laboratory laboratory(options.laboratory());
    open_model(laboratory, options);
    const lab::Samples samples = lab::read_samples(options.in, laboratory.kind());
    std::vector<float> energies, gradients;
    laboratory.energies(samples, energies, options.gradient ? &gradients : nullptr);

    std::vector<float> rows;
    const std::size_t elements = gradients.size() / std::max<std::size_t>(1, energies.size());
    for (std::size_t row = 0; row < energies.size(); ++row) {
        rows.push_back(energies[row]);
        const auto gradient = gradients.begin() + static_cast<std::ptrdiff_t>(row * elements);
        rows.insert(rows.end(), gradient, gradient + static_cast<std::ptrdiff_t>(elements));
    }
    store::write_table(options.out, column_names(laboratory.kind(), options.gradient), rows);
    const auto bad = std::ranges::count_if(energies, [](float e) { return !std::isfinite(e); });
    const auto bad_gradients = std::ranges::count_if(gradients, [](float g) { return !std::isfinite(g); });
    if (bad + bad_gradients > 0)
        print(stderr, fmt::format("ebmlab: warning: {} of {} energies{} not finite (nan or inf in {}). {}\n",
                                  count(bad), count(samples.count),
                                  options.gradient
                                      ? " and " + count(bad_gradients) + " numbers of gradients are"
                                      : " are",
                                  options.out,
                                  "The samples lie far outside what the model has seen, or it has diverged."));
    report(options.out,
           fmt::format("Wrote the energies of {} samples to {}.", count(samples.count), options.out));
    return exit_done;
}

} // namespace

void add_energy(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "energy", "Write the energy of each sample of a file, and its gradient if wanted");
    auto options = std::make_shared<EnergyOptions>();
    add_model_options(*app, *options);
    app->add_option("--in", options->in, "Samples: .csv (two columns), .npy, or IDX pictures, also gzipped")
        ->type_name("FILE")
        ->required();
    app->add_option("--out", options->out, "CSV with one row a sample; low energy = likely")
        ->type_name("FILE.csv")
        ->required();
    app->add_flag("--gradient", options->gradient,
                  "Add columns with the gradient of E with respect to the sample");
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
