#include "tests/window/stage.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <imgui_internal.h>

/// The race of samplers and the temperature, on a real engine.
namespace ebm::test {
namespace {

/// The plot's numbers are those of the engine: 1 at lag 0, then at most 1 in size, a lag being as many
/// gradient evaluations as a draw of its sampler costs.
void check_autocorrelation(const lab::RaceView& race, const std::string& copied) {
    std::istringstream text(copied);
    std::string header, row;
    std::getline(text, header);
    IM_CHECK_STR_EQ(header.c_str(), "line\tgradient evaluations\tautocorrelation");
    for (const lab::RaceLane& lane : race.lanes) {
        IM_CHECK_GT(lane.autocorrelation.size(), 5u);
        IM_CHECK_LT(std::abs(lane.autocorrelation[0] - 1), 1e-5f);
        for (const float value : lane.autocorrelation)
            IM_CHECK_SILENT(std::abs(value) < 1.001f);
    }
    for (const lab::RaceLane& lane : race.lanes)
        for (std::size_t lag = 0; lag < lane.autocorrelation.size(); ++lag) {
            std::getline(text, row);
            const std::string place =
                lane.title + "\t" + std::to_string(static_cast<std::int64_t>(lag) * lane.cost) + "\t";
            IM_CHECK_SILENT(row.starts_with(place));
            IM_CHECK_SILENT(std::stof(row.substr(place.size())) == lane.autocorrelation[lag]);
        }
    IM_CHECK(!std::getline(text, row));
}

} // namespace

static void add_race_tests(Stage& stage) {
    stage.test("race", "it is opened from Sampler, started, read, paused and cleared",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.show(context, "sampler");
                   context->Yield(6); // rows of the scene before give way, and the button moves
                   context->ItemClick("###race_samplers");
                   context->Yield(4);
                   IM_CHECK(stage.shell->is_open("race"));
                   stage.show(context, "race");
                   IM_CHECK(!context->ItemExists("###race_pause"));
                   context->ItemClick("###race_start");
                   stage.wait(context, "draws that count", [](const lab::Snapshot& s) {
                       return s.race && s.race->lanes.size() == 4 && s.race->lanes.back().draws > 20 &&
                              std::isfinite(s.race->lanes.front().effective_samples) &&
                              std::ranges::all_of(s.race->lanes, [](const lab::RaceLane& lane) {
                                  return lane.autocorrelation.size() > 5;
                              });
                   });
                   context->Yield(2);
                   // By then it may have come to its end.
                   const bool held = context->ItemExists("###race_pause");
                   if (held) context->ItemClick("###race_pause");
                   stage.wait(context, "a pause", [held](const lab::Snapshot& s) {
                       return s.race && (s.race->done || (held && s.race->paused));
                   });
                   context->Yield(2);
                   const std::string words = stage.words(context);
                   for (const char* word : {"Langevin", "MALA", "HMC", "Tempering", "T = 1",
                                            stage.now().race->done ? "Finished" : "Paused"})
                       IM_CHECK(words.find(word) != std::string::npos);
                   // Two wells: the shares are known.
                   IM_CHECK_EQ(stage.now().race->mode_shares.size(), 2u);
                   choose_of_plot(context, "##autocorrelation", "Copy numbers");
                   check_autocorrelation(*stage.now().race, ImGui::GetClipboardText());
                   context->ItemClick("###race_reset");
                   stage.wait(context, "no race", [](const lab::Snapshot& s) { return !s.race; });
                   stage.shell->preferences().open_panels["race"] = false;
               });

    stage.test("race", "what the seconds of ESS/s are is said over its column",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.show(context, "race");
                   ImGuiTable* table = ImGui::TableFindByID(context->GetID("numbers"));
                   IM_CHECK(table != nullptr);
                   int seconds = 0;
                   while (seconds < table->ColumnsCount &&
                          std::string(ImGui::TableGetColumnName(table, seconds)) != "ESS/s")
                       ++seconds;
                   IM_CHECK_LT(seconds, table->ColumnsCount);
                   ImGui::SetScrollX(table->InnerWindow, 300);
                   context->Yield(3);
                   const ImGuiTableColumn& column = table->Columns[seconds];
                   context->MouseMoveToPos({column.WorkMinX + 8, table->InnerWindow->InnerRect.Min.y + 8});
                   context->SleepNoSkip(0.8f, 0.05f);
                   IM_CHECK(stage.words(context).find("steps through LibTorch") != std::string::npos);
                   stage.shell->preferences().open_panels["race"] = false;
               });

    stage.test("race", "who is not ticked stays away, and nothing moves while the panel is not shown",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.shell->open_panel("race");
                   context->Yield(4);
                   stage.show(context, "race");
                   context->ItemUncheck("**/langevin/##on");
                   context->ItemUncheck("**/tempering/##on");
                   context->ItemClick("###race_start");
                   const auto* start = stage.last<lab::StartRace>();
                   IM_CHECK(start != nullptr && start->runners.size() == 2);
                   stage.wait(context, "a draw", [](const lab::Snapshot& s) {
                       return s.race && s.race->lanes.size() == 2 && s.race->lanes[0].gradients > 5;
                   });
                   stage.show(context, "landscape");
                   context->Yield(10);
                   stage.session->wait();
                   context->Yield(4);
                   const std::int64_t held = stage.now().race->lanes[0].gradients;
                   context->Yield(20);
                   IM_CHECK_EQ(stage.now().race->lanes[0].gradients, held);
                   stage.show(context, "race");
                   context->ItemCheck("**/langevin/##on");
                   context->ItemCheck("**/tempering/##on");
                   context->ItemClick("###race_reset");
                   stage.shell->preferences().open_panels["race"] = false;
               });

    stage.test("sampler", "the temperature is a row, and the density that is shown says which one it has",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, small_analytic());
                   stage.send(lab::ChangeSetting{"view.field", "density"});
                   stage.send(lab::ChangeSetting{"sampler.temperature", "2"});
                   stage.wait(context, "the density at T = 2", [](const lab::Snapshot& s) {
                       return s.field && s.field->temperature == 2 && s.reading.temperature > 1.99;
                   });
                   stage.send(lab::ChangeSetting{"view.field", "energy"});
                   stage.send(lab::ChangeSetting{"sampler.temperature", "1"});
               });
}

static const bool added_race = add_tests(add_race_tests);

} // namespace ebm::test
