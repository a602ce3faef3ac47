#pragma once

#include "app/panels/lit_slots.h"
#include "app/panels/selection.h"
#include "app/panels/table_export.h"
#include "core/lab/snapshot.h"

#include <functional>
#include <imgui.h>
#include <span>
#include <string>

namespace ebm::panels {

/// A page of the replay buffer as rows: slot, energy, age, times reused, iteration of birth, position. Narrow
/// tables drop position, then birth, then times reused.
struct BufferTable {
    const lab::BufferView& buffer;
    const data::Coding& axes; ///< of the plane; not used for pictures
    std::span<const float> data_quantiles;
    const Selection& selection;                  ///< of slots
    std::function<void(std::size_t place)> menu; ///< place on the page
    std::span<const std::string> classes = {};   ///< names, for the tooltips of entries with labels
    const LitSlots* lit = nullptr;               ///< they are marked, with a word in a column of their own

    struct Clicks {
        std::int64_t slot = -1; ///< −1 = none
        bool control = false, shift = false;
        std::int64_t hovered = -1; ///< place on the page
    };
    Clicks draw(ImVec2 size) const;
    /// All that is known of the page, however narrow the table is.
    NumberTable numbers(const std::string& name) const;

private:
    void draw_lit(std::int64_t slot) const;
};

} // namespace ebm::panels
