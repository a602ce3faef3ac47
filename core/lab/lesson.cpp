#include "core/lab/lesson.h"

#include "core/base/error.h"
#include "core/base/marks.h"
#include "core/base/names.h"
#include "core/base/printable.h"
#include "core/base/read_number.h"
#include "core/lab/known_names.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

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

template <class Table, class Member>
std::vector<std::string_view> names_in(const Table& table, Member member) {
    std::vector<std::string_view> names;
    for (const auto& row : table)
        names.push_back(row.*member);
    return names;
}

std::string line_of(const std::filesystem::path& file, int line) {
    return fmt::format("{}, line {}", file.string(), line);
}

/// Reads a lesson line by line and knows where it is.
class Parser {
public:
    Parser(const std::string& text, const std::filesystem::path& origin)
        : text_(text), input_(text), origin_(origin) {}

    Lesson parse() {
        lesson_.file = origin_;
        lesson_.name = origin_.stem().string();
        if (text_.find_first_not_of(" \t\r\n") == std::string::npos)
            fail_at(1, "The lesson is empty", "Begin the file with a line `---`.");
        if (const std::size_t at = first_not_utf8(text_); at != std::string::npos)
            fail_at(1 + static_cast<int>(
                            std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n')),
                    "This line is not UTF-8", "Save the file in the encoding UTF-8.");
        header();
        while (next())
            body();
        end_step();
        if (lesson_.steps.empty()) fail("The lesson has no step", "Begin one with a line `## Title`.");
        check_openings();
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
        fail_at(number_, what, remedy);
    }
    [[noreturn]] void fail_at(int line, const std::string& what, const std::string& remedy) const {
        throw Error(what, line_of(origin_, line), remedy);
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
        const std::optional<double> number = read_number(value);
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
                lesson_.title = unmarked(value);
            else if (key == "about")
                lesson_.about = unmarked(value);
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
    bool read_scene(LessonScene& scene, const std::string& key, const std::string& value) {
        if (key == "scene")
            scene.scene = scene_named(value);
        else if (key == "layout")
            for (const std::string& panel : scene.layout = words_of(value))
                mention("panel", panel);
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

    /// A built-in scene as it is named; of a file beside the lesson its path.
    std::string scene_named(const std::string& value) const {
        if (std::filesystem::path(value).extension() == ".json") {
            const std::string file = (origin_.parent_path() / value).string();
            try {
                std::vector<std::string> warnings; // are said when it is opened
                (void)lab::read_scene(file, warnings);
            } catch (const Error& error) {
                fail(fmt::format("{} ({})", error.what_happened, error.where), error.what_to_do);
            }
            return file;
        }
        std::vector<std::string_view> names;
        for (const Scene& scene : built_in_scenes())
            names.push_back(scene.name);
        if (std::ranges::find(names, value) == names.end())
            fail(fmt::format("There is no scene '{}'", value),
                 did_you_mean(value, names) + " A .json file beside the lesson works too.");
        return value;
    }

    void mention(const std::string& kind, const std::string& id) {
        lesson_.mentions.push_back({kind, id, number_});
    }

    /// Once the scenes of all steps are known.
    void check_openings() const {
        for (std::size_t step = 0; step < lesson_.steps.size(); ++step) {
            try {
                (void)lesson_scene(lesson_, step);
            } catch (const Error& error) {
                fail_at(step_lines_[step],
                        fmt::format("The scene of step '{}' cannot be opened with these settings: {}",
                                    lesson_.steps[step].title, error.what_happened),
                        error.what_to_do);
            }
        }
        for (const AskedSet& asked : asked_sets_) {
            const Settings settings = lesson_scene(lesson_, asked.step).settings;
            const std::vector<std::string> sets = known_ood_sets(settings), all = all_ood_sets();
            if (std::ranges::find(sets, asked.name) != sets.end()) continue;
            // Any other name may be that of a file that a person is to add.
            if (std::ranges::find(all, asked.name) != all.end() || !nearest(asked.name, sets).empty())
                fail_at(asked.line,
                        fmt::format("The scene of this step has no out-of-distribution set '{}'", asked.name),
                        did_you_mean(asked.name, sets));
        }
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
        if (!paragraph_.empty())
            lesson_.steps.back().blocks.push_back({paragraph_, paragraph_kind_, paragraph_number_});
        paragraph_.clear();
        paragraph_number_.clear();
        paragraph_kind_ = Block::Kind::paragraph;
    }

    /// "12." of a line that is an item of a numbered list; else empty. A sentence that goes on with a number
    /// at the start of a line is none: within a paragraph a list begins with 1.
    std::string list_number() const {
        const std::size_t digits = line_.find_first_not_of("0123456789");
        if (digits == 0 || digits > 3 || digits + 2 >= line_.size()) return "";
        if ((line_[digits] != '.' && line_[digits] != ')') || line_[digits + 1] != ' ') return "";
        const bool begins =
            paragraph_.empty() || !paragraph_number_.empty() || line_.substr(0, digits) == "1";
        return begins ? line_.substr(0, digits + 1) : "";
    }

    void body() {
        if (line_.starts_with("## ")) {
            end_step();
            lesson_.steps.emplace_back();
            lesson_.steps.back().title = trimmed(line_.substr(3));
            step_lines_.push_back(number_);
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
            step.blocks.push_back({trimmed(line_), Block::Kind::formula});
            return;
        }
        if (line_.starts_with("- [ ] ") || line_.starts_with("- [x] ")) {
            end_paragraph();
            step.choices.push_back({trimmed(line_.substr(6)), line_[3] == 'x'});
            return;
        }
        if (line_.starts_with("- ") || line_.starts_with("* ")) {
            end_paragraph();
            paragraph_ = trimmed(line_.substr(2));
            paragraph_kind_ = Block::Kind::item;
            return;
        }
        if (const std::string number = list_number(); !number.empty()) {
            end_paragraph();
            paragraph_ = trimmed(line_.substr(number.size()));
            paragraph_kind_ = Block::Kind::item;
            paragraph_number_ = number;
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

    void point(LessonStep& step, const std::string& value) {
        const std::vector<std::string> words = words_of(value);
        if (words.size() != 2 || (words[0] != "panel" && words[0] != "setting" && words[0] != "action"))
            fail(fmt::format("'{}' is nothing that can be pointed at", value),
                 "Write panel, setting or action and its id.");
        step.point_kind = words[0];
        step.point_id = words[1];
        if (words[0] != "setting") return mention(words[0], words[1]);
        try {
            setting(words[1]);
        } catch (const Error& error) {
            fail(error.what_happened, error.what_to_do);
        }
    }

    void when(LessonStep& step, const std::string& value) {
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
            if (comparison.name == "panel") mention("panel", comparison.key);
            if (comparison.name == "auroc")
                asked_sets_.push_back({comparison.key, lesson_.steps.size() - 1, number_});
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
            const std::optional<double> number = read_number(comparison.value);
            if (!number && !known->word)
                fail(fmt::format("'{}' is no number", comparison.value),
                     fmt::format("{} is compared with numbers.", comparison.name));
            comparison.number = number.value_or(std::numeric_limits<double>::quiet_NaN());
            step.when.push_back(comparison);
        }
    }

    void show(LessonStep& step, const std::string& value) {
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
        if (deed.word == "open") mention("panel", deed.arguments[0]);
        if (deed.word == "do") mention("action", deed.arguments[0]);
        try {
            (void)command_of(deed, Snapshot());
        } catch (const Error& error) {
            fail(error.what_happened, error.what_to_do);
        }
        step.show.push_back(std::move(deed));
    }

    using Block = LessonStep::Block;
    struct AskedSet {
        std::string name; ///< of a condition `auroc NAME`
        std::size_t step;
        int line;
    };

    const std::string& text_;
    std::istringstream input_;
    std::filesystem::path origin_;
    Lesson lesson_;
    std::string line_, paragraph_;
    Block::Kind paragraph_kind_ = Block::Kind::paragraph; ///< of what is being read
    std::string paragraph_number_;                        ///< the same
    int number_ = 0;
    std::vector<int> step_lines_; ///< where each step begins
    std::vector<AskedSet> asked_sets_;
};

} // namespace

Lesson parse_lesson(const std::string& text, const std::filesystem::path& origin) {
    return Parser(text, origin).parse();
}

} // namespace ebm::lab
