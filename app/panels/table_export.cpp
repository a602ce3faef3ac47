#include "app/panels/table_export.h"

#include "app/panels/plot_export.h"
#include "app/window/shell.h"

#include <cctype>

#include <imgui.h>

namespace ebm::panels {
namespace {

void items(window::Context& context, const char* copy, const char* save,
           const std::function<NumberTable()>& content) {
    window::Shell& shell = context.shell;
    if (ImGui::MenuItem(copy)) {
        ImGui::SetClipboardText(table_text(content(), '\t').c_str());
        shell.say("The numbers are in the clipboard, separated by tabs.");
    }
    if (ImGui::MenuItem(save)) {
        const NumberTable table = content();
        shell.dialogs().save_file("Save numbers", file_name(table.name) + ".csv", {{"Numbers", {"*.csv"}}},
                                  [&shell, text = table_text(table, ',')](const std::string& path) {
                                      shell.save_text(path, text);
                                  });
    }
}

} // namespace

std::string file_name(std::string_view name) {
    std::string out;
    for (const char letter : name)
        if (std::isalnum(static_cast<unsigned char>(letter)))
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        else if (!out.empty() && out.back() != '_')
            out += '_';
    while (!out.empty() && out.back() == '_')
        out.pop_back();
    return out.empty() ? "untitled" : out;
}

std::string table_text(const NumberTable& table, char separator) {
    std::string out;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        out += (i > 0 ? std::string(1, separator) : "") + table_cell(table.columns[i], separator);
    out += '\n';
    for (const std::vector<TableCell>& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            out += (i > 0 ? std::string(1, separator) : "") + table_cell(row[i].text, separator);
        out += '\n';
    }
    return out;
}

void whole_table_items(window::Context& context, const std::function<NumberTable()>& content) {
    items(context, "Copy the table", "Save the table…", content);
}

void table_menu(window::Context& context, const char* id, const std::function<NumberTable()>& content) {
    if (ImGui::IsMouseReleased(ImGuiMouseButton_Right) &&
        ImGui::IsMouseHoveringRect(ImGui::GetItemRectMin(), ImGui::GetItemRectMax()) &&
        ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows))
        ImGui::OpenPopup(id);
    if (!ImGui::BeginPopup(id)) return;
    items(context, "Copy numbers", "Save numbers (CSV)…", content);
    ImGui::EndPopup();
}

} // namespace ebm::panels
