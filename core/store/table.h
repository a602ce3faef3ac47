#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Tables of numbers as text: CSV, and the tab, semicolon and blank separated files that go by that name.
namespace ebm::store {

struct Table {
    std::vector<std::string> names; ///< of the columns; empty if the file has no header
    std::int64_t columns = 0;
    std::vector<double> values;      ///< [rows][columns]
    std::vector<std::int64_t> lines; ///< line of the file, counted from 1, that row i stands in

    std::int64_t rows() const { return columns ? static_cast<std::int64_t>(values.size()) / columns : 0; }
};

/// Parses a table. The separator is the first of tab, semicolon, comma that the first line contains, else
/// blanks. The first line is a header if one of its cells is not a number. Empty lines and lines that begin
/// with # are skipped. An empty cell is NaN unless blanks separate. Throws Error with the line number if a
/// cell is not a number or a line has another number of cells than the first, or more than 100,000. `source`
/// names the file in errors.
Table parse_table(std::string_view text, const std::string& source);

/// Reads a table from a file of at most 256 MB, gzip or not.
Table read_table(const std::filesystem::path& path);

/// Comma separated text with the shortest digits that give back the same float. `values` is
/// [rows][names.size()].
std::string format_table(const std::vector<std::string>& names, const std::vector<float>& values);

/// Writes format_table atomically.
void write_table(const std::filesystem::path& path, const std::vector<std::string>& names,
                 const std::vector<float>& values);

} // namespace ebm::store
