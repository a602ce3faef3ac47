#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ebm {

/// The folder that the program lies in, links resolved: whatever belongs to it is beside it. Empty where the
/// system does not tell.
std::filesystem::path program_folder();

/// The file that a shared library was loaded from, by its name ("libc10.so"). Empty if it is not loaded.
std::filesystem::path loaded_library(std::string_view file_name);

/// "LibTorch 2.11.0, /usr/lib/torch/lib": the version that the program was built for and the folder in use.
std::string libtorch_in_words();

} // namespace ebm
