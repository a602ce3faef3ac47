#include "core/data/check.h"

#include "core/base/error.h"
#include "core/data/picture_set.h"
#include "core/data/reader.h"
#include "core/store/input.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::data {
namespace {

/// Range and mean of all parts, some samples at a time, because a set may fill most of the memory.
void measure(const std::vector<Records>& parts, DataReport& report) {
    constexpr std::int64_t piece = 1024;
    report.low = std::numeric_limits<double>::infinity();
    report.high = -report.low;
    double sum = 0;
    std::int64_t numbers = 0;
    for (const Records& part : parts) {
        const torch::Tensor& values = part.values;
        for (std::int64_t first = 0; first < values.size(0); first += piece) {
            const torch::Tensor some =
                values.slice(0, first, std::min(values.size(0), first + piece)).to(torch::kDouble);
            report.low = std::min(report.low, some.min().item<double>());
            report.high = std::max(report.high, some.max().item<double>());
            sum += some.sum().item<double>();
        }
        numbers += values.numel();
    }
    report.mean = sum / static_cast<double>(numbers);
}

void count_classes(const std::vector<Records>& parts, DataReport& report) {
    const Records& first = parts.front();
    if (!first.labels.defined()) return;
    for (const std::string& name : first.classes)
        report.classes.push_back({name, 0});
    for (const Records& part : parts) {
        const torch::Tensor labels = part.labels.contiguous();
        const auto* values = labels.const_data_ptr<std::int64_t>();
        for (std::int64_t i = 0; i < labels.numel(); ++i) {
            if (values[i] < 0)
                ++report.unclassified;
            else
                ++report.classes.at(static_cast<std::size_t>(values[i])).count;
        }
    }
    for (std::string& problem : problems_of_classes(report.classes, first.source))
        report.problems.push_back(std::move(problem));
}

/// Tries what comes after reading, so that what it would refuse shows here.
void try_coding(const Records& records, DataReport& report) {
    if (records.pictures()) {
        report.transform = coding_in_words(pixel_coding(records));
        if (report.transform.empty()) report.transform = "0 … 255 become −1 … 1"; // not said elsewhere
        if (std::string doubt = pixel_doubt(records); !doubt.empty())
            report.notes.push_back(std::move(doubt));
        if (report.shape[0] == 3 && is_grey(records))
            report.notes.push_back("All colours are grey, so the pictures are taken as grey ones.");
    } else if (records.values.size(1) == 2) {
        report.transform = coding_in_words(standardising(records));
    } else {
        report.notes.push_back("Points to learn from have two columns, which --columns chooses.");
    }
}

/// What lies at `path`: one part, or what a set trains on and what it holds out.
std::vector<Records> read_parts(const std::string& path, const std::string& columns,
                                const PictureForm& form) {
    std::error_code ignored;
    const std::filesystem::path folder = store::expanded_path(path);
    if (!std::filesystem::is_directory(folder, ignored)) {
        Records records = read_records(path, split_columns(columns));
        bring_to_form(records, form);
        return {std::move(records)};
    }
    CacheRule no_cache;
    no_cache.folder.clear();
    const PictureSet set = open_folder(folder, form, no_cache);
    std::vector<Records> parts(set.held_out.defined() ? 2 : 1);
    for (Records& part : parts) {
        part.classes = set.classes;
        part.source = set.source;
    }
    parts.front().values = set.train;
    parts.front().labels = set.train_labels;
    parts.front().note = set.note;
    if (parts.size() < 2) return parts;
    parts.back().values = set.held_out;
    parts.back().labels = set.held_out_labels;
    return parts;
}

} // namespace

std::vector<std::string> problems_of_classes(const std::vector<DataReport::Class>& classes,
                                             const std::string& source) {
    std::vector<std::string> empty, problems;
    std::int64_t samples = 0;
    for (const DataReport::Class& found : classes) {
        if (found.count == 0) empty.push_back("'" + found.name + "'");
        samples += found.count;
    }
    constexpr std::size_t few = 20;
    const std::size_t used = classes.size();
    if (empty.empty() && used > few && 2 * static_cast<std::int64_t>(used) > samples)
        problems.push_back(fmt::format("There are {} classes for {} samples ({}), too few of each to learn "
                                       "from. Is it the classes that the setting data.labels names?",
                                       used, samples, source));
    if (empty.empty()) return problems;
    constexpr std::size_t most_named = 5;
    const std::string more = empty.size() > most_named ? ", …" : "";
    const std::string names = fmt::format(
        "{}",
        fmt::join(empty.begin(),
                  empty.begin() + static_cast<std::ptrdiff_t>(std::min(empty.size(), most_named)), ", "));
    problems.push_back(
        empty.size() == 1
            ? fmt::format("The class {} has no samples ({}). Add some, or take the class away.", names,
                          source)
            : fmt::format("{} of {} classes have no samples: {}{} ({}). Add some, or take the classes away.",
                          empty.size(), classes.size(), names, more, source));
    return problems;
}

DataReport check_data(const std::string& path, const std::string& columns, const PictureForm& form) {
    DataReport report;
    try {
        const std::vector<Records> parts = read_parts(path, columns, form);
        const Records& first = parts.front();
        for (const Records& part : parts)
            report.count += part.count();
        report.held_out = report.count - first.count();
        report.shape = first.values.sizes().slice(1).vec();
        report.columns = first.names;
        if (!first.note.empty()) report.notes.push_back(first.note);
        measure(parts, report);
        count_classes(parts, report);
        try_coding(first, report);
    } catch (const Error& error) {
        report.problems.emplace_back(error.what());
    }
    return report;
}

} // namespace ebm::data
