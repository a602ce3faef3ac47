#include "app/window/number_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>

namespace ebm::window {
namespace {

constexpr std::string_view minus = "\u2212";

std::string superscript(int exponent) {
    static constexpr std::string_view digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    std::string text = exponent < 0 ? "⁻" : "";
    for (const char digit : std::to_string(std::abs(exponent)))
        text += digits[digit - '0'];
    return text;
}

/// Thin spaces between groups of three of the whole part, from five digits on.
std::string group_thousands(const std::string& digits) {
    const std::size_t whole = std::min(digits.find('.'), digits.size());
    if (whole < 5) return digits;
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0) text += thin_space;
        text += digits[i];
    }
    return text;
}

bool starts_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

int character_count(std::string_view text) {
    return static_cast<int>(std::count_if(text.begin(), text.end(), starts_character));
}

} // namespace

std::string format_number(double value, int significant_digits) {
    if (std::isnan(value)) return std::string(unknown_value);
    const std::string sign(std::signbit(value) && value != 0 ? minus : "");
    const double size = std::abs(value);
    if (std::isinf(size)) return sign + "∞";
    if (size == 0) return "0";
    // Rounded first, so that 999.9996 and 0.00099999 fall on the side where their digits are.
    const double rounded = std::strtod(fmt::format("{:.{}e}", size, significant_digits - 1).c_str(), nullptr);
    const int exponent = static_cast<int>(std::floor(std::log10(rounded) + 1e-12));
    if (exponent < -3 || exponent >= 6) {
        const double mantissa = rounded / std::pow(10.0, exponent);
        return fmt::format("{}{:.{}f}{}×{}10{}", sign, mantissa, significant_digits - 1, thin_space,
                           thin_space, superscript(exponent));
    }
    return sign +
           group_thousands(fmt::format("{:.{}f}", size, std::max(0, significant_digits - 1 - exponent)));
}

std::string format_tick(double value) {
    const std::string text = format_number(value, 4);
    const std::size_t point = text.find('.');
    if (point == std::string::npos) return text;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", point + 1), text.size());
    const std::size_t last = text.find_last_not_of('0', end - 1);
    return text.substr(0, last == point ? point : last + 1) + text.substr(end);
}

std::string format_value(double value, std::string_view unit) {
    std::string text = format_number(value);
    if (!unit.empty() && !std::isnan(value)) {
        text += thin_space;
        text += unit;
    }
    return text;
}

std::string format_exact(double value) {
    if (std::isnan(value)) return std::string(unknown_value);
    if (std::isinf(value)) return value < 0 ? "−∞" : "∞";
    std::array<char, 64> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), std::abs(value)).ptr;
    return (std::signbit(value) && value != 0 ? std::string(minus) : std::string()) +
           std::string(digits.data(), end);
}

std::string format_count_briefly(std::int64_t count) {
    const double size = std::abs(static_cast<double>(count));
    for (const auto& [unit, letter] : {std::pair{1e6, 'M'}, std::pair{1e3, 'k'}}) {
        if (size < unit) continue;
        const double scaled = static_cast<double>(count) / unit;
        return fmt::format("{:.{}f}{}", scaled, std::abs(scaled) < 9.95 ? 1 : 0, letter);
    }
    return format_count(count);
}

std::string format_count(std::int64_t count) {
    const std::string digits = std::to_string(count);
    return count < 0 ? std::string(minus) + group_thousands(digits.substr(1)) : group_thousands(digits);
}

std::string format_share(double share) {
    if (std::isnan(share)) return std::string(unknown_value);
    const double percent = 100 * share;
    const double size = std::abs(percent);
    const int decimals = size == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
    return fmt::format("{}{:.{}f}{}%", percent < 0 ? minus : "", size, decimals, thin_space);
}

std::string format_duration(double seconds) {
    if (std::isnan(seconds)) return std::string(unknown_value);
    if (std::isinf(seconds)) return "∞";
    if (seconds < 0.9995)
        return fmt::format("{}{}ms", format_number(std::max(0.0, seconds) * 1e3), thin_space);
    if (seconds < 59.95) return fmt::format("{}{}s", format_number(seconds), thin_space);
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole < 3600) return fmt::format("{0}{2}min {1:02}{2}s", whole / 60, whole % 60, thin_space);
    return fmt::format("{0}{2}h {1:02}{2}min", whole / 3600, whole / 60 % 60, thin_space);
}

std::string format_bytes(double bytes) {
    if (std::isnan(bytes) || bytes < 0) return std::string(unknown_value);
    static constexpr std::string_view units[] = {"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < std::size(units)) {
        bytes /= 1000;
        ++unit;
    }
    return format_value(bytes, units[unit]);
}

std::string wrap_text(std::string_view text, int width) {
    std::string wrapped;
    int column = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        if (text[at] == '\n') {
            wrapped += '\n';
            column = 0;
            ++at;
            continue;
        }
        if (text[at] == ' ') {
            ++at;
            continue;
        }
        const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
        const std::string_view word = text.substr(at, end - at);
        const int length = character_count(word);
        if (column > 0 && column + 1 + length > width) {
            wrapped += '\n';
            column = 0;
        }
        if (column > 0) {
            wrapped += ' ';
            ++column;
        }
        wrapped += word;
        column += length;
        at = end;
    }
    return wrapped;
}

std::string ellipsize(std::string_view text, int width) {
    if (character_count(text) <= width) return std::string(text);
    std::size_t end = 0;
    for (int kept = 0; end < text.size(); ++end)
        if (starts_character(text[end]) && ++kept >= width) break;
    return std::string(text.substr(0, end)) + "…";
}

} // namespace ebm::window
