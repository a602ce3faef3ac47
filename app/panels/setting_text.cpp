#include "app/panels/setting_text.h"

#include "app/window/number_format.h"

#include <algorithm>
#include <cctype>

namespace ebm::panels {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// 0.0500 → 0.05: what was set has no digits beyond those that were set.
std::string without_zeros(std::string text) {
    if (text.find('.') == std::string::npos || text.find("\u00d7") != std::string::npos) return text;
    while (text.back() == '0')
        text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

} // namespace

std::string shown_value(const Setting& row, const Settings& settings) {
    if (is_drawing(row)) return row.text(settings).empty() ? "nothing painted" : "painted";
    if (row.type == SettingType::text) return row.text(settings);
    const double value = row.number(settings);
    if (row.type == SettingType::boolean) return value != 0 ? "on" : "off";
    if (row.type == SettingType::choice) return row.title(row.text(settings));
    if (value == 0 && !row.zero.empty()) return std::string(row.zero);
    std::string text = row.type == SettingType::integer
                           ? window::format_count(static_cast<std::int64_t>(value))
                           : without_zeros(window::format_number(value));
    // Decays just below 1 need every digit: 0.9995 is not 1.
    if (row.type == SettingType::real && value < 1 && value > 0.99) text = row.text(settings);
    if (!row.unit.empty()) text += "\u2009" + std::string(row.unit);
    return text;
}

bool is_drawing(const Setting& row) {
    return row.key == "data.drawing" || row.key == "sampler.walls";
}

bool matches(const Setting& row, std::string_view query) {
    std::string haystack = lower(row.label);
    for (const std::string_view part : {row.key, row.symbol, row.help, row.group})
        haystack += "\n" + lower(part);
    const std::string wanted = lower(query);
    std::size_t at = 0;
    while (at < wanted.size()) {
        const std::size_t end = std::min(wanted.find(' ', at), wanted.size());
        if (haystack.find(wanted.substr(at, end - at)) == std::string::npos) return false;
        at = end + 1;
    }
    return true;
}

const char* effect_words(Effect effect) {
    switch (effect) {
    case Effect::now:
        return "Takes effect at once";
    case Effect::restart:
        return "Takes effect at the next reset";
    case Effect::rebuild:
        return "Starts the scene anew when you let go";
    }
    return "";
}

} // namespace ebm::panels
