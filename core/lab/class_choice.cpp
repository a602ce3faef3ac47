#include "core/lab/class_choice.h"

#include "core/base/error.h"
#include "core/base/names.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](unsigned char c) { return c < 128 ? static_cast<char>(std::tolower(c)) : c; });
    return result;
}

} // namespace

int class_choice(std::string_view text, const std::vector<std::string>& classes) {
    const std::string wanted = lower(text);
    for (std::size_t i = 0; i < classes.size(); ++i)
        if (lower(classes[i]) == wanted) return static_cast<int>(i);
    if (wanted == "all" || wanted.empty()) return -1;
    // A part of one name is enough: "boot" is Ankle boot.
    int found = -1, matches = 0;
    for (std::size_t i = 0; i < classes.size(); ++i)
        if (wanted.size() >= 3 && lower(classes[i]).find(wanted) != std::string::npos) {
            found = static_cast<int>(i);
            ++matches;
        }
    if (matches == 1) return found;
    int number = -1;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto count = static_cast<int>(classes.size());
    if (problem == std::errc() && end == text.data() + text.size()) {
        if (number >= 0 && number < count) return number;
        throw Error(fmt::format("There is no class {}", number), "class",
                    fmt::format("Classes are numbered from 0 to {}.", count - 1));
    }
    if (matches > 1)
        throw Error(fmt::format("Several classes have '{}' in their name", text), "class",
                    "Write the whole name.");
    const std::vector<std::string_view> names(classes.begin(), classes.end());
    throw Error(fmt::format("There is no class '{}'", text), "class", did_you_mean(text, names));
}

} // namespace ebm::lab
