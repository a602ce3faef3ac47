#include "app/panels/buffer_table.h"
#include "app/panels/class_names.h"
#include "app/panels/file_units.h"
#include "app/panels/help.h"
#include "app/panels/panels.h"
#include "app/panels/picture_grid.h"
#include "app/panels/plot_export.h"
#include "app/panels/plotting.h"
#include "app/panels/sample_files.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <implot.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace ebm::panels {

using namespace window;

namespace {

constexpr std::array<const char*, 4> buffer_orders = {"by slot", "by energy", "by age", "by times reused"};

class ReplayBufferPanel {
public:
    void draw(Context& context);
    /// The page of the oldest, whatever is chosen now.
    void show_oldest();

private:
    void draw_query(Context& context, const lab::BufferView& buffer);
    void draw_pages(const lab::BufferView& buffer);
    void draw_lit_slots(const lab::Snapshot& snapshot);
    void draw_entries(Context& context, const lab::BufferView& buffer, ImVec2 size);
    void draw_pictures(Context& context, const lab::BufferView& buffer, ImVec2 size);
    void draw_menu(Context& context, const lab::BufferView& buffer, std::size_t place);
    void draw_points(Context& context, const lab::BufferView& buffer, float side);
    void draw_ages(Context& context, ImVec2 size);
    void clicked(Context& context, std::int64_t slot, bool control, bool shift);
    void send(Context& context, std::vector<std::int64_t> slots);

    lab::BufferQuery wanted_; ///< what the person chose; the laboratory may be a moment behind
    lab::BufferQuery sent_;
    bool started_ = false;
    Selection selection_;
    LitSlots lit_;
    std::vector<std::int64_t> order_;
    std::int64_t hovered_ = -1;
    int zoom_ = 0;
    ImageSheet sheet_;
};

/// Why there is no buffer to show.
const char* reason_for_none(Learning learning) {
    switch (learning) {
    case Learning::likelihood:
        return "This model is normalised: it learns from data alone, so there are no negatives to keep.";
    case Learning::score_matching:
        return "Score matching learns from data and noise alone, so there are no negatives to keep.";
    case Learning::classes:
        return "A classifier learns from data and their labels, so there are no negatives to keep.";
    case Learning::contrast:
        return "The replay buffer is empty. It fills with the first iteration: press Run (Space).";
    case Learning::nothing:
        break;
    }
    return "Nothing is trained here, so there are no negatives to keep.";
}

void ReplayBufferPanel::draw(Context& context) {
    const auto buffer = context.snapshot.buffer;
    if (!buffer || buffer->size == 0) {
        empty_state(icon::buffer, reason_for_none(context.snapshot.learning()));
        return;
    }
    if (!started_) {
        started_ = true;
        wanted_ = sent_ = buffer->query;
    }
    lit_ = lit_slots(context.snapshot);
    draw_query(context, *buffer);
    draw_pages(*buffer);
    draw_lit_slots(context.snapshot);
    wanted_.page = std::clamp(wanted_.page, 0, std::max(0, buffer->pages - 1));
    if (wanted_ != sent_) {
        context.send(lab::BrowseBuffer{wanted_});
        sent_ = wanted_;
    }
    if (context.snapshot.scores) energy_key(context.snapshot.scores->data_quantiles);
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float em = ImGui::GetFontSize(), gap = 2 * ImGui::GetStyle().ItemSpacing.x;
    const bool beside = room.x > em * 46, plane = context.snapshot.kind.plane;
    if (beside) {
        const float side = std::min(room.y, em * 18), ages = em * 17;
        const float used = ages + gap + (plane ? side + gap : 0);
        draw_entries(context, *buffer, {room.x - used, room.y});
        if (plane) {
            ImGui::SameLine(0, gap);
            draw_points(context, *buffer, side);
        }
        ImGui::SameLine(0, gap);
        draw_ages(context, {ages, std::min(room.y, em * 14)});
        return;
    }
    const float ages = least_plot_height() + 3 * ImGui::GetTextLineHeightWithSpacing();
    const bool with_ages = room.y > 2 * ages;
    float entries = room.y - (with_ages ? ages + ImGui::GetStyle().ItemSpacing.y : 0);
    if (plane && entries > em * 22) {
        const float side = std::min(room.x, entries * 0.5f);
        draw_points(context, *buffer, side);
        entries -= side + ImGui::GetStyle().ItemSpacing.y;
    }
    draw_entries(context, *buffer, {room.x, entries});
    if (with_ages) draw_ages(context, {room.x, ages});
}

void ReplayBufferPanel::show_oldest() {
    started_ = true;
    wanted_.order = lab::BufferOrder::age;
    wanted_.descending = true;
    wanted_.page = 0;
}

void ReplayBufferPanel::draw_query(Context& context, const lab::BufferView& buffer) {
    const float em = ImGui::GetFontSize();
    ImGui::SetNextItemWidth(em * 7.5f);
    const auto order = static_cast<std::size_t>(wanted_.order);
    if (ImGui::BeginCombo("##order", buffer_orders[order])) {
        for (std::size_t i = 0; i < buffer_orders.size(); ++i)
            if (ImGui::Selectable(buffer_orders[i], i == order)) {
                wanted_.order = static_cast<lab::BufferOrder>(i);
                wanted_.page = 0;
            }
        ImGui::EndCombo();
    }
    ImGui::SameLine();
    if (icon_button("direction", wanted_.descending ? "↓" : "↑",
                    wanted_.descending ? "Largest first. Click for smallest first."
                                       : "Smallest first. Click for largest first.")) {
        wanted_.descending = !wanted_.descending;
        wanted_.page = 0;
    }
    const bool by_lines = context.snapshot.algorithm != nullptr;
    if (!by_lines && wanted_.filter == lab::BufferFilter::drawn) wanted_.filter = lab::BufferFilter::all;
    const std::array<const char*, 4> filters = {"All", "Fresh", "Old", "Drawn"};
    const std::span<const char* const> offered(filters.data(), by_lines ? 4 : 3);
    const float filter_width = std::max(em * 10, segmented_width(offered));
    flow(filter_width);
    ImGui::SetNextItemWidth(filter_width);
    int filter = static_cast<int>(wanted_.filter);
    if (segmented("filter", filter, offered)) {
        wanted_.filter = static_cast<lab::BufferFilter>(filter);
        wanted_.page = 0;
    }
    help_tooltip(by_lines ? "Fresh: not continued since it was re-initialised from noise. Old: continued at "
                            "least once. Drawn: those that Algorithm 1 took for the iteration it is at."
                          : "Fresh: not continued since it was re-initialised from noise. Old: continued at "
                            "least once.");
    const std::vector<std::string>& classes = class_names(context.snapshot);
    const bool labelled = is_conditional(context.snapshot) && !classes.empty();
    if (!labelled && wanted_.of_class >= 0) wanted_.of_class = -1;
    if (labelled) {
        const auto called = [&](int k) {
            return k < 0 ? std::string("All classes") : class_name(classes, k);
        };
        const float width = class_picker_width(classes, em * 12);
        flow(width);
        ImGui::SetNextItemWidth(width);
        if (begin_combo("##of_class", called(wanted_.of_class), ImGuiComboFlags_HeightLarge)) {
            for (int k = -1; k < static_cast<int>(classes.size()); ++k) {
                ImGui::PushID(k);
                if (ImGui::Selectable(called(k).c_str(), k == wanted_.of_class)) {
                    wanted_.of_class = k;
                    wanted_.page = 0;
                }
                ImGui::PopID();
            }
            ImGui::EndCombo();
        }
        help_tooltip("Entries of one class only: that under which they were last moved.");
    }
    if (!context.snapshot.kind.plane) {
        flow(em * 6);
        ImGui::SetNextItemWidth(em * 6);
        ImGui::SliderInt("##zoom", &zoom_, 0, 8, zoom_ == 0 ? "size: fit" : "size ×%d",
                         ImGuiSliderFlags_AlwaysClamp);
        help_tooltip("Screen pixels for one pixel of a picture. Fit: as large as all fit in.");
    }
    const std::size_t picked = selection_.items().size();
    if (picked == 0) return;
    const std::string label =
        "Send " + format_count(static_cast<std::int64_t>(picked)) + " to the chains###send";
    flow(button_width(label.c_str()));
    if (accent_button(label.c_str())) {
        send(context, selection_.items());
        selection_.clear();
    }
    help_tooltip("They replace the first live chains.");
    (void)buffer;
}

void ReplayBufferPanel::draw_pages(const lab::BufferView& buffer) {
    flow(ImGui::GetFontSize() * 18);
    const int pages = std::max(1, buffer.pages);
    const bool first = wanted_.page == 0, last = wanted_.page + 1 >= pages;
    if (icon_button("previous", "←", "Page before", false, !first)) --wanted_.page;
    ImGui::SameLine();
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 4);
    int page = wanted_.page + 1;
    if (ImGui::DragInt("##page", &page, 0.2f, 1, pages, "%d", ImGuiSliderFlags_AlwaysClamp))
        wanted_.page = page - 1;
    help_tooltip("Drag, or double-click to type a page.");
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    ImGui::Text("of %s", format_count(pages).c_str());
    ImGui::SameLine();
    if (icon_button("next", "→", "Next page", false, !last)) ++wanted_.page;
    const std::string text = buffer.matching == buffer.size ? format_count(buffer.size) + " entries"
                                                            : format_count(buffer.matching) + " of " +
                                                                  format_count(buffer.size) + " entries";
    flow(ImGui::CalcTextSize(text.c_str()).x);
    ImGui::TextColored(color(Meaning::muted), "%s", text.c_str());
}

/// Which slots the line of Algorithm 1 is about, wherever in the buffer they are.
void ReplayBufferPanel::draw_lit_slots(const lab::Snapshot& snapshot) {
    if (lit_.event == LitSlots::Event::none) return;
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(lit_.sentence().c_str());
    ImGui::PopTextWrapPos();
    draw_slot_line(lit_, snapshot.algorithm->buffer_size);
}

void ReplayBufferPanel::send(Context& context, std::vector<std::int64_t> slots) {
    context.shell.say(slots.size() == 1 ? "Slot " + format_count(slots.front()) + " now is chain 0."
                                        : format_count(static_cast<std::int64_t>(slots.size())) +
                                              " entries replace the first live chains.",
                      Meaning::buffer);
    context.send(lab::SendToChains{std::move(slots)});
}

void ReplayBufferPanel::clicked(Context& context, std::int64_t slot, bool control, bool shift) {
    if (control || shift) {
        selection_.click(slot, order_, control, shift);
        return;
    }
    selection_.clear();
    send(context, {slot});
}

void ReplayBufferPanel::draw_menu(Context& context, const lab::BufferView& buffer, std::size_t place) {
    const std::int64_t slot = buffer.slots[place];
    ImGui::TextDisabled("Slot %s", format_count(slot).c_str());
    if (ImGui::MenuItem("Send to the chains")) send(context, {slot});
    const std::size_t picked = selection_.items().size();
    if (picked > 1 &&
        ImGui::MenuItem(("Send " + format_count(static_cast<std::int64_t>(picked)) + " selected").c_str()))
        send(context, selection_.items());
    ImGui::Separator();
    if (ImGui::MenuItem("Copy energy")) ImGui::SetClipboardText(exact(buffer.energy[place]).c_str());
    if (context.snapshot.kind.plane) return;
    const auto elements = static_cast<std::size_t>(context.snapshot.kind.elements());
    if (ImGui::MenuItem("Save picture…") && (place + 1) * elements <= buffer.pixels.size()) {
        const std::uint8_t* from = buffer.pixels.data() + place * elements;
        save_picture(context, {from, from + elements}, context.snapshot.kind,
                     "buffer_" + std::to_string(slot) + ".png");
    }
}

void ReplayBufferPanel::draw_entries(Context& context, const lab::BufferView& buffer, ImVec2 size) {
    const lab::Snapshot& snapshot = context.snapshot;
    order_ = buffer.slots;
    hovered_ = -1;
    if (buffer.slots.empty()) {
        ImGui::BeginChild("none", size);
        if (buffer.query.filter == lab::BufferFilter::drawn && buffer.query.of_class < 0) {
            empty_state(icon::buffer, "Algorithm 1 has not drawn from the buffer in this iteration yet: step "
                                      "a line (L).");
            ImGui::EndChild();
            return;
        }
        std::string why = "No entry is ";
        if (buffer.query.of_class >= 0) why += "of this class";
        if (buffer.query.filter != lab::BufferFilter::all) {
            if (buffer.query.of_class >= 0) why += " and ";
            why += buffer.query.filter == lab::BufferFilter::fresh   ? "fresh"
                   : buffer.query.filter == lab::BufferFilter::drawn ? "drawn"
                                                                     : "old";
        }
        empty_state(icon::buffer, why + ". Choose All.");
        ImGui::EndChild();
        return;
    }
    // Until the page that was asked for is here, the old one is shown faintly.
    const bool waiting = buffer.query != wanted_;
    ImGui::PushStyleVar(ImGuiStyleVar_Alpha, ImGui::GetStyle().Alpha * (waiting ? 0.5f : 1.f));
    if (snapshot.kind.plane) {
        const std::span<const float> quantiles = snapshot.scores
                                                     ? std::span<const float>(snapshot.scores->data_quantiles)
                                                     : std::span<const float>();
        const BufferTable table = {
            buffer,
            axes_of(context.snapshot),
            quantiles,
            selection_,
            [&](std::size_t place) {
                draw_menu(context, buffer, place);
                ImGui::Separator();
                whole_table_items(context, [&] { return table.numbers(snapshot.scene.name + "_buffer"); });
            },
            class_names(snapshot),
            &lit_};
        const auto clicks = table.draw(size);
        hovered_ = clicks.hovered;
        if (clicks.slot >= 0) clicked(context, clicks.slot, clicks.control, clicks.shift);
    } else {
        draw_pictures(context, buffer, size);
    }
    ImGui::PopStyleVar();
}

void ReplayBufferPanel::draw_pictures(Context& context, const lab::BufferView& buffer, ImVec2 size) {
    const lab::Snapshot& snapshot = context.snapshot;
    sheet_.set(buffer.pixels, {snapshot.kind.channels, snapshot.kind.height, snapshot.kind.width},
               reinterpret_cast<std::uintptr_t>(&buffer));
    const std::span<const float> quantiles =
        snapshot.scores ? std::span<const float>(snapshot.scores->data_quantiles) : std::span<const float>();
    const auto place_of = [&](std::int64_t slot) {
        return static_cast<std::size_t>(std::find(order_.begin(), order_.end(), slot) - order_.begin());
    };
    const PictureGrid grid = {
        .sheet = sheet_,
        .order = order_,
        .picture = [&](std::int64_t slot) { return static_cast<int>(place_of(slot)); },
        .energy = [&](std::int64_t slot) { return buffer.energy[place_of(slot)]; },
        .note =
            [&](std::int64_t slot) {
                const std::size_t place = place_of(slot);
                const std::string age = format_count(buffer.age[place]);
                if (const LitSlots::Mark mark = lit_.mark(slot); mark != LitSlots::Mark::none)
                    return PictureNote{lit_.word(mark), age};
                return PictureNote{age, "×" + format_count(buffer.reused[place])};
            },
        .tooltip =
            [&](std::int64_t slot) {
                const std::size_t place = place_of(slot);
                const float energy = buffer.energy[place];
                ImGui::Text("Slot %s", format_count(slot).c_str());
                if (place < buffer.labels.size())
                    ImGui::Text("class: %s", class_name(class_names(snapshot), buffer.labels[place]).c_str());
                ImGui::TextColored(energy_color(energy, quantiles), "E  %s", exact(energy).c_str());
                ImGui::TextUnformatted(standing_sentence(energy, quantiles).c_str());
                ImGui::Text("age %s steps · reused %s times · born at iteration %s",
                            format_count(buffer.age[place]).c_str(),
                            format_count(buffer.reused[place]).c_str(),
                            format_count(buffer.birth[place]).c_str());
                ImGui::TextColored(color(Meaning::muted),
                                   "Click: send to chain 0. Ctrl, Shift: select several.");
            },
        .menu = [&](std::int64_t slot) { draw_menu(context, buffer, place_of(slot)); },
        .data_quantiles = quantiles,
        .selection = selection_,
        .ringed = -1,
        .zoom = zoom_,
        .lit = &lit_,
        .groups = {},
    };
    const auto clicks = grid.draw("pictures", size);
    if (clicks.item >= 0) clicked(context, clicks.item, clicks.control, clicks.shift);
}

void ReplayBufferPanel::draw_points(Context& context, const lab::BufferView& buffer, float side) {
    constexpr ImPlotAxisFlags axis = ImPlotAxisFlags_NoHighlight | ImPlotAxisFlags_AutoFit;
    if (!begin_plot("##points", {side, side}, ImPlotFlags_Equal)) return;
    ImPlot::SetupAxes(nullptr, nullptr, axis, axis);
    data::Coding axes = axes_of(context.snapshot);
    ImPlot::SetupAxisFormat(ImAxis_X1, tick_in_file, &axes.columns[0]);
    ImPlot::SetupAxisFormat(ImAxis_Y1, tick_in_file, &axes.columns[1]);
    // Fitted to all entries: an invisible series tells ImPlot their extent.
    ImPlotSpec extent;
    extent.Marker = ImPlotMarker_None;
    extent.LineColor = ImVec4(0, 0, 0, 0);
    extent.Stride = 2 * sizeof(float);
    const std::vector<float>& all = buffer.all_points;
    if (all.size() > 1)
        ImPlot::PlotScatter("##all", all.data(), all.data() + 1, static_cast<int>(all.size() / 2), extent);
    ImDrawList& list = *ImPlot::GetPlotDrawList();
    ImPlot::PushPlotClipRect();
    small_points(list, all, scaled(0.8f), packed(Meaning::buffer, 0.45f));
    for (std::size_t i = 0; i + 1 < buffer.points.size(); i += 2) {
        const ImVec2 at = ImPlot::PlotToPixels(buffer.points[i], buffer.points[i + 1]);
        list.AddCircleFilled(at, scaled(3.5f), packed(Meaning::buffer));
        list.AddCircle(at, scaled(3.5f), packed(Meaning::window));
    }
    for (std::size_t place = 0; place < buffer.slots.size() && 2 * place + 1 < buffer.points.size();
         ++place) {
        const bool chosen = selection_.contains(buffer.slots[place]),
                   under = hovered_ == static_cast<std::int64_t>(place);
        const LitSlots::Mark mark = lit_.mark(buffer.slots[place]);
        const ImVec2 at = ImPlot::PlotToPixels(buffer.points[2 * place], buffer.points[2 * place + 1]);
        draw_slot_mark(list, at, scaled(4), mark, lit_.alpha());
        if (!chosen && !under) continue;
        list.AddCircle(at, scaled(6), packed(chosen ? Meaning::accent : Meaning::text), 0, scaled(2));
    }
    ImPlot::PopPlotClipRect();
    const bool asked = plot_menu_asked();
    end_plot();
    plot_menu(context, asked, [&] {
        PlotLine line{axes.columns[1].name, {}, {}, packed(Meaning::buffer), Dash::solid};
        for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
            line.x.push_back(axes.to_file(0, all[i]));
            line.y.push_back(axes.to_file(1, all[i + 1]));
        }
        return PlotContent{"Replay buffer", axes.columns[0].name, axes.columns[1].name, {line}, false};
    });
}

void ReplayBufferPanel::draw_ages(Context& context, ImVec2 size) {
    const lab::Snapshot& snapshot = context.snapshot;
    const lab::BufferView& buffer = *snapshot.buffer;
    ImGui::BeginGroup();
    const float top = ImGui::GetCursorPosY();
    plot_heading("Age", "Langevin steps since re-initialisation", size.x);
    const float lines = 2 * ImGui::GetTextLineHeightWithSpacing();
    const float height = std::max(size.y - (ImGui::GetCursorPosY() - top) - lines, least_plot_height());
    if (buffer.age_edges.size() == buffer.age_counts.size() + 1 &&
        begin_plot("##ages", {size.x, height}, ImPlotFlags_NoInputs)) {
        const auto most = buffer.age_counts.empty()
                              ? 1.f
                              : *std::max_element(buffer.age_counts.begin(), buffer.age_counts.end());
        ImPlot::SetupAxes(nullptr, nullptr, ImPlotAxisFlags_NoHighlight, ImPlotAxisFlags_NoHighlight);
        setup_count_ticks(ImAxis_X1, buffer.age_edges.front(),
                          std::max(buffer.age_edges.back(), buffer.age_edges.front() + 1), size.x);
        ImPlot::SetupAxisFormat(ImAxis_Y1, tick_count);
        ImPlot::SetupAxesLimits(buffer.age_edges.front(),
                                std::max(buffer.age_edges.back(), buffer.age_edges.front() + 1), 0,
                                std::max(1.f, most * 1.08f), ImPlotCond_Always);
        ImPlot::SetupFinish();
        ImDrawList& list = *ImPlot::GetPlotDrawList();
        ImPlot::PushPlotClipRect();
        for (std::size_t bin = 0; bin < buffer.age_counts.size(); ++bin) {
            const ImVec2 low = ImPlot::PlotToPixels(buffer.age_edges[bin], buffer.age_counts[bin]);
            const ImVec2 high = ImPlot::PlotToPixels(buffer.age_edges[bin + 1], 0);
            list.AddRectFilled({low.x, low.y}, {high.x - 1, high.y}, packed(Meaning::buffer, 0.6f));
        }
        ImPlot::PopPlotClipRect();
        const bool asked = plot_menu_asked();
        end_plot();
        plot_menu(context, asked, [&] {
            PlotLine line{"entries", {}, {}, packed(Meaning::buffer), Dash::solid};
            for (std::size_t bin = 0; bin < buffer.age_counts.size(); ++bin) {
                line.x.push_back((buffer.age_edges[bin] + buffer.age_edges[bin + 1]) / 2);
                line.y.push_back(buffer.age_counts[bin]);
            }
            return PlotContent{
                "Ages in the replay buffer", "age in steps (middle of the bin)", "entries", {line}, false};
        });
    }
    const std::string fresh = "Fresh now: " + format_share(buffer.fresh_share) + " of all entries";
    const std::string start =
        "From noise: " + format_share(snapshot.settings.buffer.reinit_share) + " of each batch (setting)";
    clipped_text(fresh, size.x);
    help_tooltip("Entries that were not continued since they were re-initialised.");
    clipped_text(start, size.x);
    help_tooltip("The setting “Re-initialised share”: that part of the negatives starts from noise, not from "
                 "the buffer.");
    ImGui::EndGroup();
}

} // namespace

} // namespace ebm::panels

namespace ebm::window {

Panel replay_buffer_panel() {
    const auto panel = std::make_shared<panels::ReplayBufferPanel>();
    Action oldest;
    oldest.id = "oldest_of_buffer";
    oldest.title = "Oldest of the replay buffer first";
    oldest.icon = icon::buffer;
    oldest.tooltip = "Replay buffer sorted by age, in steps";
    oldest.run = [panel](Context& context) {
        context.shell.open_panel("replay_buffer");
        panel->show_oldest();
    };
    return {.id = "replay_buffer",
            .title = "Replay buffer",
            .short_title = "Buffer",
            .icon = icon::buffer,
            .place = Place::bottom_right,
            .help = panels::help_text("replay_buffer"),
            .draw = [panel](Context& context) { panel->draw(context); },
            .actions = {oldest},
            .views = {lab::View::buffer, lab::View::scores}};
}

} // namespace ebm::window
