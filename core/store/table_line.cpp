#include "core/store/table_line.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace ebm::store {
namespace {

constexpr std::size_t longest_line = 16'000'000;
constexpr std::size_t most_commented = 20;
constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view no_break_space = "\xC2\xA0", minus_sign = "\xE2\x88\x92";

std::string_view trimmed(std::string_view text) {
    while (true) {
        const std::size_t before = text.size();
        text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
        while (!text.empty() && blanks.find(text.back()) != std::string_view::npos)
            text.remove_suffix(1);
        if (text.starts_with(no_break_space)) text.remove_prefix(2);
        if (text.ends_with(no_break_space)) text.remove_suffix(2);
        if (text.size() == before) return text;
    }
}

struct End {
    std::size_t length = 0; ///< of the line without its end
    std::size_t taken = 0;  ///< with it
    std::int64_t lines = 1; ///< more if line ends stand within quotes
};

/// Looks for the end of the first line in `text`; nothing if it is not there. `last`: nothing follows. A
/// quote opens a cell only where one begins: 5" is five inches. One that is never closed is no quote.
std::optional<End> end_of_line(std::string_view text, bool last, bool quotes = true) {
    bool quoted = false;
    std::int64_t lines = 1;
    quotes = quotes && !text.starts_with('#');
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"' && quotes &&
            (quoted || i == 0 || std::string_view(",;|\t ").find(text[i - 1]) != std::string_view::npos))
            quoted = !quoted;
        if (c != '\n' && c != '\r') continue;
        if (c == '\r' && i + 1 == text.size() && !last) return std::nullopt;
        const std::size_t length = c == '\r' && i + 1 < text.size() && text[i + 1] == '\n' ? 2 : 1;
        if (!quoted) return End{i, i + length, lines};
        ++lines;
        i += length - 1;
    }
    if (!last) return std::nullopt;
    if (quoted) return end_of_line(text, last, false);
    return End{text.size(), text.size(), lines};
}

/// "sep=;", by which spreadsheets tell each other the separator.
bool names_separator(std::string_view line) {
    line = trimmed(line);
    return line.size() == 5 && (line.starts_with("sep=") || line.starts_with("SEP="));
}

bool is_missing(std::string_view text);

/// Lines that are no rows. Above the table every line that begins with # is a comment, but for #N/A and its
/// like; below its first line only "# …" and "#" are, for #ff0000 is a cell too. `begun`: a line of the table
/// was there already.
bool is_skipped(std::string_view line, bool begun) {
    if (line.find_first_not_of(blanks) == std::string_view::npos) return true;
    if (!line.starts_with('#')) return !begun && names_separator(line);
    const std::string_view first = trimmed(line.substr(0, line.find_first_of(",;|\t ")));
    if (first.size() > 1 && is_missing(first)) return false;
    return !begun || line.size() == 1 || line[1] == ' ' || line[1] == '\t' || line[1] == '#';
}

/// #1.5,2.5 and #ff0000,1,2 may have been rows; "# 1.5" is a comment.
bool may_be_row(std::string_view line) {
    return line.size() > 1 && line[0] == '#' && line[1] != ' ' && line[1] != '\t' && line[1] != '#' &&
           line.find_first_of("0123456789") != std::string_view::npos;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    });
    return lower;
}

bool is_missing(std::string_view text) {
    static constexpr std::array words = {"",        "na",      "n/a",   "#n/a",  "nan",    "-nan",
                                         "null",    "none",    "nil",   "-",     "--",     "?",
                                         ".",       "missing", "<na>",  "#nan",  "nat",    "\\n",
                                         "#value!", "#div/0!", "#ref!", "#num!", "#name?", "#null!"};
    if (text.size() > 8) return false;
    return std::ranges::find(words, lower_case(text)) != words.end();
}

} // namespace

LineReader::LineReader(Input& input) : input_(input) {
    if (files::as_text(input_.peek(3)).starts_with("\xEF\xBB\xBF")) input_.skip(3);
}

std::optional<std::string_view> LineReader::next() {
    while (true) {
        input_.skip(taken_);
        taken_ = 0;
        number_ = next_number_;
        std::size_t wanted = 65536;
        while (true) {
            const std::string_view text = files::as_text(input_.peek(wanted));
            if (text.empty()) return std::nullopt;
            const bool last = text.size() < wanted;
            if (const std::optional<End> end = end_of_line(text, last)) {
                taken_ = end->taken;
                next_number_ += end->lines;
                if (const std::string_view line = text.substr(0, end->length); is_skipped(line, begun_)) {
                    if (commented_.size() < most_commented && may_be_row(line))
                        commented_.push_back({number_, std::string(line.substr(1))});
                    break;
                }
                begun_ = true;
                return text.substr(0, end->length);
            }
            if (text.size() > longest_line)
                throw Error(fmt::format("Line {} does not end within {}", number_,
                                        files::size_in_words(longest_line)),
                            input_.name(), "Check that this is a table, and that every quote is closed.");
            wanted = 2 * std::max(wanted, text.size());
        }
    }
}

std::vector<std::string> LineReader::ahead(std::size_t most) {
    constexpr std::size_t looked_at = 262'144;
    std::vector<std::string> lines;
    std::string_view text = files::as_text(input_.peek(looked_at));
    const bool last = text.size() < looked_at;
    while (!text.empty() && lines.size() < most) {
        const std::optional<End> end = end_of_line(text, last);
        if (!end) break;
        const std::string_view line = text.substr(0, end->length);
        if (!is_skipped(line, begun_ || !lines.empty())) lines.emplace_back(line);
        text.remove_prefix(end->taken);
    }
    if (lines.empty() && !text.empty() && !is_skipped(text, begun_)) lines.emplace_back(text);
    return lines;
}

void split(std::string_view line, char separator, std::vector<Cell>& cells) {
    cells.clear();
    std::size_t at = 0;
    while (true) {
        at = std::min(line.find_first_not_of(separator == '\t' ? " " : " \t", at), line.size());
        if (separator == ' ' && at == line.size()) return;
        if (at < line.size() && line[at] == '"') {
            // A quote within quotes is doubled.
            const std::size_t start = at;
            std::size_t end = at + 1;
            while (end < line.size() && (line[end] != '"' || line.substr(end, 2) == "\"\""))
                end += line[end] == '"' ? 2 : 1;
            const std::size_t closed = std::min(end, line.size());
            cells.push_back({trimmed(line.substr(at + 1, closed - at - 1)), true});
            at = std::min(closed + 1, line.size());
            const std::size_t next = std::min(
                separator == ' ' ? line.find_first_of(" \t", at) : line.find(separator, at), line.size());
            if (!trimmed(line.substr(at, next - at)).empty()) // "5" and more: not a quoted cell after all
                cells.back() = {trimmed(line.substr(start, next - start)), false};
            at = next;
        } else {
            const std::size_t next = std::min(
                separator == ' ' ? line.find_first_of(" \t", at) : line.find(separator, at), line.size());
            cells.push_back({trimmed(line.substr(at, next - at)), false});
            at = next;
        }
        if (at >= line.size()) return;
        ++at;
    }
}

std::size_t letters_in(std::string_view text) {
    // Ranges of code points: ¼ ½ ¾, Arabic-Indic digits, dashes, …, mathematical operators, full-width
    // digits.
    static constexpr std::pair<std::uint32_t, std::uint32_t> none[] = {
        {0xA0, 0xBF},     {0x660, 0x66C},   {0x6F0, 0x6F9},   {0x2010, 0x206F}, {0x20A0, 0x20CF},
        {0x2150, 0x218F}, {0x2190, 0x2BFF}, {0x3000, 0x303F}, {0xFF00, 0xFF20}};
    std::size_t letters = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        std::uint32_t code = lead < 0x80 ? lead : lead & (0xFF >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
            code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
        i += length;
        if (code < 0x80)
            letters += (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z');
        else
            letters += std::none_of(std::begin(none), std::end(none), [&](const auto& range) {
                return code >= range.first && code <= range.second;
            });
    }
    return letters;
}

bool is_value_word(std::string_view text, bool perhaps) {
    static constexpr std::array values = {"true", "false",  "n.a.",    "n. a.",   "n.d.",     "n/d",
                                          "#n/d", "nodata", "no data", "no_data", "undefined"};
    static constexpr std::array both = {"yes", "no", "on", "off", "unknown", "void"};
    const std::string lower = lower_case(text);
    return std::ranges::find(values, lower) != values.end() ||
           (perhaps && std::ranges::find(both, lower) != both.end());
}

bool is_word_and_number(std::string_view text) {
    const std::size_t word = std::min(text.find_first_of("0123456789+.,-/:'\t "), text.size());
    const std::string_view rest = text.substr(word);
    if (word == 0 || letters_in(text.substr(0, word)) == 0 || letters_in(rest) > 0) return false;
    if (rest.find_first_of("0123456789") == std::string_view::npos) return false;
    static constexpr std::array dates = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
                                         "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const std::string lower = lower_case(text.substr(0, 3));
    const bool date = word >= 3 && std::ranges::find(dates, lower) != dates.end();
    return date || rest.find_first_of(" \t") != std::string_view::npos;
}

bool is_money(std::string_view text) {
    static constexpr std::array currencies = {"USD", "EUR", "GBP", "JPY", "CHF", "CNY", "INR", "AUD", "CAD",
                                              "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RUB", "BRL",
                                              "MXN", "ZAR", "KRW", "SGD", "HKD", "kr",  "Rs",  "Fr"};
    constexpr std::string_view digits = "0123456789";
    const std::size_t first = text.find_first_of(digits), last = text.find_last_of(digits);
    if (first == std::string_view::npos ||
        text.substr(first, last - first).find_first_not_of("0123456789.,' ") != std::string_view::npos)
        return false;
    std::string_view before = trimmed(text.substr(0, first)), after = trimmed(text.substr(last + 1));
    while (before.ends_with('-') || before.ends_with('+') || before.ends_with('.'))
        before = trimmed(before.substr(0, before.size() - 1));
    if (before.empty() == after.empty()) return false;
    const std::string_view word = before.empty() ? after : before;
    for (const std::string_view sign : {"$", "€", "£", "¥"}) // R$ and US$ too
        if (word.ends_with(sign)) return word.size() - sign.size() <= 3;
    return std::ranges::find(currencies, word.ends_with('.') ? word.substr(0, word.size() - 1) : word) !=
           currencies.end();
}

bool begins_like_number(std::string_view text) {
    for (const std::string_view sign : {minus_sign, std::string_view("-"), std::string_view("+")})
        if (text.starts_with(sign)) text.remove_prefix(sign.size());
    for (const std::string_view currency : {"$", "€", "£", "¥"})
        if (text.starts_with(currency)) text = trimmed(text.substr(currency.size()));
    if (text.starts_with('.')) text.remove_prefix(1);
    return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

Reading read_cell(std::string_view text, bool comma_allowed) {
    Reading reading;
    if (is_missing(text)) {
        reading.kind = Reading::Kind::missing;
        reading.value = std::numeric_limits<double>::quiet_NaN();
        return reading;
    }
    char digits[64];
    if (text.size() >= sizeof digits) {
        // Nobody writes a number so long but with zeros or digits beyond all precision.
        if (text.find_first_not_of("0123456789.,eE+-") != std::string_view::npos || text.size() > 2000)
            return reading;
    }
    std::string longer;
    const bool negative_sign = text.starts_with(minus_sign);
    if (negative_sign) text.remove_prefix(minus_sign.size());
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    char* to = digits;
    if (text.size() + 1 >= sizeof digits) {
        longer.resize(text.size() + 1);
        to = longer.data();
    }
    char* end = to;
    if (negative_sign) *end++ = '-';
    int commas = 0, points = 0;
    std::size_t after_comma = 0;
    bool only_digits = !text.empty();
    for (const char c : text) {
        if (c == ',') {
            ++commas;
            after_comma = 0;
        } else if (commas > 0 && c >= '0' && c <= '9') {
            ++after_comma;
        }
        points += c == '.';
        only_digits = only_digits && ((c >= '0' && c <= '9') || (c == '-' && &c == text.data()));
        *end++ = c == ',' && comma_allowed ? '.' : c;
    }
    if (comma_allowed && commas + points > 1) {
        // 1,234,567 or 1.234,56 or 1,234.56 where the rest is digits
        const bool number = text.find_first_not_of("0123456789.,-") == std::string_view::npos;
        if (number) reading.kind = Reading::Kind::thousands;
        return reading;
    }
    const auto [rest, code] = std::from_chars(to, end, reading.value);
    if (rest != end || (code != std::errc() && code != std::errc::result_out_of_range)) return reading;
    if (code == std::errc::result_out_of_range) {
        const std::size_t exponent = text.find_first_of("eE");
        const bool small = exponent != std::string_view::npos
                               ? text.find('-', exponent) != std::string_view::npos
                               : text.starts_with("0") || text.starts_with("-0") || text.starts_with(".");
        const double size = small ? 0.0 : std::numeric_limits<double>::infinity();
        reading.value = *to == '-' ? -size : size;
    }
    reading.kind = Reading::Kind::number;
    reading.point = points > 0;
    reading.comma = commas > 0;
    reading.thousands_like =
        commas == 1 && after_comma == 3 && !text.starts_with("0,") && !text.starts_with("-0,");
    reading.whole = only_digits;
    return reading;
}

} // namespace ebm::store
