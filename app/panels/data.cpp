#include "app/panels/class_names.h"
#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/picture_grid.h"
#include "app/panels/plot_export.h"
#include "app/panels/plotting.h"
#include "app/panels/table_export.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <implot.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

namespace ebm::panels {

using namespace window;

namespace {

/// What a scene learns from, before and while it is trained.
class DataPanel {
public:
    void draw(Context& context);

private:
    void draw_facts(Context& context);
    void draw_classes(Context& context);
    void draw_pictures(const lab::Snapshot& snapshot, ImVec2 size);
    void draw_points(Context& context, ImVec2 size);

    std::shared_ptr<const lab::DataView> shown_;
    ImageSheet sheet_;
    std::uint64_t version_ = 0;
    std::vector<std::int64_t> order_;
    std::vector<PictureGroup> groups_;
    Selection none_;
    int zoom_ = 0;
};

void DataPanel::draw(Context& context) {
    const lab::Snapshot& snapshot = context.snapshot;
    if (!snapshot.data || snapshot.data->train_count == 0) {
        const bool missing = snapshot.data && !snapshot.data->missing.empty();
        empty_state(
            icon::data,
            snapshot.state == lab::State::empty ? "No scene is open. Pick one in the panel at the left."
            : missing                           ? snapshot.data->missing
                      : "This scene has no data: its energy is given by a formula or joined from others.");
        return;
    }
    const lab::DataView& data = *snapshot.data;
    const bool plane = snapshot.kind.plane;
    if (shown_ != snapshot.data) {
        shown_ = snapshot.data;
        ++version_;
        const auto elements = static_cast<std::size_t>(std::max(1, snapshot.kind.elements()));
        order_.resize(plane ? 0 : data.pixels.size() / elements);
        std::iota(order_.begin(), order_.end(), 0);
        groups_.clear();
        for (std::size_t i = 0; i < std::min(order_.size(), data.labels.size()); ++i) {
            if (i == 0 || data.labels[i] != data.labels[i - 1])
                groups_.push_back({class_name(data.classes, data.labels[i]), 0});
            ++groups_.back().count;
        }
    }
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float facts = ImGui::GetFontSize() * 23, gap = 2 * ImGui::GetStyle().ItemSpacing.x;
    const bool beside = room.x > 2.2f * facts;
    const auto samples = [&](ImVec2 size) {
        plane ? draw_points(context, size) : draw_pictures(snapshot, size);
    };
    if (beside) {
        if (ImGui::BeginChild("facts", {facts, 0})) draw_facts(context);
        ImGui::EndChild();
        ImGui::SameLine(0, gap);
        if (ImGui::BeginChild("samples")) samples(ImGui::GetContentRegionAvail());
        ImGui::EndChild();
        return;
    }
    draw_facts(context);
    const float least = ImGui::GetFontSize() * 16;
    samples({ImGui::GetContentRegionAvail().x, std::max(ImGui::GetContentRegionAvail().y, least)});
}

void DataPanel::draw_facts(Context& context) {
    const lab::DataView& data = *context.snapshot.data;
    const lab::SampleKind& kind = context.snapshot.kind;
    {
        const TypeScope type(Type::strong);
        ImGui::TextUnformatted(data.title.c_str());
    }
    muted_text(data.source + (data.transform.empty() ? "" : "; " + data.transform));
    std::string shape = "points of the plane";
    if (!kind.plane)
        shape = "pictures of " + std::to_string(kind.channels) + " × " + std::to_string(kind.height) + " × " +
                std::to_string(kind.width);
    const std::string counts = format_count(data.train_count) + " training and " +
                               format_count(data.held_out_count) + " held-out " + shape;
    ImGui::TextWrapped("%s", counts.c_str());
    ImGui::Spacing();
    constexpr ImGuiTableFlags flags = ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp;
    if (ImGui::BeginTable("values", 5, flags)) {
        const bool bytes = !kind.plane && data.coding.low == 0 && data.coding.high == 255;
        for (const char* name : {"value", "mean", "sd", "lowest", "highest"})
            ImGui::TableSetupColumn(name);
        ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
        for (int column = 0; column < 5; ++column) {
            ImGui::TableSetColumnIndex(column);
            if (column == 0)
                ImGui::TextColored(color(Meaning::muted), "%s", bytes ? "0 … 255" : "");
            else
                right_aligned(ImGui::TableGetColumnName(column), packed(Meaning::muted));
        }
        for (const lab::DataView::Values& values : data.values) {
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            clipped_text(values.name, ImGui::GetContentRegionAvail().x);
            const TypeScope type(Type::mono);
            for (const double value : {values.mean, values.sd, values.low, values.high}) {
                ImGui::TableNextColumn();
                right_aligned(format_number(value), packed(Meaning::text));
            }
        }
        ImGui::EndTable();
        table_menu(context, "values menu", [&] {
            NumberTable table{context.snapshot.scene.name + "_data",
                              {"value", "mean", "sd", "lowest", "highest", "samples"},
                              {}};
            for (const lab::DataView::Values& values : data.values)
                table.rows.push_back(
                    {values.name, values.mean, values.sd, values.low, values.high, data.measured});
            return table;
        });
    }
    if (data.measured < data.train_count)
        muted_text("Of " + format_count(data.measured) + " training samples, evenly taken.");
    if (!data.class_counts.empty()) draw_classes(context);
}

void DataPanel::draw_classes(Context& context) {
    const lab::DataView& data = *context.snapshot.data;
    const bool colored = context.snapshot.kind.plane;
    ImGui::Spacing();
    constexpr ImGuiTableFlags flags =
        ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_ScrollY;
    const float line = ImGui::GetTextLineHeight() + 2 * ImGui::GetStyle().CellPadding.y;
    const float wanted = line * static_cast<float>(data.class_counts.size() + 1) + scaled(4);
    const float height = std::min(wanted, std::max(ImGui::GetContentRegionAvail().y, line * 6));
    if (!ImGui::BeginTable("classes", 3, flags, {0, height})) return;
    ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("class", ImGuiTableColumnFlags_WidthStretch);
    for (const char* name : {"training", "held-out"})
        ImGui::TableSetupColumn(name, ImGuiTableColumnFlags_WidthFixed, ImGui::GetFontSize() * 4.5f);
    ImGui::PushStyleColor(ImGuiCol_Text, color(Meaning::muted));
    ImGui::TableHeadersRow();
    ImGui::PopStyleColor();
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(data.class_counts.size()));
    while (clipper.Step())
        for (int k = clipper.DisplayStart; k < clipper.DisplayEnd; ++k) {
            const auto at = static_cast<std::size_t>(k);
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            if (colored) {
                const float side = ImGui::GetTextLineHeight();
                const ImVec2 corner = ImGui::GetCursorScreenPos();
                ImGui::GetWindowDrawList()->AddCircleFilled({corner.x + side / 2, corner.y + side / 2},
                                                            scaled(4),
                                                            ImGui::ColorConvertFloat4ToU32(curve_color(k)));
                ImGui::Dummy({side, side});
                ImGui::SameLine();
            }
            clipped_text(class_name(data.classes, k), ImGui::GetContentRegionAvail().x);
            const TypeScope type(Type::mono);
            for (const auto* counts : {&data.class_counts, &data.held_out_class_counts}) {
                ImGui::TableNextColumn();
                right_aligned(
                    at < counts->size() ? format_count((*counts)[at]) : std::string(unknown_value),
                    packed((*counts).size() > at && (*counts)[at] == 0 ? Meaning::attention : Meaning::text));
            }
        }
    ImGui::EndTable();
    table_menu(context, "classes menu", [&] {
        NumberTable table{context.snapshot.scene.name + "_classes", {"class", "training", "held_out"}, {}};
        for (std::size_t k = 0; k < data.class_counts.size(); ++k)
            table.rows.push_back(
                {class_name(data.classes, static_cast<std::int64_t>(k)), data.class_counts[k],
                 k < data.held_out_class_counts.size() ? TableCell(data.held_out_class_counts[k])
                                                       : TableCell("")});
        return table;
    });
}

void DataPanel::draw_pictures(const lab::Snapshot& snapshot, ImVec2 size) {
    const lab::DataView& data = *snapshot.data;
    sheet_.set(data.pixels, {snapshot.kind.channels, snapshot.kind.height, snapshot.kind.width}, version_);
    const std::string caption =
        format_count(static_cast<std::int64_t>(order_.size())) + " of the training data, drawn at random";
    const float top = ImGui::GetCursorPosY(), width = ImGui::GetFontSize() * 6;
    ImGui::AlignTextToFramePadding();
    ImGui::TextColored(color(Meaning::muted), "%s", caption.c_str());
    flow(width);
    ImGui::SetNextItemWidth(width);
    ImGui::SliderInt("##zoom", &zoom_, 0, 8, zoom_ == 0 ? "size: fit" : "size ×%d",
                     ImGuiSliderFlags_AlwaysClamp);
    ImGui::SetItemTooltip("Screen pixels for one pixel of a picture. Fit: as large as all fit in.");
    const PictureGrid grid = {
        .sheet = sheet_,
        .order = order_,
        .picture = [](std::int64_t item) { return static_cast<int>(item); },
        .energy = {},
        .note = {},
        .tooltip =
            [&](std::int64_t item) {
                const auto at = static_cast<std::size_t>(item);
                if (at < data.labels.size())
                    ImGui::TextUnformatted(class_name(data.classes, data.labels[at]).c_str());
            },
        .menu = {},
        .data_quantiles = {},
        .selection = none_,
        .ringed = -1,
        .zoom = zoom_,
        .groups = groups_,
    };
    grid.draw("pictures", {size.x, size.y - (ImGui::GetCursorPosY() - top)});
}

void DataPanel::draw_points(Context& context, ImVec2 size) {
    const lab::DataView& data = *context.snapshot.data;
    const std::vector<float>& points = data.points;
    const std::size_t count = points.size() / 2;
    const float words = ImGui::GetTextLineHeightWithSpacing();
    if (begin_plot("##points", {size.x, std::max(size.y - words, least_plot_height())}, ImPlotFlags_Equal)) {
        const auto axis = [&](std::size_t which) {
            return which < data.values.size() ? data.values[which].name.c_str() : nullptr;
        };
        ImPlot::SetupAxes(axis(0), axis(1), ImPlotAxisFlags_NoHighlight | ImPlotAxisFlags_AutoFit,
                          ImPlotAxisFlags_NoHighlight | ImPlotAxisFlags_AutoFit);
        ImPlot::SetupAxisFormat(ImAxis_X1, tick_number);
        ImPlot::SetupAxisFormat(ImAxis_Y1, tick_number);
        std::vector<double> xs, ys;
        for (std::size_t i = 0; i < count; ++i) {
            xs.push_back(data.coding.to_file(0, points[2 * i]));
            ys.push_back(data.coding.to_file(1, points[2 * i + 1]));
        }
        // An invisible series tells ImPlot the extent.
        ImPlotSpec extent;
        extent.Marker = ImPlotMarker_None;
        extent.LineColor = ImVec4(0, 0, 0, 0);
        if (count > 0) ImPlot::PlotScatter("##all", xs.data(), ys.data(), static_cast<int>(count), extent);
        ImDrawList& list = *ImPlot::GetPlotDrawList();
        ImPlot::PushPlotClipRect();
        const float radius = scaled(1.25f);
        for (std::size_t i = 0; i < count; ++i) {
            const ImVec2 at = ImPlot::PlotToPixels(xs[i], ys[i]);
            const ImU32 ink = i < data.labels.size()
                                  ? ImGui::ColorConvertFloat4ToU32(curve_color(data.labels[i]))
                                  : packed(Meaning::data);
            list.AddRectFilled({at.x - radius, at.y - radius}, {at.x + radius, at.y + radius}, ink);
        }
        ImPlot::PopPlotClipRect();
        const bool asked = plot_menu_asked();
        end_plot();
        plot_menu(context, asked, [&] {
            PlotLine line{"y", xs, ys, packed(Meaning::data), Dash::solid};
            return PlotContent{data.title, "x", "y", {line}, false};
        });
    }
    const auto shown = static_cast<std::int64_t>(count);
    ImGui::TextColored(color(Meaning::muted), "%s",
                       (shown < data.train_count ? format_count(shown) + " of " : "")
                           .append(format_count(data.train_count) + " training points")
                           .c_str());
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel data_panel() {
    return {
        .id = "data",
        .title = "Data",
        .icon = icon::data,
        .place = Place::centre,
        .help = panels::help_text("data"),
        .draw = [panel = std::make_shared<panels::DataPanel>()](Context& context) { panel->draw(context); },
        .actions = {},
        .views = {}};
}

} // namespace ebm::window
