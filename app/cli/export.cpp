#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/text.h"
#include "core/lab/model_file.h"

#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {
namespace {

struct ExportOptions {
    std::string checkpoint, out;
    int buffer = 256;
    std::int64_t held_out = 0;
};

int export_model(const ExportOptions& options) {
    check_output(options.out, {".safetensors"}, {options.checkpoint});
    lab::export_model(options.checkpoint, options.out, options.buffer,
                      options.held_out > 0 ? options.held_out : std::numeric_limits<std::int64_t>::max());
    std::error_code unknown; // of a stream
    const std::uintmax_t size = std::filesystem::file_size(options.out, unknown);
    report(
        options.out,
        fmt::format("Wrote {} with what sampling and evaluating need{}.", options.out,
                    unknown ? "" : fmt::format(" ({} KiB)", count(static_cast<std::int64_t>(size / 1024)))));
    return exit_done;
}

} // namespace

void add_export(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand(
        "export", "Write a small copy of a checkpoint: weights and a few buffer samples");
    auto options = std::make_shared<ExportOptions>();
    app->add_option("--checkpoint", options->checkpoint, "A model that `ebmlab train` saved")
        ->type_name("FILE")
        ->required();
    app->add_option("--out", options->out, "The small copy. Training can go on from it, but not bit for bit")
        ->type_name("FILE.safetensors")
        ->required();
    app->add_option("--buffer", options->buffer, "Samples of the replay buffer to keep")
        ->type_name("N")
        ->check(CLI::Range(1, 100'000).description(""))
        ->capture_default_str();
    app->add_option("--held-out", options->held_out,
                    "Held-out pictures to keep, evenly taken, for where the data are missing; 0 = all that "
                    "the checkpoint has")
        ->type_name("N")
        ->check(CLI::Range(0, 100'000).description(""))
        ->capture_default_str();
    app->footer("Examples:\n"
                "  ebmlab export --checkpoint runs/fashion/last.safetensors --out fashion_mnist.safetensors\n"
                "\n" +
                program.get_footer());
    app->callback([options, &action] { action = [options] { return export_model(*options); }; });
}

} // namespace ebm::cli
