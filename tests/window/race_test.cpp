#include "tests/window/stage.h"

#include <cmath>

/// The race of samplers and the temperature, on a real engine.
namespace ebm::test {

static void add_race_tests(Stage& stage) {
    stage.test("race", "it is opened from Sampler, started, read, paused and cleared",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.show(context, "sampler");
                   context->ItemClick("###race_samplers");
                   context->Yield(4);
                   IM_CHECK(stage.shell->is_open("race"));
                   stage.show(context, "race");
                   IM_CHECK(!context->ItemExists("###race_pause"));
                   context->ItemClick("###race_start");
                   stage.wait(context, "draws that count", [](const lab::Snapshot& s) {
                       return s.race && s.race->lanes.size() == 4 && s.race->lanes.back().draws > 20 &&
                              std::isfinite(s.race->lanes.front().effective_samples);
                   });
                   context->Yield(2);
                   context->ItemClick("###race_pause");
                   stage.wait(context, "a pause",
                              [](const lab::Snapshot& s) { return s.race && s.race->paused; });
                   const std::string words = stage.words(context);
                   for (const char* word : {"Langevin", "MALA", "HMC", "Tempering", "T = 1", "Paused"})
                       IM_CHECK(words.find(word) != std::string::npos);
                   // Two wells: the shares are known.
                   IM_CHECK_EQ(stage.now().race->mode_shares.size(), 2u);
                   context->ItemClick("###race_reset");
                   stage.wait(context, "no race", [](const lab::Snapshot& s) { return !s.race; });
                   stage.shell->preferences().open_panels["race"] = false;
               });

    stage.test("race", "who is not ticked stays away, and nothing moves while the panel is not shown",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.shell->open_panel("race");
                   context->Yield(4);
                   stage.show(context, "race");
                   context->ItemUncheck("**/langevin/##on");
                   context->ItemUncheck("**/tempering/##on");
                   context->ItemClick("###race_start");
                   const auto* start = stage.last<lab::StartRace>();
                   IM_CHECK(start != nullptr && start->runners.size() == 2);
                   stage.wait(context, "a draw", [](const lab::Snapshot& s) {
                       return s.race && s.race->lanes.size() == 2 && s.race->lanes[0].gradients > 5;
                   });
                   stage.show(context, "landscape");
                   context->Yield(10);
                   stage.session->wait();
                   context->Yield(4);
                   const std::int64_t held = stage.now().race->lanes[0].gradients;
                   context->Yield(20);
                   IM_CHECK_EQ(stage.now().race->lanes[0].gradients, held);
                   stage.show(context, "race");
                   context->ItemCheck("**/langevin/##on");
                   context->ItemCheck("**/tempering/##on");
                   context->ItemClick("###race_reset");
                   stage.shell->preferences().open_panels["race"] = false;
               });

    stage.test("sampler", "the temperature is a row, and the density that is shown says which one it has",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.send(lab::ChangeSetting{"view.field", "density"});
                   stage.send(lab::ChangeSetting{"sampler.temperature", "2"});
                   stage.wait(context, "the density at T = 2", [](const lab::Snapshot& s) {
                       return s.field && s.field->temperature == 2 && s.reading.temperature > 1.99;
                   });
                   stage.send(lab::ChangeSetting{"view.field", "energy"});
                   stage.send(lab::ChangeSetting{"sampler.temperature", "1"});
               });
}

static const bool added = add_tests(add_race_tests);

} // namespace ebm::test
