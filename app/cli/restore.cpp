#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/lab/damage.h"
#include "core/lab/sample_files.h"

#include <algorithm>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {
namespace {

struct InpaintOptions : ModelOptions {
    std::string in, out, damaged;
    std::vector<int> hide;
    double noise = 0;
    int steps = 500;
    std::int64_t count = 64;
    std::optional<std::uint64_t> seed;
};

double mean_energy(lab::Laboratory& laboratory, const lab::Samples& samples) {
    std::vector<float> energies;
    laboratory.energies(samples, -1, energies, nullptr);
    double sum = 0;
    for (const float e : energies)
        sum += e;
    return sum / static_cast<double>(energies.size());
}

/// The pixels that are to be filled in, and what stands there at first.
std::vector<std::uint8_t> damage(lab::Samples& pictures, const InpaintOptions& options, std::uint64_t seed) {
    const int width = pictures.kind.width, height = pictures.kind.height;
    std::vector<std::uint8_t> free(static_cast<std::size_t>(width * height), options.hide.empty());
    if (!options.hide.empty()) {
        const int left = options.hide[0], top = options.hide[1], wide = options.hide[2],
                  high = options.hide[3];
        if (left < 0 || top < 0 || wide < 1 || high < 1 || left > width - wide || top > height - high)
            throw Error(fmt::format("The rectangle {},{},{},{} does not lie in a picture of {} × {}", left,
                                    top, wide, high, width, height),
                        "--hide", "Give left, top, width and height in pixels.");
        for (int y = top; y < top + high; ++y)
            for (int x = left; x < left + wide; ++x)
                free[static_cast<std::size_t>(y * width + x)] = 1;
    }
    if (options.hide.empty())
        lab::add_noise(pictures, options.noise, seed);
    else
        lab::hide(pictures, free, seed);
    return free;
}

int inpaint(const InpaintOptions& options) {
    catch_interrupts();
    check_output(options.out, {".png", ".csv", ".npy"}, {options.checkpoint, options.scene, options.in});
    if (!options.damaged.empty()) {
        check_output(options.damaged, {".png", ".csv", ".npy"},
                     {options.checkpoint, options.scene, options.in});
        check_two_outputs(options.out, options.damaged);
    }
    if (options.hide.empty() == !(options.noise > 0))
        throw Error("It is not said how the pictures are damaged", "",
                    "Give one of --hide LEFT,TOP,WIDTH,HEIGHT and --noise SD.");
    lab::Laboratory laboratory(options.laboratory());
    open_model(laboratory, options);
    if (laboratory.kind().plane)
        throw Error("Only pictures are restored, and this is a model of the plane", "",
                    "Use a model of pictures.");
    if (laboratory.is_density())
        print(stderr, fmt::format("ebmlab: warning: This model learned without chains; these follow the "
                                  "gradient of its −log p, and hardly move at the scene's step "
                                  "(sampler.step_size = {}).\n",
                                  number(laboratory.settings().sampler.step_size)));
    lab::Samples truth = laboratory.read(options.in);
    truth.count = std::min(truth.count, options.count);
    truth.values.resize(static_cast<std::size_t>(truth.count * truth.kind.elements()));
    truth.labels.clear();
    const std::uint64_t seed =
        options.seed.value_or(static_cast<std::uint64_t>(laboratory.settings().train.seed));
    lab::Samples damaged = truth;
    const std::vector<std::uint8_t> free = damage(damaged, options, seed);
    lab::Samples restored;
    {
        Progress progress("Restoring", "steps", 0, options.steps);
        try {
            restored = laboratory.restore(damaged, free, options.steps, seed, [&](int step) {
                progress.update(step);
                if (interrupted()) throw Interrupted();
            });
        } catch (const Interrupted&) {
            progress.finish();
            print(stderr, "Interrupted: nothing was written.\n");
            return exit_interrupted;
        }
    }
    const double half_width = laboratory.settings().view.extent;
    lab::write_samples(options.out, restored, laboratory.coding(), half_width);
    if (!options.damaged.empty())
        lab::write_samples(options.damaged, damaged, laboratory.coding(), half_width);
    report(
        options.out,
        fmt::format(
            "Wrote {} after {} to {}. Difference from the undamaged ones where they were "
            "damaged (root mean square, of a range of 2): {} before, {} after. Mean energy: {} undamaged, {} "
            "damaged, {} restored.",
            counted(restored.count, "picture"), counted(options.steps, "step"), output_name(options.out),
            number(lab::difference_where(truth, damaged, free)),
            number(lab::difference_where(truth, restored, free)), number(mean_energy(laboratory, truth)),
            number(mean_energy(laboratory, damaged)), number(mean_energy(laboratory, restored))));
    return exit_done;
}

struct NearestOptions : ModelOptions {
    std::string in, out, columns;
    int each = 3;
};

std::string neighbours_csv(const lab::Neighbours& found) {
    std::string text = found.labels.empty() ? "sample,rank,training_record,distance\n"
                                            : "sample,rank,training_record,distance,class\n";
    for (std::size_t i = 0; i < found.records.size(); ++i) {
        const auto each = static_cast<std::size_t>(found.each);
        text += fmt::format("{},{},{},{}", i / each + 1, i % each + 1, found.records[i] + 1,
                            exact(found.distances[i]));
        text += found.labels.empty() ? "\n" : fmt::format(",{}\n", found.labels[i]);
    }
    return text;
}

int nearest(const NearestOptions& options) {
    check_output(options.out, {".csv", ".png"}, {options.checkpoint, options.scene, options.in});
    lab::Laboratory laboratory(options.laboratory());
    open_model(laboratory, options);
    const lab::Samples samples = laboratory.read(options.in, options.columns);
    const lab::Neighbours found = laboratory.nearest(samples, options.each);
    if (options.out.ends_with(".png")) {
        if (samples.kind.plane)
            throw Error("Points have no pictures of neighbours", options.out, "Write a .csv.");
        lab::Samples sheet{0, samples.kind, {}};
        const auto elements = static_cast<std::ptrdiff_t>(samples.kind.elements());
        for (std::int64_t i = 0; i < samples.count; ++i) {
            const auto first = samples.values.begin() + i * elements;
            sheet.values.insert(sheet.values.end(), first, first + elements);
            const auto near = found.samples.values.begin() + i * elements * found.each;
            sheet.values.insert(sheet.values.end(), near, near + elements * found.each);
        }
        sheet.count = samples.count * (1 + found.each);
        lab::write_samples(options.out, sheet, laboratory.coding(), laboratory.settings().view.extent);
    } else {
        files::write_atomically(options.out, std::string_view(neighbours_csv(found)));
    }
    std::vector<float> distances;
    for (std::size_t i = 0; i < found.distances.size(); i += static_cast<std::size_t>(found.each))
        distances.push_back(found.distances[i]);
    std::ranges::sort(distances);
    const lab::HeldOutDistances held_out = laboratory.held_out_distances();
    std::string told =
        fmt::format("Wrote the {} nearest training samples of each of {} to {}. Distance to the nearest: {} "
                    "least, {} median.",
                    found.each, count(samples.count), output_name(options.out), number(distances.front()),
                    number(distances[distances.size() / 2]));
    if (held_out.count > 0)
        told += fmt::format(" Of {} held-out samples: {} median, 5 % are nearer than {}.",
                            count(held_out.count), number(held_out.median), number(held_out.low));
    else
        told += " There are no held-out data to compare that with.";
    report(options.out, told);
    return exit_done;
}

} // namespace

void add_inpaint(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "inpaint", "Damage pictures and let chains of the model restore them: a hidden rectangle, or noise");
    auto options = std::make_shared<InpaintOptions>();
    add_model_options(*app, *options);
    app->add_option("--in", options->in, "Pictures of the model's shape")->type_name("FILE")->required();
    app->add_option(
           "--hide", options->hide,
           "Pixels that are replaced by noise and filled in; the others are put back after each step")
        ->type_name("LEFT,TOP,WIDTH,HEIGHT")
        ->delimiter(',')
        ->expected(4);
    app->add_option("--noise", options->noise,
                    "Standard deviation of noise on every pixel, of a range of 2; then all pixels move")
        ->type_name("SD")
        ->check(real_number(0, 10));
    app->add_option("--steps", options->steps, "Steps of the model's sampler")
        ->type_name("K")
        ->check(CLI::Range(0, 10'000'000).description(""))
        ->capture_default_str();
    app->add_option("--count", options->count, "The first pictures of the file")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000).description(""))
        ->capture_default_str();
    app->add_option("--seed", options->seed, "Key of every random number; default: the model's seed")
        ->type_name("N");
    app->add_option("--out", options->out, "The restored pictures")->type_name("FILE")->required();
    app->add_option("--damaged", options->damaged, "The pictures as the chains began")->type_name("FILE");
    app->footer(
        "Examples:\n"
        "  ebmlab inpaint --scene fashion_mnist_convnet --in t10k-images-idx3-ubyte.gz --hide 0,14,28,14 "
        "--damaged half.png --out whole.png\n"
        "  ebmlab inpaint --scene fashion_mnist_convnet --in t10k-images-idx3-ubyte.gz --noise 0.3 --steps "
        "20 "
        "--out clean.png\n"
        "\n" +
        program.get_footer());
    app->callback([options, &action] { action = [options] { return inpaint(*options); }; });
}

void add_nearest(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "nearest", "Find the training samples nearest to samples: has the model learned its data by heart?");
    auto options = std::make_shared<NearestOptions>();
    add_model_options(*app, *options);
    app->add_option("--in", options->in, "Samples, such as `ebmlab sample --out FILE.npy` writes")
        ->type_name("FILE")
        ->required();
    add_columns(*app, options->columns);
    app->add_option("--each", options->each, "Neighbours of each sample")
        ->type_name("N")
        ->check(CLI::Range(1, 1000).description(""))
        ->capture_default_str();
    app->add_option(
           "--out", options->out,
           "A row for each sample and neighbour (.csv): training_record is the number of its record "
           "in the file of the data, from 1; distance is Euclidean, of points in standard deviations "
           "of the columns, of pictures with pixels from -1 to 1. Or a picture with the neighbours "
           "behind each sample (.png)")
        ->type_name("FILE.csv|.png")
        ->required();
    app->footer("Examples:\n"
                "  ebmlab sample --scene fashion_mnist_convnet --count 16 --steps 1000 --out clothes.npy\n"
                "  ebmlab nearest --scene fashion_mnist_convnet --in clothes.npy --out nearest.png\n"
                "\n" +
                program.get_footer());
    app->callback([options, &action] { action = [options] { return nearest(*options); }; });
}

} // namespace ebm::cli
