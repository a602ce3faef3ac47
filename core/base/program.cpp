#include "core/base/program.h"

#include <utility>

#include <link.h>

namespace ebm {

std::filesystem::path program_folder() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

std::filesystem::path loaded_library(std::string_view file_name) {
    std::pair<std::string_view, std::filesystem::path> search{file_name, {}};
    const auto look = [](dl_phdr_info* library, std::size_t, void* data) {
        auto& [wanted, found] = *static_cast<decltype(search)*>(data);
        const std::filesystem::path path = library->dlpi_name ? library->dlpi_name : "";
        if (path.filename() != wanted) return 0;
        found = path;
        return 1;
    };
    dl_iterate_phdr(look, &search);
    return search.second;
}

std::string libtorch_in_words() {
    std::error_code none;
    const std::filesystem::path file = loaded_library("libtorch_cpu.so");
    const std::filesystem::path real = std::filesystem::canonical(file, none);
    return "LibTorch " EBM_TORCH_VERSION ", " + (none ? file : real).parent_path().string();
}

} // namespace ebm
