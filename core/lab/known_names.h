#pragma once

#include "core/settings/settings.h"

#include <string>
#include <string_view>
#include <vector>

/// What is registered, for whoever offers a choice. No LibTorch.
namespace ebm::lab {

/// Values that data.set can take.
std::vector<std::string> data_set_names();

/// Values that a setting of text knows: data.set, model.energy; empty for all others.
std::vector<std::string> known_names(std::string_view key);

/// Names of the out-of-distribution sets that a scene with these settings has by itself, where the files that
/// some of them are read from are there. A person can add others.
std::vector<std::string> known_ood_sets(const Settings& settings);
/// Those of all scenes.
std::vector<std::string> all_ood_sets();

} // namespace ebm::lab
