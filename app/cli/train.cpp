#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "app/cli/text.h"
#include "app/cli/training_log.h"
#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/base/files.h"
#include "core/base/printable.h"
#include "core/base/stop_check.h"
#include "core/base/system_error.h"
#include "core/lab/model_file.h"
#include "core/store/recovery.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ebm::cli {
namespace {

using Changes = std::vector<std::pair<std::string, std::string>>;

struct TrainOptions : ComputeOptions {
    std::string scene, resume, out;
    std::vector<std::string> changes;
    std::string columns;
    std::optional<std::int64_t> iterations, seed;
    std::optional<double> seconds;
    bool json = false;
};

/// What the command line says about settings, --iterations and --seed included.
Changes all_changes(const TrainOptions& options) {
    Changes changes = parse_changes(options.changes);
    if (options.iterations) changes.emplace_back("train.iterations", std::to_string(*options.iterations));
    if (options.seed) changes.emplace_back("train.seed", std::to_string(*options.seed));
    if (!options.columns.empty()) changes.emplace_back("data.columns", options.columns);
    return changes;
}

/// Takes what is said about data.path out of the changes; empty if nothing is.
std::string take_data_path(Changes& changes) {
    std::string path;
    for (const auto& [key, value] : changes)
        if (key == "data.path") path = value;
    std::erase_if(changes, [](const auto& change) { return change.first == "data.path"; });
    return path;
}

/// Throws Error unless there are data to train on and iterations left.
void require_work(const lab::Laboratory& laboratory, const lab::Snapshot& snapshot,
                  const TrainOptions& options) {
    if (!snapshot.trainable)
        throw Error(fmt::format("The scene '{}' has an analytic energy, which is not trained",
                                laboratory.scene().name),
                    "", "Choose a scene with data: `ebmlab scenes` lists them.");
    const std::int64_t total = laboratory.settings().train.iterations;
    if (laboratory.iteration() > total)
        throw Error(fmt::format("Nothing is left to train: iteration {} is done, and {} were asked for",
                                count(laboratory.iteration()), count(total)),
                    "train.iterations", "Give more --iterations.");
    if (snapshot.data->train_count > 0) return;
    // Why they are not there was said when the checkpoint was opened.
    throw Error(
        options.resume.empty() ? "There are no data to learn from"
                               : "The data that the model was trained on are not there",
        "",
        options.resume.empty()
            ? "Say with --set data.path=FILE where they lie."
            : fmt::format("If they lie elsewhere: ebmlab train --resume {} --set data.path=FILE --out {}.",
                          shell_quoted(options.resume), shell_quoted(options.out)));
}

void open_for_training(lab::Laboratory& laboratory, const TrainOptions& options) {
    Changes changes = all_changes(options);
    if (options.resume.empty()) {
        lab::Scene scene = lab::find_scene(options.scene);
        change(scene.settings, changes);
        laboratory.apply(lab::OpenScene{scene, false});
    } else {
        laboratory.apply(lab::OpenCheckpoint{options.resume, take_data_path(changes)});
        if (!options.scene.empty()) {
            lab::Scene scene = lab::find_scene(options.scene);
            change(scene.settings, changes);
            lab::require_same_model(laboratory.settings(), scene.settings, options.resume);
        }
        change_live(laboratory, changes);
    }
    lab::Snapshot snapshot;
    laboratory.fill(snapshot);
    require_work(laboratory, snapshot, options);
    warn_of_idle(parse_changes(options.changes), laboratory);
    describe(laboratory, options);
}

/// The folder of a run, with its files and the lock that keeps other runs out.
class RunFolder {
public:
    /// Takes the lock at once where the folder is there already; make() is for the other case.
    explicit RunFolder(const std::string& path) : folder_(path) {
        if (path == "-")
            throw Error("A training needs a folder, not a stream", "option --out",
                        "Give the name of a folder.");
        std::error_code error;
        folder_ =
            std::filesystem::absolute(path, error); // it stays the same whatever becomes of the current one
        if (error) throw system_error("The output folder cannot be used", path, error.value());
        if (std::filesystem::is_directory(folder_, error)) lock();
    }

    /// A folder that was made for nothing goes again.
    ~RunFolder() {
        if (made_from_.empty()) return;
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored))
            if (entry.path().filename() != training_files::lock) return;
        lock_.reset();
        std::filesystem::remove(folder_ / training_files::lock, ignored);
        for (std::filesystem::path made = folder_;
             std::filesystem::remove(made, ignored) && made != made_from_;)
            made = made.parent_path();
    }
    RunFolder(const RunFolder&) = delete;

    void make() {
        std::error_code error;
        for (std::filesystem::path path = folder_; path.has_relative_path(); path = path.parent_path()) {
            if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) break;
            made_from_ = path;
        }
        std::filesystem::create_directories(folder_, error);
        std::error_code unknown;
        if (!std::filesystem::is_directory(folder_, unknown)) {
            if (!error) error = std::make_error_code(std::errc::not_a_directory);
            if (error == std::errc::not_a_directory || error == std::errc::file_exists)
                throw Error("The output folder cannot be made: a file has that name", folder_.string(),
                            "Choose another --out.");
            throw system_error("The output folder cannot be made", folder_, error.value());
        }
        if (!lock_) lock();
    }

    std::filesystem::path checkpoint() const { return folder_ / training_files::checkpoint; }
    std::filesystem::path log() const { return folder_ / training_files::log; }

    /// Whether `file` is this folder's own checkpoint, so that the run there goes on. A link is another's
    /// file.
    bool is_own(const std::string& file) const {
        std::error_code error;
        return files::same_file(file, checkpoint()) && !std::filesystem::is_symlink(checkpoint(), error) &&
               files::same_file(std::filesystem::absolute(file, error).parent_path(), folder_);
    }

    /// Gives an earlier run in this folder other names, so that nothing of it is lost.
    void keep_earlier_run() const {
        const auto is_there = [](const std::filesystem::path& path) {
            std::error_code error;
            return std::filesystem::exists(std::filesystem::symlink_status(path, error));
        };
        if (!is_there(checkpoint()) && !is_there(log())) return;
        int number = 1;
        const auto name = [&](const char* extension) {
            return folder_ / fmt::format("earlier-{}{}", number, extension);
        };
        while (is_there(name(".safetensors")) || is_there(name(".csv")))
            ++number;
        try {
            if (is_there(checkpoint())) std::filesystem::rename(checkpoint(), name(".safetensors"));
            if (is_there(log())) std::filesystem::rename(log(), name(".csv"));
        } catch (const std::filesystem::filesystem_error& error) {
            throw system_error("The earlier run in the output folder cannot be renamed", folder_,
                               error.code().value());
        }
        print(stderr,
              fmt::format("The earlier run in {} is kept as earlier-{}.\n", folder_.string(), number));
    }

    /// Makes the folder again if it is gone; returns whether it was.
    bool make_again() const {
        std::error_code error;
        if (std::filesystem::is_directory(folder_, error)) return false;
        std::filesystem::create_directories(folder_, error);
        return std::filesystem::is_directory(folder_, error);
    }

private:
    void lock() {
        const std::filesystem::path file = folder_ / training_files::lock;
        lock_ = files::FileLock::take(file);
        if (!lock_) {
            const std::string holder = files::lock_holder(file);
            throw Error("Another training writes to this folder" + (holder.empty() ? "" : ": " + holder),
                        folder_.string(), "Wait until it ends, or give another --out.");
        }
        if (!lock_->is_effective())
            print(stderr, "The file system of " + folder_.string() +
                              " has no locks: take care that no other training writes there.\n");
    }

    std::filesystem::path folder_;
    std::filesystem::path made_from_; ///< the first folder of folder_ that make() made; empty if it made none
    std::optional<files::FileLock> lock_;
};

/// Trains to the end, the time limit or an interrupt, and saves.
class TrainingRun {
public:
    TrainingRun(lab::Laboratory& laboratory, const TrainOptions& options, RunFolder& folder)
        : laboratory_(laboratory), options_(options), folder_(folder), measurement_(laboratory) {
        const std::string data = laboratory_.settings().data.path;
        for (const std::filesystem::path& own : {folder_.checkpoint(), folder_.log()})
            if (!data.empty() && files::same_file(data, own))
                throw Error("The training would replace its own data", own.string(), "Give another --out.");
        folder_.make();
        const bool goes_on = !options.resume.empty() && folder_.is_own(options.resume);
        if (!goes_on) folder_.keep_earlier_run();
        std::vector<std::string> notices;
        log_.emplace(folder_.log(), goes_on ? laboratory_.iteration() : 0, measurement_.columns(), notices);
        for (const std::string& notice : notices)
            print(stderr, notice + "\n");
        for (const Record& record : log_->earlier())
            health_.add(record, laboratory_.settings(), laboratory_.training_circumstances());
        if (!goes_on) save(); // finds out at once, not hours later, whether there is room
        saved_iteration_ = laboratory_.iteration();
    }

    int run() {
        const auto start = Clock::now();
        const std::int64_t first = laboratory_.iteration(), total = laboratory_.settings().train.iterations;
        const double limit = options_.seconds.value_or(-1);
        Progress progress("Training " + laboratory_.scene().name, "iterations", first, total);
        saved_at_ = start;
        double elapsed = 0;
        while (laboratory_.iteration() < total && !interrupted() && (limit < 0 || elapsed < limit)) {
            const Record record = train_iteration(progress);
            const std::string turn =
                health_.add(record, laboratory_.settings(), laboratory_.training_circumstances());
            log_->add(record,
                      is_measured(record.iteration) ? measured(record, progress) : std::vector<double>(),
                      health_.word());
            if (!turn.empty()) say(progress, turn);
            elapsed = std::chrono::duration<double>(Clock::now() - start).count();
            latest_ = record;
            if (progress.due()) {
                flush_log(progress);
                progress.update(record.iteration, reading(record), limit < 0 ? -1 : limit - elapsed);
            }
            if (save_wanted()) {
                save_or_rescue(progress);
                say(progress, saved_sentence(record.iteration));
            } else if (checkpoint_is_due(record.iteration)) {
                save_or_rescue(progress);
            }
        }
        const bool stopped = interrupted() && laboratory_.iteration() < total;
        if (laboratory_.iteration() != saved_iteration_ || !is_saved()) save_or_rescue(progress);
        progress.finish();
        report_end(first, total, elapsed, stopped);
        return stopped ? exit_interrupted : exit_done;
    }

private:
    using Clock = std::chrono::steady_clock;

    void say(Progress& progress, const std::string& sentence) {
        progress.clear();
        print(stderr, sentence + "\n");
    }

    bool checkpoint_is_due(std::int64_t iteration) const {
        const Settings& settings = laboratory_.settings();
        const int every = settings.train.checkpoint_every;
        if (every > 0 && iteration % every == 0) return true;
        const double minutes = settings.train.checkpoint_minutes;
        return minutes > 0 &&
               Clock::now() - saved_at_ >= std::chrono::duration<double, std::ratio<60>>(minutes);
    }

    /// A matter of the iteration alone, so that a run that was interrupted has the log of one that was not.
    bool is_measured(std::int64_t iteration) const {
        const auto& train = laboratory_.settings().train;
        return iteration == train.iterations ||
               (train.measure_every > 0 && iteration % train.measure_every == 0);
    }

    /// Measuring may take longer than all the iterations since the last time: it does not keep a signal
    /// waiting. Nothing if it was interrupted.
    std::vector<double> measured(const Record& record, Progress& progress) {
        const StopCheck check([&] {
            if (interrupted()) throw Interrupted();
            if (!save_wanted()) return;
            save_or_rescue(progress);
            say(progress, saved_sentence(record.iteration));
        });
        try {
            return measurement_.measure(record.iteration == laboratory_.settings().train.iterations);
        } catch (const Interrupted&) {
            return {};
        }
    }

    std::string saved_sentence(std::int64_t iteration) const {
        return fmt::format("Saved iteration {} in {}.", count(iteration), folder_.checkpoint().string());
    }

    bool is_saved() const {
        std::error_code error;
        return std::filesystem::exists(folder_.checkpoint(), error);
    }

    /// A failure that is not one of the model (no memory, …) costs nothing: what is in memory is the last
    /// whole iteration, and is saved.
    Record train_iteration(Progress& progress) {
        try {
            return laboratory_.train_iteration();
        } catch (const Error& error) {
            progress.finish();
            log_->flush();
            throw Error(error.what_happened, error.where,
                        fmt::format("{} {} still holds iteration {}.", error.what_to_do,
                                    folder_.checkpoint().string(), saved_iteration_));
        } catch (const std::exception& error) {
            const std::optional<Error> why = explained(error);
            if (laboratory_.iteration() != saved_iteration_ || !is_saved()) save_or_rescue(progress);
            progress.finish();
            if (!why) throw;
            throw Error(why->what_happened, fmt::format("training iteration {}", laboratory_.iteration() + 1),
                        fmt::format("{} Iteration {} is saved in {}.", why->what_to_do, saved_iteration_,
                                    folder_.checkpoint().string()));
        }
    }

    /// A log that cannot be written ends the training, but not before the model is saved.
    void flush_log(Progress& progress) {
        try {
            log_->flush();
        } catch (const Error& error) {
            if (laboratory_.iteration() != saved_iteration_) save_model(progress);
            progress.finish();
            throw Error(error.what_happened, error.where,
                        fmt::format("{} Iteration {} is saved in {}.", error.what_to_do, saved_iteration_,
                                    folder_.checkpoint().string()));
        }
    }

    void save_or_rescue(Progress& progress) {
        flush_log(progress); // first: a checkpoint never knows of an iteration that the log does not
        save_model(progress);
    }

    void save() {
        laboratory_.apply(lab::SaveCheckpoint{folder_.checkpoint().string()});
        saved_iteration_ = laboratory_.iteration();
        saved_at_ = Clock::now();
    }

    /// Saves; where the folder takes nothing, saves the state in memory at another place, and throws Error
    /// that names it.
    void save_model(Progress& progress) {
        if (folder_.make_again())
            say(progress, "The output folder was moved or deleted. It is made again for what is in memory.");
        try {
            save();
        } catch (const std::exception& error) {
            progress.finish();
            const std::optional<Error> problem = explained(error);
            const auto* own = dynamic_cast<const Error*>(&error);
            const Error why = own ? *own : problem ? *problem : Error(error.what(), "", "");
            throw Error(why.what_happened, why.where, why.what_to_do + " " + rescue());
        }
    }

    /// Saves the state in memory wherever there is room. Returns the sentence that says where.
    std::string rescue() {
        const auto in_temporary_folder = [] {
            std::error_code error;
            return files::make_new_file(std::filesystem::temp_directory_path(error) / "ebmlab-rescued",
                                        ".safetensors");
        };
        for (const std::function<std::filesystem::path()>& place :
             {std::function<std::filesystem::path()>([] { return store::recovery::own_file(); }),
              std::function<std::filesystem::path()>(in_temporary_folder)}) {
            try {
                const std::filesystem::path file = place();
                laboratory_.apply(lab::SaveCheckpoint{file.string()});
                return fmt::format(
                    "Iteration {} is saved in {} instead; go on with: ebmlab train --resume {} --out DIR.",
                    laboratory_.iteration(), file.string(), shell_quoted(file.string()));
            } catch (const std::exception&) { // the next place
            }
        }
        return "No other place took it either, so the training since the last checkpoint is lost.";
    }

    static Record no_record() {
        Record record;
        record.positive_energy = record.loss = std::nanf("");
        return record;
    }

    /// How the training stands, in a few words.
    std::string reading(const Record& record) const {
        if (record.has_negatives()) return fmt::format("E⁺ − E⁻ {}", number(record.difference(), 3));
        const Learning learning = laboratory_.training_circumstances().learning;
        if (learning == Learning::score_matching)
            return fmt::format("{} of the noise not found", number(record.loss, 3));
        if (learning == Learning::classes) return fmt::format("−log p(y|x) {} nat", number(record.loss, 3));
        // A VAE's loss is no bound before all of the divergence is in it.
        const auto& model = laboratory_.settings().model;
        const bool warming = model.energy == "vae" && record.iteration <= model.latent_warm_up;
        const char* at_most = warming                                      ? "with a part of the divergence "
                              : laboratory_.training_circumstances().bound ? "at most "
                                                                           : "";
        if (std::isnan(record.bits_per_dimension))
            return fmt::format("−log p {}{} nat", at_most, number(record.loss, 4));
        return fmt::format("{}{} bits per dimension", at_most, number(record.bits_per_dimension, 4));
    }

    void report_end(std::int64_t first, std::int64_t total, double elapsed, bool stopped) const {
        const std::int64_t done = laboratory_.iteration() - first;
        const measure::Health health =
            health_.verdict(laboratory_.settings(), laboratory_.training_circumstances());
        const bool bad = health.level >= measure::HealthLevel::attention;
        if (bad && health_sentence(health) != health_.said())
            print(stderr, "Health at the end: " + health_sentence(health) + "\n");
        if (options_.json) {
            const auto finite = [](double value) {
                return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
            };
            nlohmann::ordered_json json = {{"scene", laboratory_.scene().name},
                                           {"iteration", laboratory_.iteration()},
                                           {"iterations", total},
                                           {"interrupted", stopped},
                                           {"seconds", elapsed},
                                           {"energy_difference", finite(latest_.difference())},
                                           {"loss", finite(latest_.loss)},
                                           {"bits_per_dimension", finite(latest_.bits_per_dimension)}};
            json["checkpoint"] = folder_.checkpoint().string();
            json["log"] = folder_.log().string();
            json["health"] = {{"level", health_word(health.level)},
                              {"sentence", health.sentence},
                              {"remedy", health.remedy}};
            std::fputs((json.dump(4, ' ', true, nlohmann::json::error_handler_t::replace) + "\n").c_str(),
                       stdout);
            return;
        }
        std::string text = fmt::format("{} after iteration {} of {}", stopped ? "Interrupted" : "Finished",
                                       count(laboratory_.iteration()), count(total));
        if (done > 0)
            text += fmt::format(" ({} in {}, {}/s; {})", count(done), duration(elapsed),
                                number(static_cast<double>(done) / elapsed, 3), reading(latest_));
        text += fmt::format(". Saved {} and {}.\n",
                            (std::filesystem::path(options_.out) / "last.safetensors").string(),
                            (std::filesystem::path(options_.out) / "log.csv").string());
        if (laboratory_.iteration() < total)
            text +=
                fmt::format("Go on with: ebmlab train --resume {} --out {}\n",
                            shell_quoted((std::filesystem::path(options_.out) / "last.safetensors").string()),
                            shell_quoted(options_.out));
        print(stdout, text);
    }

    lab::Laboratory& laboratory_;
    const TrainOptions& options_;
    RunFolder& folder_;
    Measurement measurement_;
    std::optional<TrainingLog> log_;
    HealthWatch health_;
    std::int64_t saved_iteration_ = 0;
    Clock::time_point saved_at_{};
    Record latest_ = no_record(); ///< of this run
};

int train(const TrainOptions& options) {
    await_training_signals();
    RunFolder folder(options.out);
    lab::Laboratory laboratory(options.laboratory());
    open_for_training(laboratory, options);
    catch_training_signals();
    return TrainingRun(laboratory, options, folder).run();
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
        ->check(real_number(1e-9, 1e9))
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
    app->add_flag("--json", options->json,
                  "Print the end as JSON: iteration, energy_difference (null without negatives), loss, "
                  "bits_per_dimension, checkpoint, health and others");
    add_compute_options(*app, *options);
    app->footer(
        "Examples:\n"
        "  ebmlab train --scene eight_gaussians --out runs/gaussians\n"
        "  ebmlab train --scene two_moons --iterations 4000 --seed 2 --set train.learning_rate=0.002 "
        "--out runs/moons\n"
        "  ebmlab train --scene fashion_mnist --set train.checkpoint_every=500 --out runs/fashion\n"
        "  ebmlab train --resume runs/fashion/last.safetensors --out runs/fashion\n"
        "\n"
        "A checkpoint is saved each minute (--set train.checkpoint_minutes=M; 0 = not by time), every\n"
        "train.checkpoint_every iterations, and at the end. Ctrl-C, SIGTERM and SIGHUP finish the\n"
        "iteration, save, and exit with 130, or exit at once if nothing has begun; `nohup` keeps SIGHUP "
        "away.\n"
        "SIGUSR1 saves and goes on.\n" +
        program.get_footer());
    app->callback([options, &action] {
        if (options->scene.empty() && options->resume.empty())
            throw CLI::RequiredError("--scene or --resume");
        action = [options] { return train(*options); };
    });
}

} // namespace ebm::cli
