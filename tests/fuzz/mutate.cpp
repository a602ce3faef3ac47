#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <zlib.h>

namespace ebm::fuzz {
namespace {

/// Numbers at which size arithmetic goes wrong.
constexpr std::uint64_t extremes[] = {0,          1,          127,        128,         255,
                                      256,        32767,      65535,      65536,       0x7FFFFFFF,
                                      0x80000000, 0xFFFFFFFF, 1ull << 32, 1ull << 62,  ~0ull >> 1,
                                      ~0ull,      100000000,  100000001,  0x101010101, 16384};

/// Pieces of text that mean something to one of the readers.
constexpr const char* tokens[] = {"-1",     "99999999999999999999",
                                  "1e999",  "nan",
                                  "\"",     "{",
                                  "}",      "[",
                                  "]",      "(",
                                  ")",      ",",
                                  ";",      ":",
                                  "'",      "\n",
                                  "F32",    "__metadata__",
                                  "shape",  "null",
                                  "4e9",    "True",
                                  "\\u0000"};

void mutate_once(Bytes& bytes, std::span<const std::byte> other, Choices& choices) {
    const std::size_t at = choices.below(bytes.size() + 1);
    const auto position = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (choices.below(8)) {
    case 0: // flip a bit
        if (at < bytes.size()) bytes[at] ^= static_cast<std::byte>(1u << choices.below(8));
        break;
    case 1: // change a byte
        if (at < bytes.size()) bytes[at] = static_cast<std::byte>(choices.below(256));
        break;
    case 2: { // an extreme number, 1 to 8 bytes, either order
        const std::uint64_t number = extremes[choices.below(std::size(extremes))];
        const std::size_t size = std::size_t(1) << choices.below(4);
        const bool big_endian = choices.below(2) == 0;
        for (std::size_t i = 0; i < size && at + i < bytes.size(); ++i)
            bytes[at + i] = static_cast<std::byte>(number >> (8 * (big_endian ? size - 1 - i : i)) & 255);
        break;
    }
    case 3: // cut off the end
        bytes.resize(at);
        break;
    case 4: // cut out
        bytes.erase(position, position + static_cast<std::ptrdiff_t>(choices.below(bytes.size() - at + 1)));
        break;
    case 5: { // repeat a piece
        const Bytes piece(position, position + static_cast<std::ptrdiff_t>(choices.below(
                                                   std::min<std::size_t>(bytes.size() - at, 64) + 1)));
        for (std::size_t copies = 1 + choices.below(4); copies > 0; --copies)
            bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
        break;
    }
    case 6: { // insert a token
        for (const char* c = tokens[choices.below(std::size(tokens))]; *c; ++c)
            bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::byte>(*c));
        break;
    }
    default: { // a piece of another file
        const std::size_t first = choices.below(other.size());
        const auto piece = other.subspan(first, choices.below(other.size() - first + 1));
        bytes.insert(position, piece.begin(), piece.end());
        break;
    }
    }
}

} // namespace

Bytes mutated(std::span<const std::byte> input, std::span<const std::byte> other, Choices& choices) {
    Bytes bytes(input.begin(), input.end());
    for (std::size_t count = 1 + choices.below(4); count > 0; --count)
        mutate_once(bytes, other, choices);
    return bytes;
}

Bytes with_png_checksums(Bytes png) {
    const auto word = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value = value << 8 | std::to_integer<std::uint32_t>(png[at + i]);
        return value;
    };
    for (std::size_t at = 8; at + 12 <= png.size();) {
        const std::size_t length = word(at);
        if (length > png.size() - at - 12) break;
        const auto sum =
            crc32(0, reinterpret_cast<const Bytef*>(png.data() + at + 4), static_cast<uInt>(length + 4));
        for (std::size_t i = 0; i < 4; ++i)
            png[at + 8 + length + i] = static_cast<std::byte>(sum >> (24 - 8 * i));
        at += 12 + length;
    }
    return png;
}

} // namespace ebm::fuzz
