#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ebm::window {

/// `formula` in lines of which each fits, by the measure `fits`, as far as there are places to break it. A
/// line ends before an operator or after a comma between blanks, rather outside brackets than within, so that
/// no term and no call is torn; lines after the first are set in by two blanks. `formula` is UTF-8.
std::vector<std::string> formula_lines(std::string_view formula,
                                       const std::function<bool(const std::string&)>& fits);

/// A sentence in which no line ends within a short formula or a number: "T = 1", "log Z", "25 600". Blanks
/// there become no-break spaces.
std::string kept_together(std::string text);

} // namespace ebm::window
