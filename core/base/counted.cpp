#include "core/base/counted.h"

#include <fmt/format.h>

namespace ebm {

std::string grouped(std::int64_t number) {
    const std::string digits = std::to_string(number);
    const std::size_t first = number < 0 ? 1 : 0;
    std::string text;
    for (std::size_t at = 0; at < digits.size(); ++at) {
        if (at > first && (digits.size() - at) % 3 == 0) text += ',';
        text += digits[at];
    }
    return text;
}

std::string counted(std::int64_t number, std::string_view noun) {
    const char* ending = number == 1 ? "" : noun.ends_with('s') ? "es" : "s";
    return fmt::format("{} {}{}", grouped(number), noun, ending);
}

} // namespace ebm
