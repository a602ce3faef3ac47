#include "app/window/pointing.h"

#include "app/window/theme.h"

namespace ebm::window {
namespace {

struct Target {
    std::string kind, id;
    int drawn = -9;         ///< the Dear ImGui frame in which it was drawn last
    bool to_be_seen = true; ///< it has not been scrolled into sight yet
    double settled_at = 0;  ///< by then what came with the lesson has its place
};

constexpr double settling = 2; // seconds

bool off = false; ///< see PointingOff

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
    if (!panel && !ImGui::IsRectVisible(low, high)) {
        if (here.to_be_seen) ImGui::SetScrollHereY(0.5f);
        return;
    }
    here.to_be_seen = ImGui::GetTime() < here.settled_at;
    here.drawn = ImGui::GetFrameCount();
    const float out = panel ? -scaled(1.5f) : scaled(3);
    ImGui::GetForegroundDrawList(ImGui::GetMainViewport())
        ->AddRect({low.x - out, low.y - out}, {high.x + out, high.y + out}, packed(Meaning::samples),
                  scaled(5), scaled(3));
}

bool pointing_is_drawn() {
    return target().drawn >= ImGui::GetFrameCount() - 1;
}

} // namespace ebm::window
