#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "app/cli/training_log.h"
#include "core/base/error.h"
#include "core/lab/model_file.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {
namespace {

using Changes = std::vector<std::pair<std::string, std::string>>;

struct TrainOptions : ComputeOptions {
    std::string scene, resume, out;
    std::vector<std::string> changes;
    std::string columns;
    std::optional<std::int64_t> iterations, seed;
    std::optional<double> seconds;
};

/// What the command line says about settings, --iterations and --seed included.
Changes all_changes(const TrainOptions& options) {
    Changes changes = parse_changes(options.changes);
    if (options.iterations) changes.emplace_back("train.iterations", std::to_string(*options.iterations));
    if (options.seed) changes.emplace_back("train.seed", std::to_string(*options.seed));
    if (!options.columns.empty()) changes.emplace_back("data.columns", options.columns);
    return changes;
}

void open_for_training(lab::Laboratory& laboratory, const TrainOptions& options) {
    const Changes changes = all_changes(options);
    if (options.resume.empty()) {
        lab::Scene scene = lab::find_scene(options.scene);
        change(scene.settings, changes);
        laboratory.apply(lab::OpenScene{scene, false});
    } else {
        laboratory.apply(lab::OpenCheckpoint{options.resume});
        if (!options.scene.empty()) {
            lab::Scene scene = lab::find_scene(options.scene);
            change(scene.settings, changes);
            lab::require_same_model(laboratory.settings(), scene.settings, options.resume);
        }
        change_live(laboratory, changes);
    }
    lab::Snapshot snapshot;
    laboratory.fill(snapshot);
    if (!snapshot.trainable)
        throw Error(fmt::format("The scene '{}' has an analytic energy, which is not trained",
                                laboratory.scene().name),
                    "", "Choose a scene with data: `ebmlab scenes` lists them.");
    describe(laboratory, options);
}

/// The folder of a run, with its files.
class RunFolder {
public:
    explicit RunFolder(const std::string& path) : folder_(path) {
        std::error_code error;
        std::filesystem::create_directories(folder_, error);
        if (!std::filesystem::is_directory(folder_))
            throw Error(fmt::format("The output folder cannot be made: {}",
                                    error ? error.message() : "a file has that name"),
                        path, "Choose another --out.");
    }

    std::filesystem::path checkpoint() const { return folder_ / "last.safetensors"; }
    std::filesystem::path log() const { return folder_ / "log.csv"; }

    /// Gives an earlier run in this folder other names, so that nothing of it is lost.
    void keep_earlier_run() const {
        if (!std::filesystem::exists(checkpoint()) && !std::filesystem::exists(log())) return;
        int number = 1;
        const auto name = [&](const char* extension) {
            return folder_ / fmt::format("earlier-{}{}", number, extension);
        };
        while (std::filesystem::exists(name(".safetensors")) || std::filesystem::exists(name(".csv")))
            ++number;
        try {
            if (std::filesystem::exists(checkpoint()))
                std::filesystem::rename(checkpoint(), name(".safetensors"));
            if (std::filesystem::exists(log())) std::filesystem::rename(log(), name(".csv"));
        } catch (const std::filesystem::filesystem_error& error) {
            throw Error("The earlier run in the output folder cannot be renamed: " + error.code().message(),
                        folder_.string(), "Check the folder's rights, or choose another --out.");
        }
        std::fprintf(stderr, "The earlier run in %s is kept as earlier-%d.\n", folder_.string().c_str(),
                     number);
    }

private:
    std::filesystem::path folder_;
};

/// Trains to the end, the time limit or an interrupt, and saves.
class TrainingRun {
public:
    TrainingRun(lab::Laboratory& laboratory, const TrainOptions& options)
        : laboratory_(laboratory), options_(options), folder_(options.out) {
        std::error_code error;
        const bool same_file = !options.resume.empty() &&
                               std::filesystem::equivalent(options.resume, folder_.checkpoint(), error);
        if (!same_file) folder_.keep_earlier_run();
        log_.emplace(folder_.log(), laboratory_.iteration());
        if (!same_file) save(); // finds out now, not hours later, whether there is room
        saved_iteration_ = laboratory_.iteration();
    }

    int run() {
        const auto start = std::chrono::steady_clock::now();
        const std::int64_t first = laboratory_.iteration(), total = laboratory_.settings().train.iterations;
        const double limit = options_.seconds.value_or(-1);
        Progress progress("Training " + laboratory_.scene().name, "iterations", first, total);
        double elapsed = 0;
        while (laboratory_.iteration() < total && !interrupted() && (limit < 0 || elapsed < limit)) {
            const TrainingRecord record = train_iteration(progress);
            log_->add(record);
            elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            difference_ = record.difference();
            if (progress.due()) {
                log_->flush();
                progress.update(record.iteration, fmt::format("E⁺ − E⁻ {}", number(difference_, 3)),
                                limit < 0 ? -1 : limit - elapsed);
            }
            const int every = laboratory_.settings().train.checkpoint_every;
            if (every > 0 && record.iteration % every == 0) save();
        }
        const bool stopped = interrupted() && laboratory_.iteration() < total;
        if (laboratory_.iteration() != saved_iteration_) save();
        progress.finish();
        report(first, total, elapsed, stopped);
        return stopped ? exit_interrupted : exit_done;
    }

private:
    TrainingRecord train_iteration(Progress& progress) {
        try {
            return laboratory_.train_iteration();
        } catch (const Error& error) {
            progress.finish();
            log_->flush();
            throw Error(error.what_happened, error.where,
                        fmt::format("{} {} still holds iteration {}.", error.what_to_do,
                                    folder_.checkpoint().string(), saved_iteration_));
        }
    }

    void save() {
        log_->flush();
        laboratory_.apply(lab::SaveCheckpoint{folder_.checkpoint().string()});
        saved_iteration_ = laboratory_.iteration();
    }

    void report(std::int64_t first, std::int64_t total, double elapsed, bool stopped) const {
        const std::int64_t done = laboratory_.iteration() - first;
        std::string text = fmt::format("{} after iteration {} of {}", stopped ? "Interrupted" : "Finished",
                                       count(laboratory_.iteration()), count(total));
        if (done > 0)
            text += fmt::format(" ({} in {}, {}/s; E⁺ − E⁻ {})", count(done), duration(elapsed),
                                number(static_cast<double>(done) / elapsed, 3), number(difference_, 3));
        text += fmt::format(". Saved {} and {}.\n", folder_.checkpoint().string(), folder_.log().string());
        if (laboratory_.iteration() < total)
            text += fmt::format("Go on with: ebmlab train --resume {} --out {}\n",
                                folder_.checkpoint().string(), options_.out);
        std::fputs(text.c_str(), stdout);
    }

    lab::Laboratory& laboratory_;
    const TrainOptions& options_;
    RunFolder folder_;
    std::optional<TrainingLog> log_;
    std::int64_t saved_iteration_ = 0;
    double difference_ = 0;
};

int train(const TrainOptions& options) {
    catch_interrupts();
    lab::Laboratory laboratory(options.laboratory());
    open_for_training(laboratory, options);
    return TrainingRun(laboratory, options).run();
}

} // namespace

void add_train(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand("train", "Train a model; writes DIR/last.safetensors and DIR/log.csv");
    auto options = std::make_shared<TrainOptions>();
    app->add_option("--scene", options->scene, "What to train: a name from `ebmlab scenes`, or a scene file")
        ->type_name("NAME|FILE.json");
    auto* iterations =
        app->add_option("--iterations", options->iterations,
                        "Length of the training, counted from its very start (setting train.iterations)")
            ->type_name("N");
    app->add_option("--seconds", options->seconds, "Stop after this time, or when the iterations are done")
        ->type_name("S")
        ->check(CLI::PositiveNumber.description(""))
        ->excludes(iterations);
    app->add_option("--seed", options->seed, "Key of every random number (setting train.seed)")
        ->type_name("N");
    add_columns(*app, options->columns);
    add_changes(*app, options->changes);
    app->add_option("--resume", options->resume,
                    "Go on from this checkpoint with its settings, bit for bit as if it had never stopped")
        ->type_name("FILE");
    app->add_option("--out", options->out,
                    "Folder for the results; an earlier run there is kept under another name")
        ->type_name("DIR")
        ->required();
    add_compute_options(*app, *options);
    app->footer("Examples:\n"
                "  ebmlab train --scene eight_gaussians --out runs/gaussians\n"
                "  ebmlab train --scene two_moons --iterations 4000 --seed 2 --set train.learning_rate=0.002 "
                "--out runs/moons\n"
                "  ebmlab train --scene fashion_mnist --set train.checkpoint_every=500 --out runs/fashion\n"
                "  ebmlab train --resume runs/fashion/last.safetensors --out runs/fashion\n"
                "\n"
                "Ctrl-C finishes the iteration, saves, and exits with 130.\n" +
                program.get_footer());
    app->callback([options, &action] {
        if (options->scene.empty() && options->resume.empty())
            throw CLI::RequiredError("--scene or --resume");
        action = [options] { return train(*options); };
    });
}

} // namespace ebm::cli
