#pragma once

#include "core/store/input.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ebm::store {

/// 8-bit pixels, [height][width][channels], the top row first. Channels: 1 grey, 2 grey and opacity, 3 red
/// green blue, 4 red green blue and opacity.
struct Image {
    int width = 0, height = 0, channels = 0;
    std::vector<std::uint8_t> pixels;
    /// Bytes that belong to no pixel lie before the end of a JPEG: some cameras leave a few, and where others
    /// were written over its own they may be left too.
    bool leftover = false;
};

/// What a person should know of such a picture.
constexpr const char* leftover_note =
    "The picture has bytes before its end that belong to no pixel. It may be damaged there.";

/// What the beginning of a picture tells.
struct ImageHeader {
    int width = 0, height = 0, channels = 0; ///< as Image has them
    bool deep = false;                       ///< 16 bits a channel, of which 8 are kept
    bool cmyk = false;                       ///< inks instead of light, which are turned into RGB
};

/// Looks at the beginning of a PNG or JPEG file without taking it. Throws Error as decode_image does.
ImageHeader image_header(Input& input);

/// Decodes PNG or JPEG of at most 16384 pixels a side and 64 million pixels. 16-bit PNG is reduced to 8 bits.
/// CMYK JPEG becomes RGB without colour profile: each colour times the share of black. The checksums of PNG
/// are verified, and a JPEG whose data end early or are damaged is an Error. `source` names the file in
/// errors.
Image decode_image(std::span<const std::byte> content, const std::string& source);

/// Decodes a file of at most 256 MB.
Image read_image(Input& input);
Image read_image(const std::filesystem::path& path);

std::vector<std::byte> encode_png(const Image& image);

/// Writes encode_png atomically.
void write_png(const std::filesystem::path& path, const Image& image);

} // namespace ebm::store
