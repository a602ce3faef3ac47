#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ebm::data {

/// What a path is, told without reading all of it.
struct FileDescription {
    enum class Use { points, pictures, scene, checkpoint, lesson, none } use = Use::none;
    /// "points with 2 columns: x, y", "4 pictures of 28 × 28 pixels", "a PDF document"; of what cannot be
    /// used the reason.
    std::string words;
    std::vector<std::string> columns; ///< of points, at most 100; "column 3" for one without a name
    std::vector<bool> numbers; ///< of each of these whether it holds numbers, as far as its start tells
    bool named = false;        ///< whether the file names its columns
    std::int64_t count = -1;   ///< −1 if only reading on would tell
    int channels = 0, height = 0, width = 0; ///< of pictures
};

/// Files and folders, `~` at the beginning included. Never throws for what a file holds.
FileDescription describe(const std::string& path);

} // namespace ebm::data
