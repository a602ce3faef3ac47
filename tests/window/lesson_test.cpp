#include "app/window/pointing.h"
#include "core/lab/lesson.h"
#include "tests/window/stage.h"

#include <cstdlib>
#include <fmt/format.h>

/// Lessons and Algorithm 1 as a person meets them: clicked through in the window.
namespace ebm::test {

static void add_lesson_tests(Stage& stage) {
    const auto end_lesson = [&stage](ImGuiTestContext* context) {
        context->SetRef("//###lesson");
        if (context->ItemExists("lessons/##button")) context->ItemClick("lessons/##button");
        context->Yield(4);
        stage.shell->preferences().open_panels["lesson"] = false;
        context->Yield(4);
    };
    const auto begin = [&stage](ImGuiTestContext* context, const char* lesson) {
        stage.show(context, "lesson");
        context->ItemClick((std::string(lesson) + "/lesson").c_str());
        stage.wait(context, "the lesson's scene", [lesson](const lab::Snapshot& s) {
            return s.scene.description == lab::lesson_description(*lab::find_lesson(lesson)) &&
                   s.task.empty() && s.chains.count > 0;
        });
        context->Yield(6);
    };

    stage.test("lesson", "every place that a lesson points at is there", [&stage](ImGuiTestContext* context) {
        for (const lab::Lesson& lesson : lab::built_in_lessons()) {
            for (const std::string& panel : lesson.layout)
                IM_CHECK(stage.shell->actions().find("panel_" + panel) != nullptr);
            for (const lab::LessonStep& step : lesson.steps) {
                if (step.point_kind == "panel")
                    IM_CHECK(stage.shell->actions().find("panel_" + step.point_id) != nullptr);
                if (step.point_kind == "action")
                    IM_CHECK(stage.shell->actions().find(step.point_id) != nullptr);
                for (const lab::Deed& deed : step.show)
                    if (deed.word == "open")
                        IM_CHECK(stage.shell->actions().find("panel_" + deed.arguments[0]) != nullptr);
            }
        }
        (void)context;
    });

    stage.test(
        "lesson", "a lesson is taken: only its panels, a frame, Show me, progress",
        [&stage, begin, end_lesson](ImGuiTestContext* context) {
            begin(context, "density");
            IM_CHECK(stage.shell->is_open("landscape"));
            IM_CHECK(!stage.shell->is_open("energies"));
            IM_CHECK(window::points_at("panel", "landscape"));
            IM_CHECK(window::pointing_is_drawn());
            IM_CHECK(stage.now().settings.sampler.chains == 256);

            context->SetRef("//###lesson");
            context->ItemClick("###lesson_next");
            context->Yield(4);
            IM_CHECK(window::points_at("action", "run"));
            IM_CHECK(window::pointing_is_drawn());
            // A prediction, then what the step asks for.
            stage.enter(context, "lesson", "step");
            context->ItemClick("$$1/choice");
            context->ItemClick("###show_me");
            stage.wait(context, "it runs", [](const lab::Snapshot& s) { return s.chain_steps >= 320; });
            context->Yield(4);
            IM_CHECK_EQ(stage.shell->preferences().lessons.at("density"), 2);
            stage.send(lab::Pause{});

            context->KeyPress(ImGuiKey_PageDown);
            context->Yield(4);
            context->ItemClick("###show_me");
            stage.wait(context, "the density",
                       [](const lab::Snapshot& s) { return s.settings.view.field == FieldKind::density; });
            end_lesson(context);
            IM_CHECK(stage.shell->is_open("energies"));
            IM_CHECK(!window::pointing_is_drawn());
        });

    stage.test("lesson", "a setting that a step points at is framed in its panel",
               [begin, end_lesson](ImGuiTestContext* context) {
                   begin(context, "temperature");
                   IM_CHECK(window::points_at("setting", "sampler.noise"));
                   IM_CHECK(window::pointing_is_drawn());
                   end_lesson(context);
               });

    stage.test("lesson", "a panel that answers a question opens once somebody has predicted",
               [&stage, begin, end_lesson](ImGuiTestContext* context) {
                   begin(context, "outliers");
                   context->KeyPress(ImGuiKey_PageDown);
                   context->Yield(4);
                   IM_CHECK(!stage.shell->is_open("histograms"));
                   stage.enter(context, "lesson", "step");
                   context->ItemClick("$$0/choice");
                   context->Yield(4);
                   IM_CHECK(stage.shell->is_open("histograms"));
                   IM_CHECK(window::points_at("panel", "histograms"));
                   IM_CHECK(window::pointing_is_drawn());
                   end_lesson(context);
               });

    stage.test("lesson", "presenting is large and light and ends as it began", [](ImGuiTestContext* context) {
        const float scale = window::look().scale;
        const window::ThemeKind theme = window::look().theme;
        context->KeyPress(ImGuiKey_F5);
        context->Yield(4);
        IM_CHECK_EQ(window::look().scale, 1.5f * scale);
        IM_CHECK(window::look().theme == window::ThemeKind::light);
        IM_CHECK(!context->ItemExists("//##MainMenuBar/View"));
        context->KeyPress(ImGuiKey_F5);
        context->Yield(4);
        IM_CHECK_EQ(window::look().scale, scale);
        IM_CHECK(window::look().theme == theme);
    });

    stage.test("algorithm", "lines are stepped and say what they did", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_plane());
        stage.show(context, "algorithm");
        IM_CHECK(stage.words(context).find("Step a line, or press Run") != std::string::npos);
        context->ItemClick("###step_line");
        stage.wait(context, "data", [](const lab::Snapshot& s) {
            return s.algorithm && s.algorithm->progress.phase == Phase::start;
        });
        context->ItemClick("###step_line");
        context->ItemClick("###step_sampling");
        stage.wait(context, "a step",
                   [](const lab::Snapshot& s) { return s.algorithm && s.algorithm->progress.step == 1; });
        IM_CHECK(stage.words(context).find("step k = 1 of") != std::string::npos);
        context->ItemClick("###step_training");
        stage.wait(context, "the iteration", [](const lab::Snapshot& s) {
            return s.iteration == 1 && s.algorithm && s.algorithm->whole;
        });
        IM_CHECK(stage.words(context).find("E at these data") != std::string::npos);
        context->ItemClick("###play_lines");
        stage.wait(context, "lines", [](const lab::Snapshot& s) {
            return s.state == lab::State::running && s.pace.speed == lab::Speed::lines && s.algorithm &&
                   !s.algorithm->whole;
        });
        context->ItemClick("###play_lines");
        stage.wait(context, "a hold", [](const lab::Snapshot& s) { return s.state == lab::State::paused; });
        stage.send(lab::SetPace{});
        stage.shell->preferences().open_panels["algorithm"] = false;
    });
}

/// Pictures for people to look at: each step of each lesson, done by Show me, into the folder that
/// EBM_LESSON_PICTURES names. EBM_LIGHT makes them light.
///   EBM_LESSON_PICTURES=/tmp/lessons xvfb-run window_tests window lesson_pictures 1280x720 1.5
static void add_lesson_pictures(Stage& stage) {
    const char* folder = std::getenv("EBM_LESSON_PICTURES");
    if (!folder) return;
    if (std::getenv("EBM_LIGHT")) stage.shell->set_theme(window::ThemeKind::light);
    for (const lab::Lesson& lesson : lab::built_in_lessons())
        stage.test(
            "lesson_pictures", lesson.name.c_str(), [&stage, &lesson, folder](ImGuiTestContext* context) {
                const auto draw_for = [&](double seconds, const std::function<bool()>& done) {
                    const double end = ImGui::GetTime() + seconds;
                    while (ImGui::GetTime() < end && !done())
                        context->Yield();
                };
                const auto never = [] { return false; };
                const auto shoot = [&](std::size_t step, const char* when) {
                    stage.shell->screenshot(
                        fmt::format("{}/{}-{}-{}.png", folder, lesson.name, step + 1, when));
                    context->Yield(4);
                };
                stage.shell->preferences().lessons.erase(lesson.name);
                stage.show(context, "lesson");
                context->ItemClick((lesson.name + "/lesson").c_str());
                stage.wait(context, "the lesson's scene", [&](const lab::Snapshot& s) {
                    return s.scene.description == lab::lesson_description(lesson) && s.task.empty() &&
                           s.chains.count > 0;
                });
                for (std::size_t step = 0; step < lesson.steps.size(); ++step) {
                    draw_for(1.5, never);
                    shoot(step, "a");
                    stage.enter(context, "lesson", "step");
                    if (!lesson.steps[step].choices.empty()) context->ItemClick("$$0/choice");
                    const auto finished = [&] {
                        return stage.shell->preferences().lessons[lesson.name] > static_cast<int>(step);
                    };
                    if (!lesson.steps[step].show.empty() && !finished()) {
                        context->ItemClick("###show_me");
                        draw_for(12, finished);
                        draw_for(1.5, never);
                        shoot(step, "b");
                    }
                    if (step + 1 < lesson.steps.size()) context->KeyPress(ImGuiKey_PageDown);
                    context->Yield(4);
                }
                stage.send(lab::Pause{});
                context->SetRef("//###lesson");
                if (context->ItemExists("lessons/##button")) context->ItemClick("lessons/##button");
                context->Yield(4);
            });
}

namespace {
const bool pictures = add_tests(add_lesson_pictures);
const bool added = add_tests(add_lesson_tests);
} // namespace

} // namespace ebm::test
