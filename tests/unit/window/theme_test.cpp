#include "app/window/colormap.h"
#include "app/window/theme.h"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>

using namespace ebm::window;

namespace {

double linear(double channel) {
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

/// Relative luminance and contrast as in WCAG 2.
double luminance(ImVec4 c) {
    return 0.2126 * linear(c.x) + 0.7152 * linear(c.y) + 0.0722 * linear(c.z);
}
double contrast(ImVec4 a, ImVec4 b) {
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

} // namespace

DOCTEST_TEST_CASE("text is readable and data hues stand out on every ground of both themes") {
    for (const ThemeKind theme : {ThemeKind::dark, ThemeKind::light}) {
        for (const Meaning ground : {Meaning::window, Meaning::panel, Meaning::control}) {
            DOCTEST_CHECK(contrast(color(Meaning::text, theme), color(ground, theme)) > 7);
            DOCTEST_CHECK(contrast(color(Meaning::muted, theme), color(ground, theme)) > 4.5);
        }
        for (const Meaning hue : {Meaning::data, Meaning::held_out, Meaning::samples, Meaning::buffer,
                                  Meaning::ood, Meaning::noise, Meaning::failure, Meaning::accent})
            DOCTEST_CHECK(contrast(color(hue, theme), color(Meaning::panel, theme)) > 2.9);
    }
}

DOCTEST_TEST_CASE("OOD sets have colours of their own that stand out") {
    for (const ThemeKind theme : {ThemeKind::dark, ThemeKind::light})
        for (int i = 0; i < ood_hues; ++i) {
            const ImVec4 one = ood_color(i, theme);
            DOCTEST_CHECK(contrast(one, color(Meaning::panel, theme)) > 2.9);
            for (int j = 0; j < i; ++j) {
                const ImVec4 other = ood_color(j, theme);
                const float apart = std::hypot(one.x - other.x, one.y - other.y, one.z - other.z);
                DOCTEST_CHECK(apart > 0.2f);
            }
        }
}

DOCTEST_TEST_CASE("curves of classes and samplers stand out on paper") {
    for (int i = 0; i < class_hues; ++i)
        DOCTEST_CHECK(contrast(curve_color(i, ThemeKind::light), color(Meaning::panel, ThemeKind::light)) >
                      2.9);
    for (int i = 0; i < 4; ++i) // as many as there are samplers
        DOCTEST_CHECK(contrast(curve_color(i, ThemeKind::dark), color(Meaning::panel, ThemeKind::dark)) >
                      2.9);
}

DOCTEST_TEST_CASE("colour maps grow brighter all the way") {
    for (const Colormap map : all_colormaps) {
        const auto& table = colormap_table(map);
        double before = -1;
        for (std::size_t i = 0; i < table.size(); i += 15) {
            const auto& [r, g, b] = table[i];
            const double now = luminance({r / 255.0f, g / 255.0f, b / 255.0f, 1});
            DOCTEST_CHECK(now > before);
            before = now;
        }
    }
}

DOCTEST_TEST_CASE("colour maps meet their published ends and clamp outside") {
    DOCTEST_CHECK(colormap_at(Colormap::viridis, 0) == Rgb{0x44, 0x01, 0x54});
    DOCTEST_CHECK(colormap_at(Colormap::viridis, 1) == Rgb{0xFD, 0xE7, 0x25});
    DOCTEST_CHECK(colormap_at(Colormap::magma, 2) == colormap_at(Colormap::magma, 1));
    DOCTEST_CHECK(colormap_at(Colormap::cividis, NAN) == colormap_at(Colormap::cividis, 0));
}
