#include "tests/window/stage.h"

#include <algorithm>

#include <imgui_internal.h>
#include <implot.h>
#include <implot_internal.h>

/// Models with classes: what is asked for, crossing over, energies of the classes, the data page.
namespace ebm::test {
namespace {

float middle_of(ImGuiTestContext* context, const char* item) {
    return context->ItemInfo(item).RectFull.GetCenter().x;
}

/// A tick of the y axis of the plot that has `wanted` among its labels.
bool plot_names(const char* wanted) {
    ImPlotContext& plots = *ImPlot::GetCurrentContext();
    for (int i = 0; i < plots.Plots.GetMapSize(); ++i) {
        ImPlotPlot* plot = plots.Plots.TryGetMapData(i);
        if (!plot || !plot->Initialized) continue;
        ImPlotTicker& ticker = plot->YAxis(0).Ticker;
        for (const ImPlotTick& tick : ticker.Ticks)
            if (tick.ShowLabel && std::string(ticker.GetText(tick)) == wanted) return true;
    }
    return false;
}

} // namespace

static void add_classes_tests(Stage& stage) {
    const auto open = [&stage](ImGuiTestContext* context, const lab::Scene& scene, const char* panel) {
        stage.open(context, scene);
        stage.train(context);
        stage.show(context, panel);
        stage.sent.clear();
    };

    stage.test(
        "classes", "the picker above the samples asks by name", [&stage, open](ImGuiTestContext* context) {
            open(context, small_image_classes(), "samples");
            context->ComboClick("##ask/boot");
            const auto* change = stage.last<lab::ChangeSetting>();
            IM_CHECK(change != nullptr);
            IM_CHECK_STR_EQ(change->key.c_str(), "sampler.ask");
            IM_CHECK_STR_EQ(change->value.c_str(), "boot");
            stage.wait(context, "chains of boots", [](const lab::Snapshot& s) {
                return s.chains.asked_class == 1 && s.chains.labels == std::vector<std::int32_t>(12, 1);
            });
            context->ComboClick("##ask/All, in turn");
            stage.wait(context, "each in turn",
                       [](const lab::Snapshot& s) { return s.chains.asked_class == -1; });
        });

    stage.test("classes", "a scene without classes has no picker", [open](ImGuiTestContext* context) {
        open(context, small_images(), "samples");
        IM_CHECK(!context->ItemExists("##ask"));
    });

    stage.test("classes", "asked for in turn, each class has its column or row of samples",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_image_classes(), "samples");
                   const std::string words = stage.words(context);
                   for (const char* name : {"bag", "boot", "shirt"})
                       IM_CHECK(words.find(name) != std::string::npos);
                   stage.enter(context, "samples", "pictures");
                   // Chains 0, 3 and 6 are bags, 1 is a boot.
                   const ImRect bag = context->ItemInfo("$$0/picture").RectFull;
                   const ImRect other_bag = context->ItemInfo("$$3/picture").RectFull;
                   const ImRect boot = context->ItemInfo("$$1/picture").RectFull;
                   const bool column = bag.Min.x == other_bag.Min.x && boot.Min.x > bag.Min.x;
                   const bool row = bag.Min.y == other_bag.Min.y && boot.Min.y > bag.Min.y;
                   IM_CHECK(column || row);
                   // One class asked for: no groups.
                   context->SetRef("//###samples");
                   context->ComboClick("##ask/bag");
                   stage.wait(context, "bags",
                              [](const lab::Snapshot& s) { return s.chains.asked_class == 0; });
                   context->Yield(2);
                   stage.enter(context, "samples", "pictures");
                   IM_CHECK_LT(middle_of(context, "$$0/picture"), middle_of(context, "$$1/picture"));
                   IM_CHECK_LT(middle_of(context, "$$1/picture"), middle_of(context, "$$2/picture"));
               });

    stage.test("classes", "chains start from a class and keep their places when another is asked for",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_image_classes(), "samples");
                   stage.send(lab::SelectChain{2});
                   context->ItemClick("**/###start_class");
                   context->SetRef("//$FOCUSED");
                   context->ItemClick("**/boot");
                   const auto* restart = stage.last<lab::RestartChains>();
                   IM_CHECK(restart != nullptr);
                   IM_CHECK(restart->start == lab::ChainStart::data);
                   IM_CHECK_EQ(restart->of_class, 1);
                   IM_CHECK(restart->which.empty());
                   stage.wait(context, "young chains", [](const lab::Snapshot& s) {
                       return std::ranges::all_of(s.chains.age, [](int age) { return age == 0; });
                   });
                   context->SetRef("//###samples");
                   context->ComboClick("##ask/shirt");
                   stage.wait(context, "shirts",
                              [](const lab::Snapshot& s) { return s.chains.asked_class == 2; });
                   IM_CHECK(std::ranges::all_of(stage.now().chains.age, [](int age) { return age == 0; }));
                   // The strip shows the way from the boot on.
                   stage.trace(context, 2, 40);
                   IM_CHECK(context->ItemExists("**/$$0/frame"));
                   context->ItemClick("**/$$0/frame");
                   context->Yield(2);
                   IM_CHECK((context->ItemInfo("**/Live").ItemFlags & ImGuiItemFlags_Disabled) == 0);
                   context->ItemClick("**/Live");
               });

    stage.test("classes", "selected chains alone start from a class",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_image_classes(), "samples");
                   stage.enter(context, "samples", "pictures");
                   context->ItemClick("$$4/picture");
                   context->SetRef("//###samples");
                   context->ItemClick("**/###start_class");
                   context->SetRef("//$FOCUSED");
                   context->ItemClick("**/bag");
                   const auto* restart = stage.last<lab::RestartChains>();
                   IM_CHECK(restart != nullptr);
                   IM_CHECK(restart->which == std::vector<int>{4});
                   IM_CHECK_EQ(restart->of_class, 0);
               });

    stage.test("classes",
               "the selected chain has an energy under each class, named and before its first step",
               [&stage, open](ImGuiTestContext* context) {
                   for (const lab::Scene& scene : {small_image_classes(), small_plane_classes()}) {
                       open(context, scene, "chain");
                       context->ItemClick("**/Select chain 0");
                       stage.wait(context, "energies of the classes", [](const lab::Snapshot& s) {
                           return s.trace && s.trace->energy.empty() &&
                                  s.trace->class_energy.size() == s.data->classes.size();
                       });
                       context->Yield(3);
                       for (const std::string& name : stage.now().data->classes)
                           IM_CHECK(plot_names(name.c_str()));
                       stage.trace(context, 0, 20);
                       context->Yield(3);
                       for (const std::string& name : stage.now().data->classes)
                           IM_CHECK(plot_names(name.c_str()));
                   }
               });

    stage.test("classes", "points by class: a switch of the landscape, where there are classes",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_plane_classes(), "landscape");
                   const bool folded = context->ItemExists("**/layers/##button");
                   if (folded) {
                       context->ItemClick("**/layers/##button");
                       context->SetRef("//$FOCUSED");
                       IM_CHECK(context->ItemIsChecked("By class"));
                       context->ItemClick("By class");
                       IM_CHECK(!context->ItemIsChecked("By class"));
                       context->PopupCloseAll();
                   } else {
                       IM_CHECK(context->ItemExists("**/by_class/##button"));
                       context->ItemClick("**/by_class/##button");
                       context->ItemClick("**/by_class/##button");
                   }
                   stage.open(context, small_analytic());
                   stage.show(context, "landscape");
                   IM_CHECK(!context->ItemExists("**/by_class/##button"));
               });

    stage.test("classes", "accuracy is said, and the score without class can be chosen",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_plane_classes(), "histograms");
                   stage.wait(context, "scores",
                              [](const lab::Snapshot& s) { return s.scores && s.scores->classified > 0; });
                   context->Yield(2);
                   IM_CHECK(stage.words(context).find("Accuracy") != std::string::npos);
                   IM_CHECK(!stage.now().scores->minimum_over_classes);
                   context->ComboClick("##class_score/min E(x, y)");
                   stage.wait(context, "the minimum", [](const lab::Snapshot& s) {
                       return s.scores && s.scores->minimum_over_classes;
                   });
                   open(context, small_plane(), "histograms");
                   stage.wait(context, "scores", [](const lab::Snapshot& s) { return s.scores != nullptr; });
                   context->Yield(2);
                   IM_CHECK(!context->ItemExists("##class_score"));
               });

    stage.test("classes", "the buffer shows one class", [&stage, open](ImGuiTestContext* context) {
        open(context, small_image_classes(), "replay_buffer");
        stage.wait(context, "labels",
                   [](const lab::Snapshot& s) { return s.buffer && !s.buffer->labels.empty(); });
        context->Yield(4);
        context->ComboClick("##of_class/shirt");
        stage.wait(context, "shirts", [](const lab::Snapshot& s) {
            return s.buffer->query.of_class == 2 && !s.buffer->labels.empty() &&
                   std::ranges::all_of(s.buffer->labels, [](std::int64_t label) { return label == 2; });
        });
        context->ComboClick("##of_class/All classes");
        stage.wait(context, "all", [](const lab::Snapshot& s) { return s.buffer->query.of_class == -1; });
    });

    stage.test("data", "the page shows counts, values and pictures by class before training",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_image_classes());
                   IM_CHECK_EQ(stage.now().iteration, 0);
                   stage.show(context, "data");
                   const std::string words = stage.words(context);
                   for (const char* word : {"bag", "boot", "shirt", "grey", "54 training"})
                       IM_CHECK(words.find(word) != std::string::npos);
                   IM_CHECK(context->ItemExists("**/$$0/picture"));
               });

    stage.test("data", "the page names the parts of a plane set", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_plane_classes());
        stage.show(context, "data");
        IM_CHECK(stage.words(context).find("upper moon") != std::string::npos);
    });

    stage.test("data", "the page says that an analytic energy needs no data",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.show(context, "data");
                   IM_CHECK(stage.words(context).find("given by a formula") != std::string::npos);
               });

    stage.test("scene", "the model's layers are listed", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_image_classes());
        stage.show(context, "scene");
        context->ItemClick("**/###layers");
        context->Yield(2);
        const std::string words = stage.words(context);
        IM_CHECK(words.find("convolution") != std::string::npos);
        IM_CHECK(words.find("Multiply-adds are those") != std::string::npos);
    });
}

namespace {
const bool added_classes = add_tests(add_classes_tests);
}

} // namespace ebm::test
