#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What is registered, for whoever offers a choice. No LibTorch.
namespace ebm::lab {

/// Values that data.set can take.
std::vector<std::string> data_set_names();

/// Values that a setting of text knows: data.set, model.energy; empty for all others.
std::vector<std::string> known_names(std::string_view key);

} // namespace ebm::lab
