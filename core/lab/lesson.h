#pragma once

#include "core/lab/command.h"
#include "core/lab/snapshot.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Lessons are Markdown files: those of assets/lessons, and a person's own (see lessons.h):
///
///     ---
///     title: The gradient is a force
///     about: One sentence for the list of lessons.
///     order: 2
///     minutes: 6
///     scene: double_well               (a built-in scene, or a .json file beside the lesson)
///     layout: landscape sampler        (panels beside the lesson)
///     set: sampler.chains 50           (any number of these; settings that differ from the scene's)
///     run: no                          (whether it runs when the lesson opens)
///     ---
///     ## Title of a step
///     Paragraphs, and formulas as lines that begin with four spaces. In all text but formulas **bold**,
///     *italic* (shown as plain text) and `code`; a backslash before such a sign keeps it.
///     - an item of a list, on a line of its own
///     1. an item of a numbered list
///     - [ ] an answer that is wrong
///     - [x] an answer that is right
///     because: What is said when the right answer was given, or where there is no question, when it is done.
///     point: setting sampler.step_size    (or: panel ID, action ID)
///     when: T > 2 and steps >= 100        (what completes the step, see lesson_names)
///     pause: yes                          (the run pauses when that holds; without the line it goes on)
///     hint: One line.
///     show: set sampler.step_size 0.5     (any number; "Show me" does them in this order, see lesson_deeds)
///
/// A step with a line `scene:` opens another scene, for itself and those after it; `layout:`, `set:` and
/// `run:` then say of that scene what they say in the header. Without `layout:` the panels stay.
namespace ebm::lab {

/// One comparison of a condition. `number` of a text value is NaN.
struct Comparison {
    enum class Operator { is, is_not, below, at_most, above, at_least };
    std::string name, key; ///< "setting" and "sampler.step_size"; most names have no key
    Operator compare = Operator::is;
    std::string value;
    double number = 0;
};

/// Something that "Show me" does: a word of lesson_deeds with its arguments.
struct Deed {
    std::string word;
    std::vector<std::string> arguments;
};

struct Choice {
    std::string text;
    bool right = false;
};

/// A scene that a lesson opens, and what is shown beside it.
struct LessonScene {
    std::string scene;
    std::vector<std::string> layout;                           ///< ids of panels
    std::vector<std::pair<std::string, std::string>> settings; ///< key, value
    bool run = false;
};

struct LessonStep {
    std::string title;
    struct Block {
        std::string text;
        enum class Kind { paragraph, formula, item } kind = Kind::paragraph;
        std::string number = {}; ///< of an item of a numbered list: "1."
    };
    std::vector<Block> blocks; ///< in their order
    std::vector<Choice> choices;
    std::string because; ///< said when the right choice was made, or without choices when the step is done
    /// What a frame is drawn around: "panel", "setting" or "action", and its id; empty = nothing.
    std::string point_kind, point_id;
    std::vector<Comparison> when; ///< all of them; empty = nothing to do but to read or to choose
    bool pause = false;           ///< the run pauses when `when` holds, so that there is something left to do
    std::string hint;
    std::vector<Deed> show;
    std::optional<LessonScene> opens; ///< a scene that is another than the one of the step before
};

/// A panel or an action that a lesson names. Only the window knows whether there is one.
struct LessonMention {
    std::string kind, id; ///< "panel" or "action", and its id
    int line = 0;
};

/// As LessonScene: what the lesson begins with.
struct Lesson : LessonScene {
    std::filesystem::path file;
    std::string name; ///< that of the file: "gradient"
    std::string title, about;
    int order = 0, minutes = 0;
    std::vector<LessonStep> steps;
    std::vector<LessonMention> mentions;
};

/// A name that conditions know, and what it means.
struct LessonName {
    std::string_view name, meaning;
    bool has_key = false; ///< followed by a key: setting KEY, panel ID, …
    bool word = false;    ///< compared as text where the value is no number
    /// What a person sets, for a sentence: "a selected chain". Empty: it comes about by running.
    std::string_view by_hand = {};
};
const std::vector<LessonName>& lesson_names();
/// Words of "show", with how many arguments they take.
struct DeedWord {
    std::string_view word, usage;
    int arguments = 0;
};
const std::vector<DeedWord>& lesson_deeds();

/// `origin` is the file, for messages and for scenes that lie beside it; the lesson gets its stem as name.
/// Its scenes can be opened with the settings that it asks for. Throws Error that names file and line.
Lesson parse_lesson(const std::string& text, const std::filesystem::path& origin);
/// The step that opened the scene in which `step` is taken; 0 for the scene that the lesson begins with.
std::size_t opening_step(const Lesson& lesson, std::size_t step);
const LessonScene& opening(const Lesson& lesson, std::size_t step);
/// The scene in which a step is taken, with the settings that the steps before it in that scene ask for; its
/// description says which lesson it belongs to. Throws Error.
Scene lesson_scene(const Lesson& lesson, std::size_t step = 0);
std::string lesson_description(const Lesson& lesson, std::size_t step = 0);
/// Training iterations that the steps before this one, in its scene, have waited for.
int iterations_before(const Lesson& lesson, std::size_t step);
/// What brings the laboratory to where a step begins: its scene, the training and the places of chains that
/// the steps before it ask for. Throws Error.
std::vector<Command> opening_commands(const Lesson& lesson, std::size_t step);
/// What a deed sends; nothing where it is so already, and for `open` and `do`, which are the window's. Throws
/// Error if its arguments are no good.
std::optional<Command> command_of(const Deed& deed, const Snapshot& snapshot);

/// What conditions are compared with.
struct LessonView {
    const Snapshot& snapshot;
    std::int64_t iteration_before = 0, chain_steps_before = 0; ///< from where is counted
    std::int64_t drops_before = 0;                             ///< ChainsView::drops when the step began
    bool reset = false;                                        ///< the run was, since the step began
    std::function<bool(std::string_view panel)> panel_open;
};
/// False while it is not known.
bool holds(const Comparison& comparison, const LessonView& view);

/// A lesson that is being taken. Progress is by steps: a step is done when its condition was seen to hold and
/// its question was answered rightly; one without either when it is left. Steps of chains and iterations
/// count from when everything that the condition asks of the person's hand holds.
class LessonRun {
public:
    /// Begins at a step that was reached earlier, when as many of those before it were done.
    explicit LessonRun(const Lesson& lesson, std::size_t step = 0, std::size_t done = 0);

    const Lesson& lesson() const { return *lesson_; }
    const LessonStep& step() const { return lesson_->steps[at_]; }
    std::size_t at() const { return at_; }
    bool is_done(std::size_t step) const { return done_[step]; }
    bool met() const { return met_; }           ///< the condition of the step held
    int chosen() const { return chosen_[at_]; } ///< −1 = nothing yet; kept when one goes back
    bool right() const { return chosen() >= 0 && step().choices[static_cast<std::size_t>(chosen())].right; }
    /// The answer was chosen before its condition held.
    bool predicted() const { return predicted_[at_]; }
    /// What the step waits for: what is to be set first, "126 of 300 steps", or nothing that can be said.
    std::string counted(const Snapshot& snapshot) const;

    /// Whether the scene that the lesson opened is the one that is open.
    bool is_open(const Snapshot& snapshot) const;
    /// Goes to a step, from which counting starts.
    void go(std::size_t step, const Snapshot& snapshot);
    /// False at the last step, which is then done.
    bool next(const Snapshot& snapshot);
    void choose(int choice);
    /// Looks at the laboratory if the lesson's scene is open; returns whether the step has just become done.
    bool look(const Snapshot& snapshot, const std::function<bool(std::string_view)>& panel_open);

    /// Where the run is to pause by itself: as many steps or iterations on as a step that pauses asks for.
    PauseAt pause_at(const Snapshot& snapshot) const;
    /// Whether the run is to be paused, as the condition of a step that says so has just held. True once.
    bool take_pause() { return std::exchange(pause_, false); }

private:
    void settle();
    /// What a comparison with a number of steps or iterations counts: from one on, so many.
    struct Count {
        bool chains = false; ///< steps of the chains, else iterations
        std::int64_t from = 0, number = 0;
    };
    std::optional<Count> count_of(const Comparison& comparison) const;

    std::shared_ptr<const Lesson> lesson_;
    std::size_t at_ = 0;
    std::vector<bool> done_;
    bool begun_ = false, met_ = false, pause_ = false;
    const Comparison* missing_ = nullptr; ///< the first that is asked of the hand and does not hold
    std::vector<int> chosen_;             ///< by step
    std::vector<bool> predicted_;         ///< by step
    std::int64_t begins_at_ = 0;          ///< iteration from which counting starts
    std::int64_t iteration_before_ = 0, chain_steps_before_ = 0, drops_before_ = 0;
    std::int64_t iteration_at_ = 0; ///< when the step began
    bool reset_ = false;            ///< the run has begun anew since
};

} // namespace ebm::lab
