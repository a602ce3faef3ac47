#include "tests/window/stage.h"

#include <imgui_internal.h>

namespace ebm::test {

/// Every panel is drawn at 280 px and at full width, with every kind of snapshot: ids that clash, plots
/// without room and missing views break a contract of Dear ImGui, which ends the tests.
static void add_narrow_tests(Stage& stage) {
    stage.test("panels", "narrow, wide and without views", [&stage](ImGuiTestContext* context) {
        const auto bare = [](lab::Snapshot snapshot) {
            snapshot.trace.reset();
            snapshot.scores.reset();
            snapshot.buffer.reset();
            snapshot.records.reset();
            snapshot.quality.reset();
            snapshot.changes.reset();
            snapshot.field.reset();
            snapshot.slice.reset();
            snapshot.data.reset();
            snapshot.health.reset();
            return snapshot;
        };
        for (const char* panel : {"samples", "energies", "histograms", "replay_buffer", "chain", "log"}) {
            stage.show(context, demo::plane(), panel);
            const std::string path = std::string("//###") + panel;
            ImGuiWindow* window = context->WindowInfo(path.c_str()).Window;
            IM_CHECK(window != nullptr);
            context->UndockWindow(path.c_str());
            for (const ImVec2 size : {ImVec2{280, 240}, ImVec2{280, 900}, ImVec2{1800, 260}}) {
                context->WindowMove(path.c_str(), {10, 60});
                context->WindowResize(path.c_str(), size);
                for (const lab::Snapshot& snapshot : {demo::plane(), demo::images(), demo::analytic(),
                                                      bare(demo::images()), bare(demo::plane())}) {
                    stage.snapshot = snapshot;
                    context->Yield(2);
                    // Nothing sticks out sideways.
                    IM_CHECK_LE(window->ContentSize.x, window->WorkRect.GetWidth() + 1);
                }
            }
        }
        stage.shell->reset_layout();
        context->Yield(4);
    });
}

namespace {
const bool added = add_tests(add_narrow_tests);
}

} // namespace ebm::test
