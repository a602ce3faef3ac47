#pragma once

#include "core/data/reader.h"
#include "core/store/elements.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

/// The parts of the reader, one for a kind of file. Private to core/data.
namespace ebm::data {

/// What is wanted of a file.
struct FileRequest {
    store::Input& input; ///< nothing of it is taken yet
    /// Of an archive: the array; empty: the only one, or the one that is called x, data, images or arr_0.
    std::string array;
    std::vector<std::string> columns; ///< by name or by number from 1; empty: all
    /// The column, of an archive the array, that holds the classes; empty: what the file says by itself.
    std::string labels;
    std::filesystem::path beside; ///< the file of labels that belongs to it; empty without
};

/// A kind of file that samples are read from. A new one is a file of this folder that defines a Format, and
/// its line in formats.cpp.
struct Format {
    const char* words;   ///< "an IDX file", to go on with "The file is …"
    const char* offered; ///< "IDX", in the list of what can be given
    bool names_labels;   ///< whether FileRequest::labels can choose something of it
    bool picture;        ///< it is one picture: the pictures of a folder are such files
    /// Whether content begins like this; given are its first 4096 bytes, or all where it is shorter. Null:
    /// text that is nothing else.
    bool (*is)(std::span<const std::byte> start);
    /// Throws Error that names the line or record for what cannot be read.
    Records (*read)(const FileRequest& request);
    /// Fills in what `describe` tells (core/data/describe.h) without reading all of it.
    void (*describe)(const FileRequest& request, FileDescription& description);
};

/// Looked through in this order; the last is the one for text.
std::span<const Format* const> formats();

/// Every picture below a folder, in natural order (2 before 10). The first folder below is the class. If one
/// is in colour, all are.
Records read_folder(const std::filesystem::path& folder);
FileDescription describe_folder(const std::filesystem::path& folder);

/// An array as NumPy has it to rows or pictures: [n] → [n, 1], [n, H, W] → [n, 1, H, W], [n, H, W, 3] → [n,
/// 3, H, W].
torch::Tensor as_records(const torch::Tensor& values, const std::string& source);
/// The samples of an array with elements of `type`; `columns` by number from 1, all if empty.
Records array_records(const torch::Tensor& values, const store::ElementType& type,
                      const std::vector<std::string>& columns, const std::string& source);

/// Points with these columns; `names` and `numbers` (whether a column holds them) may be shorter.
void describe_rows(FileDescription& description, const std::vector<std::string>& names,
                   const std::vector<bool>& numbers, std::int64_t columns);
void describe_array(FileDescription& description, const std::vector<std::int64_t>& shape);
void describe_pictures(FileDescription& description, std::int64_t count, int channels, int height, int width);

} // namespace ebm::data
