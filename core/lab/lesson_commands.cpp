#include "core/lab/lesson.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/read_number.h"

#include <algorithm>

#include <fmt/format.h>

/// What a lesson does to the laboratory: its scenes, and what "Show me" sends.
namespace ebm::lab {
namespace {

double argument(const Deed& deed, std::size_t i, double low, double high) {
    const std::optional<double> number = read_number(deed.arguments[i]);
    if (!number || *number < low || *number > high)
        throw Error(fmt::format("'{}' is no number from {} to {}", deed.arguments[i], low, high),
                    "show: " + deed.word, "Write one.");
    return *number;
}

} // namespace

const std::vector<DeedWord>& lesson_deeds() {
    static const std::vector<DeedWord> words = {
        {"run", "run", 0},
        {"pause", "pause", 0},
        {"reset", "reset", 0},
        {"slow", "slow STEPS_PER_SECOND", 1},
        {"fast", "fast", 0},
        {"lines", "lines LINES_PER_SECOND", 1},
        {"set", "set KEY VALUE", 2},
        {"chains", "chains STEPS", 1},
        {"train", "train ITERATIONS", 1},
        {"line", "line", 0},
        {"sampling", "sampling", 0},
        {"restart", "restart noise|data|buffer", 1},
        {"drop", "drop X Y COUNT SPREAD", 4},
        {"select", "select CHAIN", 1},
        {"freeze", "freeze chains|model|nothing", 1},
        {"open", "open PANEL", 1},
        {"do", "do ACTION", 1},
        {"race", "race GRADIENTS", 1},
        {"anneal", "anneal CHAINS LEVELS density|chains", 3}, // at the T of which
    };
    return words;
}

std::optional<Command> command_of(const Deed& deed, const Snapshot& snapshot) {
    const std::string& word = deed.word;
    const auto pace = [&](Speed speed, double steps) {
        SetPace at{snapshot.pace};
        at.speed = speed;
        if (steps > 0) at.steps_per_second = steps;
        return at;
    };
    const auto named = [&](std::initializer_list<std::string_view> names, std::size_t argument = 0) {
        const std::string& given = deed.arguments[argument];
        for (const std::string_view name : names)
            if (given == name) return given;
        throw Error(fmt::format("'{}' is not known here", given), "show: " + word,
                    did_you_mean(given, names));
    };
    // What is so already is no command: the laboratory would refuse it.
    if (word == "run") return snapshot.state == State::running ? std::optional<Command>() : Run{};
    if (word == "pause") return snapshot.state != State::running ? std::optional<Command>() : Pause{};
    if (word == "reset") return Reset{};
    if (word == "slow") return pace(Speed::slow, argument(deed, 0, 0.1, 100));
    if (word == "lines") return pace(Speed::lines, argument(deed, 0, 0.1, 100));
    if (word == "fast") return pace(Speed::full, 0);
    if (word == "set") return ChangeSetting{deed.arguments[0], deed.arguments[1]};
    if (word == "chains") return StepChains{static_cast<int>(argument(deed, 0, 1, 100000))};
    if (word == "train") return StepTraining{static_cast<int>(argument(deed, 0, 1, 100000))};
    if (word == "line") return StepAlgorithm{Stride::line};
    if (word == "sampling") return StepAlgorithm{Stride::sampling_step};
    if (word == "restart") {
        const std::string from = named({"noise", "data", "buffer"});
        return RestartChains{from == "noise"  ? ChainStart::noise
                             : from == "data" ? ChainStart::data
                                              : ChainStart::buffer};
    }
    if (word == "drop")
        return DropChains{static_cast<float>(argument(deed, 0, -1e6, 1e6)),
                          static_cast<float>(argument(deed, 1, -1e6, 1e6)),
                          static_cast<int>(argument(deed, 2, 1, 4096)),
                          static_cast<float>(argument(deed, 3, 0, 100))};
    if (word == "race") {
        StartRace race;
        race.gradients = static_cast<std::int64_t>(argument(deed, 0, 500, 100000));
        return race;
    }
    if (word == "anneal") {
        StartPartition start;
        start.chains = static_cast<int>(argument(deed, 0, 2, 10000));
        start.levels = static_cast<int>(argument(deed, 1, 1, 100000));
        start.temperature = named({"density", "chains"}, 2) == "chains" ? snapshot.reading.temperature : 0;
        return start;
    }
    if (word == "select") return SelectChain{static_cast<int>(argument(deed, 0, -1, 4095))};
    if (word == "freeze") {
        const std::string what = named({"chains", "model", "nothing"});
        if (what == "chains") return FreezeChains{true};
        if (what == "model") return FreezeModel{true};
        if (snapshot.model_frozen) return FreezeModel{false};
        return FreezeChains{false};
    }
    return std::nullopt;
}

std::size_t opening_step(const Lesson& lesson, std::size_t step) {
    while (step > 0 && !lesson.steps[step].opens)
        --step;
    return step;
}

const LessonScene& opening(const Lesson& lesson, std::size_t step) {
    const std::size_t at = lesson.steps.empty() ? 0 : opening_step(lesson, step);
    return at > 0 ? *lesson.steps[at].opens : lesson;
}

std::string lesson_description(const Lesson& lesson, std::size_t step) {
    const std::size_t at = opening_step(lesson, step);
    if (at == 0) return "The scene of the lesson \u201c" + lesson.title + "\u201d. " + lesson.about;
    return fmt::format("The scene of the lesson \u201c{}\u201d from step {} on.", lesson.title, at + 1);
}

Scene lesson_scene(const Lesson& lesson, std::size_t step) {
    const LessonScene& opens = opening(lesson, step);
    Scene scene = find_scene(opens.scene);
    for (const auto& [key, value] : opens.settings)
        setting(key).set_text(scene.settings, value);
    for (std::size_t i = opening_step(lesson, step); i < step; ++i)
        for (const Deed& deed : lesson.steps[i].show)
            if (deed.word == "set") setting(deed.arguments[0]).set_text(scene.settings, deed.arguments[1]);
    validate(scene.settings);
    scene.description = lesson_description(lesson, step);
    return scene;
}

int iterations_before(const Lesson& lesson, std::size_t step) {
    int iterations = 0;
    for (std::size_t i = opening_step(lesson, step); i < step; ++i) {
        for (const Deed& deed : lesson.steps[i].show)
            if (deed.word == "reset") iterations = 0;
        for (const Comparison& c : lesson.steps[i].when) {
            if (c.compare != Comparison::Operator::above && c.compare != Comparison::Operator::at_least)
                continue;
            if (c.name == "iteration") iterations = std::max(iterations, static_cast<int>(c.number));
            if (c.name == "iterations") iterations += static_cast<int>(c.number);
        }
    }
    return iterations;
}

std::vector<Command> opening_commands(const Lesson& lesson, std::size_t step) {
    const std::size_t first = opening_step(lesson, step);
    std::vector<Command> commands{OpenScene{lesson_scene(lesson, step), opening(lesson, step).run}};
    if (const int iterations = iterations_before(lesson, step); iterations > 0)
        commands.push_back(StepTraining{iterations});
    for (std::size_t i = first; i < step; ++i)
        for (const Deed& deed : lesson.steps[i].show)
            if (deed.word == "drop" || deed.word == "restart")
                if (auto command = command_of(deed, Snapshot())) commands.push_back(std::move(*command));
    return commands;
}

} // namespace ebm::lab
