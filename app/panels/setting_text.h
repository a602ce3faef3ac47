#pragma once

#include "core/lab/snapshot.h"

#include <string>

namespace ebm::panels {

/// The value as its control shows it: 3 significant digits, unit after a thin space, "off" for the zero of a
/// clip.
std::string shown_value(const Setting& row, const Settings& settings);
/// "mala" → "MALA", "exact_density" → "Exact density": a choice or a name as a person reads it.
std::string readable(std::string_view name);

/// Why the row has no effect in this scene with these settings; empty if it has one.
std::string why_idle(const Setting& row, const Settings& settings, bool plane);
/// Whether the row can matter in this scene at all. Panels leave the others out; the search finds them.
bool belongs(const Setting& row, const Settings& settings, bool plane, bool trainable);
/// Whether every word of `query` occurs in label, key, symbol or help, upper or lower case alike.
bool matches(const Setting& row, std::string_view query);
/// "At once", "At the next reset", "Starts the scene anew".
const char* effect_words(Effect effect);

} // namespace ebm::panels
