#include "app/panels/bars.h"

#include "app/panels/own_scenes.h"
#include "app/panels/setting_slider.h"
#include "app/window/icons.h"
#include "app/window/pointing.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace ebm::panels {
namespace {

using window::Meaning;
using window::scaled;

/// How much of the top bar there is room for.
enum class Room { roomy, normal, tight };

void transport(window::Context& context, Room room) {
    const bool running = context.snapshot.state == lab::State::running, tight = room == Room::tight;
    const std::string refusal = running ? "" : lab::refusal(context.snapshot.state, lab::Run{});
    ImGui::BeginDisabled(!refusal.empty());
    const std::string word = tight ? "" : running ? "  Pause" : "  Run";
    const std::string label = (running ? window::icon::pause : window::icon::run) + word + "###run";
    const ImVec2 size(tight ? ImGui::GetFrameHeight() * 1.2f : scaled(92), 0);
    const bool pressed =
        running ? ImGui::Button(label.c_str(), size) : window::accent_button(label.c_str(), size);
    ImGui::EndDisabled();
    window::help_tooltip(refusal.empty() ? "Trains the model and moves the chains, or holds both" : refusal,
                         running ? "Pause" : "Run", "Space");
    window::pointable("action", "run");
    if (pressed) context.shell.actions().run("run", context);
    for (const char* id : {"step_chains", "step_training", "reset"}) {
        ImGui::SameLine(0, scaled(4));
        window::action_button(id, context);
    }
}

bool slider(const char* id, double& value, double low, double high, Scale scale, const std::string& text) {
    Setting range{};
    range.type = SettingType::real;
    range.scale = scale;
    range.low = low;
    range.high = high;
    return setting_slider(id, range, value, text).changed;
}

void pace(window::Context& context, Room room) {
    lab::SetPace pace{context.snapshot.pace};
    int chosen = pace.speed != lab::Speed::full ? 0 : 1;
    static constexpr std::array<const char*, 2> words = {"Slow motion", "Full speed"},
                                                brief = {"Slow", "Full"};
    const auto& labels = room == Room::roomy ? words : brief;
    ImGui::SetNextItemWidth(std::max(window::segmented_width(labels), scaled(room == Room::roomy    ? 190
                                                                             : room == Room::normal ? 116
                                                                                                    : 0)));
    const bool full = window::segmented("speed", chosen, labels);
    bool changed = false;
    if (full) {
        pace.speed = chosen == 0 ? lab::Speed::slow : lab::Speed::full;
        changed = true;
    }
    window::help_tooltip(
        "Slow motion: a few Langevin steps per second, each shown as noise kick and gradient pull. Full "
        "speed: as fast as possible.",
        {}, "M");
    ImGui::SameLine(0, scaled(6));
    ImGui::SetNextItemWidth(scaled(room == Room::roomy ? 128 : room == Room::normal ? 104 : 74));
    if (pace.speed != lab::Speed::full) {
        changed |= slider("##steps per second", pace.steps_per_second, 0.5, 30, Scale::logarithmic,
                          window::format_number(pace.steps_per_second, 2) +
                              (room == Room::tight ? "\u2009/s" : "\u2009steps/s"));
        window::help_tooltip("Langevin steps per second of every live chain.");
    } else {
        changed |= slider("##compute share", pace.share, 0.1, 1, Scale::linear,
                          (room == Room::tight ? "" : "share ") +
                              std::to_string(std::lround(pace.share * 100)) + "\u2009%");
        window::help_tooltip(
            "Compute share: the part of its time that the engine works. Less keeps the machine cool and "
            "free for other programs.");
    }
    if (changed) context.send(pace);
}

void scene_picker(window::Context& context, float width) {
    const lab::Snapshot& s = context.snapshot;
    ImGui::SetNextItemWidth(width);
    ImGui::SetNextWindowSizeConstraints({scaled(260), 0}, {scaled(420), scaled(560)});
    const std::string title = s.state == lab::State::empty ? "Choose a scene" : s.scene.title;
    if (window::begin_combo("##scene", title, ImGuiComboFlags_HeightLargest)) {
        std::string_view group;
        int number = 0;
        draw_own_scenes(context, [&](const OwnScene& own, bool open) {
            if (group.empty()) ImGui::SeparatorText("My scenes");
            group = "My scenes";
            ImGui::PushID(own.path.c_str());
            const bool pressed = ImGui::Selectable(own.scene.title.c_str(), open);
            ImGui::PopID();
            window::help_tooltip(own.scene.description, own.scene.title);
            return pressed;
        });
        for (const lab::Scene& scene : lab::built_in_scenes()) {
            if (scene.group != group) {
                group = scene.group;
                ImGui::SeparatorText(scene.group.c_str());
            }
            ++number;
            if (ImGui::Selectable(scene.title.c_str(), scene.name == s.scene.name))
                context.send(lab::OpenScene{scene, true});
            window::help_tooltip(scene.description, scene.title, number <= 9 ? std::to_string(number) : "");
        }
        ImGui::EndCombo();
    }
    window::help_tooltip(s.scene.description, "Scene");
}

Meaning meaning_of(lab::State state) {
    switch (state) {
    case lab::State::running:
        return Meaning::good;
    case lab::State::failed:
        return Meaning::failure;
    case lab::State::paused:
        return Meaning::attention;
    default:
        return Meaning::noise;
    }
}

/// Texts from the most to the least important; as many as fit are shown.
void fitting(const std::vector<std::string>& texts, float room, const std::vector<std::string>& help) {
    const float gap = scaled(14);
    float used = 0;
    const window::TypeScope type(window::Type::small_mono);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const float width = ImGui::CalcTextSize(texts[i].c_str()).x;
        if (used + width > room) return;
        used += width + gap;
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(texts[i].c_str());
        window::help_tooltip(help[i]);
        ImGui::SameLine(0, gap);
    }
}

void draw_top_bar(window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const float width = ImGui::GetContentRegionAvail().x, right_edge = ImGui::GetCursorPosX() + width;
    const Room room = width > scaled(1350) ? Room::roomy : width > scaled(800) ? Room::normal : Room::tight;
    const float gap = scaled(room == Room::tight ? 8 : 14);
    transport(context, room);
    ImGui::SameLine(0, gap);
    pace(context, room);
    ImGui::SameLine(0, gap);
    const char* state = lab::state_name(s.state);
    // What the badge needs stays free; a longer title than there is room for is its tooltip.
    const float badge = ImGui::CalcTextSize(state).x + scaled(50);
    const float title = ImGui::CalcTextSize(s.scene.title.c_str()).x + ImGui::GetFrameHeight() + scaled(20);
    const float most = std::min(right_edge - ImGui::GetCursorPosX() - badge, scaled(300));
    scene_picker(context, std::max(scaled(60),
                                   std::min(most, std::max(title, scaled(room == Room::tight ? 90 : 170)))));
    ImGui::SameLine(0, gap);

    const float row = ImGui::GetCursorPosY();
    ImGui::SetCursorPosY(row + (ImGui::GetFrameHeight() - ImGui::GetTextLineHeight() - scaled(4)) / 2);
    window::badge(meaning_of(s.state), state);
    window::note_room(state, ImGui::GetItemRectMax().x - ImGui::GetWindowPos().x, right_edge + scaled(2));
    ImGui::SameLine(0, scaled(10));
    ImGui::SetCursorPosY(row);

    // Right-aligned first, so that the readings in the middle know their room.
    const float after_badge = ImGui::GetCursorPosX();
    std::vector<std::string> machine;
    const bool presenting = context.shell.is_presenting();
    if (!s.device.empty() && !presenting) {
        machine.push_back(s.device);
        machine.push_back(std::to_string(s.threads) + (s.threads == 1 ? " thread" : " threads"));
        if (!s.kernel.empty()) machine.push_back(s.kernel);
    }
    float machine_width = 0;
    {
        const window::TypeScope type(window::Type::small_mono);
        while (!machine.empty()) {
            machine_width = 0;
            for (const std::string& text : machine)
                machine_width += ImGui::CalcTextSize(text.c_str()).x + scaled(14);
            if (after_badge + machine_width + scaled(170) < right_edge) break;
            machine.pop_back();
        }
    }
    if (presenting) machine_width = ImGui::GetFrameHeight() + scaled(24);
    std::vector<std::string> readings, help;
    if (s.trainable) {
        readings.push_back("iteration " + window::format_count(s.iteration));
        help.push_back("Training iterations so far");
        if (!presenting) {
            readings.push_back(window::format_number(s.iterations_per_second) + " it/s");
            help.push_back("Training iterations per second");
        }
    }
    // In slow motion the slider says how fast each chain moves; the sum over all would contradict it.
    if (s.state != lab::State::empty && s.pace.speed == lab::Speed::full && !presenting) {
        readings.push_back(window::format_number(s.chain_steps_per_second) + " chain steps/s");
        help.push_back("Langevin steps per second, summed over all chains of training and display");
    }
    fitting(readings, right_edge - machine_width - after_badge - scaled(8), help);
    if (presenting) {
        ImGui::SameLine(right_edge - ImGui::GetFrameHeight());
        if (window::icon_button("end_presenting", window::icon::close, "End presenting (F5)"))
            context.shell.present(false);
        return;
    }
    if (machine.empty()) return ImGui::NewLine();
    ImGui::SameLine(right_edge - machine_width + scaled(14));
    ImGui::PushStyleColor(ImGuiCol_Text, window::color(Meaning::muted));
    fitting(machine, machine_width + scaled(20),
            {s.device_note.empty() ? "The device that computes" : s.device_note,
             "Threads of the engine, beside the window's own", "The kernel that moves the chains"});
    ImGui::PopStyleColor();
    ImGui::NewLine();
}

} // namespace

std::function<void(window::Context&)> top_bar() {
    return [banner = std::make_shared<ProblemBanner>()](window::Context& context) {
        follow_scene_panels(context);
        draw_top_bar(context);
        banner->draw(context);
    };
}

} // namespace ebm::panels
