#include "tests/window/stage.h"

namespace ebm::test {

namespace {

std::vector<int> numbers(std::initializer_list<int> values) {
    return values;
}

void click_with(ImGuiTestContext* context, const char* item, ImGuiKeyChord held) {
    context->KeyDown(held);
    context->ItemClick(item);
    context->KeyUp(held);
}

} // namespace

static void add_samples_tests(Stage& stage) {
    stage.test("samples", "click selects a chain", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "samples");
        stage.enter(context, "samples", "pictures");
        context->ItemClick("$$3/picture");
        IM_CHECK(stage.last<lab::SelectChain>() != nullptr);
        IM_CHECK_EQ(stage.last<lab::SelectChain>()->chain, 3);
    });

    stage.test("samples", "click selects a row of the plane", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::plane(), "samples");
        context->ItemClick("**/$$4/##row");
        IM_CHECK(stage.last<lab::SelectChain>() != nullptr);
        IM_CHECK_EQ(stage.last<lab::SelectChain>()->chain, 4);
    });

    stage.test("samples", "restart all from noise", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "samples");
        context->ItemClick("Restart all");
        const auto* restart = stage.last<lab::RestartChains>();
        IM_CHECK(restart != nullptr);
        IM_CHECK(restart->start == lab::ChainStart::noise);
        IM_CHECK(restart->which.empty());
    });

    stage.test("samples", "restart selected from data", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "samples");
        stage.enter(context, "samples", "pictures");
        context->ItemClick("$$2/picture");
        click_with(context, "$$5/picture", ImGuiMod_Ctrl);
        click_with(context, "$$7/picture", ImGuiMod_Shift);
        context->SetRef("//###samples");
        context->ComboClick("##start/data");
        context->ItemClick("**/###restart_selected");
        const auto* restart = stage.last<lab::RestartChains>();
        IM_CHECK(restart != nullptr);
        IM_CHECK(restart->start == lab::ChainStart::data);
        IM_CHECK(restart->which == numbers({5, 6, 7}));
        context->ComboClick("##start/noise");
    });

    stage.test("samples", "context menu restarts one", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "samples");
        stage.enter(context, "samples", "pictures");
        context->ItemClick("$$9/picture", ImGuiMouseButton_Right);
        context->SetRef("//$FOCUSED");
        context->ItemClick("Restart from buffer");
        const auto* restart = stage.last<lab::RestartChains>();
        IM_CHECK(restart != nullptr);
        IM_CHECK(restart->start == lab::ChainStart::buffer);
        IM_CHECK(restart->which == numbers({9}));
    });

    stage.test("samples", "freeze", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "samples");
        context->ItemClick("Freeze");
        IM_CHECK(stage.last<lab::FreezeChains>() != nullptr);
        IM_CHECK(stage.last<lab::FreezeChains>()->frozen);
    });

    stage.test("samples", "scrub bar goes back and live again", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "samples");
        const auto live = [&] {
            return (context->ItemInfo("**/Live").ItemFlags & ImGuiItemFlags_Disabled) != 0;
        };
        IM_CHECK(live());
        context->ItemInputValue("**/##scrub", -20);
        context->Yield(2);
        IM_CHECK(!live());
        context->ItemClick("**/Live");
        context->Yield(2);
        IM_CHECK(live());
    });

    stage.test("samples", "play runs from the first frame to now", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "samples");
        context->ItemClick("**/###play");
        context->Yield(3);
        const auto live = [&] {
            return (context->ItemInfo("**/Live").ItemFlags & ImGuiItemFlags_Disabled) != 0;
        };
        IM_CHECK(!live());
        for (int frame = 0; frame < 400 && !live() && !context->IsError(); ++frame)
            context->Yield();
        IM_CHECK(live());
    });
}

namespace {
const bool added = add_tests(add_samples_tests);
}

} // namespace ebm::test
