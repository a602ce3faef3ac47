#include "app/window/theme.h"
#include "core/store/image.h"
#include "tests/window/stage.h"

#include <cmath>
#include <filesystem>

#include <imgui_internal.h>

/// The landscape as a surface with the chains on it.
namespace ebm::test {

static void add_surface_tests(Stage& stage) {
    // Pixels of the item `surface` in the colour of chains.
    const auto chain_pixels = [&stage](ImGuiTestContext* context) {
        const auto path = stage.folder.path / "surface.png";
        stage.shell->screenshot(path.string());
        context->Yield(14);
        const store::Image picture = store::read_image(path);
        std::filesystem::remove(path);
        const ImRect rect = context->ItemInfo("surface").RectFull;
        const ImVec4 wanted = window::color(window::Meaning::samples);
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

    stage.test("surface", "pictures have none, and that is said", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_images());
        stage.show(context, "surface");
        IM_CHECK(stage.words(context).find("only planes are surfaces") != std::string::npos);
    });
}

static const bool added_surface = add_tests(add_surface_tests);

} // namespace ebm::test
