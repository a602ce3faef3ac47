#pragma once

#include "app/panels/image_sheet.h"
#include "app/panels/lit_slots.h"
#include "app/panels/selection.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ebm::panels {

/// What is written under a picture besides its energy. Left and right stand in one row.
struct PictureNote {
    std::string left, right;
};

/// Pictures that follow each other in the order and belong together.
struct PictureGroup {
    std::string name;
    int count = 0;
};

/// A scrolling grid of pictures. Under each, if energies are given: its energy, coloured by where it stands
/// among the data's, a mark on a line that shows the same without colour, and a note. In groups: each group
/// is a column under its name, or rows beside it, whichever shows the pictures larger.
struct PictureGrid {
    const ImageSheet& sheet;
    std::span<const std::int64_t> order;       ///< items in the order they are shown
    std::function<int(std::int64_t)> picture;  ///< of an item, in the sheet
    std::function<float(std::int64_t)> energy; ///< empty: no energies and notes
    std::function<PictureNote(std::int64_t)> note;
    std::function<void(std::int64_t)> tooltip; ///< the words beside the enlarged picture
    std::function<void(std::int64_t)> menu;    ///< content of the context menu; may be empty
    std::span<const float> data_quantiles;
    const Selection& selection;
    std::int64_t ringed = -1;      ///< the item whose trace is recorded
    int zoom = 0;                  ///< 0 = the largest at which all fit
    const LitSlots* lit = nullptr; ///< items are slots, of which some may be lit
    std::span<const PictureGroup> groups =
        {};                            ///< of `order`, whose length is the sum of their counts; or none
    std::vector<int>* drawn = nullptr; ///< is given the items on screen, and one row beyond each edge

    struct Clicks {
        std::int64_t item = -1; ///< −1 = none
        bool control = false, shift = false;
    };
    Clicks draw(const char* id, ImVec2 size) const;

private:
    /// Where everything lies, relative to the upper left corner.
    struct Places {
        float zoom = 1;
        ImVec2 cell;
        std::vector<ImVec2> pictures; ///< by place in the order
        struct Heading {
            ImVec2 at, room;
        };
        std::vector<Heading> headings; ///< by group
    };
    Places arrange(ImVec2 area, float caption) const;
    Places arrange_groups(ImVec2 area, ImVec2 gap, float caption, int smallest) const;
    void draw_headings(const Places& places, ImVec2 origin) const;
    static float mark_height();
    void draw_frame(ImDrawList& list, std::int64_t item, ImVec2 corner, ImVec2 end, bool hovered) const;
    void draw_caption(ImDrawList& list, std::int64_t item, ImVec2 corner, float width) const;
    void draw_enlarged(std::int64_t item, float used) const;
};

/// Largest whole zoom at which `count` pictures with `caption` pixels of text below fit into `area`, from 8
/// down to `smallest`.
int fitting_zoom(int count, ImVec2 picture, ImVec2 area, ImVec2 gap, float caption, int smallest);

/// The colour of an energy by where it stands among the data's.
ImVec4 energy_color(float energy, std::span<const float> data_quantiles);
/// What those colours mean, in a line as wide as there is room; nothing while there are no quantiles.
void energy_key(std::span<const float> data_quantiles);

/// “like the data (12 % of the data lie lower)”.
std::string standing_sentence(float energy, std::span<const float> data_quantiles);

} // namespace ebm::panels
