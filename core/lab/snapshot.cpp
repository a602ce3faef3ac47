#include "core/lab/snapshot.h"

namespace ebm::lab {

const char* state_name(State state) {
    switch (state) {
    case State::empty:
        return "Empty";
    case State::ready:
        return "Ready";
    case State::running:
        return "Running";
    case State::paused:
        return "Paused";
    case State::failed:
        return "Failed";
    }
    return "";
}

std::string refusal(State state, const Command& command) {
    const bool opens = std::holds_alternative<OpenScene>(command) ||
                       std::holds_alternative<OpenCheckpoint>(command) ||
                       std::holds_alternative<Recover>(command);
    if (opens || std::holds_alternative<SetPace>(command) || std::holds_alternative<UseDevice>(command) ||
        std::holds_alternative<ShowViews>(command))
        return "";
    if (std::holds_alternative<BringBack>(command)) return "";
    if (state == State::empty) return "Open a scene first.";
    const bool steps = std::holds_alternative<StepChains>(command) ||
                       std::holds_alternative<StepTraining>(command) ||
                       std::holds_alternative<StepAlgorithm>(command);
    if (state == State::running && (steps || std::holds_alternative<Run>(command)))
        return steps ? "Pause first: single steps are for a paused run." : "It is running already.";
    // To pause what has just paused by itself is no mistake: a key and a lesson may both do it.
    if (state != State::running && state != State::paused && std::holds_alternative<Pause>(command))
        return "It is not running.";
    if (state == State::failed && (steps || std::holds_alternative<Run>(command)))
        return "The run failed. Reset it, roll back, or open a scene.";
    return "";
}

bool discards_training(const Command& command) {
    if (const auto* change = std::get_if<ChangeSetting>(&command)) {
        for (const Setting& row : settings_table())
            if (row.key == change->key) return row.effect == Effect::rebuild;
        return false;
    }
    return std::holds_alternative<OpenScene>(command) || std::holds_alternative<OpenCheckpoint>(command) ||
           std::holds_alternative<Recover>(command) || std::holds_alternative<Reset>(command);
}

} // namespace ebm::lab
