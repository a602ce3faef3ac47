#include "core/data/formats.h"

#include "core/base/error.h"
#include "core/data/labels.h"
#include "core/store/input.h"
#include "core/store/table.h"

#include <cmath>
#include <fmt/format.h>

namespace ebm::data {
namespace {

Records read_rows(const FileRequest& request) {
    store::Table table = store::read_table(request.input, request.columns, request.labels);
    Records records;
    records.source = request.input.name();
    records.names = table.names;
    records.chosen = !request.columns.empty();
    records.note = table.note;
    records.whole = true;
    for (std::size_t i = 0; i < table.values.size(); ++i) {
        const double value = table.values[i];
        records.whole = records.whole && value == std::floor(value);
        if (std::isfinite(value)) continue;
        const std::size_t column = i % static_cast<std::size_t>(table.columns);
        throw Error(fmt::format("Line {}: the value of {} is {}",
                                table.lines[i / static_cast<std::size_t>(table.columns)],
                                column < table.names.size() && !table.names[column].empty()
                                    ? table.names[column]
                                    : fmt::format("column {}", column + 1),
                                std::isnan(value) ? "missing or not a number" : "not finite"),
                    request.input.name(), "Remove the line or complete it.");
    }
    // The numbers move, so that they are held once.
    auto* kept = new std::vector<double>(std::move(table.values));
    records.values = torch::from_blob(
        kept->data(),
        {static_cast<std::int64_t>(table.lines.size()), std::max<std::int64_t>(1, table.columns)},
        [kept](void*) { delete kept; }, torch::kDouble);
    if (!table.labels.empty()) set_labels(records, table.labels, records.source);
    return records;
}

void describe_table(const FileRequest& request, FileDescription& description) {
    const store::TableStart start = store::table_start(request.input);
    describe_rows(description, start.names, start.numbers, static_cast<std::int64_t>(start.columns));
}

} // namespace

extern const Format table_format;
const Format table_format = {
    "a table of numbers as text", "a table (CSV)", true, false, nullptr, read_rows, describe_table};

} // namespace ebm::data
