#include "tests/window/stage.h"

#include <imgui_internal.h>

namespace ebm::test {
namespace {

/// Whether a tooltip is open that says `text`: its words are drawn, so its window is searched for what was
/// logged.
bool tooltip_is_open() {
    for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows)
        if ((window->Flags & ImGuiWindowFlags_Tooltip) && window->Active && !window->Hidden) return true;
    return false;
}

} // namespace

static void add_transport_tests(Stage& stage) {
    stage.test("transport", "space runs and pauses", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::plane(), "landscape");
        context->KeyPress(ImGuiKey_Space);
        IM_CHECK_EQ(stage.count<lab::Pause>(), 1);
        stage.snapshot.state = lab::State::paused;
        context->Yield();
        context->KeyPress(ImGuiKey_Space);
        IM_CHECK_EQ(stage.count<lab::Run>(), 1);
    });

    stage.test("transport", "S and I step a paused run and are refused with a reason while it runs",
               [&stage](ImGuiTestContext* context) {
                   stage.show(context, demo::plane(), "landscape");
                   context->KeyPress(ImGuiKey_S);
                   context->KeyPress(ImGuiKey_I);
                   IM_CHECK_EQ(stage.count<lab::StepChains>() + stage.count<lab::StepTraining>(), 0);
                   IM_CHECK(stage.shell->notice().text.find("Pause first") != std::string::npos);
                   stage.snapshot.state = lab::State::paused;
                   context->Yield();
                   context->KeyPress(ImGuiKey_S);
                   context->KeyPress(ImGuiKey_I);
                   IM_CHECK_EQ(stage.count<lab::StepChains>(), 1);
                   IM_CHECK_EQ(stage.count<lab::StepTraining>(), 1);
               });

    stage.test("transport", "a greyed button says why", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::plane(), "landscape");
        context->SetRef("##top_bar");
        const ImGuiTestItemInfo step = context->ItemInfo("step_chains/##button");
        IM_CHECK((step.ItemFlags & ImGuiItemFlags_Disabled) != 0);
        context->MouseMoveToPos(step.RectFull.GetCenter());
        context->SleepNoSkip(0.8f, 0.05f);
        IM_CHECK(tooltip_is_open());
    });

    stage.test("transport", "an analytic energy has nothing to train", [&stage](ImGuiTestContext* context) {
        lab::Snapshot snapshot = demo::analytic();
        snapshot.state = lab::State::paused;
        stage.show(context, snapshot, "landscape");
        context->KeyPress(ImGuiKey_I);
        IM_CHECK_EQ(stage.count<lab::StepTraining>(), 0);
        IM_CHECK(stage.shell->notice().text.find("nothing to train") != std::string::npos);
    });

    stage.test("transport", "number keys open scenes", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::plane(), "landscape");
        context->KeyPress(ImGuiKey_2);
        const auto* open = stage.last<lab::OpenScene>();
        IM_CHECK(open != nullptr);
        IM_CHECK_STR_EQ(open->scene.name.c_str(), lab::built_in_scenes()[1].name.c_str());
    });

    stage.test("transport", "the device is chosen in the model's rows", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::plane(), "scene");
        context->ItemClick("model/##device");
        context->ItemClick("//$FOCUSED/Compute on an NVIDIA card");
        IM_CHECK(stage.last<lab::UseDevice>() != nullptr);
        IM_CHECK_STR_EQ(stage.last<lab::UseDevice>()->device.c_str(), "cuda");
        stage.snapshot.device_choice = "cuda";
        stage.snapshot.device = "NVIDIA H200";
        context->Yield(2);
        context->ItemClick("model/##device");
        context->ItemClick("//$FOCUSED/Compute on the CPU");
        IM_CHECK_STR_EQ(stage.last<lab::UseDevice>()->device.c_str(), "cpu");
    });

    stage.test("transport", "slow motion is one click away", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::plane(), "landscape");
        context->KeyPress(ImGuiKey_M);
        IM_CHECK(stage.last<lab::SetPace>() != nullptr);
        IM_CHECK(stage.last<lab::SetPace>()->speed == lab::Speed::slow);
    });

    stage.test(
        "transport", "a problem stays until it is closed, with the way back",
        [&stage](ImGuiTestContext* context) {
            lab::Snapshot snapshot = demo::plane();
            snapshot.state = lab::State::failed;
            snapshot.roll_back_iteration = 750;
            snapshot.problem = lab::Problem{"The energy became NaN.", "Halve the step size.", 77};
            stage.show(context, snapshot, "landscape");
            stage.snapshot.problem.reset(); // the engine's next command succeeded; nobody has read it yet
            context->Yield(2);
            context->ItemClick("//###problem/###roll back");
            IM_CHECK_EQ(stage.count<lab::RollBack>(), 1);
            context->Yield(2);
            const ImGuiWindow* banner = context->WindowInfo("//###problem", ImGuiTestOpFlags_NoError).Window;
            IM_CHECK(!banner || !banner->Active);
        });

    stage.test("transport", "a failure is left behind when the run goes on",
               [&stage](ImGuiTestContext* context) {
                   lab::Snapshot snapshot = demo::plane();
                   snapshot.state = lab::State::failed;
                   snapshot.problem = lab::Problem{"The energy became NaN.", "Halve the step size.", 78};
                   stage.show(context, snapshot, "landscape");
                   const auto is_shown = [&] {
                       const ImGuiWindow* banner =
                           context->WindowInfo("//###problem", ImGuiTestOpFlags_NoError).Window;
                       return banner && banner->Active;
                   };
                   IM_CHECK(is_shown());
                   stage.snapshot.state = lab::State::running;
                   stage.snapshot.problem.reset();
                   context->Yield(2);
                   IM_CHECK(!is_shown());
               });
}

static const bool added = add_tests(add_transport_tests);

} // namespace ebm::test
