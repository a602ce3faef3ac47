#include "core/data/check.h"

#include "core/base/error.h"
#include "core/data/reader.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace ebm::data {
namespace {

/// Range and mean, a part at a time, because a set may fill most of the memory.
void measure(const torch::Tensor& values, DataReport& report) {
    constexpr std::int64_t part = 1024;
    report.low = std::numeric_limits<double>::infinity();
    report.high = -report.low;
    double sum = 0;
    for (std::int64_t first = 0; first < values.size(0); first += part) {
        const torch::Tensor some =
            values.slice(0, first, std::min(values.size(0), first + part)).to(torch::kFloat64);
        report.low = std::min(report.low, some.min().item<double>());
        report.high = std::max(report.high, some.max().item<double>());
        sum += some.sum().item<double>();
    }
    report.mean = sum / static_cast<double>(values.numel());
}

void count_classes(const Records& records, DataReport& report) {
    for (const std::string& name : records.classes)
        report.classes.push_back({name, 0});
    const torch::Tensor labels = records.labels.contiguous();
    const auto* values = labels.const_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < labels.numel(); ++i) {
        if (values[i] < 0)
            ++report.unclassified;
        else
            ++report.classes.at(static_cast<std::size_t>(values[i])).count;
    }
    for (const DataReport::Class& found : report.classes)
        if (found.count == 0)
            report.problems.push_back(
                fmt::format("The class '{}' has no samples ({}). Add some, or take the class away.",
                            found.name, records.source));
}

/// Tries what comes after reading, so that what it would refuse shows here.
void try_coding(const Records& records, DataReport& report) {
    if (records.pictures()) {
        report.transform = coding_in_words(pixel_coding(records));
        if (report.transform.empty()) report.transform = "0 … 255 become −1 … 1"; // not said elsewhere
        if (report.shape[0] == 3 && is_grey(records))
            report.notes.push_back("All colours are grey, so the pictures are taken as grey ones.");
    } else if (records.values.size(1) == 2) {
        report.transform = coding_in_words(standardising(records));
    } else {
        report.notes.push_back("Points to learn from have two columns, which --columns chooses.");
    }
}

} // namespace

DataReport check_data(const std::string& path, const std::string& columns) {
    DataReport report;
    try {
        const Records records = read_records(path, split_columns(columns));
        report.count = records.count();
        report.shape = records.values.sizes().slice(1).vec();
        report.columns = records.names;
        if (!records.note.empty()) report.notes.push_back(records.note);
        measure(records.values, report);
        if (records.labels.defined()) count_classes(records, report);
        try_coding(records, report);
    } catch (const Error& error) {
        report.problems.emplace_back(error.what());
    }
    return report;
}

} // namespace ebm::data
