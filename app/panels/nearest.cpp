#include "app/panels/class_names.h"
#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/picture_choice.h"
#include "app/panels/plotting.h"
#include "app/panels/table_export.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"
#include "core/measure/scores.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace ebm::panels {

using namespace window;

namespace {

class NearestPanel {
public:
    void draw(Context& context);

private:
    void draw_nearest(const lab::Snapshot& snapshot);
    void draw_verdict(const lab::NearestView& view);
    void draw_distances(const lab::NearestView& view);
    void draw_tiles(const lab::Snapshot& snapshot, const lab::NearestView& view);
    void draw_scores(Context& context);

    PictureChooser chooser_;
    ImageSheet sheet_;
    std::int64_t shown_ = -1; ///< number of the picture that `sheet_` belongs to
};

/// How the distance of the picture compares with those of held-out pictures.
void NearestPanel::draw_verdict(const lab::NearestView& view) {
    const double distance = view.distances.front();
    std::string text = fmt::format("Nearest of {} training pictures: {} away.",
                                   format_count(view.training_count), format_number(distance));
    const lab::HeldOutDistances& held_out = view.held_out;
    if (held_out.count == 0) {
        if (view.held_out_done < 1)
            text +=
                fmt::format(" Looking for those of held-out pictures: {:.0f} %.", 100 * view.held_out_done);
        else
            text += " There are no held-out pictures to compare that with.";
        return muted_text(text);
    }
    text += fmt::format(" Held-out pictures ({}): median {}, 5 % are nearer than {}. ",
                        format_count(held_out.count), format_number(held_out.median),
                        format_number(held_out.low));
    muted_text(text);
    help_tooltip("Euclidean distance of all pixels, in the model's values: black −1, white 1. Pictures that "
                 "the model was not trained on say what is near for a new picture of this kind.");
    const Meaning meaning = distance < held_out.low ? Meaning::attention : Meaning::good;
    status_dot(meaning);
    ImGui::SameLine();
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(
        distance == 0 ? "It is a training picture, pixel by pixel."
        : distance < held_out.low
            ? "Nearer than 95 % of new pictures: it may have been learned by heart, or it is very plain."
            : "No nearer than new pictures are: it was not learned by heart.");
    ImGui::PopTextWrapPos();
}

/// The distances of held-out pictures as lines on one axis, and that of this picture among them.
void NearestPanel::draw_distances(const lab::NearestView& view) {
    const std::vector<float>& others = view.held_out.sorted;
    if (others.empty()) return;
    const TypeScope type(Type::caption);
    const float distance = view.distances.front();
    const float high = 1.05f * std::max({others.back(), distance, 1e-6f});
    const float width = ImGui::GetContentRegionAvail().x, height = scaled(22),
                line = ImGui::GetTextLineHeight();
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const auto x_of = [&](double value) {
        return corner.x + static_cast<float>(value) / high * (width - scaled(2));
    };
    list.AddLine({corner.x, corner.y + height}, {corner.x + width, corner.y + height},
                 packed(Meaning::hairline), scaled(1));
    for (const float other : others)
        list.AddLine({x_of(other), corner.y + scaled(6)}, {x_of(other), corner.y + height},
                     packed(Meaning::held_out, 0.55f), scaled(1));
    const float at = x_of(distance);
    list.AddTriangleFilled({at, corner.y + height}, {at - scaled(5), corner.y}, {at + scaled(5), corner.y},
                           packed(Meaning::samples));
    list.AddText({corner.x, corner.y + height + scaled(2)}, packed(Meaning::muted), "0");
    const std::string end = format_number(high);
    list.AddText({corner.x + width - ImGui::CalcTextSize(end.c_str()).x, corner.y + height + scaled(2)},
                 packed(Meaning::muted), end.c_str());
    const char* names = "distance to the nearest training picture: lines held-out, triangle this one";
    const float words = ImGui::CalcTextSize(names).x;
    if (words < 0.8f * width)
        list.AddText({corner.x + (width - words) / 2, corner.y + height + scaled(2)}, packed(Meaning::muted),
                     names);
    ImGui::Dummy({width, height + scaled(2) + line});
    help_tooltip("Each line is a held-out picture and its distance to the training picture that is nearest "
                 "to it; the triangle is the chosen picture.");
}

void NearestPanel::draw_tiles(const lab::Snapshot& s, const lab::NearestView& view) {
    const PictureShape shape = {s.kind.channels, s.kind.height, s.kind.width};
    if (shown_ != view.picture) {
        shown_ = view.picture;
        sheet_.set(view.pixels, shape, static_cast<std::uint64_t>(view.picture));
    }
    const TypeScope type(Type::caption);
    const int count = static_cast<int>(view.records.size());
    const bool with_class = !view.labels.empty();
    const PictureTiles tiles =
        picture_tiles(shape, 1 + count, 2 + with_class, ImGui::CalcTextSize("training 60 000").x,
                      ImGui::GetContentRegionAvail());
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const auto zoom = static_cast<float>(tiles.zoom);
    const ImU32 text = packed(Meaning::text), muted = packed(Meaning::muted);
    for (int tile = 0; tile <= count; ++tile) {
        const ImVec2 offset = tile_corner(tiles, tile);
        const ImVec2 at = {std::floor(origin.x + offset.x), std::floor(origin.y + offset.y)};
        if (tile == 0) {
            chooser_.sheet().draw(list, 0, at, zoom);
            list.AddRect(at, {at.x + tiles.picture.x, at.y + tiles.picture.y}, packed(Meaning::samples), 0,
                         scaled(2));
            tile_line(tiles, at, 0, "This picture", text);
            if (s.picture->label >= 0)
                tile_line(tiles, at, 1, class_name(class_names(s), s.picture->label), muted);
            continue;
        }
        const auto index = static_cast<std::size_t>(tile - 1);
        sheet_.draw(list, tile - 1, at, zoom);
        tile_line(tiles, at, 0, format_number(view.distances[index]) + " away", text);
        int line = 1;
        if (with_class) tile_line(tiles, at, line++, class_name(class_names(s), view.labels[index]), muted);
        tile_line(tiles, at, line, "record " + format_count(view.records[index] + 1), muted);
    }
    ImGui::SetCursorScreenPos(origin);
    ImGui::Dummy({1, tile_corner(tiles, count).y + tiles.tile.y});
}

/// Where a share lies between 0 and 1: a dot on a line.
void share_mark(double share, float width) {
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float height = ImGui::GetTextLineHeight(), y = corner.y + height / 2;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddLine({corner.x, y}, {corner.x + width, y}, packed(Meaning::hairline), scaled(2));
    list.AddCircleFilled({corner.x + static_cast<float>(share) * width, y}, scaled(4),
                         packed(Meaning::samples));
    ImGui::Dummy({width, height});
}

/// What every score says of the picture, and where that lies among held-out pictures.
void NearestPanel::draw_scores(Context& context) {
    const lab::Snapshot& s = context.snapshot;
    ImGui::TextUnformatted("By every score");
    const lab::PictureScores* scores = s.picture_scores.get();
    if (!scores || scores->picture != s.picture->number || scores->done < 1)
        return muted_text(
            fmt::format("Scoring it and some held-out pictures: {:.0f} %",
                        scores && scores->picture == s.picture->number ? 100 * scores->done : 0.0));
    muted_text(fmt::format("Model of iteration {}. {}", format_count(scores->iteration),
                           scores->compared > 0
                               ? fmt::format("Share: of {} held-out pictures, those that look less "
                                             "like the data.",
                                             format_count(scores->compared))
                               : "There are no held-out pictures to compare with."));
    constexpr ImGuiTableFlags flags = ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_NoSavedSettings;
    if (!ImGui::BeginTable("scores", 4, flags)) return;
    ImGui::TableSetupColumn("Score");
    ImGui::TableSetupColumn("higher = more alike");
    ImGui::TableSetupColumn("share");
    ImGui::TableSetupColumn("##mark");
    ImGui::TableHeadersRow();
    for (const lab::PictureScores::Row& row : scores->rows) {
        const measure::ScoreInfo& info = measure::score_info(row.kind);
        if (!row.problem.empty()) continue;
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(std::string(info.title).c_str());
        help_tooltip(fmt::format("{}\n{}", info.formula, info.help).c_str());
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(
            fmt::format("{}{}{}", format_number(row.score), info.unit.empty() ? "" : " ", info.unit).c_str());
        ImGui::TableNextColumn();
        if (std::isnan(row.share_below)) continue;
        ImGui::TextUnformatted(fmt::format("{:.0f} %", 100 * row.share_below).c_str());
        ImGui::TableNextColumn();
        share_mark(row.share_below, ImGui::GetFontSize() * 5);
    }
    ImGui::EndTable();
    table_menu(context, "scores menu", [&] {
        NumberTable table{s.scene.name + "_picture_scores",
                          {"score", "value", "unit", "share_below", "compared", "iteration"},
                          {}};
        for (const lab::PictureScores::Row& row : scores->rows) {
            const measure::ScoreInfo& info = measure::score_info(row.kind);
            if (row.problem.empty())
                table.rows.push_back({std::string(info.name), row.score, std::string(info.unit),
                                      row.share_below, scores->compared, scores->iteration});
        }
        return table;
    });
    std::string missing;
    for (const lab::PictureScores::Row& row : scores->rows)
        if (!row.problem.empty())
            missing += (missing.empty() ? "" : ", ") + std::string(measure::score_info(row.kind).title);
    if (missing.empty()) return;
    muted_text("Not of this model: " + missing + ".");
    std::string why;
    for (const lab::PictureScores::Row& row : scores->rows)
        if (!row.problem.empty())
            why += fmt::format("{}{}: {}", why.empty() ? "" : "\n", measure::score_info(row.kind).title,
                               row.problem);
    help_tooltip(why.c_str());
}

void NearestPanel::draw(Context& context) {
    if (!chooser_.draw(context)) return;
    const lab::Snapshot& s = context.snapshot;
    // The scores stand beside the pictures where there is room, else below them.
    const float table = ImGui::GetFontSize() * 27;
    const bool beside = ImGui::GetContentRegionAvail().x > 2.2f * table;
    const float left = beside ? ImGui::GetContentRegionAvail().x - table : 0;
    if (ImGui::BeginChild("near", {left, 0})) {
        draw_nearest(s);
        if (!beside) draw_scores(context);
    }
    ImGui::EndChild();
    if (!beside) return;
    ImGui::SameLine();
    if (ImGui::BeginChild("scored")) draw_scores(context);
    ImGui::EndChild();
}

void NearestPanel::draw_nearest(const lab::Snapshot& s) {
    const lab::NearestView* view = s.nearest.get();
    if (!view || view->picture != s.picture->number)
        return muted_text("Looking through the training data\u2026");
    if (!view->problem.empty()) return (void)empty_state(icon::search, view->problem);
    draw_verdict(*view);
    draw_distances(*view);
    draw_tiles(s, *view);
}

} // namespace

} // namespace ebm::panels

namespace ebm::window {

Panel nearest_panel() {
    return {.id = "nearest",
            .title = "Nearest training pictures",
            .short_title = "Nearest",
            .icon = icon::search,
            .place = Place::centre,
            .help = panels::help_text("nearest"),
            .draw = [panel = std::make_shared<panels::NearestPanel>()](
                        Context& context) { panel->draw(context); },
            .actions = {},
            .open = false,
            .views = {lab::View::nearest, lab::View::trace}};
}

} // namespace ebm::window
