#include "app/panels/buffer_table.h"

#include "app/panels/class_names.h"
#include "app/panels/picture_grid.h"
#include "app/panels/plotting.h"
#include "app/window/number_format.h"
#include "app/window/theme.h"

namespace ebm::panels {

using namespace window;

void BufferTable::draw_lit(std::int64_t slot) const {
    const LitSlots::Mark mark = lit->mark(slot);
    ImGui::TableNextColumn();
    if (mark == LitSlots::Mark::none) return;
    ImGui::TableSetBgColor(ImGuiTableBgTarget_RowBg1, slot_color(mark, 0.3f * lit->alpha()));
    const float half = scaled(3.5f);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    draw_slot_mark(*ImGui::GetWindowDrawList(), {at.x + 2 * half, at.y + ImGui::GetTextLineHeight() / 2},
                   half, mark, lit->alpha());
    right_aligned(lit->word(mark), packed(Meaning::text));
}

BufferTable::Clicks BufferTable::draw(ImVec2 size) const {
    Clicks clicks;
    const TypeScope type(Type::mono);
    const float letter = ImGui::CalcTextSize("0").x;
    const float width = size.x > 0 ? size.x : ImGui::GetContentRegionAvail().x;
    const bool with_reused = width > 34 * letter, with_birth = width > 44 * letter,
               with_place = width > 66 * letter;
    const bool with_lit = lit && lit->event != LitSlots::Event::none;
    const int columns = 3 + with_lit + with_reused + with_birth + 2 * with_place;
    constexpr ImGuiTableFlags flags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg |
                                      ImGuiTableFlags_SizingStretchSame | ImGuiTableFlags_PadOuterX;
    if (!ImGui::BeginTable("buffer", columns, flags, size)) return clicks;
    ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("slot");
    if (with_lit) ImGui::TableSetupColumn("line");
    ImGui::TableSetupColumn("E");
    ImGui::TableSetupColumn("age");
    if (with_reused) ImGui::TableSetupColumn("reused");
    if (with_birth) ImGui::TableSetupColumn("born at");
    if (with_place) {
        for (const data::Coding::Column& column : axes.columns)
            ImGui::TableSetupColumn(column.name.c_str());
    }
    ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
    for (int column = 0; column < columns; ++column) {
        ImGui::TableSetColumnIndex(column);
        right_aligned(ImGui::TableGetColumnName(column), packed(Meaning::muted));
    }
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(buffer.slots.size()));
    while (clipper.Step())
        for (int row = clipper.DisplayStart; row < clipper.DisplayEnd; ++row) {
            const auto place = static_cast<std::size_t>(row);
            const std::int64_t slot = buffer.slots[place];
            const float energy = buffer.energy[place];
            ImGui::PushID(static_cast<int>(slot));
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            if (ImGui::Selectable("##row", selection.contains(slot), ImGuiSelectableFlags_SpanAllColumns)) {
                clicks.slot = slot;
                clicks.control = ImGui::GetIO().KeyCtrl;
                clicks.shift = ImGui::GetIO().KeyShift;
            }
            if (ImGui::IsItemHovered()) clicks.hovered = row;
            const std::string label =
                place < buffer.labels.size() ? "\nclass: " + class_name(classes, buffer.labels[place]) : "";
            ImGui::SetItemTooltip("Slot %s: E %s\n%s%s", format_count(slot).c_str(), exact(energy).c_str(),
                                  standing_sentence(energy, data_quantiles).c_str(), label.c_str());
            if (menu && ImGui::BeginPopupContextItem("menu")) {
                {
                    const TypeScope body(Type::body); // ends within the popup
                    menu(place);
                }
                ImGui::EndPopup();
            }
            ImGui::SameLine(0, 0);
            right_aligned(format_count(slot), packed(Meaning::text));
            if (with_lit) draw_lit(slot);
            ImGui::TableNextColumn();
            right_aligned(format_number(energy),
                          ImGui::ColorConvertFloat4ToU32(energy_color(energy, data_quantiles)));
            const auto count = [&](const std::vector<std::int64_t>& values) {
                ImGui::TableNextColumn();
                right_aligned(place < values.size() ? format_count(values[place]) : "–",
                              packed(Meaning::text));
            };
            count(buffer.age);
            if (with_reused) count(buffer.reused);
            if (with_birth) count(buffer.birth);
            for (std::size_t axis = 0; with_place && axis < 2; ++axis) {
                ImGui::TableNextColumn();
                const std::size_t at = 2 * place + axis;
                right_aligned(at < buffer.points.size() ? format_number(axes.to_file(axis, buffer.points[at]))
                                                        : "–",
                              packed(Meaning::muted));
            }
            ImGui::PopID();
        }
    ImGui::EndTable();
    return clicks;
}

NumberTable BufferTable::numbers(const std::string& name) const {
    NumberTable table{name, {"slot", "energy", "age", "reused", "born_at"}, {}};
    const bool with_class = !buffer.labels.empty(), with_place = !buffer.points.empty();
    if (with_class) table.columns.emplace_back("class");
    if (with_place)
        for (const data::Coding::Column& column : axes.columns)
            table.columns.push_back(column.name);
    const auto known = [](const auto& values, std::size_t at) {
        return at < values.size() ? TableCell(values[at]) : TableCell("");
    };
    for (std::size_t place = 0; place < buffer.slots.size(); ++place) {
        std::vector<TableCell> row = {buffer.slots[place], known(buffer.energy, place),
                                      known(buffer.age, place), known(buffer.reused, place),
                                      known(buffer.birth, place)};
        if (with_class)
            row.emplace_back(place < buffer.labels.size() ? class_name(classes, buffer.labels[place]) : "");
        for (std::size_t axis = 0; with_place && axis < axes.columns.size(); ++axis) {
            const std::size_t at = 2 * place + axis;
            row.push_back(at < buffer.points.size() ? TableCell(axes.to_file(axis, buffer.points[at]))
                                                    : TableCell(""));
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

} // namespace ebm::panels
