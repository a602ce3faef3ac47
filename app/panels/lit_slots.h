#pragma once

#include "core/lab/snapshot.h"

#include <imgui.h>

#include <cstdint>
#include <map>
#include <string>

namespace ebm::panels {

/// The slots of the replay buffer that the current line of Algorithm 1 is about, as the engine kept them.
struct LitSlots {
    enum class Event { none, drawn, put_back };
    enum class Mark { none, continued, fresh };

    Event event = Event::none;
    bool newest = false;  ///< the line that was done last is about them; else their chains are under way
    bool decoder = false; ///< fresh ones come from the decoder, else from uniform noise
    std::map<std::int64_t, Mark> slots;
    std::int64_t all = 0, fresh = 0; ///< negatives
    bool in_turn = false;            ///< they are put into other slots than they were drawn from

    Mark mark(std::int64_t slot) const;
    /// What is written at a lit slot: drawn, back, new; empty for Mark::none.
    const char* word(Mark mark) const;
    /// Which slots are lit and why, in a sentence; empty if none are.
    std::string sentence() const;
    float alpha() const { return newest ? 1.0f : 0.5f; }
};

/// None while training runs on, unless it plays line after line; none unless Algorithm 1 is shown.
LitSlots lit_slots(const lab::Snapshot& snapshot);

/// A square for Mark::continued, a diamond for Mark::fresh; `half` is half of its width in pixels.
void draw_slot_mark(ImDrawList& list, ImVec2 centre, float half, LitSlots::Mark mark, float alpha);
ImU32 slot_color(LitSlots::Mark mark, float alpha);
/// All slots of the buffer as a line over the width of the panel, with a mark where one is lit.
void draw_slot_line(const LitSlots& lit, std::int64_t size);

} // namespace ebm::panels
