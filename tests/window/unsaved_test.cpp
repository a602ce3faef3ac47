#include "app/panels/unsaved.h"
#include "app/window/comparison.h"
#include "core/base/files.h"
#include "core/store/recovery.h"
#include "tests/window/stage.h"

#include <cstdlib>

/// What a person made is not lost unasked, and what is dropped asks what it is for.
namespace ebm::test {

static void add_unsaved_tests(Stage& stage) {
    const auto trained = [&stage](ImGuiTestContext* context) {
        stage.open(context, small_plane());
        stage.train(context, 5);
        stage.shell->set_worth_asking(0);
        stage.sent.clear();
    };
    const auto press_reset = [](ImGuiTestContext* context) {
        context->KeyPress(ImGuiKey_R);
        context->Yield(4);
    };

    stage.test("unsaved", "a reset asks, and Escape leaves everything as it is",
               [&stage, trained, press_reset](ImGuiTestContext* context) {
                   trained(context);
                   press_reset(context);
                   IM_CHECK(stage.shell->is_asking());
                   IM_CHECK_EQ(stage.count<lab::Reset>(), 0);
                   context->KeyPress(ImGuiKey_Escape);
                   context->Yield(3);
                   IM_CHECK(!stage.shell->is_asking());
                   IM_CHECK_EQ(stage.count<lab::Reset>(), 0);
                   IM_CHECK_EQ(stage.now().iteration, 5);
               });

    stage.test("unsaved", "a question keeps the keys, and only an answer ends it",
               [&stage, trained, press_reset](ImGuiTestContext* context) {
                   trained(context);
                   press_reset(context);
                   IM_CHECK(stage.shell->is_asking());
                   const float scale = window::look().scale;
                   for (const ImGuiKey key : {ImGuiKey_I, ImGuiKey_S, ImGuiKey_R, ImGuiKey_F5}) {
                       context->KeyPress(key);
                       context->Yield(3);
                   }
                   IM_CHECK(stage.sent.empty());
                   IM_CHECK_EQ(window::look().scale, scale);
                   stage.shell->open_panel("landscape"); // takes the focus
                   context->Yield(4);
                   IM_CHECK(stage.shell->is_asking());
                   context->ItemClick("//###question/Cancel");
                   context->Yield(3);
                   IM_CHECK(!stage.shell->is_asking());
                   IM_CHECK_EQ(stage.now().iteration, 5);
               });

    stage.test("unsaved", "going on without saving resets, and the run can be brought back",
               [&stage, trained, press_reset](ImGuiTestContext* context) {
                   trained(context);
                   press_reset(context);
                   context->ItemClick("//###question/Go on without saving");
                   stage.wait(context, "the reset", [](const lab::Snapshot& s) {
                       return s.iteration == 0 && s.set_aside && s.set_aside->iteration == 5;
                   });
                   IM_CHECK_EQ(stage.count<lab::Reset>(), 1);
                   context->MenuClick("//##MainMenuBar/File/###bring_back");
                   stage.wait(context, "the run", [](const lab::Snapshot& s) { return s.iteration == 5; });
               });

    stage.test("unsaved", "a saved run is not asked about",
               [&stage, trained, press_reset](ImGuiTestContext* context) {
                   trained(context);
                   stage.send(lab::SaveCheckpoint{(stage.folder.path / "saved.safetensors").string()});
                   stage.wait(context, "the save",
                              [](const lab::Snapshot& s) { return s.unsaved_iterations == 0; });
                   press_reset(context);
                   IM_CHECK(!stage.shell->is_asking());
                   stage.wait(context, "the reset", [](const lab::Snapshot& s) { return s.iteration == 0; });
               });

    stage.test("unsaved", "whatever takes the place of a run asks first",
               [&stage, trained](ImGuiTestContext* context) {
                   const auto points = stage.folder.path / "taken.csv",
                              saved = stage.folder.path / "other.safetensors";
                   files::write_atomically(points, std::string_view("a,b\n0,0\n1,1\n2,2\n-1,0.5\n"));
                   stage.open(context, small_plane());
                   stage.train(context, 2);
                   stage.send(lab::SaveCheckpoint{saved.string()});
                   const auto without = "//###question/Go on without saving";
                   const std::pair<const char*, std::function<void()>> ways[] = {
                       {"the key of a scene", [&] { context->KeyPress(ImGuiKey_2); }},
                       {"a setting that makes another model",
                        [&] {
                            stage.shell->settings().change(setting("model.width"), "12");
                            stage.shell->settings().release();
                        }},
                       {"a dropped checkpoint", [&] { stage.shell->open_path(saved.string()); }},
                       {"points to learn from",
                        [&] {
                            const auto learn = "//###question/Data to learn from, in a new scene";
                            stage.shell->open_path(points.string());
                            stage.wait(context, "the use of the file",
                                       [&](const lab::Snapshot&) { return context->ItemExists(learn); });
                            context->ItemClick(learn);
                        }},
                   };
                   for (const auto& [name, take] : ways) {
                       trained(context);
                       take();
                       stage.wait(context, name,
                                  [&](const lab::Snapshot&) { return context->ItemExists(without); });
                       for (const lab::Command& command : stage.sent)
                           IM_CHECK(!lab::discards_training(command));
                       context->KeyPress(ImGuiKey_Escape);
                       context->Yield(4);
                       IM_CHECK(!stage.shell->is_asking());
                       IM_CHECK_EQ(stage.now().iteration, 5);
                   }
               });

    stage.test("unsaved", "quitting asks first", [&stage, trained](ImGuiTestContext* context) {
        trained(context);
        context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Q);
        context->Yield(4);
        IM_CHECK(!stage.shell->wants_close());
        IM_CHECK(stage.shell->is_asking());
        context->ItemClick("//###question/Cancel");
        context->Yield(3);
        IM_CHECK(!stage.shell->wants_close());
        IM_CHECK(!stage.shell->is_asking());
    });

    stage.test("unsaved", "dropped points become an OOD set, chains or a scene, as the answer says",
               [&stage](ImGuiTestContext* context) {
                   const auto path = stage.folder.path / "mine.csv";
                   files::write_atomically(path, std::string_view("a,b\n0,0\n1,1\n2,2\n-1,0.5\n"));
                   stage.open(context, small_plane());
                   const auto drop = [&](const char* answer) {
                       stage.sent.clear();
                       stage.shell->open_path(path.string());
                       stage.wait(context, "the question", [&](const lab::Snapshot&) {
                           return context->ItemExists((std::string("//###question/") + answer).c_str());
                       });
                       IM_CHECK(stage.sent.empty() || !stage.last<lab::OpenScene>());
                       context->ItemClick((std::string("//###question/") + answer).c_str());
                       context->Yield(3);
                   };
                   drop("An out-of-distribution set: compare its energies with the data's");
                   IM_CHECK(stage.last<lab::AddOodSet>() != nullptr);
                   drop("Start of the live chains");
                   IM_CHECK(stage.last<lab::RestartChains>() != nullptr);
                   stage.wait(context, "chains at the points", [](const lab::Snapshot& s) {
                       return s.chains.positions.size() > 3 && s.chains.positions[2] == 1;
                   });
                   drop("Data to learn from, in a new scene");
                   stage.wait(context, "the scene of the file",
                              [](const lab::Snapshot& s) { return s.scene.settings.data.set == "points"; });
               });

    stage.test("unsaved",
               "of a table with names and many columns a person chooses the points and the classes",
               [&stage](ImGuiTestContext* context) {
                   const auto path = stage.folder.path / "people.csv";
                   files::write_atomically(path, std::string_view("name,height,weight,sex,age\n"
                                                                  "\"P, 0\",150,50,f,20\nQ,160,60,m,30\n"
                                                                  "R,170,71,f,41\nS,180,82,m,52\n"));
                   stage.open(context, small_plane());
                   const auto learn = "//###question/Data to learn from, in a new scene";
                   const auto choose = [&](const char* combo, int column) {
                       context->ItemClick((std::string("//###question/") + combo).c_str());
                       context->ItemClick(("//$FOCUSED/###column" + std::to_string(column)).c_str());
                       context->Yield(2);
                   };
                   stage.shell->open_path(path.string());
                   stage.wait(context, "the question",
                              [&](const lab::Snapshot&) { return context->ItemExists(learn); });
                   context->ItemClick("//###question/##column x");
                   context->KeyPress(ImGuiKey_Escape); // closes the list alone
                   context->Yield(2);
                   IM_CHECK(stage.shell->is_asking());
                   choose("##column x", 2); // weight, as y is
                   IM_CHECK(context->ItemInfo(learn).ItemFlags & ImGuiItemFlags_Disabled);
                   choose("##column y", 4);
                   choose("##column Classes", 3);
                   context->ItemClick(learn);
                   stage.wait(context, "the scene of the file", [](const lab::Snapshot& s) {
                       return s.scene.settings.data.columns == "weight,age" && s.task.empty() && s.data;
                   });
                   IM_CHECK_EQ(stage.now().settings.data.labels, "sex");
                   IM_CHECK_EQ(stage.now().data->classes.size(), size_t{2});

                   // Columns that the model learned are proposed; where the file has none of them, the first
                   // of numbers.
                   const auto ood_columns = [&] {
                       stage.shell->open_path(path.string());
                       stage.wait(context, "the question",
                                  [&](const lab::Snapshot&) { return context->ItemExists(learn); });
                       context->ItemClick(
                           "//###question/An out-of-distribution set: compare its energies with the data's");
                       context->Yield(3);
                       return stage.last<lab::AddOodSet>() ? stage.last<lab::AddOodSet>()->columns : "none";
                   };
                   IM_CHECK_EQ(ood_columns(), "weight,age");
                   stage.open(context, small_plane());
                   IM_CHECK_EQ(ood_columns(), "height,weight");
               });

    stage.test("unsaved", "data of one's own are asked for where the settings choose them",
               [&stage](ImGuiTestContext* context) {
                   const auto path = stage.folder.path / "own.csv";
                   files::write_atomically(path, std::string_view("a,b\n0,0\n1,1\n2,2\n-1,0.5\n"));
                   stage.open(context, small_plane());
                   stage.sent.clear();
                   stage.shell->settings().change(setting("data.set"), "points");
                   context->Yield(4);
                   IM_CHECK(stage.shell->dialogs().is_open());
                   IM_CHECK(stage.last<lab::ChangeSetting>() == nullptr);
                   context->KeyPress(ImGuiKey_Escape);
                   context->Yield(2);
                   stage.shell->settings().change(setting("data.set"), "pictures");
                   context->Yield(4);
                   context->ItemClick("//###question/In a folder…");
                   context->Yield(4);
                   IM_CHECK(stage.shell->dialogs().is_open());
                   context->ItemClick("//###file_dialog/###accept"); // this folder, which holds no pictures
                   stage.wait(context, "the sentence",
                              [&](const lab::Snapshot&) { return !stage.shell->notice().text.empty(); });
                   IM_CHECK(stage.last<lab::ChangeSetting>() == nullptr);
               });

    stage.test("unsaved", "a dropped file that is nothing is named as what it is",
               [&stage](ImGuiTestContext* context) {
                   const auto path = stage.folder.path / "paper.csv";
                   files::write_atomically(path, std::string_view("%PDF-1.4\n1 0 obj\n"));
                   stage.open(context, small_plane());
                   stage.shell->open_path(path.string());
                   stage.wait(context, "the sentence", [&](const lab::Snapshot&) {
                       return stage.shell->notice().text.find("PDF") != std::string::npos;
                   });
                   IM_CHECK(!stage.shell->is_asking());
               });

    stage.test(
        "unsaved", "both runs of a program that ended too early are offered, one after the other",
        [&stage](ImGuiTestContext* context) {
            const std::string before = std::getenv("XDG_STATE_HOME") ? std::getenv("XDG_STATE_HOME") : "";
            ::setenv("XDG_STATE_HOME", (stage.folder.path / "state").c_str(), 1);
            const std::filesystem::path folder = store::recovery::folder();
            std::filesystem::create_directories(folder);
            stage.open(context, small_plane());
            stage.train(context, 4);
            window::Context now{stage.now(), [&](lab::Command command) { stage.send(std::move(command)); },
                                *stage.shell, stage.shell->settings(), nullptr};
            // So little, milliseconds, is not offered.
            stage.shell->set_worth_asking(20);
            stage.send(lab::SaveCopy{(folder / "short.safetensors").string()});
            stage.session->wait();
            IM_CHECK_EQ(store::recovery::left_behind().size(), 1u);
            panels::offer_recovery(now);
            context->Yield(3);
            IM_CHECK(!stage.shell->is_asking());
            IM_CHECK(store::recovery::left_behind().empty());
            stage.shell->set_worth_asking(0);
            stage.send(lab::SaveCopy{(folder / "killed.safetensors").string()});
            stage.train(context, 3);
            stage.send(lab::SaveCopy{(folder / "killed_b.safetensors").string()});
            stage.session->wait();
            stage.open(context, small_analytic());
            panels::offer_recovery(now);
            context->Yield(3);
            IM_CHECK(stage.words(context).find("Run B, which was compared with it") != std::string::npos);
            IM_CHECK(stage.words(context).find("\u201cSmall plane\u201d, iteration 4,") != std::string::npos);
            // A question is not lost to the palette.
            stage.shell->open_palette();
            context->Yield(3);
            IM_CHECK(stage.shell->is_asking());
            const std::int64_t problems = stage.now().problems;
            context->ItemClick("//###question/Recover it");
            stage.wait(context, "run A, which waits for run B", [](const lab::Snapshot& a) {
                return a.iteration >= 4 && a.state == lab::State::paused;
            });
            const std::int64_t paused_at = stage.now().iteration;
            IM_CHECK(stage.words(context).find("It was run B of two") != std::string::npos);
            context->ItemClick("//###question/Recover it as run B");
            stage.wait(context, "run B", [&](const lab::Snapshot&) {
                return stage.shell->comparison() && stage.shell->comparison()->is_copied() &&
                       stage.shell->comparison()->b().iteration >= 7;
            });
            context->Yield(4);
            IM_CHECK(!stage.shell->is_asking());
            IM_CHECK(stage.shell->comparison()->b().unsaved_iterations >= 7); // nobody saved it
            IM_CHECK(stage.shell->comparison()->b().state == lab::State::paused);
            IM_CHECK_EQ(stage.now().iteration, paused_at);
            IM_CHECK_EQ(stage.now().problems, problems);
            IM_CHECK(stage.shell->is_open("b_landscape"));
            // Declined, they are gone.
            stage.shell->end_comparison();
            context->Yield(3);
            panels::offer_recovery(now);
            context->Yield(3);
            // Deleting is asked twice, and can be thought better of.
            context->ItemClick("//###question/Delete it\u2026");
            context->Yield(3);
            context->ItemClick("//###question/Keep it");
            context->Yield(3);
            IM_CHECK_EQ(store::recovery::left_behind().size(), 2u);
            for (int run = 0; run < 2; ++run) {
                context->ItemClick("//###question/Delete it\u2026");
                context->Yield(3);
                context->ItemClick("//###question/Delete it");
                context->Yield(3);
            }
            IM_CHECK(!stage.shell->is_asking());
            IM_CHECK(store::recovery::left_behind().empty());
            stage.shell->set_worth_asking(1e9);
            if (before.empty())
                ::unsetenv("XDG_STATE_HOME");
            else
                ::setenv("XDG_STATE_HOME", before.c_str(), 1);
        });
}

static const bool added_unsaved = add_tests(add_unsaved_tests);

} // namespace ebm::test
