#include "app/panels/model_card.h"

#include "app/panels/plotting.h"
#include "app/panels/setting_rows.h"
#include "app/panels/table_export.h"
#include "app/window/number_format.h"
#include "app/window/theme.h"
#include "app/window/widgets.h"

#include <imgui.h>

#include <algorithm>

namespace ebm::panels {
namespace {

using window::Meaning;

std::string bytes_text(std::int64_t bytes) {
    return window::format_bytes(static_cast<double>(bytes));
}

/// "64 × 7 × 7", "2" for points.
std::string shape_text(const network::NodeShape& shape) {
    if (shape.channels == 0) return "";
    std::string text = window::format_count(shape.channels);
    if (shape.height > 1 || shape.width > 1)
        text += " × " + std::to_string(shape.height) + " × " + std::to_string(shape.width);
    return text;
}

std::string memory_words(const lab::ModelDescription& model) {
    std::string text = "Of a training, without what the program itself needs.";
    for (const lab::ModelDescription::Memory& part : model.memory)
        text += "\n" + bytes_text(part.bytes) + "  " + part.use +
                (part.mapped ? " (mapped from a file, not in the sum)" : "");
    return text;
}

void layer_table(window::Context& context, const lab::ModelDescription& model) {
    std::string heading = model.energy;
    if (model.classes > 0) heading += ", " + window::format_count(model.classes) + " classes";
    {
        const window::TypeScope type(window::Type::strong);
        ImGui::TextUnformatted(heading.c_str());
    }
    constexpr ImGuiTableFlags flags =
        ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit;
    const float line = ImGui::GetTextLineHeight() + 2 * ImGui::GetStyle().CellPadding.y;
    const float most = ImGui::GetMainViewport()->WorkSize.y * 0.6f;
    const ImVec2 size = {ImGui::GetFontSize() * 44,
                         std::min(most, line * (static_cast<float>(model.layers.size()) + 3))};
    if (!ImGui::BeginTable("layers", 5, flags, size)) return;
    ImGui::TableSetupScrollFreeze(0, 1);
    constexpr const char* names[] = {"weights", "operation", "result", "parameters", "multiply-adds"};
    constexpr float widths[] = {0, 14, 7, 6.5f, 7.5f}; // in font sizes
    ImGui::TableSetupColumn(names[0], ImGuiTableColumnFlags_WidthStretch);
    for (int i = 1; i < 5; ++i)
        ImGui::TableSetupColumn(names[i], ImGuiTableColumnFlags_WidthFixed, ImGui::GetFontSize() * widths[i]);
    ImGui::PushStyleColor(ImGuiCol_Text, window::color(Meaning::muted));
    ImGui::TableHeadersRow();
    ImGui::PopStyleColor();
    const auto cell = [](const std::string& text, bool right) {
        ImGui::TableNextColumn();
        if (right)
            right_aligned(text, window::packed(Meaning::text));
        else
            ImGui::TextUnformatted(text.c_str());
    };
    const auto count = [](std::int64_t number) {
        return number > 0 ? window::format_count(number) : std::string();
    };
    for (const network::LayerFacts& layer : model.layers) {
        ImGui::TableNextRow();
        cell(layer.name, false);
        cell(layer.operation, false);
        cell(shape_text(layer.shape), true);
        cell(count(layer.parameters), true);
        cell(count(layer.multiply_adds), true);
    }
    ImGui::TableNextRow();
    cell("sum", false);
    cell("", false);
    cell("", false);
    cell(window::format_count(model.parameters), true);
    cell(window::format_count(model.multiply_adds), true);
    ImGui::EndTable();
    table_menu(context, "layers menu", [&] {
        NumberTable table{
            context.snapshot.scene.name + "_layers",
            {"weights", "operation", "channels", "height", "width", "parameters", "multiply_adds"},
            {}};
        for (const network::LayerFacts& layer : model.layers)
            table.rows.push_back({layer.name, layer.operation, layer.shape.channels, layer.shape.height,
                                  layer.shape.width, layer.parameters, layer.multiply_adds});
        table.rows.push_back({"sum", "", "", "", "", model.parameters, model.multiply_adds});
        return table;
    });
    window::muted_text(
        "Multiply-adds are those of one energy of one sample; a gradient takes about three times as many.");
}

} // namespace

void model_card(window::Context& context) {
    const lab::Snapshot& snapshot = context.snapshot;
    reading_row("Parameters", window::format_count(snapshot.parameter_count),
                "Weights that training changes.");
    if (!snapshot.model || snapshot.model->layers.empty()) return;
    const lab::ModelDescription& model = *snapshot.model;
    reading_row("Multiply-adds", window::format_count(model.multiply_adds), "Of one energy of one sample.");
    reading_row("Memory", bytes_text(model.memory_bytes()), memory_words(model));
    control_row(
        "Layers", ImGui::GetFrameHeight(),
        [&] {
            const std::string label = window::format_count(static_cast<std::int64_t>(model.layers.size())) +
                                      " operations…###layers";
            if (ImGui::Button(label.c_str())) ImGui::OpenPopup("layers");
            if (ImGui::BeginPopup("layers")) {
                layer_table(context, model);
                ImGui::EndPopup();
            }
        },
        "Every operation of the network with the shape of its result, its parameters and its multiply-adds.");
}

} // namespace ebm::panels
