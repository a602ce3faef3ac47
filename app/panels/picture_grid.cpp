#include "app/panels/picture_grid.h"

#include "app/panels/group_layout.h"
#include "app/panels/percentile.h"
#include "app/panels/plotting.h"
#include "app/window/icons.h"
#include "app/window/number_format.h"
#include "app/window/theme.h"
#include "app/window/widgets.h"

#include <imgui_internal.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ebm::panels {

using namespace window;

namespace {

void centred_text(ImDrawList& list, ImVec2 corner, float width, ImU32 colour, const std::string& text) {
    const float text_width = ImGui::CalcTextSize(text.c_str()).x;
    list.AddText({std::floor(corner.x + (width - text_width) / 2), corner.y}, colour, text.c_str());
}

float widest_word(const std::string& text) {
    float widest = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        widest = std::max(widest, ImGui::CalcTextSize(text.substr(at, end - at).c_str()).x);
        at = end + 1;
    }
    return std::ceil(widest);
}

/// A hairline as wide as the picture with a mark at the energy's percentile among the data.
void percentile_mark(ImDrawList& list, ImVec2 corner, float width, float height, float energy,
                     std::span<const float> quantiles) {
    const double at = percentile(energy, quantiles);
    if (std::isnan(at)) return;
    const float middle = std::floor(corner.y + height / 2) + 0.5f;
    list.AddLine({corner.x, middle}, {corner.x + width, middle}, packed(Meaning::muted, 0.4f));
    const float half = std::max(2.f, height / 2);
    const float x = corner.x + half + static_cast<float>(at / 100) * (width - 2 * half);
    list.AddCircleFilled({x, middle}, half, ImGui::ColorConvertFloat4ToU32(energy_color(energy, quantiles)));
}

} // namespace

int fitting_zoom(int count, ImVec2 picture, ImVec2 area, ImVec2 gap, float caption, int smallest) {
    for (int zoom = 8; zoom > smallest; --zoom) {
        const float width = picture.x * static_cast<float>(zoom) + gap.x;
        const float height = picture.y * static_cast<float>(zoom) + caption + gap.y;
        const int columns = static_cast<int>((area.x + gap.x) / width);
        const int rows = static_cast<int>((area.y + gap.y) / height);
        if (columns * rows >= count) return zoom;
    }
    return smallest;
}

ImVec4 energy_color(float energy, std::span<const float> data_quantiles) {
    switch (standing(energy, data_quantiles)) {
    case Standing::below:
        return color(Meaning::accent);
    case Standing::among:
        return color(Meaning::good);
    case Standing::high:
        return color(Meaning::attention);
    case Standing::beyond:
        return color(Meaning::failure);
    case Standing::unknown:
        break;
    }
    return color(Meaning::text);
}

void energy_key(std::span<const float> data_quantiles) {
    if (data_quantiles.size() < 2) return;
    struct Entry {
        Meaning meaning;
        const char *words, *few;
    };
    static constexpr std::array<Entry, 4> entries = {
        {{Meaning::accent, "below almost all data", "low"},
         {Meaning::good, "like the data", "like data"},
         {Meaning::attention, "like their unlikeliest tenth", "high"},
         {Meaning::failure, "above the data", "above"}}};
    const TypeScope type(Type::caption);
    const float room = ImGui::GetContentRegionAvail().x, swatch = ImGui::GetFontSize() * 0.6f,
                gap = scaled(4), between = scaled(10), first = ImGui::CalcTextSize("E").x + between;
    const auto width = [&](const char* Entry::*member) {
        float sum = first - between;
        for (const Entry& entry : entries)
            sum += between + swatch + gap + ImGui::CalcTextSize(entry.*member).x;
        return sum;
    };
    const char* Entry::*shown = width(&Entry::words) <= room ? &Entry::words
                                : width(&Entry::few) <= room ? &Entry::few
                                                             : nullptr;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float line = ImGui::GetTextLineHeight();
    ImGui::Dummy({room, line});
    std::string whole;
    for (const Entry& entry : entries)
        whole += std::string(whole.empty() ? "" : "; ") + entry.words;
    help_tooltip("Where an energy stands among those of the data, from low to high: " + whole + ".",
                 "Colours of E");
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddText(at, packed(Meaning::muted), "E");
    float x = at.x + first;
    for (const Entry& entry : entries) {
        list.AddRectFilled({x, at.y + (line - swatch) / 2}, {x + swatch, at.y + (line + swatch) / 2},
                           packed(entry.meaning));
        x += swatch + gap;
        if (shown) {
            list.AddText({x, at.y}, packed(Meaning::muted), entry.*shown);
            ImGui::LogText("%s ", entry.*shown);
            x += ImGui::CalcTextSize(entry.*shown).x + between - gap;
        }
    }
    ImGui::LogText("\n");
}

std::string standing_sentence(float energy, std::span<const float> data_quantiles) {
    const Standing stands = standing(energy, data_quantiles);
    if (stands == Standing::unknown) return standing_words(stands);
    return std::string(standing_words(stands)) + " (" +
           format_share(std::round(percentile(energy, data_quantiles)) / 100) + " of the data lie lower)";
}

void PictureGrid::draw_frame(ImDrawList& list, std::int64_t item, ImVec2 corner, ImVec2 end,
                             bool hovered) const {
    const float line = std::floor(scaled(2));
    if (item == ringed) {
        // Off the picture, so that it shows around dark pictures on a light theme too.
        const float off = std::floor(scaled(3));
        list.AddRect({corner.x - off, corner.y - off}, {end.x + off, end.y + off}, packed(Meaning::text),
                     line, line);
    }
    if (const LitSlots::Mark mark = lit ? lit->mark(item) : LitSlots::Mark::none;
        mark != LitSlots::Mark::none) {
        const float off = std::floor(scaled(2)), half = std::floor(scaled(4));
        const ImVec2 at(corner.x + half, corner.y + half);
        list.AddRect({corner.x - off, corner.y - off}, {end.x + off, end.y + off},
                     slot_color(mark, lit->alpha()), 0, std::floor(scaled(2.5f)));
        list.AddRectFilled({corner.x, corner.y}, {at.x + 1.6f * half, at.y + 1.6f * half},
                           packed(Meaning::window, 0.85f));
        draw_slot_mark(list, {at.x + 0.3f * half, at.y + 0.3f * half}, 0.7f * half, mark, 1);
    }
    if (selection.contains(item)) {
        list.AddRectFilled(corner, end, packed(Meaning::accent, 0.25f));
        list.AddRect({corner.x - 2, corner.y - 2}, {end.x + 2, end.y + 2}, packed(Meaning::accent), line,
                     line);
    } else if (hovered) {
        list.AddRect(corner, end, packed(Meaning::text, 0.6f));
    }
}

void PictureGrid::draw_caption(ImDrawList& list, std::int64_t item, ImVec2 corner, float width) const {
    const TypeScope type(Type::small_mono);
    const float row = ImGui::GetTextLineHeight(), mark = mark_height();
    const float value = energy(item);
    percentile_mark(list, corner, width, mark, value, data_quantiles);
    const float first = corner.y + mark, second = first + row;
    const PictureNote words = note(item);
    const bool narrow = width < scaled(78);
    // As many digits as the picture is wide, then smaller letters.
    std::string number = format_number(value);
    for (int digits = 2; digits > 0 && ImGui::CalcTextSize(number.c_str()).x > width; --digits)
        number = format_number(value, digits);
    const bool small = ImGui::CalcTextSize(number.c_str()).x > width;
    if (small) ImGui::PushFont(nullptr, 11);
    centred_text(list, {corner.x, first}, width,
                 ImGui::ColorConvertFloat4ToU32(energy_color(value, data_quantiles)), number);
    if (small) ImGui::PopFont();
    if (narrow) ImGui::PushFont(nullptr, 11);
    const float left = ImGui::CalcTextSize(words.left.c_str()).x,
                right = ImGui::CalcTextSize(words.right.c_str()).x;
    const ImU32 muted = packed(Meaning::muted);
    // Narrow pictures drop the right note first, then the left one.
    if (left <= width) ImGui::LogText("%s\n", words.left.c_str()); // as Dear ImGui's own texts do
    if (left + right + ImGui::CalcTextSize(" ").x * 0.6f <= width && right > 0) {
        list.AddText({corner.x, second}, muted, words.left.c_str());
        list.AddText({corner.x + width - right, second}, muted, words.right.c_str());
    } else if (left <= width) {
        centred_text(list, {corner.x, second}, width, muted, words.left);
    }
    if (narrow) ImGui::PopFont();
}

void PictureGrid::draw_enlarged(std::int64_t item, float used) const {
    if (!ImGui::BeginTooltip()) return;
    const PictureShape& shape = sheet.shape();
    const auto longer = static_cast<float>(std::max(shape.width, shape.height));
    const float larger = std::max(1.f, std::floor(std::min(4 * used * longer, scaled(340)) / longer));
    sheet.draw(*ImGui::GetWindowDrawList(), picture(item), ImGui::GetCursorScreenPos(), larger);
    ImGui::Dummy({static_cast<float>(shape.width) * larger, static_cast<float>(shape.height) * larger});
    tooltip(item);
    ImGui::EndTooltip();
}

float PictureGrid::mark_height() {
    return std::floor(scaled(6));
}

PictureGrid::Places PictureGrid::arrange(ImVec2 area, float caption) const {
    const ImVec2 pixels = {static_cast<float>(sheet.shape().width), static_cast<float>(sheet.shape().height)};
    // 3 px between pictures beside room for the ring of a selected one.
    ImVec2 gap = {std::floor(scaled(7)), std::floor(scaled(9))};
    const int smallest = std::max(1, static_cast<int>(std::ceil(scaled(42) / std::max(pixels.x, 1.f))));
    if (!groups.empty()) return arrange_groups(area, gap, caption, smallest);
    const int count = static_cast<int>(order.size());
    Places places;
    places.zoom =
        static_cast<float>(zoom > 0 ? zoom : fitting_zoom(count, pixels, area, gap, caption, smallest));
    const ImVec2 cell = {pixels.x * places.zoom, pixels.y * places.zoom + caption};
    places.cell = cell;
    const int columns = std::max(1, static_cast<int>((area.x + gap.x) / (cell.x + gap.x)));
    if (columns > 1 && count >= columns) // spread over the width
        gap.x = std::clamp(
            std::floor((area.x - static_cast<float>(columns) * cell.x) / static_cast<float>(columns - 1)),
            gap.x, 3 * gap.x);
    for (int place = 0; place < count; ++place)
        places.pictures.push_back({std::floor(static_cast<float>(place % columns) * (cell.x + gap.x)),
                                   std::floor(static_cast<float>(place / columns) * (cell.y + gap.y))});
    return places;
}

PictureGrid::Places PictureGrid::arrange_groups(ImVec2 area, ImVec2 gap, float caption, int smallest) const {
    GroupRoom room;
    room.picture = {static_cast<float>(sheet.shape().width), static_cast<float>(sheet.shape().height)};
    room.area = area;
    room.gap = gap;
    room.caption = caption;
    const float most = std::floor(area.x * 0.3f);
    std::vector<int> counts;
    for (const PictureGroup& group : groups) {
        counts.push_back(group.count);
        room.column_heading.x = std::max(room.column_heading.x, std::min(widest_word(group.name), most));
        room.row_heading = std::max(room.row_heading, ImGui::CalcTextSize(group.name.c_str()).x);
    }
    room.column_heading.x = std::max(room.column_heading.x, room.picture.x * static_cast<float>(smallest));
    for (const PictureGroup& group : groups)
        room.column_heading.y =
            std::max(room.column_heading.y,
                     ImGui::CalcTextSize(group.name.c_str(), nullptr, false, room.column_heading.x).y);
    room.column_heading.y += gap.y / 2;
    room.row_heading = std::min(room.row_heading, most) + 2 * gap.x;
    const GroupLayout layout = group_layout(counts, room, smallest, zoom);

    Places places;
    places.zoom = static_cast<float>(layout.zoom);
    places.cell = {room.picture.x * places.zoom, room.picture.y * places.zoom + caption};
    float top = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const float left = std::floor(static_cast<float>(g) * layout.pitch);
        if (layout.columns)
            places.headings.push_back({{left, 0}, {layout.pitch - gap.x, room.column_heading.y}});
        else
            places.headings.push_back({{0, top}, {room.row_heading - 2 * gap.x, places.cell.y}});
        for (int i = 0; i < groups[g].count; ++i) {
            const int row = i / layout.per_row, column = i % layout.per_row;
            places.pictures.push_back(
                layout.columns
                    ? ImVec2(left, std::floor(room.column_heading.y +
                                              static_cast<float>(i) * (places.cell.y + gap.y)))
                    : ImVec2(std::floor(room.row_heading + static_cast<float>(column) * layout.pitch),
                             std::floor(top + static_cast<float>(row) * (places.cell.y + gap.y))));
        }
        const int rows = std::max(1, (groups[g].count + layout.per_row - 1) / layout.per_row);
        top = std::floor(top + static_cast<float>(rows) * (places.cell.y + gap.y));
    }
    return places;
}

void PictureGrid::draw_headings(const Places& places, ImVec2 origin) const {
    for (std::size_t g = 0; g < places.headings.size(); ++g) {
        const auto& [at, room] = places.headings[g];
        const std::string& name = groups[g].name;
        const ImVec2 corner = {origin.x + at.x, origin.y + at.y};
        if (!ImGui::IsRectVisible(corner, {corner.x + room.x, corner.y + room.y})) continue;
        const ImVec2 needed = ImGui::CalcTextSize(name.c_str(), nullptr, false, room.x);
        note_room(name, std::max(needed.x - room.x, needed.y - room.y), 0);
        ImGui::PushID(static_cast<int>(g));
        ImGui::SetCursorScreenPos(corner);
        ImGui::PushClipRect(corner, {corner.x + room.x, corner.y + room.y}, true);
        ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + room.x);
        ImGui::TextUnformatted(name.c_str());
        ImGui::PopTextWrapPos();
        ImGui::PopClipRect();
        if (needed.x > room.x || needed.y > room.y) ImGui::SetItemTooltip("%s", name.c_str());
        ImGui::PopID();
    }
}

PictureGrid::Clicks PictureGrid::draw(const char* id, ImVec2 size) const {
    Clicks clicks;
    ImGui::BeginChild(id, size);
    float caption = 0;
    if (energy) {
        const TypeScope type(Type::small_mono);
        caption = mark_height() + 2 * ImGui::GetTextLineHeight();
    }
    const float edge = std::floor(scaled(4));
    const ImVec2 origin = {ImGui::GetCursorScreenPos().x + edge, ImGui::GetCursorScreenPos().y + edge};
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const Places places = arrange({room.x - 2 * edge, room.y - 2 * edge}, caption);
    const ImVec2 cell = places.cell;
    const auto picture_height = static_cast<float>(sheet.shape().height) * places.zoom;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImRect clip = ImGui::GetCurrentWindow()->InnerClipRect;
    std::int64_t enlarged = -1;
    float bottom = origin.y;
    draw_headings(places, origin);

    for (std::size_t place = 0; place < places.pictures.size(); ++place) {
        const ImVec2 corner = {std::floor(origin.x + places.pictures[place].x),
                               std::floor(origin.y + places.pictures[place].y)};
        bottom = std::max(bottom, corner.y + cell.y);
        // One row beyond the edge is kept, so that the keyboard can walk on.
        if (corner.y + 2 * cell.y < clip.Min.y || corner.y > clip.Max.y + cell.y) continue;
        const std::int64_t item = order[place];
        if (drawn) drawn->push_back(static_cast<int>(item));
        const ImVec2 end = {corner.x + cell.x, corner.y + picture_height};
        ImGui::SetCursorScreenPos(corner);
        ImGui::PushID(static_cast<int>(item));
        if (ImGui::InvisibleButton("picture", cell, ImGuiButtonFlags_EnableNav))
            clicks = {item, ImGui::GetIO().KeyCtrl, ImGui::GetIO().KeyShift};
        const bool hovered = ImGui::IsItemHovered();
        if (ImGui::IsItemHovered(ImGuiHoveredFlags_ForTooltip)) enlarged = item;
        if (menu && ImGui::BeginPopupContextItem("menu")) {
            menu(item);
            ImGui::EndPopup();
        }
        sheet.draw(list, picture(item), corner, places.zoom);
        draw_frame(list, item, corner, end, hovered);
        if (energy) draw_caption(list, item, {corner.x, end.y}, cell.x);
        ImGui::PopID();
    }
    if (enlarged >= 0 && !ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId))
        draw_enlarged(enlarged, places.zoom);
    ImGui::SetCursorScreenPos({origin.x, bottom + edge});
    ImGui::Dummy({0, 0});
    ImGui::EndChild();
    return clicks;
}

} // namespace ebm::panels
