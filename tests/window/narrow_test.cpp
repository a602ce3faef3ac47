#include "tests/window/stage.h"

#include <imgui_internal.h>

namespace ebm::test {

/// Every panel is drawn at 280 px and at full width, for every kind of scene, fresh and trained: ids that
/// clash, plots without room and missing views break a contract of Dear ImGui, which ends the tests.
static void add_narrow_tests(Stage& stage) {
    if (stage.display->has_graphics()) return; // hundreds of frames that nobody looks at
    stage.test("panels", "narrow, wide and without views", [&stage](ImGuiTestContext* context) {
        for (const bool trained : {false, true})
            for (const lab::Scene& scene : {small_plane(), small_images(), small_analytic()}) {
                stage.open(context, scene);
                if (trained && stage.now().trainable) stage.train(context);
                if (trained) stage.trace(context, 1);
                for (const char* panel : {"samples", "data", "race", "partition", "restore", "nearest",
                                          "ood_table", "sampler", "compare", "algorithm", "health",
                                          "energies", "histograms", "replay_buffer", "chain", "log"}) {
                    stage.show(context, panel);
                    const std::string path = std::string("//###") + panel;
                    ImGuiWindow* window = context->WindowInfo(path.c_str()).Window;
                    IM_CHECK(window != nullptr);
                    ImGui::DockContextQueueUndockWindow(context->UiContext, window);
                    context->Yield(2);
                    for (const ImVec2 size : {ImVec2{280, 240}, ImVec2{280, 900}, ImVec2{1800, 260}}) {
                        context->WindowMove(path.c_str(), {10, 60});
                        context->WindowResize(path.c_str(), size);
                        context->Yield(2);
                        // Nothing sticks out sideways.
                        if (window->ContentSize.x > window->WorkRect.GetWidth() + 1)
                            IM_ERRORF("%s at %.0f x %.0f: content %.0f, room %.0f", panel, size.x, size.y,
                                      window->ContentSize.x, window->WorkRect.GetWidth());
                    }
                }
                stage.shell->reset_layout();
                context->Yield(4);
            }
    });
}

namespace {
const bool added_narrow = add_tests(add_narrow_tests);
}

} // namespace ebm::test
