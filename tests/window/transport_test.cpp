#include "tests/window/stage.h"

#include <imgui_internal.h>

namespace ebm::test {
namespace {

bool tooltip_is_open() {
    for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows)
        if ((window->Flags & ImGuiWindowFlags_Tooltip) && window->Active && !window->Hidden) return true;
    return false;
}

bool is_in(const char* state_word, const lab::Snapshot& s) {
    return std::string(lab::state_name(s.state)) == state_word;
}

bool banner_is_shown(ImGuiTestContext* context) {
    const ImGuiWindow* banner = context->WindowInfo("//###problem", ImGuiTestOpFlags_NoError).Window;
    return banner && banner->Active;
}

} // namespace

static void add_transport_tests(Stage& stage) {
    stage.test("transport", "space runs and pauses", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_plane(), true);
        stage.wait(context, "training", [](const lab::Snapshot& s) { return s.iteration > 0; });
        context->SleepNoSkip(1.5f, 0.1f); // a name that the test before typed into a field is over
        context->KeyPress(ImGuiKey_Space);
        stage.wait(context, "the pause", [](const lab::Snapshot& s) { return is_in("Paused", s); });
        context->KeyPress(ImGuiKey_Space);
        stage.wait(context, "the run", [](const lab::Snapshot& s) { return is_in("Running", s); });
    });

    stage.test("transport", "S and I step a paused run and are refused with a reason while it runs",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_plane(), true);
                   context->KeyPress(ImGuiKey_S);
                   context->KeyPress(ImGuiKey_I);
                   IM_CHECK_EQ(stage.count<lab::StepChains>() + stage.count<lab::StepTraining>(), 0);
                   IM_CHECK(stage.shell->notice().text.find("Pause first") != std::string::npos);
                   stage.open(context, small_plane());
                   context->KeyPress(ImGuiKey_S);
                   stage.wait(context, "one step of each chain",
                              [](const lab::Snapshot& s) { return s.chains.age[0] == 1; });
                   context->KeyPress(ImGuiKey_I);
                   stage.wait(context, "one iteration",
                              [](const lab::Snapshot& s) { return s.iteration == 1; });
               });

    stage.test("transport", "a greyed button says why", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_plane(), true);
        context->SetRef("##top_bar");
        const ImGuiTestItemInfo step = context->ItemInfo("step_chains/##button");
        IM_CHECK((step.ItemFlags & ImGuiItemFlags_Disabled) != 0);
        context->MouseMoveToPos(step.RectFull.GetCenter());
        context->SleepNoSkip(0.8f, 0.05f);
        IM_CHECK(tooltip_is_open());
    });

    stage.test("transport", "an analytic energy has nothing to train", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_analytic());
        context->KeyPress(ImGuiKey_I);
        IM_CHECK_EQ(stage.count<lab::StepTraining>(), 0);
        IM_CHECK(stage.shell->notice().text.find("nothing to train") != std::string::npos);
    });

    stage.test("transport", "number keys open scenes", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_plane());
        context->KeyPress(ImGuiKey_2);
        stage.wait(context, "the second scene",
                   [](const lab::Snapshot& s) { return s.scene.name == lab::built_in_scenes()[1].name; });
    });

    stage.test("transport", "the device is chosen in the model's rows", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_plane());
        stage.show(context, "scene");
        context->ItemClick("model/##device");
        context->ItemClick("//$FOCUSED/Compute on an NVIDIA card");
        stage.wait(context, "the card, or why there is none",
                   [](const lab::Snapshot& s) { return s.device_choice == "cuda" || s.problem.has_value(); });
        context->ItemClick("model/##device");
        context->ItemClick("//$FOCUSED/Compute on the CPU");
        stage.wait(context, "the CPU", [](const lab::Snapshot& s) { return s.device_choice == "cpu"; });
    });

    stage.test("transport", "slow motion is one click away, and one number says how fast it is",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_plane(), true);
                   stage.wait(context, "the speed",
                              [](const lab::Snapshot& s) { return s.chain_steps_per_second > 0; });
                   IM_CHECK(stage.words(context).find("chain steps/s") != std::string::npos);
                   context->KeyPress(ImGuiKey_M);
                   stage.wait(context, "slow motion",
                              [](const lab::Snapshot& s) { return s.pace.speed == lab::Speed::slow; });
                   // The slider says the steps of each chain; those of all chains together would contradict
                   // it.
                   IM_CHECK(stage.words(context).find("chain steps/s") == std::string::npos);
                   context->KeyPress(ImGuiKey_M);
                   stage.wait(context, "full speed",
                              [](const lab::Snapshot& s) { return s.pace.speed == lab::Speed::full; });
               });

    stage.test("transport", "a problem stays until it is closed", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_plane());
        stage.send(lab::OpenCheckpoint{"/nowhere/model.safetensors"});
        stage.wait(context, "the problem", [](const lab::Snapshot& s) { return s.problem.has_value(); });
        IM_CHECK(banner_is_shown(context));
        stage.send(lab::StepChains{1}); // succeeds, so the engine has no problem any more
        stage.wait(context, "the next command", [](const lab::Snapshot& s) { return !s.problem; });
        IM_CHECK(banner_is_shown(context));
        context->ItemClick("//###problem/Close");
        context->Yield(2);
        IM_CHECK(!banner_is_shown(context));
    });

    stage.test("transport", "what was refused is not said any more once another value was taken",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.send(lab::ChangeSetting{"sampler.kind", "nonsense"});
                   stage.wait(context, "the refusal",
                              [](const lab::Snapshot& s) { return s.problem.has_value(); });
                   context->Yield(2);
                   IM_CHECK(banner_is_shown(context));
                   stage.send(lab::ChangeSetting{"sampler.step_size", "0.25"});
                   stage.wait(context, "the step size",
                              [](const lab::Snapshot& s) { return s.settings.sampler.step_size == 0.25f; });
                   context->Yield(2);
                   IM_CHECK(!banner_is_shown(context));
               });

    stage.test("transport", "a failure has its way back, and another scene leaves it behind",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, failing_plane());
                   stage.send(lab::Run{});
                   const auto failed = [](const lab::Snapshot& s) { return is_in("Failed", s); };
                   stage.wait(context, "the failure", failed);
                   context->Yield(2);
                   IM_CHECK(banner_is_shown(context));
                   context->ItemClick("//###problem/Reset");
                   stage.wait(context, "the reset", [&](const lab::Snapshot& s) { return !failed(s); });
                   context->Yield(2);
                   IM_CHECK(!banner_is_shown(context));
                   stage.send(lab::Run{});
                   stage.wait(context, "the failure", failed);
                   context->Yield(2);
                   IM_CHECK(banner_is_shown(context));
                   stage.open(context, small_plane());
                   IM_CHECK(!banner_is_shown(context));
               });

    stage.test("transport", "a message about one scene does not stand over the next",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.send(lab::OpenCheckpoint{"/nowhere/model.safetensors"});
                   stage.wait(context, "the problem",
                              [](const lab::Snapshot& s) { return s.problem.has_value(); });
                   IM_CHECK(banner_is_shown(context));
                   stage.open(context, small_analytic());
                   IM_CHECK(!banner_is_shown(context));
               });
}

static const bool added_transport = add_tests(add_transport_tests);

} // namespace ebm::test
