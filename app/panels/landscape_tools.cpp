#include "app/panels/landscape_tools.h"

#include "app/panels/class_names.h"
#include "app/panels/landscape_draw.h"
#include "app/panels/landscape_input.h"
#include "app/window/icons.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>

namespace ebm::panels {
namespace {

using window::Meaning;
using window::scaled;

/// A switch of the tool row; `shown` false leaves it out (there is nothing to switch).
struct Switch {
    const char* id;
    const char* icon;
    const char* title;
    const char* help;
    bool Layers::*on;
    bool shown;
};

std::vector<Switch> switches(const window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const bool plane = s.kind.plane, data = plane && s.data && !s.data->points.empty();
    return {
        {"contours", window::icon::contours, "Contours", "Lines of equal energy or density",
         &Layers::contours, true},
        {"data", window::icon::dots, "Data", "Training data", &Layers::data, data},
        {"held_out", window::icon::vial, "Held-out data", "Data that training never sees", &Layers::held_out,
         data},
        {"chains", window::icon::chains, "Chains", "Live Langevin chains", &Layers::chains, true},
        {"trails", window::icon::trails, "Trails", "The last 24 steps of each chain", &Layers::trails, true},
        {"by_class", window::icon::tags, "By class",
         "Data and chains in the colours of their classes, which the legend names", &Layers::by_class,
         plane && s.data && !s.data->classes.empty()},
        {"gradient", window::icon::arrows, "Gradient", "Arrows along \u2212\u2207E, where chains are pulled",
         &Layers::gradient, plane},
        {"buffer", window::icon::buffer, "Replay buffer", "Samples in the replay buffer", &Layers::buffer,
         plane && s.trainable},
        {"minima", window::icon::plus, "Minima", "Known minima of the energy", &Layers::minima,
         !s.minima.empty()},
        {"difference", window::icon::difference, "Difference",
         "log p of run A minus that of run B, under the chains of this run", &Layers::difference,
         plane && context.comparison},
    };
}

constexpr const char* brush_help = "Brush: paint a density to learn, or walls for the chains";

void switched(const Switch& one, const Layers& layers, window::Context& context) {
    if (one.on == &Layers::gradient) context.send(lab::ShowGradient{layers.gradient});
}

/// The field is a setting of the scene, so that a saved scene shows what was looked at.
void choose_field(const LandscapeState& state, window::Context& context, float width) {
    const Setting& row = setting("view.field");
    int chosen = static_cast<int>(row.number(context.settings.shown()));
    ImGui::SetNextItemWidth(width);
    const bool exact = state.exact != nullptr;
    const bool changed = exact ? window::segmented("field", chosen, {"Energy", "Density", "Exact"})
                               : window::segmented("field", chosen, {"Energy", "Density"});
    if (!changed) return;
    context.settings.change_number(row, chosen);
    context.settings.release();
}

void colormap_menu(window::Context& context) {
    for (const window::Colormap map : window::all_colormaps)
        if (ImGui::MenuItem(window::colormap_name(map), nullptr, context.shell.preferences().colormap == map))
            context.shell.preferences().colormap = map;
}

void folded(LandscapeState& state, window::Context& context) {
    if (window::icon_button("layers", window::icon::contours, "What is shown")) ImGui::OpenPopup("layers");
    if (!ImGui::BeginPopup("layers")) return;
    if (context.snapshot.kind.plane) choose_field(state, context, scaled(200));
    for (const Switch& one : switches(context))
        if (one.shown && window::checkbox(one.title, &(state.layers.*one.on)))
            switched(one, state.layers, context);
    if (context.snapshot.kind.plane) {
        window::checkbox("A click drops 50 chains", &state.drop_many);
        bool painting = state.brush.on;
        if (window::checkbox("Brush: paint a density or walls", &painting))
            take_brush(state, context, state.brush.purpose, painting);
    }
    ImGui::SeparatorText("Colors");
    colormap_menu(context);
    ImGui::EndPopup();
}

void sparkline(ImVec2 low, ImVec2 high, const std::vector<lab::QualityPoint>& points) {
    const std::size_t first = points.size() > 200 ? points.size() - 200 : 0;
    if (points.size() - first < 2) return;
    // Logarithmic: KL falls over decades.
    const auto level = [](double kl) { return static_cast<float>(std::log(std::max(kl, 1e-4))); };
    float bottom = level(points[first].kl), top = bottom;
    for (std::size_t i = first; i < points.size(); ++i) {
        bottom = std::min(bottom, level(points[i].kl));
        top = std::max(top, level(points[i].kl));
    }
    std::vector<ImVec2> line;
    for (std::size_t i = first; i < points.size(); ++i) {
        const float t = static_cast<float>(i - first) / static_cast<float>(points.size() - 1 - first);
        const float h = (level(points[i].kl) - bottom) / std::max(0.1f, top - bottom);
        line.push_back({low.x + t * (high.x - low.x), high.y - h * (high.y - low.y)});
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddPolyline(line.data(), static_cast<int>(line.size()), window::packed(Meaning::accent),
                     scaled(1.5f));
    list.AddCircleFilled(line.back(), scaled(2.5f), window::packed(Meaning::accent));
}

std::string title_of(const Pane& pane, const lab::Snapshot& s) {
    if (pane.difference) return "Difference of A and B";
    if (pane.exact) return pane.split ? "Exact" : s.scene.title + ", exact density";
    const bool density = s.settings.view.field == FieldKind::density;
    if (!s.kind.plane) return s.scene.title + ", slice of the energy";
    // Chains that are asked for one class walk on that class's energy, and it is what is drawn.
    const int asked = s.chains.asked_class;
    const std::string of = asked >= 0 ? " of " + class_name(class_names(s), asked) : std::string();
    return (pane.split ? std::string("Learned") : s.scene.title + (density ? ", density" : ", energy")) + of;
}

enum class MarkShape { disc, ring, square, diamond, cross };

struct Mark {
    ImU32 color;
    std::string name;
    float size; ///< radius at scale 1; 0: words alone
    MarkShape shape = MarkShape::disc;
};

std::vector<Mark> legend(const LandscapeState& state, const Pane& pane, const lab::Snapshot& s) {
    std::vector<Mark> marks;
    const bool data = s.kind.plane && s.data && !s.data->points.empty();
    const Layers& on = state.layers;
    const bool chains = on.chains && s.chains.count > 0 && !(pane.exact && pane.split);
    const bool by_class = on.by_class && data && !s.data->labels.empty();
    const auto add = [&](Meaning meaning, const char* name, float size) {
        marks.push_back({window::packed(meaning), name, size});
    };
    if (by_class) {
        const auto count = static_cast<int>(s.data->classes.size());
        for (int k = 0; k < std::min(count, window::class_hues); ++k)
            marks.push_back(
                {ImGui::ColorConvertFloat4ToU32(window::class_color(k)), class_name(s.data->classes, k), 3});
        if (count > window::class_hues)
            marks.push_back(
                {window::packed(Meaning::muted),
                 "and " + window::format_count(count - window::class_hues) + " more, hues come again", 0});
    }
    // Chains have classes only if the model has.
    const bool chains_by_class = by_class && !s.chains.labels.empty();
    if (by_class && on.data) marks.push_back({window::packed(Meaning::text), "data", 1.75f});
    if (!by_class && on.data && data) add(Meaning::data, "data", 1.75f);
    if (chains_by_class && chains) marks.push_back({window::packed(Meaning::text), "chains", 3.5f});
    if (!(pane.exact && pane.split)) {
        if (on.held_out && data && !by_class) add(Meaning::held_out, "held-out", 1.75f);
        if (on.buffer && s.buffer) add(Meaning::buffer, "buffer", 1.5f);
    }
    if (chains && !chains_by_class) add(Meaning::samples, "chains", 3);
    if (on.minima && !s.minima.empty())
        marks.push_back({window::packed(Meaning::text), "minima", 4, MarkShape::cross});
    if (shows_iteration(s) && !(pane.exact && pane.split)) {
        const lab::AlgorithmView& a = *s.algorithm;
        if (!a.positives.empty())
            marks.push_back({window::packed(Meaning::data), "drawn data", 4, MarkShape::ring});
        const std::ptrdiff_t fresh = std::ranges::count(a.fresh, 1);
        if (fresh < static_cast<std::ptrdiff_t>(a.negatives.size() / 2))
            marks.push_back({window::packed(Meaning::samples), "negatives", 4, MarkShape::square});
        if (fresh > 0 && !a.negatives.empty())
            marks.push_back(
                {window::packed(Meaning::noise), "negatives that begin anew", 4, MarkShape::diamond});
        if (a.whole && a.largest_change() > 0)
            marks.push_back({window::packed(Meaning::text), "arrows: how E rose or sank there", 0});
    }
    return marks;
}

void draw_mark(ImDrawList& list, const Mark& mark, ImVec2 at) {
    const float size = scaled(mark.size), thick = scaled(1.5f);
    if (mark.size <= 0) return;
    switch (mark.shape) {
    case MarkShape::disc:
        list.AddCircleFilled(at, size + scaled(0.75f), IM_COL32(0, 0, 0, 160));
        list.AddCircleFilled(at, size, mark.color);
        break;
    case MarkShape::ring:
        list.AddCircle(at, size, mark.color, 0, thick);
        break;
    case MarkShape::square:
        list.AddRect({at.x - size, at.y - size}, {at.x + size, at.y + size}, mark.color, 0, thick);
        break;
    case MarkShape::cross:
        for (const float way : {-1.0f, 1.0f}) {
            list.AddLine({at.x + way * size / 3, at.y}, {at.x + way * size, at.y}, mark.color, thick);
            list.AddLine({at.x, at.y + way * size / 3}, {at.x, at.y + way * size}, mark.color, thick);
        }
        break;
    case MarkShape::diamond:
        list.AddQuad({at.x - size, at.y}, {at.x, at.y - size}, {at.x + size, at.y}, {at.x, at.y + size},
                     mark.color, thick);
        break;
    }
}

/// The legend in as many lines as `room` asks for; returns their size. Draws if `list` is not null.
ImVec2 flow_marks(const std::vector<Mark>& marks, ImVec2 at, float room, ImDrawList* list) {
    const float line = ImGui::GetTextLineHeight();
    ImVec2 size(0, marks.empty() ? 0 : line);
    float x = 0;
    for (const Mark& mark : marks) {
        const float before = mark.size > 0 ? scaled(13) : 0, gap = scaled(9);
        const float width = before + ImGui::CalcTextSize(mark.name.c_str()).x;
        if (x > 0 && x + width > room) {
            x = 0;
            size.y += line + scaled(2);
        }
        if (list) {
            const ImVec2 from(at.x + x, at.y + size.y - line), middle(from.x + scaled(5), from.y + line / 2);
            draw_mark(*list, mark, middle);
            list->AddText({from.x + before, from.y}, window::packed(Meaning::text), mark.name.c_str());
        }
        size.x = std::max(size.x, x + width);
        x += width + gap;
    }
    return size;
}

} // namespace

float draw_tools(LandscapeState& state, ImVec2 top_right, float room, window::Context& context) {
    const float side = ImGui::GetFrameHeight(), gap = scaled(2), inset = scaled(4);
    const auto list = switches(context);
    const auto count =
        static_cast<float>(std::ranges::count_if(list, [](const Switch& one) { return one.shown; }));
    const bool plane = context.snapshot.kind.plane;
    const float fields = plane ? scaled(state.exact ? 186 : 124) + scaled(8) : 0;
    const bool beside = state.exact != nullptr;
    float width = fields + (count + (plane ? 3 : 1) + (beside ? 1 : 0)) * (side + gap) + 2 * inset;
    const bool fold = width > room;
    if (fold) width = (beside ? 2 * side + gap : side) + 2 * inset;
    const ImVec2 at(top_right.x - width, top_right.y);
    ImGui::GetWindowDrawList()->AddRectFilled(at, {top_right.x, at.y + side + 2 * inset},
                                              window::packed(Meaning::panel, 0.86f), scaled(4));
    ImGui::SetCursorScreenPos({at.x + inset, at.y + inset});
    ImGui::BeginGroup();
    if (fold) {
        folded(state, context);
    } else {
        if (plane) {
            choose_field(state, context, fields - scaled(8));
            ImGui::SameLine(0, scaled(8));
        }
        for (const Switch& one : list) {
            if (!one.shown) continue;
            if (window::icon_button(one.id, one.icon, std::string(one.title) + ": " + one.help,
                                    state.layers.*one.on)) {
                state.layers.*one.on = !(state.layers.*one.on);
                switched(one, state.layers, context);
            }
            ImGui::SameLine(0, gap);
        }
        if (plane) {
            window::icon_toggle("drop_many", window::icon::drop_many, state.drop_many,
                                "A click drops 50 chains instead of one (Shift-click does the same)");
            ImGui::SameLine(0, gap);
            if (window::icon_button("brush", window::icon::brush, brush_help, state.brush.on))
                take_brush(state, context, state.brush.purpose, !state.brush.on);
            ImGui::SameLine(0, gap);
        }
        if (window::icon_button("colors", window::icon::palette, "Color map")) ImGui::OpenPopup("colors");
        if (ImGui::BeginPopup("colors")) {
            colormap_menu(context);
            ImGui::EndPopup();
        }
    }
    // At the right end in both forms of the row, so that a second click takes back the first.
    if (beside) {
        ImGui::SameLine(0, gap);
        window::icon_toggle("beside", window::icon::columns, state.layers.exact_beside,
                            "Exact beside learned: side by side, on one color scale");
    }
    ImGui::EndGroup();
    return at.x;
}

std::string kl_words(const lab::QualityPoint& point, std::int64_t iteration, bool bounded) {
    std::string words =
        bounded && point.temperature == 1 ? "KL(data\u2016model) at most " : "KL(data\u2016model) ";
    words += window::format_value(point.kl, "nats");
    if (point.error > 0) words += " \u00b1 " + window::format_number(point.error, 1);
    if (point.temperature != 1) words += " at T = " + window::format_number(point.temperature);
    // It is computed less often than the picture, and a few iterations make no difference to read.
    if (20 * std::abs(iteration - point.iteration) > iteration)
        words += ", iteration " + window::format_count(point.iteration);
    return words;
}

void draw_title(const LandscapeState& state, const Pane& pane, float right, const window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const ImVec2 at(pane.low.x + scaled(8), pane.low.y + scaled(8)), padding = scaled(9, 6);
    const float room = right - at.x - scaled(8) - 2 * padding.x;
    if (room < scaled(60)) return;
    ImDrawList& list = *ImGui::GetWindowDrawList();

    const std::string title = title_of(pane, s);
    const std::int64_t iteration = pane.field ? pane.field->iteration : s.iteration;
    std::string caption = s.trainable ? "iteration " + window::format_count(iteration) : s.energy_title;
    if (s.settings.view.field == FieldKind::density && pane.field && pane.field->log_z_error > 0) {
        // As many digits as the error speaks of.
        const double log_z = pane.field->log_integral, error = pane.field->log_z_error;
        const auto place = [](double value) { return static_cast<int>(std::floor(std::log10(value))); };
        const int digits = place(std::max(std::abs(log_z), error)) - place(error) + 1;
        // What is normalised has log Z = 0; the integral is a check, and of a bound what it leaves out.
        const char* name = !pane.field->normalised ? ", log Z "
                           : s.bounded()           ? ", a bound of p with log \u222b "
                                                   : ", log \u222b p ";
        caption += name + window::format_number(log_z, std::clamp(digits, 3, 6)) + " \u00b1 " +
                   window::format_number(error, 1);
    }
    // Which density this is, where it is not that of the energy itself.
    if (!pane.exact && pane.field && pane.field->temperature != 1 &&
        s.settings.view.field != FieldKind::energy)
        caption += ", exp(\u2212E / T) at T = " + window::format_number(pane.field->temperature);
    if (pane.exact) caption = s.data ? s.data->title : "";
    const bool kl = !pane.exact && s.quality && !s.quality->empty();
    const std::string kl_text = kl ? kl_words(s.quality->back(), iteration, s.bounded()) : std::string();

    const auto size = [room](window::Type type, const std::string& text) {
        const window::TypeScope scope(type);
        return ImGui::CalcTextSize(text.c_str(), nullptr, false, room);
    };
    const float spark = kl ? scaled(56) : 0;
    const ImVec2 title_size = size(window::Type::strong, title),
                 caption_size = size(window::Type::caption, caption);
    const ImVec2 kl_size = size(window::Type::caption, kl_text);
    // In a low pane it would lie on what is to be seen: no more than the title and KL there.
    const bool low = pane.high.y - pane.low.y < scaled(230);
    if (low) caption.clear();
    const std::vector<Mark> marks = low ? std::vector<Mark>() : legend(state, pane, s);
    const float others = std::max({title_size.x, caption_size.x, kl_size.x + spark});
    ImVec2 legend_size;
    {
        const window::TypeScope scope(window::Type::caption);
        legend_size = flow_marks(marks, {}, std::min(room, std::max(others, scaled(220))), nullptr);
    }
    const float width = std::min(room, std::max(others, legend_size.x)), gap = scaled(2);
    const float height = title_size.y + (low ? 0 : gap + caption_size.y) + (kl ? gap + kl_size.y : 0) +
                         (marks.empty() ? 0 : legend_size.y + 2 * gap);
    list.AddRectFilled(at, {at.x + width + 2 * padding.x, at.y + height + 2 * padding.y},
                       window::packed(Meaning::panel, 0.9f), scaled(4));
    list.PushClipRect(at, {at.x + width + 2 * padding.x, at.y + height + 2 * padding.y}, true);
    float y = at.y + padding.y;
    const float left = at.x + padding.x;
    // Wrapped where the pane is narrow: a cut number would be another number.
    const auto write = [&](const std::string& text, Meaning meaning) {
        list.AddText(ImGui::GetFont(), ImGui::GetFontSize(), {left, y}, window::packed(meaning), text.c_str(),
                     nullptr, room);
    };
    {
        const window::TypeScope scope(window::Type::strong);
        write(title, Meaning::text);
    }
    y += title_size.y + gap;
    const window::TypeScope scope(window::Type::caption);
    if (!low) {
        // A lesson asks for log Z, which the caption of a density says.
        write(caption, s.settings.view.field == FieldKind::density ? Meaning::text : Meaning::muted);
        y += caption_size.y + gap;
    }
    if (kl) {
        const bool doubtful = !s.quality->back().note.empty();
        write(kl_text, doubtful ? Meaning::attention : Meaning::text);
        if (doubtful && ImGui::IsMouseHoveringRect({left, y}, {left + kl_size.x, y + kl_size.y}))
            ImGui::SetTooltip("%s", s.quality->back().note.c_str());
        const float start = left + kl_size.x + scaled(8);
        if (kl_size.x + spark <= width)
            sparkline({start, y + scaled(3)}, {start + spark - scaled(12), y + kl_size.y - scaled(2)},
                      *s.quality);
        y += kl_size.y + gap;
    }
    flow_marks(marks, {left, y}, width, &list);
    list.PopClipRect();
}

} // namespace ebm::panels
