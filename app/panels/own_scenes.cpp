#include "app/panels/own_scenes.h"

#include "app/panels/plotting.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/lab/scene_text.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <future>
#include <memory>
#include <optional>

#include <misc/cpp/imgui_stdlib.h>

namespace ebm::panels {
namespace {

namespace fs = std::filesystem;

struct OwnScenes {
    std::vector<OwnScene> scenes;
    std::vector<BrokenScene> broken;
};

/// The folder is read at the first frame and after each change by this program, beside the frames: until that
/// is done, what was read before is shown.
struct Kept : OwnScenes {
    std::optional<fs::path> folder; ///< that is read; none: it is to be read again
    std::future<OwnScenes> reading;
};

Kept& kept() {
    static Kept kept;
    return kept;
}

void read_again() {
    kept().folder.reset();
}

const std::vector<OwnScene>& own_scenes(const window::Shell& shell) {
    Kept& k = kept();
    if (k.reading.valid() && k.reading.wait_for(std::chrono::seconds(0)) == std::future_status::ready)
        static_cast<OwnScenes&>(k) = k.reading.get();
    if (k.folder != shell.scenes_folder() && !k.reading.valid()) {
        k.folder = shell.scenes_folder();
        k.reading = std::async(std::launch::async, [folder = *k.folder] {
            OwnScenes found;
            found.scenes = read_own_scenes(folder, &found.broken);
            return found;
        });
    }
    return k.scenes;
}

struct Form {
    std::string title, text;
    bool chains = false, at_start = false, first = true;
};

const OwnScene* of_title(const std::vector<OwnScene>& scenes, const std::string& title) {
    const auto found = std::ranges::find(scenes, title, [](const OwnScene& own) { return own.scene.title; });
    return found == scenes.end() ? nullptr : &*found;
}

void keep(window::Context& context, const Form& form) {
    window::Shell& shell = context.shell;
    try {
        lab::Scene scene = scene_as_it_is(context, form.chains);
        scene.title = form.title;
        scene.description = form.text;
        const fs::path path = keep_own_scene(shell.scenes_folder(), std::move(scene));
        read_again();
        if (form.at_start) shell.preferences().start_scene = path.string();
        shell.say("Saved among My scenes: " + form.title, window::Meaning::good);
    } catch (const std::exception& error) {
        shell.say(error.what(), window::Meaning::failure);
    }
}

bool draw_form(Form& form, window::Context& context) {
    ImGui::TextUnformatted("Title");
    ImGui::SetNextItemWidth(-FLT_MIN);
    const bool entered = window::first_text_field("##title", "What the picker shows", form.title, form.first);
    form.first = false;
    ImGui::TextUnformatted("What it shows, in a sentence or two");
    ImGui::InputTextMultiline("##text", &form.text, {-FLT_MIN, 4 * ImGui::GetTextLineHeight()},
                              ImGuiInputTextFlags_WordWrap);
    window::muted_text(
        "Settings, seed, open panels and the part of the plane that is shown are kept with it. "
        "A trained model is not: save a checkpoint for that.");
    ImGui::BeginDisabled(!context.snapshot.kind.plane);
    window::checkbox("With the chains where they are now", &form.chains);
    ImGui::EndDisabled();
    if (!context.snapshot.kind.plane)
        window::help_tooltip(
            "A scene keeps places of chains on the plane only. A checkpoint keeps chains that "
            "are pictures.");
    window::checkbox("Open it when EBM Lab starts", &form.at_start);
    const bool named = form.title.find_first_not_of(' ') != std::string::npos;
    const bool there = of_title(own_scenes(context.shell), form.title) != nullptr;
    ImGui::BeginDisabled(!named);
    const bool pressed =
        window::accent_button(there ? "Replace my scene of this title###save" : "Save###save");
    ImGui::EndDisabled();
    ImGui::SameLine();
    if (ImGui::Button("Cancel")) return false;
    if (!named || !(pressed || entered)) return true;
    keep(context, form);
    return false;
}

void remove(window::Context& context, const OwnScene& own) {
    context.shell.ask({"Delete this scene?",
                       "\u201c" + own.scene.title + "\u201d is deleted from My scenes: " + own.path.string(),
                       {{"Delete it", [path = own.path, &shell = context.shell] {
                             std::error_code problem;
                             fs::remove(path, problem);
                             read_again();
                             if (problem) shell.say(problem.message(), window::Meaning::failure);
                             if (shell.preferences().start_scene == path.string())
                                 shell.preferences().start_scene.clear();
                         }}}});
}

} // namespace

std::string own_scene_name(const std::string& title) {
    std::string name = "my";
    bool gap = true;
    for (const char sign : title) {
        const auto byte = static_cast<unsigned char>(sign);
        if (byte < 128 && std::isalnum(byte) == 0) {
            gap = true;
            continue;
        }
        if (byte >= 128) continue; // file names are kept plain
        if (gap) name += '_';
        gap = false;
        name += static_cast<char>(std::tolower(byte));
    }
    if (name.size() > 60) name.resize(60);
    return name;
}

std::vector<OwnScene> read_own_scenes(const fs::path& folder, std::vector<BrokenScene>* broken) {
    std::vector<OwnScene> scenes;
    std::error_code problem;
    if (folder.empty() || !fs::is_directory(folder, problem)) return scenes;
    for (const auto& entry : fs::directory_iterator(folder, problem)) {
        if (entry.path().extension() != ".json") continue;
        std::vector<std::string> warnings;
        try {
            scenes.push_back({entry.path(), lab::read_scene(entry.path(), warnings)});
            scenes.back().scene.name = entry.path().stem().string();
        } catch (const std::exception& error) {
            log::warning("{}", error.what());
            if (broken) broken->push_back({entry.path(), error.what()});
        }
        for (const std::string& warning : warnings)
            log::warning("{}", warning);
    }
    std::ranges::sort(scenes, {}, [](const OwnScene& own) { return std::pair(own.scene.title, own.path); });
    if (broken) std::ranges::sort(*broken, {}, &BrokenScene::path);
    return scenes;
}

fs::path put_aside(const fs::path& file) {
    const fs::path aside = files::make_new_file(file, ".aside");
    std::error_code problem;
    fs::rename(file, aside, problem);
    if (!problem) return aside;
    std::error_code ignored;
    fs::remove(aside, ignored);
    throw Error("The file cannot be renamed: " + problem.message(), file.string(),
                "Check the rights of its folder.");
}

fs::path keep_own_scene(const fs::path& folder, lab::Scene scene) {
    if (folder.empty())
        throw Error("There is no folder for own scenes", "", "Set HOME, or save the scene to a file.");
    fs::create_directories(folder);
    fs::path path;
    if (const std::vector<OwnScene> scenes = read_own_scenes(folder);
        const OwnScene* same = of_title(scenes, scene.title))
        path = same->path;
    else
        path = files::make_new_file(folder / own_scene_name(scene.title), ".json");
    scene.name = path.stem().string();
    scene.group = "My scenes";
    files::write_atomically(path, lab::scene_json(scene));
    return path;
}

lab::Scene scene_as_it_is(const window::Context& context, bool chains) {
    const lab::Snapshot& s = context.snapshot;
    lab::Scene scene = s.scene;
    scene.settings = context.settings.shown();
    scene.panels.clear();
    scene.in_front.clear();
    for (const window::Panel& panel : context.shell.panels())
        if (!panel.second && panel.id != "lesson" && context.shell.is_open(panel.id)) {
            scene.panels.push_back(panel.id);
            if (context.shell.is_in_front(panel.id)) scene.in_front.push_back(panel.id);
        }
    scene.look_at.reset();
    if (const auto& camera = context.shell.camera;
        camera && s.kind.plane && context.shell.camera_scene == s.scene.name)
        scene.look_at = {camera->x, camera->y, camera->half};
    scene.chains.clear();
    if (chains && s.kind.plane)
        for (std::size_t i = 0;
             i + 1 < s.chains.positions.size() && scene.chains.size() < lab::Scene::most_chains; i += 2)
            scene.chains.push_back({s.chains.positions[i], s.chains.positions[i + 1]});
    return scene;
}

void draw_own_scenes(window::Context& context, const std::function<bool(const OwnScene&, bool open)>& tile) {
    // A copy: what is drawn may change the list.
    const std::vector<OwnScene> scenes = own_scenes(context.shell);
    for (const OwnScene& own : scenes)
        if (tile(own, own.scene.name == context.snapshot.scene.name))
            context.send(lab::OpenScene{own.scene, true});
}

void draw_broken_scenes(window::Context& context) {
    constexpr std::size_t most = 3;
    own_scenes(context.shell);
    const std::vector<BrokenScene> broken = kept().broken; // a copy: what is drawn may change the list
    if (!broken.empty() && kept().scenes.empty()) window::muted_text("My scenes");
    for (std::size_t i = 0; i < std::min(most, broken.size()); ++i) {
        const BrokenScene& file = broken[i];
        ImGui::PushID(file.path.filename().c_str());
        ImGui::PushStyleColor(ImGuiCol_Text, window::color(window::Meaning::attention));
        ImGui::TextUnformatted(window::icon::warning);
        ImGui::PopStyleColor();
        ImGui::SameLine();
        ImGui::PushTextWrapPos(0);
        ImGui::TextUnformatted(file.why.c_str());
        ImGui::PopTextWrapPos();
        if (ImGui::SmallButton("Put aside")) {
            try {
                const fs::path aside = put_aside(file.path);
                read_again();
                context.shell.say("It is not read any more and lies in " + aside.string(),
                                  window::Meaning::good);
            } catch (const Error& error) {
                context.shell.say(error.what(), window::Meaning::failure);
            }
        }
        window::help_tooltip("Renames the file, so that it is not read. Nothing in it is changed.");
        flow(ImGui::CalcTextSize("Read again").x);
        if (ImGui::SmallButton("Read again")) read_again();
        window::help_tooltip("After you have mended the file: reads all of My scenes again.");
        flow(ImGui::CalcTextSize("Copy its path").x);
        if (ImGui::SmallButton("Copy its path")) {
            ImGui::SetClipboardText(file.path.c_str());
            context.shell.say("On the clipboard: " + file.path.string(), window::Meaning::good);
        }
        ImGui::PopID();
    }
    if (broken.size() > most)
        window::muted_text("And " + std::to_string(broken.size() - most) +
                           " more files, which the log names.");
}

void scene_menu(window::Context& context, const lab::Scene& scene, const std::string& start_name,
                const OwnScene* own) {
    if (!ImGui::BeginPopupContextItem(("menu of " + scene.name).c_str())) return;
    window::Preferences& preferences = context.shell.preferences();
    const bool at_start = preferences.start_scene == start_name;
    if (ImGui::MenuItem("Open it when EBM Lab starts", nullptr, at_start))
        preferences.start_scene = at_start ? "" : start_name;
    if (ImGui::MenuItem("Copy as text", nullptr)) {
        try {
            ImGui::SetClipboardText(lab::scene_text(scene).c_str());
            context.shell.say("The scene is on the clipboard as a text.", window::Meaning::good);
        } catch (const Error& error) {
            context.shell.say(error.what(), window::Meaning::failure);
        }
    }
    if (own && ImGui::MenuItem("Delete\u2026")) remove(context, *own);
    ImGui::EndPopup();
}

void follow_scene_panels(window::Context& context) {
    static std::string followed;
    const lab::Scene& scene = context.snapshot.scene;
    std::string now = scene.name;
    for (const auto* list : {&scene.panels, &scene.in_front})
        for (const std::string& id : *list)
            now += "\n" + id;
    if (now == followed || context.snapshot.state == lab::State::empty) return;
    followed = now;
    if (scene.panels.empty()) return;
    std::vector<std::string> panels = scene.panels;
    // Lessons belong to no scene (see scene_as_it_is).
    if (context.shell.is_open("lesson")) panels.push_back("lesson");
    context.shell.open_only(panels);
    if (!scene.in_front.empty()) return context.shell.bring_to_front(scene.in_front);
    // The first one of the middle comes to the front.
    for (const window::Panel& panel : context.shell.panels())
        if (panel.place == window::Place::centre && context.shell.is_open(panel.id))
            return context.shell.open_panel(panel.id);
}

window::Action keep_scene_action() {
    window::Action action;
    action.id = "keep_scene";
    action.title = "Save as my scene\u2026";
    action.menu = "File";
    action.tooltip = "Keeps settings, seed, panels and view under a title, in the picker of scenes.";
    action.run = [](window::Context& context) {
        auto form = std::make_shared<Form>();
        form->title = context.snapshot.scene.title;
        form->text = context.snapshot.scene.description;
        context.shell.open_form("Save as my scene",
                                [form](window::Context& now) { return draw_form(*form, now); });
    };
    action.refusal = [](const window::Context& context) -> std::string {
        if (context.snapshot.state == lab::State::empty) return "No scene is open.";
        return context.shell.scenes_folder().empty() ? "There is no folder for own scenes: HOME is not set."
                                                     : "";
    };
    return action;
}

} // namespace ebm::panels
