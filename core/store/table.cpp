#include "core/store/table.h"

#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/names.h"
#include "core/store/table_line.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::store {
namespace {

constexpr std::int64_t most_columns = 100'000;
constexpr std::size_t lines_ahead = 50;

/// A cell as it can be shown in a message: printable and short.
std::string shown(std::string_view cell) {
    const std::string text = clean_name(cell.substr(0, 44));
    return cell.size() > 44 ? text + "…" : text;
}

bool comma_marks(char separator, const Cell& cell) {
    return separator != ',' || cell.quoted;
}

/// The separator that makes numbers of most cells below the first line. Without numbers: the first that
/// occurs.
char separator_of(const std::vector<std::string>& lines) {
    char best = ',';
    double best_score = -1;
    std::vector<Cell> cells;
    for (const char separator : {'\t', ';', ',', '|', ' '}) {
        std::size_t total = 0, numbers = 0, columns = 0;
        bool occurs = false, even = true;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            split(lines[i], separator, cells);
            occurs = occurs || cells.size() > 1;
            if (i == 0) columns = cells.size();
            even = even && cells.size() == columns;
            if (i == 0 && lines.size() > 1) continue;
            total += cells.size();
            for (const Cell& cell : cells)
                numbers += read_cell(cell.text, comma_marks(separator, cell)).kind != Reading::Kind::text;
        }
        if (!occurs) continue;
        // Lines of one length tell more than numbers do.
        const double share = total > 0 ? static_cast<double>(numbers) / static_cast<double>(total) : 0;
        const double score = even ? 1 + share : share;
        if (score > best_score + 1e-9) {
            best = separator;
            best_score = score;
        }
    }
    return best;
}

/// Whether a line below has a number where the first has text, or one that is not whole where the first has a
/// whole one: id,2019 above a,0.5, not Ann,3 above Bob,4.
bool differs_below(const std::vector<std::string>& lines, char separator) {
    std::vector<Cell> first, other;
    split(lines[0], separator, first);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        split(lines[i], separator, other);
        for (std::size_t k = 0; k < std::min(first.size(), other.size()); ++k) {
            const Reading above = read_cell(first[k].text, comma_marks(separator, first[k]));
            const Reading below = read_cell(other[k].text, comma_marks(separator, other[k]));
            if (below.kind == Reading::Kind::number &&
                (above.kind == Reading::Kind::text || (above.whole && !below.whole)))
                return true;
        }
    }
    return false;
}

/// Whether the first line names the columns, see read_table.
bool is_header(const std::vector<std::string>& lines, char separator) {
    std::vector<Cell> cells;
    split(lines[0], separator, cells);
    std::size_t texts = 0, numbers = 0, whole = 0, quoted = 0, quoted_numbers = 0, in_turn = 0, empty = 0;
    for (const Cell& cell : cells) {
        const Reading reading = read_cell(cell.text, comma_marks(separator, cell));
        texts += reading.kind == Reading::Kind::text || reading.kind == Reading::Kind::thousands;
        numbers += reading.kind == Reading::Kind::number;
        whole += reading.kind == Reading::Kind::number && reading.whole && reading.value >= 0;
        quoted += cell.quoted;
        quoted_numbers += cell.quoted && reading.kind == Reading::Kind::number;
        empty += cell.text.empty();
        in_turn +=
            reading.whole && cell.text == fmt::format("{}", &cell - cells.data() - std::ptrdiff_t(empty));
    }
    if (texts > 0 && numbers > 0 && numbers == whole && differs_below(lines, separator)) return true;
    if (texts > 0 && numbers == 0) return true;
    bool next_quoted = false, fractions = false;
    std::vector<Cell> next;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        split(lines[i], separator, next);
        for (const Cell& cell : next) {
            const Reading reading = read_cell(cell.text, comma_marks(separator, cell));
            fractions = fractions || (reading.kind == Reading::Kind::number && !reading.whole);
            next_quoted = next_quoted || cell.quoted;
        }
    }
    const bool named_in_quotes = quoted >= numbers && quoted > 0 && quoted_numbers == numbers &&
                                 lines.size() > 1 && !next_quoted && empty == 0;
    if (texts > 0) return named_in_quotes;
    // The first cell is empty where pandas writes its index too.
    const bool counted = cells.size() > 1 && empty <= 1 && (empty == 0 || cells[0].text.empty()) &&
                         in_turn == cells.size() - empty && fractions;
    return named_in_quotes || counted;
}

/// A name that is no number in another notation. What stands in quotes is one, but for 1,234.5, which needs
/// them.
bool is_name(char separator, const Cell& cell) {
    const Reading reading = read_cell(cell.text, comma_marks(separator, cell));
    return reading.kind == Reading::Kind::text &&
           (cell.quoted ||
            (letters_in(cell.text) > 0 && !begins_like_number(cell.text) && !is_value_word(cell.text, true) &&
             !is_word_and_number(cell.text) && !is_money(cell.text)));
}

/// 2m_temp, 10 kHz and Sensor 3 may be names, 5 cm, 1d0, 0x10, TRUE and USD 5 too well something else.
bool may_be_name(char separator, const Cell& cell) {
    constexpr std::size_t a_word = 3;
    if (is_name(separator, cell)) return true;
    if (read_cell(cell.text, comma_marks(separator, cell)).kind != Reading::Kind::text ||
        is_value_word(cell.text, false) || is_money(cell.text))
        return false;
    return letters_in(cell.text) >= a_word || is_value_word(cell.text, true) || is_word_and_number(cell.text);
}

/// Whether one word and numbers that count up from 0 or 1 name the columns: Sensor 1, Sensor 2.
bool are_counted(const std::vector<Cell>& cells) {
    std::string_view word;
    int first = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string_view text = cells[i].text;
        const std::size_t blank = text.find_last_of(' ');
        if (blank == std::string_view::npos || (i > 0 && text.substr(0, blank) != word)) return false;
        word = text.substr(0, blank);
        if (i == 0) first = text.ends_with(" 0") ? 0 : 1;
        if (text.substr(blank + 1) != std::to_string(first + static_cast<int>(i))) return false;
    }
    return cells.size() > 1 && !is_money(cells[0].text);
}

/// The cell for which a line cannot be one of names, although it holds other things than numbers: nothing in
/// it is a name. Null if there is none.
const Cell* no_name(const std::vector<Cell>& cells, char separator) {
    const Cell* found = nullptr;
    for (const Cell& cell : cells) {
        if (may_be_name(separator, cell)) return nullptr;
        const Reading::Kind kind = read_cell(cell.text, comma_marks(separator, cell)).kind;
        const bool odd = kind == Reading::Kind::text || kind == Reading::Kind::thousands;
        if (odd && !found) found = &cell;
    }
    return found;
}

/// JSON, or an array as it is printed. A name may be in brackets: [cm].
bool begins_with_bracket(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || (line[first] != '[' && line[first] != '{')) return false;
    const std::size_t next = line.find_first_not_of(" \t\r", first + 1);
    return line[first] == '{' || next == std::string_view::npos ||
           std::string_view("[{-.0123456789").find(line[next]) != std::string_view::npos;
}

/// Reads rows of the chosen columns.
class TableReader {
public:
    TableReader(Input& input, const std::vector<std::string>& columns, const std::string& label)
        : source_(input.name()), lines_(input), wanted_(columns), wanted_label_(label) {
        const std::string_view start = files::as_text(input.peek(4096)).substr(0, 4096);
        if (start.find('\0') != std::string_view::npos)
            throw Error("The file is not text", source_,
                        "Give a table: one line a row, cells separated by commas.");
    }

    /// Finds out the form of the table; leaves the first line of numbers in line_.
    TableStart start() {
        const std::vector<std::string> ahead = lines_.ahead(lines_ahead);
        line_ = lines_.next();
        if (!line_) return {};
        if (begins_with_bracket(*line_))
            throw Error("The file begins with a bracket, as JSON and printed arrays do, and is no table",
                        source_,
                        "Write one sample a line, its numbers separated by commas, or give .npy or .npz.");
        separator_ = separator_of(ahead);
        split(*line_, separator_, cells_);
        trailing_ = ends_with_separator(ahead);
        width_ = cells_.size() - trailing_;
        if (width_ > static_cast<std::size_t>(most_columns))
            throw Error(
                fmt::format("Line {} has {} cells, more than {}", lines_.number(), width_, most_columns),
                source_, "Check that this is the right file.");
        look_at_comments();
        if (is_header(ahead, separator_)) {
            if (const Cell* odd = no_name(cells_, separator_))
                throw Error(
                    fmt::format("Line {}: \"{}\" is neither a number nor the name of a column",
                                lines_.number(), shown(odd->text)),
                    source_,
                    "Write numbers such as 1234.5, and in quotes a name that begins with a digit or looks "
                    "like a value.");
            for (std::size_t i = 0; i < width_; ++i)
                all_names_.push_back(clean_name(cells_[i].text));
            const bool only_names = std::all_of(
                cells_.begin(), cells_.begin() + static_cast<std::ptrdiff_t>(width_), [&](const Cell& cell) {
                    return is_name(separator_, cell) || (cell.text.empty() && &cell == cells_.data());
                });
            if (!only_names && !are_counted(cells_))
                add_note(
                    fmt::format("The first line, {}, is taken for the names of the columns.", shown(*line_)));
            line_ = lines_.next();
        }
        return {all_names_, width_, numbers_below(ahead)};
    }

    Table read() {
        if (start().columns == 0) return std::move(table_);
        choose_columns();
        for (; line_; line_ = lines_.next())
            add_row(*line_);
        if (thousands_like_ > 0 && !decimal_comma_)
            throw Error(
                fmt::format("Line {}: it cannot be told whether the comma in {} is a decimal comma or "
                            "separates thousands",
                            thousands_like_, thousands_example_),
                source_, "Write the numbers with a decimal point and without thousands separators.");
        return std::move(table_);
    }

private:
    void add_note(const std::string& sentence) { table_.note += (table_.note.empty() ? "" : " ") + sentence; }

    /// Throws Error for a line above the table that is a comment by its # alone and holds a row of numbers;
    /// says it of one that holds a number among others.
    void look_at_comments() {
        std::vector<Cell> cells;
        for (const Commented& line : lines_.commented()) {
            split(line.text, separator_, cells);
            if (trailing_ && cells.size() == width_ + 1 && cells.back().text.empty()) cells.pop_back();
            if (cells.size() != width_) continue;
            const std::int64_t numbers = std::ranges::count_if(cells, [&](const Cell& cell) {
                return read_cell(cell.text, comma_marks(separator_, cell)).kind == Reading::Kind::number;
            });
            const std::int64_t other = std::ranges::count_if(cells, [&](const Cell& cell) {
                return read_cell(cell.text, comma_marks(separator_, cell)).kind == Reading::Kind::text;
            });
            if (numbers > 0 && other == 0)
                throw Error(fmt::format("Line {} begins with # and holds a row of numbers: #{}", line.number,
                                        shown(line.text)),
                            source_,
                            "Take the # away, or write a blank behind it to make the line a comment.");
            if (numbers > 0)
                add_note(fmt::format("Line {}, #{}, is taken for a comment.", line.number, shown(line.text)));
        }
    }

    /// Of each column whether no cell of the first lines says anything but a number.
    std::vector<bool> numbers_below(const std::vector<std::string>& lines) const {
        std::vector<bool> numbers(width_, true);
        std::vector<Cell> cells;
        for (std::size_t i = all_names_.empty() ? 0 : 1; i < lines.size(); ++i) {
            split(lines[i], separator_, cells);
            for (std::size_t k = 0; k < width_ && k < cells.size(); ++k)
                if (read_cell(cells[k].text, comma_marks(separator_, cells[k])).kind == Reading::Kind::text)
                    numbers[k] = false;
        }
        return numbers;
    }

    /// Spreadsheets end each line with a separator when a column beside the data was once used.
    bool ends_with_separator(const std::vector<std::string>& lines) {
        std::vector<Cell> cells;
        for (const std::string& line : lines) {
            split(line, separator_, cells);
            const std::size_t end = line.find_last_not_of(" \t\r");
            if (separator_ == ' ' || cells.size() < 2 || !cells.back().text.empty() || cells.back().quoted ||
                end == std::string::npos || (separator_ != '\t' && line[end] != separator_))
                return false;
        }
        return lines.size() > 1;
    }

    void choose_columns() {
        if (!wanted_label_.empty()) label_ = column_of(wanted_label_);
        for (std::size_t i = 0; i < width_ && wanted_.empty(); ++i) {
            if (label_ == i) continue;
            chosen_.push_back(i);
            if (!all_names_.empty()) table_.names.push_back(all_names_[i]);
        }
        for (const std::string& name : wanted_) {
            const std::size_t column = column_of(name);
            if (std::ranges::find(chosen_, column) != chosen_.end())
                throw Error(fmt::format("The column {} is chosen twice", shown(name)), source_,
                            "Choose each column once.");
            if (label_ == column)
                throw Error(
                    fmt::format("The column {} is to be a number of each row and its class", shown(name)),
                    source_, "Choose other columns, or another column of classes.");
            chosen_.push_back(column);
            if (!all_names_.empty()) table_.names.push_back(all_names_[chosen_.back()]);
        }
        table_.columns = static_cast<std::int64_t>(chosen_.size());
    }

    std::size_t column_of(const std::string& name) const {
        const auto first = std::ranges::find(all_names_, name);
        if (first != all_names_.end()) {
            if (std::find(first + 1, all_names_.end(), name) != all_names_.end())
                throw Error(fmt::format("Two columns are named {}", shown(name)), source_,
                            "Choose by number: the first column is 1.");
            return static_cast<std::size_t>(first - all_names_.begin());
        }
        std::size_t number = 0;
        const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (code == std::errc() && end == name.data() + name.size() && number >= 1 && number <= width_)
            return number - 1;
        const std::vector<std::string_view> names(all_names_.begin(), all_names_.end());
        throw Error(fmt::format("The file has no column {}", shown(name)), source_,
                    names.empty()
                        ? "It has " + counted(width_, "column") + " without names; choose by number from 1."
                    : name.find_first_not_of("0123456789-") == std::string::npos
                        ? fmt::format("Columns are numbered from 1 to {}.", width_)
                        : did_you_mean(name, names));
    }

    Error unreadable(std::size_t column, std::string_view what) const {
        const std::string name = all_names_.empty() || all_names_[column].empty()
                                     ? ""
                                     : fmt::format(", column {}", all_names_[column]);
        return Error(fmt::format("Line {}{}: {}", lines_.number(), name, what), source_,
                     wanted_.empty() && width_ > 2
                         ? "Write numbers, or choose columns of numbers with --columns."
                         : "Write numbers such as 1234.5.");
    }

    /// Throws Error if the line below the names holds words alone, as a line of units does.
    void refuse_units() const {
        std::string first;
        for (const Cell& cell : cells_) {
            const Reading::Kind kind = read_cell(cell.text, comma_marks(separator_, cell)).kind;
            if (kind == Reading::Kind::number || kind == Reading::Kind::thousands) return;
            if (kind == Reading::Kind::text && first.empty()) first = shown(cell.text);
        }
        if (first.empty()) return;
        throw Error(fmt::format("Line {}, below the names of the columns, holds no number but text (\"{}\"), "
                                "such as units",
                                lines_.number(), first),
                    source_, "Delete that line, or write the units into the names: height_cm.");
    }

    std::string label_in(const Cell& cell) const {
        const Reading reading = read_cell(cell.text, comma_marks(separator_, cell));
        if (reading.kind == Reading::Kind::missing)
            throw Error(fmt::format("Line {}: the class is missing", lines_.number()), source_,
                        "Remove the line or complete it.");
        // 1.0 and 1 are one class; programs write a column of whole numbers with gaps as decimals.
        const bool whole = reading.kind == Reading::Kind::number && std::abs(reading.value) < 1e15 &&
                           reading.value == std::floor(reading.value);
        return whole ? fmt::format("{:.0f}", reading.value + 0.0) : clean_name(cell.text);
    }

    void add_row(std::string_view line) {
        split(line, separator_, cells_);
        if (trailing_ && cells_.size() == width_ + 1 && cells_.back().text.empty()) cells_.pop_back();
        if (cells_.size() != width_)
            throw Error(fmt::format("Line {} has {} where the first line has {}", lines_.number(),
                                    counted(cells_.size(), "cell"), width_),
                        source_, "Give every line the same number of cells.");
        if (table_.lines.empty() && !all_names_.empty()) refuse_units();
        for (const std::size_t column : chosen_) {
            const Cell& cell = cells_[column];
            const Reading reading = read_cell(cell.text, comma_marks(separator_, cell));
            if (reading.kind == Reading::Kind::text)
                throw unreadable(column, fmt::format("\"{}\" is not a number", shown(cell.text)));
            if (reading.kind == Reading::Kind::thousands || (reading.comma && decimal_point_) ||
                (reading.point && (decimal_comma_ || thousands_like_ > 0)))
                throw unreadable(
                    column, fmt::format("\"{}\" has a thousands separator, or another decimal mark than the "
                                        "numbers before it",
                                        shown(cell.text)));
            decimal_point_ = decimal_point_ || reading.point;
            // In quotes between commas, 1,234 may well be a thousand.
            const bool doubtful = reading.comma && reading.thousands_like && separator_ == ',';
            if (doubtful && thousands_like_ == 0) {
                thousands_like_ = lines_.number();
                thousands_example_ = shown(cell.text);
            }
            decimal_comma_ = decimal_comma_ || (reading.comma && !doubtful);
            table_.values.push_back(reading.value);
        }
        if (label_) table_.labels.push_back(label_in(cells_[*label_]));
        table_.lines.push_back(lines_.number());
    }

    const std::string source_;
    LineReader lines_;
    const std::vector<std::string> wanted_;
    const std::string wanted_label_;
    std::optional<std::size_t> label_; ///< the column of classes
    Table table_;
    std::optional<std::string_view> line_;
    std::vector<Cell> cells_;
    char separator_ = ',';
    std::size_t width_ = 0; ///< cells of a line
    bool trailing_ = false; ///< an empty cell follows them
    std::vector<std::string> all_names_;
    std::vector<std::size_t> chosen_;
    bool decimal_point_ = false, decimal_comma_ = false;
    std::int64_t thousands_like_ = 0; ///< the first line with such a cell
    std::string thousands_example_;
};

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xC2 && lead < 0xE0 ? 2
                                   : lead >= 0xE0 && lead < 0xF0 ? 3
                                   : lead >= 0xF0 && lead < 0xF5 ? 4
                                                                 : 0;
        if (length == 0 || length > text.size() - i) return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
        const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
            (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
            return false;
        i += length;
    }
    return true;
}

std::string quoted(const std::string& name) {
    if (name.find_first_of(",;\"\t") == std::string::npos) return name;
    std::string text = "\"";
    for (const char c : name)
        text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + "\"";
}

} // namespace

std::string clean_name(std::string_view text) {
    std::string utf8;
    if (is_utf8(text))
        utf8 = text;
    else
        for (const unsigned char c : text) {
            if (c < 0x80) {
                utf8 += static_cast<char>(c);
            } else {
                utf8 += static_cast<char>(0xC0 | c >> 6);
                utf8 += static_cast<char>(0x80 | (c & 0x3F));
            }
        }
    std::string clean;
    std::size_t letters = 0;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto c = static_cast<unsigned char>(utf8[i]);
        if ((c & 0xC0) != 0x80 && ++letters > 80) return clean + "…";
        const bool c1 = c == 0xC2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xA0;
        if (c < 0x20 || c == 0x7F || c1) {
            clean += '?';
            i += c1;
        } else {
            clean += utf8[i];
        }
    }
    return clean;
}

Table read_table(Input& input, const std::vector<std::string>& columns, const std::string& label) {
    return TableReader(input, columns, label).read();
}

TableStart table_start(Input& input) {
    return TableReader(input, {}, "").start();
}

Table read_table(const std::filesystem::path& path) {
    Input input(path.string());
    return read_table(input);
}

Table parse_table(std::string_view text, const std::string& source, const std::vector<std::string>& columns) {
    Input input(files::as_bytes(text), source);
    return read_table(input, columns);
}

std::string format_table(const std::vector<std::string>& names, const std::vector<float>& values) {
    if (names.empty() || values.size() % names.size() != 0)
        throw Error("The table has an incomplete last row", "",
                    "Give as many values as there are columns and rows.");
    std::string text;
    for (const std::string& name : names)
        text += quoted(name) + (&name == &names.back() ? '\n' : ',');
    char digits[64];
    for (size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i]))
            text += "nan"; // the sign of one is an accident
        else
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
