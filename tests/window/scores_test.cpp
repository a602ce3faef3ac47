#include "tests/window/stage.h"

#include <imgui_internal.h>

/// By what the model is asked whether it knows a sample.
namespace ebm::test {

static void add_scores_tests(Stage& stage) {
    const auto open = [&stage](ImGuiTestContext* context, const lab::Scene& scene) {
        stage.open(context, scene);
        stage.train(context);
        stage.show(context, "histograms");
        stage.wait(context, "scores",
                   [](const lab::Snapshot& s) { return s.scores && !s.scores->sets.empty(); });
        context->Yield(2);
    };

    stage.test("scores", "another score is chosen, shown with what it is and undone",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_plane());
                   stage.sent.clear();
                   IM_CHECK(stage.now().scores->energies());
                   context->ComboClick("##score/Density of states");
                   const auto* change = stage.last<lab::ChangeSetting>();
                   IM_CHECK(change != nullptr);
                   IM_CHECK_STR_EQ(change->key.c_str(), "view.score");
                   IM_CHECK_STR_EQ(change->value.c_str(), "density_of_states");
                   stage.wait(context, "density of states", [](const lab::Snapshot& s) {
                       return s.scores->score == ScoreKind::density_of_states;
                   });
                   const lab::ScoresView& scores = *stage.now().scores;
                   IM_CHECK(scores.problem.empty());
                   IM_CHECK_EQ(scores.fitted_on, 250);
                   bool ood = false;
                   for (const lab::ScoreSet& set : scores.sets)
                       if (set.meaning == lab::SetMeaning::ood) {
                           ood = true;
                           IM_CHECK(set.auroc_low <= set.auroc && set.auroc <= set.auroc_high);
                       }
                   IM_CHECK(ood);
                   context->ItemClick("view/ROC"); // the words below the curves, which the table has too
                   context->Yield(2);
                   const std::string words = stage.words(context);
                   context->ItemClick("view/Histogram");
                   IM_CHECK(words.find("score = Density of states") != std::string::npos);
                   IM_CHECK(words.find("fitted on 250 others") != std::string::npos);
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   stage.wait(context, "−E again",
                              [](const lab::Snapshot& s) { return s.scores->energies(); });
               });

    stage.test("scores", "a score that the model cannot give cannot be chosen, and one asked for says why",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_plane());
                   context->ItemClick("##score");
                   context->Yield(2);
                   IM_CHECK(context->ItemInfo("//$FOCUSED/Class probability").ItemFlags &
                            ImGuiItemFlags_Disabled);
                   IM_CHECK(!(context->ItemInfo("//$FOCUSED/Recovery").ItemFlags & ImGuiItemFlags_Disabled));
                   context->PopupCloseAll();
                   stage.send(lab::ChangeSetting{"view.score", "class_probability"});
                   stage.wait(context, "the reason",
                              [](const lab::Snapshot& s) { return !s.scores->problem.empty(); });
                   context->Yield(2);
                   IM_CHECK(stage.words(context).find("has no classes") != std::string::npos);
                   context->ComboClick("##score/Recovery"); // the way out is on the screen
                   stage.wait(context, "recovery", [](const lab::Snapshot& s) {
                       return s.scores->score == ScoreKind::recovery && s.scores->problem.empty();
                   });
               });

    stage.test("scores", "the selected chain's picture says its score and its place among the held-out data",
               [&stage, open](ImGuiTestContext* context) {
                   open(context, small_images());
                   context->ComboClick("##score/Approximate mass");
                   stage.trace(context, 2, 3);
                   stage.show(context, "histograms");
                   stage.wait(context, "mass of the chains", [](const lab::Snapshot& s) {
                       return s.scores->score == ScoreKind::mass && s.scores->chain_values.size() > 2;
                   });
                   context->Yield(2);
                   const std::string words = stage.words(context);
                   IM_CHECK(words.find("Chain 2 as last scored") != std::string::npos);
                   IM_CHECK(words.find("of: Held-out data") != std::string::npos);
               });
}

static const bool added_scores = add_tests(add_scores_tests);

} // namespace ebm::test
