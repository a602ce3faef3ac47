#include "core/data/idx.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/data/formats.h"
#include "core/data/labels.h"
#include "core/store/input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

namespace ebm::data {
namespace {

constexpr std::uint64_t most_values = 100'000'000'000;

std::optional<store::ElementType> element_type(unsigned type) {
    using Kind = store::ElementType::Kind;
    switch (type) {
    case 0x08:
        return store::ElementType{Kind::natural, 1};
    case 0x09:
        return store::ElementType{Kind::integer, 1};
    case 0x0B:
        return store::ElementType{Kind::integer, 2, true};
    case 0x0C:
        return store::ElementType{Kind::integer, 4, true};
    case 0x0D:
        return store::ElementType{Kind::real, 4, true};
    case 0x0E:
        return store::ElementType{Kind::real, 8, true};
    default:
        return std::nullopt;
    }
}

unsigned byte_at(std::span<const std::byte> content, size_t i) {
    return std::to_integer<unsigned>(content[i]);
}

} // namespace

bool is_idx(std::span<const std::byte> start) {
    return start.size() >= 4 && byte_at(start, 0) == 0 && byte_at(start, 1) == 0 &&
           element_type(byte_at(start, 2)) && byte_at(start, 3) >= 1 && byte_at(start, 3) <= 4;
}

IdxHeader read_idx_header(store::Input& input) {
    const std::span<const std::byte> start = input.peek(20);
    if (start.empty()) throw Error("The file is empty", input.name(), "Copy or download it again.");
    const auto byte = [&](size_t i) { return byte_at(start, i); };
    if (start.size() < 4 || byte(0) != 0 || byte(1) != 0 || !element_type(byte(2)))
        throw Error("The file is not in the IDX format", input.name(),
                    "Give a file like train-images-idx3-ubyte, gzip or not.");
    const size_t dimensions = byte(3);
    if (dimensions < 1 || dimensions > 4)
        throw Error(fmt::format("The IDX file has {} dimensions, but 1 to 4 are supported", dimensions),
                    input.name(), "Give labels (1 dimension) or images (3 or 4 dimensions).");
    const size_t length = 4 + 4 * dimensions;
    if (start.size() < length)
        throw Error("The IDX file ends within its header", input.name(), "Copy or download it again.");
    IdxHeader header{*element_type(byte(2)), {}};
    std::uint64_t size = 1;
    bool plausible = true;
    for (size_t d = 0; d < dimensions; ++d) {
        std::uint64_t extent = 0;
        for (size_t i = 0; i < 4; ++i)
            extent = extent << 8 | byte(4 + 4 * d + i);
        header.shape.push_back(static_cast<std::int64_t>(extent));
        plausible = plausible && !__builtin_mul_overflow(size, extent, &size);
    }
    const std::uint64_t bytes = size * static_cast<std::uint64_t>(header.type.size);
    input.skip(length);
    const std::optional<std::uint64_t> left = input.remaining();
    if (!plausible || size > most_values || bytes > input.most_remaining() || (left && *left != bytes))
        throw Error(fmt::format("The IDX header promises {} values{}", fmt::join(header.shape, " × "),
                                left ? fmt::format(", but the file holds {}",
                                                   *left / static_cast<std::uint64_t>(header.type.size))
                                     : std::string(", more than the file can hold")),
                    input.name(), "The file is cut off or damaged. Copy or download it again.");
    return header;
}

torch::Tensor read_idx(store::Input& input) {
    const IdxHeader header = read_idx_header(input);
    torch::Tensor values = store::read_elements(input, header.type, header.shape);
    if (!input.at_end())
        throw Error(fmt::format("The IDX header promises {} values, but the file holds more",
                                fmt::join(header.shape, " × ")),
                    input.name(), "The file is damaged. Copy or download it again.");
    return values;
}

torch::Tensor parse_idx(std::span<const std::byte> content, const std::string& source) {
    store::Input input(content, source);
    return read_idx(input);
}

std::vector<std::byte> format_idx(const IdxArray& array) {
    std::vector<std::byte> content = {std::byte{0}, std::byte{0}, std::byte{0x08},
                                      static_cast<std::byte>(array.shape.size())};
    for (const std::int64_t extent : array.shape)
        for (int shift = 24; shift >= 0; shift -= 8)
            content.push_back(static_cast<std::byte>(extent >> shift & 255));
    const auto values = std::as_bytes(std::span(array.values));
    content.insert(content.end(), values.begin(), values.end());
    return content;
}

namespace {

Records read_idx_records(const FileRequest& request) {
    const std::string& source = request.input.name();
    const IdxHeader header = read_idx_header(request.input);
    if (header.shape.size() == 1)
        throw Error("The IDX file has 1 dimension: labels, not samples", source,
                    "Give the file of images, not the one of labels.");
    const torch::Tensor values = store::read_elements(request.input, header.type, header.shape);
    if (!request.input.at_end())
        throw Error("The IDX file is longer than its header says", source,
                    "The file is damaged. Copy or download it again.");
    Records records = array_records(values, header.type, {}, source);
    if (request.beside.empty()) return records;
    store::Input labels(request.beside.string());
    set_labels(records, read_idx(labels), request.beside.string());
    return records;
}

void describe_idx(const FileRequest& request, FileDescription& description) {
    const IdxHeader header = read_idx_header(request.input);
    if (header.shape.size() == 1)
        description.words = "labels (IDX with 1 dimension), not samples";
    else
        describe_array(description, header.shape);
}

} // namespace

extern const Format idx_format;
const Format idx_format = {"an IDX file", "IDX", false, false, is_idx, read_idx_records, describe_idx};

} // namespace ebm::data
