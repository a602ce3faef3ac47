#include "core/data/idx.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ebm::data {
namespace {

constexpr std::uint64_t largest_content = 2'000'000'000;

const char* type_name(unsigned type) {
    switch (type) {
    case 0x08:
        return "unsigned bytes";
    case 0x09:
        return "signed bytes";
    case 0x0B:
        return "16-bit integers";
    case 0x0C:
        return "32-bit integers";
    case 0x0D:
        return "32-bit floating-point numbers";
    case 0x0E:
        return "64-bit floating-point numbers";
    default:
        return nullptr;
    }
}

} // namespace

IdxArray parse_idx(std::span<const std::byte> content, const std::string& source) {
    if (files::is_gzip(content)) {
        const files::Bytes unpacked = files::gunzip(content, largest_content, source);
        if (files::is_gzip(unpacked)) throw Error("The file is packed twice", source, "Unpack it once.");
        return parse_idx(unpacked, source);
    }
    if (content.empty()) throw Error("The file is empty", source, "Copy or download it again.");
    const auto byte = [&](size_t i) { return std::to_integer<unsigned>(content[i]); };
    if (content.size() < 4 || byte(0) != 0 || byte(1) != 0 || !type_name(byte(2)))
        throw Error("The file is not in the IDX format", source,
                    "Give a file like train-images-idx3-ubyte, gzip or not.");
    if (byte(2) != 0x08)
        throw Error(
            fmt::format("The IDX file holds {}, but only unsigned bytes are supported", type_name(byte(2))),
            source, "Convert the values to unsigned bytes.");
    const size_t dimensions = byte(3);
    if (dimensions < 1 || dimensions > 4)
        throw Error(fmt::format("The IDX file has {} dimensions, but 1 to 4 are supported", dimensions),
                    source, "Give labels (1 dimension) or images (3 or 4 dimensions).");
    const size_t header = 4 + 4 * dimensions;
    if (content.size() < header)
        throw Error("The IDX file ends within its header", source, "Copy or download it again.");

    IdxArray array;
    std::uint64_t size = 1;
    for (size_t d = 0; d < dimensions; ++d) {
        std::uint64_t extent = 0;
        for (size_t i = 0; i < 4; ++i)
            extent = extent << 8 | byte(4 + 4 * d + i);
        array.shape.push_back(static_cast<std::int64_t>(extent));
        // Each factor is below 2^32 and the product so far at most 2e9, so this cannot overflow.
        size *= extent;
        if (size > largest_content) break;
    }
    if (size != content.size() - header || array.shape.size() != dimensions)
        throw Error(fmt::format("The IDX header promises {} values, but the file holds {}",
                                fmt::join(array.shape, " × "), content.size() - header),
                    source, "The file is cut off or damaged. Copy or download it again.");
    const auto* first = reinterpret_cast<const std::uint8_t*>(content.data());
    array.values.assign(first + header, first + content.size());
    return array;
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

} // namespace ebm::data
