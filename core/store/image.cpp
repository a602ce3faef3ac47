#include "core/store/image.h"

#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <turbojpeg.h>
#include <zlib.h>

namespace ebm::store {
namespace {

constexpr std::uint64_t largest_image_file = 256'000'000;
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

Error damaged_image(const char* what, const std::string& source) {
    return Error(fmt::format("The picture is damaged: {}", what), source, "Copy or export it again.");
}

/// Why the decoder cannot read a JPEG that is whole; nothing if the part that says so is not in `content`.
std::optional<Error> unsupported_jpeg(std::span<const std::byte> content, const std::string& source) {
    const auto byte = [&](size_t at) { return std::to_integer<unsigned>(content[at]); };
    for (size_t at = 2; at + 4 < content.size();) {
        const unsigned mark = byte(at + 1);
        if (byte(at) != 0xFF || mark == 0xFF || mark == 0x00) { // bytes that belong to no segment
            ++at;
            continue;
        }
        if (mark == 0xD9 || mark == 0xDA) break;
        // Frames, among which lie the tables of Huffman and arithmetic codes and an extension.
        if (mark >= 0xC0 && mark <= 0xCF && mark != 0xC4 && mark != 0xC8 && mark != 0xCC) {
            const unsigned bits = byte(at + 4);
            const unsigned kind = mark & 3, hierarchical = mark & 4;
            if (bits != 8 && bits <= 16)
                return Error(fmt::format("The JPEG has {} bits a channel, and those of 8 are read", bits),
                             source, "Convert it to PNG, or save it with 8 bits.");
            if (kind == 3 || hierarchical != 0)
                return Error(fmt::format("The JPEG is of the {} kind, which is not read",
                                         kind == 3 ? "lossless" : "hierarchical"),
                             source, "Convert it to PNG.");
            break;
        }
        at += 2 + (byte(at + 2) << 8 | byte(at + 3));
    }
    return std::nullopt;
}

Error no_header(std::span<const std::byte> content, const std::string& source) {
    const std::optional<Error> unsupported = unsupported_jpeg(content, source);
    return unsupported ? *unsupported : damaged_image("its header cannot be read", source);
}

/// What the decoder does not tell.
struct JpegParts {
    bool adobe = false; ///< Adobe's segment is there, with which inks are stored inverted
    /// The file without bytes that belong to no segment before its pixels: some cameras leave a few, and
    /// nothing is lost by it. Empty if there are none.
    std::vector<std::byte> tidied;
};

/// Walks over the segments of a JPEG file to its end mark, which a cut file lacks; the decoder would fill
/// what is missing with grey.
JpegParts check_jpeg(std::span<const std::byte> content, const std::string& source) {
    JpegParts parts;
    size_t kept = 0; // what of the content is in parts.tidied
    bool scanned = false;
    const auto byte = [&](size_t at) { return std::to_integer<unsigned>(content[at]); };
    size_t at = 2; // behind the start mark
    while (true) {
        const size_t begin = at;
        // Data between 0xFF marks: after a scan's header only; there 0xFF00 and restart marks belong to it.
        while (at + 1 < content.size() && (byte(at) != 0xFF || byte(at + 1) == 0x00 || byte(at + 1) == 0xFF ||
                                           (byte(at + 1) & 0xF8) == 0xD0))
            ++at;
        if (at + 1 >= content.size()) throw damaged_image("it ends too early", source);
        const unsigned mark = byte(at + 1);
        if (!scanned && at > begin) {
            parts.tidied.insert(parts.tidied.end(), content.begin() + std::ptrdiff_t(kept),
                                content.begin() + std::ptrdiff_t(begin));
            kept = at;
        }
        scanned = scanned || mark == 0xDA;
        if (mark == 0xD9) break;
        if (content.size() - at < 4) throw damaged_image("it ends too early", source);
        const size_t length = byte(at + 2) << 8 | byte(at + 3);
        if (length < 2 || length > content.size() - at - 2) throw damaged_image("it ends too early", source);
        parts.adobe =
            parts.adobe ||
            (mark == 0xEE && files::as_text(content.subspan(at + 4, length - 2)).starts_with("Adobe"));
        at += 2 + length;
    }
    if (kept > 0)
        parts.tidied.insert(parts.tidied.end(), content.begin() + std::ptrdiff_t(kept), content.end());
    return parts;
}

/// Where the colours of a PNG's palette lie in its content; nothing without a palette.
struct Palette {
    size_t at = 0, bytes = 0;
};

/// Walks over the chunks of a PNG file: lengths inside the file, checksums right, IHDR first, IEND last.
Palette check_png(std::span<const std::byte> content, const std::string& source) {
    Palette palette;
    const auto word = [&](size_t at) {
        std::uint32_t value = 0;
        for (size_t i = 0; i < 4; ++i)
            value = value << 8 | std::to_integer<std::uint32_t>(content[at + i]);
        return value;
    };
    size_t at = png_signature.size();
    std::string_view type;
    while (type != "IEND") {
        if (content.size() - at < 12) throw damaged_image("it ends too early", source);
        const std::uint32_t length = word(at);
        if (length > content.size() - at - 12) throw damaged_image("it ends too early", source);
        type = files::as_text(content.subspan(at + 4, 4));
        if ((at == png_signature.size()) != (type == "IHDR"))
            throw damaged_image("its parts are in disorder", source);
        const auto* covered = reinterpret_cast<const Bytef*>(content.data() + at + 4);
        if (crc32(0, covered, length + 4) != word(at + 8 + length))
            throw damaged_image("a checksum is wrong", source);
        if (type == "PLTE") palette = {at + 8, length};
        at += 12 + size_t(length);
    }
    return palette;
}

/// The content with a palette of 256 colours, those that are added with this value in each channel. The
/// decoder takes what lies behind a short palette from uninitialised memory.
std::vector<std::byte> with_whole_palette(std::span<const std::byte> content, const Palette& palette,
                                          unsigned char value) {
    constexpr size_t whole = 3 * 256;
    const auto begin = content.begin(), end = begin + static_cast<std::ptrdiff_t>(palette.at + palette.bytes);
    std::vector<std::byte> result(begin, end);
    result.resize(palette.at + whole, std::byte{value});
    result.insert(result.end(), end, content.end());
    for (size_t i = 0; i < 4; ++i) // the length in front of "PLTE"; the decoder reads no checksums
        result[palette.at - 8 + i] = static_cast<std::byte>(whole >> 8 * (3 - i) & 255);
    return result;
}

void check_size(const ImageHeader& header, const std::string& source) {
    if (header.width < 1 || header.height < 1) throw damaged_image("its header cannot be read", source);
    if (header.width > largest_side || header.height > largest_side ||
        std::int64_t(header.width) * header.height > most_pixels)
        throw Error(fmt::format("The picture has {} × {} pixels, more than are supported", header.width,
                                header.height),
                    source, fmt::format("Reduce it to at most {} pixels.", most_pixels));
}

struct JpegDecoder {
    tjhandle handle = tjInitDecompress();
    JpegDecoder() {
        if (!handle) throw std::bad_alloc();
    }
    JpegDecoder(const JpegDecoder&) = delete;
    ~JpegDecoder() { tjDestroy(handle); }
};

/// Of the decoder's warnings: that bytes lie between two segments, and that they do between the pixels and
/// the end mark.
constexpr std::string_view bytes_of_none = "extraneous bytes before marker",
                           leftover_at_the_end = "extraneous bytes before marker 0xd9";

const unsigned char* jpeg_bytes(std::span<const std::byte> content) {
    return reinterpret_cast<const unsigned char*>(content.data());
}

/// Nothing if the header does not end within `content` or is damaged.
std::optional<ImageHeader> jpeg_header(const JpegDecoder& decoder, std::span<const std::byte> content) {
    ImageHeader header;
    int subsampling = 0, space = 0;
    if (tjDecompressHeader3(decoder.handle, jpeg_bytes(content), content.size(), &header.width,
                            &header.height, &subsampling, &space) != 0 &&
        (tjGetErrorCode(decoder.handle) != TJERR_WARNING ||
         std::string_view(tjGetErrorStr2(decoder.handle)).find(bytes_of_none) == std::string_view::npos))
        return std::nullopt;
    header.cmyk = space == TJCS_CMYK || space == TJCS_YCCK;
    header.channels = space == TJCS_GRAY ? 1 : 3;
    return header;
}

/// Inks to light: each colour times the share of black.
std::vector<std::uint8_t> from_inks(const std::vector<std::uint8_t>& inks, bool inverted) {
    std::vector<std::uint8_t> pixels(inks.size() / 4 * 3);
    for (std::size_t i = 0; i < inks.size() / 4; ++i) {
        const auto light = [&](std::size_t c) { return inverted ? inks[4 * i + c] : 255 - inks[4 * i + c]; };
        for (std::size_t c = 0; c < 3; ++c)
            pixels[3 * i + c] = static_cast<std::uint8_t>((light(c) * light(3) + 127) / 255);
    }
    return pixels;
}

Image decode_jpeg(std::span<const std::byte> content, const std::string& source) {
    const JpegParts parts = check_jpeg(content, source);
    if (!parts.tidied.empty()) content = parts.tidied;
    const JpegDecoder decoder;
    const std::optional<ImageHeader> header = jpeg_header(decoder, content);
    if (!header) throw no_header(content, source);
    check_size(*header, source);
    Image image{header->width, header->height, header->channels, {}};
    const std::size_t area = size_t(image.width) * size_t(image.height);
    // Each block of 8 × 8 pixels takes at least one bit.
    if (area / 512 > content.size()) throw damaged_image("it is too short for its pixels", source);
    const int format = header->cmyk ? TJPF_CMYK : image.channels == 1 ? TJPF_GRAY : TJPF_RGB;
    image.pixels.resize(area * (header->cmyk ? 4 : size_t(image.channels)));
    const auto decode = [&](int flags) {
        return tjDecompress2(decoder.handle, jpeg_bytes(content), content.size(), image.pixels.data(),
                             image.width, 0, image.height, format, TJFLAG_ACCURATEDCT | flags) == 0;
    };
    // The decoder tells its last warning alone: the first is to be harmless, and none may come before it.
    if (!decode(TJFLAG_STOPONWARNING)) {
        const std::string_view what = tjGetErrorStr2(decoder.handle);
        if (tjGetErrorCode(decoder.handle) != TJERR_WARNING || !what.ends_with(leftover_at_the_end))
            throw damaged_image("its pixels cannot be decoded", source);
        image.leftover = true;
        decode(0);
    }
    if (header->cmyk) image.pixels = from_inks(image.pixels, parts.adobe);
    return image;
}

/// Nothing if the header does not end within `content` or is damaged.
std::optional<ImageHeader> png_header(std::span<const std::byte> content) {
    ImageHeader header;
    // The decoder takes a size that it does not support for damage.
    constexpr std::size_t size_at = 16;
    if (content.size() >= size_at + 8) {
        const auto side = [&](std::size_t at) {
            std::uint32_t value = 0;
            for (std::size_t i = 0; i < 4; ++i)
                value = value << 8 | std::to_integer<std::uint32_t>(content[at + i]);
            return static_cast<int>(std::min<std::uint32_t>(value, std::numeric_limits<int>::max()));
        };
        header.width = side(size_at);
        header.height = side(size_at + 4);
        if (header.width > largest_side || header.height > largest_side) return header;
    }
    const auto* data = reinterpret_cast<const stbi_uc*>(content.data());
    const int size = static_cast<int>(content.size());
    largest_block = 1'000'000;
    if (!stbi_info_from_memory(data, size, &header.width, &header.height, &header.channels))
        return std::nullopt;
    header.deep = stbi_is_16_bit_from_memory(data, size) != 0;
    return header;
}

Image checked_png(std::span<const std::byte> content, const ImageHeader& header, const std::string& source) {
    Image image;
    // Four channels of 16 bits and a filter byte a row, twice because buffers grow by doubling, and room for
    // tables.
    largest_block = 2 * (8 * size_t(header.width) + 1) * size_t(header.height) + 1'000'000;
    stbi_uc* pixels = stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(content.data()),
                                            static_cast<int>(content.size()), &image.width, &image.height,
                                            &image.channels, 0);
    if (!pixels) throw damaged_image("its pixels cannot be decoded", source);
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

Image decode_png(std::span<const std::byte> content, const std::string& source) {
    const Palette palette = check_png(content, source);
    const std::optional<ImageHeader> header = png_header(content);
    if (!header) throw damaged_image("its header cannot be read", source);
    check_size(*header, source);
    constexpr size_t color_type = 25;
    const bool indexed = std::to_integer<unsigned>(content[color_type]) == 3;
    if (!indexed || palette.bytes == 0 || palette.bytes >= 3 * 256)
        return checked_png(content, *header, source);
    // Colours that are not there show by depending on what stands in their place.
    Image image = checked_png(with_whole_palette(content, palette, 0), *header, source);
    if (image.pixels != checked_png(with_whole_palette(content, palette, 255), *header, source).pixels)
        throw damaged_image("it names a colour that its palette does not have", source);
    return image;
}

enum class Format { png, jpeg };

Format format_of(std::span<const std::byte> content, const std::string& source) {
    if (content.empty()) throw Error("The file is empty", source, "Copy or export it again.");
    const std::string_view text = files::as_text(content);
    if (text.starts_with(png_signature)) return Format::png;
    if (text.starts_with("\xFF\xD8\xFF")) return Format::jpeg;
    throw Error("The file is neither PNG nor JPEG", source, "Convert the picture to PNG.");
}

} // namespace

ImageHeader image_header(Input& input) {
    // Programs put thumbnails and profiles before the size.
    for (const std::uint64_t looked_at : {std::uint64_t(1) << 16, largest_image_file}) {
        const std::span<const std::byte> start = input.peek(looked_at);
        const bool jpeg = format_of(start, input.name()) == Format::jpeg;
        const std::optional<ImageHeader> header =
            jpeg ? jpeg_header(JpegDecoder(), start) : png_header(start);
        if (!header && jpeg)
            if (const std::optional<Error> unsupported = unsupported_jpeg(start, input.name()))
                throw *unsupported;
        if (!header) continue;
        check_size(*header, input.name());
        return *header;
    }
    throw damaged_image("its header cannot be read", input.name());
}

Image decode_image(std::span<const std::byte> content, const std::string& source) {
    const Format format = format_of(content, source);
    if (content.size() > largest_image_file)
        throw Error("The picture is larger than 256 MB", source, "Reduce it to fewer pixels.");
    return format == Format::png ? decode_png(content, source) : decode_jpeg(content, source);
}

Image read_image(Input& input) {
    // The decoder needs the whole file; the largest picture is far smaller than the data sets that are
    // streamed.
    const std::span<const std::byte> content = input.peek(largest_image_file + 1);
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
