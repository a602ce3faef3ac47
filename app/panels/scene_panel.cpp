#include "app/panels/composition.h"
#include "app/panels/model_card.h"
#include "app/panels/own_scenes.h"
#include "app/panels/panels.h"
#include "app/panels/scene_pictures.h"
#include "app/panels/setting_rows.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"
#include "core/settings/devices.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include <imgui_internal.h>
#include <misc/cpp/imgui_stdlib.h>

namespace ebm::panels {
namespace {

using window::Meaning;
using window::scaled;

struct SceneState {
    ScenePictures pictures;
    std::string search;
    bool scenes_open = true, chosen = false; ///< chosen: by a click
};

const window::FileFilter checkpoints{"Checkpoints", {"*.safetensors"}};

/// The title in two lines at most, broken at spaces, the second shortened if it must be.
void two_lines(ImDrawList& list, const std::string& text, ImVec2 at, float width, float height) {
    const float line = ImGui::GetTextLineHeight();
    std::string first = text, second;
    while (ImGui::CalcTextSize(first.c_str()).x > width) {
        const std::size_t space = first.rfind(' ');
        if (space == std::string::npos) break;
        second = first.substr(space + 1) + (second.empty() ? "" : " ") + second;
        first.resize(space);
    }
    float top = at.y + (height - line * (second.empty() ? 1.0f : 2.0f)) / 2;
    for (const std::string& part : {first, second}) {
        const ImVec2 size = ImGui::CalcTextSize(part.c_str());
        ImGui::RenderTextEllipsis(&list, {at.x, top}, {at.x + width, top + line}, at.x + width, part.c_str(),
                                  nullptr, &size);
        top += line;
    }
}

/// One scene of the picker: a small picture with its title beside it. Returns whether it was chosen.
/// picture: draws into a square of this side.
bool tile(const std::function<void(ImVec2 at, float side)>& picture, const lab::Scene& scene, bool open,
          float width) {
    const float side = scaled(36), height = side + scaled(6);
    ImGui::PushID(scene.name.c_str());
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const bool pressed = ImGui::InvisibleButton("scene", {width, height});
    const bool hovered = ImGui::IsItemHovered();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 high = ImGui::GetItemRectMax();
    if (open || hovered)
        list.AddRectFilled(
            at, high, window::packed(open ? Meaning::accent : Meaning::hovered, open ? 0.26f : 1), scaled(4));
    ImGui::RenderNavCursor({at, high}, ImGui::GetItemID());
    picture({at.x + scaled(3), at.y + scaled(3)}, side);
    const float left = at.x + side + scaled(10);
    two_lines(list, scene.title, {left, at.y}, high.x - scaled(3) - left, height);
    ImGui::PopID();
    return pressed;
}

void scene_picker(SceneState& state, window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    state.pictures.advance(context.shell.preferences().colormap, !context.shell.display().is_window());
    const std::vector<lab::Scene>& scenes = lab::built_in_scenes();
    const float room = ImGui::GetContentRegionAvail().x, gap = scaled(4);
    const float columns = std::max(1.0f, std::floor((room + gap) / scaled(112)));
    const float width = std::floor((room - gap * (columns - 1)) / columns);
    std::string_view group;
    int column = 0;
    const window::TypeScope type(window::Type::caption);
    ImGui::PushStyleVarY(ImGuiStyleVar_ItemSpacing, scaled(2));
    draw_own_scenes(context, [&](const OwnScene& own, bool open) {
        if (group.empty()) {
            group = "My scenes";
            window::muted_text(group);
        }
        if (column > 0) ImGui::SameLine(0, gap);
        const auto star = [](ImVec2 at, float side) {
            const ImVec2 size = ImGui::CalcTextSize(window::icon::own);
            ImGui::GetWindowDrawList()->AddText({at.x + (side - size.x) / 2, at.y + (side - size.y) / 2},
                                                window::packed(Meaning::accent), window::icon::own);
        };
        const bool pressed = tile(star, own.scene, open, width);
        scene_menu(context, own.scene, own.path.string(), &own);
        window::help_tooltip(own.scene.description, own.scene.title);
        column = (column + 1) % static_cast<int>(columns);
        return pressed;
    });
    draw_broken_scenes(context);
    for (std::size_t i = 0; i < scenes.size(); ++i) {
        if (scenes[i].group != group) {
            group = scenes[i].group;
            column = 0;
            ImGui::PushStyleColor(ImGuiCol_Text, window::color(Meaning::muted));
            ImGui::TextUnformatted(scenes[i].group.c_str());
            ImGui::PopStyleColor();
        }
        if (column > 0) ImGui::SameLine(0, gap);
        if (tile([&](ImVec2 at, float side) { state.pictures.draw(i, at, side); }, scenes[i],
                 scenes[i].name == s.scene.name, width))
            context.send(lab::OpenScene{scenes[i], true});
        scene_menu(context, scenes[i], scenes[i].name, nullptr);
        window::help_tooltip(scenes[i].description, scenes[i].title, i < 9 ? std::to_string(i + 1) : "");
        column = (column + 1) % static_cast<int>(columns);
    }
    ImGui::PopStyleVar();
}

/// What is open, and the switch that shows the other scenes.
void scene_heading(SceneState& state, const lab::Snapshot& s) {
    const float right_edge = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x,
                side = ImGui::GetFrameHeight();
    {
        const float room = ImGui::GetContentRegionAvail().x - side - scaled(6);
        bool fits = false;
        {
            const window::TypeScope type(window::Type::heading);
            fits = ImGui::CalcTextSize(s.scene.title.c_str()).x <= room;
        }
        const window::TypeScope type(fits ? window::Type::heading : window::Type::strong);
        window::clipped_text(s.scene.title, room);
    }
    ImGui::SameLine(right_edge - side);
    if (window::icon_button("scenes", state.scenes_open ? window::icon::up : window::icon::down,
                            state.scenes_open ? "Hide the scenes" : "Show the scenes"))
        state.scenes_open = !state.scenes_open, state.chosen = true;
}

/// The device and its number of threads; opens the list of devices.
void device_row(window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const auto choose = [&] {
        const std::string here =
            s.device + ", " + std::to_string(s.threads) + (s.threads == 1 ? " thread" : " threads");
        ImGui::SetNextItemWidth(-FLT_MIN);
        if (!window::begin_combo("##device", here)) return;
        for (const DeviceChoice& choice : device_choices) {
            const window::Action& action =
                *context.shell.actions().find("device_" + std::string(choice.name));
            if (ImGui::Selectable(action.title.c_str(), action.checked(context))) action.run(context);
            window::help_tooltip(action.tooltip);
        }
        ImGui::EndCombo();
    };
    control_row("Computed on", ImGui::GetFrameHeight(), choose,
                "Device and number of threads of the engine. The window draws on its own thread. " +
                    s.device_note);
}

/// What the model is, above its settings in the same columns.
void model_readings(window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const std::string unknown(window::unknown_value);
    reading_row("E(x)", s.energy_title.empty() ? unknown : s.energy_title,
                "The energy function: low where samples are likely, p(x) = exp(\u2212E(x)) / Z. " +
                    s.energy_title);
    if (s.trainable) model_card(context);
    device_row(context);
    reading_row("Kernel", s.kernel.empty() ? unknown : s.kernel,
                "What moves the chains: a fused kernel, or LibTorch.");
}

void data_readings(const lab::Snapshot& s) {
    if (!s.data || s.data->train_count == 0) return;
    reading_row("Training", window::format_count(s.data->train_count),
                s.data->title + ", " + s.data->source + ". " + s.data->transform);
    reading_row("Held-out", window::format_count(s.data->held_out_count),
                "Samples that training never sees.");
}

void progress(const lab::Snapshot& s, const Settings& shown) {
    const float right_edge = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
    const double total = std::max(1, shown.train.iterations);
    const float share = static_cast<float>(std::min(1.0, static_cast<double>(s.iteration) / total));
    window::progress(share, {ImGui::GetContentRegionAvail().x, scaled(6)});
    std::string left =
        window::format_count(s.iteration) + " / " + window::format_count(shown.train.iterations);
    std::string right;
    const double rest = total - static_cast<double>(s.iteration);
    if (rest <= 0)
        right = "done";
    else if (s.state == lab::State::running && s.iterations_per_second > 0)
        right = window::format_duration(rest / s.iterations_per_second) + " left";
    const window::TypeScope type(window::Type::small_mono);
    ImGui::TextUnformatted(left.c_str());
    if (right.empty()) return;
    ImGui::SameLine(right_edge - ImGui::CalcTextSize(right.c_str()).x);
    ImGui::TextUnformatted(right.c_str());
}

void files(window::Context& context) {
    const float gap = scaled(6), width = (ImGui::GetContentRegionAvail().x - gap) / 2;
    const bool nothing = context.snapshot.state == lab::State::empty;
    ImGui::BeginDisabled(nothing);
    if (ImGui::Button((std::string(window::icon::save) + "  Save\u2026###save checkpoint").c_str(),
                      {width, 0}))
        context.shell.dialogs().save_file(
            "Save checkpoint", context.snapshot.scene.name + ".safetensors", {checkpoints},
            [send = context.send, &shell = context.shell](const std::string& path) {
                send(lab::SaveCheckpoint{path});
                shell.preferences().remember_file(path);
            });
    ImGui::EndDisabled();
    window::help_tooltip(
        nothing ? lab::refusal(lab::State::empty, lab::SaveCheckpoint{})
                : "Model, optimizer, replay buffer and chains in one .safetensors file. Resuming goes on "
                  "bit for bit.");
    ImGui::SameLine(0, gap);
    if (ImGui::Button((std::string(window::icon::open) + "  Open\u2026###open checkpoint").c_str(),
                      {width, 0}))
        context.shell.dialogs().open_file(
            "Open checkpoint", {checkpoints, {"Scenes", {"*.json"}}},
            [&shell = context.shell](const std::string& path) { shell.open_path(path); });
    window::help_tooltip("A checkpoint or a scene. Or drop the file on the window.");
    const auto& recent = context.shell.preferences().recent_files;
    if (recent.empty()) return window::muted_text("Recent files appear here.");
    for (std::size_t i = 0; i < std::min<std::size_t>(4, recent.size()); ++i) {
        ImGui::PushID(static_cast<int>(i));
        const std::string name = std::filesystem::path(recent[i]).filename().string();
        if (ImGui::Selectable((std::string(window::icon::file) + "  " + name).c_str()))
            context.shell.open_path(recent[i]);
        window::help_tooltip(recent[i]);
        ImGui::PopID();
    }
}

void settings(SceneState& state, window::Context& context) {
    window::SettingEditor& editor = context.settings;
    const lab::Snapshot& s = context.snapshot;
    if (!state.search.empty()) {
        int found = 0;
        if (begin_rows("found")) {
            found = found_settings(editor, state.search, s);
            end_rows();
        }
        if (found == 0)
            window::muted_text("No setting is called that. Try a word of what it does, or its symbol.");
        return;
    }
    if (s.parts) {
        window::group_heading(group_title("compose"));
        if (begin_rows("compose")) {
            composition_rows(editor, s);
            end_rows();
        }
    }
    for (const std::string_view group : {"train", "model", "data"}) {
        if (!s.trainable && group == "data") continue;
        window::group_heading(group_title(group));
        if (group == "train" && s.trainable) progress(s, editor.shown());
        if (!begin_rows(group.data())) continue;
        if (group == "model") model_readings(context);
        if (group == "data") data_readings(s);
        setting_group(editor, group, s);
        end_rows();
    }
}

void draw_scene_panel(SceneState& state, window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    // Where both do not fit, the settings come first: scenes are in the top bar too. A switch by hand stays.
    if (!state.chosen) state.scenes_open = ImGui::GetMainViewport()->WorkSize.y > scaled(880);
    if (s.state != lab::State::empty) scene_heading(state, s);
    if (state.scenes_open || s.state == lab::State::empty) {
        ImGui::Spacing();
        scene_picker(state, context);
    }
    if (s.state == lab::State::empty) return;
    {
        // Below the list, which would move under the mouse with the length of each description.
        const window::TypeScope type(window::Type::caption);
        ImGui::Spacing();
        window::muted_text(s.scene.description);
    }
    ImGui::Dummy({0, scaled(4)});
    ImGui::SetNextItemWidth(-FLT_MIN);
    ImGui::InputTextWithHint("##search settings", "Search all settings", &state.search);
    settings(state, context);
    if (!state.search.empty()) return;
    window::group_heading("Files");
    files(context);
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel scene_panel() {
    const auto state = std::make_shared<panels::SceneState>();
    Panel panel;
    panel.id = "scene";
    panel.title = "Scene, model, training";
    panel.short_title = "Scene";
    panel.icon = icon::scene;
    panel.place = Place::left;
    panel.help =
        "Pick what is modelled; keys 1 \u2026 9 open the first nine scenes. Below: the model, its training "
        "and the "
        "data, each with its settings. The search finds every setting, by name, symbol or what it does.";
    panel.draw = [state](Context& context) { panels::draw_scene_panel(*state, context); };
    return panel;
}

} // namespace ebm::window
