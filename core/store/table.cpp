#include "core/store/table.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <optional>

namespace ebm::store {
namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::uint64_t largest_file = 256'000'000;
constexpr std::int64_t most_columns = 100'000;

std::string_view trimmed(std::string_view text) {
    const size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    return text;
}

std::optional<double> number(std::string_view cell) {
    if (cell.starts_with('+')) cell.remove_prefix(1);
    double value = 0;
    const auto [end, code] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (code != std::errc() || end != cell.data() + cell.size()) return std::nullopt;
    return value;
}

char separator_of(std::string_view line) {
    for (const char separator : {'\t', ';', ','})
        if (line.find(separator) != std::string_view::npos) return separator;
    return ' ';
}

/// Calls `use(cell)` for each cell of a line.
template <class Use>
void for_each_cell(std::string_view line, char separator, Use&& use) {
    while (true) {
        if (separator == ' ') {
            const size_t first = line.find_first_not_of(blanks);
            if (first == std::string_view::npos) return;
            line.remove_prefix(first);
        }
        const size_t end = separator == ' ' ? line.find_first_of(blanks) : line.find(separator);
        use(trimmed(line.substr(0, end)));
        if (end == std::string_view::npos) return;
        line.remove_prefix(end + 1);
    }
}

/// A cell as it can be shown in a message: printable and short.
std::string shown(std::string_view cell) {
    std::string text;
    for (const char c : cell.substr(0, 40))
        text += c >= 0x20 && c < 0x7F ? c : '?';
    return cell.size() > 40 ? text + "…" : text;
}

void parse_row(Table& table, std::string_view line, char separator, std::int64_t line_number,
               const std::string& source) {
    std::int64_t cells = 0;
    for_each_cell(line, separator, [&](std::string_view cell) {
        const std::optional<double> value =
            cell.empty() ? std::numeric_limits<double>::quiet_NaN() : number(cell);
        if (!value)
            throw Error(fmt::format("Line {}: \"{}\" is not a number", line_number, shown(cell)), source,
                        "Write numbers with a decimal point.");
        table.values.push_back(*value);
        ++cells;
    });
    if (cells != table.columns)
        throw Error(fmt::format("Line {} has {} cells where the first line has {}", line_number, cells,
                                table.columns),
                    source, "Give every line the same number of cells.");
    table.lines.push_back(line_number);
}

} // namespace

Table parse_table(std::string_view text, const std::string& source) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.substr(0, 4096).find('\0') != std::string_view::npos)
        throw Error("The file is not text", source,
                    "Give a table: one line a row, cells separated by commas.");
    Table table;
    char separator = 0;
    for (std::int64_t line_number = 1; !text.empty(); ++line_number) {
        const size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.find_first_not_of(blanks) == std::string_view::npos || line.starts_with('#')) continue;
        if (separator == 0) {
            separator = separator_of(line);
            bool header = false;
            for_each_cell(line, separator, [&](std::string_view cell) {
                ++table.columns;
                header = header || (!cell.empty() && !number(cell));
            });
            if (table.columns > most_columns)
                throw Error(fmt::format("Line {} has {} cells, more than {}", line_number, table.columns,
                                        most_columns),
                            source, "Check that this is the right file.");
            if (header) {
                for_each_cell(line, separator,
                              [&](std::string_view cell) { table.names.emplace_back(cell); });
                continue;
            }
        }
        parse_row(table, line, separator, line_number, source);
    }
    return table;
}

Table read_table(const std::filesystem::path& path) {
    const files::Bytes content = files::read_unpacked(path, largest_file);
    return parse_table(files::as_text(content), path.string());
}

std::string format_table(const std::vector<std::string>& names, const std::vector<float>& values) {
    if (names.empty() || values.size() % names.size() != 0)
        throw Error("The table has an incomplete last row", "",
                    "Give as many values as there are columns and rows.");
    std::string text = fmt::format("{}\n", fmt::join(names, ","));
    char digits[64];
    for (size_t i = 0; i < values.size(); ++i) {
        text.append(digits, std::to_chars(digits, digits + sizeof digits, values[i]).ptr);
        text += (i + 1) % names.size() == 0 ? '\n' : ',';
    }
    return text;
}

void write_table(const std::filesystem::path& path, const std::vector<std::string>& names,
                 const std::vector<float>& values) {
    files::write_atomically(path, format_table(names, values));
}

} // namespace ebm::store
