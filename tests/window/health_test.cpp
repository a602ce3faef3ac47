#include "tests/unit/lab/small_scene.h"
#include "tests/window/stage.h"

#include <chrono>

/// The button of Health does what the sentence beside it says, and that cures.
namespace ebm::test {
namespace {

using measure::HealthLevel;

void wait_for_level(Stage& stage, ImGuiTestContext* context, HealthLevel level) {
    stage.wait(context, level == HealthLevel::good ? "a good verdict" : "a bad verdict",
               [level](const lab::Snapshot& s) { return s.health && s.health->level == level; });
    context->Yield(2);
}

void press(Stage& stage, ImGuiTestContext* context) {
    stage.sent.clear();
    context->ItemClick("###remedy");
    context->Yield(2);
}

/// Trains on data of which most lie outside the sampler's box, until Health says so.
void train_in_narrow_box(Stage& stage, ImGuiTestContext* context) {
    lab::Scene scene = small_plane();
    scene.settings.sampler.box_low = -1;
    scene.settings.sampler.box_high = 1;
    stage.open(context, scene);
    stage.show(context, "health");
    stage.train(context, 30);
    wait_for_level(stage, context, HealthLevel::attention);
}

} // namespace

static void add_health_tests(Stage& stage) {
    stage.test("health",
               "a diverging training is reset with the sampler that its remedy names, and runs well",
               [&stage](ImGuiTestContext* context) {
                   lab::Scene scene = tests::diverging_scene();
                   scene.settings.train.iterations = 100'000;
                   stage.open(context, scene, true);
                   stage.show(context, "health");
                   wait_for_level(stage, context, HealthLevel::failure);
                   IM_CHECK(stage.words(context).find("Set Sampler to MALA, Drift limit to 30") !=
                            std::string::npos);
                   const std::int64_t ill = stage.now().iteration;
                   press(stage, context);
                   IM_CHECK_EQ(stage.count<lab::Reset>(), 1);
                   stage.wait(context, "the new beginning", [&](const lab::Snapshot& s) {
                       return s.settings.sampler.kind == SamplerKind::mala &&
                              s.settings.sampler.drift_limit == 30 && s.iteration < ill;
                   });
                   stage.wait(context, "the iterations after which it was ill", [&](const lab::Snapshot& s) {
                       return s.iteration > std::max<std::int64_t>(ill, 600);
                   });
                   wait_for_level(stage, context, HealthLevel::good);
                   stage.send(lab::Pause{});
               });

    stage.test("health", "a remedy that begins anew asks before it changes a setting",
               [&stage](ImGuiTestContext* context) {
                   train_in_narrow_box(stage, context);
                   stage.shell->set_worth_asking(0);
                   press(stage, context);
                   IM_CHECK(stage.shell->is_asking());
                   IM_CHECK(stage.sent.empty());
                   context->KeyPress(ImGuiKey_Escape);
                   context->Yield(3);
                   IM_CHECK(stage.sent.empty()); // neither a setting nor Run
                   IM_CHECK_EQ(stage.shell->settings().shown().sampler.box_high, 1.0f);
                   press(stage, context);
                   context->ItemClick("//###question/Go on without saving");
                   stage.wait(context, "the wider box", [](const lab::Snapshot& s) {
                       return s.settings.sampler.box_high > 2 && s.state == lab::State::running &&
                              s.set_aside && s.set_aside->iteration == 30;
                   });
                   stage.send(lab::Pause{});
               });

    stage.test("health", "a box that misses data is widened, and the run begins anew",
               [&stage](ImGuiTestContext* context) {
                   train_in_narrow_box(stage, context);
                   IM_CHECK(stage.words(context).find("outside the sampler's box") != std::string::npos);
                   press(stage, context);
                   stage.wait(context, "the wider box", [](const lab::Snapshot& s) {
                       return s.settings.sampler.box_high > 2 && s.settings.sampler.box_low < -2 &&
                              s.state == lab::State::running && s.iteration > 100 && s.health &&
                              s.health->sentence.find("outside") == std::string::npos;
                   });
                   stage.send(lab::Pause{});
               });

    stage.test("health", "chains that stand still, and then crawl, come right by pressing",
               [&stage](ImGuiTestContext* context) {
                   lab::Scene scene = small_analytic();
                   scene.settings.sampler.kind = SamplerKind::mala;
                   scene.settings.sampler.step_size = 50;
                   scene.settings.sampler.jump_share = 0;
                   stage.open(context, scene, true);
                   stage.show(context, "health");
                   wait_for_level(stage, context, HealthLevel::attention);
                   press(stage, context);
                   IM_CHECK_EQ(stage.count<lab::Reset>(), 0);
                   stage.wait(context, "shorter steps",
                              [](const lab::Snapshot& s) { return s.settings.sampler.step_size < 1; });
                   // This well is wide beside the steps of the plane's recipe: they crawl, and are doubled.
                   for (int presses = 0; presses < 6 && !context->IsError(); ++presses) {
                       const auto before = stage.now().settings.sampler.step_size;
                       stage.wait(context, "a verdict on these steps", [](const lab::Snapshot& s) {
                           return s.health && (s.health->level == HealthLevel::good ||
                                               s.health->sentence.find("crawl") != std::string::npos);
                       });
                       context->Yield(2);
                       if (stage.now().health->level == HealthLevel::good) break;
                       press(stage, context);
                       stage.wait(context, "longer steps", [before](const lab::Snapshot& s) {
                           return s.settings.sampler.step_size == 2 * before;
                       });
                       const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(600);
                       while (std::chrono::steady_clock::now() < end) // a reading is of the last moments
                           context->Yield();
                   }
                   wait_for_level(stage, context, HealthLevel::good);
                   stage.send(lab::Pause{});
               });
}

static const bool added_health = add_tests(add_health_tests);

} // namespace ebm::test
