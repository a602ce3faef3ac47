#include "app/panels/panels.h"

#include "app/window/shell.h"

/// One line a panel, in tab order within its place.
#define PANELS(PANEL)                                                                                        \
    PANEL(lesson)                                                                                            \
    PANEL(scene)                                                                                             \
    PANEL(landscape)                                                                                         \
    PANEL(surface)                                                                                           \
    PANEL(samples)                                                                                           \
    PANEL(data)                                                                                              \
    PANEL(race)                                                                                              \
    PANEL(partition)                                                                                         \
    PANEL(restore)                                                                                           \
    PANEL(nearest)                                                                                           \
    PANEL(ood_table)                                                                                         \
    PANEL(sampler)                                                                                           \
    PANEL(compare)                                                                                           \
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

std::vector<Panel> second_panels() {
    std::vector<Panel> panels;
    for (Panel (*make)() : {scene_panel, landscape_panel, surface_panel, samples_panel, sampler_panel,
                            chain_panel, health_panel, histograms_panel, replay_buffer_panel}) {
        Panel panel = make();
        panel.id = "b_" + panel.id;
        panel.second = true;
        panel.open = false;
        panel.actions.clear(); // shortcuts are those of run A
        panels.push_back(std::move(panel));
    }
    return panels;
}

} // namespace ebm::window

namespace ebm::panels {

void front_samples_of_kind(window::Shell& shell, const lab::Snapshot& snapshot) {
    bool& pictures = shell.preferences().pictures;
    if (snapshot.state == lab::State::empty || pictures != snapshot.kind.plane) return;
    pictures = !pictures;
    // A lesson says itself what is looked at.
    if (!shell.shows_only_some()) shell.open_panel(pictures ? "samples" : "landscape");
}

} // namespace ebm::panels
