#pragma once

#include "core/lab/snapshot.h"

#include <string>

namespace ebm::panels {

/// The value as its control shows it: 3 significant digits, unit after a thin space, and words for a 0
/// that means something else.
std::string shown_value(const Setting& row, const Settings& settings);

/// Whether every word of `query` occurs in label, key, symbol or help, upper or lower case alike.
bool matches(const Setting& row, std::string_view query);
/// "At once", "At the next reset", "Starts the scene anew".
const char* effect_words(Effect effect);

/// Whether the value is a drawing, whose text nobody can read.
bool is_drawing(const Setting& row);

} // namespace ebm::panels
