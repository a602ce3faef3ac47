#pragma once

#include "app/window/context.h"

#include <fmt/format.h>

#include <cmath>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// The numbers of a table leave the window: the context menu of every table.
namespace ebm::panels {

/// A text, or a number with every digit that is needed to read the same number back. Empty where a number is
/// not known.
struct TableCell {
    std::string text;

    TableCell(std::string words) : text(std::move(words)) {}
    TableCell(const char* words) : text(words) {}
    TableCell(std::integral auto number) : text(fmt::format("{}", number)) {}
    TableCell(std::floating_point auto number) : text(std::isnan(number) ? "" : fmt::format("{}", number)) {}
    TableCell(const std::optional<double>& number) : TableCell(number.value_or(std::nan(""))) {}
};

struct NumberTable {
    std::string name; ///< also of the file that is proposed
    std::vector<std::string> columns;
    std::vector<std::vector<TableCell>> rows; ///< as many cells as columns
};

/// A line of names, then a line for each row.
std::string table_text(const NumberTable& table, char separator);

/// "KL(data ‖ model)" → "kl_data_model".
std::string file_name(std::string_view name);

/// Two items of the menu of a row: they copy and save the whole table. `content` is called when one is
/// chosen.
void whole_table_items(window::Context& context, const std::function<NumberTable()>& content);
/// After EndTable: the menu that opens on a click with the right button anywhere in the table. id: its own
/// among the tables of the window.
void table_menu(window::Context& context, const char* id, const std::function<NumberTable()>& content);

} // namespace ebm::panels
