#include "tests/window/stage.h"

#include <algorithm>
#include <cmath>

/// A picture is chosen, damaged with the mouse, restored, and compared with the training data, on a real
/// engine.
namespace ebm::test {

static void add_picture_tests(Stage& stage) {
    const auto open = [&stage](ImGuiTestContext* context, const lab::Scene& scene, const char* panel) {
        stage.open(context, scene);
        stage.shell->open_panel(panel);
        context->Yield(4);
        stage.show(context, panel);
    };
    const auto close = [&stage](const char* panel) { stage.shell->preferences().open_panels[panel] = false; };
    const auto chosen = [](const lab::Snapshot& s) { return s.picture != nullptr; };

    stage.test(
        "picture", "damage is painted with the mouse and filled in live, and the rest stays",
        [&stage, open, close, chosen](ImGuiTestContext* context) {
            open(context, small_images(), "restore");
            stage.wait(context, "a held-out picture", chosen);
            IM_CHECK(stage.now().picture->choice.source == lab::PictureSource::held_out);
            context->ItemClick("###restore_nothing");
            IM_CHECK(context->ItemInfo("###restore_start").ItemFlags & ImGuiItemFlags_Disabled);
            stage.enter(context, "restore", "pictures");
            const ImRect canvas = context->ItemInfo("restore_canvas").RectFull;
            const float zoom = canvas.GetWidth() / 12;
            const auto at = [&](float x, float y) {
                return ImVec2(canvas.Min.x + x * zoom, canvas.Min.y + y * zoom);
            };
            stage.show(context, "restore");
            context->ItemInputValue("##restore_steps", 100'000);
            // A stroke along the middle, in one fast move.
            context->MouseMoveToPos(at(1.5f, 6));
            context->MouseDown(0);
            context->MouseMoveToPos(at(10.5f, 6));
            context->MouseUp(0);
            stage.show(context, "restore");
            context->ItemClick("###restore_start");
            const auto* start = stage.last<lab::StartRestoration>();
            IM_CHECK(start != nullptr && start->hidden.size() == 144u);
            const std::vector<std::uint8_t> hidden = start->hidden;
            for (int x = 1; x < 11; ++x)
                IM_CHECK(hidden[static_cast<std::size_t>(6 * 12 + x)] == 1);
            IM_CHECK(hidden[0] == 0 && hidden[143] == 0);
            stage.wait(context, "steps",
                       [](const lab::Snapshot& s) { return s.restoration && s.restoration->step > 5; });
            context->ItemClick("###restore_pause");
            stage.wait(context, "a pause",
                       [](const lab::Snapshot& s) { return s.restoration && s.restoration->paused; });
            const auto view = stage.now().restoration;
            IM_CHECK_EQ(view->error.size(), 4u);
            bool moved = false, kept = true;
            for (std::size_t i = 0; i < view->pixels.size(); ++i)
                if (hidden[i % 144])
                    moved = moved || view->pixels[i] != view->damaged[i];
                else
                    kept = kept && view->pixels[i] == view->original[i % 144];
            IM_CHECK(moved && kept);
            context->Yield(2);
            const std::string words = stage.words(context);
            for (const char* word :
                 {"Original", "Damaged", "Restored 4", "error", "Paused: step", "of the hidden pixels"})
                IM_CHECK(words.find(word) != std::string::npos);
            context->ItemClick("###restore_clear");
            stage.wait(context, "nothing", [](const lab::Snapshot& s) { return s.restoration == nullptr; });
            // The right button shows pixels again.
            stage.enter(context, "restore", "pictures");
            context->MouseMoveToPos(at(6, 6));
            context->MouseDown(1);
            context->MouseUp(1);
            stage.show(context, "restore");
            context->ItemClick("###restore_start");
            const auto* again = stage.last<lab::StartRestoration>();
            IM_CHECK(again->hidden[6 * 12 + 6] == 0 && again->hidden[6 * 12 + 1] == 1);
            close("restore");
        });

    stage.test("picture", "noise, quick choices, and the picture's own class",
               [&stage, open, close, chosen](ImGuiTestContext* context) {
                   open(context, small_image_classes(), "restore");
                   stage.wait(context, "a held-out picture", chosen);
                   // The rows move once when the first restoration has something to say.
                   const auto restores = [&](std::int64_t pixels) {
                       stage.wait(context, "a restoration", [pixels](const lab::Snapshot& s) {
                           return s.restoration && s.restoration->step > 0 &&
                                  std::ranges::count(s.restoration->settings.hidden, 1) == pixels;
                       });
                       context->Yield(4);
                   };
                   context->ItemClick("###restore_square");
                   context->ItemClick("###restore_start");
                   restores(36);
                   const auto* start = stage.last<lab::StartRestoration>();
                   IM_CHECK_EQ(std::ranges::count(start->hidden, 1), 36);
                   IM_CHECK_EQ(start->of_class, stage.now().picture->label);
                   context->ItemClick("###restore_half");
                   context->ItemClick("##restore_class/As asked for");
                   context->ItemClick("###restore_start");
                   restores(72);
                   start = stage.last<lab::StartRestoration>();
                   IM_CHECK_EQ(std::ranges::count(start->hidden, 1), 72);
                   IM_CHECK_EQ(start->of_class, -1);
                   context->ItemClick("##restore_class/Its class");
                   context->ItemClick("##restore_damage/Add noise");
                   context->ItemClick("###restore_start");
                   IM_CHECK(stage.newest<lab::StartRestoration>().hidden.empty());
                   stage.wait(context, "denoising", [](const lab::Snapshot& s) {
                       return s.restoration && s.restoration->settings.hidden.empty() &&
                              s.restoration->step > 0;
                   });
                   IM_CHECK_EQ(stage.now().restoration->labels.size(), 4u);
                   // Another picture begins without a restoration.
                   const std::int64_t before = stage.now().picture->choice.index;
                   context->ItemClick("###picture_next");
                   stage.wait(context, "the next picture", [before](const lab::Snapshot& s) {
                       return s.picture && s.picture->choice.index == before + 1 && !s.restoration;
                   });
                   context->ItemClick("##restore_damage/Hide pixels");
                   close("restore");
               });

    stage.test(
        "picture", "the nearest training pictures of a chain, beside what held-out pictures have",
        [&stage, open, close](ImGuiTestContext* context) {
            open(context, small_images(), "nearest");
            stage.wait(context, "neighbours of a held-out picture",
                       [](const lab::Snapshot& s) { return s.nearest && s.nearest->held_out_done >= 1; });
            stage.trace(context, 3, 2);
            stage.show(context, "nearest");
            context->ItemClick("###picture_chain");
            stage.wait(context, "neighbours of the chain", [](const lab::Snapshot& s) {
                return s.picture && s.picture->choice.source == lab::PictureSource::chain && s.nearest;
            });
            IM_CHECK_EQ(stage.now().picture->choice.index, 3);
            const auto view = stage.now().nearest;
            IM_CHECK_EQ(view->records.size(), 8u);
            IM_CHECK(std::ranges::is_sorted(view->distances));
            context->Yield(3);
            const std::string words = stage.words(context);
            for (const char* word :
                 {"This picture", "training ", " away", "Held-out pictures (", "Chain 3 as of step"})
                IM_CHECK(words.find(word) != std::string::npos);
            context->Yield(20);
            IM_CHECK(stage.now().nearest == view); // not computed each frame
            stage.wait(context, "its scores", [](const lab::Snapshot& s) {
                return s.picture_scores && s.picture_scores->done >= 1 &&
                       s.picture_scores->picture == s.picture->number;
            });
            const std::string scores = stage.words(context);
            for (const char* word : {"By every score", "Recovery", " %", "Not of this model: ", "log p"})
                IM_CHECK(scores.find(word) != std::string::npos);
            close("nearest");
        });

    stage.test("picture", "a scene of the plane says why there is nothing to restore",
               [&stage, open, close](ImGuiTestContext* context) {
                   for (const char* panel : {"restore", "nearest"}) {
                       open(context, small_plane(), panel);
                       context->Yield(2);
                       IM_CHECK(stage.words(context).find("not pictures") != std::string::npos);
                       close(panel);
                   }
                   IM_CHECK_EQ(stage.count<lab::ChoosePicture>(), 0);
               });

    stage.test("scores", "training and held-out data are compared in words",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context);
                   stage.show(context, "histograms");
                   stage.wait(context, "an overlap",
                              [](const lab::Snapshot& s) { return s.scores && s.scores->overlap; });
                   IM_CHECK(stage.now().scores->overlap->share > 0.5);
                   if (context->ItemExists("view/Table")) context->ItemClick("view/Table");
                   context->Yield(3);
                   const std::string words = stage.words(context);
                   if (context->ItemExists("view/Histogram")) context->ItemClick("view/Histogram");
                   IM_CHECK(words.find("Training and held-out data overlap by") != std::string::npos);
               });
}

static const bool added_picture = add_tests(add_picture_tests);

} // namespace ebm::test
