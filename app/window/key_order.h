#pragma once

struct ImGuiInputEvent;
template <typename T>
struct ImVector;

namespace ebm::window {

/// Who lets go of Ctrl while P is still down has pressed Ctrl+P. Dear ImGui takes both into one frame, where
/// Ctrl is up already, if the frame is slow or the hand quick. Before ImGui::NewFrame: takes the release of a
/// modifier that comes behind the press of another key, and all that follows, out of the events to come.
void hold_back_releases(ImVector<ImGuiInputEvent>& held);
/// After ImGui::NewFrame: puts them back for the next frame.
void give_back_releases(ImVector<ImGuiInputEvent>& held);

} // namespace ebm::window
