#pragma once

#include <string>
#include <string_view>

#include <imgui.h>

/// A coloured frame around one widget, for lessons. Widgets are named by what they stand for: "panel" and its
/// id, "setting" and its key, "action" and its id.
namespace ebm::window {

/// From now on the frame is around this; an empty kind takes it away. One frame in the program.
void point_at(std::string_view kind, std::string_view id);
/// Another scene is being opened, which will move it: it is scrolled into sight for two more seconds.
void settle_again();
bool points_at(std::string_view kind, std::string_view id);
/// Called behind a widget that can be pointed at: draws the frame around the last item, or between two
/// corners. A widget out of sight is scrolled into sight, and again if what is above it grows
/// in the first two seconds.
void pointable(std::string_view kind, std::string_view id);
void pointable(std::string_view kind, std::string_view id, ImVec2 low, ImVec2 high);
/// As long as one lives, and is on, widgets are not pointed at: they are those of the second of two runs.
class PointingOff {
public:
    explicit PointingOff(bool on);
    ~PointingOff();
    PointingOff(const PointingOff&) = delete;
    PointingOff& operator=(const PointingOff&) = delete;

private:
    bool before_;
};
/// Whether the frame was drawn in this or the last Dear ImGui frame.
bool pointing_is_drawn();

} // namespace ebm::window
