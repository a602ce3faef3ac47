#pragma once

#include "app/panels/color_limits.h"
#include "app/window/colormap.h"
#include "core/lab/snapshot.h"

#include <vector>

#include <imgui.h>

/// The landscape of a plane as a surface.
namespace ebm::panels {

/// What the height of the surface is: E, or p = exp(−E / T − log Z).
enum class Height { energy, density };

/// Triangles over a regular grid of `side` × `side` points on the square in the middle of a field. Energies
/// end at `limits.high`; what is wholly that high is left open, so that walls do not hide the valleys.
struct SurfaceMesh {
    lab::Rect square;
    std::vector<float> x, y, z;    ///< [side²], row by row from low_y
    std::vector<unsigned> indices; ///< three a triangle
    std::vector<ImU32> colors;     ///< of each index
    Limits limits;
};

/// Energies: from the lowest to where walls hide the valleys, at least 5 and at most 12 nats above.
/// Densities: from 0 to nearly the highest.
Limits height_limits(const lab::FieldView& field, Height height);
/// Colours as in the flat landscape, and darker where the surface is steep. side: at least 2; fewer points
/// than the field has are interpolated.
SurfaceMesh make_surface(const lab::FieldView& field, Height height, const Limits& limits, int side,
                         window::Colormap colormap);
/// The height at a point; NaN outside the field.
float height_at(const lab::FieldView& field, Height height, const Limits& limits, float x, float y);
lab::Rect middle_square(const lab::FieldView& field);

/// The sides of the box around the surface, in units of which a plot of `room` pixels shows 1.8 along its
/// smaller side.
inline constexpr double box_sides[] = {1.25, 1.25, 0.85};
/// By what such a box is to be shrunk, 1 at most, so that it is within `inner` of the pixels whichever way it
/// is turned at this elevation (in degrees).
double box_fit(double elevation, ImVec2 room, ImVec2 inner);

} // namespace ebm::panels
