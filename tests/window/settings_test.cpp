#include "app/window/setting_editor.h"
#include "tests/window/stage.h"

#include <cstdlib>

namespace ebm::test {
namespace {

std::string last_value(const Stage& stage, const char* key) {
    const auto* change = stage.last<lab::ChangeSetting>();
    return change && change->key == key ? change->value : "(not sent)";
}

/// Each test starts without history: the editor forgets it with the scene.
void open(Stage& stage, ImGuiTestContext* context, const char* panel) {
    stage.open(context, small_analytic());
    stage.open(context, small_plane());
    stage.show(context, panel);
    stage.sent.clear();
}

void wait_for(Stage& stage, ImGuiTestContext* context, const char* key, const std::string& value) {
    stage.wait(context, (std::string(key) + " = " + value).c_str(),
               [&](const lab::Snapshot& s) { return setting(key).text(s.settings) == value; });
}

} // namespace

static void add_settings_tests(Stage& stage) {
    stage.test("settings", "a dragged slider sends while it moves and undoes as one",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, "sampler");
                   context->MouseMove("**/##sampler.steps");
                   context->MouseDown();
                   context->MouseMoveToPos({ImGui::GetIO().MousePos.x + 20, ImGui::GetIO().MousePos.y});
                   IM_CHECK_GE(stage.count<lab::ChangeSetting>(), 1); // before the button is up
                   context->MouseMoveToPos({ImGui::GetIO().MousePos.x + 30, ImGui::GetIO().MousePos.y});
                   context->MouseUp();
                   const std::string dragged = last_value(stage, "sampler.steps");
                   IM_CHECK_GT(std::atoi(dragged.c_str()), 3);
                   wait_for(stage, context, "sampler.steps", dragged);
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   wait_for(stage, context, "sampler.steps", "3");
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z);
                   wait_for(stage, context, "sampler.steps", dragged);
               });

    stage.test("settings", "a typed value is sent exactly", [&stage](ImGuiTestContext* context) {
        open(stage, context, "sampler");
        context->ItemInputValue("**/##sampler.step_size", "0.0123");
        IM_CHECK_STR_EQ(last_value(stage, "sampler.step_size").c_str(), "0.0123");
        wait_for(stage, context, "sampler.step_size", "0.0123");
    });

    stage.test("settings", "a typed value beyond the range is brought to its end",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, "sampler");
                   context->ItemInputValue("**/##sampler.step_size", "99999");
                   IM_CHECK_STR_EQ(last_value(stage, "sampler.step_size").c_str(), "1000");
               });

    stage.test("settings", "right-click brings the scene's value back", [&stage](ImGuiTestContext* context) {
        open(stage, context, "sampler");
        context->ItemInputValue("**/##sampler.step_size", "0.05");
        wait_for(stage, context, "sampler.step_size", "0.05");
        context->ItemClick("**/##sampler.step_size", ImGuiMouseButton_Right);
        wait_for(stage, context, "sampler.step_size", "0.04");
    });

    stage.test("settings", "a choice is sent by its name", [&stage](ImGuiTestContext* context) {
        open(stage, context, "sampler");
        context->ItemClick("**/Langevin");
        wait_for(stage, context, "sampler.kind", "langevin");
    });

    stage.test("settings", "a setting that starts the scene anew is sent when the hand lets go",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, "scene");
                   context->MouseMove("**/##model.width");
                   context->MouseDown();
                   context->MouseMoveToPos({ImGui::GetIO().MousePos.x + 25, ImGui::GetIO().MousePos.y});
                   IM_CHECK_EQ(stage.count<lab::ChangeSetting>(), 0);
                   context->MouseUp();
                   IM_CHECK_EQ(stage.count<lab::ChangeSetting>(), 1);
                   IM_CHECK_GT(std::atoi(last_value(stage, "model.width").c_str()), 0);
               });

    stage.test("settings", "the search finds an advanced row by its symbol's name",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, "scene");
                   IM_CHECK(!context->ItemExists("**/##train.average"));
                   context->ItemInputValue("##search settings", "moving average");
                   context->Yield(2);
                   IM_CHECK(context->ItemExists("**/##train.average"));
                   IM_CHECK(!context->ItemExists("**/##train.batch"));
                   context->ItemInputValue("##search settings", "");
                   context->Yield(2);
                   IM_CHECK(!context->ItemExists("**/##train.average"));
               });

    stage.test("settings", "rows stay under the hand when readings come and while the formula grows",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.open(context, small_plane());
                   stage.shell->open_panel("sampler");
                   context->SetRef("//###sampler");
                   while (!context->ItemExists("**/##sampler.steps") && !context->IsError())
                       context->Yield();
                   const auto height_of = [&](const char* row) {
                       return context->ItemInfo(row).RectFull.Min.y;
                   };
                   const float at_first = height_of("**/##sampler.steps");
                   stage.send(lab::StepChains{40});
                   stage.wait(context, "ESS",
                              [](const lab::Snapshot& s) { return s.mixing && s.mixing->reason.empty(); });
                   context->Yield(2);
                   IM_CHECK_EQ(height_of("**/##sampler.steps"), at_first);
                   context->ItemClick("**/sampler/###more");
                   context->Yield(2);
                   const char* clip = "**/##sampler.gradient_clip";
                   context->MouseMove(clip);
                   const float held = height_of(clip);
                   context->MouseDown();
                   context->MouseMoveToPos({ImGui::GetIO().MousePos.x + 30, ImGui::GetIO().MousePos.y});
                   stage.wait(context, "a clip",
                              [](const lab::Snapshot& s) { return s.settings.sampler.gradient_clip > 0; });
                   context->Yield(2);
                   IM_CHECK_EQ(height_of(clip), held);
                   context->MouseUp();
                   context->Yield(2);
                   IM_CHECK_GT(height_of(clip), held); // there is a line more above it now
                   context->ItemClick("**/sampler/###more");
               });

    stage.test("settings", "one click shows the advanced rows", [&stage](ImGuiTestContext* context) {
        open(stage, context, "sampler");
        IM_CHECK(!context->ItemExists("**/##sampler.drift_limit"));
        context->ItemClick("**/sampler/###more");
        context->Yield(2);
        IM_CHECK(context->ItemExists("**/##sampler.drift_limit"));
        context->ItemClick("**/sampler/###more");
    });
}

static void add_scene_list_tests(Stage& stage) {
    stage.test("settings", "the list of scenes stays under the mouse when a scene is chosen",
               [&stage](ImGuiTestContext* context) {
                   lab::Scene wordy = small_plane();
                   wordy.title = "Wordy";
                   for (int i = 0; i < 8; ++i)
                       wordy.description += " A sentence that takes more and more of the panel's width.";
                   stage.open(context, wordy);
                   stage.show(context, "scene");
                   context->Yield(2);
                   const float before = context->ItemInfo("two_moons/scene").RectFull.Min.y;
                   stage.open(context, small_analytic());
                   context->Yield(2);
                   IM_CHECK_EQ(context->ItemInfo("two_moons/scene").RectFull.Min.y, before);
               });
}

static const bool list_added = add_tests(add_scene_list_tests);
static const bool added_settings = add_tests(add_settings_tests);

} // namespace ebm::test
