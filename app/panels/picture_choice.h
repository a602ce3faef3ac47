#pragma once

#include "app/panels/image_sheet.h"
#include "app/window/context.h"

#include <memory>
#include <string>

namespace ebm::panels {

/// The row by which a person chooses the picture that is restored, or compared with the training data: a
/// held-out one, the one before or after it, or that of the selected chain. Where none is chosen yet, the
/// first one is.
class PictureChooser {
public:
    /// Returns whether there is a picture to draw; if not, the panel says why in its place.
    bool draw(window::Context& context);
    const ImageSheet& sheet() const { return sheet_; }

private:
    bool asked_ = false;
    ImageSheet sheet_;
};

/// "Held-out picture 18 of 10,000: Sneaker", "Chain 3 as of step 1,200".
std::string picture_words(const lab::Snapshot& snapshot);

/// Pictures of one size in rows, each with a few lines below it.
struct PictureTiles {
    int zoom = 1, columns = 1;
    ImVec2 tile, picture; ///< the tile with its caption; the picture in it
    float gap = 0;
};
/// The largest whole zoom at which `count` pictures with `lines` of text of at least `words` pixels below
/// each fit into `room`.
PictureTiles picture_tiles(const PictureShape& shape, int count, int lines, float words, ImVec2 room);
/// The corner of tile `index`, relative to that of the first.
ImVec2 tile_corner(const PictureTiles& tiles, int index);
/// A line of the caption, cut at the tile's edge.
void tile_line(const PictureTiles& tiles, ImVec2 corner, int line, std::string_view text, ImU32 color);

} // namespace ebm::panels
