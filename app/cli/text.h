#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Numbers, times and tables as a person reads them.
namespace ebm::cli {

/// Four significant digits: "0.01234", "1.2e-06"; "–" for a value that is not a number.
std::string number(double value, int digits = 4);
/// The shortest text that reads back as the same number; "nan" and "inf" for what is not finite.
std::string exact(float value);
std::string exact(double value);
/// "12,800".
std::string count(std::int64_t value);
/// "0.8 s", "2 min 5 s", "3 h 20 min".
std::string duration(double seconds);
/// Characters on the screen (UTF-8 code points).
std::size_t width(std::string_view text);
/// At most `columns` characters of it.
std::string shortened(std::string_view text, std::size_t columns);
/// Breaks text at spaces so that no line is longer than `columns`; each line but the first starts with
/// `indent` spaces.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent);

/// Columns padded to the widest cell, with a line under the header.
class Table {
public:
    struct Column {
        std::string title;
        bool number = false; ///< right-aligned
    };
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    /// One cell a column.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    std::string text() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace ebm::cli
