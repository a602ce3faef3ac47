#pragma once

#include "core/store/input.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Tables of numbers as text: CSV as programs and spreadsheets write it.
namespace ebm::store {

struct Table {
    std::vector<std::string> names; ///< of the columns, UTF-8 without control characters; empty: no header
    std::int64_t columns = 0;
    std::vector<double> values;      ///< [rows][columns]; NaN where a cell is missing
    std::vector<std::int64_t> lines; ///< line of the file, counted from 1, that row i stands in
    std::vector<std::string>
        labels;       ///< what the column of classes says in row i; empty without such a column
    std::string note; ///< what a reader should be told, one sentence; mostly empty

    std::int64_t rows() const { return columns ? static_cast<std::int64_t>(values.size()) / columns : 0; }
};

/// Reads a table to its end.
///
/// - Cells are separated by tabs, semicolons, commas, bars or blanks, whichever makes even lines and numbers.
///   Lines end with LF, CR LF or CR. A byte order mark, empty lines and lines that begin with # are skipped.
///   Above the table one that would be a row of numbers without its # is an Error, and one with some numbers
///   is said in the note, unless a blank follows the #.
/// - Numbers have a decimal point, or a decimal comma unless commas separate; a cell in quotes may have one
///   there too. A number too small to be told from 0 is 0; one too large is infinite.
/// - A cell that is empty (unless blanks separate) or says NA, NaN, null and the like is NaN.
/// - The first line is a header if none of its cells is a number and one is text; if those that are numbers
///   are plain integers, and what stands below is of another kind (id,2019 above a,0.5); if its cells are
///   quoted and those of the next line are not; or if it counts its cells from 0 (as pandas names columns)
///   above numbers that are not whole.
///
/// `columns` chooses columns by name, else by number from 1; empty means all but `label`, the column that
/// holds the class of each row as a number or a name; empty means none. Cells of the others may hold
/// anything. Throws Error with the line if a cell is not a number, if a class is missing, if a line has
/// another number of cells than the first, for points beside commas as decimal marks, and for thousands
/// separators.
Table read_table(Input& input, const std::vector<std::string>& columns = {}, const std::string& label = "");
Table read_table(const std::filesystem::path& path);
/// `source` names the text in errors.
Table parse_table(std::string_view text, const std::string& source,
                  const std::vector<std::string>& columns = {});

/// What the first lines tell: the names (empty without a header), the number of columns, and of each whether
/// it holds numbers.
struct TableStart {
    std::vector<std::string> names;
    std::size_t columns = 0;
    std::vector<bool> numbers;
};
TableStart table_start(Input& input);

/// Comma separated text with the shortest digits that give back the same number. `values` is
/// [rows][names.size()]. Names are quoted where they need it.
std::string format_table(const std::vector<std::string>& names, const std::vector<float>& values);

/// Writes format_table atomically.
void write_table(const std::filesystem::path& path, const std::vector<std::string>& names,
                 const std::vector<float>& values);

/// A name from a file as it can stand in messages and files: valid UTF-8 (else taken for Latin-1), control
/// characters replaced, at most 80 characters.
std::string clean_name(std::string_view text);

} // namespace ebm::store
