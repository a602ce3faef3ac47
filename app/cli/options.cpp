#include "app/cli/options.h"

#include "app/cli/terminal.h"
#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/new_file.h"
#include "core/base/printable.h"
#include "core/base/program.h"
#include "core/base/system_error.h"
#include "core/lab/rounds.h"
#include "core/settings/devices.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {

lab::Options ComputeOptions::laboratory() const {
    // Beside the computing ones: the caller's own is there already, OpenMP and LibTorch's pool take one each.
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    require_threads(2 * (threads > 0 ? threads : static_cast<int>(cores)));
    return {threads, device, false};
}

void check_output(const std::string& out, const std::vector<std::string>& endings,
                  const std::vector<std::string>& inputs) {
    if (files::is_stream(out)) return;
    std::string lower = out;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    if (std::none_of(endings.begin(), endings.end(),
                     [&](const std::string& ending) { return lower.ends_with(ending); }))
        throw Error("The output has another ending than what is written", out,
                    fmt::format("Give a name that ends with {}, or - for standard output.",
                                fmt::join(endings, " or ")));
    for (const std::string& input : inputs)
        if (!input.empty() && files::same_file(out, input))
            throw Error("The output would replace the input " + input, out, "Give the output another name.");
    // Known now, and not when the work is done.
    const std::filesystem::path folder = std::filesystem::path(out).parent_path();
    std::error_code ignored;
    if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
        throw Error("The folder of the output is not there", out, "Make it first, or give another one.");
    if (std::filesystem::is_directory(out, ignored))
        throw Error("The output would be a file, and a folder has that name", out, "Give another name.");
    const std::filesystem::path real = std::filesystem::weakly_canonical(out, ignored); // behind links
    const std::filesystem::path lock = real.parent_path() / training_files::lock;
    if (training_files::is_one(real.filename()) && files::is_locked(lock))
        throw Error(fmt::format("A training writes this file: {}", files::lock_holder(lock)), out,
                    "Wait until it ends, or give another name.");
    const files::NewFile tried(out); // says whether a file can be made there, and goes again
}

void check_two_outputs(const std::string& first, const std::string& second) {
    const auto place = [](const std::string& path) {
        return std::filesystem::absolute(path).lexically_normal();
    };
    const bool same = first == second || (!files::is_stream(first) && !files::is_stream(second) &&
                                          (place(first) == place(second) || files::same_file(first, second)));
    if (same && !first.empty())
        throw Error("Both outputs would be the same file", first, "Give one of them another name.");
}

void report(const std::string& out, const std::string& sentence) {
    print(files::is_stream(out) ? stderr : stdout, sentence + "\n");
}

std::string output_name(const std::string& out) {
    return out == "-" ? "standard output" : out;
}

std::function<std::string(const std::string&)> real_number(double low, double high) {
    return [low, high](const std::string& text) {
        double value = 0;
        const char* const end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(text.data(), end, value);
        return error == std::errc() && rest == end && value >= low && value <= high
                   ? std::string()
                   : fmt::format("'{}' is not a number from {:g} to {:g}", text, low, high);
    };
}

void add_compute_options(CLI::App& app, ComputeOptions& options) {
    std::vector<std::string> devices;
    for (const DeviceChoice& choice : device_choices)
        devices.emplace_back(choice.name);
    app.add_option("--device", options.device,
                   "Where to compute; auto is an NVIDIA card where there is one (cuda), else the CPU")
        ->type_name(fmt::format("{}", fmt::join(devices, "|")))
        ->check(CLI::IsMember(devices).description(""))
        ->capture_default_str();
    app.add_option("--threads", options.threads, "Threads to compute with; 0 = all cores")
        ->type_name("N")
        ->check(CLI::Range(0, 1024).description(""))
        ->capture_default_str();
    app.add_flag("--verbose", options.verbose, "Name the device, the kernel and the number of threads");
}

CLI::Option* add_changes(CLI::App& app, std::vector<std::string>& changes) {
    return app
        .add_option("--set", changes,
                    "Change a setting, e.g. --set sampler.step_size=0.01 (`ebmlab params` lists them)")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false)
        ->check([](const std::string& text) {
            return text.find('=') == std::string::npos ? "'" + text + "' is not of the form key=value"
                                                       : std::string();
        });
}

std::vector<std::pair<std::string, std::string>> parse_changes(const std::vector<std::string>& changes) {
    std::vector<std::pair<std::string, std::string>> parsed;
    for (const std::string& text : changes) {
        const std::size_t equals = text.find('=');
        parsed.emplace_back(setting(text.substr(0, equals)).key, text.substr(equals + 1));
    }
    return parsed;
}

void warn_of_idle(const std::vector<std::pair<std::string, std::string>>& changes,
                  lab::Laboratory& laboratory) {
    lab::Snapshot snapshot;
    laboratory.fill(snapshot);
    const Surroundings around = snapshot.surroundings();
    for (const auto& [key, value] : changes) {
        const Setting& row = setting(key);
        if (!row.applies(laboratory.settings(), around))
            log::warning("--set {}={} has no effect in the scene {}.", key, value, laboratory.scene().name);
        else if (const auto why = row.why_idle(laboratory.settings(), around); !why.empty())
            log::warning("--set {}={} has no effect: {}", key, value, why);
    }
}

void change(Settings& settings, const std::vector<std::pair<std::string, std::string>>& changes) {
    for (const auto& [key, value] : changes)
        setting(key).set_text(settings, value);
    validate(settings);
}

void add_columns(CLI::App& app, std::string& columns) {
    app.add_option("--columns", columns,
                   "Columns of the tables that are read, by name or by number from 1; the array of an npz")
        ->type_name("A,B");
}

void add_model_options(CLI::App& app, ModelOptions& options) {
    auto* model = app.add_option_group(
        "Model", "One of these is needed; with both, weights are the checkpoint's and the sampler is the "
                 "scene's");
    model->add_option("--checkpoint", options.checkpoint, "A model that `ebmlab train` saved")
        ->type_name("FILE");
    model
        ->add_option("--scene", options.scene,
                     "A scene with an analytic energy or a trained model (`ebmlab scenes`), or a scene file")
        ->type_name("NAME|FILE.json");
    model->require_option(1, 2);
    add_changes(app, options.changes);
    add_compute_options(app, options);
}

std::vector<std::string> classes_of(lab::Laboratory& laboratory) {
    std::vector<std::string> classes = laboratory.classes();
    if (!classes.empty()) return classes;
    lab::Snapshot snapshot;
    laboratory.fill(snapshot);
    if (snapshot.parts &&
        std::ranges::any_of(*snapshot.parts, [](const lab::PartView& part) { return !part.classes.empty(); }))
        throw Error(
            "The model is joined from others, each of which has classes of its own", "--class",
            "Say what each is asked for with --set compose.classes=NAME,NAME…; `ebmlab params` says how.");
    throw Error("The model has no classes", "--class",
                "Leave the option out, or take a model that was trained with model.conditional=true.");
}

void change_live(lab::Laboratory& laboratory,
                 const std::vector<std::pair<std::string, std::string>>& changes) {
    Settings wanted = laboratory.settings();
    change(wanted, changes);
    for (const auto& [key, value] : changes) {
        const Setting& row = setting(key);
        if (row.is_default(wanted, laboratory.settings())) continue;
        if (row.effect != Effect::now)
            throw Error(
                fmt::format("{} belongs to the model as it was trained and cannot be changed", key),
                fmt::format("there {}, asked for {}", row.text(laboratory.settings()), row.text(wanted)),
                "Leave it out, or train a new model with it.");
        laboratory.apply(lab::ChangeSetting{key, value});
    }
}

void take_sampler(lab::Laboratory& laboratory, const std::string& scene) {
    const lab::Scene named = lab::find_scene(scene);
    for (const Setting& row : settings_table()) {
        const bool of_data = row.key.starts_with("sampler.box");
        if (row.group != "sampler" || of_data || row.is_default(named.settings, laboratory.settings()))
            continue;
        laboratory.apply(lab::ChangeSetting{std::string(row.key), row.text(named.settings)});
    }
    print(stderr, fmt::format("The model is {}; the settings of its sampler are those of the scene {}.\n",
                              printable(laboratory.scene().name), printable(named.name)));
}

void warn_of_unmixed(const Settings& settings, std::int64_t steps) {
    const std::int64_t k = settings.sampler.steps;
    if (!lab::mixes(settings) || steps == 0 || lab::mixes_before_end(settings, k, steps)) return;
    log::warning(
        "No chain starts anew or is asked for another class: the last {} rounds of {} steps are left "
        "alone, and {} steps are no more than these and one before. Give more than {}.",
        lab::last_rounds, k, steps, (lab::last_rounds + 1) * k);
}

void open_model(lab::Laboratory& laboratory, const ModelOptions& options) {
    const auto changes = parse_changes(options.changes);
    if (!options.checkpoint.empty()) {
        laboratory.apply(lab::OpenCheckpoint{options.checkpoint});
        if (!options.scene.empty()) take_sampler(laboratory, options.scene);
        change_live(laboratory, changes);
    } else {
        lab::Scene scene = lab::find_scene(options.scene);
        change(scene.settings, changes);
        // Before its data are opened, which may not be there and would not help.
        if (!lab::holds_model(scene))
            throw Error(fmt::format("The scene '{}' holds no trained model", scene.name), "option --scene",
                        lab::mixes(scene.settings)
                            ? fmt::format("It says how a trained model is sampled: give that as well, with "
                                          "--checkpoint DIR/last.safetensors.")
                            : fmt::format("Train it with `ebmlab train --scene {} --out DIR` and give "
                                          "--checkpoint DIR/last.safetensors.",
                                          shell_quoted(options.scene)));
        laboratory.apply(lab::OpenScene{scene, false});
    }
    warn_of_idle(changes, laboratory);
    describe(laboratory, options);
}

void describe(lab::Laboratory& laboratory, const ComputeOptions& options) {
    if (!options.verbose) return;
    lab::Snapshot snapshot;
    laboratory.fill(snapshot);
    print(stderr,
          fmt::format("Scene: {} · energy: {}, {} weights · device: {} · kernel: {} · threads: {}\n{}\n",
                      snapshot.scene.name, snapshot.energy_title, snapshot.parameter_count, snapshot.device,
                      snapshot.kernel, snapshot.threads, libtorch_in_words()));
    if (!snapshot.device_note.empty()) print(stderr, snapshot.device_note + "\n");
}

} // namespace ebm::cli
