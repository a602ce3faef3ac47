#include "app/panels/lit_mode.h"

#include "app/window/number_format.h"

#include <imgui.h>

namespace ebm::panels {
namespace {

struct Lit {
    int mode = -1, frame = -2;
};

Lit& lit(bool second) {
    static Lit of_runs[2];
    return of_runs[second ? 1 : 0];
}

} // namespace

void light_mode(bool second, int mode) {
    lit(second) = {mode, ImGui::GetFrameCount()};
}

int lit_mode(bool second) {
    const Lit& now = lit(second);
    return ImGui::GetFrameCount() - now.frame <= 1 ? now.mode : -1;
}

std::string mode_name(const lab::ModesView& modes, std::size_t mode) {
    const std::string number = "Mode " + window::format_count(static_cast<std::int64_t>(mode) + 1);
    if (!modes.places || mode >= modes.places->size()) return number;
    const lab::ModePlace& place = (*modes.places)[mode];
    if (!place.name.empty()) return number + ", " + place.name;
    if (place.points.size() != 2) return number;
    return number + " at (" + window::format_number(place.points[0], 3) + ", " +
           window::format_number(place.points[1], 3) + ")";
}

std::string mode_in_words(const lab::ModesView& modes, std::size_t mode) {
    std::string text = mode_name(modes, mode) + ": " + window::format_share(modes.shares[mode]) +
                       " of the live chains are in it now";
    if (mode < modes.exact.size())
        text += "; it should be " + window::format_share(modes.exact[mode]) +
                (modes.of_data ? ", the share of the data" : ", the share of exp(\u2212E / T)");
    return text + ". Landscape shows where it is.";
}

} // namespace ebm::panels
