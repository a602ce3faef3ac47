#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Numbers as the window writes them: UTF-8, three significant digits, true minus (−), “–” for what is not
/// known (NaN), “∞” for infinities, thin spaces between thousands and before a unit.
namespace ebm::window {

inline constexpr std::string_view unknown_value = "\u2013";
inline constexpr std::string_view thin_space = "\u2009";

/// 1.25, 0.0312, 12 346, 1.25 × 10⁻⁶. Scientific below 10⁻³ and from 10⁶.
std::string format_number(double value, int significant_digits = 3);
/// format_number of at most four digits without zeros at the end: 0.5, 8 × 10⁶.
std::string format_tick(double value);
/// format_number with a unit after a thin space; an unknown value has no unit.
std::string format_value(double value, std::string_view unit = {});
/// Every digit that is needed to read the same number back.
std::string format_exact(double value);
/// 1 234 567
std::string format_count(std::int64_t count);
/// Where there is room for four letters: "812", "1.6k", "24k", "3.1M".
std::string format_count_briefly(std::int64_t count);
/// A share of 1 as a percentage: 0.125 → 12.5 %.
std::string format_share(double share);
/// 850 ms, 12.3 s, 4 min 05 s, 2 h 07 min.
std::string format_duration(double seconds);
/// 1.25 GB; powers of 1000.
std::string format_bytes(double bytes);
/// Breaks text at spaces so that no line has more than `width` characters (not bytes); existing line breaks
/// stay.
std::string wrap_text(std::string_view text, int width);
/// Shortens to `width` characters, the last of them “…”.
std::string ellipsize(std::string_view text, int width);

} // namespace ebm::window
