#include "app/cli/text.h"

#include "core/base/counted.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace ebm::cli {
namespace {

template <class Number>
std::string shortest(Number value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    char digits[40];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

std::string padded(const std::string& text, std::size_t columns, bool right) {
    const std::string space(columns - std::min(columns, width(text)), ' ');
    return right ? space + text : text + space;
}

} // namespace

std::string number(double value, int digits) {
    return std::isnan(value) ? "–" : fmt::format("{:.{}g}", value, digits);
}

std::string exact(float value) {
    return shortest(value);
}
std::string exact(double value) {
    return shortest(value);
}

std::string count(std::int64_t value) {
    return grouped(value);
}

std::string duration(double seconds) {
    if (!std::isfinite(seconds)) return "–";
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<long long>(std::llround(seconds));
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string shortened(std::string_view text, std::size_t columns) {
    std::size_t end = 0;
    for (; end < text.size(); ++end)
        if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80 && columns-- == 0) break;
    return std::string(text.substr(0, end));
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
    std::string lines;
    std::size_t used = indent;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (used > indent && used + 1 + width(word) > columns) {
            lines.append("\n").append(indent, ' ');
            used = indent;
        } else if (used > indent) {
            lines += " ";
            ++used;
        }
        lines += word;
        used += width(word);
    }
    return lines;
}

std::string Table::text() const {
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        std::size_t widest = width(columns_[c].title);
        for (const auto& row : rows_)
            widest = std::max(widest, width(row.at(c)));
        widths.push_back(widest);
    }
    const auto line = [&](const auto& cell) {
        std::string text;
        for (std::size_t c = 0; c < columns_.size(); ++c)
            text.append(c ? "  " : "").append(padded(cell(c), widths[c], columns_[c].number));
        text.erase(text.find_last_not_of(' ') + 1);
        return text + "\n";
    };
    std::string text = line([&](std::size_t c) { return columns_[c].title; });
    text += line([&](std::size_t c) { return std::string(widths[c], '-'); });
    for (const auto& row : rows_)
        text += line([&](std::size_t c) { return row[c]; });
    return text;
}

} // namespace ebm::cli
