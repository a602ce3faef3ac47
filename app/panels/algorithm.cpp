#include "app/panels/algorithm_lines.h"
#include "app/panels/image_sheet.h"
#include "app/panels/panels.h"
#include "app/window/icons.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <memory>

namespace ebm::panels {
namespace {

using window::Meaning;
using window::scaled;

struct AlgorithmState {
    ImageSheet positives, negatives;
    bool by_itself = true; ///< the line that was done last is scrolled to
    std::int64_t scrolled_iteration = -1;
    Phase scrolled_phase = Phase::data;
};

bool plays(const lab::Snapshot& s) {
    return s.state == lab::State::running && s.pace.speed == lab::Speed::lines;
}

void play_or_hold(window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (plays(s)) return context.send(lab::Pause{});
    lab::SetPace pace{s.pace};
    pace.speed = lab::Speed::lines;
    context.send(pace);
    if (s.state != lab::State::running) context.send(lab::Run{});
}

/// As many to a row as there is room for.
void buttons(window::Context& context) {
    const char* ids[] = {"step_line", "step_sampling", "step_training", "play_lines"};
    const float edge = ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x;
    for (const char* id : ids) {
        const window::Action& action = *context.shell.actions().find(id);
        const float width = ImGui::CalcTextSize((action.icon + "  " + action.title).c_str()).x +
                            2 * ImGui::GetStyle().FramePadding.x;
        if (id != ids[0]) {
            ImGui::SameLine(0, scaled(4));
            if (ImGui::GetCursorScreenPos().x + width > edge) ImGui::NewLine();
        }
        window::action_button(id, context, true);
    }
    const lab::Snapshot& s = context.snapshot;
    if (s.pace.speed != lab::Speed::lines) return;
    float speed = static_cast<float>(s.pace.steps_per_second);
    ImGui::SetNextItemWidth(std::min(ImGui::GetContentRegionAvail().x, scaled(200)));
    if (ImGui::SliderFloat("##lines per second", &speed, 0.5f, 30, "%.1f lines/s",
                           ImGuiSliderFlags_Logarithmic | ImGuiSliderFlags_AlwaysClamp)) {
        lab::SetPace pace{s.pace};
        pace.steps_per_second = speed;
        context.send(pace);
    }
    window::help_tooltip("How fast line lights up after line. Live chains rest meanwhile.");
}

/// The first samples of a batch, as many as fit in a row. One of them can be chosen with a click where
/// `followed` is given.
void pictures(const ImageSheet& sheet, int* followed = nullptr) {
    const float room = ImGui::GetContentRegionAvail().x, gap = scaled(3);
    const float zoom = static_cast<float>(sheet.zoom_for(scaled(44)));
    const ImVec2 size(static_cast<float>(sheet.shape().width) * zoom,
                      static_cast<float>(sheet.shape().height) * zoom);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const int fit = std::min(sheet.count(), std::max(1, static_cast<int>((room + gap) / (size.x + gap))));
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (int i = 0; i < fit; ++i) {
        const ImVec2 corner(at.x + static_cast<float>(i) * (size.x + gap), at.y);
        sheet.draw(list, i, corner, zoom);
        if (!followed) continue;
        ImGui::SetCursorScreenPos(corner);
        ImGui::PushID(i);
        if (ImGui::InvisibleButton("follow", size)) *followed = i;
        ImGui::PopID();
        window::help_tooltip("Click: the steps tell about this one.");
        if (i == *followed)
            list.AddRect({corner.x - 1, corner.y - 1}, {corner.x + size.x + 1, corner.y + size.y + 1},
                         window::packed(Meaning::accent), 0, scaled(2));
    }
    ImGui::SetCursorScreenPos(at);
    ImGui::Dummy({static_cast<float>(fit) * (size.x + gap), size.y});
}

/// Which of the negatives is told about.
void choose_followed(const Account& account, int& followed) {
    const int last = std::min(account.shown, static_cast<int>(account.slots.size())) - 1;
    followed = std::clamp(followed, 0, std::max(0, last));
    if (last < 1) return;
    ImGui::SetNextItemWidth(std::min(ImGui::GetContentRegionAvail().x, scaled(200)));
    ImGui::SliderInt("###followed", &followed, 0, last, "Follows negative %d", ImGuiSliderFlags_AlwaysClamp);
    window::help_tooltip(
        "The negative whose energy and gradient the steps tell; Landscape marks it with a large "
        "square, or a diamond if it begins anew. A click on a mark there follows its negative.");
}

void draw_line(const AlgorithmLine& line, const AlgorithmState& state, int& followed, bool scroll) {
    const float margin = scaled(20), indent = scaled(18) * static_cast<float>(line.indent);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.ChannelsSplit(2);
    list.ChannelsSetCurrent(1);
    ImGui::Indent(margin + indent);
    ImGui::PushTextWrapPos(0);
    if (line.kind == AlgorithmLine::Kind::note) {
        window::muted_text(line.text);
    } else {
        const window::TypeScope type(window::Type::strong);
        ImGui::PushStyleColor(ImGuiCol_Text,
                              window::color(line.done || line.next ? Meaning::text : Meaning::muted));
        ImGui::TextUnformatted(line.text.c_str());
        ImGui::PopStyleColor();
    }
    if (line.next) {
        const float middle = at.y + ImGui::GetTextLineHeight() / 2, side = scaled(5);
        list.AddTriangleFilled({at.x + scaled(5), middle - side}, {at.x + scaled(5), middle + side},
                               {at.x + scaled(5) + 1.6f * side, middle}, window::packed(Meaning::accent));
    }
    for (const std::string& sentence : line.did)
        ImGui::TextUnformatted(sentence.c_str());
    ImGui::PopTextWrapPos();
    if (!line.did.empty()) {
        if (line.kind == AlgorithmLine::Kind::draw && state.positives.count() > 0) pictures(state.positives);
        if (line.kind == AlgorithmLine::Kind::step && state.negatives.count() > 0)
            pictures(state.negatives, &followed);
    }
    ImGui::Unindent(margin + indent);
    const float bottom = ImGui::GetCursorScreenPos().y - scaled(2);
    list.ChannelsSetCurrent(0);
    if (line.newest) {
        list.AddRectFilled({at.x, at.y - scaled(3)}, {at.x + width, bottom},
                           window::packed(Meaning::accent, 0.2f), scaled(4));
        if (scroll && !ImGui::IsRectVisible({at.x, at.y}, {at.x + 1, bottom})) ImGui::SetScrollHereY(0.6f);
    }
    list.ChannelsMerge();
    ImGui::Dummy({0, scaled(2)});
}

/// What such a model learns by; null: by Algorithm 1.
const char* other_than_algorithm_1(Learning learning) {
    switch (learning) {
    case Learning::likelihood:
        return "This model is normalised: it learns by lowering the mean of \u2212log p over the data, "
               "without "
               "negatives, so there is no Algorithm 1 to follow.";
    case Learning::score_matching:
        return "This energy learns by denoising score matching: noise is added to data, and the gradient of "
               "the energy learns to point back. There are no negatives, so there is no Algorithm 1 to "
               "follow.";
    case Learning::classes:
        return "A classifier learns by the cross entropy of its classes, without negatives, so there is no "
               "Algorithm 1 to follow.";
    case Learning::contrast:
    case Learning::nothing:
        break;
    }
    return nullptr;
}

void draw_algorithm(AlgorithmState& state, window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (s.state == lab::State::empty || !s.trainable)
        return (void)window::empty_state(
            window::icon::lesson,
            s.state == lab::State::empty
                ? "No run yet. Pick a scene in the panel at the left."
                : "This energy is given by a formula or joined from others: there is no training to "
                  "follow. Open a scene that trains, Two moons for example.");
    const char* own = other_than_algorithm_1(s.learning());
    if (own) return (void)window::empty_state(window::icon::lesson, own);
    buttons(context);
    ImGui::Spacing();
    const lab::AlgorithmView* account = s.algorithm.get();
    const bool known = account && !account->rows.empty();
    if (known)
        window::group_heading("Iteration " + window::format_count(account->iteration) +
                              (account->whole ? ", whole" : ", under way"));
    else
        window::muted_text("Nothing was computed since the panel is open. Step a line, or press Run.");
    if (known && !s.kind.plane) {
        const PictureShape shape{s.kind.channels, s.kind.height, s.kind.width};
        state.positives.set(account->positive_pixels, shape, s.number);
        state.negatives.set(account->negative_pixels, shape, s.number);
    } else {
        state.positives.set({}, {1, 1, 1}, s.number);
        state.negatives.set({}, {1, 1, 1}, s.number);
    }
    const bool moved = known && (state.scrolled_iteration != account->iteration ||
                                 state.scrolled_phase != account->progress.phase);
    if (known) {
        state.scrolled_iteration = account->iteration;
        state.scrolled_phase = account->progress.phase;
    }
    int& followed = context.shell.followed_negative();
    if (known) choose_followed(*account, followed);
    if (ImGui::BeginChild("lines")) {
        for (const AlgorithmLine& line : algorithm_lines(account, s.in_force, s.kind.plane, followed))
            draw_line(line, state, followed, moved && (s.state != lab::State::running || plays(s)));
        if (known && account->whole && s.kind.plane && account->largest_change() > 0)
            window::muted_text("The arrows in Landscape show how much E sank or rose at up to 64 of these "
                               "samples of each kind; the largest change is " +
                               window::format_number(account->largest_change()) + " nats.");
        window::muted_text(
            "The last two lines are one step: weights and buffer change together or not at all.");
    }
    ImGui::EndChild();
}

window::Action stride_action(const char* id, const char* title, const char* icon, Stride stride,
                             const char* tooltip, ImGuiKeyChord shortcut) {
    window::Action action;
    action.id = id;
    action.title = title;
    action.icon = icon;
    action.menu = "Run";
    action.shortcut = shortcut;
    action.tooltip = tooltip;
    action.repeats = true;
    action.run = [stride](window::Context& context) {
        context.shell.open_panel("algorithm");
        context.send(lab::StepAlgorithm{stride});
    };
    action.refusal = [](const window::Context& context) -> std::string {
        if (context.snapshot.state != lab::State::empty && !context.snapshot.trainable)
            return "This energy is given by a formula or joined from others: there is nothing to train.";
        return lab::refusal(context.snapshot.state, lab::StepAlgorithm{});
    };
    return action;
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel algorithm_panel() {
    const auto state = std::make_shared<panels::AlgorithmState>();
    Panel panel;
    panel.id = "algorithm";
    panel.views = {lab::View::algorithm};
    panel.title = "Algorithm 1";
    panel.short_title = "Alg. 1";
    panel.icon = icon::lesson;
    panel.place = Place::right;
    panel.open = false;
    panel.help =
        "One training iteration, line by line as the paper prints it, with the numbers of this run. "
        "The arrow is at the line that comes next, the coloured plate at what was done last; on the "
        "plane the same data and negatives light up in the landscape, and the slots that they come from and "
        "go back to in Replay buffer.\n\nL does a line, K one "
        "Langevin step of the negatives, I a whole iteration; Play lights line after line.";
    panel.draw = [state](Context& context) { panels::draw_algorithm(*state, context); };
    panel.actions.push_back(
        panels::stride_action("step_line", "Step a line", icon::down, Stride::line,
                              "The next line of Algorithm 1; all K Langevin steps are one", ImGuiKey_L));
    panel.actions.back().separator_before = true;
    panel.actions.push_back(panels::stride_action(
        "step_sampling", "Langevin step of negatives", icon::step, Stride::sampling_step,
        "One step of the negatives, or the next line where none is due", ImGuiKey_K));
    Action play;
    play.id = "play_lines";
    play.title = "Play";
    play.icon = icon::run;
    play.tooltip = "Line after line of Algorithm 1, at a speed that can be followed; again: hold";
    play.run = [](Context& context) {
        context.shell.open_panel("algorithm");
        panels::play_or_hold(context);
    };
    play.checked = [](const Context& context) { return panels::plays(context.snapshot); };
    play.refusal = [](const Context& context) -> std::string {
        if (context.snapshot.state == lab::State::running) return "";
        return lab::refusal(context.snapshot.state, lab::Run{});
    };
    panel.actions.push_back(play);
    return panel;
}

} // namespace ebm::window
