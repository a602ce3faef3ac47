#include "app/panels/file_actions.h"

#include "app/panels/own_scenes.h"
#include "app/panels/unsaved.h"
#include "app/window/comparison.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/lab/scene_text.h"

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
     {"*.safetensors", "*.json", "*.md", "*.csv", "*.tsv", "*.txt", "*.npy", "*.npz", "*.idx", "*.png",
      "*.jpg", "*.jpeg", "*.gz", "*-ubyte"}},
    {"All files", {"*"}}};
const std::vector<window::FileFilter> pictures = {{"Pictures", {"*.png", "*.jpg", "*.jpeg"}}};

std::string nothing_to_save(const Context& context) {
    return context.snapshot.state == lab::State::empty ? "No scene is open." : "";
}

void save_scene(Context& context, bool chains) {
    const lab::Scene scene = scene_as_it_is(context, chains);
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

void copy_scene(Context& context, bool chains) {
    const lab::Scene scene = scene_as_it_is(context, chains);
    try {
        ImGui::SetClipboardText(lab::scene_text(scene).c_str());
        context.shell.say("The scene is on the clipboard as a text.", Meaning::good);
    } catch (const Error& error) {
        context.shell.say(error.what(), Meaning::failure);
    }
}

/// Chains on the plane are a few numbers; pictures are many.
std::string no_chains_to_share(const Context& context) {
    const std::string nothing = nothing_to_save(context);
    if (!nothing.empty()) return nothing;
    return context.snapshot.kind.plane ? "" : "Chains of pictures are kept in a checkpoint: save one.";
}

void paste_scene(Context& context) {
    const char* text = ImGui::GetClipboardText();
    try {
        std::vector<std::string> warnings;
        const lab::Scene scene = lab::parse_scene_text(text ? text : "", warnings);
        for (const std::string& warning : warnings)
            log::warning("{}", warning);
        context.send(lab::OpenScene{scene, true});
    } catch (const Error& error) {
        context.shell.say(error.what(), Meaning::failure);
    }
}

} // namespace

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
    actions.push_back({.id = "open_folder",
                       .title = "Open folder…",
                       .icon = window::icon::folder,
                       .menu = "File",
                       .tooltip = "Pictures in a folder; those in folders inside it have these as classes.",
                       .run = [](Context& context) {
                           window::Shell& shell = context.shell;
                           shell.dialogs().open_folder(
                               "Open folder", pictures,
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
                       .run = [](Context& context) { save_scene(context, false); },
                       .refusal = nothing_to_save});
    actions.push_back({.id = "save_scene_with_chains",
                       .title = "Save scene with its chains…",
                       .menu = "File",
                       .tooltip = "The same, and where the live chains are now: they start there when it is "
                                  "opened.",
                       .run = [](Context& context) { save_scene(context, true); },
                       .refusal = no_chains_to_share});
    actions.push_back(keep_scene_action());
    actions.push_back({.id = "copy_scene",
                       .title = "Copy scene as text",
                       .icon = window::icon::copy,
                       .menu = "File",
                       .tooltip =
                           "Settings and seed as they are now, as a text to paste elsewhere: into this "
                           "menu, or behind `ebmlab` on a command line.",
                       .run = [](Context& context) { copy_scene(context, false); },
                       .refusal = nothing_to_save});
    actions.push_back({.id = "copy_scene_with_chains",
                       .title = "Copy scene with its chains as text",
                       .menu = "File",
                       .tooltip = "The same, and where the live chains are now.",
                       .run = [](Context& context) { copy_scene(context, true); },
                       .refusal = no_chains_to_share});
    actions.push_back({.id = "paste_scene",
                       .title = "Open scene from text",
                       .menu = "File",
                       .tooltip = "Opens the scene whose text is on the clipboard.",
                       .run = paste_scene});
    actions.push_back({.id = "bring_back",
                       .title = "Bring back the run before",
                       .icon = window::icon::undo,
                       .menu = "File",
                       .tooltip = "The unsaved run that another one took the place of comes back as it was.",
                       .run = [](Context& context) { context.send(lab::BringBack{}); },
                       .refusal =
                           [](const Context& context) {
                               return context.snapshot.set_aside ? "" : "No unsaved run was left.";
                           },
                       .separator_before = true});
    actions.push_back(
        {.id = "bring_back_b",
         .title = "Bring back the run before, in run B",
         .menu = "File",
         .tooltip = "The same of the run that is compared.",
         .run = [](Context& context) { context.comparison->send_to_b(lab::BringBack{}, context.send); },
         .refusal =
             [](const Context& context) {
                 return !context.comparison || !context.comparison->is_copied() ? "There is no run B."
                        : context.comparison->b().set_aside                     ? ""
                                                            : "Run B has left no unsaved run.";
             }});
    return actions;
}

} // namespace ebm::panels
