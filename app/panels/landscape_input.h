#pragma once

#include "app/panels/landscape_state.h"

namespace ebm::panels {

inline constexpr int drop_count = 50;

/// Whether the mouse is over the last item. ImGui::IsItemHovered also says so of the item that the keyboard
/// walked to, wherever the mouse is.
bool mouse_is_over_item();
/// Pan, zoom, select, drop and drag in one pane; its invisible button is the last item.
void handle_input(LandscapeState& state, const Pane& pane, window::Context& context);
/// The chain drawn nearest to `mouse`, within reach; −1 if none.
int chain_at(const LandscapeState& state, const Pane& pane, ImVec2 mouse);
/// The negative of the iteration that is marked there (see shows_iteration); −1 if none.
int negative_at(const LandscapeState& state, const Pane& pane, const lab::Snapshot& snapshot, ImVec2 mouse);
/// Asks the engine for the field of what is visible: soon after the view came to rest, now and then while it
/// moves.
void follow_view(LandscapeState& state, const Pane& pane, window::Context& context);
/// What lies under the mouse: x, E and |∇E|; empty lines if the mouse is elsewhere.
std::vector<std::string> read_out(const LandscapeState& state, const Pane& pane,
                                  const window::Context& context);
/// Shows data, or chains where there are none.
void frame_data(LandscapeState& state, const lab::Snapshot& snapshot);

} // namespace ebm::panels
