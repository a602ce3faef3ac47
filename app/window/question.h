#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ebm::window {

/// What the window asks before it goes on: a sentence or two and a button for each answer. "Cancel" is always
/// the last, and Escape is the same.
struct Question {
    struct Answer {
        std::string label;
        std::function<void()> run; ///< in a later frame
        std::string refusal = {};  ///< why it cannot be chosen; empty if it can
    };
    std::string title, text;
    std::vector<Answer> answers;         ///< the first is proposed
    std::function<void()> controls = {}; ///< draws what there is to choose between text and answers
    /// Asked each frame if set: the text and the answers of now, of a question that learns more while it is
    /// open.
    std::function<void(Question&)> update = {};
    std::function<void()> answered = {}; ///< set by `update`: nobody needs to be asked
};

/// The question that is open, in front of everything.
class Questions {
public:
    /// A new question replaces an unanswered one.
    void ask(Question question);
    bool is_open() const { return question_.has_value(); }
    /// Once a frame.
    void draw();

private:
    std::optional<Question> question_;
    bool opening_ = false, list_open_ = false;
};

} // namespace ebm::window
