#include "core/lab/ood_table_view.h"
#include "core/measure/scores.h"
#include "tests/window/stage.h"

#include <imgui_internal.h>

#include <algorithm>

/// The table of what the shipped models know, on a real engine, with a few pictures of each set.
namespace ebm::test {
namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// The numbers of a table, by the menu behind the right button.
std::string copied(ImGuiTestContext* context, ImGuiID id) {
    ImGui::SetClipboardText("");
    const ImGuiTable* table = ImGui::TableFindByID(id);
    IM_CHECK_RETV(table != nullptr, "");
    context->MouseMoveToPos({table->OuterRect.Min.x + 20, table->OuterRect.Min.y + 8});
    context->MouseClick(ImGuiMouseButton_Right);
    context->Yield(2);
    context->ItemClick("//$FOCUSED/Copy numbers");
    context->Yield(3);
    return ImGui::GetClipboardText();
}

} // namespace

static void add_ood_table_tests(Stage& stage) {
    stage.test(
        "ood_table", "the shipped models come row by row, are paused, copied and cleared",
        [&stage](ImGuiTestContext* context) {
            stage.open(context, small_plane());
            stage.show(context, "ood_table");
            const std::string before = stage.words(context);
            IM_CHECK(has(before, "Which models know what they do not know?"));
            IM_CHECK(has(before, "As published, not measured here"));
            const std::string title(measure::score_named("energy").title);
            context->ComboClick(("##score/" + title).c_str());
            context->ItemInputValue("##most", 6);
            stage.sent.clear();
            context->ItemClick("###ood_start");
            const auto* start = stage.last<lab::StartOodTable>();
            IM_CHECK(start != nullptr && start->models.empty() && start->most == 6);
            IM_CHECK(start->scores == std::vector<std::string>{"energy"});
            stage.wait(context, "the first row",
                       [](const lab::Snapshot& s) { return s.ood_table && !s.ood_table->rows.empty(); });
            IM_CHECK(!stage.now().ood_table->done); // the others are still to come
            context->ItemClick("###ood_pause");
            stage.wait(context, "a pause", [](const lab::Snapshot& s) { return s.ood_table->paused; });
            const double share = stage.now().ood_table->share;
            context->Yield(20);
            IM_CHECK_EQ(stage.now().ood_table->share, share);
            IM_CHECK(has(stage.words(context), "Paused at "));
            context->ItemClick("###ood_pause");
            // Another scene and a training beside it take nothing from it.
            stage.send(lab::OpenScene{small_plane(), true});
            stage.wait(context, "a training beside it",
                       [](const lab::Snapshot& s) { return s.iteration > 0 || s.ood_table->done; });
            stage.wait(context, "all rows", [](const lab::Snapshot& s) { return s.ood_table->done; });
            IM_CHECK_GT(stage.now().iteration, 0);
            stage.send(lab::Pause{});
            const lab::OodTableView table = *stage.now().ood_table;
            IM_CHECK_EQ(table.rows.size(), table.settings.models.size());
            IM_CHECK_GE(table.rows.size(), 6u);
            for (const lab::OodRow& row : table.rows) {
                IM_CHECK_STR_EQ(row.problem.c_str(), "");
                IM_CHECK(!row.sets.empty());
                for (const lab::ScoreSet& set : row.sets) {
                    IM_CHECK_EQ(set.count, 6);
                    IM_CHECK(set.auroc >= 0 && set.auroc <= 1);
                }
            }
            context->Yield(2);
            const std::string words = stage.words(context);
            IM_CHECK(has(words, "Finished"));
            for (const lab::OodRow& row : table.rows) {
                IM_CHECK(has(words, lab::find_scene(row.model).title));
                IM_CHECK(!has(words, row.model));
                IM_CHECK(has(words, lab::ood_cell(row, row.sets.front().name)));
            }
            stage.enter(context, "ood_table", "tables");
            const std::string numbers = copied(context, context->GetID("models"));
            IM_CHECK(numbers.starts_with("model\tscore\tset\tpositive_class\tpositive_n\t"));
            const auto lines = static_cast<std::size_t>(std::ranges::count(numbers, '\n'));
            IM_CHECK_EQ(lines, 1 + lab::ood_lines(table.rows).size());
            stage.show(context, "ood_table");
            // Minutes of work are not given up by one click.
            stage.sent.clear();
            context->ItemClick("###ood_start");
            context->Yield(3);
            IM_CHECK(stage.shell->is_asking());
            IM_CHECK_EQ(stage.count<lab::StartOodTable>(), 0);
            context->ItemClick("//###question/Cancel");
            context->Yield(2);
            IM_CHECK(stage.now().ood_table->done);
            context->ItemClick("###ood_start");
            context->Yield(3);
            context->ItemClick("//###question/Ask them anew");
            stage.wait(context, "a new table", [](const lab::Snapshot& s) { return !s.ood_table->done; });
            context->ItemClick("###ood_end");
            stage.wait(context, "nothing", [](const lab::Snapshot& s) { return !s.ood_table; });
            stage.shell->preferences().open_panels["ood_table"] = false;
        });

    stage.test("ood_table", "a score that a model cannot give is a dash with its reason",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_images());
                   stage.train(context);
                   const std::string file = (stage.folder.path / "known.safetensors").string();
                   stage.send(lab::SaveCheckpoint{file});
                   stage.show(context, "ood_table");
                   lab::StartOodTable start;
                   start.models = {file};
                   start.scores = {"class_probability", "energy"};
                   start.most = 4;
                   stage.send(start);
                   stage.wait(context, "both rows",
                              [](const lab::Snapshot& s) { return s.ood_table && s.ood_table->done; });
                   context->Yield(2);
                   IM_CHECK_EQ(stage.now().ood_table->rows.size(), 2u);
                   const std::string words = stage.words(context);
                   IM_CHECK(has(words, "The model has no classes"));
                   IM_CHECK(has(words, "–"));
                   stage.send(lab::EndOodTable{});
                   // What is not there is said where problems are said, and nothing begins.
                   start.models = {file, "no_such_model.safetensors"};
                   stage.send(start);
                   stage.wait(context, "a problem", [](const lab::Snapshot& s) {
                       return s.problem && has(s.problem->text, "no_such_model");
                   });
                   IM_CHECK(!stage.now().ood_table);
                   stage.shell->preferences().open_panels["ood_table"] = false;
               });
}

static const bool added_ood_table = add_tests(add_ood_table_tests);

} // namespace ebm::test
