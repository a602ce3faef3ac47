#include "core/lab/sample_files.h"

#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/data/outliers.h"
#include "core/data/reader.h"
#include "core/store/image.h"
#include "core/store/input.h"
#include "core/store/npy.h"
#include "core/store/table.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr int largest_side = 16384;
constexpr int grid_room = 900, most_enlarged = 8;
constexpr std::uint8_t grid_grey = 128;
constexpr int scatter_side = 900;

/// Pixels of `cells` pictures of `size` pixels, enlarged by `factor`, with one pixel around each.
int grid_side(int cells, int size, int factor) {
    return cells * (size * factor + 1) + 1;
}

/// Whether one picture has the size of a grid of samples of this kind, or of a scatter plot.
bool looks_written_by_us(const data::Records& records, const SampleKind& kind) {
    if (!records.pictures() || records.count() != 1) return false;
    const std::int64_t height = records.values.size(2), width = records.values.size(3);
    if (kind.plane) return height == scatter_side && width == scatter_side;
    if (height == kind.height && width == kind.width) return false;
    const torch::Tensor& pixels = records.values;
    if (!pixels.slice(2, 0, 1).eq(grid_grey).all().item<bool>() ||
        !pixels.slice(3, 0, 1).eq(grid_grey).all().item<bool>())
        return false;
    for (int factor = 1; factor <= most_enlarged; ++factor)
        if ((width - 1) % (kind.width * factor + 1) == 0 && (height - 1) % (kind.height * factor + 1) == 0)
            return true;
    return false;
}

std::uint8_t pixel(float value) {
    return static_cast<std::uint8_t>(std::clamp(std::lround((value + 1) * 127.5f), 0l, 255l));
}

/// Columns of a nearly square grid, or of one with a class in each column if chains were asked for classes in
/// turn.
int grid_columns(const Samples& samples) {
    const auto& labels = samples.labels;
    const int classes = labels.empty() ? 0 : *std::ranges::max_element(labels) + 1;
    bool in_turn = classes > 1;
    for (std::size_t i = 0; in_turn && i < labels.size(); ++i)
        in_turn = labels[i] == static_cast<int>(i) % classes;
    return in_turn ? classes : static_cast<int>(std::ceil(std::sqrt(static_cast<double>(samples.count))));
}

/// Pictures in a grid with one pixel of grey between them, whole factors larger if they are small.
store::Image picture_grid(const Samples& samples, const std::string& path) {
    const SampleKind& kind = samples.kind;
    const int columns = grid_columns(samples);
    const int rows = static_cast<int>((samples.count + columns - 1) / columns);
    if (grid_side(columns, kind.width, 1) > largest_side || grid_side(rows, kind.height, 1) > largest_side)
        throw Error(fmt::format("{} pictures do not fit one image", samples.count), path,
                    "Write fewer samples, or write them to .npy.");
    const int factor =
        std::clamp(grid_room / std::max(grid_side(columns, kind.width, 1), grid_side(rows, kind.height, 1)),
                   1, most_enlarged);
    store::Image image{grid_side(columns, kind.width, factor),
                       grid_side(rows, kind.height, factor),
                       kind.channels == 1 ? 1 : 3,
                       {}};
    image.pixels.assign(static_cast<std::size_t>(image.width) * image.height * image.channels, grid_grey);
    for (std::int64_t sample = 0; sample < samples.count; ++sample) {
        const int left = static_cast<int>(sample % columns) * (kind.width * factor + 1) + 1;
        const int top = static_cast<int>(sample / columns) * (kind.height * factor + 1) + 1;
        for (int y = 0; y < kind.height * factor; ++y)
            for (int x = 0; x < kind.width * factor; ++x)
                for (int channel = 0; channel < image.channels; ++channel) {
                    const std::int64_t plane = sample * kind.channels + std::min(channel, kind.channels - 1);
                    const std::int64_t from = (plane * kind.height + y / factor) * kind.width + x / factor;
                    const std::size_t to =
                        (static_cast<std::size_t>(top + y) * image.width + left + x) * image.channels +
                        channel;
                    image.pixels[to] = pixel(samples.values[static_cast<std::size_t>(from)]);
                }
    }
    return image;
}

/// Black dots of 3 × 3 pixels on white, y upwards; dots that lie on each other get darker.
store::Image scatter_plot(const Samples& samples, double half_width) {
    constexpr int side = scatter_side;
    const int ink = std::clamp(static_cast<int>(400'000 / std::max<std::int64_t>(1, samples.count)), 24, 200);
    store::Image image{side, side, 1, std::vector<std::uint8_t>(side * side, 255)};
    for (std::int64_t sample = 0; sample < samples.count; ++sample) {
        const double x = samples.values[static_cast<std::size_t>(2 * sample)];
        const double y = samples.values[static_cast<std::size_t>(2 * sample + 1)];
        if (std::abs(x) > half_width || std::abs(y) > half_width) continue;
        const int column = static_cast<int>((x / half_width + 1) / 2 * side);
        const int row = static_cast<int>((1 - y / half_width) / 2 * side);
        for (int v = std::max(0, row - 1); v <= std::min(side - 1, row + 1); ++v)
            for (int u = std::max(0, column - 1); u <= std::min(side - 1, column + 1); ++u) {
                std::uint8_t& dot = image.pixels[static_cast<std::size_t>(v * side + u)];
                dot = static_cast<std::uint8_t>(std::max(0, dot - ink));
            }
    }
    return image;
}

std::vector<std::string> column_names(const SampleKind& kind, const data::Coding& coding) {
    if (kind.plane) return coding.names();
    std::vector<std::string> names;
    for (int element = 0; element < kind.elements(); ++element)
        names.push_back(fmt::format("pixel_{}", element));
    return names;
}

/// A number of a file with the digits that the model's coordinate has: the last is below half a step of a
/// float near 1.
std::string decoded_text(const data::Coding& coding, std::size_t column, float x) {
    const double value = coding.to_file(column, x);
    if (!std::isfinite(value)) return fmt::format("{}", value);
    const int decimals =
        std::clamp(static_cast<int>(std::ceil(8 - std::log10(coding.columns[column].sd))), 0, 300);
    std::string text = fmt::format("{:.{}f}", value, decimals);
    if (text.find('.') != std::string::npos) text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

/// Points in the numbers of their file, with the numbers of their classes if they have any.
void write_decoded_points(const std::string& path, const Samples& samples, const data::Coding& coding,
                          bool csv) {
    const std::size_t columns = coding.columns.size();
    if (!csv) {
        std::vector<double> values(samples.values.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = coding.to_file(i % columns, samples.values[i]);
        return files::write_atomically(path, store::format_npy({samples.count, 2}, values));
    }
    std::vector<std::string> names = coding.names();
    if (!samples.labels.empty()) names.push_back("class");
    std::string text = store::format_table(names, {});
    for (std::size_t i = 0; i < samples.values.size(); ++i) {
        text += decoded_text(coding, i % columns, samples.values[i]);
        if ((i + 1) % columns != 0)
            text += ',';
        else
            text += samples.labels.empty() ? "\n" : fmt::format(",{}\n", samples.labels[i / columns]);
    }
    files::write_atomically(path, text);
}

/// Pixels as numbers: those of the training file unless it had bytes, which hold no fractions.
std::vector<float> decoded_pixels(const Samples& samples, const data::Coding& coding) {
    std::vector<float> values = samples.values;
    if ((coding.low == 0 && coding.high == 255) || coding.identity()) return values;
    for (float& value : values)
        value = static_cast<float>(coding.low + (value + 1.0) / 2 * (coding.high - coding.low));
    return values;
}

} // namespace

/// In lower case; a stream is a table.
static std::string ending_of(const std::string& path) {
    if (files::is_stream(path)) return ".csv";
    std::string ending = std::filesystem::path(path).extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return ending;
}

void require_writable_kind(const std::string& path) {
    const std::string extension = ending_of(path);
    if (extension != ".png" && extension != ".csv" && extension != ".npy")
        throw Error("Samples are not written to this kind of file", path, "Use .png, .csv or .npy.");
}

void write_samples(const std::string& path, const Samples& samples, const data::Coding& coding,
                   double half_width) {
    require_writable_kind(path);
    const std::string extension = ending_of(path);
    const SampleKind& kind = samples.kind;
    if (extension == ".png")
        return store::write_png(path,
                                kind.plane ? scatter_plot(samples, half_width) : picture_grid(samples, path));
    const bool csv = extension == ".csv";
    if (kind.plane && (!coding.identity() || (csv && !samples.labels.empty())))
        return write_decoded_points(path, samples, coding, csv);
    const std::vector<float> values = kind.plane ? samples.values : decoded_pixels(samples, coding);
    if (csv) return store::write_table(path, column_names(kind, coding), values);
    store::write_npy(path, {kind.shape(samples.count), values});
}

namespace {

/// The columns that the model learned, where the table at `path` has all of them by name beside others, which
/// may hold anything; else empty.
std::vector<std::string> learned_columns(const std::string& path, const data::Coding& coding) {
    if (files::is_stream(path)) return {};
    const data::FileDescription file = data::describe(path);
    const std::vector<std::string> names = coding.names();
    const bool all = file.named && file.columns.size() > names.size() &&
                     std::ranges::all_of(names, [&](const std::string& name) {
                         return std::ranges::count(file.columns, name) == 1;
                     });
    return all ? names : std::vector<std::string>();
}

/// Numbers in a record of the array of a large .npy; nothing for anything else.
std::optional<std::int64_t> numbers_a_record(const std::string& path) {
    constexpr std::uint64_t large = 64 << 20; // bytes
    std::error_code ignored;
    const std::string file = store::expanded_path(path);
    if (files::is_stream(path) || !std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
    store::Input input(path);
    if (input.remaining().value_or(0) < large || !files::as_text(input.peek(6)).starts_with(store::npy_magic))
        return std::nullopt;
    std::int64_t numbers = 1;
    const std::vector<std::int64_t> shape = store::read_npy_header(input).shape;
    for (std::size_t i = 1; i < shape.size(); ++i)
        if (__builtin_mul_overflow(numbers, shape[i], &numbers)) return std::nullopt;
    return numbers;
}

/// Throws Error, before gigabytes are read, if the records of a large array cannot be samples of this kind
/// whatever their layout.
void refuse_large_misfit(const std::string& path, const SampleKind& kind) {
    const std::optional<std::int64_t> numbers = numbers_a_record(path);
    if (!numbers || *numbers == kind.elements()) return;
    const std::int64_t pixels = kind.plane ? 0 : kind.elements() / kind.channels;
    if (!kind.plane && (*numbers == pixels || *numbers == 3 * pixels || *numbers == 4 * pixels)) return;
    throw Error(fmt::format("The array has {} a record, the model takes {}", counted(*numbers, "number"),
                            kind.elements()),
                path,
                kind.plane ? "Choose columns with --columns, or give a file with those of the model."
                           : "Give samples of the model's shape.");
}

} // namespace

Samples read_samples(const std::string& path, const SampleKind& kind, const data::Coding& coding,
                     const std::string& columns) {
    std::vector<std::string> notes;
    torch::Tensor x;
    {
        std::vector<std::string> chosen = data::split_columns(columns);
        if (chosen.empty() && kind.plane) chosen = learned_columns(path, coding);
        if (chosen.empty()) refuse_large_misfit(path, kind);
        const data::Records records = data::read_records(path, chosen);
        if (looks_written_by_us(records, kind))
            throw Error(
                "This is a picture of samples, as `ebmlab sample --out FILE.png` makes it, not samples", path,
                "Write the samples to .npy or .csv, and give that file.");
        x = data::encoded(records, coding, kind.shape(), notes);
        if (const std::string note = kind.plane ? data::distance_note(x, coding) : ""; !note.empty())
            notes.push_back(fmt::format("{}: {}", path, note));
    }
    for (const std::string& note : notes)
        log::warning("{}", note);
    const float* first = x.const_data_ptr<float>();
    return {x.size(0), kind, {first, first + x.numel()}};
}

} // namespace ebm::lab
