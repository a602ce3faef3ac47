#include "app/panels/file_actions.h"

#include "app/window/icons.h"
#include "app/window/shell.h"
#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <filesystem>

namespace ebm::panels {
namespace {

using window::Action;
using window::Context;
using window::Meaning;

const std::vector<window::FileFilter> checkpoints = {{"Checkpoints", {"*.safetensors"}}};
const std::vector<window::FileFilter> scenes = {{"Scenes", {"*.json"}}};
const std::vector<window::FileFilter> anything = {
    {"Checkpoints, scenes, data",
     {"*.safetensors", "*.json", "*.csv", "*.idx", "*.idx.gz", "*-ubyte", "*-ubyte.gz"}}};

bool fits(const std::string& path, std::initializer_list<const char*> patterns) {
    const std::string name = std::filesystem::path(path).filename().string();
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const char* pattern) { return window::matches(name, pattern); });
}

/// The scene as it is now, on another data set.
void open_data(Context& context, const std::string& set, const std::string& path) {
    lab::Scene scene = context.snapshot.scene;
    scene.settings = context.shell.settings().shown();
    scene.settings.data.set = set;
    scene.settings.data.path = path;
    const bool images = set == "idx";
    if (images == context.snapshot.kind.plane || !context.snapshot.trainable)
        for (const lab::Scene& other : lab::built_in_scenes())
            if (other.settings.model.energy == (images ? "conv" : "mlp")) {
                scene.settings = other.settings;
                scene.settings.data.set = set;
                scene.settings.data.path = path;
                break;
            }
    scene.checkpoint.clear();
    scene.name = std::filesystem::path(path).stem().string();
    scene.title = std::filesystem::path(path).filename().string();
    scene.description = "Data from " + path + ".";
    context.send(lab::OpenScene{scene, true});
}

std::string nothing_to_save(const Context& context) {
    return context.snapshot.state == lab::State::empty ? "No scene is open." : "";
}

void save_scene(Context& context) {
    lab::Scene scene = context.snapshot.scene;
    scene.settings = context.shell.settings().shown();
    window::Shell& shell = context.shell;
    shell.dialogs().save_file("Save scene", scene.name + ".json", scenes,
                              [scene, &shell](const std::string& path) {
                                  try {
                                      files::write_atomically(path, lab::scene_json(scene));
                                      shell.say("Saved " + path, Meaning::good);
                                  } catch (const Error& error) {
                                      shell.say(error.what(), Meaning::failure);
                                  }
                              });
}

} // namespace

void open_file(Context& context, const std::string& path) {
    try {
        if (fits(path, {"*.safetensors"}))
            context.send(lab::OpenCheckpoint{path});
        else if (fits(path, {"*.json"}))
            context.send(lab::OpenScene{lab::find_scene(path), true});
        else if (fits(path, {"*.csv"}))
            open_data(context, "points", path);
        else if (fits(path, {"*.idx", "*.idx.gz", "*-ubyte", "*-ubyte.gz"}))
            open_data(context, "idx", path);
        else
            context.shell.say(
                "This file is not known here: " + std::filesystem::path(path).filename().string() +
                    ". Drop a .safetensors, .json, .csv or .idx file.",
                Meaning::attention);
    } catch (const Error& error) {
        context.shell.say(error.what(), Meaning::failure);
    }
}

std::vector<Action> file_actions() {
    std::vector<Action> actions;
    actions.push_back(
        {.id = "open",
         .title = "Open…",
         .icon = window::icon::open,
         .menu = "File",
         .shortcut = ImGuiMod_Ctrl | ImGuiKey_O,
         .tooltip = "A checkpoint, a scene, points or images. Files can also be dropped on the window.",
         .run = [](Context& context) {
             window::Shell& shell = context.shell;
             shell.dialogs().open_file("Open", anything,
                                       [&shell](const std::string& path) { shell.open_path(path); });
         }});
    actions.push_back({.id = "save_checkpoint",
                       .title = "Save checkpoint…",
                       .icon = window::icon::save,
                       .menu = "File",
                       .shortcut = ImGuiMod_Ctrl | ImGuiKey_S,
                       .tooltip = "Model, optimizer, replay buffer and chains: resumes bit for bit.",
                       .run =
                           [](Context& context) {
                               context.shell.dialogs().save_file(
                                   "Save checkpoint", context.snapshot.scene.name + ".safetensors",
                                   checkpoints,
                                   [send = context.send, &shell = context.shell](const std::string& path) {
                                       send(lab::SaveCheckpoint{path});
                                       shell.preferences().remember_file(path);
                                   });
                           },
                       .refusal = nothing_to_save,
                       .separator_before = true});
    actions.push_back({.id = "save_scene",
                       .title = "Save scene…",
                       .menu = "File",
                       .shortcut = ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_S,
                       .tooltip = "Data, model, sampler and training settings as they are now.",
                       .run = save_scene,
                       .refusal = nothing_to_save});
    return actions;
}

} // namespace ebm::panels
