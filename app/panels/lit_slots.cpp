#include "app/panels/lit_slots.h"

#include "app/window/number_format.h"
#include "app/window/theme.h"
#include "app/window/widgets.h"

#include <algorithm>

namespace ebm::panels {

using window::format_count;
using window::Meaning;
using window::scaled;

LitSlots::Mark LitSlots::mark(std::int64_t slot) const {
    const auto found = slots.find(slot);
    return found == slots.end() ? Mark::none : found->second;
}

const char* LitSlots::word(Mark mark) const {
    if (mark == Mark::none) return "";
    if (mark == Mark::fresh) return "new";
    return event == Event::drawn ? "drawn" : "back";
}

std::string LitSlots::sentence() const {
    if (event == Event::none) return "";
    const std::string source = decoder ? "the decoder" : "noise";
    if (in_turn && event == Event::drawn)
        return "Algorithm 1 drew " + format_count(all) + " negatives: " + format_count(all - fresh) +
               " go on from what is here, " + format_count(fresh) + " begin from " + source;
    if (in_turn)
        return "Algorithm 1 wrote " + format_count(all) + " slots in turn: " + format_count(all - fresh) +
               " negatives had gone on from the buffer, " + format_count(fresh) + " began from " + source;
    if (event == Event::drawn)
        return "Algorithm 1 drew " + format_count(all) + " slots: " + format_count(all - fresh) +
               " go on from what is here, " + format_count(fresh) + " begin from " + source;
    return "Algorithm 1 overwrote " + format_count(all) + " slots: " + format_count(all - fresh) +
           " went on from what was here, " + format_count(fresh) + " began from " + source;
}

LitSlots lit_slots(const lab::Snapshot& s) {
    LitSlots lit;
    if (!s.algorithm || s.algorithm->slots.empty()) return lit;
    if (s.state == lab::State::running && s.pace.speed != lab::Speed::lines) return lit;
    const lab::AlgorithmView& a = *s.algorithm;
    lit.event = a.whole ? LitSlots::Event::put_back : LitSlots::Event::drawn;
    lit.newest = a.whole || (a.progress.phase == Phase::sample && a.progress.step == 0);
    lit.decoder =
        s.in_force.model.energy == "autoencoder" && s.in_force.buffer.fresh_from == FreshFrom::decoder;
    lit.in_turn = !a.put.empty();
    const std::vector<std::int64_t>& slots = lit.in_turn && a.whole ? a.put : a.slots;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        ++lit.all;
        lit.fresh += a.fresh[i] != 0;
        // One that begins from noise has been drawn from no slot; one slot may be drawn more than once.
        if (lit.in_turn && !a.whole && a.fresh[i]) continue;
        lit.slots[slots[i]] = a.fresh[i] ? LitSlots::Mark::fresh : LitSlots::Mark::continued;
    }
    return lit;
}

ImU32 slot_color(LitSlots::Mark mark, float alpha) {
    return window::packed(mark == LitSlots::Mark::fresh ? Meaning::noise : Meaning::samples, alpha);
}

void draw_slot_mark(ImDrawList& list, ImVec2 at, float half, LitSlots::Mark mark, float alpha) {
    const ImU32 ink = slot_color(mark, alpha);
    if (mark == LitSlots::Mark::continued)
        list.AddRectFilled({at.x - half, at.y - half}, {at.x + half, at.y + half}, ink);
    if (mark == LitSlots::Mark::fresh)
        list.AddQuad({at.x - 1.3f * half, at.y}, {at.x, at.y - 1.3f * half}, {at.x + 1.3f * half, at.y},
                     {at.x, at.y + 1.3f * half}, ink, scaled(1.75f));
}

void draw_slot_line(const LitSlots& lit, std::int64_t size) {
    const float width = ImGui::GetContentRegionAvail().x, height = scaled(14), half = scaled(3);
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float middle = corner.y + height / 2;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled({corner.x, middle - scaled(1.5f)}, {corner.x + width, middle + scaled(1.5f)},
                       window::packed(Meaning::buffer, 0.5f));
    const float room = width - 4 * half;
    const auto place = [&](std::int64_t slot) {
        const float share =
            (static_cast<float>(slot) + 0.5f) / static_cast<float>(std::max<std::int64_t>(1, size));
        return ImVec2(corner.x + 2 * half + room * share, middle);
    };
    // The few that begin anew lie over the others, on a plate of their own.
    for (const auto& [slot, mark] : lit.slots)
        if (mark == LitSlots::Mark::continued) draw_slot_mark(list, place(slot), half, mark, lit.alpha());
    for (const auto& [slot, mark] : lit.slots)
        if (mark == LitSlots::Mark::fresh) {
            list.AddNgonFilled(place(slot), 2.2f * half, window::packed(Meaning::panel), 4);
            draw_slot_mark(list, place(slot), 1.2f * half, mark, lit.alpha());
        }
    ImGui::Dummy({width, height});
    window::help_tooltip("The whole buffer, slot 0 at the left. Squares: slots whose chains go on; diamonds: "
                         "those that begin anew.");
}

} // namespace ebm::panels
