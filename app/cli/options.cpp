#include "app/cli/options.h"

#include "core/base/error.h"
#include "core/base/program.h"
#include "core/settings/devices.h"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace ebm::cli {

void add_compute_options(CLI::App& app, ComputeOptions& options) {
    std::vector<std::string> devices;
    for (const DeviceChoice& choice : device_choices)
        devices.emplace_back(choice.name);
    app.add_option("--device", options.device, "Where to compute; auto is the CPU, cuda an NVIDIA card")
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

void change(Settings& settings, const std::vector<std::pair<std::string, std::string>>& changes) {
    for (const auto& [key, value] : changes)
        setting(key).set_text(settings, value);
    validate(settings);
}

void add_model_options(CLI::App& app, ModelOptions& options) {
    auto* model = app.add_option_group("Model", "One of these is needed");
    model->add_option("--checkpoint", options.checkpoint, "A model that `ebmlab train` saved")
        ->type_name("FILE");
    model
        ->add_option("--scene", options.scene,
                     "A scene with an analytic energy or a trained model (`ebmlab scenes`), or a scene file")
        ->type_name("NAME|FILE.json");
    model->require_option(1);
    add_changes(app, options.changes);
    add_compute_options(app, options);
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

void open_model(lab::Laboratory& laboratory, const ModelOptions& options) {
    const auto changes = parse_changes(options.changes);
    if (!options.checkpoint.empty()) {
        laboratory.apply(lab::OpenCheckpoint{options.checkpoint});
        change_live(laboratory, changes);
    } else {
        lab::Scene scene = lab::find_scene(options.scene);
        change(scene.settings, changes);
        laboratory.apply(lab::OpenScene{scene, false});
        lab::Snapshot snapshot;
        laboratory.fill(snapshot);
        if (snapshot.trainable && laboratory.iteration() == 0)
            throw Error(fmt::format("The scene '{}' holds no trained model", scene.name), "option --scene",
                        fmt::format("Train it with `ebmlab train --scene {} --out DIR` and give --checkpoint "
                                    "DIR/last.safetensors.",
                                    options.scene));
    }
    describe(laboratory, options);
}

void describe(lab::Laboratory& laboratory, const ComputeOptions& options) {
    if (!options.verbose) return;
    lab::Snapshot snapshot;
    laboratory.fill(snapshot);
    std::fputs(fmt::format("Scene: {} · energy: {}, {} weights · device: {} · kernel: {} · threads: {}\n{}\n",
                           snapshot.scene.name, snapshot.energy_title, snapshot.parameter_count,
                           snapshot.device, snapshot.kernel, snapshot.threads, libtorch_in_words())
                   .c_str(),
               stderr);
    if (!snapshot.device_note.empty()) std::fputs((snapshot.device_note + "\n").c_str(), stderr);
}

} // namespace ebm::cli
