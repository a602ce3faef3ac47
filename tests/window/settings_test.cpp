#include "app/window/setting_editor.h"
#include "tests/window/stage.h"

#include <cstdlib>

namespace ebm::test {
namespace {

/// The engine's part: every change that was sent is in the next snapshot.
void answer(Stage& stage) {
    for (const lab::Command& command : stage.sent)
        if (const auto* change = std::get_if<lab::ChangeSetting>(&command))
            setting(change->key).set_text(stage.snapshot.settings, change->value);
}

std::string last_value(const Stage& stage, const char* key) {
    const auto* change = stage.last<lab::ChangeSetting>();
    return change && change->key == key ? change->value : "(not sent)";
}

/// Each test starts without history: the editor forgets it with the scene.
void open(Stage& stage, ImGuiTestContext* context, const char* panel) {
    stage.show(context, demo::analytic(), panel);
    stage.show(context, demo::plane(), panel);
    stage.sent.clear();
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
                   IM_CHECK_GT(std::atoi(last_value(stage, "sampler.steps").c_str()), 20);
                   answer(stage);
                   context->Yield(2);
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   IM_CHECK_STR_EQ(last_value(stage, "sampler.steps").c_str(), "20");
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z);
                   IM_CHECK_GT(std::atoi(last_value(stage, "sampler.steps").c_str()), 20);
               });

    stage.test("settings", "a typed value is sent exactly", [&stage](ImGuiTestContext* context) {
        open(stage, context, "sampler");
        context->ItemInputValue("**/##sampler.step_size", "0.0123");
        IM_CHECK_STR_EQ(last_value(stage, "sampler.step_size").c_str(), "0.0123");
    });

    stage.test("settings", "a typed value beyond the range is brought to its end",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, "sampler");
                   context->ItemInputValue("**/##sampler.step_size", "99999");
                   IM_CHECK_STR_EQ(last_value(stage, "sampler.step_size").c_str(), "1000");
               });

    stage.test("settings", "right-click brings the scene's value back", [&stage](ImGuiTestContext* context) {
        open(stage, context, "sampler");
        context->ItemClick("**/##sampler.step_size",
                           ImGuiMouseButton_Right); // the demo run has 0.05, its scene 0.04
        IM_CHECK_STR_EQ(last_value(stage, "sampler.step_size").c_str(), "0.04");
    });

    stage.test("settings", "a choice is sent by its name", [&stage](ImGuiTestContext* context) {
        open(stage, context, "sampler");
        context->ItemClick("**/Langevin");
        IM_CHECK_STR_EQ(last_value(stage, "sampler.kind").c_str(), "langevin");
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

    stage.test("settings", "one click shows the advanced rows", [&stage](ImGuiTestContext* context) {
        open(stage, context, "sampler");
        IM_CHECK(!context->ItemExists("**/##sampler.drift_limit"));
        context->ItemClick("**/sampler/###more");
        context->Yield(2);
        IM_CHECK(context->ItemExists("**/##sampler.drift_limit"));
        context->ItemClick("**/sampler/###more");
    });

    stage.test("settings", "the remedy of the health panel is one undoable change",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, "health");
                   stage.snapshot.health = std::make_shared<const measure::Health>(
                       measure::Health{measure::HealthLevel::failure,
                                       "Diverging",
                                       {{"E\u207a \u2212 E\u207b", 48.0}},
                                       "A shorter step keeps the chains on the density.",
                                       std::pair<std::string, std::string>("sampler.step_size", "0.01")});
                   context->Yield(2);
                   context->ItemClick("###remedy");
                   IM_CHECK_STR_EQ(last_value(stage, "sampler.step_size").c_str(), "0.01");
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   IM_CHECK_STR_EQ(last_value(stage, "sampler.step_size").c_str(), "0.05");
               });
}

static const bool added = add_tests(add_settings_tests);

} // namespace ebm::test
