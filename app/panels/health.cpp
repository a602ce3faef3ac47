#include "app/panels/panels.h"
#include "app/panels/setting_rows.h"
#include "app/panels/setting_text.h"
#include "app/window/icons.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "app/window/widgets.h"

namespace ebm::panels {
namespace {

using measure::HealthLevel;
using window::Meaning;
using window::scaled;

Meaning meaning_of(HealthLevel level) {
    switch (level) {
    case HealthLevel::good:
        return Meaning::good;
    case HealthLevel::attention:
        return Meaning::attention;
    case HealthLevel::failure:
        return Meaning::failure;
    case HealthLevel::unknown:
        break;
    }
    return Meaning::noise;
}

const char* word_of(HealthLevel level) {
    switch (level) {
    case HealthLevel::good:
        return "Healthy";
    case HealthLevel::attention:
        return "Attention";
    case HealthLevel::failure:
        return "Failing";
    case HealthLevel::unknown:
        break;
    }
    return "Not known yet";
}

/// "Set Sampler to mala, Drift limit to 30 and reset"
std::string remedy_label(const measure::Health& health, const lab::Snapshot& s, Settings trial) {
    std::string label;
    for (const auto& [key, value] : health.changes) {
        const Setting& row = setting(key);
        row.set_text(trial, value);
        label += (label.empty() ? "Set " : ", ") + std::string(row.label) + " to " + shown_value(row, trial);
    }
    const bool back = health.then == measure::Health::Then::roll_back && s.roll_back_iteration >= 0;
    if (back)
        return label + (label.empty() ? "Go" : " and go") + " back to iteration " +
               window::format_count(s.roll_back_iteration);
    if (health.then != measure::Health::Then::go_on) label += label.empty() ? "Reset" : " and reset";
    return label;
}

void remedy(const measure::Health& health, window::Context& context) {
    if (health.remedy.empty()) return;
    window::muted_text(health.remedy);
    const lab::Snapshot& s = context.snapshot;
    const bool acts = health.then != measure::Health::Then::go_on;
    if (health.changes.empty() && !acts) return;
    window::muted_text(remedy_label(health, s, context.settings.shown()) + ":");
    if (window::accent_button("Do it###remedy")) {
        const bool back = health.then == measure::Health::Then::roll_back && s.roll_back_iteration >= 0;
        const bool resets = acts && !back;
        // A reset goes on running, the way back stops.
        const bool run = back || (resets && s.state != lab::State::running);
        const auto apply = [changes = health.changes, back, resets, run](window::Context& now) {
            for (const auto& [key, value] : changes) {
                now.settings.change(setting(key), value);
                now.settings.release();
            }
            if (back) now.send(lab::RollBack{});
            if (resets) now.send(lab::Reset{});
            if (run) now.send(lab::Run{});
        };
        // Nothing is changed if the person would rather keep the training.
        if (resets)
            context.shell.when_allowed(context, lab::Reset{}, apply);
        else
            apply(context);
    }
    window::help_tooltip(acts ? "Ctrl+Z takes the settings back; File \u2192 Bring back the run."
                              : "Ctrl+Z takes it back.");
}

/// Below the verdict on run A, so that nobody takes it for that on both.
void other_run(const lab::Snapshot& b) {
    ImGui::Spacing();
    window::muted_text("This is run A. Run B:");
    const HealthLevel level = b.health ? b.health->level : HealthLevel::unknown;
    window::status_dot(meaning_of(level));
    ImGui::SameLine(0, scaled(8));
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(b.health ? b.health->sentence.c_str() : "no verdict yet");
    ImGui::PopTextWrapPos();
}

void draw_health(window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (!s.health) {
        window::empty_state(
            window::icon::health,
            s.state == lab::State::empty ? "No run yet. Pick a scene in the panel at the left."
            : !s.trainable
                ? "This energy is given by a formula or joined from others: there is no training to watch."
            : s.iteration >= s.settings.train.iterations
                ? "This model was trained before it was opened. The verdict comes when it is "
                  "trained on: raise Iterations."
            : s.state == lab::State::running ? "The verdict comes with the first iterations."
                                             : "The verdict comes with the first iterations. Press Run.");
        return;
    }
    const measure::Health& health = *s.health;
    window::status_dot(meaning_of(health.level));
    ImGui::SameLine(0, scaled(8));
    // The sentence often begins with the word of its level; it is not said twice.
    const std::string word = word_of(health.level);
    const bool twice = health.sentence.starts_with(word);
    if (!twice) {
        const window::TypeScope type(window::Type::strong);
        ImGui::TextUnformatted(word.c_str());
    } else {
        ImGui::PushTextWrapPos(0);
        const window::TypeScope type(window::Type::strong);
        ImGui::TextUnformatted(health.sentence.c_str());
        ImGui::PopTextWrapPos();
    }
    if (!twice) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextUnformatted(health.sentence.c_str());
        ImGui::PopTextWrapPos();
    }
    ImGui::Spacing();
    if (begin_rows("numbers")) {
        for (const auto& [name, value] : health.numbers)
            reading_row(name.c_str(), window::format_number(value));
        end_rows();
    }
    remedy(health, context);
    if (context.comparison && &context.snapshot != &context.comparison->b())
        other_run(context.comparison->b());
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel health_panel() {
    Panel panel;
    panel.id = "health";
    panel.views = {lab::View::health};
    panel.title = "Health";
    panel.icon = icon::health;
    panel.place = Place::right_low;
    panel.help = "Whether training works: a verdict, the numbers behind it and, where there is one, the "
                 "remedy as a button.";
    panel.draw = panels::draw_health;
    return panel;
}

} // namespace ebm::window
