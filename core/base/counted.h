#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Whole numbers in sentences.
namespace ebm {

/// 12345 → "12,345".
std::string grouped(std::int64_t number);

/// "1 cell", "2,000 cells", "3 classes": of a noun that is regular in the plural.
std::string counted(std::int64_t number, std::string_view noun);
inline std::string counted(std::size_t number, std::string_view noun) {
    return counted(static_cast<std::int64_t>(number), noun);
}
inline std::string counted(int number, std::string_view noun) {
    return counted(static_cast<std::int64_t>(number), noun);
}

} // namespace ebm
