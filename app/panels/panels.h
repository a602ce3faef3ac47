#pragma once

#include "app/window/panel.h"

/// One function a panel; each returns a panel with its own state.
namespace ebm::panels {

window::Panel samples_panel();
window::Panel energies_panel();
window::Panel histograms_panel();
window::Panel replay_buffer_panel();
window::Panel chain_panel();
window::Panel log_panel();

} // namespace ebm::panels
