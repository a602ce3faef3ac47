#include "app/draw/shader.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <fmt/format.h>
#include <imgui_internal.h>

/// The part of the shell that offers actions: its own ones, menus, the command palette and the help window.
namespace ebm::window {

void Shell::add_shell_actions() {
    const auto add = [this](Action action) { actions_.add(std::move(action)); };
    add({.id = "palette",
         .title = "Command palette",
         .icon = icon::search,
         .menu = "Help",
         .shortcut = ImGuiMod_Ctrl | ImGuiKey_P,
         .tooltip = "Find any command by typing part of its name.",
         .run = [](Context& c) { c.shell.open_palette(); }});
    add({.id = "help",
         .title = "Keyboard shortcuts",
         .icon = icon::keyboard,
         .menu = "Help",
         .shortcut = ImGuiKey_F1,
         .tooltip = "Help for the panel under the cursor, and every shortcut.",
         .run = [](Context& c) { c.shell.show_help(); }});
    add({.id = "zoom_in",
         .title = "Zoom in",
         .icon = icon::zoom_in,
         .menu = "View",
         .shortcut = ImGuiMod_Ctrl | ImGuiKey_Equal,
         .other_shortcuts = {ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Equal,
                             ImGuiMod_Ctrl | ImGuiKey_KeypadAdd},
         .run = [](Context& c) { c.shell.set_zoom(c.shell.preferences().zoom + 0.1f); },
         .separator_before = true,
         .repeats = true});
    add({.id = "zoom_out",
         .title = "Zoom out",
         .icon = icon::zoom_out,
         .menu = "View",
         .shortcut = ImGuiMod_Ctrl | ImGuiKey_Minus,
         .other_shortcuts = {ImGuiMod_Ctrl | ImGuiKey_KeypadSubtract},
         .run = [](Context& c) { c.shell.set_zoom(c.shell.preferences().zoom - 0.1f); },
         .repeats = true});
    add({.id = "zoom_reset",
         .title = "Normal size",
         .menu = "View",
         .shortcut = ImGuiMod_Ctrl | ImGuiKey_0,
         .run = [](Context& c) { c.shell.set_zoom(1); }});
    add({.id = "light_theme",
         .title = "Light theme",
         .icon = icon::theme,
         .menu = "View",
         .tooltip = "For projectors and printed pictures.",
         .run =
             [](Context& c) {
                 const bool light = c.shell.preferences().theme == ThemeKind::light;
                 c.shell.set_theme(light ? ThemeKind::dark : ThemeKind::light);
             },
         .checked = [](const Context& c) { return c.shell.preferences().theme == ThemeKind::light; },
         .separator_before = true});
    add({.id = "present",
         .title = "Present",
         .menu = "View",
         .shortcut = ImGuiKey_F5,
         .tooltip =
             "For a projector: large and light, without menus. Page Down is the next step of a lesson.",
         .run = [](Context& c) { c.shell.present(!c.shell.is_presenting()); },
         .checked = [](const Context& c) { return c.shell.is_presenting(); }});
    add({.id = "full_screen",
         .title = "Full screen",
         .icon = icon::full_screen,
         .menu = "View",
         .shortcut = ImGuiKey_F11,
         .run = [](Context& c) { c.shell.display().toggle_full_screen(); },
         .refusal =
             [](const Context& c) {
                 return std::string(c.shell.display().is_window() ? "" : "There is no window.");
             }});
    add({.id = "reset_layout",
         .title = "Reset layout",
         .icon = icon::layout,
         .menu = "View",
         .tooltip = "Every panel back to its first place.",
         .run = [](Context& c) { c.shell.reset_layout(); }});
    add({.id = "screenshot",
         .title = "Screenshot",
         .icon = icon::camera,
         .menu = "File",
         .shortcut = ImGuiKey_F12,
         .tooltip = "Saves a picture of the window in the working folder.",
         .run = [](Context& c) { c.shell.screenshot(); },
         .separator_before = true});
    add({.id = "record",
         .title = "Record the window",
         .icon = icon::record,
         .menu = "File",
         .shortcut = ImGuiMod_Ctrl | ImGuiKey_F12,
         .tooltip = "An animation of what happens from now on, until it is stopped: GIF, PNG pictures in a "
                    "folder, or a "
                    "film if ffmpeg is installed.",
         .run =
             [](Context& c) {
                 if (c.shell.recording()) return c.shell.stop_recording(true);
                 c.shell.dialogs().save_file(
                     "Record the window", "ebmlab.gif", animation_files,
                     [&shell = c.shell](const std::string& path) { shell.record(path); });
             },
         .checked = [](const Context& c) { return c.shell.recording() != nullptr; }});
    add({.id = "quit",
         .title = "Quit",
         .icon = icon::quit,
         .menu = "File",
         .shortcut = ImGuiMod_Ctrl | ImGuiKey_Q,
         .run = [this](Context& c) { closing_ = may_close(c); },
         .separator_before = true});
#ifndef NDEBUG
    add({.id = "reload_shaders",
         .title = "Reload shaders",
         .menu = "View",
         .run = [](Context&) { draw::reload_shaders(); },
         .separator_before = true});
    add({.id = "imgui_demo",
         .title = "Dear ImGui demo",
         .menu = "View",
         .run = [this](Context&) { demo_open_ = !demo_open_; },
         .checked = [this](const Context&) { return demo_open_; }});
#endif
}

void Shell::add_panel_actions() {
    for (Panel& panel : panels_) {
        for (Action& action : panel.actions)
            actions_.add(std::move(action));
        panel.actions.clear();
        if (panel.second) continue;
        actions_.add({.id = "panel_" + panel.id,
                      .title = "Show " + panel.title,
                      .icon = panel.icon,
                      .run = [id = panel.id](Context& c) { c.shell.open_panel(id); }});
    }
}

void Shell::draw_menu_bar(Context& context) {
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, scaled(8, 6));
    const bool open = ImGui::BeginMainMenuBar();
    ImGui::PopStyleVar();
    if (!open) return;
    for (const char* menu : {"File", "Edit", "Run", "View", "Help"}) {
        const bool is_view = std::string_view(menu) == "View", is_file = std::string_view(menu) == "File";
        const bool used =
            is_view || std::any_of(actions_.all().begin(), actions_.all().end(),
                                   [menu](const Action& action) { return action.menu == menu; });
        if (!used || !ImGui::BeginMenu(menu)) continue;
        if (is_view) draw_panel_menu();
        actions_.draw_menu(menu, context, [&] {
            if (is_file) draw_recent_files();
        });
        ImGui::EndMenu();
    }
    ImGui::EndMainMenuBar();
    if (demo_open_) ImGui::ShowDemoWindow(&demo_open_);
}

void Shell::draw_recent_files() {
    if (!ImGui::BeginMenuEx("Open recent", icon::file, !preferences_.recent_files.empty())) return;
    const std::vector<std::string> files = preferences_.recent_files;
    for (const std::string& file : files) {
        if (ImGui::MenuItem((std::filesystem::path(file).filename().string() + "###" + file).c_str()))
            open_path(file);
        help_tooltip(file);
    }
    ImGui::Separator();
    if (ImGui::MenuItem("Forget these")) preferences_.recent_files.clear();
    ImGui::EndMenu();
}

void Shell::draw_panel_menu() {
    if (!ImGui::BeginMenuEx("Panels", icon::layout)) return;
    ImGui::PushItemFlag(ImGuiItemFlags_AutoClosePopups, false);
    for (const Panel& panel : panels_) {
        if (!is_there(panel)) continue;
        const bool shown = is_open(panel.id);
        const std::string title = panel.second ? "B  " + panel.title : panel.title;
        if (!ImGui::MenuItemEx(title.c_str(), panel.icon.c_str(), nullptr, shown)) continue;
        if (shown && !only_these_.empty())
            std::erase(only_these_, panel.id);
        else if (shown)
            preferences_.open_panels[panel.id] = false;
        else
            open_panel(panel.id);
    }
    ImGui::PopItemFlag();
    ImGui::EndMenu();
}

namespace {

/// One line of the palette: icon, title, menu; the shortcut or the reason of refusal on the right.
bool palette_row(const Action& action, const std::string& refusal, bool selected) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x, line = ImGui::GetFrameHeight();
    const bool clicked = ImGui::Selectable(("##" + action.id).c_str(), selected, 0,
                                           {0, line - ImGui::GetStyle().ItemSpacing.y});
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float y = at.y + (line - ImGui::GetStyle().ItemSpacing.y - ImGui::GetTextLineHeight()) / 2;
    list->AddText({at.x + scaled(6), y}, packed(Meaning::muted), action.icon.c_str());
    list->AddText({at.x + scaled(34), y}, packed(refusal.empty() ? Meaning::text : Meaning::muted),
                  action.title.c_str());
    const std::string right = refusal.empty() ? shortcut_text(action.shortcut) : ellipsize(refusal, 48);
    const float right_width = ImGui::CalcTextSize(right.c_str()).x;
    list->AddText({at.x + width - right_width - scaled(6), y}, packed(Meaning::muted), right.c_str());
    return clicked;
}

} // namespace

void Shell::draw_palette(Context& context) {
    // A question comes first; it would be closed by what opens over it.
    if (questions_.is_open()) palette_requested_ = false;
    if (palette_requested_) {
        palette_requested_ = false;
        palette_text_.clear();
        palette_selected_ = 0;
        ImGui::OpenPopup("command_palette");
    }
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const float width = std::min(scaled(560), viewport->WorkSize.x - scaled(40));
    ImGui::SetNextWindowPos({viewport->GetCenter().x, viewport->WorkPos.y + scaled(24)}, ImGuiCond_Always,
                            {0.5f, 0});
    ImGui::SetNextWindowSize({width, 0});
    if (!ImGui::BeginPopup("command_palette", ImGuiWindowFlags_NoMove)) return;
    const std::string before = palette_text_;
    ImGui::SetNextItemWidth(-FLT_MIN);
    const bool entered =
        first_text_field("##search", "Type a command", palette_text_, ImGui::IsWindowAppearing());
    if (before != palette_text_) palette_selected_ = 0;
    const std::vector<const Action*> found = matching_actions(actions_, palette_text_, context);
    const int count = static_cast<int>(found.size());
    const bool down = ImGui::IsKeyPressed(ImGuiKey_DownArrow), up = ImGui::IsKeyPressed(ImGuiKey_UpArrow);
    // The text field alone would take the first Escape for itself.
    if (ImGui::IsKeyPressed(ImGuiKey_Escape)) ImGui::CloseCurrentPopup();
    if (down || up) palette_selected_ += down ? 1 : -1;
    palette_selected_ = std::clamp(palette_selected_, 0, std::max(0, count - 1));
    const Action* chosen = nullptr;
    const float rows = static_cast<float>(std::clamp(count, 1, 12));
    if (ImGui::BeginChild("found", {0, rows * ImGui::GetFrameHeight()})) {
        if (count == 0) muted_text("No command fits.");
        for (int i = 0; i < count; ++i) {
            const Action& action = *found[static_cast<std::size_t>(i)];
            if (palette_row(action, refusal_of(action, context), i == palette_selected_)) chosen = &action;
            if (i == palette_selected_ && (down || up)) ImGui::SetScrollHereY();
        }
    }
    ImGui::EndChild();
    if (entered && count > 0) chosen = found[static_cast<std::size_t>(palette_selected_)];
    if (chosen) ImGui::CloseCurrentPopup();
    ImGui::EndPopup();
    if (chosen) actions_.run(chosen->id, context);
}

void Shell::show_help() {
    show_help(hovered_panel_);
}

void Shell::show_help(std::string_view panel) {
    help_open_ = true;
    help_panel_ = panel;
}

void Shell::draw_help() {
    if (!help_open_) return;
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport->GetCenter(), ImGuiCond_Appearing, {0.5f, 0.5f});
    ImGui::SetNextWindowSize(scaled(460, 560), ImGuiCond_Appearing);
    const ImGuiWindowFlags flags =
        ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings;
    if (ImGui::Begin("Help###help", &help_open_, flags)) {
        if (escape_closes()) help_open_ = false;
        for (const Panel& panel : panels_) {
            if (panel.id != help_panel_ || panel.help.empty()) continue;
            {
                const TypeScope type(Type::heading);
                ImGui::TextUnformatted(panel.title.c_str());
            }
            ImGui::TextWrapped("%s", panel.help.c_str());
        }
        group_heading("Keyboard shortcuts");
        if (ImGui::BeginTable("shortcuts", 2, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp)) {
            ImGui::TableSetupColumn("what", ImGuiTableColumnFlags_WidthStretch, 0.62f);
            ImGui::TableSetupColumn("keys", ImGuiTableColumnFlags_WidthStretch, 0.38f);
            for (const Action& action : actions_.all()) {
                if (action.shortcut == 0) continue;
                ImGui::TableNextColumn();
                ImGui::TextUnformatted(action.title.c_str());
                if (!action.tooltip.empty()) help_tooltip(action.tooltip);
                ImGui::TableNextColumn();
                ImGui::TextDisabled("%s", shortcut_text(action.shortcut).c_str());
            }
            ImGui::EndTable();
        }
        group_heading("About");
        ImGui::TextWrapped("EBM Lab " EBM_VERSION
                           ": a laboratory for energy-based models. It trains one, runs Langevin "
                           "chains on it and shows both while they work.");
        muted_text("Built with LibTorch, Dear ImGui, ImPlot, GLFW and FreeType; set in Roboto, Inconsolata, "
                   "Latin Modern "
                   "Math and Font Awesome.");
    }
    ImGui::End();
}

} // namespace ebm::window
