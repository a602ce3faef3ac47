#include "app/window/icons.h"
#include "app/window/saved_layout.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <imgui_internal.h>

/// The part of the shell that arranges bars and panels.
namespace ebm::window {
namespace {

std::string window_name(const Panel& panel) {
    return (panel.icon.empty() ? "" : panel.icon + "  ") + panel.title + "###" + panel.id;
}

/// A bar over the whole width at an edge of the window; the docking area gets the rest.
bool begin_bar(const char* name, ImGuiDir edge, float height) {
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {scaled(10), (height - ImGui::GetFrameHeight()) / 2});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, {1, 1});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
    const bool open =
        ImGui::BeginViewportSideBar(name, ImGui::GetMainViewport(), edge, height,
                                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse |
                                        ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBackground);
    ImGui::PopStyleVar(4);
    return open;
}

} // namespace

void Shell::draw_bars(Context& context) {
    if (options_.top_bar) {
        if (begin_bar("##top_bar", ImGuiDir_Up, ImGui::GetFrameHeight() + scaled(12)))
            options_.top_bar(context);
        ImGui::End();
    }
    if (options_.status_bar) {
        if (begin_bar("##status_bar", ImGuiDir_Down, ImGui::GetFrameHeight() + scaled(2)))
            options_.status_bar(context);
        ImGui::End();
    }
}

void Shell::draw_panels(Context& context) {
    const ImGuiID dock_id = ImHashStr(dock_space_name);
    // The work area is known from the second frame on: the first lacks the bars.
    if (frames_ >= 2 && (reset_layout_ || (!layout_checked_ && !ImGui::DockBuilderGetNode(dock_id)))) {
        if (reset_layout_)
            for (const Panel& panel : panels_)
                preferences_.open_panels[panel.id] = panel.open;
        build_default_layout(dock_id);
        reset_layout_ = false;
    }
    if (frames_ < 2) return;
    layout_checked_ = true;
    // Display::draw has filled everything with this color; software renderers feel every fill.
    ImGui::PushStyleColor(ImGuiCol_WindowBg, ImVec4());
    ImGui::DockSpaceOverViewport(dock_id, ImGui::GetMainViewport());
    ImGui::PopStyleColor();

    for (Panel& panel : panels_)
        if (preferences_.open_panels[panel.id]) draw_panel(panel, context);
    // Windows that were docked anew come to the front of their own accord in their first frames.
    if (frames_ >= front_tabs_at_ && frames_ < front_tabs_at_ + 3) front_tabs();
    draw_help_corners();
}

/// A “?” at the end of each group of tabs: the help of the panel in front.
void Shell::draw_help_corners() {
    std::vector<ImGuiDockNode*> seen;
    for (const Panel& panel : panels_) {
        if (panel.help.empty()) continue;
        const ImGuiWindow* window = ImGui::FindWindowByName(window_name(panel).c_str());
        if (!window || !window->WasActive || !window->DockTabIsVisible || !window->DockNode) continue;
        ImGuiDockNode* node = window->DockNode;
        if (std::find(seen.begin(), seen.end(), node) != seen.end()) continue;
        seen.push_back(node);
        if (!ImGui::DockNodeBeginAmendTabBar(node)) continue;
        ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::muted));
        const std::string label = std::string(icon::help) + "###help";
        if (ImGui::TabItemButton(label.c_str(), ImGuiTabItemFlags_Trailing | ImGuiTabItemFlags_NoTooltip))
            show_help(panel.id);
        ImGui::PopStyleColor();
        help_tooltip(panel.help.substr(0, panel.help.find("\n\n")), panel.title, "F1");
        ImGui::DockNodeEndAmendTabBar();
    }
}

void Shell::draw_panel(Panel& panel, Context& context) {
    if (focus_panel_ == panel.id) {
        ImGui::SetNextWindowFocus();
        focus_panel_.clear();
    }
    ImGui::SetNextWindowSize(scaled(480, 360), ImGuiCond_FirstUseEver);
    if (panel.flush) ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
    // A panel that took the focus when it appears would come to the front of the tabs of a saved layout.
    const bool visible = ImGui::Begin(window_name(panel).c_str(), &preferences_.open_panels[panel.id],
                                      ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoFocusOnAppearing);
    if (panel.flush) ImGui::PopStyleVar();
    if (visible) {
        if (ImGui::IsWindowHovered(ImGuiHoveredFlags_RootAndChildWindows)) hovered_panel_ = panel.id;
        panel.draw(context);
    }
    ImGui::End();
}

void Shell::draw_only_panel(Context& context) {
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    for (Panel& panel : panels_) {
        if (panel.id != options_.only_panel) continue;
        ImGui::SetNextWindowPos(viewport->Pos);
        ImGui::SetNextWindowSize(viewport->Size);
        ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
        ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
        if (panel.flush) ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
        const bool visible = ImGui::Begin(window_name(panel).c_str(), nullptr,
                                          ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                              ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoSavedSettings);
        ImGui::PopStyleVar(panel.flush ? 3 : 2);
        if (visible) panel.draw(context);
        ImGui::End();
    }
}

void Shell::build_default_layout(unsigned dock_id) {
    ImGui::DockBuilderRemoveNode(dock_id);
    ImGui::DockBuilderAddNode(dock_id, ImGuiDockNodeFlags_DockSpace);
    ImGui::DockBuilderSetNodeSize(dock_id, ImGui::GetMainViewport()->WorkSize);
    ImGuiID rest = dock_id;
    const auto split = [&rest](ImGuiDir side, float share) {
        ImGuiID part = 0;
        ImGui::DockBuilderSplitNode(rest, side, share, &part, &rest);
        return part;
    };
    const auto halve = [](ImGuiID& node, ImGuiDir side, float share) {
        ImGuiID part = 0, other = 0;
        ImGui::DockBuilderSplitNode(node, side, share, &part, &other);
        node = other;
        return part;
    };
    ImGuiID left = split(ImGuiDir_Left, 0.205f);
    ImGuiID right = split(ImGuiDir_Right, 0.26f);
    ImGuiID bottom = split(ImGuiDir_Down, 0.34f);
    const ImGuiID left_low = halve(left, ImGuiDir_Down, 0.4f);
    const ImGuiID right_low = halve(right, ImGuiDir_Down, 0.36f);
    const ImGuiID bottom_right = halve(bottom, ImGuiDir_Right, 0.5f);
    for (const Panel& panel : panels_) {
        const std::string name = "###" + panel.id;
        switch (panel.place) {
        case Place::left:
            ImGui::DockBuilderDockWindow(name.c_str(), left);
            break;
        case Place::left_low:
            ImGui::DockBuilderDockWindow(name.c_str(), left_low);
            break;
        case Place::centre:
            ImGui::DockBuilderDockWindow(name.c_str(), rest);
            break;
        case Place::right:
            ImGui::DockBuilderDockWindow(name.c_str(), right);
            break;
        case Place::right_low:
            ImGui::DockBuilderDockWindow(name.c_str(), right_low);
            break;
        case Place::bottom:
            ImGui::DockBuilderDockWindow(name.c_str(), bottom);
            break;
        case Place::bottom_right:
            ImGui::DockBuilderDockWindow(name.c_str(), bottom_right);
            break;
        case Place::floating:
            break;
        }
    }
    for (const ImGuiID node : {left, left_low, right, right_low, bottom, bottom_right, rest})
        if (ImGuiDockNode* leaf = ImGui::DockBuilderGetNode(node))
            leaf->SetLocalFlags(leaf->LocalFlags | ImGuiDockNodeFlags_NoWindowMenuButton);
    ImGui::DockBuilderFinish(dock_id);
    front_tabs_at_ = frames_ + 2;
}

/// Brings the first panel of each place to the front of its tabs.
void Shell::front_tabs() {
    std::vector<ImGuiID> seen;
    for (const Panel& panel : panels_) {
        ImGuiWindow* window = ImGui::FindWindowByName(window_name(panel).c_str());
        if (!window || !window->DockNode || !window->DockNode->TabBar) continue;
        if (std::find(seen.begin(), seen.end(), window->DockNode->ID) != seen.end()) continue;
        seen.push_back(window->DockNode->ID);
        window->DockNode->TabBar->NextSelectedTabId = window->TabId;
        // A node shows the tab of its window that was focused last.
        if (panel.place == Place::centre) ImGui::FocusWindow(window);
    }
}

} // namespace ebm::window
