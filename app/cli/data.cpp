#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text.h"
#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/printable.h"
#include "core/lab/sample_files.h"
#include "core/lab/scene.h"
#include "core/store/table.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {
namespace {

struct DataOptions {
    std::string scene, out;
    std::vector<std::string> changes;
    std::int64_t count = 1000;
    std::optional<std::uint64_t> seed;
};

/// Points with what is known of them, one row each. Modes are classes too, so one column tells both.
void write_points(const std::string& path, const lab::LabelledSamples& data) {
    std::vector<std::string> names{"x", "y"};
    if (!data.log_density.empty()) names.push_back("log_p_nat");
    if (!data.mode.empty()) names.push_back("mode");
    const bool with_class = data.mode.empty() && !data.samples.labels.empty();
    if (with_class) names.push_back("class");
    std::vector<float> rows;
    for (std::size_t i = 0; i < static_cast<std::size_t>(data.samples.count); ++i) {
        rows.insert(rows.end(), {data.samples.values[2 * i], data.samples.values[2 * i + 1]});
        if (!data.log_density.empty()) rows.push_back(data.log_density[i]);
        if (!data.mode.empty()) rows.push_back(static_cast<float>(data.mode[i]));
        if (with_class) rows.push_back(static_cast<float>(data.samples.labels[i]));
    }
    store::write_table(path, names, rows);
}

int write_data(const DataOptions& options) {
    lab::require_writable_kind(options.out);
    lab::Scene scene = lab::find_scene(options.scene);
    change(scene.settings, parse_changes(options.changes));
    check_output(options.out, {".png", ".csv", ".npy"}, {options.scene, scene.settings.data.path});
    const std::uint64_t seed = options.seed.value_or(static_cast<std::uint64_t>(scene.settings.train.seed));
    const lab::LabelledSamples data = lab::scene_data(scene.settings, options.count, seed);
    // Tables have columns for what is known of each point; points of a file have nothing but their own
    // numbers and classes.
    const bool table =
        files::is_stream(options.out) || std::filesystem::path(options.out).extension() == ".csv";
    if (table && !(data.log_density.empty() && data.mode.empty()))
        write_points(options.out, data);
    else
        lab::write_samples(options.out, data.samples, data.coding, scene.settings.view.extent);
    report(options.out,
           fmt::format("Wrote {} of the data of {} to {}.", counted(data.samples.count, "sample"),
                       printable(scene.name), output_name(options.out)));
    return exit_done;
}

} // namespace

void add_data(CLI::App& program, Action& action) {
    auto* app =
        program.add_subcommand("data", "Write samples of a scene's data, with their exact log density; list, "
                                       "get and check sets of data");
    app->require_subcommand(0, 1);
    auto options = std::make_shared<DataOptions>();
    app->add_option("--scene", options->scene, "Built-in scene, or a scene file")
        ->type_name("NAME|FILE.json");
    add_changes(*app, options->changes);
    app->add_option("--count", options->count, "How many samples")
        ->type_name("N")
        ->check(CLI::Range(1, 100'000'000).description(""))
        ->capture_default_str();
    app->add_option(
           "--seed", options->seed,
           "Key of generated samples; default: the scene's, which gives the points that it trains on. Data "
           "from files come in the order of the training set")
        ->type_name("N");
    app->add_option("--out", options->out,
                    "Points: .csv with x, y, log_p_nat where p is known, mode where the set has modes (-1 = "
                    "none), else "
                    "class where it has classes; .npy or .png. Pictures: .png, .npy or .csv")
        ->type_name("FILE");
    add_data_sets(*app, action);
    app->footer("Examples:\n"
                "  ebmlab data --scene eight_gaussians --count 10000 --out points.csv\n"
                "  ebmlab data --scene fashion_mnist --count 64 --out clothes.png\n"
                "  ebmlab data list\n"
                "  ebmlab data get cifar10\n"
                "  ebmlab data check my_pictures/\n"
                "\n" +
                program.get_footer());
    app->callback([app, options, &action] {
        if (!app->get_subcommands().empty()) return;
        // Not required(), which would hold for the subcommands too.
        for (const char* name : {"--scene", "--out"})
            if (app->count(name) == 0) throw CLI::RequiredError(name);
        action = [options] { return write_data(*options); };
    });
}

} // namespace ebm::cli
