#include "app/panels/panels.h"

/// One line a panel, in tab order within its place.
#define PANELS(PANEL)                                                                                        \
    PANEL(lesson)                                                                                            \
    PANEL(scene)                                                                                             \
    PANEL(landscape)                                                                                         \
    PANEL(samples)                                                                                           \
    PANEL(data)                                                                                              \
    PANEL(race)                                                                                              \
    PANEL(sampler)                                                                                           \
    PANEL(algorithm)                                                                                         \
    PANEL(health)                                                                                            \
    PANEL(energies)                                                                                          \
    PANEL(chain)                                                                                             \
    PANEL(histograms)                                                                                        \
    PANEL(replay_buffer)                                                                                     \
    PANEL(log)

namespace ebm::window {

#define DECLARE(name) Panel name##_panel();
PANELS(DECLARE)
#undef DECLARE

std::vector<Panel> all_panels() {
    std::vector<Panel> panels;
#define ADD(name) panels.push_back(name##_panel());
    PANELS(ADD)
#undef ADD
    return panels;
}

} // namespace ebm::window
