#include "app/panels/panels.h"
#include "app/panels/setting_rows.h"
#include "app/panels/setting_text.h"
#include "app/window/icons.h"
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

void remedy(const measure::Health& health, window::Context& context) {
    if (health.remedy.empty()) return;
    window::muted_text(health.remedy);
    if (!health.change) return;
    const Setting& row = setting(health.change->first);
    Settings trial = context.shell.settings().shown();
    row.set_text(trial, health.change->second);
    const std::string label =
        "Set " + std::string(row.label) + " to " + shown_value(row, trial) + "###remedy";
    if (window::accent_button(label.c_str())) {
        context.shell.settings().change(row, health.change->second);
        context.shell.settings().release();
    }
    window::help_tooltip("Ctrl+Z takes it back.");
}

void draw_health(window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    if (!s.health) {
        window::empty_state(
            window::icon::health,
            s.state == lab::State::empty ? "No run yet. Pick a scene in the panel at the left."
            : !s.trainable               ? "This energy is given by a formula: there is no training to watch."
            : s.iteration >= s.settings.train.iterations
                ? "This model was trained before it was opened. The verdict comes when it is "
                  "trained on: raise Iterations."
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
}

} // namespace
} // namespace ebm::panels

namespace ebm::window {

Panel health_panel() {
    Panel panel;
    panel.id = "health";
    panel.title = "Health";
    panel.icon = icon::health;
    panel.place = Place::right_low;
    panel.help = "Whether training works: a verdict, the numbers behind it and, where there is one, the "
                 "remedy as a button.";
    panel.draw = panels::draw_health;
    return panel;
}

} // namespace ebm::window
