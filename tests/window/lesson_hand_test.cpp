#include "core/lab/lessons.h"
#include "core/settings/settings.h"
#include "tests/window/stage.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <regex>
#include <thread>

#include <fmt/format.h>

/// Lessons done by hand, as their texts say: what is typed, and into which row, is read from the text, so
/// that a wrong number or name there is found.
namespace ebm::test {
namespace {

/// A hand that takes a lesson.
class Hand {
public:
    Hand(Stage& stage, ImGuiTestContext* context, const char* lesson)
        : stage_(stage), context_(context), lesson_(*lab::find_lesson(lesson)) {
        stage_.shell->preferences().lessons.erase(lesson_.name);
        stage_.shell->preferences().lessons.erase(lesson_.name + "/step");
        stage_.show(context_, "lesson");
        context_->ItemClick((lesson_.name + "/lesson").c_str());
        stage_.wait(context_, "the lesson's scene", [&](const lab::Snapshot& s) {
            return s.scene.description == lab::lesson_description(lesson_) && s.task.empty() &&
                   s.chains.count > 0;
        });
        context_->Yield(6);
    }

    const lab::LessonStep& step() const { return lesson_.steps[at_]; }

    /// Checks that the step is the one with this title, which is not done yet, and gives the right answer.
    void begin(const char* title) {
        IM_CHECK_STR_EQ(step().title.c_str(), title);
        IM_CHECK(done() <= static_cast<int>(at_));
        stage_.enter(context_, "lesson", "step");
        for (std::size_t k = 0; k < step().choices.size(); ++k)
            if (step().choices[k].right) context_->ItemClick(fmt::format("$${}/choice", k).c_str());
        context_->Yield(4);
    }
    /// Until the step is done; then the next.
    void finish() {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
        while (!step().when.empty() && done() <= static_cast<int>(at_) && !context_->IsError()) {
            context_->Yield();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            if (std::chrono::steady_clock::now() > end)
                fail("what step '" + step().title + "' asks for does not complete it");
        }
        if (step().pause)
            stage_.wait(context_, "a pause",
                        [](const lab::Snapshot& s) { return s.state != lab::State::running; });
        key(ImGuiKey_PageDown);
        ++at_;
    }

    void key(ImGuiKeyChord chord) {
        context_->KeyPress(chord);
        context_->Yield(4);
    }
    /// Clicks on a place of the landscape.
    void click(float x, float y, bool shift = false) {
        context_->SetRef("//###landscape");
        context_->MouseMoveToPos(of_plane(context_, x, y));
        if (shift) context_->KeyDown(ImGuiMod_Shift);
        context_->MouseClick();
        if (shift) context_->KeyUp(ImGuiMod_Shift);
        context_->Yield(4);
    }
    /// Clicks on a chain of the landscape.
    void click_chain() {
        const std::vector<float>& at = stage_.now().chains.positions;
        for (std::size_t i = 0; i + 1 < at.size(); i += 2)
            if (std::abs(at[i]) < 3 && std::abs(at[i + 1]) < 1.5f) return click(at[i], at[i + 1]);
        fail("no chain is in sight");
    }
    /// Types into a row of Sampler what the text says: the first group of the expression is the name of the
    /// row, the second the value.
    void type(const std::string& text, const char* expression) {
        std::smatch found;
        if (!std::regex_search(text, found, std::regex(expression)))
            return fail("the text does not say it: " + text);
        const std::string label = found[1], value = found[2];
        const auto setting =
            std::ranges::find_if(settings_table(), [&](const Setting& s) { return s.label == label; });
        if (setting == settings_table().end()) return fail("no row is called " + label);
        context_->SetRef("//###sampler");
        context_->ItemInputValue(("**/##" + std::string(setting->key)).c_str(), value.c_str());
        stage_.wait(context_, label.c_str(), [&](const lab::Snapshot& s) {
            return std::abs(setting->number(s.settings) - std::stod(value)) < 1e-6;
        });
        context_->SleepNoSkip(2, 0.1f); // keys are shortcuts again when the typing is over
    }
    std::string text() const {
        std::string all;
        for (const lab::LessonStep::Block& block : step().blocks)
            all += block.text + "\n";
        return all;
    }

private:
    void fail(const std::string& what) const { IM_ERRORF("%s: %s", lesson_.name.c_str(), what.c_str()); }
    int done() const {
        const auto& lessons = stage_.shell->preferences().lessons;
        const auto found = lessons.find(lesson_.name);
        return found == lessons.end() ? 0 : found->second;
    }

    Stage& stage_;
    ImGuiTestContext* context_;
    const lab::Lesson& lesson_;
    std::size_t at_ = 0;
};

} // namespace

static void add_lesson_hand_tests(Stage& stage) {
    const auto end = [&stage](ImGuiTestContext* context, const char* lesson) {
        const auto& kept = stage.shell->preferences().lessons;
        IM_CHECK(kept.contains(lesson));
        IM_CHECK_EQ(kept.at(lesson), static_cast<int>(lab::find_lesson(lesson)->steps.size()));
        stage.send(lab::SetPace{});
        stage.shell->preferences().open_panels["lesson"] = false;
        context->Yield(4);
    };

    stage.test("lesson_by_hand", "langevin", [&stage, end](ImGuiTestContext* context) {
        Hand hand(stage, context, "langevin");
        hand.begin("Two parts of a step");
        hand.finish();
        hand.begin("See both arrows");
        hand.key(ImGuiKey_M);
        hand.click_chain();
        hand.key(ImGuiKey_Space);
        hand.finish();
        hand.begin("Full speed");
        hand.key(ImGuiKey_M);
        hand.key(ImGuiKey_Space);
        hand.finish();
        hand.begin("Who is where?");
        hand.key(ImGuiKey_Space);
        stage.wait(context, "a pause", [](const lab::Snapshot& s) { return s.state != lab::State::running; });
        if (!stage.now().trace) hand.click_chain(); // the one of before is selected still
        hand.key(ImGuiKey_M);
        hand.key(ImGuiKey_Space);
        hand.finish();
        hand.begin("In the paper");
        hand.finish();
        end(context, "langevin");
    });

    stage.test("lesson_by_hand", "modes", [&stage, end](ImGuiTestContext* context) {
        Hand hand(stage, context, "modes");
        const auto six_clicks = [&] {
            for (int i = 0; i < 6; ++i)
                hand.click(-2, -1.5f, true);
        };
        hand.begin("Three modes");
        six_clicks();
        hand.finish();
        hand.begin("Only Langevin steps");
        hand.key(ImGuiKey_Space);
        hand.finish();
        hand.begin("Jump");
        hand.type(hand.step().hint, R"(Ctrl-click on ([^.]+) and type ([0-9.]*[0-9]))");
        hand.key(ImGuiKey_Space);
        hand.finish();
        if (stage.now().state == lab::State::running) hand.key(ImGuiKey_Space);
        hand.begin("What R̂ saw");
        hand.type(hand.text(), R"(Put ([^.]+) back to ([0-9.]*[0-9]))");
        hand.type(hand.text(), R"(and (Temperature) to ([0-9.]*[0-9]))");
        six_clicks();
        hand.key(ImGuiKey_Space);
        hand.finish();
        hand.begin("Who crosses best?");
        hand.type(hand.text(), R"(Set ([^.]+) back to ([0-9.]*[0-9]))");
        stage.show(context, "race");
        context->ItemClick("###race_start");
        hand.finish();
        hand.begin("In the paper");
        hand.finish();
        end(context, "modes");
    });
}

static const bool added_lesson_hand = add_tests(add_lesson_hand_tests);

} // namespace ebm::test
