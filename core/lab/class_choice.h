#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ebm::lab {

/// Which class `text` asks for among `classes` (at least one): −1 for "all", which is each in turn; else a
/// name, whatever its case, or a number from 0. Throws Error with the nearest name.
int class_choice(std::string_view text, const std::vector<std::string>& classes);

} // namespace ebm::lab
