#include "core/data/formats.h"

#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/labels.h"
#include "core/store/archive.h"
#include "core/store/npy.h"
#include "core/store/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::data {
namespace {

Error no_columns(const std::string& source) {
    return Error("The setting data.labels names a column of classes, and these data have no columns", source,
                 "Leave data.labels empty.");
}

std::string array_list(const std::vector<std::string>& names) {
    std::vector<std::string> shown;
    for (const std::string& name : names)
        if (name.ends_with(".npy")) shown.push_back(store::clean_name(name.substr(0, name.size() - 4)));
    return fmt::format("{}", fmt::join(shown, ", "));
}

bool is_channels(std::int64_t extent) {
    return extent == 1 || extent == 3 || extent == 4;
}

/// Columns of an array without names.
torch::Tensor chosen_columns(const torch::Tensor& rows, const std::vector<std::string>& columns,
                             const std::string& source) {
    if (columns.empty() || rows.dim() != 2) return rows;
    std::vector<std::int64_t> numbers;
    for (const std::string& column : columns) {
        std::int64_t number = 0;
        const auto [end, code] = std::from_chars(column.data(), column.data() + column.size(), number);
        if (code != std::errc() || end != column.data() + column.size() || number < 1 ||
            number > rows.size(1))
            throw Error(fmt::format("The array has no column {}", store::clean_name(column)), source,
                        "It has " + counted(rows.size(1), "column") +
                            " without names; choose by number from 1.");
        if (std::ranges::find(numbers, number - 1) != numbers.end())
            throw Error(fmt::format("The column {} is chosen twice", number), source,
                        "Choose each column once.");
        numbers.push_back(number - 1);
    }
    return rows.index_select(1, torch::tensor(numbers, torch::kLong));
}

/// Names of arrays that hold the classes of the samples beside them.
constexpr std::array label_names = {"y",           "Y",       "labels",       "label",        "targets",
                                    "target",      "classes", "train_labels", "labels_train", "test_labels",
                                    "labels_test", "y_train", "y_test",       "y_val"};

bool is_label_name(const std::string& name) {
    return std::ranges::find(label_names, name) != label_names.end();
}

/// What the labels of an array of samples may be called, the likeliest first: y_test beside x_test.
std::vector<std::string> label_names_for(const std::string& array) {
    std::vector<std::string> names;
    for (const std::string part : {"train", "test", "val"})
        if (array.find(part) != std::string::npos)
            names.insert(names.end(), {"y_" + part, part + "_labels", "labels_" + part, "y" + part});
    const bool split = !names.empty();
    if (!split) names.assign({"y", "Y", "labels", "label", "targets", "target", "classes"});
    return names;
}

/// Takes the labels from an archive, if it has them.
void read_labels(Records& records, store::Archive& archive, const std::string& samples,
                 const std::string& wanted) {
    const auto& names = archive.names();
    const std::string array = samples.substr(0, samples.size() - 4);
    std::vector<std::string> candidates = label_names_for(array);
    if (!wanted.empty()) candidates = {wanted};
    for (const std::string& name : candidates) {
        const std::string file = name + ".npy";
        if (file == samples || std::ranges::find(names, file) == names.end()) continue;
        const std::unique_ptr<store::Input> input = archive.open(file);
        if (const auto texts = store::read_npy_texts(*input))
            return set_labels(records, *texts, input->name());
        if (!wanted.empty()) return set_labels(records, store::read_npy(*input), input->name());
        const auto left_out = [&](const std::string& why) {
            records.note +=
                fmt::format("{}the array {} {} and is left out.", records.note.empty() ? "" : " ", name, why);
        };
        try {
            const auto shape = store::read_npy_header(*archive.open(file)).shape;
            if (shape.size() > 2 || (shape.size() == 2 && shape[1] != 1))
                return left_out("has more than one number for each sample");
        } catch (const Error&) { // objects, dates
            return left_out("does not hold numbers");
        }
        const torch::Tensor values = store::read_npy(*input);
        // What a model for regression is to predict is called y too.
        if (!values.equal(values.floor()) || (values < 0).any().item<bool>())
            return left_out("holds numbers that are no classes");
        return set_labels(records, values, input->name());
    }
    if (wanted == array)
        throw Error(fmt::format("The array {} holds the samples and cannot hold their labels too", wanted),
                    records.source, fmt::format("There are: {}.", array_list(names)));
    if (!wanted.empty())
        throw Error(fmt::format("The file has no array {} with labels", store::clean_name(wanted)),
                    records.source, fmt::format("There are: {}.", array_list(names)));
}

/// What an archive without arrays is, by the names of the files in it.
const char* archive_in_words(const std::vector<std::string>& names) {
    const auto has = [&](std::string_view part) {
        return std::ranges::any_of(names,
                                   [&](const std::string& n) { return n.find(part) != std::string::npos; });
    };
    if (has("xl/workbook.xml")) return "an Excel workbook; save the sheet as CSV";
    if (has("word/document.xml")) return "a Word document";
    if (has("ppt/presentation.xml")) return "a PowerPoint presentation";
    if (has("content.xml") && has("mimetype")) return "an OpenDocument file; save the sheet as CSV";
    if (has("data.pkl"))
        return "a PyTorch file (a pickle, which is never loaded); save the tensor with numpy.save";
    if (has("META-INF/MANIFEST.MF")) return "a Java archive";
    return "a ZIP archive without npy files in it; unpack it first";
}

/// The array of an npz that is meant. Throws Error that names the arrays there are, or what the archive is.
std::string chosen_array(const std::vector<std::string>& names, const std::string& wanted,
                         const std::string& source) {
    std::vector<std::string> arrays;
    for (const std::string& name : names)
        if (name.ends_with(".npy")) arrays.push_back(name.substr(0, name.size() - 4));
    if (arrays.empty())
        throw Error(fmt::format("The file is {}", archive_in_words(names)), source, "Give samples.");
    const auto there = [&](const std::string& name) {
        return std::ranges::find(arrays, name) != arrays.end();
    };
    std::vector<std::string> candidates = {wanted};
    if (wanted.empty()) candidates = {"x", "X", "data", "images", "samples", "x_train", "arr_0"};
    if (wanted.empty() && arrays.size() == 1) candidates = arrays;
    for (const std::string& name : candidates)
        if (there(name)) return name + ".npy";
    if (wanted.empty()) {
        const auto others =
            std::ranges::find_if(arrays, [](const std::string& a) { return !is_label_name(a); });
        if (others != arrays.end() && std::find_if(others + 1, arrays.end(), [](const std::string& a) {
                                          return !is_label_name(a);
                                      }) == arrays.end())
            return *others + ".npy";
    }
    throw Error(wanted.empty() ? std::string("The file holds several arrays, and none is called x or data")
                               : fmt::format("The file has no array {}", store::clean_name(wanted)),
                source, fmt::format("Choose one as FILE.npz:NAME. There are: {}.", array_list(names)));
}

} // namespace

torch::Tensor as_records(const torch::Tensor& values, const std::string& source) {
    const auto shape = values.sizes();
    switch (values.dim()) {
    case 1:
        return values.reshape({shape[0], 1});
    case 2:
        return values;
    case 3:
        return values.reshape({shape[0], 1, shape[1], shape[2]});
    case 4:
        // Channels come first here; most programs for pictures put them last.
        return !is_channels(shape[1]) && is_channels(shape[3]) ? values.permute({0, 3, 1, 2}).contiguous()
                                                               : values;
    default:
        throw Error(fmt::format("The array has {} dimensions", values.dim()), source,
                    "Give rows (2 dimensions) or pictures (3, or 4 with channels).");
    }
}

Records array_records(const torch::Tensor& values, const store::ElementType& type,
                      const std::vector<std::string>& columns, const std::string& source) {
    using Kind = store::ElementType::Kind;
    Records records;
    records.source = source;
    records.bits = type.kind == Kind::boolean;
    records.whole = type.kind == Kind::integer || type.kind == Kind::natural;
    records.values = chosen_columns(as_records(values, source), columns, source);
    return records;
}

namespace {

bool is_npy(std::span<const std::byte> start) {
    return files::as_text(start).starts_with(store::npy_magic);
}

Records read_array(const FileRequest& request) {
    const std::string& source = request.input.name();
    store::ElementType type;
    torch::Tensor values = store::read_npy(request.input, &type);
    if (request.labels.empty()) return array_records(values, type, request.columns, source);
    if (values.dim() != 2) throw no_columns(source);
    const torch::Tensor classes = chosen_columns(values, {request.labels}, source);
    std::vector<std::string> others = request.columns;
    for (std::int64_t i = 1; i <= values.size(1) && request.columns.empty(); ++i)
        if (fmt::format("{}", i) != request.labels) others.push_back(fmt::format("{}", i));
    Records records = array_records(values, type, others, source);
    set_labels(records, classes, source);
    return records;
}

void describe_npy(const FileRequest& request, FileDescription& description) {
    describe_array(description, store::read_npy_header(request.input).shape);
}

bool is_zip(std::span<const std::byte> start) {
    const std::string_view text = files::as_text(start);
    return text.starts_with("PK\3\4") || text.starts_with("PK\5\6");
}

Records read_archive(const FileRequest& request) {
    store::Archive archive(request.input);
    std::vector<std::string> left = request.columns;
    std::string array = request.array;
    const auto& names = archive.names();
    if (array.empty() && left.size() == 1 && std::ranges::find(names, left[0] + ".npy") != names.end()) {
        array = left[0];
        left.clear();
    }
    const std::string chosen = chosen_array(names, array, request.input.name());
    Records records = read_array({*archive.open(chosen), {}, left, {}, {}});
    read_labels(records, archive, chosen, request.labels);
    return records;
}

void describe_archive(const FileRequest& request, FileDescription& description) {
    store::Archive archive(request.input);
    const auto file = archive.open(chosen_array(archive.names(), request.array, request.input.name()));
    describe_array(description, store::read_npy_header(*file).shape);
}

} // namespace

extern const Format npy_format, npz_format;
const Format npy_format = {"a NumPy array (npy)", "npy", true, false, is_npy, read_array, describe_npy};
const Format npz_format = {"a ZIP archive", "npz", true, false, is_zip, read_archive, describe_archive};

} // namespace ebm::data
