#pragma once

#include "app/window/fonts.h"

#include <imgui.h>

/// Colours, type and spacing of the whole window, in this one place.
namespace ebm::window {

/// One hue means one thing in every panel, legend, point, histogram and table.
enum class Meaning {
    data,
    held_out,
    samples,
    buffer,
    ood,
    noise,
    good,
    attention,
    failure,
    accent, ///< focus, run, selected tab
    text,
    muted,
    hairline,
    window,
    panel,
    control,
    hovered,
    active,
};

enum class ThemeKind { dark, light };

/// The look of the current ImGui context (kept in ImGuiIO::UserData).
struct Look {
    ThemeKind theme = ThemeKind::dark;
    float scale = 1; ///< of fonts and spacing: screen × --ui-scale × zoom
    Fonts fonts;
};

/// Sets every colour and size of Dear ImGui, ImPlot and ImPlot3D afresh from look.theme and look.scale, and
/// makes `look` the current one. `look` must outlive the context.
void apply_look(Look& look);
const Look& look();

ImVec4 color(Meaning meaning);
ImVec4 color(Meaning meaning, ThemeKind theme);
/// Of OOD set `number` (0, 1, …): the first has the hue of Meaning::ood; after ood_hues they come again.
inline constexpr int ood_hues = 8;
ImVec4 ood_color(int number);
ImVec4 ood_color(int number, ThemeKind theme);
/// Of class `number` (0, 1, …); after class_hues they come again. Told apart by colour-blind eyes, two by two
/// in the order of the classes; the same in both themes, since they lie on the landscape.
inline constexpr int class_hues = 10;
ImVec4 class_color(int number);
/// For lines and letters on a panel: those hues, darker where the panel is white.
ImVec4 curve_color(int number);
ImVec4 curve_color(int number, ThemeKind theme);
/// For draw lists. alpha multiplies.
ImU32 packed(Meaning meaning, float alpha = 1);
ImVec4 with_alpha(ImVec4 color, float alpha);

/// Pixels of a length given for scale 1: 8 px grid, 1.75 px lines, 5 px discs.
inline float scaled(float pixels) {
    return pixels * look().scale;
}
inline ImVec2 scaled(float x, float y) {
    return {x * look().scale, y * look().scale};
}

} // namespace ebm::window
