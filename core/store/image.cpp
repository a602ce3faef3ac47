#include "core/store/image.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>
#include <zlib.h>

namespace ebm::store {
namespace {

constexpr std::uint64_t largest_file = 256'000'000;
constexpr int largest_side = 16384;
constexpr std::int64_t most_pixels = 64'000'000;

/// The largest single block that the decoder may ask for: what keeps a small file from unpacking to
/// gigabytes.
thread_local std::size_t largest_block = 0;

void* limited_malloc(std::size_t size) {
    return size <= largest_block ? std::malloc(size) : nullptr;
}

void* limited_realloc(void* block, std::size_t size) {
    return size <= largest_block ? std::realloc(block, size) : nullptr;
}

} // namespace
} // namespace ebm::store

// Private copies: everything in them is static.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 16384
#define STBI_MALLOC(size) ebm::store::limited_malloc(size)
#define STBI_REALLOC(block, size) ebm::store::limited_realloc(block, size)
#define STBI_FREE(block) std::free(block)
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image.h>
#include <stb_image_write.h>
#pragma GCC diagnostic pop

namespace ebm::store {
namespace {

constexpr std::string_view png_signature = "\x89PNG\r\n\x1A\n";

Error damaged(const char* what, const std::string& source) {
    return Error(fmt::format("The picture is damaged: {}", what), source, "Copy or export it again.");
}

/// Walks over the segments of a JPEG file to its end mark, which a cut file lacks; the decoder would fill
/// what is missing with grey.
void check_jpeg(std::span<const std::byte> content, const std::string& source) {
    const auto byte = [&](size_t at) { return std::to_integer<unsigned>(content[at]); };
    size_t at = 2; // behind the start mark
    while (true) {
        // Data between 0xFF marks: after a scan's header only; there 0xFF00 and restart marks belong to it.
        while (at + 1 < content.size() && (byte(at) != 0xFF || byte(at + 1) == 0x00 || byte(at + 1) == 0xFF ||
                                           (byte(at + 1) & 0xF8) == 0xD0))
            ++at;
        if (at + 1 >= content.size()) throw damaged("it ends too early", source);
        const unsigned mark = byte(at + 1);
        if (mark == 0xD9) return;
        if (content.size() - at < 4) throw damaged("it ends too early", source);
        const size_t length = byte(at + 2) << 8 | byte(at + 3);
        if (length < 2 || length > content.size() - at - 2) throw damaged("it ends too early", source);
        at += 2 + length;
    }
}

/// Walks over the chunks of a PNG file: lengths inside the file, checksums right, IHDR first, IEND last.
void check_png(std::span<const std::byte> content, const std::string& source) {
    const auto word = [&](size_t at) {
        std::uint32_t value = 0;
        for (size_t i = 0; i < 4; ++i)
            value = value << 8 | std::to_integer<std::uint32_t>(content[at + i]);
        return value;
    };
    size_t at = png_signature.size();
    std::string_view type;
    while (type != "IEND") {
        if (content.size() - at < 12) throw damaged("it ends too early", source);
        const std::uint32_t length = word(at);
        if (length > content.size() - at - 12) throw damaged("it ends too early", source);
        type = files::as_text(content.subspan(at + 4, 4));
        if ((at == png_signature.size()) != (type == "IHDR"))
            throw damaged("its parts are in disorder", source);
        const auto* covered = reinterpret_cast<const Bytef*>(content.data() + at + 4);
        if (crc32(0, covered, length + 4) != word(at + 8 + length))
            throw damaged("a checksum is wrong", source);
        at += 12 + size_t(length);
    }
}

/// Walks over the segments of a JPEG file to its end mark: the decoder fills up what is missing with grey.
void check_jpeg(std::span<const std::byte> content, const std::string& source) {
    const auto byte = [&](size_t at) {
        return at < content.size() ? std::to_integer<unsigned>(content[at]) : 0u;
    };
    size_t at = 2;
    while (at < content.size()) {
        if (byte(at) != 0xFF) {
            ++at; // compressed pixels
            continue;
        }
        const unsigned marker = byte(at + 1);
        if (marker == 0xD9) return;
        if (marker == 0xFF) {
            ++at; // filling
        } else if (marker == 0 || marker == 1 || (marker >= 0xD0 && marker <= 0xD8)) {
            at += 2;
        } else {
            at += 2 + (size_t(byte(at + 2)) << 8 | byte(at + 3));
        }
    }
    throw damaged("it ends too early", source);
}

} // namespace

Image decode_image(std::span<const std::byte> content, const std::string& source) {
    if (content.empty()) throw Error("The file is empty", source, "Copy or export it again.");
    const std::string_view text = files::as_text(content);
    const bool png = text.starts_with(png_signature), jpeg = text.starts_with("\xFF\xD8\xFF");
    if (!png && !jpeg) throw Error("The file is neither PNG nor JPEG", source, "Convert the picture to PNG.");
    if (content.size() > largest_file)
        throw Error("The picture is larger than 256 MB", source, "Reduce it to fewer pixels.");
    png ? check_png(content, source) : check_jpeg(content, source);

    const auto* data = reinterpret_cast<const stbi_uc*>(content.data());
    const int size = static_cast<int>(content.size());
    Image image;
    largest_block = 1'000'000;
    if (!stbi_info_from_memory(data, size, &image.width, &image.height, &image.channels))
        throw damaged("its header cannot be read", source);
    if (image.width < 1 || image.height < 1 || image.width > largest_side || image.height > largest_side ||
        std::int64_t(image.width) * image.height > most_pixels)
        throw Error(
            fmt::format("The picture has {} × {} pixels, more than are supported", image.width, image.height),
            source, fmt::format("Reduce it to at most {} pixels.", most_pixels));
    // Four channels of 16 bits and a filter byte a row, twice because buffers grow by doubling, and room for
    // tables.
    largest_block = 2 * (8 * size_t(image.width) + 1) * size_t(image.height) + 1'000'000;
    stbi_uc* pixels = stbi_load_from_memory(data, size, &image.width, &image.height, &image.channels, 0);
    if (!pixels) throw damaged("its pixels cannot be decoded", source);
    try {
        image.pixels.assign(pixels,
                            pixels + size_t(image.width) * size_t(image.height) * size_t(image.channels));
    } catch (...) {
        stbi_image_free(pixels);
        throw;
    }
    stbi_image_free(pixels);
    return image;
}

Image read_image(Input& input) {
    // The decoder needs the whole file; the largest picture is far smaller than the data sets that are
    // streamed.
    const std::span<const std::byte> content = input.peek(largest_file + 1);
    Image image = decode_image(content, input.name());
    input.skip(content.size());
    return image;
}

Image read_image(const std::filesystem::path& path) {
    Input input(path.string());
    return read_image(input);
}

std::vector<std::byte> encode_png(const Image& image) {
    const auto size = std::int64_t(image.width) * image.height * image.channels;
    if (image.width < 1 || image.height < 1 || image.channels < 1 || image.channels > 4 ||
        size != static_cast<std::int64_t>(image.pixels.size()) || size > 2'000'000'000)
        throw Error("A picture cannot be stored: its size does not fit its pixels",
                    fmt::format("{} × {} × {}", image.width, image.height, image.channels),
                    "This is a mistake in the program. Please report it.");
    std::vector<std::byte> content;
    const auto append = [](void* context, void* data, int count) {
        const auto* first = static_cast<const std::byte*>(data);
        static_cast<std::vector<std::byte>*>(context)->assign(first, first + count);
    };
    largest_block = std::numeric_limits<std::size_t>::max();
    if (!stbi_write_png_to_func(append, &content, image.width, image.height, image.channels,
                                image.pixels.data(), image.width * image.channels))
        throw Error("There is not enough memory to store the picture", "",
                    "Close other programs and try again.");
    return content;
}

void write_png(const std::filesystem::path& path, const Image& image) {
    files::write_atomically(path, encode_png(image));
}

} // namespace ebm::store
