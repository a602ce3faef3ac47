#include "app/panels/panels.h"
#include "tests/window/stage.h"

namespace ebm::test {

namespace {

std::vector<int> numbers(std::initializer_list<int> values) {
    return values;
}

void click_with(ImGuiTestContext* context, const char* item, ImGuiKeyChord held) {
    context->KeyDown(held);
    context->ItemClick(item);
    context->KeyUp(held);
}

} // namespace

static void add_samples_tests(Stage& stage) {
    stage.test("samples",
               "the panel of the samples' kind comes to the front when the kind is another than last",
               [&stage](ImGuiTestContext* context) {
                   // As each frame of the program does, which begins with what the session before had.
                   const auto frames = [&] {
                       panels::front_samples_of_kind(*stage.shell, stage.now());
                       context->Yield(6);
                   };
                   stage.open(context, small_plane());
                   stage.show(context, "samples");
                   stage.shell->preferences().pictures = true;
                   frames();
                   IM_CHECK(stage.shell->is_in_front("landscape"));
                   IM_CHECK(!stage.shell->preferences().pictures);
                   // Within one kind a person's own choice stays.
                   stage.show(context, "samples");
                   frames();
                   IM_CHECK(stage.shell->is_in_front("samples"));
                   stage.show(context, "landscape");
                   stage.open(context, small_images());
                   frames();
                   IM_CHECK(stage.shell->is_in_front("samples"));
                   stage.shell->preferences().pictures = false;
               });

    const auto open = [&stage](ImGuiTestContext* context, const lab::Scene& scene) {
        stage.open(context, scene);
        stage.train(context);
        stage.show(context, "samples");
        stage.sent.clear();
    };

    stage.test("samples", "the colours of energies have a key, here and in the buffer",
               [&stage, open](ImGuiTestContext* context) {
                   for (const lab::Scene& scene : {small_plane(), small_images()})
                       for (const char* panel : {"samples", "replay_buffer"}) {
                           stage.show(context, "landscape"); // what is hidden is not computed
                           open(context, scene);
                           stage.show(context, panel);
                           stage.wait(context, "energies of the data", [](const lab::Snapshot& s) {
                               return s.scores && s.scores->data_quantiles.size() == 101 && s.buffer;
                           });
                           context->Yield(2);
                           const std::string words = stage.words(context);
                           IM_CHECK(words.find("like the data") != std::string::npos ||
                                    words.find("like data") != std::string::npos);
                       }
               });

    stage.test("samples", "click selects a chain", [&stage, open](ImGuiTestContext* context) {
        open(context, small_images());
        stage.enter(context, "samples", "pictures");
        context->ItemClick("$$3/picture");
        stage.wait(context, "chain 3", [](const lab::Snapshot& s) { return s.trace && s.trace->chain == 3; });
    });

    stage.test("samples", "the laboratory makes pictures of the chains that are on screen",
               [&stage](ImGuiTestContext* context) {
                   lab::Scene scene = small_images();
                   scene.settings.sampler.chains = 200;
                   stage.open(context, scene);
                   stage.show(context, "samples");
                   context->SetRef("//###samples");
                   context->ItemInputValue("##zoom", 8);
                   const auto some = [](const lab::Snapshot& s) {
                       return !s.chains.pictured.empty() && s.chains.pictured.size() < 200 &&
                              s.chains.pixels.size() ==
                                  s.chains.pictured.size() * static_cast<std::size_t>(s.kind.elements());
                   };
                   stage.wait(context, "the first ones", [&](const lab::Snapshot& s) {
                       return some(s) && s.chains.pictured.front() == 0 && s.chains.pictured.back() < 199;
                   });
                   stage.enter(context, "samples", "pictures");
                   context->ScrollToBottom("");
                   stage.wait(context, "the last ones", [&](const lab::Snapshot& s) {
                       return some(s) && s.chains.pictured.front() > 0 && s.chains.pictured.back() == 199;
                   });
               });

    stage.test("samples", "click selects a row of the plane", [&stage, open](ImGuiTestContext* context) {
        open(context, small_plane());
        context->ItemClick("**/$$4/##row");
        stage.wait(context, "chain 4", [](const lab::Snapshot& s) { return s.trace && s.trace->chain == 4; });
    });

    stage.test("samples", "restart all from noise", [&stage, open](ImGuiTestContext* context) {
        open(context, small_images());
        context->ItemClick("Restart all");
        const auto* restart = stage.last<lab::RestartChains>();
        IM_CHECK(restart != nullptr);
        IM_CHECK(restart->start == lab::ChainStart::noise);
        IM_CHECK(restart->which.empty());
    });

    stage.test("samples", "restart selected from data", [&stage, open](ImGuiTestContext* context) {
        open(context, small_images());
        stage.enter(context, "samples", "pictures");
        context->ItemClick("$$2/picture");
        click_with(context, "$$5/picture", ImGuiMod_Ctrl);
        click_with(context, "$$7/picture", ImGuiMod_Shift);
        context->SetRef("//###samples");
        context->ComboClick("##start/data");
        context->ItemClick("**/###restart_selected");
        const auto* restart = stage.last<lab::RestartChains>();
        IM_CHECK(restart != nullptr);
        IM_CHECK(restart->start == lab::ChainStart::data);
        IM_CHECK(restart->which == numbers({5, 6, 7}));
        context->ComboClick("##start/noise");
    });

    stage.test("samples", "context menu restarts one", [&stage, open](ImGuiTestContext* context) {
        open(context, small_images());
        stage.enter(context, "samples", "pictures");
        context->ItemClick("$$9/picture", ImGuiMouseButton_Right);
        context->SetRef("//$FOCUSED");
        context->ItemClick("Restart from buffer");
        const auto* restart = stage.last<lab::RestartChains>();
        IM_CHECK(restart != nullptr);
        IM_CHECK(restart->start == lab::ChainStart::buffer);
        IM_CHECK(restart->which == numbers({9}));
    });

    stage.test("samples", "freeze", [&stage, open](ImGuiTestContext* context) {
        open(context, small_images());
        context->ItemClick("Freeze");
        stage.wait(context, "frozen chains", [](const lab::Snapshot& s) { return s.chains_frozen; });
        context->ItemClick("Freeze");
        stage.wait(context, "moving chains", [](const lab::Snapshot& s) { return !s.chains_frozen; });
    });

    stage.test("samples", "old pictures are alike: why, and chains that restart by turns",
               [&stage, open](ImGuiTestContext* context) {
                   lab::Scene scene = small_images();
                   scene.settings.train.seed = 2; // weights under which noise lies higher than the data
                   open(context, scene);
                   IM_CHECK(!context->ItemExists("**/###by turns"));
                   stage.send(lab::StepChains{2100});
                   stage.wait(context, "old chains",
                              [](const lab::Snapshot& s) { return s.chains.age[0] >= 2000; });
                   context->Yield(2);
                   IM_CHECK(stage.words(context).find("gather in few deep wells") != std::string::npos);
                   context->ItemClick("**/###by turns");
                   stage.wait(context, "a chain's life",
                              [](const lab::Snapshot& s) { return s.settings.sampler.chain_life == 600; });
                   context->Yield(2);
                   IM_CHECK(!context->ItemExists("**/###by turns"));
                   // Chains that are noise are old too, and in no well.
                   stage.send(lab::ChangeSetting{"sampler.chain_life", "0"});
                   for (const auto& [key, value] :
                        {std::pair("sampler.noise", "2"), {"sampler.temperature", "1000"}})
                       stage.send(lab::ChangeSetting{key, value});
                   stage.send(lab::StepChains{2200});
                   stage.wait(context, "old and hot chains", [](const lab::Snapshot& s) {
                       return s.chains.age[0] >= 4000 && s.settings.sampler.chain_life == 0 && s.scores &&
                              std::ranges::count_if(s.chains.energy, [&](float energy) {
                                  return energy > s.scores->data_quantiles[50];
                              }) > s.chains.count / 2;
                   });
                   context->Yield(2);
                   IM_CHECK(!context->ItemExists("**/###by turns"));
               });

    stage.test("samples", "scrub bar goes back and live again", [&stage, open](ImGuiTestContext* context) {
        open(context, small_images());
        stage.trace(context, 2, 30);
        const auto live = [&] {
            return (context->ItemInfo("**/Live").ItemFlags & ImGuiItemFlags_Disabled) != 0;
        };
        IM_CHECK(live());
        context->ItemInputValue("**/##scrub", -20);
        context->Yield(2);
        IM_CHECK(!live());
        context->ItemClick("**/Live");
        context->Yield(2);
        IM_CHECK(live());
    });

    stage.test("samples", "play runs from the first frame to now", [&stage, open](ImGuiTestContext* context) {
        open(context, small_images());
        stage.trace(context, 2, 30);
        context->ItemClick("**/###play");
        context->Yield(3);
        const auto live = [&] {
            return (context->ItemInfo("**/Live").ItemFlags & ImGuiItemFlags_Disabled) != 0;
        };
        IM_CHECK(!live());
        for (int frame = 0; frame < 400 && !live() && !context->IsError(); ++frame)
            context->Yield();
        IM_CHECK(live());
    });
}

namespace {
const bool added_samples = add_tests(add_samples_tests);
}

} // namespace ebm::test
