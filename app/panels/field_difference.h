#pragma once

#include "app/panels/color_limits.h"
#include "core/lab/snapshot.h"

namespace ebm::panels {

/// log p_A − log p_B = (E_B / T_B + log Z_B) − (E_A / T_A + log Z_A) in nats, on the grid of `b`: above 0
/// where run A finds a point likelier. Between the grid points of `a` it is interpolated; outside them NaN.
lab::FieldView difference_of(const lab::FieldView& a, const lab::FieldView& b);

/// −m … m such that nine tenths of the differences lie within, among the points where one of the two has a
/// density of at least e⁻¹⁵ times its largest.
Limits difference_limits(const lab::FieldView& a, const lab::FieldView& b, const lab::FieldView& difference);

} // namespace ebm::panels
