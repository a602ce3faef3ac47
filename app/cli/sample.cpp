#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/error.h"
#include "core/lab/sample_files.h"

#include <cstdio>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {
namespace {

struct SampleOptions : ModelOptions {
    std::int64_t count = 64;
    int steps = 256;
    std::string init = "noise", out, columns;
    std::optional<std::uint64_t> seed;
};

/// Ends the sampling when the person asks for it.
struct Interrupted {};

int sample(const SampleOptions& options) {
    catch_interrupts();
    lab::require_writable_kind(options.out);
    lab::Laboratory laboratory(options.laboratory());
    open_model(laboratory, options);
    lab::Samples initial;
    lab::ChainStart start = options.init == "data" ? lab::ChainStart::data : lab::ChainStart::noise;
    if (options.init != "data" && options.init != "noise") {
        initial = laboratory.read(options.init, options.columns);
        start = lab::ChainStart::file;
    }
    const std::uint64_t seed =
        options.seed.value_or(static_cast<std::uint64_t>(laboratory.settings().train.seed));
    lab::Samples samples;
    {
        Progress progress("Sampling", "steps", 0, options.steps);
        try {
            samples = laboratory.sample(options.count, options.steps, start,
                                        initial.count > 0 ? &initial : nullptr, seed, [&](int step) {
                                            progress.update(step);
                                            if (interrupted()) throw Interrupted();
                                        });
        } catch (const Interrupted&) {
            progress.finish();
            std::fputs("Interrupted: nothing was written.\n", stderr);
            return exit_interrupted;
        }
    }
    lab::write_samples(options.out, samples, laboratory.coding(), laboratory.settings().view.extent);
    std::printf("Wrote %s samples of %s after %s steps to %s.\n", count(samples.count).c_str(),
                laboratory.scene().name.c_str(), count(options.steps).c_str(), options.out.c_str());
    return exit_done;
}

} // namespace

void add_sample(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand("sample", "Run chains on a trained model and write where they end");
    auto options = std::make_shared<SampleOptions>();
    add_model_options(*app, *options);
    app->add_option("--count", options->count, "How many chains")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000).description(""))
        ->capture_default_str();
    app->add_option("--steps", options->steps, "Steps of each chain, with the model's sampler settings")
        ->type_name("K")
        ->check(CLI::Range(0, 10'000'000).description(""))
        ->capture_default_str();
    app->add_option("--init", options->init,
                    "Where chains start: uniform noise, data, or samples from a file")
        ->type_name("noise|data|FILE")
        ->capture_default_str();
    add_columns(*app, options->columns);
    app->add_option("--seed", options->seed, "Key of every random number; default: the model's seed")
        ->type_name("N");
    app->add_option("--out", options->out, "Pictures or a scatter plot (.png), or numbers (.csv, .npy)")
        ->type_name("FILE")
        ->required();
    app->footer(
        "Examples:\n"
        "  ebmlab sample --checkpoint runs/moons/last.safetensors --count 10000 --steps 500 --out moons.csv\n"
        "  ebmlab sample --scene fashion_mnist_trained --count 64 --steps 1000 --out clothes.png\n"
        "  ebmlab sample --scene double_well --count 1000 --set sampler.kind=mala --out wells.npy\n"
        "\n" +
        program.get_footer());
    app->callback([options, &action] { action = [options] { return sample(*options); }; });
}

} // namespace ebm::cli
