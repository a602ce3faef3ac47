#include "app/window/pointing.h"

#include "app/window/theme.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <imgui_internal.h>

namespace ebm::window {
namespace {

struct Target {
    std::string kind, id;
    int drawn = -9;         ///< the Dear ImGui frame in which it was drawn last
    bool to_be_seen = true; ///< it has not been in sight yet
    double settled_at = 0;  ///< until then it is scrolled into sight: things around it still get their places
    float place = 0;        ///< where it lies in what its window scrolls
    bool moved = false;     ///< to another place, since then
};

constexpr double settling = 2, settling_again = 0.5; // seconds

bool off = false; ///< see PointingOff

/// The rectangles of `whole` that are outside of `cover`.
std::vector<ImRect> outside(const ImRect& whole, const ImRect& cover) {
    if (!whole.Overlaps(cover)) return {whole};
    ImRect in = cover;
    in.ClipWithFull(whole);
    std::vector<ImRect> parts;
    for (const ImRect& part : {ImRect(whole.Min.x, whole.Min.y, whole.Max.x, in.Min.y),
                               ImRect(whole.Min.x, in.Max.y, whole.Max.x, whole.Max.y),
                               ImRect(whole.Min.x, in.Min.y, in.Min.x, in.Max.y),
                               ImRect(in.Max.x, in.Min.y, whole.Max.x, in.Max.y)})
        if (part.GetWidth() > 0 && part.GetHeight() > 0) parts.push_back(part);
    return parts;
}

/// What of the screen no dialog, list, menu or tooltip covers.
std::vector<ImRect> uncovered() {
    const ImGuiViewport& screen = *ImGui::GetMainViewport();
    std::vector<ImRect> parts{
        ImRect(screen.Pos, {screen.Pos.x + screen.Size.x, screen.Pos.y + screen.Size.y})};
    for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows) {
        const bool above = window->Flags & (ImGuiWindowFlags_Popup | ImGuiWindowFlags_Tooltip);
        if (!above || !window->WasActive || window->Hidden) continue;
        std::vector<ImRect> rest;
        for (const ImRect& part : parts)
            for (const ImRect& piece : outside(part, window->Rect()))
                rest.push_back(piece);
        parts = std::move(rest);
    }
    return parts;
}

Target& target() {
    static Target target;
    return target;
}

} // namespace

PointingOff::PointingOff(bool on) : before_(off) {
    off = off || on;
}

PointingOff::~PointingOff() {
    off = before_;
}

void point_at(std::string_view kind, std::string_view id) {
    if (points_at(kind, id)) return;
    target() = {std::string(kind), std::string(id)};
    target().settled_at = ImGui::GetTime() + settling;
}

void settle_again() {
    target().settled_at = ImGui::GetTime() + settling;
    target().to_be_seen = true;
}

bool points_at(std::string_view kind, std::string_view id) {
    return target().kind == kind && target().id == id;
}

void pointable(std::string_view kind, std::string_view id) {
    if (!kind.empty() && points_at(kind, id))
        pointable(kind, id, ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
}

void pointable(std::string_view kind, std::string_view id, ImVec2 low, ImVec2 high) {
    if (off || kind.empty() || !points_at(kind, id)) return;
    Target& here = target();
    const bool panel = kind == "panel";
    if (!panel) {
        ImGuiWindow* window = ImGui::GetCurrentWindow();
        const float place = low.y - window->DC.CursorStartPos.y;
        // What grows above it takes it out of sight again, but nothing is scrolled away under the hand.
        const bool held = ImGui::IsMouseDown(ImGuiMouseButton_Left);
        here.moved |= std::abs(place - here.place) > 1;
        here.place = place;
        if (here.moved && !held) {
            here.moved = false;
            here.settled_at = std::max(here.settled_at, ImGui::GetTime() + settling_again);
        }
        const ImRect& seen = window->InnerClipRect;
        const bool whole = low.y >= seen.Min.y && high.y <= seen.Max.y;
        if (!whole && !held && (here.to_be_seen || ImGui::GetTime() < here.settled_at))
            ImGui::ScrollToRect(window, ImRect(low, high), ImGuiScrollFlags_KeepVisibleEdgeY);
        if (!ImGui::IsRectVisible(low, high)) return;
        here.to_be_seen = false;
    }
    here.drawn = ImGui::GetFrameCount();
    const float out = panel ? -scaled(1.5f) : scaled(3);
    ImDrawList& list = *ImGui::GetForegroundDrawList(ImGui::GetMainViewport());
    for (const ImRect& part : uncovered()) {
        list.PushClipRect(part.Min, part.Max);
        list.AddRect({low.x - out, low.y - out}, {high.x + out, high.y + out}, packed(Meaning::samples),
                     scaled(5), scaled(3));
        list.PopClipRect();
    }
}

bool pointing_is_drawn() {
    return target().drawn >= ImGui::GetFrameCount() - 1;
}

} // namespace ebm::window
