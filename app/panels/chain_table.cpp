#include "app/panels/chain_table.h"

#include "app/panels/class_names.h"
#include "app/panels/picture_grid.h"
#include "app/panels/plotting.h"
#include "app/window/number_format.h"
#include "app/window/theme.h"
#include "app/window/widgets.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

namespace ebm::panels {

using namespace window;

namespace {

float at(const std::vector<float>& values, std::size_t index) {
    return index < values.size() ? values[index] : std::nanf("");
}

} // namespace

ChainTable::Clicks ChainTable::draw(ImVec2 size) const {
    Clicks clicks;
    const TypeScope type(Type::mono);
    const float letter = ImGui::CalcTextSize("0").x, width = ImGui::GetContentRegionAvail().x;
    const bool with_class = !chains.labels.empty();
    float named = 0;
    for (const std::string& name : classes)
        named = std::max(named, ImGui::CalcTextSize(name.c_str()).x + letter);
    named = with_class ? std::min(named, width / 3) : 0;
    const float left = width - named;
    const bool with_age = left > 26 * letter, with_gradient = left > 34 * letter,
               with_place = left > 56 * letter;
    const int columns = 2 + with_class + with_age + with_gradient + 2 * with_place;
    constexpr ImGuiTableFlags flags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg |
                                      ImGuiTableFlags_SizingStretchSame | ImGuiTableFlags_PadOuterX;
    if (!ImGui::BeginTable("chains", columns, flags, size)) return clicks;
    ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("chain", 0, 0.7f);
    ImGui::TableSetupColumn("E");
    if (with_class) ImGui::TableSetupColumn("asked for", ImGuiTableColumnFlags_WidthFixed, named);
    if (with_age) ImGui::TableSetupColumn("age");
    if (with_gradient) ImGui::TableSetupColumn("|∇E|");
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
    clipper.Begin(static_cast<int>(order.size()));
    while (clipper.Step())
        for (int row = clipper.DisplayStart; row < clipper.DisplayEnd; ++row) {
            const std::int64_t chain = order[static_cast<std::size_t>(row)];
            const auto index = static_cast<std::size_t>(chain);
            ImGui::PushID(static_cast<int>(chain));
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            if (ImGui::Selectable("##row", selection.contains(chain), ImGuiSelectableFlags_SpanAllColumns))
                clicks = {chain, ImGui::GetIO().KeyCtrl, ImGui::GetIO().KeyShift};
            const float energy = at(chains.energy, index);
            ImGui::SetItemTooltip("Chain %d: E %s\n%s", static_cast<int>(chain), exact(energy).c_str(),
                                  standing_sentence(energy, data_quantiles).c_str());
            if (menu && ImGui::BeginPopupContextItem("menu")) {
                {
                    const TypeScope body(Type::body); // ends within the popup
                    menu(chain);
                }
                ImGui::EndPopup();
            }
            ImGui::SameLine(0, 0);
            right_aligned((chain == traced ? "● " : "") + std::to_string(chain),
                          packed(chain == traced ? Meaning::samples : Meaning::text));
            ImGui::TableNextColumn();
            right_aligned(format_number(energy),
                          ImGui::ColorConvertFloat4ToU32(energy_color(energy, data_quantiles)));
            if (with_class) {
                ImGui::TableNextColumn();
                const std::string name =
                    class_name(classes, index < chains.labels.size() ? chains.labels[index] : -1);
                if (ImGui::CalcTextSize(name.c_str()).x <= ImGui::GetContentRegionAvail().x)
                    right_aligned(name, packed(Meaning::text));
                else
                    clipped_text(name, ImGui::GetContentRegionAvail().x);
            }
            if (with_age) {
                ImGui::TableNextColumn();
                right_aligned(index < chains.age.size() ? format_count(chains.age[index]) : "–",
                              packed(Meaning::text));
            }
            if (with_gradient) {
                ImGui::TableNextColumn();
                right_aligned(format_number(at(chains.gradient_norm, index)), packed(Meaning::text));
            }
            for (std::size_t axis = 0; with_place && axis < 2; ++axis) {
                ImGui::TableNextColumn();
                right_aligned(format_number(axes.to_file(axis, at(chains.positions, 2 * index + axis))),
                              packed(Meaning::muted));
            }
            ImGui::PopID();
        }
    ImGui::EndTable();
    return clicks;
}

NumberTable ChainTable::numbers(const std::string& name) const {
    NumberTable table{name, {"chain", "energy", "age", "gradient_norm"}, {}};
    const bool with_class = !chains.labels.empty();
    if (with_class) table.columns.emplace_back("asked_for");
    for (const data::Coding::Column& column : axes.columns)
        table.columns.push_back(column.name);
    for (const std::int64_t chain : order) {
        const auto index = static_cast<std::size_t>(chain);
        std::vector<TableCell> row = {chain, at(chains.energy, index),
                                      index < chains.age.size() ? TableCell(chains.age[index])
                                                                : TableCell(""),
                                      at(chains.gradient_norm, index)};
        if (with_class)
            row.emplace_back(class_name(classes, index < chains.labels.size() ? chains.labels[index] : -1));
        for (std::size_t axis = 0; axis < axes.columns.size(); ++axis)
            row.emplace_back(axes.to_file(axis, at(chains.positions, 2 * index + axis)));
        table.rows.push_back(std::move(row));
    }
    return table;
}

} // namespace ebm::panels
