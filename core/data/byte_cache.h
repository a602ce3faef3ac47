#pragma once

#include "core/base/tensor.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Large sets of pictures as one file of bytes that is mapped into memory and not read: decoded once, opened
/// at once from then on.
namespace ebm::data {

/// What a cache holds. Pictures are [n][channels][height][width], those for training first.
struct CacheContent {
    std::int64_t train = 0, held_out = 0; ///< how many
    int channels = 1, height = 0, width = 0;
    std::vector<std::string> classes; ///< empty without
    std::vector<std::int32_t> labels; ///< [train + held_out], −1 for a picture without a class; or empty
    std::string note;                 ///< what a person should know about how they were read; mostly empty
    std::string made_of;              ///< names the files and the form: another value, another cache
    std::string checksum;             ///< of the pixels; written by write_cache

    std::int64_t count() const { return train + held_out; }
    std::int64_t picture_bytes() const { return std::int64_t(channels) * height * width; }
};

/// $XDG_CACHE_HOME/ebmlab/data, else ~/.cache/ebmlab/data; empty if neither variable is set.
std::filesystem::path picture_cache_folder();

/// A cache that was opened: `pixels` is uint8 [count, channels, height, width] and keeps the mapping. It must
/// not be written to.
struct OpenCache {
    CacheContent content;
    torch::Tensor pixels;
};

/// Maps the cache at `path`; nothing if there is none, if it was made of something else, by another user or
/// by another program, or is damaged. The pixels are read and compared with their checksum when a file is
/// opened first after the machine was started; where they are damaged, that is said and the file removed.
std::optional<OpenCache> open_cache(const std::filesystem::path& path, const std::string& made_of);

/// Writes a cache that appears whole or not at all. `decode` calls its argument with the row and the pixels
/// of every picture, in any order, each once. Throws Error if the disk has no room for it, before anything is
/// decoded where that can be told.
using PutPicture = std::function<void(std::int64_t row, std::span<const std::uint8_t> pixels)>;
void write_cache(const std::filesystem::path& path, const CacheContent& content,
                 const std::function<void(const PutPicture&)>& decode);

/// Bytes of the file that write_cache makes.
std::uint64_t cache_size(const CacheContent& content);

} // namespace ebm::data
