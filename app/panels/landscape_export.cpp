#include "app/panels/landscape_export.h"

#include "app/panels/file_units.h"
#include "app/panels/plot_export.h"
#include "app/window/shell.h"

#include <fmt/format.h>

#include <cmath>

namespace ebm::panels {

std::string field_table(const lab::FieldView& field, const data::Coding* axes, char separator,
                        std::string_view value) {
    const int side = field.resolution;
    const bool density = axes && value == "energy";
    std::string out =
        axes ? fmt::format("{1}{0}{2}{0}{3}{4}\n", separator, table_cell(axes->columns[0].name, separator),
                           table_cell(axes->columns[1].name, separator), value,
                           density ? fmt::format("{}minus_log_p", separator) : "")
             : fmt::format("u{0}v{0}{1}\n", separator, value);
    // p per unit of the file: each axis is stretched by its sd.
    const double stretch = axes ? std::log(axes->columns[0].sd) + std::log(axes->columns[1].sd) : 0;
    for (int row = 0; row < side; ++row)
        for (int column = 0; column < side; ++column) {
            const double x = field.low_x + (column + 0.5) * (field.high_x - field.low_x) / side,
                         y = field.low_y + (row + 0.5) * (field.high_y - field.low_y) / side;
            const float energy = field.energy[static_cast<std::size_t>(row * side + column)];
            out += fmt::format("{1}{0}{2}{0}{3}", separator, axes ? axes->to_file(0, x) : x,
                               axes ? axes->to_file(1, y) : y, energy);
            if (density)
                out +=
                    separator + (std::isfinite(field.log_z)
                                     ? fmt::format("{}", energy / field.temperature + field.log_z + stretch)
                                     : std::string());
            out += '\n';
        }
    return out;
}

void landscape_export_items(const Pane& pane, window::Context& context, const char* of) {
    window::Shell& shell = context.shell;
    const bool plane = context.snapshot.kind.plane;
    const data::Coding axes = axes_of(context.snapshot);
    const std::string name = context.snapshot.scene.name + "_" +
                             (pane.difference ? "difference"
                              : pane.exact    ? "exact"
                                              : of);
    const char* value = pane.difference ? "log_p_of_a_minus_of_b" : "energy";
    if (ImGui::MenuItem("Copy numbers")) {
        ImGui::SetClipboardText(field_table(*pane.field, plane ? &axes : nullptr, '\t', value).c_str());
        shell.say("The numbers are in the clipboard, separated by tabs.");
    }
    if (ImGui::MenuItem("Save numbers (CSV)…"))
        shell.dialogs().save_file("Save numbers", name + ".csv", {{"Numbers", {"*.csv"}}},
                                  [&shell, field = pane.field, plane, axes, value](const std::string& path) {
                                      shell.save_text(
                                          path, field_table(*field, plane ? &axes : nullptr, ',', value));
                                  });
    if (ImGui::MenuItem("Save picture (PNG)…"))
        shell.dialogs().save_file("Save picture", name + ".png", {{"Pictures", {"*.png"}}},
                                  [&shell, low = pane.low, high = pane.high](const std::string& path) {
                                      shell.screenshot(path, low, high);
                                  });
    if (ImGui::MenuItem("Record this picture\u2026", nullptr, false, !shell.recording()))
        shell.dialogs().save_file("Record this picture", name + ".gif", window::animation_files,
                                  [&shell, low = pane.low, high = pane.high](const std::string& path) {
                                      shell.record(path, low, high);
                                  });
}

} // namespace ebm::panels
