#include "core/data/picture_sources.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/data/class_names.h"

#include <algorithm>
#include <fmt/format.h>

namespace ebm::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t cifar_pixels = 3 * 32 * 32;

/// How the records of a file begin.
struct CifarForm {
    std::size_t labels = 1; ///< bytes of labels before the pixels; the last is the one that counts
    std::int32_t classes = 10;

    std::size_t bytes() const { return labels + cifar_pixels; }
};

/// The number of records in a file. Throws Error if it ends within one.
std::int64_t count_in(const fs::path& path, const CifarForm& records) {
    std::error_code error;
    const std::uint64_t size = fs::file_size(path, error);
    const auto bytes = static_cast<std::uint64_t>(records.bytes());
    if (error)
        throw Error("The file cannot be read: " + error.message(), path.string(), "Check its permissions.");
    if (size == 0 || size % bytes != 0)
        throw Error(
            size == 0 ? std::string("The file is empty")
                      : fmt::format("The file ends within record {}: a record has {} bytes, and {} are left",
                                    size / bytes + 1, bytes, size % bytes),
            path.string(), "The file is cut off. Download or copy it again.");
    return static_cast<std::int64_t>(size / bytes);
}

/// Calls `use(record, bytes)` for every record of a file.
template <class Use>
void for_each_record(const fs::path& path, const CifarForm& records, std::int64_t count, Use&& use) {
    store::Input input(path.string());
    std::vector<std::uint8_t> record(records.bytes());
    for (std::int64_t i = 0; i < count; ++i) {
        if (input.read(std::as_writable_bytes(std::span(record))) < record.size())
            throw Error(fmt::format("The file ends within record {}", i + 1), path.string(),
                        "The file is cut off. Download or copy it again.");
        use(i, record);
    }
}

PictureSource cifar(const std::vector<fs::path>& train, const std::vector<fs::path>& held_out,
                    const CifarForm& records, std::vector<std::string> classes, const PictureForm& form) {
    PictureSource source;
    source.has_split = !held_out.empty() && !train.empty();
    source.content.classes = std::move(classes);
    std::vector<fs::path> files = train;
    files.insert(files.end(), held_out.begin(), held_out.end());
    std::vector<std::int64_t> counts;
    for (const fs::path& path : files) {
        counts.push_back(count_in(path, records));
        const bool kept_apart = source.has_split && counts.size() > train.size();
        (kept_apart ? source.content.held_out : source.content.train) += counts.back();
        for_each_record(
            path, records, counts.back(), [&](std::int64_t i, const std::vector<std::uint8_t>& record) {
                const std::int32_t label = record[records.labels - 1];
                if (label >= records.classes)
                    throw Error(fmt::format("The label of record {} is {}, and there are {} classes", i + 1,
                                            label, records.classes),
                                path.string(), "The file is damaged or of another set. Download it again.");
                source.content.labels.push_back(label);
            });
    }
    set_shape(source.content, form, 3, 32, 32);
    source.decode = [files, counts, records, form, content = source.content](const PutPicture& put) {
        Former former(content, form);
        std::int64_t row = 0;
        for (std::size_t k = 0; k < files.size(); ++k)
            for_each_record(
                files[k], records, counts[k], [&](std::int64_t i, const std::vector<std::uint8_t>& record) {
                    put(row++, former.planes(std::span(record).subspan(records.labels), 3, 32, 32,
                                             fmt::format("{}, record {}", files[k].string(), i + 1)));
                });
    };
    return source;
}

/// Warns of files that hold other numbers of records than the published ones: a copy that was cut between two
/// records shows in nothing else.
void warn_of_counts(const std::vector<fs::path>& files, const CifarForm& records, std::int64_t whole) {
    std::size_t others = 0;
    std::string first;
    for (const fs::path& path : files)
        if (const std::int64_t count = count_in(path, records); count != whole && others++ == 0)
            first = fmt::format("{} holds {} records", path.string(), count);
    if (others > 0)
        log::warning("{}{} and not the {} of the published file. If it was cut off, download the set again.",
                     first, others > 1 ? fmt::format(", one of {} such files,", others) : "", whole);
}

} // namespace

std::optional<PictureSource> find_cifar(const fs::path& folder, const PictureForm& form) {
    const std::vector<fs::path> tens = files_like(folder, "data_batch_", ".bin");
    const std::vector<fs::path> ten_tests = files_like(folder, "test_batch", ".bin");
    if (!tens.empty() || !ten_tests.empty()) {
        PictureSource source = cifar(tens, ten_tests, {1, 10}, cifar10_classes(), form);
        if (!tens.empty()) warn_of_missing(folder, tens, "data_batch_", ".bin", 5);
        std::vector<fs::path> all = tens;
        all.insert(all.end(), ten_tests.begin(), ten_tests.end());
        warn_of_counts(all, {1, 10}, 10'000);
        return source;
    }
    const std::vector<fs::path> hundreds = files_like(folder, "train.bin", "");
    const std::vector<fs::path> hundred_tests = files_like(folder, "test.bin", "");
    if (!hundreds.empty() || !hundred_tests.empty()) {
        PictureSource source = cifar(hundreds, hundred_tests, {2, 100}, cifar100_classes(), form);
        warn_of_counts(hundreds, {2, 100}, 50'000);
        warn_of_counts(hundred_tests, {2, 100}, 10'000);
        return source;
    }
    return std::nullopt;
}

} // namespace ebm::data
