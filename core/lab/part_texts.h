#pragma once

#include <string>
#include <vector>

/// How settings.compose writes down something for each part of a scene's energy.
namespace ebm::lab {

/// The numbers of settings.compose.weights, such as "1, -0.5"; an empty text gives 1 to each of `parts`
/// parts. Throws Error if there are more or fewer, or one is not a finite number.
std::vector<double> part_weights(const std::string& text, std::size_t parts);
std::string part_weights_text(const std::vector<double>& weights);
/// Names of settings.compose.classes, trimmed; an empty text gives an empty list: no part asks for one.
/// Throws Error as above.
std::vector<std::string> part_classes(const std::string& text, std::size_t parts);
std::string part_classes_text(const std::vector<std::string>& names);

} // namespace ebm::lab
