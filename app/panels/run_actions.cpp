#include "app/panels/run_actions.h"

#include "app/panels/setting_text.h"
#include "app/window/comparison.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "core/base/error.h"
#include "core/settings/devices.h"

namespace ebm::panels {
namespace {

using window::Action;
using window::Context;

bool running(const Context& context) {
    return context.snapshot.state == lab::State::running;
}

/// An action that sends one command and is refused when the laboratory would refuse it.
Action command_action(const char* id, const char* title, const char* icon, ImGuiKeyChord shortcut,
                      lab::Command command, const char* tooltip) {
    Action action;
    action.id = id;
    action.title = title;
    action.icon = icon;
    action.menu = "Run";
    action.shortcut = shortcut;
    action.tooltip = tooltip;
    action.run = [command](Context& context) { context.send(command); };
    action.refusal = [command](const Context& context) {
        return lab::refusal(context.snapshot.state, command);
    };
    return action;
}

std::string nothing_to_train(const Context& context) {
    return context.snapshot.state != lab::State::empty && !context.snapshot.trainable
               ? "This energy is given by a formula or joined from others: there is nothing to train."
               : "";
}

Action run_or_pause() {
    Action action;
    action.id = "run";
    action.title = "Run or pause";
    action.icon = window::icon::run;
    action.menu = "Run";
    action.shortcut = ImGuiKey_Space;
    action.tooltip = "Trains the model and moves the chains, or holds both";
    action.run = [](Context& context) {
        if (running(context))
            context.send(lab::Pause{});
        else
            context.send(lab::Run{});
    };
    action.refusal = [](const Context& context) {
        return running(context) ? "" : lab::refusal(context.snapshot.state, lab::Run{});
    };
    action.checked = [](const Context& context) { return running(context); };
    return action;
}

/// Whose change is taken back or made again next: run A's or, while two runs are compared, run B's, in the
/// order in which they were made.
const window::SettingEditor& next_in_history(const Context& context, bool back) {
    const window::SettingEditor& a = context.settings;
    if (!context.comparison) return a;
    const window::SettingEditor& b = context.comparison->settings();
    const std::uint64_t of_a = back ? a.history().undo_number() : a.history().redo_number();
    const std::uint64_t of_b = back ? b.history().undo_number() : b.history().redo_number();
    if (of_a == 0 || of_b == 0) return of_a == 0 ? b : a;
    return (of_a < of_b) == back ? b : a;
}

Action history_action(const char* id, const char* title, const char* icon, ImGuiKeyChord shortcut,
                      bool back) {
    Action action;
    action.id = id;
    action.title = title;
    action.icon = icon;
    action.menu = "Edit";
    action.shortcut = shortcut;
    action.repeats = true;
    action.tooltip = back ? "Takes back the last change of a setting, or the last stroke of the brush"
                          : "Makes the change again";
    action.run = [back](Context& context) {
        const bool of_b = &next_in_history(context, back) != &context.settings;
        window::SettingEditor& settings = of_b ? context.comparison->settings() : context.settings;
        const auto* next = back ? settings.history().next_undo() : settings.history().next_redo();
        if (!next) return;
        const std::string label = settings.label_of(next->key), value = back ? next->before : next->after;
        const Setting* row = settings.is_draft(next->key) ? nullptr : &setting(next->key);
        const bool drawing = settings.is_draft(next->key) || is_drawing(setting(next->key));
        if (back)
            settings.undo();
        else
            settings.redo();
        context.shell.say((of_b ? "Run B, " : "") + label + ": back to " +
                          (value.empty()                 ? "empty"
                           : drawing                     ? "what was painted"
                           : row && !row->titles.empty() ? row->title(value)
                                                         : value));
    };
    action.refusal = [back](const Context& context) {
        const auto& history = next_in_history(context, back).history();
        const bool some = back ? history.next_undo() : history.next_redo();
        return some ? "" : back ? "Nothing was changed or painted." : "Nothing was taken back.";
    };
    return action;
}

Action duplicate() {
    Action action;
    action.id = "duplicate";
    action.title = "Duplicate this run";
    action.icon = window::icon::columns;
    action.menu = "Run";
    action.shortcut = ImGuiMod_Ctrl | ImGuiKey_D;
    action.tooltip = "A second run B begins as a copy of this one, beside it: change one thing there and see "
                     "what it does.";
    action.run = [](Context& context) {
        try {
            context.shell.compare(context);
        } catch (const Error& error) {
            context.shell.say(error.what(), window::Meaning::failure);
        }
    };
    action.refusal = [](const Context& context) {
        return context.snapshot.state == lab::State::empty ? "Open a scene first."
               : context.comparison                        ? "There is a run B already: end it first."
                                                           : "";
    };
    action.separator_before = true;
    return action;
}

Action end_comparison() {
    Action action;
    action.id = "end_comparison";
    action.title = "End run B";
    action.menu = "Run";
    action.tooltip = "Only run A stays";
    action.run = [](Context& context) { context.shell.end_comparison(); };
    action.refusal = [](const Context& context) {
        return !context.comparison               ? "There is no run B."
               : context.comparison->is_copied() ? ""
                                                 : "The run is being copied.";
    };
    return action;
}

Action device_action(const DeviceChoice& choice) {
    const std::string name(choice.name), title(choice.title), help(choice.help);
    Action action = command_action("", title.c_str(), "", 0, lab::UseDevice{name}, help.c_str());
    action.id = "device_" + name;
    action.checked = [name](const Context& context) { return context.snapshot.device_choice == name; };
    return action;
}

Action scene_action(std::size_t index, const lab::Scene& scene) {
    Action action;
    action.id = "scene_" + scene.name;
    action.title = "Scene: " + scene.title;
    action.icon = window::icon::scene;
    if (index < 9) action.shortcut = static_cast<ImGuiKeyChord>(ImGuiKey_1 + static_cast<int>(index));
    action.tooltip = scene.description;
    action.leaves_lesson = true;
    action.run = [scene](Context& context) { context.send(lab::OpenScene{scene, true}); };
    return action;
}

} // namespace

std::vector<Action> run_actions() {
    std::vector<Action> actions;
    actions.push_back(run_or_pause());
    actions.push_back(command_action("step_chains", "One Langevin step", window::icon::step, ImGuiKey_S,
                                     lab::StepChains{1},
                                     "Every live chain makes one step; the model stays as it is"));
    Action train =
        command_action("step_training", "One training iteration", window::icon::step_training, ImGuiKey_I,
                       lab::StepTraining{1}, "Negatives from K steps, then one update of the model");
    train.refusal = [refusal = train.refusal](const Context& context) {
        const std::string nothing = nothing_to_train(context);
        return nothing.empty() ? refusal(context) : nothing;
    };
    actions.push_back(train);
    Action reset = command_action("reset", "Reset", window::icon::reset, ImGuiKey_R, lab::Reset{},
                                  "Back to iteration 0 of the scene, with the settings as they are now");
    reset.separator_before = true;
    actions.push_back(reset);
    Action back = command_action("roll_back", "Roll back", window::icon::undo, 0, lab::RollBack{},
                                 "Back to the newest good state that is kept in memory");
    back.refusal = [](const Context& context) {
        return context.snapshot.roll_back_iteration < 0 ? "No good state is kept yet." : "";
    };
    actions.push_back(back);
    Action slow =
        command_action("slow_motion", "Slow motion", window::icon::speed, ImGuiKey_M, lab::SetPace{},
                       "A few Langevin steps per second, each shown as noise kick and gradient pull");
    slow.run = [](Context& context) {
        lab::SetPace pace{context.snapshot.pace};
        pace.speed = pace.speed == lab::Speed::slow ? lab::Speed::full : lab::Speed::slow;
        context.send(pace);
    };
    slow.checked = [](const Context& context) { return context.snapshot.pace.speed == lab::Speed::slow; };
    slow.separator_before = true;
    actions.push_back(slow);
    Action freeze =
        command_action("freeze_model", "Freeze the model", window::icon::snow, 0, lab::FreezeModel{},
                       "Chains run, training waits: what moves then is the sampler's doing alone");
    freeze.run = [](Context& context) { context.send(lab::FreezeModel{!context.snapshot.model_frozen}); };
    freeze.checked = [](const Context& context) { return context.snapshot.model_frozen; };
    freeze.refusal = nothing_to_train;
    actions.push_back(freeze);
    actions.push_back(duplicate());
    actions.push_back(end_comparison());
    for (const DeviceChoice& choice : device_choices) {
        Action device = device_action(choice);
        device.separator_before = &choice == device_choices.data();
        actions.push_back(device);
    }
    actions.push_back(
        history_action("undo", "Undo setting", window::icon::undo, ImGuiMod_Ctrl | ImGuiKey_Z, true));
    Action redo = history_action("redo", "Redo setting", window::icon::redo,
                                 ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z, false);
    redo.other_shortcuts = {ImGuiMod_Ctrl | ImGuiKey_Y};
    actions.push_back(redo);
    const std::vector<lab::Scene>& scenes = lab::built_in_scenes();
    for (std::size_t i = 0; i < scenes.size(); ++i)
        actions.push_back(scene_action(i, scenes[i]));
    return actions;
}

} // namespace ebm::panels
