#include "core/base/files.h"
#include "core/lab/race_view.h"
#include "tests/window/stage.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

/// Every table gives its numbers away: a click with the right button, in the clipboard or in a file.
namespace ebm::test {
namespace {

/// Clicks into the table's header with the right button and chooses an item.
void choose(ImGuiTestContext* context, ImGuiID id, const char* item) {
    const ImGuiTable* table = ImGui::TableFindByID(id);
    IM_CHECK(table != nullptr);
    context->MouseMoveToPos({table->OuterRect.Min.x + 20, table->OuterRect.Min.y + 8});
    context->MouseClick(ImGuiMouseButton_Right);
    context->Yield(2);
    context->ItemClick((std::string("//$FOCUSED/") + item).c_str());
    context->Yield(3);
}

std::string copied(ImGuiTestContext* context, ImGuiID table) {
    ImGui::SetClipboardText("");
    choose(context, table, "Copy numbers");
    return ImGui::GetClipboardText();
}

int lines(const std::string& text) {
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

static void add_table_export_tests(Stage& stage) {
    // Answers the file dialog with this name; returns what was written.
    const auto saved_as = [&stage](ImGuiTestContext* context, const char* name) {
        const std::filesystem::path path = stage.folder.path / name;
        context->SetRef("//###file_dialog");
        context->ItemInputValue("##name", path.c_str());
        stage.wait(context, "the file", [&](const lab::Snapshot&) { return std::filesystem::exists(path); });
        return files::read_text(path, 1 << 20);
    };
    stage.test("tables", "the race as numbers, to the last digit", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_analytic());
        stage.show(context, "race");
        const auto samplers = static_cast<int>(lab::sampler_infos().size());
        const std::string before = copied(context, context->GetID("numbers"));
        IM_CHECK(before.starts_with("sampler\tstep_name\tstep\tgradients\tdraws\t"));
        IM_CHECK_EQ(lines(before), 1 + samplers);
        context->ItemClick("###race_start");
        stage.wait(context, "draws that count", [](const lab::Snapshot& s) {
            return s.race && std::isfinite(s.race->lanes.front().effective_samples);
        });
        context->ItemClick("###race_pause");
        stage.wait(context, "a pause", [](const lab::Snapshot& s) { return s.race && s.race->paused; });
        context->Yield(2);
        const std::string after = copied(context, context->GetID("numbers"));
        IM_CHECK_EQ(lines(after), 1 + samplers);
        const lab::RaceLane& lane = stage.now().race->lanes.front();
        IM_CHECK(has(after, fmt::format("\t{}\t{}\t{}\t", lane.effective_samples, lane.per_second,
                                        lane.per_gradient)));
        context->ItemClick("###race_reset");
        stage.shell->preferences().open_panels["race"] = false;
    });

    stage.test(
        "tables", "what differs between two runs, and their readings", [&stage](ImGuiTestContext* context) {
            stage.open(context, small_plane());
            stage.train(context, 5);
            context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_D);
            stage.wait(context, "the copy", [&](const lab::Snapshot&) {
                return stage.shell->comparison() && stage.shell->comparison()->is_copied();
            });
            stage.show(context, "compare");
            window::SettingEditor& editor = stage.shell->comparison()->settings();
            editor.change(setting("train.learning_rate"), "0.05");
            editor.release();
            stage.wait(context, "the change", [&](const lab::Snapshot&) {
                return stage.shell->comparison()->b().settings.train.learning_rate == 0.05;
            });
            context->Yield(3);
            stage.enter(context, "compare", "differences");
            const std::string settings = copied(context, context->GetID("settings"));
            IM_CHECK(settings.starts_with("setting\tkey\tA\tB\n"));
            IM_CHECK_EQ(lines(settings), 2);
            IM_CHECK(has(settings, "\ttrain.learning_rate\t"));
            IM_CHECK(has(settings, "\t0.05\n"));
            stage.enter(context, "compare", "readings");
            const std::string readings = copied(context, context->GetID("numbers"));
            IM_CHECK(readings.starts_with("reading\tunit\tA\tB\nIteration\t\t5\t5\n"));
            IM_CHECK(has(readings,
                         fmt::format("\tnats\t{}\t", static_cast<double>((*stage.now().records)[4].loss))));
        });

    stage.test("tables", "the scores of a chosen picture, and the layers of the model",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_images());
                   stage.train(context);
                   stage.show(context, "nearest");
                   stage.wait(context, "its scores", [](const lab::Snapshot& s) {
                       return s.picture && s.picture_scores && s.picture_scores->done >= 1 &&
                              s.picture_scores->picture == s.picture->number;
                   });
                   context->Yield(3);
                   ImGuiID table = 0;
                   for (const char* child : {"scored", "near"}) {
                       const std::string path = std::string("//###nearest/") + child;
                       const ImGuiTestItemInfo info =
                           context->WindowInfo(path.c_str(), ImGuiTestOpFlags_NoError);
                       if (info.Window && table == 0) {
                           context->SetRef(info.Window);
                           if (ImGui::TableFindByID(context->GetID("scores")))
                               table = context->GetID("scores");
                       }
                   }
                   const std::string scores = copied(context, table);
                   const auto& rows = stage.now().picture_scores->rows;
                   const auto known = static_cast<int>(std::ranges::count_if(
                       rows, [](const lab::PictureScores::Row& row) { return row.problem.empty(); }));
                   IM_CHECK(scores.starts_with("score\tvalue\tunit\tshare_below\tcompared\titeration\n"));
                   IM_CHECK_EQ(lines(scores), 1 + known);
                   for (const lab::PictureScores::Row& row : rows)
                       IM_CHECK(!row.problem.empty() || has(scores, fmt::format("\t{}\t", row.score)));
                   stage.shell->preferences().open_panels["nearest"] = false;

                   stage.show(context, "scene");
                   context->ItemClick("**/###layers");
                   context->Yield(2);
                   context->SetRef("//$FOCUSED");
                   const std::string layers = copied(context, context->GetID("layers"));
                   const lab::ModelDescription& model = *stage.now().model;
                   IM_CHECK(layers.starts_with("weights\toperation\tchannels\theight\twidth\tparameters\t"));
                   IM_CHECK_EQ(lines(layers), 2 + static_cast<int>(model.layers.size()));
                   IM_CHECK(has(layers,
                                fmt::format("sum\t\t\t\t\t{}\t{}\n", model.parameters, model.multiply_adds)));
               });

    stage.test(
        "tables", "what the data are, and a file of how many of each class",
        [&stage, saved_as](ImGuiTestContext* context) {
            stage.open(context, small_plane_classes());
            stage.show(context, "data");
            context->Yield(2);
            const ImGuiTestItemInfo facts = context->WindowInfo("//###data/facts", ImGuiTestOpFlags_NoError);
            if (facts.Window) context->SetRef(facts.Window);
            const std::string values = copied(context, context->GetID("values"));
            const lab::DataView& data = *stage.now().data;
            IM_CHECK(values.starts_with("value\tmean\tsd\tlowest\thighest\tsamples\n"));
            IM_CHECK_EQ(lines(values), 3);
            IM_CHECK(has(values, fmt::format("x\t{}\t{}\t", data.values[0].mean, data.values[0].sd)));
            choose(context, context->GetID("classes"), "Save numbers (CSV)…");
            const std::string file = saved_as(context, "classes.csv");
            IM_CHECK(file.starts_with("class,training,held_out\n"));
            IM_CHECK_EQ(lines(file), 1 + static_cast<int>(data.class_counts.size()));
            IM_CHECK(has(file, fmt::format(",{},{}\n", data.class_counts[0], data.held_out_class_counts[0])));
        });

    stage.test("tables", "the menu of a row copies or saves all chains, and the page of the buffer",
               [&stage, saved_as](ImGuiTestContext* context) {
                   stage.open(context, small_plane());
                   stage.train(context);
                   stage.show(context, "samples");
                   ImGui::SetClipboardText("");
                   context->ItemClick("**/$$0/##row", ImGuiMouseButton_Right);
                   context->ItemClick("//$FOCUSED/Copy the table");
                   const std::string chains = ImGui::GetClipboardText();
                   IM_CHECK(chains.starts_with("chain\tenergy\tage\tgradient_norm\tx\ty\n"));
                   IM_CHECK_EQ(lines(chains), 1 + stage.now().chains.count);
                   IM_CHECK(has(chains, fmt::format("\n0\t{}\t", stage.now().chains.energy[0])));

                   stage.show(context, "replay_buffer");
                   stage.wait(context, "the buffer",
                              [](const lab::Snapshot& s) { return s.buffer && !s.buffer->slots.empty(); });
                   context->Yield(2);
                   const std::string slot = std::to_string(stage.now().buffer->slots[0]);
                   context->ItemClick(("**/$$" + slot + "/##row").c_str(), ImGuiMouseButton_Right);
                   context->ItemClick("//$FOCUSED/Save the table…");
                   context->Yield(3);
                   const std::string file = saved_as(context, "buffer.csv");
                   IM_CHECK(file.starts_with("slot,energy,age,reused,born_at,x,y\n"));
                   IM_CHECK_EQ(lines(file), 1 + static_cast<int>(stage.now().buffer->slots.size()));
                   IM_CHECK(has(file, fmt::format("\n{},{},", stage.now().buffer->slots[0],
                                                  stage.now().buffer->energy[0])));
               });
}

static const bool added_table_export = add_tests(add_table_export_tests);

} // namespace ebm::test
