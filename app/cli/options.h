#pragma once

#include "core/lab/laboratory.h"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

/// Options that several subcommands share.
namespace ebm::cli {

/// --device, --threads, --verbose.
struct ComputeOptions {
    std::string device = "auto";
    int threads = 0;
    bool verbose = false;

    /// Throws Error if the system gives no threads to compute with.
    lab::Options laboratory() const;
};
void add_compute_options(CLI::App& app, ComputeOptions& options);

/// --set key=value, as often as wanted.
CLI::Option* add_changes(CLI::App& app, std::vector<std::string>& changes);
/// The keys and values of --set. Throws Error for an unknown key.
std::vector<std::pair<std::string, std::string>> parse_changes(const std::vector<std::string>& changes);
/// Warns of those that have no effect in the open scene, and why.
void warn_of_idle(const std::vector<std::pair<std::string, std::string>>& changes,
                  lab::Laboratory& laboratory);
/// Throws Error if a value is not allowed.
void change(Settings& settings, const std::vector<std::pair<std::string, std::string>>& changes);

/// --columns, for the tables of samples that a subcommand reads.
void add_columns(CLI::App& app, std::string& columns);

/// A model to use as it is: --checkpoint FILE, or --scene NAME for analytic energies and scenes with a
/// trained model. With both the checkpoint's model has the scene's sampler.
struct ModelOptions : ComputeOptions {
    std::string checkpoint, scene;
    std::vector<std::string> changes;
};
void add_model_options(CLI::App& app, ModelOptions& options);
/// Opens it with the changes of --set, which must not ask for another model. Throws Error.
void open_model(lab::Laboratory& laboratory, const ModelOptions& options);

/// From now on the open model is sampled as a scene says: all settings of the group sampler but the box,
/// which belongs to the model's data. Says on standard error what is taken from where. Throws Error.
void take_sampler(lab::Laboratory& laboratory, const std::string& scene);
/// Warns if the settings mix chains between rounds, and chains of so many steps end before any round is.
void warn_of_unmixed(const Settings& settings, std::int64_t steps);

/// The classes of the open model. Throws Error if it is not conditional.
std::vector<std::string> classes_of(lab::Laboratory& laboratory);

/// Changes settings of the open scene; those that would start it anew throw Error naming the setting.
void change_live(lab::Laboratory& laboratory,
                 const std::vector<std::pair<std::string, std::string>>& changes);

/// What `train` writes into its folder.
namespace training_files {
inline constexpr const char *checkpoint = "last.safetensors", *log = "log.csv", *lock = ".ebmlab.lock";
inline bool is_one(const std::filesystem::path& name) {
    return name == checkpoint || name == log;
}
} // namespace training_files

/// Throws Error unless `out` ends with one of `endings`, in any case, and lies in a folder that is there, or
/// is a stream, and unless it is another file than each of `inputs`, also through links. Inputs that are
/// empty or not there are passed over. A file that a running training writes is refused too.
void check_output(const std::string& out, const std::vector<std::string>& endings,
                  const std::vector<std::string>& inputs);
/// Throws Error if two outputs of one command are the same file or stream.
void check_two_outputs(const std::string& first, const std::string& second);
/// Says what was done on standard output; on standard error if the output itself went to a stream.
void report(const std::string& out, const std::string& sentence);
/// In a sentence: the path, or "standard output" for "-".
std::string output_name(const std::string& out);

/// A check for options with real numbers: accepts finite numbers from `low` to `high`.
std::function<std::string(const std::string&)> real_number(double low, double high);

/// Device, kernel and threads on standard error, if wanted.
void describe(lab::Laboratory& laboratory, const ComputeOptions& options);

} // namespace ebm::cli
