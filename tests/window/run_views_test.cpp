#include "core/base/log.h"
#include "tests/window/stage.h"

#include <algorithm>

/// Energies, histograms, chain, log and the help of panels.
namespace ebm::test {

static void add_run_view_tests(Stage& stage) {
    const auto open = [&stage](ImGuiTestContext* context, const lab::Scene& scene, const char* panel) {
        stage.open(context, scene);
        stage.train(context, 5);
        stage.show(context, panel);
        stage.sent.clear();
    };

    stage.test("energies", "a plot is added and taken away", [open](ImGuiTestContext* context) {
        open(context, small_plane(), "energies");
        IM_CHECK(!context->ItemExists("**/largest"));
        for (const bool there : {true, false}) {
            context->ItemClick("Plots");
            context->ItemClick("//$FOCUSED/|∇ₓE|");
            context->PopupCloseAll();
            context->SetRef("//###energies");
            context->Yield(2);
            IM_CHECK_EQ(context->ItemExists("**/largest"), there);
        }
    });

    stage.test("energies", "legend hides a curve", [open](ImGuiTestContext* context) {
        open(context, small_plane(), "energies");
        IM_CHECK(context->ItemIsChecked("**/E⁺ data"));
        context->ItemClick("**/E⁺ data");
        IM_CHECK(!context->ItemIsChecked("**/E⁺ data"));
        context->ItemClick("**/E⁺ data");
        IM_CHECK(context->ItemIsChecked("**/E⁺ data"));
    });

    stage.test("histograms", "legend hides a set", [open](ImGuiTestContext* context) {
        open(context, small_images(), "histograms");
        IM_CHECK(context->ItemIsChecked("**/Uniform noise"));
        context->ItemClick("**/Uniform noise");
        context->Yield(2);
        IM_CHECK(!context->ItemIsChecked("**/Uniform noise"));
        context->ItemClick("**/Uniform noise");
        IM_CHECK(context->ItemIsChecked("**/Uniform noise"));
    });

    stage.test("histograms", "an OOD set is added from a file", [&stage, open](ImGuiTestContext* context) {
        open(context, small_images(), "histograms");
        context->ItemClick("**/###add_ood");
        context->Yield(2);
        IM_CHECK(stage.shell->dialogs().is_open());
        context->ItemClick("//###file_dialog/Cancel");
        context->Yield(2);
        IM_CHECK(!stage.shell->dialogs().is_open());
        IM_CHECK_EQ(stage.count<lab::AddOodSet>(), 0);
        const std::size_t before = stage.now().scores ? stage.now().scores->sets.size() : 0;
        context->SetRef("//###histograms");
        context->ItemClick("**/###add_ood");
        context->Yield(2);
        context->SetRef("//###file_dialog");
        context->ItemInputValue("##name", (stage.folder.path / "pictures.idx").c_str());
        context->Yield(2);
        IM_CHECK_EQ(stage.count<lab::AddOodSet>(), 1);
        stage.wait(context, "the set", [&](const lab::Snapshot& s) {
            return s.scores && s.scores->sets.size() > before &&
                   std::ranges::any_of(s.scores->sets,
                                       [](const auto& set) { return set.name == "pictures"; });
        });
    });

    stage.test("chain", "the empty state selects a chain", [&stage, open](ImGuiTestContext* context) {
        open(context, small_plane(), "chain");
        context->ItemClick("**/Select chain 0");
        stage.wait(context, "chain 0", [](const lab::Snapshot& s) { return s.trace && s.trace->chain == 0; });
    });

    stage.test("chain", "recording stops", [&stage, open](ImGuiTestContext* context) {
        open(context, small_plane(), "chain");
        stage.trace(context, 3);
        context->ItemClick("**/deselect/##button");
        stage.wait(context, "no trace", [](const lab::Snapshot& s) { return !s.trace; });
    });

    stage.test("log", "an error is shown, also when only errors are", [open](ImGuiTestContext* context) {
        log::set_terminal_threshold(static_cast<log::Level>(3)); // the terminal shows the tests
        const std::uint64_t note = log::next_index();
        log::info("a note");
        const std::uint64_t error = log::next_index();
        log::error("the energy is not finite");
        open(context, small_plane(), "log");
        const auto line = [](std::uint64_t index) { return "**/$$" + std::to_string(index) + "/##line"; };
        IM_CHECK(context->ItemExists(line(note).c_str()));
        IM_CHECK(context->ItemExists(line(error).c_str()));
        context->Yield(4);
        context->ItemClick("**/level/Errors");
        context->Yield(2);
        IM_CHECK(!context->ItemExists(line(note).c_str()));
        IM_CHECK(context->ItemExists(line(error).c_str()));
        context->ItemClick("**/level/All");
    });

    stage.test("help", "the corner of a panel opens its help", [open](ImGuiTestContext* context) {
        open(context, small_plane(), "energies");
        IM_CHECK(context->WindowInfo("//###help", ImGuiTestOpFlags_NoError).Window == nullptr ||
                 !context->WindowInfo("//###help").Window->Active);
        context->KeyPress(ImGuiKey_F1);
        context->Yield(2);
        IM_CHECK(context->WindowInfo("//###help").Window->Active);
        context->KeyPress(ImGuiKey_Escape);
    });
}

namespace {
const bool added_run_views = add_tests(add_run_view_tests);
}

} // namespace ebm::test
