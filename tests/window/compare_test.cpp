#include "app/panels/field_sample.h"
#include "app/window/number_format.h"
#include "tests/window/stage.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <imgui_internal.h>

/// Two runs side by side: B is a copy of A, goes on as A does, and ends without a trace.
namespace ebm::test {

static void add_compare_tests(Stage& stage) {
    const auto b = [&stage]() -> const lab::Snapshot& { return stage.shell->comparison()->b(); };
    const auto duplicate = [&stage](ImGuiTestContext* context) {
        context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_D);
        stage.wait(context, "the copy", [&](const lab::Snapshot&) {
            return stage.shell->comparison() && stage.shell->comparison()->is_copied();
        });
        context->Yield(4);
        context->KeyPress(ImGuiKey_Escape); // leaves the field that finds a setting, in which nothing was
                                            // typed: keys are shortcuts again
        context->Yield(2);
    };
    const auto both_at = [&stage, b](ImGuiTestContext* context, std::int64_t iteration) {
        stage.wait(context, "both runs", [&](const lab::Snapshot& a) {
            return a.iteration == iteration && b().iteration == iteration && a.records && b().records &&
                   a.records->size() >= iteration && b().records->size() >= iteration;
        });
    };
    // Run B alone, which is not linked.
    const auto train_b = [&stage](ImGuiTestContext* context, int iterations) {
        stage.shell->comparison()->send_to_b(lab::StepTraining{iterations}, [](const lab::Command&) {});
        stage.shell->comparison()->wait();
        context->Yield(3);
    };
    // "End run B" asks first, and is told to end it.
    const auto end_b_after_a_question = [&stage](ImGuiTestContext* context) {
        context->ItemClick("//###compare/End run B");
        context->Yield(4);
        IM_CHECK(stage.shell->is_asking());
        IM_CHECK(stage.shell->comparison() != nullptr);
        context->ItemClick("//###question/End it without saving");
        context->Yield(4);
        IM_CHECK(stage.shell->comparison() == nullptr);
    };
    const auto loss = [](const lab::Snapshot& s) { return (*s.records)[s.records->size() - 1].loss; };

    stage.test("compare", "Health says that it judges run A, and the verdict on run B",
               [&stage, duplicate](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 20);
                   stage.show(context, "health");
                   IM_CHECK(stage.words(context).find("Run B:") == std::string::npos);
                   duplicate(context);
                   stage.show(context, "health");
                   stage.wait(context, "a verdict",
                              [](const lab::Snapshot& s) { return s.health != nullptr; });
                   IM_CHECK(stage.words(context).find("This is run A. Run B:") != std::string::npos);
               });

    stage.test("compare", "no number is broken from its unit, however narrow the panel",
               [&stage, duplicate](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 20);
                   stage.wait(context, "KL",
                              [](const lab::Snapshot& s) { return s.quality && !s.quality->empty(); });
                   duplicate(context);
                   stage.show(context, "compare");
                   ImGui::DockContextQueueUndockWindow(context->UiContext,
                                                       context->WindowInfo("//###compare").Window);
                   context->Yield(2);
                   context->WindowMove("//###compare", {10, 60});
                   context->WindowResize("//###compare", {200, 700});
                   context->Yield(4);
                   const std::string kl = window::format_value(stage.now().quality->back().kl, "nats");
                   IM_CHECK(stage.words(context).find(kl) != std::string::npos);
                   stage.enter(context, "compare", "readings");
                   const ImGuiTable* table = ImGui::TableFindByID(context->GetID("numbers"));
                   IM_CHECK(table != nullptr);
                   for (const int column : {1, 2})
                       IM_CHECK_GE(table->Columns[column].WorkMaxX - table->Columns[column].WorkMinX,
                                   ImGui::CalcTextSize(kl.c_str()).x - 1);
                   stage.shell->end_comparison();
                   context->Yield(4);
               });

    stage.test("compare", "who has duplicated a run types the name of the setting to change at once",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_D);
                   stage.wait(context, "the copy", [&](const lab::Snapshot&) {
                       return stage.shell->comparison() && stage.shell->comparison()->is_copied();
                   });
                   context->Yield(6);
                   context->KeyCharsAppend("step size");
                   context->Yield(4);
                   context->SetRef("//###compare");
                   IM_CHECK(context->ItemExists("**/##sampler.step_size"));
               });

    stage.test("compare", "run B is a copy bit for bit, and linked runs go on alike",
               [&stage, b, duplicate, both_at, loss](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 5);
                   stage.sent.clear();
                   duplicate(context);
                   IM_CHECK_EQ(b().iteration, 5);
                   IM_CHECK_EQ(stage.now().unsaved_iterations, 5); // a copy is no save
                   IM_CHECK(b().chains.positions == stage.now().chains.positions);
                   IM_CHECK(stage.now().state == lab::State::paused);
                   context->KeyPress(ImGuiKey_I);
                   both_at(context, 6);
                   IM_CHECK_EQ(loss(stage.now()), loss(b()));
               });

    stage.test("compare", "one changed setting is listed, makes the runs differ, and is taken back",
               [&stage, b, duplicate, both_at, loss](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 5);
                   duplicate(context);
                   stage.show(context, "compare");
                   IM_CHECK(stage.words(context).find("All settings are the same") != std::string::npos);
                   stage.wait(context, "the mixing of both",
                              [&](const lab::Snapshot& a) { return a.mixing && b().mixing; });
                   window::SettingEditor& editor = stage.shell->comparison()->settings();
                   editor.change(setting("train.learning_rate"), "0.05");
                   editor.release();
                   stage.wait(context, "the change",
                              [&](const lab::Snapshot&) { return b().settings.train.learning_rate == 0.05; });
                   IM_CHECK(stage.now().settings.train.learning_rate != 0.05);
                   context->Yield(3);
                   context->MouseMove("Linked");
                   context->Yield(3);
                   const std::string words = stage.words(context);
                   IM_CHECK(words.find("Learning rate") != std::string::npos);
                   IM_CHECK(words.find("train.learning_rate") == std::string::npos); // its explanation
                   // The rate acts on the weights, which the iteration after next is the first to show.
                   context->KeyPress(ImGuiKey_I);
                   both_at(context, 6);
                   context->KeyPress(ImGuiKey_I);
                   both_at(context, 7);
                   IM_CHECK(loss(stage.now()) != loss(b()));
                   stage.enter(context, "compare", "differences");
                   context->ItemClick("**/as_in_a/##button");
                   stage.wait(context, "the value of A", [&](const lab::Snapshot& a) {
                       return b().settings.train.learning_rate == a.settings.train.learning_rate;
                   });
               });

    stage.test("compare", "the curves of both runs lie in one plot, each with its own numbers",
               [&stage, b, duplicate, both_at, loss](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 2);
                   duplicate(context);
                   window::SettingEditor& editor = stage.shell->comparison()->settings();
                   editor.change(setting("train.learning_rate"), "0.05");
                   editor.release();
                   for (const std::int64_t iteration : {3, 4}) {
                       context->KeyPress(ImGuiKey_I);
                       both_at(context, iteration);
                   }
                   stage.show(context, "energies");
                   IM_CHECK(stage.words(context).find("long dashes: run B") != std::string::npos);
                   stage.enter(context, "energies", "plots");
                   choose_of_plot(context, "energies/##plot", "Copy numbers");
                   std::istringstream text(ImGui::GetClipboardText());
                   std::string header, row, last;
                   std::getline(text, header);
                   IM_CHECK(header.find(", run A\t") != std::string::npos &&
                            header.find(", run B") != std::string::npos);
                   while (std::getline(text, row))
                       last = row;
                   IM_CHECK(loss(stage.now()) != loss(b()));
                   IM_CHECK(last.starts_with("4\t"));
                   std::vector<float> numbers;
                   std::istringstream cells(last);
                   for (std::string cell; std::getline(cells, cell, '\t');)
                       numbers.push_back(std::stof(cell));
                   const Record a_last = (*stage.now().records)[3], b_last = (*b().records)[3];
                   IM_CHECK(a_last.negative_energy != b_last.negative_energy);
                   for (const Record& record : {a_last, b_last})
                       IM_CHECK(std::ranges::count(numbers, record.negative_energy) == 1);
               });

    stage.test("compare", "linked runs change their pace together, others do not",
               [&stage, b, duplicate](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.send(lab::SetPace{});
                   duplicate(context);
                   const auto speeds = [&](lab::Speed of_a, lab::Speed of_b) {
                       return [&stage, b, of_a, of_b](const lab::Snapshot& a) {
                           return a.pace.speed == of_a && b().pace.speed == of_b;
                       };
                   };
                   context->KeyPress(ImGuiKey_M);
                   stage.wait(context, "slow motion in both", speeds(lab::Speed::slow, lab::Speed::slow));
                   stage.show(context, "compare");
                   context->ItemClick("Linked");
                   context->KeyPress(ImGuiKey_M);
                   stage.wait(context, "slow motion in B", speeds(lab::Speed::full, lab::Speed::slow));
                   stage.shell->comparison()->wait();
                   context->Yield(4);
                   IM_CHECK(b().pace.speed == lab::Speed::slow);
               });

    stage.test("compare", "another scene in one of two linked runs ends the link and says so",
               [&stage, b, duplicate](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   duplicate(context);
                   context->Yield(2);
                   IM_CHECK(stage.shell->comparison()->linked);
                   lab::Scene other = small_plane();
                   other.name = "other_plane";
                   other.title = "Another plane";
                   stage.open(context, other);
                   context->Yield(4);
                   IM_CHECK(!stage.shell->comparison()->linked);
                   IM_CHECK(stage.shell->notice().text.find("no longer linked") != std::string::npos);
                   // A person may link them all the same, and it stays so.
                   stage.show(context, "compare");
                   context->ItemClick("Linked");
                   context->Yield(4);
                   IM_CHECK(stage.shell->comparison()->linked);
               });

    stage.test("compare", "presenting two runs docks both and says which panel shows which",
               [&stage, duplicate](ImGuiTestContext* context) {
                   const auto present = [&](bool on) {
                       stage.shell->present(on);
                       context->SleepNoSkip(0.6f, 0.05f); // a size must last to bring its layout
                       context->Yield(6);
                   };
                   stage.open(context, small_plane());
                   present(true); // the layout of this size is kept, without run B
                   present(false);
                   duplicate(context);
                   present(true);
                   for (const char* id : {"###landscape", "###b_landscape"}) {
                       const ImGuiWindow* window = ImGui::FindWindowByName(id);
                       IM_CHECK(window && window->DockNode && window->DockNode->TabBar);
                       IM_CHECK(!window->DockNode->IsNoTabBar());
                       IM_CHECK(ImGui::DockNodeGetRootNode(window->DockNode)->IsDockSpace());
                   }
                   present(false);
               });

    stage.test("compare", "runs that are not linked go on by themselves",
               [&stage, b, duplicate](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 3);
                   duplicate(context);
                   stage.show(context, "compare");
                   context->ItemClick("Linked");
                   context->KeyPress(ImGuiKey_I);
                   stage.wait(context, "run A", [](const lab::Snapshot& a) { return a.iteration == 4; });
                   stage.shell->comparison()->wait();
                   context->Yield(3);
                   IM_CHECK_EQ(b().iteration, 3);
               });

    stage.test("compare",
               "landscapes of linked runs show the same part, and their difference is that of log p",
               [&stage, b, duplicate](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.show(context, "samples");
                   duplicate(context);
                   context->Yield(4);
                   // Both landscapes come to the front by themselves.
                   for (const char* panel : {"//###landscape", "//###b_landscape", "//###compare"}) {
                       const ImGuiTestItemInfo window = context->WindowInfo(panel);
                       IM_CHECK(window.Window != nullptr && window.Window->DockTabIsVisible);
                   }
                   context->SetRef("//###landscape");
                   stage.wait(context, "both landscapes",
                              [&](const lab::Snapshot& a) { return a.field && b().field; });
                   context->MouseMove("canvas");
                   const double before = b().field->high_x - b().field->low_x;
                   context->MouseWheelY(6);
                   stage.wait(context, "the zoom in both", [&](const lab::Snapshot& a) {
                       return a.field && b().field && b().field->high_x - b().field->low_x < 0.6 * before &&
                              a.field->high_x - a.field->low_x < 0.6 * before;
                   });
                   IM_CHECK(std::abs((b().field->low_y + b().field->high_y) -
                                     (stage.now().field->low_y + stage.now().field->high_y)) < 0.05);
                   // The tools are folded where there is little room.
                   const auto toggle = [&] {
                       if (context->ItemExists("**/difference/##button"))
                           return context->ItemClick("**/difference/##button");
                       context->ItemClick("**/layers/##button");
                       context->ItemClick("//$FOCUSED/Difference");
                       context->PopupCloseAll();
                   };
                   toggle();
                   context->Yield(3);
                   context->MouseMove("canvas");
                   IM_CHECK(stage.words(context).find("log p of A \u2212 of B") != std::string::npos);
                   stage.show(context, "landscape");
                   toggle();
               });

    stage.test("compare", "a reset of linked runs is one of both, and asks where training would be missed",
               [&stage, b, duplicate](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 5);
                   duplicate(context);
                   const auto both_anew = [&](const lab::Snapshot& a) {
                       return a.iteration == 0 && b().iteration == 0 && b().problems == 0;
                   };
                   // Nobody saved run A; of run B there is nothing to miss, and it is reset all the same.
                   stage.shell->set_worth_asking(0);
                   context->KeyPress(ImGuiKey_R);
                   context->Yield(4);
                   IM_CHECK(stage.shell->is_asking());
                   IM_CHECK_EQ(b().iteration, 5);
                   context->ItemClick("//###question/Go on without saving");
                   stage.wait(context, "both at the start", both_anew);
                   stage.shell->set_worth_asking(1e9);
                   context->KeyPress(ImGuiKey_I);
                   stage.wait(context, "an iteration of both",
                              [&](const lab::Snapshot& a) { return a.iteration == 1 && b().iteration == 1; });
                   // Unsaved in both.
                   stage.shell->set_worth_asking(0);
                   context->KeyPress(ImGuiKey_R);
                   context->Yield(4);
                   IM_CHECK(context->ItemExists("//###question/Begin both anew"));
                   context->KeyPress(ImGuiKey_Escape);
                   context->Yield(3);
                   IM_CHECK_EQ(stage.now().iteration, 1);
                   IM_CHECK_EQ(b().iteration, 1);
               });

    stage.test(
        "compare", "what a reset of both left sooner than it asks comes back in both",
        [&stage, b, duplicate](ImGuiTestContext* context) {
            stage.open(context, small_plane());
            stage.train(context, 5);
            duplicate(context);
            context->KeyPress(ImGuiKey_I);
            stage.wait(context, "an iteration of both",
                       [&](const lab::Snapshot& a) { return a.iteration == 6 && b().iteration == 6; });
            stage.shell->set_worth_asking(1e9);
            context->KeyPress(ImGuiKey_R);
            stage.wait(context, "both at the start",
                       [&](const lab::Snapshot& a) { return a.iteration == 0 && b().iteration == 0; });
            IM_CHECK(!stage.shell->is_asking());
            IM_CHECK(b().set_aside.has_value());
            const auto run = [&](const char* id) {
                window::Context now{stage.now(),
                                    [&](lab::Command command) { stage.send(std::move(command)); },
                                    *stage.shell, stage.shell->settings(), stage.shell->comparison()};
                return stage.shell->actions().run(id, now);
            };
            IM_CHECK(run("bring_back_b"));
            stage.wait(context, "run B as it was", [&](const lab::Snapshot&) { return b().iteration == 6; });
            IM_CHECK_EQ(stage.now().iteration, 0);
            IM_CHECK(run("bring_back"));
            stage.wait(context, "run A as it was", [](const lab::Snapshot& a) { return a.iteration == 6; });
        });

    stage.test("compare",
               "a setting of run B that begins it anew asks, and Reset layout leaves its panels open",
               [&stage, b, duplicate, train_b](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 3);
                   duplicate(context);
                   stage.show(context, "compare");
                   context->ItemClick("Linked");
                   train_b(context, 2);
                   stage.shell->set_worth_asking(0);
                   stage.shell->comparison()->settings().change(setting("model.width"), "8");
                   context->Yield(4);
                   IM_CHECK(stage.shell->is_asking());
                   IM_CHECK_EQ(b().iteration, 5);
                   context->KeyPress(ImGuiKey_Escape);
                   stage.shell->reset_layout();
                   context->Yield(6);
                   IM_CHECK(stage.shell->is_open("b_landscape"));
               });

    stage.test("compare", "ending run B asks where training would be lost, and leaves run A as it is",
               [&stage, duplicate, train_b, end_b_after_a_question](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 5);
                   duplicate(context);
                   stage.show(context, "compare");
                   context->ItemClick("Linked");
                   stage.shell->comparison()->settings().change(setting("train.seed"), "3");
                   stage.shell->set_worth_asking(0);
                   train_b(context, 4);
                   end_b_after_a_question(context);
                   IM_CHECK_EQ(stage.now().iteration, 5);
                   IM_CHECK(!stage.shell->wants_close());
               });

    stage.test("compare", "ending run B asks for the training of run A that only the copy has",
               [&stage, duplicate, end_b_after_a_question](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 5);
                   duplicate(context);
                   stage.show(context, "compare");
                   context->ItemClick("Linked");
                   stage.shell->set_worth_asking(0);
                   // While run A has it, nothing would be lost with run B.
                   IM_CHECK_EQ(stage.shell->comparison()->inherited_iterations(), 0);
                   context->KeyPress(ImGuiKey_R);
                   context->Yield(4);
                   context->ItemClick("//###question/Go on without saving");
                   stage.wait(context, "run A at its start",
                              [](const lab::Snapshot& a) { return a.iteration == 0; });
                   context->Yield(2);
                   IM_CHECK_EQ(stage.shell->comparison()->inherited_iterations(), 5);
                   end_b_after_a_question(context);
               });

    stage.test("compare", "undo and redo go through the changes of both runs in their order",
               [&stage, duplicate](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context, 2);
                   duplicate(context);
                   window::SettingEditor& editor_a = stage.shell->settings();
                   window::SettingEditor& editor_b = stage.shell->comparison()->settings();
                   const auto change = [](window::SettingEditor& editor, const char* value) {
                       editor.change(setting("train.learning_rate"), value);
                       editor.release();
                   };
                   change(editor_a, "0.011");
                   change(editor_b, "0.022");
                   change(editor_a, "0.033");
                   const auto are = [&](double of_a, double of_b) {
                       context->Yield(3);
                       return editor_a.shown().train.learning_rate == of_a &&
                              editor_b.shown().train.learning_rate == of_b;
                   };
                   const double first = editor_b.scene().train.learning_rate;
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   IM_CHECK(are(0.011, 0.022));
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   IM_CHECK(are(0.011, first));
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z);
                   IM_CHECK(are(0.011, 0.022));
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z);
                   IM_CHECK(are(0.033, 0.022));
               });
}

static const bool added_compare = add_tests(add_compare_tests);

} // namespace ebm::test
