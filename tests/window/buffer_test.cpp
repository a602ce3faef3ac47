#include "tests/window/stage.h"

namespace ebm::test {

static void add_buffer_tests(Stage& stage) {
    const auto open = [&stage](ImGuiTestContext* context, const lab::Scene& scene) {
        stage.open(context, scene);
        stage.train(context);
        stage.show(context, "replay_buffer");
        stage.sent.clear();
    };

    stage.test("replay_buffer", "sorting shows the lowest energies, turned round the highest",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_images());
                   context->ComboClick("##order/by energy");
                   const auto ordered = [](const lab::Snapshot& s, bool descending) {
                       const auto& e = s.buffer->energy;
                       return s.buffer->query.order == lab::BufferOrder::energy &&
                              s.buffer->query.descending == descending && e.size() > 10 &&
                              (descending ? e[0] > e[10] : e[0] < e[10]);
                   };
                   stage.wait(context, "the lowest first", [&](const auto& s) { return ordered(s, false); });
                   IM_CHECK_EQ(stage.count<lab::BrowseBuffer>(), 1);
                   context->ItemClick("**/direction/##button");
                   stage.wait(context, "the highest first", [&](const auto& s) { return ordered(s, true); });
                   context->ItemClick("**/direction/##button");
                   context->ComboClick("##order/by slot");
                   stage.wait(context, "by slot", [&](const lab::Snapshot& s) {
                       return s.buffer->query.order == lab::BufferOrder::slot;
                   });
               });

    stage.test("replay_buffer", "next page", [&stage, open](ImGuiTestContext* context) {
        open(context, small_images());
        context->ItemClick("**/next/##button");
        stage.wait(context, "page 2", [](const lab::Snapshot& s) { return s.buffer->query.page == 1; });
        context->ItemClick("**/previous/##button");
        stage.wait(context, "page 1", [](const lab::Snapshot& s) { return s.buffer->query.page == 0; });
    });

    stage.test("replay_buffer", "a click sends one to the chains, several are sent together",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_images());
                   stage.enter(context, "replay_buffer", "pictures");
                   const std::size_t elements = static_cast<std::size_t>(stage.now().kind.elements());
                   const std::vector<std::uint8_t> from = stage.now().buffer->pixels;
                   IM_CHECK(from.size() >= 7 * elements);
                   context->ItemClick("$$6/picture");
                   IM_CHECK(stage.last<lab::SendToChains>() != nullptr);
                   IM_CHECK(stage.last<lab::SendToChains>()->slots == std::vector<std::int64_t>{6});
                   stage.show(context, "samples");
                   stage.wait(context, "chain 0 is that picture", [&](const lab::Snapshot& s) {
                       return s.chains.pixels.size() >= elements &&
                              std::equal(s.chains.pixels.begin(),
                                         s.chains.pixels.begin() + static_cast<std::ptrdiff_t>(elements),
                                         from.begin() + static_cast<std::ptrdiff_t>(6 * elements));
                   });
                   stage.show(context, "replay_buffer");
                   stage.enter(context, "replay_buffer", "pictures");
                   stage.sent.clear();
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

    stage.test("replay_buffer", "a row of the plane is sent", [&stage, open](ImGuiTestContext* context) {
        open(context, small_plane());
        const std::int64_t slot = stage.now().buffer->slots[1];
        context->ItemClick(("**/$$" + std::to_string(slot) + "/##row").c_str());
        IM_CHECK(stage.last<lab::SendToChains>() != nullptr);
        IM_CHECK(stage.last<lab::SendToChains>()->slots == std::vector<std::int64_t>{slot});
    });
}

namespace {
const bool added = add_tests(add_buffer_tests);
}

} // namespace ebm::test
