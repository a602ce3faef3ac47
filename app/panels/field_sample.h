#pragma once

#include "app/panels/plane_view.h"
#include "core/lab/snapshot.h"

#include <optional>

namespace ebm::panels {

struct FieldSample {
    double energy = 0, gradient_norm = 0; ///< |∇E| from differences of the grid
    Vec2 gradient;
};

/// E and its gradient at `at`, interpolated between grid points; nothing outside the grid.
std::optional<FieldSample> sample_field(const lab::FieldView& field, Vec2 at);

} // namespace ebm::panels
