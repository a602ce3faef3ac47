#include "tests/window/stage.h"

namespace ebm::test {

static void add_buffer_tests(Stage& stage) {
    stage.test("replay_buffer", "sorting asks for another page, once", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "replay_buffer");
        IM_CHECK_EQ(stage.count<lab::BrowseBuffer>(), 0);
        context->ComboClick("##order/by energy");
        context->Yield(5);
        IM_CHECK_EQ(stage.count<lab::BrowseBuffer>(), 1);
        IM_CHECK(stage.last<lab::BrowseBuffer>()->order == lab::BufferOrder::energy);
        IM_CHECK(!stage.last<lab::BrowseBuffer>()->descending);
        context->ItemClick("**/direction/##button");
        IM_CHECK(stage.last<lab::BrowseBuffer>()->descending);
        context->ItemClick("**/direction/##button");
        context->ComboClick("##order/by slot");
    });

    stage.test("replay_buffer", "next page", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "replay_buffer");
        context->ItemClick("**/next/##button");
        IM_CHECK(stage.last<lab::BrowseBuffer>() != nullptr);
        IM_CHECK_EQ(stage.last<lab::BrowseBuffer>()->page, 1);
        context->ItemClick("**/previous/##button");
        IM_CHECK_EQ(stage.last<lab::BrowseBuffer>()->page, 0);
    });

    stage.test("replay_buffer", "click sends one to the chains", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "replay_buffer");
        stage.enter(context, "replay_buffer", "pictures");
        context->ItemClick("$$6/picture");
        IM_CHECK(stage.last<lab::SendToChains>() != nullptr);
        IM_CHECK(stage.last<lab::SendToChains>()->slots == std::vector<std::int64_t>{6});
    });

    stage.test("replay_buffer", "several are sent together", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::images(), "replay_buffer");
        stage.enter(context, "replay_buffer", "pictures");
        context->KeyDown(ImGuiMod_Ctrl);
        context->ItemClick("$$1/picture");
        context->ItemClick("$$3/picture");
        context->KeyUp(ImGuiMod_Ctrl);
        IM_CHECK_EQ(stage.count<lab::SendToChains>(), 0);
        context->SetRef("//###replay_buffer");
        context->ItemClick("**/###send");
        IM_CHECK(stage.last<lab::SendToChains>() != nullptr);
        IM_CHECK(stage.last<lab::SendToChains>()->slots == (std::vector<std::int64_t>{1, 3}));
    });

    stage.test("replay_buffer", "a row of the plane is sent", [&stage](ImGuiTestContext* context) {
        stage.show(context, demo::plane(), "replay_buffer");
        const std::int64_t slot = stage.snapshot.buffer->slots[1];
        context->ItemClick(("**/$$" + std::to_string(slot) + "/##row").c_str());
        IM_CHECK(stage.last<lab::SendToChains>() != nullptr);
        IM_CHECK(stage.last<lab::SendToChains>()->slots == std::vector<std::int64_t>{slot});
    });
}

namespace {
const bool added = add_tests(add_buffer_tests);
}

} // namespace ebm::test
