#include "core/lab/lesson.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/names.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr std::uint64_t most_bytes = 1 << 20;

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return "";
    return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

std::optional<double> number_of(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

template <class Table, class Member>
std::vector<std::string_view> names_in(const Table& table, Member member) {
    std::vector<std::string_view> names;
    for (const auto& row : table)
        names.push_back(row.*member);
    return names;
}

/// Reads a lesson line by line and knows where it is.
class Parser {
public:
    Parser(const std::string& text, const std::filesystem::path& origin) : input_(text), origin_(origin) {}

    Lesson parse() {
        lesson_.name = origin_.stem().string();
        header();
        while (next())
            body();
        end_step();
        if (lesson_.steps.empty()) fail("The lesson has no step", "Begin one with a line `## Title`.");
        return std::move(lesson_);
    }

private:
    bool next() {
        if (!std::getline(input_, line_)) return false;
        if (line_.ends_with('\r')) line_.pop_back();
        ++number_;
        return true;
    }

    [[noreturn]] void fail(const std::string& what, const std::string& remedy) const {
        throw Error(what, fmt::format("{}, line {}", origin_.string(), number_), remedy);
    }

    /// "key: value" with a key of small letters; false if the line is none.
    bool split(std::string& key, std::string& value) const {
        const auto colon = line_.find(':');
        if (colon == std::string::npos || colon == 0) return false;
        if (line_.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != colon) return false;
        key = line_.substr(0, colon);
        value = trimmed(std::string_view(line_).substr(colon + 1));
        return true;
    }

    int whole_number(const std::string& value, int low, int high) const {
        const std::optional<double> number = number_of(value);
        if (!number || *number != std::floor(*number) || *number < low || *number > high)
            fail(fmt::format("'{}' is no whole number from {} to {}", value, low, high), "Write one.");
        return static_cast<int>(*number);
    }

    void header() {
        if (!next() || trimmed(line_) != "---")
            fail("The header is missing", "Begin the file with a line `---`.");
        while (true) {
            if (!next()) fail("The header does not end", "End it with a line `---`.");
            if (trimmed(line_) == "---") break;
            std::string key, value;
            if (!split(key, value)) fail("This is no line of a header", "Write `key: value`.");
            if (value.empty()) fail(fmt::format("'{}' has no value", key), "Write one behind the colon.");
            if (key == "title")
                lesson_.title = value;
            else if (key == "about")
                lesson_.about = value;
            else if (key == "order")
                lesson_.order = whole_number(value, 0, 1000);
            else if (key == "minutes")
                lesson_.minutes = whole_number(value, 1, 120);
            else if (!read_scene(lesson_, key, value))
                fail(fmt::format("A header has no '{}'", key),
                     did_you_mean(key, std::vector<std::string_view>{"title", "about", "order", "minutes",
                                                                     "scene", "layout", "run", "set"}));
        }
        const std::pair<const char*, bool> needed[] = {{"title", lesson_.title.empty()},
                                                       {"about", lesson_.about.empty()},
                                                       {"minutes", lesson_.minutes == 0},
                                                       {"scene", lesson_.scene.empty()},
                                                       {"layout", lesson_.layout.empty()}};
        for (const auto& [key, missing] : needed)
            if (missing) fail(fmt::format("The header does not say '{}'", key), "Add the line.");
    }

    /// A line about a scene; false if it is about something else.
    bool read_scene(LessonScene& scene, const std::string& key, const std::string& value) const {
        if (key == "scene")
            scene.scene = value;
        else if (key == "layout")
            scene.layout = words_of(value);
        else if (key == "set")
            scene.settings.push_back(setting_of(value));
        else if (key == "run" && (value == "yes" || value == "no"))
            scene.run = value == "yes";
        else if (key == "run")
            fail(fmt::format("'{}' is neither yes nor no", value), "Write one of them.");
        else
            return false;
        return true;
    }

    /// Of a step: `scene` comes first and begins another scene than that of the steps before.
    void open_scene(LessonStep& step, const std::string& key, const std::string& value) {
        if (key == "scene") {
            if (lesson_.steps.size() < 2)
                fail("The first step is taken in the scene of the header", "Name that scene there.");
            step.opens = LessonScene{};
            step.opens->layout = opening(lesson_, lesson_.steps.size() - 2).layout;
        }
        if (!step.opens)
            fail(fmt::format("Step '{}' has '{}' and opens no scene", step.title, key),
                 "Write a line `scene:` before it.");
        (void)read_scene(*step.opens, key, value);
    }

    std::pair<std::string, std::string> setting_of(const std::string& text) const {
        const auto space = text.find(' ');
        std::pair<std::string, std::string> entry{
            text.substr(0, space), space == std::string::npos ? "" : trimmed(text.substr(space + 1))};
        check_setting(entry.first, entry.second);
        return entry;
    }

    void check_setting(const std::string& key, const std::string& value) const {
        try {
            Settings trial;
            setting(key).set_text(trial, value);
        } catch (const Error& error) {
            fail(error.what_happened, error.what_to_do);
        }
    }

    void end_step() {
        end_paragraph();
        if (lesson_.steps.empty()) return;
        const LessonStep& step = lesson_.steps.back();
        const auto right = std::count_if(step.choices.begin(), step.choices.end(),
                                         [](const Choice& choice) { return choice.right; });
        if (!step.choices.empty() && right != 1)
            fail(fmt::format("The question of step '{}' has {} right answers", step.title, right),
                 "Mark exactly one with `- [x]`.");
        if (!step.when.empty() && step.show.empty())
            fail(fmt::format("Step '{}' has a condition and nothing that shows how", step.title),
                 "Add a line `show:`.");
        if (step.when.empty() && step.pause)
            fail(fmt::format("Step '{}' pauses at a condition and has none", step.title),
                 "Add a line `when:`, or take `pause:` out.");
    }

    void end_paragraph() {
        if (!paragraph_.empty()) lesson_.steps.back().blocks.push_back({paragraph_, false});
        paragraph_.clear();
    }

    void body() {
        if (line_.starts_with("## ")) {
            end_step();
            lesson_.steps.emplace_back();
            lesson_.steps.back().title = trimmed(line_.substr(3));
            return;
        }
        if (trimmed(line_).empty()) {
            if (!lesson_.steps.empty()) end_paragraph();
            return;
        }
        if (lesson_.steps.empty()) fail("Text before the first step", "Begin a step with `## Title`.");
        LessonStep& step = lesson_.steps.back();
        if (line_.starts_with("    ")) {
            end_paragraph();
            step.blocks.push_back({trimmed(line_), true});
            return;
        }
        if (line_.starts_with("- [ ] ") || line_.starts_with("- [x] ")) {
            end_paragraph();
            step.choices.push_back({trimmed(line_.substr(6)), line_[3] == 'x'});
            return;
        }
        std::string key, value;
        if (!split(key, value)) {
            paragraph_ += (paragraph_.empty() ? "" : " ") + trimmed(line_);
            return;
        }
        end_paragraph();
        if (value.empty()) fail(fmt::format("'{}' has no value", key), "Write one behind the colon.");
        if (key == "because")
            step.because = value;
        else if (key == "hint")
            step.hint = value;
        else if (key == "pause" && (value == "yes" || value == "no"))
            step.pause = value == "yes";
        else if (key == "pause")
            fail(fmt::format("'{}' is neither yes nor no", value), "Write `pause: yes`.");
        else if (key == "point")
            point(step, value);
        else if (key == "when")
            when(step, value);
        else if (key == "show")
            show(step, value);
        else if (key == "scene" || key == "layout" || key == "set" || key == "run")
            open_scene(step, key, value);
        else
            fail(fmt::format("A step has no '{}'", key),
                 did_you_mean(key, std::vector<std::string_view>{"because", "hint", "pause", "point", "when",
                                                                 "show", "scene", "layout", "set", "run"}));
    }

    void point(LessonStep& step, const std::string& value) const {
        const std::vector<std::string> words = words_of(value);
        if (words.size() != 2 || (words[0] != "panel" && words[0] != "setting" && words[0] != "action"))
            fail(fmt::format("'{}' is nothing that can be pointed at", value),
                 "Write panel, setting or action and its id.");
        step.point_kind = words[0];
        step.point_id = words[1];
        if (words[0] != "setting") return;
        try {
            setting(words[1]);
        } catch (const Error& error) {
            fail(error.what_happened, error.what_to_do);
        }
    }

    void when(LessonStep& step, const std::string& value) const {
        static constexpr std::pair<std::string_view, Comparison::Operator> operators[] = {
            {"=", Comparison::Operator::is},    {"!=", Comparison::Operator::is_not},
            {"<", Comparison::Operator::below}, {"<=", Comparison::Operator::at_most},
            {">", Comparison::Operator::above}, {">=", Comparison::Operator::at_least}};
        std::vector<std::vector<std::string>> parts(1);
        for (const std::string& word : words_of(value)) {
            if (word == "and")
                parts.emplace_back();
            else
                parts.back().push_back(word);
        }
        for (std::vector<std::string>& part : parts) {
            Comparison comparison;
            const bool negated = !part.empty() && part[0] == "not";
            if (negated) part.erase(part.begin());
            if (part.empty()) fail("A condition is empty", "Compare a name: iteration >= 100.");
            comparison.name = part[0];
            const auto& names = lesson_names();
            const auto known = std::find_if(names.begin(), names.end(), [&](const LessonName& name) {
                return name.name == comparison.name;
            });
            if (known == names.end())
                fail(fmt::format("Conditions do not know '{}'", comparison.name),
                     did_you_mean(comparison.name, names_in(names, &LessonName::name)));
            std::size_t at = 1;
            const auto is_operator = [&](const std::string& word) {
                return std::any_of(std::begin(operators), std::end(operators),
                                   [&](const auto& entry) { return entry.first == word; });
            };
            for (; at < part.size() && !is_operator(part[at]); ++at)
                comparison.key += (comparison.key.empty() ? "" : " ") + part[at];
            if (comparison.key.empty() == known->has_key)
                fail(fmt::format("'{}' {}", comparison.name, known->has_key ? "needs a key" : "takes no key"),
                     "See the list of names in core/lab/lesson_run.cpp.");
            if (comparison.name == "setting") {
                try {
                    setting(comparison.key);
                } catch (const Error& error) {
                    fail(error.what_happened, error.what_to_do);
                }
            }
            if (at == part.size()) { // a name alone is true or false
                comparison.compare = negated ? Comparison::Operator::is : Comparison::Operator::is_not;
                comparison.value = "0";
            } else {
                if (negated) fail("'not' is for names without a comparison", "Turn the comparison round.");
                if (at + 2 != part.size()) fail("A comparison needs one value", "Write NAME OPERATOR VALUE.");
                for (const auto& [sign, operation] : operators)
                    if (sign == part[at]) comparison.compare = operation;
                comparison.value = part[at + 1];
            }
            const std::optional<double> number = number_of(comparison.value);
            if (!number && !known->word)
                fail(fmt::format("'{}' is no number", comparison.value),
                     fmt::format("{} is compared with numbers.", comparison.name));
            comparison.number = number.value_or(std::numeric_limits<double>::quiet_NaN());
            step.when.push_back(comparison);
        }
    }

    void show(LessonStep& step, const std::string& value) const {
        std::vector<std::string> words = words_of(value);
        const auto& table = lesson_deeds();
        const auto known = std::find_if(table.begin(), table.end(),
                                        [&](const DeedWord& deed) { return deed.word == words[0]; });
        if (known == table.end())
            fail(fmt::format("Show me cannot do '{}'", words[0]),
                 did_you_mean(words[0], names_in(table, &DeedWord::word)));
        Deed deed{words[0], {words.begin() + 1, words.end()}};
        if (static_cast<int>(deed.arguments.size()) != known->arguments)
            fail(fmt::format("'{}' takes {} arguments", deed.word, known->arguments),
                 fmt::format("Write: {}", known->usage));
        if (deed.word == "set") check_setting(deed.arguments[0], deed.arguments[1]);
        try {
            (void)command_of(deed, Snapshot());
        } catch (const Error& error) {
            fail(error.what_happened, error.what_to_do);
        }
        step.show.push_back(std::move(deed));
    }

    std::istringstream input_;
    std::filesystem::path origin_;
    Lesson lesson_;
    std::string line_, paragraph_;
    int number_ = 0;
};

double argument(const Deed& deed, std::size_t i, double low, double high) {
    const std::optional<double> number = number_of(deed.arguments[i]);
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

Lesson parse_lesson(const std::string& text, const std::filesystem::path& origin) {
    return Parser(text, origin).parse();
}

std::vector<Lesson> read_lessons(const std::filesystem::path& folder) {
    std::vector<Lesson> lessons;
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".md") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
        try {
            lessons.push_back(parse_lesson(files::read_text(path, most_bytes), path));
        } catch (const Error& problem) {
            log::error("{}", problem.what());
        }
    }
    if (error) log::error("The lessons cannot be listed ({}): {}.", folder.string(), error.message());
    std::stable_sort(lessons.begin(), lessons.end(),
                     [](const Lesson& a, const Lesson& b) { return a.order < b.order; });
    return lessons;
}

const std::vector<Lesson>& built_in_lessons() {
    static const std::vector<Lesson> lessons = [] {
        try {
            return read_lessons(assets_folder() / "lessons");
        } catch (const Error& error) { // without assets nothing opens, and that says why
            return std::vector<Lesson>();
        }
    }();
    return lessons;
}

const Lesson* find_lesson(std::string_view name) {
    for (const Lesson& lesson : built_in_lessons())
        if (lesson.name == name) return &lesson;
    return nullptr;
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

bool is_lesson_scene(const Scene& scene) {
    return std::ranges::any_of(built_in_lessons(), [&](const Lesson& lesson) {
        for (std::size_t step = 0; step < lesson.steps.size(); ++step)
            if (opening_step(lesson, step) == step && lesson_description(lesson, step) == scene.description)
                return true;
        return false;
    });
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
