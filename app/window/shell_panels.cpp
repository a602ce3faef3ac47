#include "app/window/icons.h"
#include "app/window/pointing.h"
#include "app/window/saved_layout.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <imgui_internal.h>
#include <map>

/// The part of the shell that arranges bars and panels.
namespace ebm::window {
namespace {

/// A new size of the window is taken for meant when it has lasted so long, in seconds.
constexpr double settled_after = 0.3;

std::string tab_text(const Panel& panel, TabLabel label) {
    const std::string& brief = panel.short_title.empty() ? panel.title : panel.short_title;
    if (label == TabLabel::whole) return (panel.icon.empty() ? "" : panel.icon + "  ") + panel.title;
    return label == TabLabel::icon && !panel.icon.empty() ? panel.icon : brief;
}

ImGuiWindow* window_of(const Panel& panel) {
    return ImGui::FindWindowByName(("###" + panel.id).c_str());
}

/// Not for a window whose place was in another layout: that floats.
bool is_docked(const ImGuiWindow& window) {
    ImGuiDockNode* node = ImGui::DockBuilderGetNode(window.DockId);
    return node && ImGui::DockNodeGetRootNode(node)->IsDockSpace();
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

/// While presenting, a panel that is alone at its place has no tab, unless the tab says whose run it shows.
/// The flag is saved with a layout, so it is set anew in each frame.
void show_tabs(const std::vector<Panel>& panels, bool presenting, bool two_runs) {
    for (const Panel& panel : panels) {
        const ImGuiWindow* window = window_of(panel);
        if (!window || !window->DockNode) continue;
        ImGuiDockNode& node = *window->DockNode;
        const ImGuiDockNodeFlags others = node.LocalFlags & ~ImGuiDockNodeFlags_NoTabBar;
        const bool alone = presenting && !two_runs && node.Windows.Size == 1;
        node.SetLocalFlags(alone ? others | ImGuiDockNodeFlags_NoTabBar : others);
    }
}

} // namespace

void Shell::draw_bars(Context& context) {
    if (options_.top_bar) {
        if (begin_bar("##top_bar", ImGuiDir_Up, ImGui::GetFrameHeight() + scaled(12)))
            options_.top_bar(context);
        ImGui::End();
    }
    if (options_.status_bar && !presenting_) {
        if (begin_bar("##status_bar", ImGuiDir_Down, ImGui::GetFrameHeight() + scaled(2)))
            options_.status_bar(context);
        ImGui::End();
    }
}

void Shell::draw_panels(Context& context) {
    // The work area is known from the second frame on: the first lacks the bars.
    if (frames_ < 2) return;
    follow_size();
    if (!pending_layout_.empty()) return;
    const ImGuiID dock_id = ImHashStr(dock_space_name);
    if (reset_layout_)
        for (const Panel& panel : panels_)
            if (!panel.second) preferences_.open_panels[panel.id] = panel.open;
    if (reset_layout_ || default_layout_) build_default_layout(dock_id);
    reset_layout_ = default_layout_ = false;
    choose_tab_labels();
    show_tabs(panels_, presenting_, comparison_ != nullptr);
    // Display::draw has filled everything with this color; software renderers feel every fill.
    ImGui::PushStyleColor(ImGuiCol_WindowBg, ImVec4());
    ImGui::DockSpaceOverViewport(dock_id, ImGui::GetMainViewport());
    ImGui::PopStyleColor();

    if (place_second_panels_) place_second_panels();
    std::optional<Context> second;
    if (comparison_) second.emplace(asking_context(true));
    for (Panel& panel : panels_) {
        if (is_open(panel.id) && is_there(panel))
            draw_panel(panel, panel.second ? *second : context);
        else if (panel.closed)
            panel.closed(context);
    }
    // Windows that were docked anew come to the front of their own accord in their first frames.
    if (frames_ >= front_tabs_at_ && frames_ < front_tabs_at_ + 3) front_tabs();
    if (frames_ <= front_until_) front_wanted_tabs();
    draw_help_corners();
    tall_panel_.update();
}

bool Shell::is_in_front(std::string_view id) const {
    const auto panel = std::ranges::find(panels_, id, &Panel::id);
    if (panel == panels_.end() || !is_open(id)) return false;
    const ImGuiWindow* window = window_of(*panel);
    return window && window->WasActive && (!window->DockNode || window->DockTabIsVisible);
}

/// A “?” at the end of each group of tabs: the help of the panel in front.
void Shell::draw_help_corners() {
    std::vector<ImGuiDockNode*> seen;
    for (const Panel& panel : panels_) {
        if (panel.help.empty()) continue;
        const ImGuiWindow* window = window_of(panel);
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
    const bool from_top = std::ranges::count(top_panels_, panel.id) > 0;
    ImGui::SetNextWindowSize(scaled(480, 360), ImGuiCond_FirstUseEver);
    if (panel.flush) ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
    // A panel that took the focus when it appears would come to the front of the tabs of a saved layout.
    const TabLabel label = tab_labels_[panel.id];
    const bool closes = only_these_.empty() && (label == TabLabel::whole || label == TabLabel::brief);
    const bool visible =
        ImGui::Begin(tab_name(panel).c_str(), closes ? &preferences_.open_panels[panel.id] : nullptr,
                     ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoFocusOnAppearing);
    if (panel.flush) ImGui::PopStyleVar();
    if (label == TabLabel::icon) help_tooltip(panel.title);
    if (visible) {
        if (from_top) {
            ImGui::SetScrollY(0);
            std::erase(top_panels_, panel.id);
        }
        if (ImGui::IsWindowHovered(ImGuiHoveredFlags_RootAndChildWindows)) hovered_panel_ = panel.id;
        for (const lab::View view : panel.views) {
            if (!panel.second) views_[static_cast<std::size_t>(view)] = true;
            if (panel.second || panel.both_runs) second_views_[static_cast<std::size_t>(view)] = true;
        }
        const PointingOff off(panel.second);
        panel.draw(context);
        const ImVec2 low = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
        pointable("panel", panel.id, low, {low.x + size.x, low.y + size.y});
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
        const bool visible = ImGui::Begin(tab_name(panel).c_str(), nullptr,
                                          ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                              ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoSavedSettings);
        ImGui::PopStyleVar(panel.flush ? 3 : 2);
        if (visible) panel.draw(context);
        ImGui::End();
    }
}

LayoutForm layout_form(float width, float height) {
    return width >= 1400 && height >= 780   ? LayoutForm::wide
           : width >= 1000 && height >= 600 ? LayoutForm::medium
                                            : LayoutForm::narrow;
}

/// Another size class of the window brings its own layout: the one that was left there, or the default.
void Shell::follow_size() {
    const ImVec2 size = ImGui::GetMainViewport()->WorkSize;
    const LayoutForm wanted = layout_form(size.x / look_.scale, size.y / look_.scale);
    const double now = ImGui::GetTime();
    if (wanted != next_form_) {
        // Before the places are squeezed into the new size.
        if (layout_checked_ && next_form_ == form_) leaving_layout_ = tall_panel_.layout_text();
        next_form_ = wanted;
        next_form_since_ = now;
    }
    if (layout_checked_) {
        if (wanted == form_ || now - next_form_since_ < settled_after) return;
        layouts_[form_] = leaving_layout_;
        ImGui::GetIO().WantSaveIniSettings = true;
        save_preferences();
    }
    layout_checked_ = true;
    form_ = wanted;
    const auto kept = layouts_.find(form_);
    if (kept == layouts_.end())
        default_layout_ = true;
    else
        pending_layout_ = kept->second;
}

/// Tabs say as much as the width of their group allows.
void Shell::choose_tab_labels() {
    std::map<ImGuiDockNode*, std::vector<const Panel*>> groups;
    for (const Panel& panel : panels_) {
        const ImGuiWindow* window = window_of(panel);
        if (window && window->DockNode && is_open(panel.id) && is_there(panel))
            groups[window->DockNode].push_back(&panel);
        else
            tab_labels_[panel.id] = TabLabel::whole;
    }
    const ImGuiStyle& style = ImGui::GetStyle();
    const float close = style.ItemInnerSpacing.x + ImGui::GetFontSize();
    for (const auto& [node, panels] : groups) {
        // Without the margins of the bar and the “?” at its end.
        const float room = node->Size.x - scaled(60);
        TabLabel label = TabLabel::whole;
        for (; label != TabLabel::icon; label = static_cast<TabLabel>(static_cast<int>(label) + 1)) {
            float width = 0;
            for (const Panel* panel : panels)
                width += ImGui::CalcTextSize(tab_text(*panel, label).c_str()).x + 2 * style.FramePadding.x +
                         2 + style.ItemInnerSpacing.x + (label == TabLabel::brief_without_close ? 0 : close);
            if (width <= room) break;
        }
        for (const Panel* panel : panels)
            tab_labels_[panel->id] = label;
    }
}

std::string Shell::tab_name(const Panel& panel) const {
    const auto label = tab_labels_.find(panel.id);
    const bool paired = comparison_ && !panel.second && std::ranges::any_of(panels_, [&](const Panel& other) {
                            return other.id == "b_" + panel.id && is_open(other.id);
                        });
    return (panel.second ? "B  "
            : paired     ? "A  "
                         : "") +
           tab_text(panel, label == tab_labels_.end() ? TabLabel::whole : label->second) + "###" + panel.id;
}

/// Beside those of run A: those of the middle in a half of their own, the others as tabs with their twins. A
/// panel that a person has put somewhere stays there.
void Shell::place_second_panels() {
    place_second_panels_ = false;
    ImGuiID half = 0;
    for (const Panel& panel : panels_) {
        if (!panel.second) continue;
        const ImGuiWindow* window = window_of(panel);
        if (window && window->WasActive && (window->DockId == 0 || is_docked(*window))) continue;
        const ImGuiWindow* twin = ImGui::FindWindowByName(("###" + panel.id.substr(2)).c_str());
        ImGuiID node = twin ? twin->DockId : 0;
        if (node == 0) continue;
        if (panel.place == Place::centre) {
            if (half == 0) {
                ImGuiID rest = 0;
                ImGui::DockBuilderSplitNode(node, ImGuiDir_Right, 0.5f, &half, &rest);
                ImGui::DockBuilderFinish(ImGui::DockBuilderGetNode(rest) ? rest : half);
            }
            node = half;
        }
        ImGui::DockBuilderDockWindow(("###" + panel.id).c_str(), node);
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
    // Where each place of a panel lies in this form.
    std::map<Place, ImGuiID> nodes;
    // Lessons have a column of their own, so that what they speak of is in sight beside them, unless that
    // leaves the middle no room. It takes none while no lesson is open, so the other columns are shares of
    // what is there without it.
    const float width = ImGui::GetMainViewport()->WorkSize.x;
    const float wanted_lesson = std::clamp(width * 0.24f, scaled(310), scaled(400));
    const bool own_column = form_ == LayoutForm::wide || width >= wanted_lesson + scaled(300) + scaled(230);
    const float lesson = own_column ? wanted_lesson : 0;
    if (own_column) nodes[Place::lesson] = split(ImGuiDir_Left, lesson / width);
    const auto share = [&](float of_width, float taken) { return of_width / (width - lesson - taken); };
    if (form_ == LayoutForm::wide) {
        const float left_width = 0.205f * width;
        ImGuiID left = split(ImGuiDir_Left, share(left_width, 0));
        ImGuiID right = split(ImGuiDir_Right, share(0.26f * (width - left_width), left_width));
        ImGuiID bottom = split(ImGuiDir_Down, 0.34f);
        nodes[Place::left_low] = halve(left, ImGuiDir_Down, 0.4f);
        nodes[Place::right_low] = halve(right, ImGuiDir_Down, 0.36f);
        nodes[Place::bottom_right] = halve(bottom, ImGuiDir_Right, 0.5f);
        nodes[Place::left] = left;
        nodes[Place::right] = right;
        nodes[Place::bottom] = bottom;
    } else {
        const ImVec2 size = ImGui::GetMainViewport()->WorkSize;
        const bool medium = form_ == LayoutForm::medium;
        const float wanted = std::clamp(size.x * 0.3f, scaled(300), scaled(360));
        ImGuiID side = split(ImGuiDir_Left, share(wanted, 0));
        nodes[Place::left] = nodes[Place::left_low] = nodes[Place::right] = nodes[Place::right_low] = side;
        if (!own_column) nodes[Place::lesson] = side;
        if (medium) {
            nodes[Place::bottom] = nodes[Place::bottom_right] =
                split(ImGuiDir_Down, std::clamp(scaled(250) / size.y, 0.34f, 0.45f));
            nodes[Place::right_low] = halve(side, ImGuiDir_Down, scaled(180) / size.y);
            nodes[Place::left] = nodes[Place::left_low] = nodes[Place::right] = side;
            if (!own_column) nodes[Place::lesson] = side;
        } else {
            nodes[Place::bottom] = nodes[Place::bottom_right] = rest;
        }
    }
    nodes[Place::centre] = rest;
    for (const Panel& panel : panels_)
        if (panel.place != Place::floating && !panel.second)
            ImGui::DockBuilderDockWindow(("###" + panel.id).c_str(), nodes[panel.place]);
    for (const auto& [place, node] : nodes)
        if (ImGuiDockNode* leaf = ImGui::DockBuilderGetNode(node))
            leaf->SetLocalFlags(leaf->LocalFlags | ImGuiDockNodeFlags_NoWindowMenuButton);
    ImGui::DockBuilderFinish(dock_id);
    place_second_panels_ = comparison_ != nullptr;
    front_tabs_at_ = frames_ + 2;
}

void Shell::bring_to_front(const std::vector<std::string>& panels) {
    tabs_to_front_ = panels;
    front_until_ = frames_ + 4;
}

void Shell::front_wanted_tabs() {
    for (auto id = tabs_to_front_.rbegin(); id != tabs_to_front_.rend(); ++id) {
        const auto panel = std::ranges::find(panels_, *id, &Panel::id);
        if (panel == panels_.end()) continue;
        ImGuiWindow* window = window_of(*panel);
        if (!window || !window->DockNode || !window->DockNode->TabBar) continue;
        window->DockNode->TabBar->NextSelectedTabId = window->TabId;
        // A node shows the tab of its window that has the focus.
        const ImGuiWindow* focused = ImGui::GetCurrentContext()->NavWindow;
        if (focused && focused->RootWindow->DockNode == window->DockNode) ImGui::FocusWindow(window);
    }
}

void Shell::front_tabs() {
    std::vector<ImGuiID> seen;
    for (const Panel& panel : panels_) {
        ImGuiWindow* window = window_of(panel);
        if (!window || !window->DockNode || !window->DockNode->TabBar) continue;
        if (std::find(seen.begin(), seen.end(), window->DockNode->ID) != seen.end()) continue;
        seen.push_back(window->DockNode->ID);
        window->DockNode->TabBar->NextSelectedTabId = window->TabId;
        // A node shows the tab of its window that was focused last.
        if (panel.place == Place::centre) ImGui::FocusWindow(window);
    }
}

} // namespace ebm::window
