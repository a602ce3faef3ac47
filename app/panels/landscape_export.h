#pragma once

#include "app/panels/landscape_state.h"

namespace ebm::panels {

/// Items of a menu: the energies of the grid that is shown as numbers, and the picture, at twice the size or
/// recorded.
/// `of`: what the pane is, for the names of files.
void landscape_export_items(const Pane& pane, window::Context& context, const char* of = "landscape");

/// One row for each grid point of the part that `field` covers: its two coordinates, its energy and −log p
/// (empty where log Z is not known), in the units and under the names of `axes`; null for slices, which have
/// no density. value: what the grid holds, if not energies; then there is no −log p either.
std::string field_table(const lab::FieldView& field, const data::Coding* axes, char separator,
                        std::string_view value = "energy");

} // namespace ebm::panels
