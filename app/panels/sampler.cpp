#include "app/panels/lit_mode.h"
#include "app/panels/panels.h"
#include "app/panels/sampler_step.h"
#include "app/panels/setting_rows.h"
#include "app/panels/setting_text.h"
#include "app/window/icons.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ebm::panels {
namespace {

using window::format_number;
using window::Meaning;
using window::scaled;

/// The box in which the sampler's step is written, line by line as sampler_step.h words it. What lies below
/// does not move under the hand that turns a knob: in one scene the box only grows, and while a mouse button
/// is down it lies over the rows below instead of pushing them away.
struct StepBox {
    std::vector<StepLine> lines;
    ImVec2 at;
    float width = 0, height = 0;

    float inner() const { return width - scaled(20); }
    float height_of(const StepLine& line) const {
        return ImGui::CalcTextSize(line.text.c_str(), nullptr, false, inner()).y + scaled(3);
    }
};

StepBox place_equation(const Settings& settings, const std::string& scene) {
    StepBox box{step_lines(settings), ImGui::GetCursorScreenPos(), ImGui::GetContentRegionAvail().x};
    box.height = scaled(11);
    for (const StepLine& line : box.lines)
        box.height += box.height_of(line);
    ImGui::PushID(scene.c_str());
    ImGuiStorage& kept = *ImGui::GetStateStorage();
    const ImGuiID kept_width = ImGui::GetID("width"), kept_height = ImGui::GetID("height");
    float room = box.height;
    if (kept.GetFloat(kept_width) == box.width) {
        const bool held = ImGui::IsMouseDown(ImGuiMouseButton_Left);
        room = held ? kept.GetFloat(kept_height) : std::max(room, kept.GetFloat(kept_height));
        box.height = std::max(box.height, room);
    }
    kept.SetFloat(kept_width, box.width);
    kept.SetFloat(kept_height, room);
    ImGui::PopID();
    ImGui::Dummy({box.width, room});
    window::help_tooltip(
        "One step of every chain, in the order in which it is computed, with the settings of now. "
        "\u03be is standard normal noise. With drift a and noise s the chains sample "
        "exp(\u2212E / T) with T = s\u00b2 / (2a): at T = 1 the model's own density, far "
        "below 1 only its deepest wells. The setting Temperature makes T another one.",
        "The step of a chain");
    return box;
}

/// Drawn last, for it may lie over what is below.
void draw_equation(const StepBox& box) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 end{box.at.x + box.width, box.at.y + box.height};
    list.AddRectFilled(box.at, end, window::packed(Meaning::panel), scaled(4));
    list.AddRectFilled(box.at, end, window::packed(Meaning::control, 0.55f), scaled(4));
    float y = box.at.y + scaled(7);
    for (const StepLine& line : box.lines) {
        const Meaning ink = line.kind == StepLine::Kind::numbers ? Meaning::accent
                            : line.kind >= StepLine::Kind::note  ? Meaning::muted
                                                                 : Meaning::text;
        list.AddText(nullptr, 0.0f, {box.at.x + scaled(10), y}, window::packed(ink), line.text.c_str(),
                     nullptr, box.inner());
        y += box.height_of(line);
    }
}

/// ESS and R̂ over the live chains. The rows are there before their numbers are, so that the settings below
/// do not move under the hand.
void mixing(const lab::Snapshot& s) {
    measure::Mixing m;
    m.effective_samples = m.r_hat = std::numeric_limits<double>::quiet_NaN();
    m.reason = "the chains have not moved yet";
    if (s.mixing) m = *s.mixing;
    const std::string over = window::format_count(m.chains) + " chains, " + window::format_count(m.draws) +
                             " steps each. While the model is trained, its changes count as bad mixing.";
    const std::string why = m.reason.empty() ? over : "Not known: " + m.reason + ".";
    reading_row("ESS", window::format_number(m.effective_samples),
                "How many independent samples the latest steps of the live chains are worth: bulk effective "
                "sample size "
                "of the statistic that mixes worst" +
                    (m.slowest.empty() ? std::string() : " (" + m.slowest + ")") + ". " + why);
    reading_row(
        "R\u0302", m.r_hat > 1000 ? "> 1000" : window::format_number(m.r_hat, 4),
        "Rank-normalised split R\u0302: near 1 when all chains tell the same story, above 1.01 when they do "
        "not. " +
            why);
}

/// The share whose bar is as high as the row.
double tallest_share(const lab::ModesView& modes) {
    double tallest = std::ranges::max(modes.shares);
    for (const double share : modes.exact)
        tallest = std::max(tallest, share);
    return tallest;
}

std::string shares_in_words(const lab::ModesView& modes) {
    const auto list = [](const std::vector<double>& shares) {
        std::string text;
        for (const double share : shares)
            text += (text.empty() ? "" : " \u00b7 ") + window::format_share(share);
        return text;
    };
    std::string text = "Share of the live chains in each mode: " + list(modes.shares) + ".";
    if (modes.none > 0) text += " In none of them: " + window::format_share(modes.none) + ".";
    if (modes.exact.empty()) return text;
    return text +
           (modes.of_data ? " The line across a bar: the share of the data, "
                          : " The line across a bar: the share of exp(\u2212E / T), ") +
           list(modes.exact) + ".";
}

/// A bar for each mode, with a line where it should end, and its share in percent where that fits below.
/// Returns the one under the mouse, −1 if there is none.
int mode_bars(const lab::ModesView& modes, float height, int lit) {
    const float line = ImGui::GetTextLineHeight();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width =
        std::min(ImGui::GetContentRegionAvail().x, static_cast<float>(modes.shares.size()) * 3.2f * line);
    ImGui::InvisibleButton("modes", {width, height});
    const float pitch = width / static_cast<float>(modes.shares.size());
    const int last = static_cast<int>(modes.shares.size()) - 1;
    const int hovered = ImGui::IsItemHovered(ImGuiHoveredFlags_NoNavOverride) && ImGui::IsMousePosValid()
                            ? std::clamp(static_cast<int>((ImGui::GetMousePos().x - at.x) / pitch), 0, last)
                            : -1;
    const float bar = std::max(1.0f, pitch - std::max(1.0f, std::min(scaled(4), 0.3f * pitch)));
    const bool numbers = ImGui::CalcTextSize("100").x <= pitch;
    const float floor = at.y + height - (numbers ? line : 0);
    const auto top = [&](double share) {
        return floor - static_cast<float>(share / tallest_share(modes)) * (floor - at.y - scaled(2));
    };
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < modes.shares.size(); ++i) {
        const float left = at.x + static_cast<float>(i) * pitch, right = left + bar;
        list.AddRectFilled({left, at.y}, {right, floor}, window::packed(Meaning::control, 0.55f));
        list.AddRectFilled({left, top(modes.shares[i])}, {right, floor}, window::packed(Meaning::samples));
        if (i < modes.exact.size())
            list.AddLine({left, top(modes.exact[i])}, {right, top(modes.exact[i])},
                         window::packed(modes.of_data ? Meaning::data : Meaning::text), scaled(2));
        if (static_cast<int>(i) == lit)
            list.AddRect({left, at.y}, {right, floor}, window::packed(Meaning::text), 0, scaled(1.5f));
        if (!numbers) continue;
        const double share = modes.shares[i];
        const long rounded = std::lround(100 * share);
        const std::string percent = share > 0 && rounded == 0     ? "<1"
                                    : share < 1 && rounded == 100 ? ">99"
                                                                  : std::to_string(rounded);
        const float middle = (left + right - ImGui::CalcTextSize(percent.c_str()).x) / 2;
        list.AddText({std::max(left, middle), floor}, window::packed(Meaning::text), percent.c_str());
    }
    return hovered;
}

/// Which modes the chains are in, and how often they go from one to another.
void mode_rows(const lab::ModesView& modes, bool second) {
    const float height = 2.6f * ImGui::GetTextLineHeight();
    const int lit = lit_mode(second);
    const bool one = lit >= 0 && lit < static_cast<int>(modes.shares.size());
    control_row(
        "Modes, %", height,
        [&] {
            if (const int hovered = mode_bars(modes, height, lit); hovered >= 0) light_mode(second, hovered);
        },
        one ? mode_in_words(modes, static_cast<std::size_t>(lit)) : shares_in_words(modes));
    const std::string among = window::format_count(modes.chains) + " chains in their latest " +
                              window::format_count(modes.steps) + " steps";
    reading_row("Crossings",
                modes.steps > 0 ? window::format_count(modes.crossings) + " in " +
                                      window::format_count(modes.steps) + " steps"
                                : "\u2013",
                "How often a chain went from one mode to another, by jumps too: of " + among +
                    ". A chain between modes still belongs to the one that it left.");
}

void readings(const lab::Snapshot& s, const Settings& settings, bool second) {
    const lab::SamplerReading& r = s.reading;
    if (!begin_rows("readings")) return;
    reading_row("Temperature T", format_number(r.temperature),
                "The chains sample exp(\u2212E / T). Langevin: T = s\u00b2 / (2a) of drift a and noise s. "
                "True Langevin and "
                "MALA have the T of the setting Temperature; as published it follows from step and noise.");
    reading_row("Mean |\u2207E|", format_number(r.gradient_norm),
                "Length of the gradient at the chains, before any clip.");
    reading_row("Distance", format_number(r.distance), "Mean length of a step, in units of x.");
    // Rows that do not apply stay, so that the settings below do not move under the hand.
    const bool mala = settings.sampler.kind == SamplerKind::mala;
    reading_row("Accepted", mala ? window::format_share(r.acceptance) : "\u2013",
                "Share of the Metropolis proposals that were accepted. Around 57 % mixes fastest; near 0 "
                "the step is far "
                "too long, near 100 % far too short.");
    if (s.kind.plane)
        reading_row("Jumps accepted",
                    settings.sampler.jump_share > 0 ? window::format_share(r.jump_acceptance) : "\u2013",
                    "Share of the uniform jumps that were accepted. It falls as the density concentrates.");
    reading_row("Clipped", window::format_share(r.clipped_share),
                "Share of the elements of \u2207E that the clip cut.");
    reading_row(s.kind.plane ? "Clamped" : "Clamped pixels", window::format_share(r.clamped_share),
                "Share of the elements of x that the box cut.");
    mixing(s);
    if (s.modes) mode_rows(*s.modes, second);
    end_rows();
}

void draw_sampler(window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (s.state == lab::State::empty)
        return (void)window::empty_state(window::icon::sampler,
                                         "No chains yet. Pick a scene in the panel at the left.");
    window::SettingEditor& editor = context.settings;
    const StepBox step = place_equation(editor.shown(), s.scene.name + s.scene.description);
    window::group_heading("Readings");
    readings(s, editor.shown(), context.second);
    if (ImGui::Button("Race samplers\u2026###race_samplers")) context.shell.open_panel("race");
    window::help_tooltip("Langevin, MALA, HMC and tempering side by side on this energy.");
    window::group_heading("Sampler");
    if (begin_rows("sampler")) {
        setting_group(editor, "sampler", s);
        end_rows();
    }
    if (s.learning() == Learning::contrast) {
        window::group_heading("Replay buffer");
        if (begin_rows("buffer")) {
            setting_group(editor, "buffer", s);
            end_rows();
        }
    }
    draw_equation(step);
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel sampler_panel() {
    Panel panel;
    panel.id = "sampler";
    panel.views = {lab::View::mixing, lab::View::modes};
    panel.title = "Sampler";
    panel.icon = icon::sampler;
    panel.place = Place::right;
    panel.help = "How chains move: the step with its live numbers, what it does at the moment, and its "
                 "settings. Every change "
                 "is used by the next step.";
    panel.draw = panels::draw_sampler;
    return panel;
}

} // namespace ebm::window
