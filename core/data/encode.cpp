#include "core/data/reader.h"

#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/store/elements.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>

namespace ebm::data {
namespace {

struct Range {
    double low, high;
};

std::string in_words(const std::vector<std::int64_t>& shape) {
    return shape.size() == 1 ? counted(shape[0], "number")
                             : fmt::format("{} × {} pixels{}", shape[1], shape[2],
                                           shape[0] == 1 ? "" : fmt::format(" in {} channels", shape[0]));
}

/// Calls `use(pointer)` with the numbers of a contiguous tensor.
template <class Use>
auto with_numbers(const torch::Tensor& values, Use&& use) {
    if (values.scalar_type() == torch::kByte) return use(values.const_data_ptr<std::uint8_t>());
    if (values.scalar_type() == torch::kFloat) return use(values.const_data_ptr<float>());
    return use(values.const_data_ptr<double>());
}

/// Smallest and largest number. Throws Error naming the record if one is not finite.
Range extremes(const Records& records) {
    const torch::Tensor values = records.values.contiguous();
    const std::int64_t row =
        std::max<std::int64_t>(1, values.numel() / std::max<std::int64_t>(1, records.count()));
    return with_numbers(values, [&](const auto* number) {
        Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
        for (std::int64_t i = 0; i < values.numel(); ++i) {
            const auto value = static_cast<double>(number[i]);
            if (!std::isfinite(value))
                throw Error(fmt::format("Record {} holds a number that is {}", i / row + 1,
                                        std::isnan(value) ? "missing (NaN)" : "not finite"),
                            records.source, "Remove the record or complete it.");
            range.low = std::min(range.low, value);
            range.high = std::max(range.high, value);
        }
        return range;
    });
}

/// What −1 and 1 of the model are in the numbers of pictures.
struct PixelRange : Range {
    std::string doubt; ///< what makes one doubt it, a sentence; else empty
};

/// Chains may leave −1 … 1 a little, and arithmetic 0 … 1 by less. Standardised pixels leave −1 … 1 by much,
/// and those from which something was taken do not reach −1: nothing else tells them from pixels of that
/// range. Pixels that stay below the middle of theirs may have another: 4 bits, per cent, 12 bits of 16.
PixelRange pixel_range(const Records& records) {
    constexpr double rounding = 1e-3, little = 1.05, much = 1.5, near = 0.9;
    constexpr std::int64_t looked_through = 200'000'000; // bytes, in a tenth of a second
    if (records.bits) return {{0, 1}, ""};
    const auto doubted = [&](Range range, const Range& found, const char* black, const char* white) {
        return PixelRange{range, fmt::format("The pixels go from {:.3g} to {:.3g}. They are taken for pixels "
                                             "from {} (black) to {} (white).",
                                             found.low, found.high, black, white)};
    };
    /// From 0, which black pictures alone do not leave.
    const auto from_0_to = [&](double high, const Range& found, const char* white) {
        return found.high > 0 && found.high < high / 2 ? doubted({0, high}, found, "0", white)
                                                       : PixelRange{{0, high}, ""};
    };
    if (records.values.scalar_type() == torch::kByte) {
        const std::int64_t count = records.values.numel();
        if (count == 0 || count > looked_through) return {{0, 255}, ""};
        const auto [low, high] = records.values.aminmax();
        return from_0_to(255, {low.item<double>(), high.item<double>()}, "255");
    }
    const Range found = extremes(records);
    const bool whole = records.whole;
    if (found.low >= -rounding && found.high <= 1 + rounding) return from_0_to(1, found, "1");
    if (whole && found.low == -1 && found.high <= 1) return {{-1, 1}, ""};
    if (!whole && found.low < -rounding && found.low >= -much && found.high <= much) {
        if (found.low > -near || found.high <= 0 || std::max(-found.low, found.high) > little)
            return doubted({-1, 1}, found, "−1", "1");
        return {{-1, 1}, ""};
    }
    if (found.low >= -rounding && found.high > (whole ? 1 : 4) && found.high <= 255.5)
        return from_0_to(255, found, "255");
    if (whole && found.low >= 0 && found.high > 255 && found.high <= 65535)
        return from_0_to(65535, found, "65535");
    const std::string from_to = fmt::format("pixels go from {:.3g} to {:.3g}", found.low, found.high);
    throw Error(fmt::format("The {}, which is no range of pictures", from_to), records.source,
                found.low < 0 && found.low > -20 && found.high < 20
                    ? "Were they standardised? Give them as they were before: bytes, or numbers from 0 to 1, "
                      "from −1 to 1 or from 0 to 255."
                    : "Give bytes, or numbers from 0 to 1, from −1 to 1 or from 0 to 255.");
}

/// Whether red, green and blue are the same everywhere. A set may be larger than memory.
bool same_channels(const torch::Tensor& pictures) {
    constexpr std::int64_t part = 1000;
    for (std::int64_t first = 0; first < pictures.size(0); first += part) {
        const torch::Tensor some = pictures.slice(0, first, first + part);
        const torch::Tensor red = some.slice(1, 0, 1);
        if (!red.equal(some.slice(1, 1, 2)) || !red.equal(some.slice(1, 2, 3))) return false;
    }
    return true;
}

/// Pictures [n, C, H, W] with as many channels as `channels`.
torch::Tensor with_channels(const torch::Tensor& pictures, std::int64_t channels, const std::string& source) {
    const std::int64_t has = pictures.size(1);
    if (has == channels) return pictures;
    if (has == 1 && channels == 3) return pictures.expand({-1, 3, -1, -1});
    if (channels == 1 && has >= 3 && has <= 4) {
        if (!same_channels(pictures))
            throw Error("The pictures are in colour, the model takes grey ones", source,
                        "Convert them to grey, or choose a model for colour.");
        if (has == 3) return pictures.slice(1, 0, 1);
    }
    throw Error(fmt::format("The pictures have {}, the model takes {}", counted(has, "channel"), channels),
                source,
                channels == 1 ? "Convert them to grey." : "Convert them to colour without an alpha channel.");
}

/// The pictures of records in a model's shape, as the file has them.
torch::Tensor shaped_pictures(const Records& records, const std::vector<std::int64_t>& shape) {
    const auto wrong_shape = [&] {
        const auto sizes = records.values.sizes();
        const std::string found = records.pictures() ? in_words({sizes[1], sizes[2], sizes[3]})
                                                     : fmt::format("{} numbers a row", sizes[1]);
        return Error(fmt::format("The samples have {}, the model takes {}", found, in_words(shape)),
                     records.source, "Give samples of the model's shape.");
    };
    torch::Tensor values = records.values;
    if (!records.pictures()) {
        const std::int64_t elements = shape[0] * shape[1] * shape[2];
        if (values.size(1) == elements)
            values = values.reshape({-1, shape[0], shape[1], shape[2]});
        else if (values.size(0) == shape[1] && values.size(1) == shape[2])
            values = values.reshape({1, 1, shape[1], shape[2]}); // one grey picture
        else
            throw wrong_shape();
    }
    if (values.size(2) != shape[1] || values.size(3) != shape[2]) throw wrong_shape();
    return with_channels(values, shape[0], records.source);
}

torch::Tensor encoded_pictures(const Records& records, const Coding& coding,
                               const std::vector<std::int64_t>& shape, std::vector<std::string>& notes) {
    const torch::Tensor values = shaped_pictures(records, shape);
    const PixelRange range = pixel_range(records);
    if (!range.doubt.empty()) notes.push_back(fmt::format("{}: {}", records.source, range.doubt));
    if (range.low == 0 && coding.low == -1)
        throw Error(
            fmt::format("The model has learned pixels from −1 to 1, and those of the file go from 0 to {:g}",
                        range.high),
            records.source, "Bring them to −1 … 1 first: it cannot be told whether 0 is black or grey.");
    const bool usual = range.low == coding.low && range.high == coding.high;
    if (!usual && records.values.scalar_type() != torch::kByte && !(range.low == -1 && coding.high == 255))
        notes.push_back(fmt::format(
            "{}: pixels from {:g} to {:g} are taken for black to white, as the model has {:g} to {:g}.",
            records.source, range.low, range.high, coding.low, coding.high));
    const torch::Tensor source = values.contiguous();
    torch::Tensor x = store::allocate(source.sizes().vec(), torch::kFloat, records.source);
    auto* to = x.data_ptr<float>();
    with_numbers(source, [&](const auto* number) {
        if (range.low == -1 && range.high == 1) {
            std::transform(number, number + x.numel(), to, [](auto v) { return static_cast<float>(v); });
            return 0;
        }
        const auto half = static_cast<float>((range.high - range.low) / 2);
        std::transform(number, number + x.numel(), to,
                       [&](auto v) { return static_cast<float>(v) / half - 1; });
        return 0;
    });
    return x;
}

/// Which columns of the records are those of the coding: by name if all are there, else in their order.
std::vector<std::int64_t> columns_for(const Records& records, const Coding& coding,
                                      std::vector<std::string>& notes) {
    const std::size_t wanted = coding.columns.size();
    std::vector<std::int64_t> columns;
    for (const Coding::Column& column : coding.columns) {
        const auto found = std::ranges::find(records.names, column.name);
        if (found != records.names.end() && std::count(found, records.names.end(), column.name) == 1)
            columns.push_back(found - records.names.begin());
    }
    if (columns.size() == wanted && records.chosen && records.names.size() == wanted &&
        records.names != coding.names())
        throw Error(fmt::format("The columns that were chosen are {}, those of the model are {}: the same in "
                                "another order",
                                fmt::join(records.names, ", "), fmt::join(coding.names(), ", ")),
                    records.source, "Choose them in the order of the model.");
    if (columns.size() == wanted) return columns;
    if (records.values.size(1) != static_cast<std::int64_t>(wanted)) {
        const std::string there =
            records.names.empty() ? "" : fmt::format(" ({})", fmt::join(records.names, ", "));
        throw Error(fmt::format("The samples have {} a row{}, the model takes {} a row ({})",
                                counted(records.values.size(1), "number"), there, counted(wanted, "number"),
                                fmt::join(coding.names(), ", ")),
                    records.source, "Choose columns with --columns, or give a file with those of the model.");
    }
    if (!records.names.empty() && coding.names() != std::vector<std::string>{"x", "y"})
        notes.push_back(
            fmt::format("{}: the columns are {}, the model's are {}; they are taken in this order.",
                        records.source, fmt::join(records.names, ", "), fmt::join(coding.names(), ", ")));
    columns.clear();
    for (std::size_t i = 0; i < wanted; ++i)
        columns.push_back(static_cast<std::int64_t>(i));
    return columns;
}

torch::Tensor encoded_rows(const Records& records, const Coding& coding, std::vector<std::string>& notes) {
    if (records.pictures())
        throw Error(
            fmt::format("The file holds pictures of {}, the model takes points: two numbers a row",
                        in_words({records.values.size(1), records.values.size(2), records.values.size(3)})),
            records.source, "Give a table of two columns.");
    const std::vector<std::int64_t> columns = columns_for(records, coding, notes);
    const torch::Tensor values = records.values.contiguous();
    const std::int64_t width = values.size(1);
    const auto wanted = static_cast<std::int64_t>(columns.size());
    torch::Tensor x = store::allocate({values.size(0), wanted}, torch::kFloat, records.source);
    auto* to = x.data_ptr<float>();
    with_numbers(values, [&](const auto* number) {
        for (std::int64_t i = 0; i < x.numel(); ++i) {
            const auto column = static_cast<std::size_t>(i % wanted);
            const auto value = static_cast<double>(number[i / wanted * width + columns[column]]);
            to[i] = static_cast<float>(coding.to_model(column, value));
            if (!std::isfinite(to[i]))
                throw Error(fmt::format("Record {}: {} is {}", i / wanted + 1, coding.columns[column].name,
                                        std::isnan(value)      ? "missing (NaN)"
                                        : std::isfinite(value) ? "too large a number"
                                                               : "not finite"),
                            records.source, "Remove the record or complete it.");
        }
        return 0;
    });
    return x;
}

} // namespace

torch::Tensor encoded(const Records& records, const Coding& coding, const std::vector<std::int64_t>& shape,
                      std::vector<std::string>& notes) {
    if (!records.note.empty()) notes.push_back(fmt::format("{}: {}", records.source, records.note));
    return shape.size() == 1 ? encoded_rows(records, coding, notes)
                             : encoded_pictures(records, coding, shape, notes);
}

torch::Tensor encoded_in_bytes(const Records& records, const Coding& coding,
                               const std::vector<std::int64_t>& shape, std::vector<std::string>& notes) {
    const bool bytes = records.values.scalar_type() == torch::kByte && !records.bits && shape.size() == 3 &&
                       coding.columns.empty() && coding.low == 0 && coding.high == 255;
    if (!bytes) return encoded(records, coding, shape, notes);
    if (!records.note.empty()) notes.push_back(fmt::format("{}: {}", records.source, records.note));
    return shaped_pictures(records, shape).contiguous();
}

bool is_grey(const torch::Tensor& pictures) {
    return pictures.dim() == 4 && pictures.size(1) == 3 && same_channels(pictures);
}

bool is_grey(const Records& records) {
    return is_grey(records.values);
}

Coding standardising(const Records& records) {
    if (records.pictures())
        throw Error("The file holds pictures, not points", records.source,
                    "Set data.set to pictures, and take a model for pictures.");
    const std::int64_t columns = records.values.size(1);
    if (columns != 2)
        throw Error(
            fmt::format("The file has {} where points of the plane need two{}",
                        columns == 1 ? std::string("only one column") : fmt::format("{} columns", columns),
                        records.names.empty() || columns > 20
                            ? ""
                            : fmt::format(": {}", fmt::join(records.names, ", "))),
            records.source,
            columns == 1 ? "Give a file with two columns of numbers."
                         : "Choose two with --columns A,B or the setting data.columns, by name or number.");
    if (records.count() < 2)
        throw Error("The file has too few points", records.source,
                    "Give a file with one point a line: two numbers separated by a comma.");
    Coding coding = plane_coding();
    const torch::Tensor values = records.values.contiguous();
    const std::int64_t count = values.size(0);
    for (std::int64_t axis = 0; axis < 2; ++axis) {
        Coding::Column& column = coding.columns[static_cast<std::size_t>(axis)];
        if (records.names.size() == 2 && !records.names[static_cast<std::size_t>(axis)].empty())
            column.name = records.names[static_cast<std::size_t>(axis)];
        with_numbers(values, [&](const auto* number) {
            const auto at = [&](std::int64_t row) { return static_cast<double>(number[2 * row + axis]); };
            double sum = 0, squares = 0, largest = 0;
            for (std::int64_t row = 0; row < count; ++row) {
                if (!std::isfinite(at(row)) || std::abs(at(row)) > 1e100)
                    throw Error(fmt::format("Record {}: {} is {}", row + 1, column.name,
                                            std::isnan(at(row)) ? "missing (NaN)"
                                                                : "not a finite number of plausible size"),
                                records.source, "Remove the record or complete it.");
                sum += at(row);
            }
            column.mean = sum / static_cast<double>(count);
            for (std::int64_t row = 0; row < count; ++row) {
                squares += (at(row) - column.mean) * (at(row) - column.mean);
                largest = std::max(largest, std::abs(at(row)));
            }
            column.sd = std::sqrt(squares / static_cast<double>(count));
            if (!(column.sd > 1e-12 * largest))
                throw Error(fmt::format("All values of the column {} are the same", column.name),
                            records.source, "Give points that spread in both directions.");
            return 0;
        });
    }
    return coding;
}

std::string pixel_doubt(const Records& records) {
    return pixel_range(records).doubt;
}

Coding pixel_coding(const Records& records) {
    if (!records.pictures())
        throw Error(fmt::format("The file holds rows of {} numbers, not pictures", records.values.size(1)),
                    records.source, "Give pictures as [count, height, width], or set data.set to points.");
    const PixelRange range = pixel_range(records);
    Coding coding;
    coding.low = range.low;
    coding.high = range.high;
    return coding;
}

} // namespace ebm::data
