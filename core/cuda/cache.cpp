#include "core/cuda/cache.h"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <unistd.h>

namespace ebm::cuda {

std::filesystem::path cache_folder() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache == '/')
        return std::filesystem::path(cache) / "ebmlab" / "kernels";
    if (const char* home = std::getenv("HOME"); home && *home == '/')
        return std::filesystem::path(home) / ".cache" / "ebmlab" / "kernels";
    return {};
}

std::optional<std::string> read_cache(const std::filesystem::path& folder, const std::string& key) {
    if (folder.empty()) return std::nullopt;
    std::ifstream file(folder / key, std::ios::binary);
    std::string code{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file || code.empty()) return std::nullopt;
    return code;
}

void write_cache(const std::filesystem::path& folder, const std::string& key, const std::string& code) {
    if (folder.empty()) return;
    static std::atomic<int> number{0};
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    const auto temporary =
        folder / (key + "." + std::to_string(getpid()) + "." + std::to_string(++number) + ".tmp");
    bool whole = false;
    {
        std::ofstream file(temporary, std::ios::binary);
        file.write(code.data(), static_cast<std::streamsize>(code.size()));
        file.close();
        whole = static_cast<bool>(file);
    }
    if (whole) std::filesystem::rename(temporary, folder / key, problem);
    if (!whole || problem) std::filesystem::remove(temporary, problem);
}

} // namespace ebm::cuda
