#pragma once

#include "core/base/files.h"
#include "core/store/image.h"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <turbojpeg.h>
#include <vector>
#include <zlib.h>

/// Small files in the true formats of published sets.
namespace ebm::tests {

inline void write(const std::filesystem::path& path, const std::string& content) {
    std::filesystem::create_directories(path.parent_path());
    files::write_atomically(path, content);
}

/// What picture number `level` of the sets below holds.
inline int cifar_pixel(int level, int channel, int row, int column) {
    return (level + 50 * channel + 2 * row + 3 * column) % 256;
}

/// `count` pictures of 32 × 32, planes R G B.
inline std::string planes(int count, int level) {
    std::string pixels;
    for (int n = 0; n < count; ++n)
        for (int c = 0; c < 3; ++c)
            for (int row = 0; row < 32; ++row)
                for (int column = 0; column < 32; ++column)
                    pixels += static_cast<char>(cifar_pixel(level + n, c, row, column));
    return pixels;
}

/// Records with one or two labels each; record k is picture level + k.
inline std::string cifar(const std::vector<std::vector<int>>& labels, int level) {
    std::string content;
    for (std::size_t k = 0; k < labels.size(); ++k) {
        for (const int label : labels[k])
            content += static_cast<char>(label);
        content += planes(1, level + static_cast<int>(k));
    }
    return content;
}

inline std::string little(std::uint32_t number) {
    return {reinterpret_cast<const char*>(&number), 4};
}

/// An element of a MATLAB file, level 5.
inline std::string matlab_element(std::uint32_t type, const std::string& data) {
    return little(type) + little(static_cast<std::uint32_t>(data.size())) + data +
           std::string((8 - data.size() % 8) % 8, '\0');
}

/// A matrix of bytes, whose first dimension is the fastest.
inline std::string matlab_matrix(const std::string& name, const std::vector<std::uint32_t>& shape,
                                 const std::string& bytes, bool packed) {
    constexpr std::uint32_t uint8_class = 9, uint8 = 2, int8 = 1, int32 = 5, uint32 = 6, matrix = 14,
                            zlib = 15;
    std::string dimensions;
    for (const std::uint32_t extent : shape)
        dimensions += little(extent);
    const std::string element = matlab_element(
        matrix, matlab_element(uint32, little(uint8_class) + little(0)) + matlab_element(int32, dimensions) +
                    matlab_element(int8, name) + matlab_element(uint8, bytes));
    if (!packed) return element;
    uLongf size = compressBound(element.size());
    std::string data(size, '\0');
    if (compress(reinterpret_cast<Bytef*>(data.data()), &size, reinterpret_cast<const Bytef*>(element.data()),
                 element.size()) != Z_OK)
        throw std::runtime_error("zlib");
    data.resize(size);
    return little(zlib) + little(static_cast<std::uint32_t>(size)) + data;
}

/// X [32][32][3][n] and y [n][1]; picture k is `level` + k.
inline std::string svhn(const std::vector<int>& labels, int level, bool packed) {
    std::string pixels, numbers;
    for (std::size_t n = 0; n < labels.size(); ++n) {
        numbers += static_cast<char>(labels[n]);
        for (int c = 0; c < 3; ++c)
            for (int column = 0; column < 32; ++column)
                for (int row = 0; row < 32; ++row)
                    pixels += static_cast<char>(cifar_pixel(level + static_cast<int>(n), c, row, column));
    }
    const auto count = static_cast<std::uint32_t>(labels.size());
    std::string header = "MATLAB 5.0 MAT-file, written by a test";
    header.resize(124, ' ');
    header += std::string("\x00\x01", 2) + "IM";
    return header + matlab_matrix("X", {32, 32, 3, count}, pixels, packed) +
           matlab_matrix("y", {count, 1}, numbers, packed);
}

inline std::string png(int width, int height, int channels, int level) {
    const auto size = static_cast<std::size_t>(width * height * channels);
    const std::vector<std::byte> content = store::encode_png(
        {width, height, channels, std::vector<std::uint8_t>(size, static_cast<std::uint8_t>(level))});
    return std::string(files::as_text(content));
}

/// Grey with 16 bits a pixel, all the same.
inline std::string png16(int width, int height, int level) {
    const auto big = [](std::uint32_t number) {
        std::string text;
        for (int shift = 24; shift >= 0; shift -= 8)
            text += static_cast<char>(number >> shift & 255);
        return text;
    };
    const auto chunk = [&](const std::string& type, const std::string& data) {
        const std::string covered = type + data;
        const auto sum =
            crc32(0, reinterpret_cast<const Bytef*>(covered.data()), static_cast<uInt>(covered.size()));
        return big(static_cast<std::uint32_t>(data.size())) + covered + big(static_cast<std::uint32_t>(sum));
    };
    std::string rows;
    for (int row = 0; row < height; ++row) {
        rows += '\0';
        for (int column = 0; column < width; ++column)
            rows += {static_cast<char>(level >> 8), static_cast<char>(level)};
    }
    uLongf size = compressBound(rows.size());
    std::string packed(size, '\0');
    if (compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
                 rows.size()) != Z_OK)
        throw std::runtime_error("zlib");
    packed.resize(size);
    const std::string header = big(static_cast<std::uint32_t>(width)) +
                               big(static_cast<std::uint32_t>(height)) +
                               std::string("\x10\x00\x00\x00\x00", 5);
    return "\x89PNG\r\n\x1A\n" + chunk("IHDR", header) + chunk("IDAT", packed) + chunk("IEND", "");
}

inline std::string packed_jpeg(const std::vector<std::uint8_t>& pixels, int width, int height, int format,
                               int subsampling) {
    const tjhandle encoder = tjInitCompress();
    unsigned char* content = nullptr;
    unsigned long size = 0;
    const int failed = tjCompress2(encoder, pixels.data(), width, 0, height, format, &content, &size,
                                   subsampling, 95, TJFLAG_ACCURATEDCT);
    std::string text(reinterpret_cast<const char*>(content), failed ? 0 : size);
    tjFree(content);
    tjDestroy(encoder);
    if (failed) throw std::runtime_error("no JPEG");
    return text;
}

/// Grey as colour, all pixels the same.
inline std::string jpeg(int width, int height, int level) {
    return packed_jpeg(std::vector<std::uint8_t>(static_cast<std::size_t>(3 * width * height),
                                                 static_cast<std::uint8_t>(level)),
                       width, height, TJPF_RGB, TJSAMP_444);
}

/// All pixels of these four numbers. Adobe's segment says that they are inks stored inverted, and that the
/// first three lie in the file as luma and chroma; without it they are taken as they lie there.
inline std::string cmyk_jpeg(int width, int height, const std::vector<std::uint8_t>& stored, bool adobe) {
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < width * height; ++i)
        pixels.insert(pixels.end(), stored.begin(), stored.end());
    std::string content = packed_jpeg(pixels, width, height, TJPF_CMYK, TJSAMP_444);
    const std::size_t segment = content.find("\xFF\xEE"); // the library always writes it
    if (segment == std::string::npos) throw std::runtime_error("no segment of Adobe's");
    if (!adobe) content.erase(segment, 16);
    return content;
}

} // namespace ebm::tests
