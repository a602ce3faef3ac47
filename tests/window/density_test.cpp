#include "tests/window/stage.h"

namespace ebm::test {

namespace {

lab::Scene flow(lab::Scene scene) {
    scene.settings.model.energy = "flow";
    scene.settings.model.flow_steps = 2;
    scene.settings.model.flow_levels = 1;
    return scene;
}

/// PixelCNN++, tiny.
lab::Scene pixelcnn(lab::Scene scene) {
    scene.name = "small_pixelcnn";
    scene.settings.model.energy = "pixelcnn";
    scene.settings.model.channels = 4;
    return scene;
}

/// Whether any picture has a value above the lowest in these rows.
bool drawn(const lab::Snapshot& s, int first_row, int last_row) {
    const lab::ChainsView& chains = s.chains;
    const auto width = static_cast<std::size_t>(s.kind.width),
               size = width * static_cast<std::size_t>(s.kind.height);
    for (std::size_t picture = 0; picture < chains.pictured.size(); ++picture)
        for (auto row = static_cast<std::size_t>(first_row); row <= static_cast<std::size_t>(last_row); ++row)
            for (std::size_t x = 0; x < width; ++x)
                if (chains.pixels[picture * size + row * width + x] > 0) return true;
    return false;
}

/// The first rows of every picture.
std::vector<std::uint8_t> top(const lab::Snapshot& s, int rows) {
    std::vector<std::uint8_t> values;
    const auto width = static_cast<std::size_t>(s.kind.width),
               size = width * static_cast<std::size_t>(s.kind.height);
    for (std::size_t first = 0; first + size <= s.chains.pixels.size(); first += size)
        for (std::size_t i = 0; i < width * static_cast<std::size_t>(rows); ++i)
            values.push_back(s.chains.pixels[first + i]);
    return values;
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
                   // Its rows, not the words: where there is room the buffer's tab has them.
                   IM_CHECK(!context->ItemExists("**/##buffer.size"));
                   stage.show(context, "landscape"); // what is hidden is not computed
                   stage.open(context, small_plane());
                   stage.show(context, "sampler");
                   IM_CHECK(context->ItemExists("**/##buffer.size"));
               });

    stage.test("density", "score matching has its own curves, no buffer and no Algorithm 1",
               [&stage, open](ImGuiTestContext* context) {
                   lab::Scene scene = small_plane();
                   scene.settings.train.method = Method::score_matching;
                   open(context, scene, "replay_buffer");
                   IM_CHECK(stage.now().learning() == Learning::score_matching);
                   IM_CHECK(has(stage.words(context), "Score matching learns from data and noise alone"));
                   stage.show(context, "algorithm");
                   IM_CHECK(has(stage.words(context), "no Algorithm 1 to follow"));
                   stage.show(context, "energies");
                   stage.show(context, "health");
                   stage.wait(context, "the verdict", [](const lab::Snapshot& s) {
                       return s.health && !s.health->numbers.empty() &&
                              has(s.health->numbers[0].first, "noise not found");
                   });
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

    stage.test(
        "density", "PixelCNN++ draws pixel by pixel while one watches, and is done when it is paused",
        [&stage, open](ImGuiTestContext* context) {
            open(context, pixelcnn(small_images()), "samples");
            const int last = stage.now().kind.height - 1;
            context->ComboClick("##start/model");
            stage.send(lab::FreezeModel{true});
            lab::SetPace slow;
            slow.speed = lab::Speed::slow;
            slow.steps_per_second = 60; // a pixel of every picture at a time
            stage.send(slow);
            stage.send(lab::Run{});
            context->ItemClick("Restart all");
            stage.wait(context, "the second row, and none of the last", [&](const lab::Snapshot& s) {
                return s.chains.start == lab::ChainStart::model && drawn(s, 1, 1) && !drawn(s, last, last);
            });
            const std::vector<std::uint8_t> begun = top(stage.now(), 1);
            stage.wait(context, "the fourth row, and none of the last",
                       [&](const lab::Snapshot& s) { return drawn(s, 3, 3) && !drawn(s, last, last); });
            IM_CHECK(top(stage.now(), 1) == begun); // what is drawn stays
            // At rest nothing has to be waited for.
            stage.send(lab::Pause{});
            stage.wait(context, "the last row", [&](const lab::Snapshot& s) { return drawn(s, last, last); });
            IM_CHECK(top(stage.now(), 1) == begun);
            IM_CHECK(!stage.now().problem.has_value());
            // A step of a chain that begins there moves it, so the drawing is over.
            const std::int64_t steps = stage.now().chain_steps;
            stage.send(lab::StepChains{});
            stage.wait(context, "a step", [&](const lab::Snapshot& s) { return s.chain_steps > steps; });
            stage.send(lab::FreezeModel{false});
            stage.send(lab::SetPace{});
            context->ComboClick("##start/noise");
        });
}

const bool added_density = add_tests(add_density_tests);

} // namespace ebm::test
