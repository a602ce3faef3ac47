#include "tests/window/stage.h"

#include <cmath>

/// log Z estimated in the window, on a real engine.
namespace ebm::test {

static void add_partition_tests(Stage& stage) {
    stage.test(
        "partition", "log Z is estimated beside its exact value, paused, copied and cleared",
        [&stage](ImGuiTestContext* context) {
            stage.open(context, small_analytic());
            stage.show(context, "partition");
            IM_CHECK(stage.words(context).find("Annealed importance sampling estimates it") !=
                     std::string::npos);
            IM_CHECK(stage.words(context).find(
                         "64 chains × 1000 levels × 10 leapfrogs = 640\u2009000 gradients") !=
                     std::string::npos);
            context->ItemInputValue("##levels", 100);
            context->Yield(2);
            IM_CHECK(stage.words(context).find("= 64\u2009000 gradients") != std::string::npos);
            context->ItemClick("###partition_start");
            const auto* start = stage.last<lab::StartPartition>();
            IM_CHECK(start != nullptr && start->levels == 100 && start->temperature == 0);
            stage.wait(context, "a level that counts", [](const lab::Snapshot& s) {
                return s.partition && s.partition->phase == measure::AnnealPhase::forward;
            });
            context->ItemClick("###partition_pause");
            stage.wait(context, "a pause, or the end",
                       [](const lab::Snapshot& s) { return s.partition->paused || s.partition->done; });
            if (context->ItemExists("###partition_pause")) context->ItemClick("###partition_pause");
            stage.wait(context, "the end", [](const lab::Snapshot& s) { return s.partition->done; });
            context->Yield(3);
            const lab::PartitionView view = *stage.now().partition;
            IM_CHECK_LT(std::abs(view.found->log_z - view.exact.back().log_z), 0.3);
            IM_CHECK(view.found->reverse.has_value());
            IM_CHECK_LT(std::abs(view.found->reverse->log_z - view.exact.back().log_z), 0.3);
            const std::string words = stage.words(context);
            for (const char* word : {"Finished", "95 % interval", "Back from exact samples: log Z =",
                                     "By quadrature", "of 64 chains", "T = 1"})
                IM_CHECK(words.find(word) != std::string::npos);
            choose_of_plot(context, "##path", "Copy numbers");
            const std::string copied = ImGui::GetClipboardText();
            IM_CHECK(copied.starts_with("line\tbeta\tlog Z (nat)\nestimate\t0\t"));
            IM_CHECK(copied.find("\nquadrature\t1\t") != std::string::npos);
            choose_of_plot(context, "##weights", "Copy numbers");
            IM_CHECK(std::string(ImGui::GetClipboardText()).starts_with("beta\teffective chains\n0\t64\n"));
            context->ItemClick("###partition_end");
            stage.wait(context, "nothing", [](const lab::Snapshot& s) { return !s.partition; });
            stage.shell->preferences().open_panels["partition"] = false;
        });

    stage.test("partition", "pictures move from noise, and held-out pictures have bits",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_images());
                   stage.show(context, "partition");
                   context->ItemInputValue("##levels", 4);
                   context->ItemInputValue("##leapfrogs", 1);
                   context->ItemClick("###partition_start");
                   stage.wait(context, "the end",
                              [](const lab::Snapshot& s) { return s.partition && s.partition->done; });
                   context->Yield(3);
                   IM_CHECK_GT(stage.now().partition->shown, 0);
                   const std::string words = stage.words(context);
                   IM_CHECK(words.find("bits/dim") != std::string::npos);
                   IM_CHECK(words.find("By quadrature") == std::string::npos);
                   IM_CHECK(words.find("Back from exact samples") == std::string::npos); // there are none
                   context->ItemClick("###partition_end");
                   stage.shell->preferences().open_panels["partition"] = false;
               });

    stage.test("partition", "of a normalised model log Z is 0, and −E is log p or a bound of it",
               [&stage](ImGuiTestContext* context) {
                   for (const char* energy : {"flow", "vae"}) {
                       lab::Scene scene = small_plane();
                       scene.name = energy;
                       scene.title = energy;
                       scene.settings.model.energy = energy;
                       scene.settings.model.flow_steps = 2;
                       stage.show(context, "landscape"); // `open` waits for what is shown
                       stage.open(context, scene);
                       stage.train(context);
                       stage.show(context, "partition");
                       const std::string words = stage.words(context);
                       const bool bound = scene.settings.model.energy == "vae";
                       IM_CHECK(words.find("its log Z is 0") != std::string::npos);
                       IM_CHECK_EQ(words.find("and −E is its log p") == std::string::npos, bound);
                       IM_CHECK_EQ(words.find("a lower bound of its log p: by importance sampling") !=
                                       std::string::npos,
                                   bound);
                   }
                   stage.shell->preferences().open_panels["partition"] = false;
               });
}

static const bool added_partition = add_tests(add_partition_tests);

} // namespace ebm::test
