#include "app/panels/lesson.h"

#include "app/panels/lesson_list.h"
#include "app/panels/lesson_text.h"
#include "app/panels/panels.h"
#include "app/window/icons.h"
#include "app/window/number_format.h"
#include "app/window/pointing.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/lab/lessons.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>

#include <imgui_internal.h>

namespace ebm::panels {
namespace {

using window::Meaning;
using window::scaled;

/// The lesson that is being taken, one in the program.
struct LessonState {
    std::optional<lab::LessonRun> run;
    bool all_panels = false; ///< beside the lesson, not only what it needs
    bool hint = false;
    bool entered = false; ///< the step has just begun
    double held_at = -1;  ///< ImGui::GetTime() when something was held by the mouse last
    std::shared_ptr<const lab::ModelDescription> pause_model; ///< of the run that was asked to pause
    bool ran = false;                                         ///< the laboratory, when the step began
    lab::PauseAt pause_at;                                    ///< what the laboratory was asked last
    std::array<int, 4> said{}; ///< which words stood under the question and the task in the frame before
    std::string finished;      ///< name of the lesson that was finished last, while the list is shown
    std::string next;          ///< name of a lesson that a file was opened for, to begin with the next frame
    /// What was open when the lesson last opened its scene: as long as it is, that scene is not there yet.
    std::shared_ptr<const lab::ModelDescription> open_before;
};

LessonState& state() {
    static LessonState state;
    return state;
}

/// Where a setting is found.
const char* panel_of(const std::string& key) {
    return key.starts_with("sampler.") || key.starts_with("buffer.") ? "sampler" : "scene";
}

void arrange(window::Shell& shell) {
    const LessonState& s = state();
    std::vector<std::string> panels;
    if (s.run && !s.all_panels) {
        panels = lab::opening(s.run->lesson(), s.run->at()).layout;
        panels.insert(panels.begin(), "lesson");
    }
    shell.show_only(panels);
    shell.bring_to_front(panels);
    shell.scroll_to_top(panels);
    shell.open_panel("lesson");
}

/// A panel that a step asks for only after a prediction would give the answer away before.
bool opens_after_prediction(const lab::LessonStep& step) {
    return !step.choices.empty() && step.point_kind == "panel" &&
           std::ranges::any_of(step.when, [&](const lab::Comparison& comparison) {
               return comparison.name == "panel" && comparison.key == step.point_id;
           });
}

void enter(window::Shell& shell) {
    LessonState& s = state();
    const lab::LessonStep& step = s.run->step();
    s.hint = false;
    s.entered = true;
    window::point_at(step.point_kind, step.point_id);
    // What it points at gets the room; a step that points at no panel leaves it as it is.
    const bool setting = step.point_kind == "setting", panel = step.point_kind == "panel";
    if (setting) shell.open_panel(panel_of(step.point_id));
    if (panel && !opens_after_prediction(step)) shell.show_from_top(step.point_id);
    if (setting || panel) shell.make_tall(setting ? panel_of(step.point_id) : step.point_id);
}

/// Progress is kept.
void end_lesson(window::Context& context) {
    if (!state().run) return;
    if (state().pause_at != lab::PauseAt{}) context.send(lab::PauseAt{});
    state() = {};
    window::point_at("", "");
    context.shell.show_only({});
    context.shell.make_tall("");
}

/// To the list of lessons.
void leave(window::Context& context) {
    end_lesson(context);
    context.shell.open_panel("lesson");
}

/// What has been done at most is kept, and where the lesson is.
void keep_progress(window::Shell& shell) {
    const lab::LessonRun& run = *state().run;
    int done = 0;
    for (std::size_t i = 0; i < run.lesson().steps.size(); ++i)
        done += run.is_done(i);
    int& kept = shell.preferences().lessons[run.lesson().name];
    kept = std::max(kept, done);
    shell.preferences().lessons[step_key(run.lesson())] = static_cast<int>(run.at());
}

/// Opens the scene of a step, in the state that the steps before it lead to, unless a person would rather
/// keep the training that is open; `then` is called when it is on its way.
void open_scene(window::Context& context, const lab::Lesson& lesson, std::size_t step,
                const std::function<void(window::Context&)>& then = {}) {
    try {
        const std::vector<lab::Command> commands = lab::opening_commands(lesson, step);
        const auto opens = std::ranges::find_if(commands, [](const lab::Command& command) {
            return std::holds_alternative<lab::OpenScene>(command);
        });
        const lab::Command asked = opens == commands.end() ? lab::Command(lab::Reset{}) : *opens;
        context.shell.when_allowed(context, asked, [commands, then](window::Context& now) {
            lab::SetPace pace{now.snapshot.pace};
            pace.speed = lab::Speed::full;
            now.send(pace);
            for (const lab::Command& command : commands)
                now.send(command);
            if (then) then(now);
            state().open_before = now.snapshot.model;
        });
    } catch (const Error& error) {
        log::error("{}", error.what());
        context.shell.say(error.what(), Meaning::failure);
    }
}

/// Of the step that the lesson is at.
void open_scene(window::Context& context) {
    open_scene(context, state().run->lesson(), state().run->at());
}

/// The lesson has come from a step to another, which may be taken in another scene.
void enter_from(std::size_t before, window::Context& context) {
    const lab::LessonRun& run = *state().run;
    if (lab::opening_step(run.lesson(), before) != lab::opening_step(run.lesson(), run.at())) {
        open_scene(context);
        arrange(context.shell);
    }
    keep_progress(context.shell);
    enter(context.shell);
}

void go_next(window::Context& context) {
    LessonState& s = state();
    if (!s.run) return;
    const std::size_t before = s.run->at();
    if (s.run->next(context.snapshot)) return enter_from(before, context);
    keep_progress(context.shell);
    context.shell.preferences().lessons.erase(step_key(s.run->lesson())); // it begins anew next time
    const std::string finished = s.run->lesson().name;
    leave(context);
    state().finished = finished;
}

void go_back(window::Context& context) {
    LessonState& s = state();
    if (!s.run || s.run->at() == 0) return;
    const std::size_t before = s.run->at();
    s.run->go(before - 1, context.snapshot);
    enter_from(before, context);
}

/// Begins at a step; the scene is opened first, if it is to be.
void begin_at(window::Context& context, const lab::Lesson& lesson, std::size_t step, bool opens) {
    const auto begin = [lesson, step](window::Context& now) {
        state() = {};
        const int done = kept_number(now.shell, lesson.name);
        state().run.emplace(lesson, step, static_cast<std::size_t>(done));
        arrange(now.shell);
        enter(now.shell);
    };
    if (opens)
        open_scene(context, lesson, step, begin);
    else
        begin(context);
}

void start_over(window::Context& context) {
    const lab::Lesson lesson = state().run->lesson();
    open_scene(context, lesson, 0, [lesson](window::Context& now) {
        now.shell.preferences().lessons.erase(step_key(lesson));
        begin_at(now, lesson, 0, false);
    });
}

void show_me(window::Context& context) {
    LessonState& s = state();
    if (!s.run) return;
    for (const lab::Deed& deed : s.run->step().show) {
        if (deed.word == "open") {
            context.shell.open_panel(deed.arguments[0]);
        } else if (deed.word == "do") {
            context.shell.actions().run(deed.arguments[0], context);
        } else if (deed.word == "set") {
            window::SettingEditor& editor = context.settings;
            editor.change(setting(deed.arguments[0]), deed.arguments[1]);
            editor.release();
        } else if (auto command = lab::command_of(deed, context.snapshot)) {
            context.send(*command);
        }
    }
}

void questions(lab::LessonRun& run, window::Shell& shell) {
    const lab::LessonStep& step = run.step();
    const bool shown = run.chosen() >= 0 && (step.when.empty() ? run.right() : run.met());
    for (std::size_t i = 0; i < step.choices.size(); ++i)
        if (choice_button(static_cast<int>(i), step.choices[i], run.chosen() == static_cast<int>(i),
                          shown && step.choices[i].right)) {
            if (run.chosen() < 0 && opens_after_prediction(step)) shell.open_panel(step.point_id);
            run.choose(static_cast<int>(i));
        }
    if (run.chosen() < 0) return;
    const bool predicts = !step.when.empty();
    if (predicts && !run.met())
        verdict(Meaning::accent, window::icon::info, "Your prediction. Now see what happens.");
    else if (run.right())
        verdict(Meaning::good, window::icon::check, "Right. " + step.because);
    else if (predicts)
        verdict(Meaning::attention, window::icon::info,
                (run.predicted() ? "It went otherwise. " : "Not quite. ") + step.because);
    else
        verdict(Meaning::attention, window::icon::info,
                "Not quite. Look at it again, in the text or in the program, and choose another answer.");
}

void task(window::Context& context) {
    LessonState& s = state();
    const lab::LessonStep& step = s.run->step();
    if (step.when.empty()) return;
    ImGui::Spacing();
    const std::string counted = s.run->counted(context.snapshot);
    if (s.run->met() && !step.choices.empty() && s.run->chosen() < 0)
        verdict(Meaning::accent, window::icon::check, "Done. Now choose the answer that you saw.");
    else if (s.run->met())
        verdict(Meaning::good, window::icon::check,
                step.choices.empty() && !step.because.empty() ? "Done. " + step.because : "Done.");
    else
        verdict(Meaning::muted, window::icon::follow, "To do" + (counted.empty() ? "" : ": " + counted));
    if (!step.hint.empty()) {
        if (ImGui::Button("Hint")) s.hint = !s.hint;
        ImGui::SameLine();
    }
    ImGui::BeginDisabled(s.run->met());
    window::action_button("show_me", context, true);
    ImGui::EndDisabled();
    if (s.hint && !step.hint.empty()) wrapped(step.hint);
}

/// Above the text, so that it stays when that is scrolled.
void step_title(const std::string& title) {
    const window::TypeScope type(window::Type::heading);
    ImGui::PushFont(nullptr, 20);
    wrapped(title);
    ImGui::PopFont();
    ImGui::Spacing();
}

void draw_step(window::Context& context) {
    LessonState& s = state();
    lab::LessonRun& run = *s.run;
    const lab::LessonStep& step = run.step();
    if (!context.snapshot.task.empty()) {
        window::settle_again();
        window::muted_text("The scene is being opened \u2026");
    }
    if (!run.is_open(context.snapshot) && context.snapshot.task.empty()) {
        window::muted_text("Another scene is open than this lesson's.");
        if (ImGui::Button("Open it again")) open_scene(context);
    }
    ImGui::PushFont(nullptr, lesson_text_size);
    for (const lab::LessonStep::Block& block : step.blocks) {
        using Kind = lab::LessonStep::Block::Kind;
        if (block.kind == Kind::item)
            list_item(block.text, block.number);
        else
            (block.kind == Kind::formula ? formula : wrapped)(block.text);
        ImGui::Dummy({0, scaled(2)});
    }
    questions(run, context.shell);
    task(context);
    ImGui::PopFont();
    // What is said anew is read, also where the step is longer than its room.
    const std::array<int, 4> said{static_cast<int>(run.at()), run.chosen(), run.met(), s.hint};
    if (s.entered)
        ImGui::SetScrollY(0);
    else if (said != s.said)
        ImGui::ScrollToItem(ImGuiScrollFlags_KeepVisibleEdgeY);
    s.said = said;
    s.entered = false;
}

/// Where one is among the steps, and the way on.
void footer(window::Context& context) {
    LessonState& s = state();
    lab::LessonRun& run = *s.run;
    const std::size_t count = run.lesson().steps.size();
    const float width = ImGui::GetContentRegionAvail().x, gap = scaled(4);
    const float piece = (width - gap * static_cast<float>(count - 1)) / static_cast<float>(count);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    for (std::size_t i = 0; i < count; ++i) {
        const float x = at.x + static_cast<float>(i) * (piece + gap);
        const Meaning ink = run.is_done(i) ? Meaning::good : i == run.at() ? Meaning::accent : Meaning::muted;
        ImGui::GetWindowDrawList()->AddRectFilled(
            {x, at.y}, {x + piece, at.y + scaled(i == run.at() ? 6 : 4)},
            window::packed(ink, ink == Meaning::muted ? 0.4f : 1), scaled(2));
    }
    ImGui::Dummy({width, scaled(8)});
    const bool last = run.at() + 1 == count;
    const float button = (width - scaled(8)) / 2;
    ImGui::BeginDisabled(run.at() == 0);
    if (ImGui::Button("Back###lesson_back", {button, 0})) go_back(context);
    ImGui::EndDisabled();
    window::help_tooltip("The step before", {}, "Page Up");
    ImGui::SameLine(0, scaled(8));
    const bool open = run.is_done(run.at()) || (run.step().when.empty() && run.step().choices.empty());
    const char* label = last ? "Finish###lesson_next" : "Next###lesson_next";
    const bool pressed = open ? window::accent_button(label, {button, 0}) : ImGui::Button(label, {button, 0});
    window::help_tooltip(!open  ? "You can go on, but this step is not done yet."
                         : last ? "Ends this lesson and shows all of them"
                                : "The next step",
                         {}, "Page Down");
    if (pressed) go_next(context);
}

/// The frame around what the step points at: not around a button that was pressed, or has nothing more to do.
void point(const lab::Snapshot& snapshot) {
    LessonState& s = state();
    const lab::LessonStep& step = s.run->step();
    const bool runs = snapshot.state == lab::State::running;
    if (s.entered || s.open_before || !snapshot.task.empty()) s.ran = runs;
    const bool pressed = step.point_id == "run" && runs != s.ran;
    const bool over = step.point_kind == "action" && (s.run->met() || pressed);
    window::point_at(over ? "" : step.point_kind, over ? "" : step.point_id);
}

void draw_lesson(window::Context& context) {
    LessonState& s = state();
    if (!s.next.empty()) return begin_lesson(context, std::exchange(s.next, ""));
    if (!s.run) return draw_lesson_list(context, s.finished);
    if (s.open_before && s.open_before != context.snapshot.model) {
        s.open_before = nullptr;
        s.ran = context.snapshot.state == lab::State::running;
    }
    // A value that a drag passes is not one that was chosen. What is sent at its end takes a moment.
    constexpr double moment = 0.25; // seconds
    if (ImGui::IsAnyItemActive() && ImGui::IsMouseDown(ImGuiMouseButton_Left)) s.held_at = ImGui::GetTime();
    const bool held = s.held_at >= 0 && ImGui::GetTime() < s.held_at + moment;
    if (!held && !s.open_before &&
        s.run->look(context.snapshot, [&](std::string_view panel) { return context.shell.is_open(panel); }))
        keep_progress(context.shell);
    if (s.run->take_pause()) context.send(lab::Pause{});
    if (std::exchange(s.pause_model, context.snapshot.model) != context.snapshot.model)
        s.pause_at = {}; // a run that began anew was asked nothing yet
    const lab::PauseAt pause_at = s.open_before ? lab::PauseAt{} : s.run->pause_at(context.snapshot);
    if (pause_at != s.pause_at) context.send(s.pause_at = pause_at);
    point(context.snapshot);
    if (window::icon_button("lessons", window::icon::close, "End this lesson and show all lessons"))
        return leave(context);
    ImGui::SameLine();
    if (window::icon_toggle("all panels", window::icon::columns, s.all_panels,
                            "All panels beside the lesson, or only what it needs"))
        arrange(context.shell);
    if (s.run->at() > 0) {
        ImGui::SameLine();
        if (window::icon_button("start over", window::icon::reset, "Start this lesson over"))
            start_over(context);
    }
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    const std::string count =
        std::to_string(s.run->at() + 1) + " of " + std::to_string(s.run->lesson().steps.size());
    const std::string head = count + " \u00b7 " + s.run->lesson().title;
    // A long title has lines of its own.
    const bool fits = ImGui::CalcTextSize(head.c_str()).x <= ImGui::GetContentRegionAvail().x;
    ImGui::TextUnformatted((fits ? head : count).c_str());
    if (!fits) window::muted_text(s.run->lesson().title);
    step_title(s.run->step().title);
    const float low = ImGui::GetFrameHeight() + scaled(8) + 2 * ImGui::GetStyle().ItemSpacing.y;
    if (ImGui::BeginChild("step", {0, -low})) draw_step(context);
    ImGui::EndChild();
    footer(context);
}

window::Action lesson_action(const char* id, const char* title, const char* icon, const char* tooltip,
                             ImGuiKeyChord shortcut, void (*run)(window::Context&)) {
    window::Action action;
    action.id = id;
    action.title = title;
    action.icon = icon;
    action.tooltip = tooltip;
    action.shortcut = shortcut;
    action.run = run;
    action.refusal = [](const window::Context&) -> std::string {
        return state().run ? "" : "No lesson is open.";
    };
    return action;
}

} // namespace

void begin_lesson(window::Context& context, std::string_view name, bool opens) {
    const lab::Lesson* lesson = lab::find_lesson(name);
    if (!lesson) throw std::logic_error("no lesson is called " + std::string(name));
    const int kept = kept_number(context.shell, step_key(*lesson));
    const std::size_t step =
        kept > 0 && kept < static_cast<int>(lesson->steps.size()) ? static_cast<std::size_t>(kept) : 0;
    // Its beginning may be open already, but not where it was left.
    begin_at(context, *lesson, step, opens || step > 0);
}

void open_lesson(window::Shell& shell, const lab::Lesson& lesson) {
    try {
        lab::WindowIds ids;
        for (const window::Panel& panel : shell.panels())
            ids.panels.push_back(panel.id);
        for (const window::Action& action : shell.actions().all())
            ids.actions.push_back(action.id);
        lab::check_mentions(lesson, ids);
        lab::add_own_lesson(lesson);
        state().next = lesson.name;
        shell.open_panel("lesson");
    } catch (const Error& error) {
        refuse_lesson(shell, lesson.file, error);
    }
}

void refuse_lesson(window::Shell& shell, const std::filesystem::path& file, const Error& why) {
    log::error("{}", why.what());
    shell.say(why.what(), Meaning::failure);
    lab::add_broken_lesson(file, why);
}

bool takes_lesson() {
    return state().run.has_value();
}

std::vector<window::Action> lesson_actions() {
    std::vector<window::Action> actions;
    window::Action list;
    list.id = "lessons";
    list.title = "Lessons";
    list.icon = window::icon::lesson;
    list.menu = "Help";
    list.tooltip = "Energy-based models, one idea at a time, proved by your own hand";
    list.run = [](window::Context& context) {
        if (state().run) leave(context);
        context.shell.open_panel("lesson");
    };
    actions.push_back(list);
    actions.push_back(
        lesson_action("lesson_next", "Next step of the lesson", "", "", ImGuiKey_PageDown, go_next));
    actions.push_back(
        lesson_action("lesson_back", "Step before of the lesson", "", "", ImGuiKey_PageUp, go_back));
    actions.push_back(lesson_action("show_me", "Show me", window::icon::run,
                                    "Does what this step of the lesson asks for", 0, show_me));
    return actions;
}

std::vector<window::Action> actions_of_lessons() {
    std::vector<window::Action> actions;
    for (const auto& [prefix, lessons] :
         {std::pair("lesson_", &lab::built_in_lessons()), std::pair("own_lesson_", &lab::own_lessons())})
        for (const lab::Lesson& lesson : *lessons) {
            window::Action action;
            action.id = prefix + lesson.name;
            action.title = "Lesson: " + lesson.title;
            action.icon = window::icon::lesson;
            action.tooltip = lesson.about;
            action.run = [name = lesson.name](window::Context& context) { begin_lesson(context, name); };
            actions.push_back(action);
        }
    return actions;
}

} // namespace ebm::panels

namespace ebm::window {

Panel lesson_panel() {
    Panel panel;
    panel.id = "lesson";
    panel.title = "Lesson";
    panel.icon = icon::lesson;
    panel.place = Place::lesson;
    panel.open = false;
    panel.help = "Lessons about energy-based models. Each step says what to try; it is done when the program "
                 "shows that it was. The frame is around what the step speaks of.\n\nPage Down is the next "
                 "step, Page Up the one before; Show me does what the step asks for.";
    panel.draw = panels::draw_lesson;
    panel.closed = panels::end_lesson;
    return panel;
}

} // namespace ebm::window
