#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "app/cli/trace.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/printable.h"
#include "core/lab/class_choice.h"
#include "core/lab/rounds.h"
#include "core/lab/sample_files.h"

#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {
namespace {

struct SampleOptions : ModelOptions {
    std::int64_t count = 64;
    std::optional<int> steps;
    std::string init, out, trace, columns, label;
    std::optional<std::uint64_t> seed;
};

constexpr int default_steps = 256;

/// Acceptance and the share of chains that stand where they started.
std::string movement(const lab::Samples& samples) {
    std::string text;
    if (!std::isnan(samples.acceptance)) text += fmt::format(" Accepted {:.1f} %", 100 * samples.acceptance);
    if (!std::isnan(samples.jump_acceptance))
        text += fmt::format("{}{:.1f} % of the jumps", text.empty() ? " Accepted " : ", ",
                            100 * samples.jump_acceptance);
    if (!text.empty())
        text +=
            fmt::format("; {:.1f} % of the chains never moved.",
                        100.0 * static_cast<double>(samples.unmoved) / static_cast<double>(samples.count));
    return text;
}

/// Chains can start at these samples: an energy that is not finite is an Error that names the record. Returns
/// a sentence on points outside the sampler's box, empty if there are none.
std::string check_starts(lab::Laboratory& laboratory, const lab::Samples& starts, const std::string& file) {
    std::vector<float> energies;
    laboratory.energies(starts, -1, energies, nullptr);
    for (std::size_t i = 0; i < energies.size(); ++i)
        if (!std::isfinite(energies[i]))
            throw Error(fmt::format("Record {}: the model's energy is {} there, so that no chain can start",
                                    i + 1, std::isnan(energies[i]) ? "not a number" : "infinite"),
                        file, "Take the record out, or start with --init noise.");
    if (!starts.kind.plane) return {};
    const auto& box = laboratory.settings().sampler;
    std::int64_t outside = 0, first = 0;
    for (std::int64_t i = starts.count - 1; i >= 0; --i)
        for (const auto axis : {0, 1}) {
            const float x = starts.values[static_cast<std::size_t>(2 * i + axis)];
            if (x >= box.box_low && x <= box.box_high) continue;
            ++outside;
            first = i + 1;
            break;
        }
    if (outside == 0) return {};
    const data::Coding& coding = laboratory.coding();
    std::string walls;
    for (std::size_t axis = 0; axis < 2; ++axis)
        walls += fmt::format("{}{} from {} to {}", axis ? ", " : "", printable(coding.columns[axis].name),
                             number(coding.to_file(axis, box.box_low)),
                             number(coding.to_file(axis, box.box_high)));
    return fmt::format(
        "{}: {} of {} points lie outside the sampler's box ({}), the first in record {}. Chains "
        "from there are no samples of the model.",
        file, count(outside), count(starts.count), walls, first);
}

int sample(const SampleOptions& options) {
    catch_interrupts();
    check_output(options.out, {".png", ".csv", ".npy"}, {options.checkpoint, options.scene, options.init});
    lab::Laboratory laboratory(options.laboratory());
    open_model(laboratory, options);
    if (!options.label.empty()) {
        static_cast<void>(lab::class_choice(options.label, classes_of(laboratory)));
        laboratory.apply(lab::ChangeSetting{"sampler.ask", options.label});
    }
    const std::string data = laboratory.settings().data.path;
    check_output(options.out, {".png", ".csv", ".npy"}, {data});
    if (!options.trace.empty()) {
        check_output(options.trace, {".csv", ".npz"},
                     {options.checkpoint, options.scene, options.init, data});
        check_two_outputs(options.out, options.trace);
    }
    lab::Samples initial;
    std::string outside;
    // A normalised model needs no chains.
    const std::string init = !options.init.empty()     ? options.init
                             : laboratory.is_density() ? "model"
                                                       : "noise";
    const int steps = options.steps.value_or(init == "model" && laboratory.is_density() ? 0
                                             : lab::mixes(laboratory.settings())
                                                 ? lab::usual_rounds * laboratory.settings().sampler.steps
                                                 : default_steps);
    warn_of_unmixed(laboratory.settings(), steps);
    lab::ChainStart start = init == "data"    ? lab::ChainStart::data
                            : init == "model" ? lab::ChainStart::model
                                              : lab::ChainStart::noise;
    if (init == "model" && !laboratory.makes_samples())
        throw Error("This model draws no samples without chains", "--init model",
                    "Leave --init out, and the chains start from noise.");
    if (init != "data" && init != "noise" && init != "model") {
        initial = laboratory.read(options.init, options.columns);
        start = lab::ChainStart::file;
        outside = check_starts(laboratory, initial, options.init);
        if (!outside.empty()) print(stderr, "ebmlab: warning: " + outside + "\n");
    }
    const std::uint64_t seed =
        options.seed.value_or(static_cast<std::uint64_t>(laboratory.settings().train.seed));
    std::optional<Trace> trace;
    if (!options.trace.empty())
        trace.emplace(options.trace, laboratory.kind(), options.count, steps, laboratory.plane_set());
    std::function<void(const lab::ObservedStep&)> observe;
    if (trace) observe = [&trace](const lab::ObservedStep& step) { trace->add(step); };
    lab::Samples samples;
    {
        // Pixels of a model that draws them one after the other.
        const lab::SampleKind kind = laboratory.kind();
        const bool drawn = start == lab::ChainStart::model && steps == 0;
        Progress progress("Sampling", drawn ? "pixels" : "steps", 0,
                          drawn ? options.count * kind.height * kind.width : steps);
        try {
            samples = laboratory.sample(
                options.count, steps, start, initial.count > 0 ? &initial : nullptr, seed,
                [&](int step) {
                    progress.update(step);
                    if (interrupted()) throw Interrupted();
                },
                observe);
        } catch (const Interrupted&) {
            progress.finish();
            print(stderr, "Interrupted: nothing was written.\n");
            return exit_interrupted;
        }
    }
    if (trace) trace->write();
    lab::write_samples(options.out, samples, laboratory.coding(), laboratory.settings().view.extent);
    const std::string how = start == lab::ChainStart::model && steps == 0 && laboratory.is_density()
                                ? std::string("independent ")
                                : std::string();
    report(options.out,
           fmt::format("Wrote {} {}samples of {}{} to {}.{}", count(samples.count), how,
                       printable(laboratory.scene().name),
                       how.empty() ? fmt::format(" after {} steps", count(steps)) : std::string(),
                       output_name(options.out), movement(samples)));
    if (steps > 0 && samples.unmoved == samples.count)
        print(stderr,
              "ebmlab: No chain moved: every proposal was refused, so these are the starting points. " +
                  std::string(outside.empty() ? "Use a smaller sampler.step_size.\n"
                                              : "Start them inside the box.\n"));
    return exit_done;
}

} // namespace

void add_sample(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "sample", "Run chains on a trained model and write where they end, or what it draws itself");
    auto options = std::make_shared<SampleOptions>();
    add_model_options(*app, *options);
    app->add_option("--count", options->count, "How many chains")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000).description(""))
        ->capture_default_str();
    app->add_option("--steps", options->steps,
                    "Steps of each chain, with the model's sampler settings; default: 256; 100 rounds of K "
                    "steps where chains start anew between them; 0 for a normalised model's own samples")
        ->type_name("K")
        ->check(CLI::Range(0, 10'000'000).description(""));
    app->add_option(
           "--init", options->init,
           "Where chains start: uniform noise, data, samples that a normalised model (flow) draws itself "
           "or that the decoder of an autoencoder paints, or samples from a file; default: model if it is "
           "normalised, "
           "else noise")
        ->type_name("noise|data|model|FILE");
    add_columns(*app, options->columns);
    app->add_option("--class", options->label,
                    "Of a conditional model: the class that the chains are asked for, by name (a part is "
                    "enough) or number from 0; all: one after the other. Default: the setting sampler.ask")
        ->type_name("NAME|N|all");
    app->add_option("--seed", options->seed, "Key of every random number; default: the model's seed")
        ->type_name("N");
    app->add_option(
           "--out", options->out,
           "Numbers (.csv, .npy), or a picture to look at: a grid of the samples or a scatter plot (.png), "
           "which cannot be read as samples again")
        ->type_name("FILE")
        ->required();
    app->add_option("--trace", options->trace, trace_help)->type_name("FILE.csv|FILE.npz");
    app->footer(
        "Examples:\n"
        "  ebmlab sample --checkpoint runs/moons/last.safetensors --count 10000 --steps 500 --out moons.csv\n"
        "  ebmlab sample --scene fashion_mnist_convnet --count 64 --steps 1000 --out clothes.png\n"
        "  ebmlab sample --scene fashion_mnist_classes --class boot --count 64 --out boots.png\n"
        "  ebmlab sample --checkpoint runs/cifar/last.safetensors --scene cifar10_classes_sampling --out "
        "scored.npy\n"
        "  ebmlab sample --scene double_well --count 1000 --set sampler.kind=mala --out wells.npy\n"
        "\n" +
        program.get_footer());
    app->callback([options, &action] { action = [options] { return sample(*options); }; });
}

} // namespace ebm::cli
