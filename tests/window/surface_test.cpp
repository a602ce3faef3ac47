#include "app/window/comparison.h"
#include "app/window/theme.h"
#include "core/store/image.h"
#include "tests/window/stage.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <imgui_internal.h>

/// The landscape as a surface with the chains on it.
namespace ebm::test {

static void add_surface_tests(Stage& stage) {
    // Pixels of the item `surface` in a colour.
    const auto pixels_of = [&stage](ImGuiTestContext* context, const ImVec4& wanted) {
        const auto path = stage.folder.path / "surface.png";
        stage.shell->screenshot(path.string());
        context->Yield(14);
        const store::Image picture = store::read_image(path);
        std::filesystem::remove(path);
        const ImRect rect = context->ItemInfo("surface").RectFull;
        const float rgb[] = {wanted.x, wanted.y, wanted.z};
        int count = 0;
        for (int y = static_cast<int>(rect.Min.y); y < static_cast<int>(rect.Max.y); ++y)
            for (int x = static_cast<int>(rect.Min.x); x < static_cast<int>(rect.Max.x); ++x) {
                const std::uint8_t* pixel =
                    &picture.pixels[static_cast<std::size_t>((y * picture.width + x) * picture.channels)];
                bool same = true;
                for (int channel = 0; channel < 3; ++channel)
                    same &= std::abs(pixel[channel] - 255 * rgb[channel]) < 12;
                count += same;
            }
        return count;
    };
    const auto chain_pixels = [pixels_of](ImGuiTestContext* context) {
        return pixels_of(context, window::color(window::Meaning::samples));
    };
    const auto ring_pixels = [pixels_of](ImGuiTestContext* context) {
        return pixels_of(context, {1, 1, 1, 1});
    };

    stage.test("surface", "chains stand on the surface, which turns and zooms",
               [&stage, chain_pixels](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.show(context, "surface");
                   IM_CHECK(context->ItemExists("surface"));
                   if (!stage.display->has_graphics()) return;
                   const int first = chain_pixels(context);
                   IM_CHECK_GT(first, 50);
                   context->MouseMove("surface");
                   context->MouseDragWithDelta({0, 200}); // from above
                   const int above = chain_pixels(context);
                   IM_CHECK_GT(above, 50);
                   IM_CHECK_NE(above, first);
                   stage.send(lab::RestartChains{lab::ChainStart::noise, {}, {}});
                   stage.send(lab::ChangeSetting{"sampler.chains", "1"});
                   stage.wait(context, "one chain",
                              [](const lab::Snapshot& s) { return s.chains.count == 1; });
                   IM_CHECK_LT(chain_pixels(context), above);
               });

    stage.test("surface", "it says what it shows and gives its numbers and its picture away",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.show(context, "surface");
                   IM_CHECK(stage.words(context).find(small_analytic().title + ", energy E") !=
                            std::string::npos);
                   choose_of_plot(context, "surface", "Copy numbers");
                   const std::string numbers = ImGui::GetClipboardText();
                   IM_CHECK(numbers.starts_with("x\ty\tenergy"));
                   IM_CHECK_GT(std::ranges::count(numbers, '\n'), 100);
                   if (!stage.display->has_graphics()) return;
                   choose_of_plot(context, "surface", "Save picture (PNG)\u2026");
                   IM_CHECK(stage.shell->dialogs().is_open());
                   context->KeyPress(ImGuiKey_Escape);
               });

    stage.test("surface", "surfaces of linked runs turn and zoom together",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.show(context, "surface");
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_D);
                   stage.wait(context, "the copy", [&](const lab::Snapshot&) {
                       return stage.shell->comparison() && stage.shell->comparison()->is_copied();
                   });
                   context->Yield(8);
                   IM_CHECK(stage.shell->is_in_front("compare"));
                   const std::string words = stage.words(context);
                   for (const char* run : {"A: ", "B: "})
                       IM_CHECK(words.find(run + small_plane().title + ", energy E") != std::string::npos);
                   const window::Comparison& both = *stage.shell->comparison();
                   for (const char* panel : {"surface", "b_surface"}) {
                       IM_CHECK(stage.shell->is_in_front(panel));
                       const window::Turn before = both.turn;
                       context->SetRef((std::string("//###") + panel).c_str());
                       context->MouseMove("surface");
                       context->MouseDragWithDelta({60, 20});
                       context->MouseWheelY(2);
                       context->Yield(4);
                       IM_CHECK(both.turn.azimuth != before.azimuth);
                       IM_CHECK_GT(both.turn.zoom, before.zoom);
                       // Both have that view: none of them goes on to give its own.
                       const int turns = both.turns;
                       context->Yield(4);
                       IM_CHECK_EQ(both.turns, turns);
                   }
               });

    stage.test("surface", "the selected chain has a ring", [&stage, ring_pixels](ImGuiTestContext* context) {
        if (!stage.display->has_graphics()) return;
        stage.open(context, small_analytic());
        stage.show(context, "surface");
        const int none = ring_pixels(context);
        stage.trace(context, 0);
        IM_CHECK_GT(ring_pixels(context), none + 10);
        // Whole, also where the surface beside the chain stands nearer to the eye.
        const auto ring_at = [&](float x, float y) {
            stage.send(lab::MoveChain{0, x, y});
            stage.wait(context, "the chain there", [&](const lab::Snapshot& s) {
                return s.chains.positions[0] == x && s.chains.positions[1] == y;
            });
            context->Yield(2);
            return ring_pixels(context);
        };
        const int whole = ring_at(0, -1) - none;
        for (const auto& [x, y] : {std::pair(0.75f, -1.0f), {1.5f, 0.0f}, {-2.25f, -1.0f}, {1.5f, 2.0f}}) {
            const int here = ring_at(x, y) - none;
            if (here < 0.8 * whole)
                IM_ERRORF("a ring of %d pixels at (%.2f, %.2f), not %d", here, x, y, whole);
        }
    });

    stage.test("surface", "pictures have none, and that is said", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_images());
        stage.show(context, "surface");
        IM_CHECK(stage.words(context).find("only planes are surfaces") != std::string::npos);
    });
}

static const bool added_surface = add_tests(add_surface_tests);

} // namespace ebm::test
