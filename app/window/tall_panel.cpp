#include "app/window/tall_panel.h"

#include <cmath>

#include <imgui.h>
#include <imgui_internal.h>

namespace ebm::window {
namespace {

constexpr float least_share = 0.55f;

/// The highest node around the panel that shares its height with another; null if there is none, or while
/// the panel is not on screen.
ImGuiDockNode* upright_node(const std::string& panel) {
    const ImGuiWindow* window = ImGui::FindWindowByName(("###" + panel).c_str());
    if (!window || !window->WasActive || !window->DockTabIsVisible) return nullptr;
    ImGuiDockNode* node = window->DockNode;
    while (node && node->ParentNode && node->ParentNode->SplitAxis != ImGuiAxis_Y)
        node = node->ParentNode;
    return node && node->ParentNode ? node : nullptr;
}

ImGuiDockNode& other_half(const ImGuiDockNode& node) {
    ImGuiDockNode* const* children = node.ParentNode->ChildNodes;
    return children[0] == &node ? *children[1] : *children[0];
}

void set_height(ImGuiDockNode& node, float height) {
    ImGuiDockNode& other = other_half(node);
    const float both = node.Size.y + other.Size.y;
    node.Size.y = node.SizeRef.y = height;
    other.Size.y = other.SizeRef.y = both - height;
    ImGui::MarkIniSettingsDirty();
}

bool is_shared(const ImGuiDockNode* node) {
    return node && node->ParentNode && node->ParentNode->SplitAxis == ImGuiAxis_Y;
}

} // namespace

void TallPanel::give_back() {
    ImGuiDockNode* node = grown_->node != 0 ? ImGui::DockBuilderGetNode(grown_->node) : nullptr;
    if (is_shared(node) && std::abs(node->Size.y - grown_->now) < 2) set_height(*node, grown_->before);
    grown_.reset();
}

void TallPanel::update() {
    if (grown_ && grown_->panel != wanted_) give_back();
    if (wanted_.empty() || grown_) return;
    ImGuiDockNode* node = upright_node(wanted_);
    // A half that nobody sees takes no height.
    if (!node || !other_half(*node).IsVisible) return;
    const float both = node->Size.y + other_half(*node).Size.y, height = std::floor(both * least_share);
    grown_ = {wanted_, 0, 0, 0};
    if (node->Size.y >= height) return;
    grown_ = {wanted_, node->ID, node->Size.y, height};
    set_height(*node, height);
}

std::string TallPanel::layout_text() const {
    ImGuiDockNode* node = grown_ && grown_->node != 0 ? ImGui::DockBuilderGetNode(grown_->node) : nullptr;
    if (!is_shared(node) || std::abs(node->Size.y - grown_->now) >= 2)
        return ImGui::SaveIniSettingsToMemory();
    ImGuiDockNode& other = other_half(*node);
    const float height = node->SizeRef.y, other_height = other.SizeRef.y;
    node->SizeRef.y = grown_->before;
    other.SizeRef.y = other_height + height - grown_->before;
    std::string text = ImGui::SaveIniSettingsToMemory();
    node->SizeRef.y = height;
    other.SizeRef.y = other_height;
    return text;
}

} // namespace ebm::window
