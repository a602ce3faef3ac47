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
};

/// Decodes PNG or JPEG of at most 16384 pixels a side and 64 million pixels. 16-bit PNG is reduced to 8 bits.
/// The checksums of PNG are verified. `source` names the file in errors.
Image decode_image(std::span<const std::byte> content, const std::string& source);

/// Decodes a file of at most 256 MB.
Image read_image(Input& input);
Image read_image(const std::filesystem::path& path);

std::vector<std::byte> encode_png(const Image& image);

/// Writes encode_png atomically.
void write_png(const std::filesystem::path& path, const Image& image);

} // namespace ebm::store
