#include "tests/window/stage.h"

namespace ebm::test {

namespace {

lab::Scene flow(lab::Scene scene) {
    scene.settings.model.energy = "flow";
    scene.settings.model.flow_steps = 2;
    scene.settings.model.flow_levels = 1;
    return scene;
}

bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

} // namespace

static void add_density_tests(Stage& stage) {
    const auto open = [&stage](ImGuiTestContext* context, const lab::Scene& scene, const char* panel) {
        stage.open(context, scene);
        stage.train(context);
        stage.show(context, panel);
        stage.sent.clear();
    };

    stage.test("density", "of a flow the buffer says why there is none",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, flow(small_plane()), "replay_buffer");
                   IM_CHECK(stage.now().density());
                   IM_CHECK(has(stage.words(context), "there are no negatives to keep"));
                   stage.show(context, "sampler");
                   IM_CHECK(!has(stage.words(context), "Replay buffer"));
               });

    stage.test("density", "chains start from what the flow draws", [&stage, open](ImGuiTestContext* context) {
        for (const lab::Scene& scene : {flow(small_plane()), flow(small_images())}) {
            stage.show(context, "landscape"); // what is hidden is not computed, and `open` waits for it
            open(context, scene, "samples");
            const std::vector<float> before = stage.now().chains.energy;
            context->ComboClick("##start/model");
            context->ItemClick("Restart all");
            const auto* restart = stage.last<lab::RestartChains>();
            IM_CHECK(restart != nullptr);
            IM_CHECK(restart->start == lab::ChainStart::model);
            stage.wait(context, "other chains",
                       [&](const lab::Snapshot& s) { return s.chains.energy != before; });
            IM_CHECK(!stage.now().problem.has_value());
            context->ComboClick("##start/noise");
        }
    });

    stage.test("density", "an energy that is not normalised draws no samples",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_plane(), "samples");
                   stage.send(lab::RestartChains{lab::ChainStart::model, {}, {}});
                   stage.wait(context, "a problem", [](const lab::Snapshot& s) {
                       return s.problem && has(s.problem->text, "draws no samples without chains");
                   });
               });

    stage.test("density", "pictures have bits per dimension", [&stage, open](ImGuiTestContext* context) {
        open(context, flow(small_images()), "energies");
        const auto log = stage.now().records;
        IM_CHECK(log && log->size() > 0);
        IM_CHECK((*log)[0].bits_per_dimension > 1);
        stage.show(context, "health");
        stage.wait(context, "the verdict", [](const lab::Snapshot& s) {
            return s.health && s.health->numbers.size() > 1 && has(s.health->numbers[1].first, "bits per");
        });
        context->Yield(2);
        IM_CHECK(has(stage.words(context), "bits per dimension"));
    });
}

const bool added_density = add_tests(add_density_tests);

} // namespace ebm::test
