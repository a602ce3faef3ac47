#pragma once

#include "app/panels/series.h"
#include "app/window/context.h"

#include <imgui.h>

#include <span>
#include <vector>

namespace ebm::panels {

/// Which classes `room` bars show, in the order shown: all in their own order if they fit, else those of the
/// lowest energies from the lowest on, with `asked` (−1 = none) in the last place if it is not among them. An
/// energy that is not a number comes last.
std::vector<int> classes_to_show(std::span<const float> energies, int asked, int room);
/// The class of the lowest energy; −1 if none is a number.
int lowest_class(std::span<const float> energies);

/// Energies of the selected chain under every class, a bar a class, with the class asked for and the lowest
/// marked in words and colour. Low = likely said.
class ClassEnergies {
public:
    void draw(window::Context& context, const lab::TraceView& trace, ImVec2 size);
    void forget() { range_.forget(); }

private:
    EasedRange range_;
};

} // namespace ebm::panels
