#include "app/window/pointing.h"
#include "core/lab/lessons.h"
#include "tests/window/stage.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <imgui_internal.h>

/// Lessons and Algorithm 1 as a person meets them: clicked through in the window.
namespace ebm::test {

namespace {

int kept(Stage& stage, const std::string& key) {
    const auto& lessons = stage.shell->preferences().lessons;
    const auto found = lessons.find(key);
    return found == lessons.end() ? -1 : found->second;
}

void forget(Stage& stage, const std::string& lesson) {
    stage.shell->preferences().lessons.erase(lesson);
    stage.shell->preferences().lessons.erase(lesson + "/step");
}

bool says(Stage& stage, ImGuiTestContext* context, const char* text) {
    return stage.words(context).find(text) != std::string::npos;
}

/// Frames until the scene of a step is there.
void wait_for_scene(Stage& stage, ImGuiTestContext* context, const lab::Lesson& lesson, std::size_t step) {
    stage.wait(context, "the lesson's scene", [&](const lab::Snapshot& s) {
        return s.scene.description == lab::lesson_description(lesson, step) && s.task.empty() &&
               s.chains.count > 0;
    });
    context->Yield(6);
}

void wait_for_rest(Stage& stage, ImGuiTestContext* context) {
    stage.wait(context, "a pause", [](const lab::Snapshot& s) { return s.state != lab::State::running; });
}

/// Clicks on the lesson in the list and does not wait for its scene.
void click_lesson(Stage& stage, ImGuiTestContext* context, const std::string& lesson) {
    stage.show(context, "lesson");
    context->ItemClick((lesson + "/lesson").c_str());
}

bool is_answer(const lab::LessonStep& step) {
    return std::ranges::any_of(step.when, [&](const lab::Comparison& c) {
        return c.name == "panel" && step.point_kind == "panel" && c.key == step.point_id;
    });
}

/// Goes through a lesson as its text asks, by Show me. `look` is called when a step begins and when it is
/// done.
void walk(Stage& stage, ImGuiTestContext* context, const lab::Lesson& lesson,
          const std::function<void(std::size_t step, const char* when)>& look) {
    context->SetRef("//###lesson");
    if (context->ItemExists("lessons/##button"))
        context->ItemClick("lessons/##button"); // of a walk that failed
    forget(stage, lesson.name);
    click_lesson(stage, context, lesson.name);
    for (std::size_t i = 0; i < lesson.steps.size() && !context->IsError(); ++i) {
        const lab::LessonStep& step = lesson.steps[i];
        const std::string place = fmt::format("{}, step {} ({})", lesson.name, i + 1, step.title);
        const auto expect = [&](bool good, const char* what) {
            if (!good) IM_ERRORF("%s: %s", place.c_str(), what);
        };
        wait_for_scene(stage, context, lesson, i);
        look(i, "a");
        const bool asks = !step.when.empty() || !step.choices.empty();
        expect(kept(stage, lesson.name) <= static_cast<int>(i), "is done before anything was done");
        if (!step.when.empty()) expect(says(stage, context, "To do"), "its condition holds from the start");
        if (!step.when.empty()) expect(says(stage, context, "To do: "), "does not say what it waits for");
        const bool hidden = is_answer(step) && !step.choices.empty();
        if (!step.point_kind.empty() && !hidden)
            expect(window::pointing_is_drawn(), "what it points at is not drawn");
        stage.enter(context, "lesson", "step");
        for (std::size_t k = 0; k < step.choices.size(); ++k)
            if (step.choices[k].right) context->ItemClick(fmt::format("$${}/choice", k).c_str());
        context->Yield(4);
        if (hidden) expect(window::pointing_is_drawn(), "what it points at is not drawn after the answer");
        if (!step.when.empty()) {
            context->ItemClick("###show_me");
            const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(150);
            while (kept(stage, lesson.name) <= static_cast<int>(i) && !context->IsError() &&
                   std::chrono::steady_clock::now() < end) {
                context->Yield();
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            expect(kept(stage, lesson.name) == static_cast<int>(i) + 1, "Show me does not bring it about");
            expect(says(stage, context, "Done."), "does not say that it is done");
            if (step.pause) wait_for_rest(stage, context);
        }
        if (asks) look(i, "b");
        context->KeyPress(ImGuiKey_PageDown);
        context->Yield(4);
        expect(kept(stage, lesson.name) == static_cast<int>(i) + 1, "is not done at its end");
    }
    IM_CHECK_EQ(kept(stage, lesson.name), static_cast<int>(lesson.steps.size()));
    IM_CHECK_EQ(kept(stage, lesson.name + "/step"), -1); // it begins anew the next time
    stage.send(lab::SetPace{});
    if (stage.now().state != lab::State::running) return;
    stage.send(lab::Pause{});
    wait_for_rest(stage, context);
}

} // namespace

static void add_lesson_tests(Stage& stage) {
    const auto end_lesson = [&stage](ImGuiTestContext* context) {
        context->SetRef("//###lesson");
        if (context->ItemExists("lessons/##button")) context->ItemClick("lessons/##button");
        context->Yield(4);
        stage.shell->preferences().open_panels["lesson"] = false;
        context->Yield(4);
    };
    const auto begin = [&stage](ImGuiTestContext* context, const char* lesson) {
        forget(stage, lesson);
        click_lesson(stage, context, lesson);
        wait_for_scene(stage, context, *lab::find_lesson(lesson), 0);
    };

    stage.test("lesson", "every place that a lesson points at is there", [&stage](ImGuiTestContext* context) {
        for (const lab::Lesson& lesson : lab::built_in_lessons()) {
            for (std::size_t i = 0; i < lesson.steps.size(); ++i) {
                const lab::LessonStep& step = lesson.steps[i];
                for (const std::string& panel : lab::opening(lesson, i).layout)
                    IM_CHECK(stage.shell->actions().find("panel_" + panel) != nullptr);
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

    stage.test("lesson", "a value that a drag passes completes nothing, and a scene's key leaves no lesson",
               [&stage, begin, end_lesson](ImGuiTestContext* context) {
                   begin(context, "temperature");
                   context->KeyPress(ImGuiKey_PageDown);
                   context->Yield(4);
                   stage.wait(context, "steps",
                              [](const lab::Snapshot& s) { return s.chain_steps > 50'000; });
                   stage.enter(context, "lesson", "step");
                   const auto set = [&](const char* text, double value) {
                       stage.send(lab::ChangeSetting{"sampler.noise", text});
                       stage.wait(context, "the noise", [&](const lab::Snapshot& s) {
                           return std::abs(s.settings.sampler.noise - value) < 1e-6;
                       });
                       context->SleepNoSkip(0.5f, 0.05f);
                   };
                   context->MouseMove("Hint");
                   context->MouseDown(0);
                   set("0.1414", 0.1414);
                   IM_CHECK(!says(stage, context, "Done."));
                   set("0.36", 0.36);
                   context->MouseUp(0);
                   context->SleepNoSkip(1.0f, 0.05f);
                   IM_CHECK(!says(stage, context, "Done."));
                   set("0.1414", 0.1414);
                   IM_CHECK(says(stage, context, "Done. Now choose the answer that you saw."));
                   stage.sent.clear();
                   context->KeyPress(ImGuiKey_3);
                   context->Yield(4);
                   IM_CHECK(stage.last<lab::OpenScene>() == nullptr);
                   context->ItemClick("$$1/choice");
                   context->Yield(2);
                   IM_CHECK(says(stage, context, "Not quite."));
                   context->KeyPress(ImGuiKey_PageDown);
                   context->Yield(4);
                   context->KeyPress(ImGuiKey_PageUp);
                   context->Yield(4);
                   const std::string words = stage.words(context);
                   IM_CHECK(words.find("Not quite.") != std::string::npos ||
                            words.find("Your prediction.") != std::string::npos);
                   end_lesson(context);
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

    stage.test("lesson", "a lesson that was left goes on where it was, or is started over",
               [&stage, begin, end_lesson](ImGuiTestContext* context) {
                   const lab::Lesson& lesson = *lab::find_lesson("temperature");
                   begin(context, "temperature");
                   context->KeyPress(ImGuiKey_PageDown);
                   context->Yield(4);
                   context->KeyPress(ImGuiKey_PageDown);
                   context->Yield(4);
                   end_lesson(context);
                   // What is kept survives the program, and says it in the list.
                   stage.shell->preferences() =
                       window::parse_preferences(window::preferences_json(stage.shell->preferences()));
                   stage.show(context, "lesson");
                   IM_CHECK(says(stage, context, "goes on at step 3"));

                   click_lesson(stage, context, lesson.name);
                   stage.wait(context, "what the steps before had set", [](const lab::Snapshot& s) {
                       return s.settings.sampler.noise > 0.1f && s.task.empty() && s.chains.count > 0;
                   });
                   context->Yield(4);
                   IM_CHECK(says(stage, context, lesson.steps[2].title.c_str()));
                   IM_CHECK(says(stage, context, "To do"));

                   context->SetRef("//###lesson");
                   context->ItemClick("start over/##button");
                   stage.wait(context, "the scene as it was", [](const lab::Snapshot& s) {
                       return s.settings.sampler.noise < 0.05f && s.task.empty() && s.chains.count > 0;
                   });
                   context->Yield(4);
                   IM_CHECK(says(stage, context, lesson.steps[0].title.c_str()));
                   IM_CHECK_EQ(kept(stage, "temperature/step"), -1);
                   end_lesson(context);
               });

    stage.test("lesson",
               "the panel that a lesson names first is in front, and what it points at is read from the top",
               [&stage, begin, end_lesson](ImGuiTestContext* context) {
                   stage.show(context, "samples"); // shares its place with Landscape
                   begin(context, "classes");
                   IM_CHECK(stage.shell->is_in_front("landscape"));
                   end_lesson(context);
                   stage.shell->set_zoom(1.5f);
                   begin(context, "modes");
                   stage.show(context, "sampler");
                   context->ScrollToBottom("//###sampler");
                   context->Yield(3);
                   IM_CHECK_GT(context->WindowInfo("//###sampler").Window->Scroll.y, 0.0f);
                   for (int step = 0; step < 3; ++step) {
                       context->KeyPress(ImGuiKey_PageDown);
                       context->Yield(4);
                   }
                   IM_CHECK(window::points_at("panel", "sampler"));
                   IM_CHECK_EQ(context->WindowInfo("//###sampler").Window->Scroll.y, 0.0f);
                   stage.shell->set_zoom(1);
                   end_lesson(context);
               });

    stage.test("lesson", "who finishes a lesson goes on to the next with one press",
               [&stage, begin, end_lesson](ImGuiTestContext* context) {
                   const auto& lessons = lab::built_in_lessons();
                   const lab::Lesson &first = lessons[0], &second = lessons[1];
                   begin(context, first.name.c_str());
                   for (std::size_t step = 0; step < first.steps.size(); ++step) {
                       wait_for_scene(stage, context, first, step);
                       context->KeyPress(ImGuiKey_PageDown);
                       context->Yield(4);
                   }
                   context->SetRef("//###lesson");
                   forget(stage, second.name);
                   context->ItemClick("###next_lesson");
                   wait_for_scene(stage, context, second, 0);
                   IM_CHECK(says(stage, context, second.steps[0].title.c_str()));
                   end_lesson(context);
                   IM_CHECK(!context->ItemExists("###next_lesson"));
               });

    stage.test("lesson", "a lesson's own training is not asked about as soon as one's own",
               [&stage, begin, end_lesson](ImGuiTestContext* context) {
                   begin(context, "divergence");
                   stage.train(context, 30);
                   const double seconds = stage.now().unsaved_seconds;
                   IM_CHECK_GT(seconds, 0);
                   stage.shell->set_worth_asking(seconds / 2);
                   context->KeyPress(ImGuiKey_R);
                   context->Yield(4);
                   IM_CHECK(!stage.shell->is_asking());
                   stage.wait(context, "the reset", [](const lab::Snapshot& s) { return s.iteration == 0; });
                   stage.train(context, 30);
                   stage.shell->set_worth_asking(0.01 * stage.now().unsaved_seconds);
                   context->KeyPress(ImGuiKey_R);
                   context->Yield(4);
                   IM_CHECK(stage.shell->is_asking());
                   context->KeyPress(ImGuiKey_Escape);
                   stage.shell->set_worth_asking(1e9);
                   context->Yield(3);
                   end_lesson(context);
               });

    stage.test("lesson",
               "a lesson that is not to take the place of one's training leaves everything as it was",
               [&stage, end_lesson](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 5);
                   stage.shell->set_worth_asking(0);
                   stage.shell->preferences().lessons["buffer/step"] = 3; // after 200 iterations
                   stage.show(context, "lesson");
                   stage.sent.clear();
                   context->ItemClick("buffer/lesson");
                   context->Yield(4);
                   IM_CHECK(stage.shell->is_asking());
                   context->KeyPress(ImGuiKey_Escape);
                   context->Yield(4);
                   IM_CHECK_EQ(stage.count<lab::StepTraining>() + stage.count<lab::OpenScene>() +
                                   stage.count<lab::SetPace>(),
                               0);
                   IM_CHECK_EQ(stage.now().iteration, 5);
                   IM_CHECK(context->ItemExists("buffer/lesson")); // the list is still there
                   context->ItemClick("buffer/lesson");
                   context->ItemClick("//###question/Go on without saving");
                   wait_for_scene(stage, context, *lab::find_lesson("buffer"), 3);
                   stage.wait(context, "the 200 iterations of the steps before",
                              [](const lab::Snapshot& s) { return s.iteration >= 200; });
                   stage.shell->set_worth_asking(1e9);
                   end_lesson(context);
                   forget(stage, "buffer");
               });

    stage.test("lesson", "a pause that a step announces holds after a reset, and ends with the lesson",
               [&stage, begin, end_lesson](ImGuiTestContext* context) {
                   begin(context, "buffer");
                   context->KeyPress(ImGuiKey_PageDown);
                   context->Yield(4);
                   stage.send(lab::StepTraining{3});
                   stage.wait(context, "training", [](const lab::Snapshot& s) { return s.iteration == 3; });
                   context->KeyPress(ImGuiKey_R);
                   stage.wait(context, "the reset", [](const lab::Snapshot& s) { return s.iteration == 0; });
                   context->Yield(6);
                   stage.send(lab::Run{});
                   stage.wait(context, "the run", [](const lab::Snapshot& s) { return s.iteration > 0; });
                   wait_for_rest(stage, context);
                   IM_CHECK_EQ(stage.now().iteration, 100);
                   // In another scene that somebody opens meanwhile it has nothing to say.
                   for (const ImGuiKey key : {ImGuiKey_PageUp, ImGuiKey_PageDown}) {
                       context->KeyPress(key);
                       context->Yield(4);
                   }
                   IM_CHECK_EQ(stage.newest<lab::PauseAt>().iteration, 200);
                   stage.sent.clear();
                   stage.open(context, small_plane());
                   context->Yield(6);
                   const auto* asked = stage.last<lab::PauseAt>();
                   IM_CHECK(!asked || *asked == lab::PauseAt{});
                   stage.show(context, "lesson");
                   stage.enter(context, "lesson", "step");
                   context->ItemClick("Open it again");
                   wait_for_scene(stage, context, *lab::find_lesson("buffer"), 1);
                   // Closing its panel ends it: nothing is framed, and nothing pauses a run any more.
                   context->KeyPress(ImGuiKey_PageDown);
                   context->Yield(4);
                   stage.send(lab::ChangeSetting{"buffer.reinit_share", "1"});
                   stage.wait(context, "the share",
                              [](const lab::Snapshot& s) { return s.settings.buffer.reinit_share == 1; });
                   context->Yield(6);
                   IM_CHECK_EQ(stage.newest<lab::PauseAt>().iteration, 100);
                   context->SetRef("//###lesson");
                   context->ItemClick("all panels/##button");
                   context->Yield(4);
                   stage.shell->preferences().open_panels["lesson"] = false;
                   context->Yield(4);
                   IM_CHECK(*stage.last<lab::PauseAt>() == lab::PauseAt{});
                   IM_CHECK(!window::pointing_is_drawn());
                   stage.show(context, "lesson");
                   IM_CHECK(context->ItemExists("buffer/lesson"));
                   end_lesson(context);
                   forget(stage, "buffer");
               });

    stage.test("lesson", "the menu Help shows the list of lessons while one is taken",
               [&stage, begin, end_lesson](ImGuiTestContext* context) {
                   begin(context, "density");
                   context->MenuClick("//##MainMenuBar/Help/###lessons");
                   context->Yield(4);
                   context->SetRef("//###lesson");
                   IM_CHECK(context->ItemExists("density/lesson"));
                   end_lesson(context);
               });

    stage.test("lesson", "its frame lies under lists, menus and dialogs",
               [&stage, begin, end_lesson](ImGuiTestContext* context) {
                   begin(context, "density"); // a frame around Landscape
                   const auto covers = [](const ImRect& rect) {
                       const ImDrawList& list = *ImGui::GetForegroundDrawList(ImGui::GetMainViewport());
                       for (const ImDrawCmd& command : list.CmdBuffer)
                           if (command.ElemCount > 0 && ImRect(command.ClipRect).Overlaps(rect)) return true;
                       return false;
                   };
                   const ImRect landscape = context->WindowInfo("//###landscape").Window->Rect();
                   IM_CHECK(covers(landscape));
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_P);
                   context->Yield(4);
                   const ImGuiWindow* palette = nullptr;
                   for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows)
                       if (window->WasActive && window->Flags & ImGuiWindowFlags_Popup) palette = window;
                   IM_CHECK(palette != nullptr);
                   ImRect inside = palette->Rect();
                   inside.Expand(-2);
                   IM_CHECK(!covers(inside));
                   IM_CHECK(window::pointing_is_drawn());
                   context->KeyPress(ImGuiKey_Escape);
                   context->Yield(3);
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
        // Panels that are alone at their place have no tab, tabs that are needed stay.
        int alone = 0, together = 0;
        for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows) {
            if (!window->WasActive || !window->DockNode || !window->DockNode->IsVisible) continue;
            const bool single = window->DockNode->Windows.Size == 1;
            IM_CHECK_EQ(window->DockNode->IsNoTabBar(), single);
            ++(single ? alone : together);
        }
        IM_CHECK_GT(alone, 0);
        IM_CHECK_GT(together, 0);
        context->KeyPress(ImGuiKey_F5);
        context->Yield(4);
        IM_CHECK_EQ(window::look().scale, scale);
        IM_CHECK(window::look().theme == theme);
        for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows)
            IM_CHECK_SILENT(!window->DockNode || !window->DockNode->IsNoTabBar());
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
        IM_CHECK(stage.words(context).find("Negative 0: ") != std::string::npos);
        context->ItemInputValue("###followed", 5);
        IM_CHECK(stage.words(context).find("Negative 5: ") != std::string::npos);
        IM_CHECK_EQ(stage.shell->followed_negative(), 5);
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
/// EBM_LESSON_PICTURES names. EBM_LIGHT makes them light, EBM_ZOOM enlarges what is in the window.
///   EBM_LESSON_PICTURES=/tmp/lessons EBM_ZOOM=1.5 xvfb-run window_tests window lesson_pictures 1920x1080 1
static void add_lesson_pictures(Stage& stage) {
    const char* folder = std::getenv("EBM_LESSON_PICTURES");
    if (!folder) return;
    if (std::getenv("EBM_LIGHT")) stage.shell->set_theme(window::ThemeKind::light);
    for (const lab::Lesson& lesson : lab::built_in_lessons())
        stage.test("lesson_pictures", lesson.name.c_str(),
                   [&stage, &lesson, folder](ImGuiTestContext* context) {
                       if (const char* zoom = std::getenv("EBM_ZOOM")) {
                           // The test engine has put the style back to what it was before the last test.
                           stage.shell->set_zoom(1);
                           context->Yield(2);
                           stage.shell->set_zoom(std::strtof(zoom, nullptr));
                           // Another size brings its own layout when it has lasted.
                           const double end = ImGui::GetTime() + 1;
                           while (ImGui::GetTime() < end)
                               context->Yield();
                       }
                       walk(stage, context, lesson, [&](std::size_t step, const char* when) {
                           const double end = ImGui::GetTime() + 1.5;
                           while (ImGui::GetTime() < end)
                               context->Yield();
                           stage.shell->screenshot(
                               fmt::format("{}/{}-{:02}-{}.png", folder, lesson.name, step + 1, when));
                           context->Yield(4);
                       });
                   });
}

/// A person who does what each step asks for sees every condition false before and true after.
static void add_lesson_walks(Stage& stage) {
    for (const lab::Lesson& lesson : lab::built_in_lessons())
        stage.test("lesson_walk", lesson.name.c_str(), [&stage, &lesson](ImGuiTestContext* context) {
            walk(stage, context, lesson, [](std::size_t, const char*) {});
        });
}

namespace {
const bool pictures = add_tests(add_lesson_pictures);
const bool walks = add_tests(add_lesson_walks);
const bool added_lesson = add_tests(add_lesson_tests);
} // namespace

} // namespace ebm::test
