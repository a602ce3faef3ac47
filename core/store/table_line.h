#pragma once

#include "core/store/input.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The lines, cells and numbers of a table, before anybody asks what they mean. Private to the table reader.
namespace ebm::store {

struct Cell {
    std::string_view text; ///< without blanks and quotes around it
    bool quoted = false;
};

/// A line above the table that begins with # and goes on as one of numbers may.
struct Commented {
    std::int64_t number = 0;
    std::string text; ///< behind the #
};

/// Takes one line after the other: what stands before LF, CR LF or CR outside quotes. Skips empty lines and
/// comments.
class LineReader {
public:
    explicit LineReader(Input& input);
    /// The next line, valid until the next call; nothing at the end. Throws Error if it is over 16 MB.
    std::optional<std::string_view> next();
    /// Of the line that `next` gave, from 1. A line that goes on within quotes counts from its first.
    std::int64_t number() const { return number_; }
    /// What was skipped for its # although it may be a row: the first few.
    const std::vector<Commented>& commented() const { return commented_; }
    /// The first lines, at most `most`, without taking them: whole ones only.
    std::vector<std::string> ahead(std::size_t most);

private:
    Input& input_;
    bool begun_ = false;    ///< a line of the table was given
    std::size_t taken_ = 0; ///< bytes of the line that was given, skipped at the next call
    std::int64_t number_ = 0, next_number_ = 1;
    std::vector<Commented> commented_;
};

/// Splits a line; ' ' stands for any run of blanks.
void split(std::string_view line, char separator, std::vector<Cell>& cells);

/// What a cell says.
struct Reading {
    enum class Kind { number, missing, text, thousands } kind = Kind::text;
    double value = 0;
    bool point = false, comma = false; ///< decimal mark
    bool thousands_like = false;       ///< a comma before exactly three digits: 1,234
    bool whole = false;                ///< digits and a sign only
};
/// `comma_allowed`: commas are decimal marks.
Reading read_cell(std::string_view text, bool comma_allowed);

/// Letters of any script; digits, fractions, dashes and signs of other scripts are none.
std::size_t letters_in(std::string_view text);
/// A word that data say and columns are hardly called: TRUE, n.a.; `perhaps`: one that may be both: yes, no.
bool is_value_word(std::string_view text, bool perhaps);
/// A word before a number: N 45.5, Jan 2 2024, Jan-02, Sensor 3.
bool is_word_and_number(std::string_view text);
/// A currency before or behind a number: USD 5, R$5, 5 EUR.
bool is_money(std::string_view text);
/// Whether a digit stands first, behind a sign and a currency at most: 12:30, 0x10, $5, 5 %, and 1st too.
bool begins_like_number(std::string_view text);

} // namespace ebm::store
