#pragma once

#include <imgui.h>

#include <span>

namespace ebm::panels {

/// Pictures in groups, each under (or beside) a heading: a column a group, or rows beside each heading.
struct GroupLayout {
    bool columns = true;
    int zoom = 1;
    int per_row = 1; ///< rows form: pictures beside each other
    float pitch = 1; ///< from one column to the next, pixels
};

struct GroupRoom {
    ImVec2 picture; ///< pixels of a picture at zoom 1
    ImVec2 area, gap;
    float caption = 0;     ///< height of the text below a picture
    ImVec2 column_heading; ///< widest word, and height of the headings that fit it
    float row_heading = 0; ///< width of the headings beside rows
};

/// The largest zoom from 8 down to `smallest` at which all fit, columns before rows; without any, `smallest`
/// with columns if they fit in width. `zoom` > 0 is taken as it is.
GroupLayout group_layout(std::span<const int> counts, const GroupRoom& room, int smallest, int zoom);

} // namespace ebm::panels
