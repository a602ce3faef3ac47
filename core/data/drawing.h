#pragma once

#include "core/data/plane.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace ebm::data {

/// What was painted on the plane: how much of it lies in each cell of a grid over [−4, 4]².
struct Drawing {
    static constexpr int side = 128;
    static constexpr double low = -4, high = 4;

    /// [side][side], row 0 at y = low, as fields are kept.
    std::vector<std::uint8_t> cells = std::vector<std::uint8_t>(std::size_t{side} * side);

    bool empty() const;
    bool operator==(const Drawing&) const = default;
};

/// As settings keep it: "128:" and the packed bytes in base64; empty if nothing is painted.
std::string drawing_text(const Drawing& drawing);
/// The drawing back. `where` names the setting in an Error.
Drawing parse_drawing(const std::string& text, const std::string& where);

/// The darkness of a PNG or JPEG file, each cell the mean of the pixels below it. A picture that is not
/// square keeps its proportions and leaves the rest empty; where it is transparent it is white. Throws Error
/// if it cannot be read or is white throughout.
Drawing drawing_of_picture(const std::filesystem::path& path);

/// What settings.data describes if its set is "drawn": data.drawing, or in its place the picture data.path,
/// if it names one; empty for other sets.
std::string drawing_of(const Settings& settings);

/// The density that is constant in each cell and proportional to what is painted there. Throws Error if
/// nothing is.
std::shared_ptr<const PlaneSet> drawn_set(const Drawing& drawing);

} // namespace ebm::data
