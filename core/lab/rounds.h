#pragma once

#include "core/settings/settings.h"

#include <cstdint>

/// Rounds of K steps between which chains are mixed, see mixing.h.
namespace ebm::lab {

/// Rounds at the end of `ebmlab sample` that are not mixed, and rounds in all where nobody says how many
/// steps: in the released code of Du & Mordatch (2019) each of 1,000 chains gets about 100.
inline constexpr int last_rounds = 10, usual_rounds = 100;

/// Whether chains are mixed at all, and after `steps` steps.
bool mixes(const Settings& settings);
bool mixes_after(const Settings& settings, std::int64_t steps);
/// The same of chains that end after `all_steps`: the last rounds are left alone.
bool mixes_before_end(const Settings& settings, std::int64_t steps, std::int64_t all_steps);

} // namespace ebm::lab
