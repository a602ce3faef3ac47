#include "app/window/widgets.h"
#include "tests/window/stage.h"

#include <filesystem>
#include <fstream>
#include <imgui_internal.h>

namespace ebm::test {
namespace {

ImGuiWindow* window_of(const char* id) {
    return ImGui::FindWindowByName((std::string("###") + id).c_str());
}

void register_tests(Stage& on) {
    ImGuiTestEngine* engine = on.engine;
    ImGuiTest* test = nullptr;

    test = IM_REGISTER_TEST(engine, "shell", "default_layout_docks_every_panel");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().shell->reset_layout();
        ctx->Yield(14);
        const ImVec2 size = ImGui::GetMainViewport()->Size;
        for (const window::Panel& panel : stage().shell->panels()) {
            ImGuiWindow* window = window_of(panel.id.c_str());
            IM_CHECK_SILENT(window != nullptr);
            if (panel.place == window::Place::floating) continue;
            IM_CHECK_SILENT(window->DockNode != nullptr);
            if (panel.place == window::Place::left) IM_CHECK_LT(window->Pos.x, size.x * 0.1f);
            if (panel.place == window::Place::right) IM_CHECK_GT(window->Pos.x, size.x * 0.6f);
            if (panel.place == window::Place::bottom) IM_CHECK_GT(window->Pos.y, size.y * 0.4f);
        }
        IM_CHECK(window_of("landscape")->Active && !window_of("landscape")->Hidden);
    };

    test = IM_REGISTER_TEST(engine, "shell", "reset_layout_brings_a_moved_and_a_closed_panel_back");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().shell->reset_layout();
        ctx->Yield(14);
        const ImGuiID home = window_of("landscape")->DockId;
        ImGui::DockContextQueueUndockWindow(ctx->UiContext, window_of("landscape"));
        stage().shell->preferences().open_panels["health"] = false;
        ctx->Yield(4);
        IM_CHECK_NE(window_of("landscape")->DockId, home);
        IM_CHECK(!window_of("health")->Active);
        ctx->MenuClick("//##MainMenuBar/View/###reset_layout");
        ctx->Yield(14);
        IM_CHECK_NE(window_of("landscape")->DockId, 0u);
        IM_CHECK_EQ(window_of("landscape")->Pos.y, window_of("samples")->Pos.y);
        IM_CHECK(window_of("health")->Active);
    };

    test = IM_REGISTER_TEST(engine, "shell", "a_panel_opened_from_the_menu_comes_to_the_front");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().shell->reset_layout();
        ctx->Yield(14);
        for (const bool open : {false, true}) {
            ctx->MenuClick("//##MainMenuBar/View/Panels/Log");
            ctx->PopupCloseAll();
            ctx->Yield(4);
            IM_CHECK_EQ(stage().shell->is_open("log"), open);
        }
        IM_CHECK(window_of("log")->DockTabIsVisible);
        IM_CHECK(!window_of("histograms")->DockTabIsVisible);
        stage().shell->reset_layout();
        ctx->Yield(14);
    };

    test = IM_REGISTER_TEST(engine, "shell", "space_pauses_and_a_typed_space_does_not");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().snapshot.state = lab::State::running;
        ctx->Yield();
        stage().sent.clear();
        ctx->KeyPress(ImGuiKey_Space);
        IM_CHECK(stage().last<lab::Pause>() != nullptr);
        stage().sent.clear();
        stage().shell->open_palette();
        ctx->Yield(3);
        ctx->KeyChars("a s");
        ctx->Yield();
        IM_CHECK(stage().last<lab::Pause>() == nullptr);
        IM_CHECK(stage().last<lab::StepChains>() == nullptr);
        ctx->KeyPress(ImGuiKey_Escape);
        ctx->Yield();
        IM_CHECK(ImGui::GetCurrentContext()->OpenPopupStack.empty());
    };

    test = IM_REGISTER_TEST(engine, "shell", "palette_finds_an_action_by_part_of_its_name");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        const window::ThemeKind before = stage().shell->preferences().theme;
        ctx->KeyPress(ImGuiMod_Ctrl | ImGuiKey_P);
        ctx->Yield(3);
        ctx->KeyChars("lighth");
        ctx->Yield();
        ctx->KeyPress(ImGuiKey_Enter);
        ctx->Yield(2);
        IM_CHECK(stage().shell->preferences().theme != before);
        IM_CHECK(ImGui::GetTopMostPopupModal() == nullptr &&
                 ImGui::GetCurrentContext()->OpenPopupStack.empty());
        stage().shell->set_theme(before);
    };

    test = IM_REGISTER_TEST(engine, "shell", "zoom_changes_text_and_spacing_together_and_comes_back");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        ctx->KeyPress(ImGuiMod_Ctrl | ImGuiKey_0);
        ctx->Yield(2);
        const float padding = ImGui::GetStyle().WindowPadding.x, scale = window::look().scale;
        for (int i = 0; i < 5; ++i)
            ctx->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Equal);
        ctx->Yield(2);
        IM_CHECK_FLOAT_NEAR_EQ(window::look().scale, 1.5f * scale, 0.01f);
        IM_CHECK_FLOAT_NEAR_EQ(ImGui::GetStyle().FontScaleDpi, 1.5f * scale, 0.01f);
        IM_CHECK_FLOAT_NEAR_EQ(ImGui::GetStyle().WindowPadding.x, 1.5f * padding, 1.0f);
        ctx->KeyPress(ImGuiMod_Ctrl | ImGuiKey_0);
        ctx->Yield(2);
        IM_CHECK_EQ(ImGui::GetStyle().WindowPadding.x, padding);
    };

    test = IM_REGISTER_TEST(engine, "shell", "a_refused_action_says_why_and_does_nothing");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        const lab::State before = stage().snapshot.state;
        stage().snapshot.state = lab::State::empty;
        ctx->Yield();
        stage().sent.clear();
        ctx->KeyPress(ImGuiKey_R);
        ctx->Yield();
        IM_CHECK(stage().sent.empty());
        IM_CHECK(!stage().shell->notice().text.empty());
        stage().snapshot.state = before;
        ctx->Yield();
    };

    test = IM_REGISTER_TEST(engine, "shell", "a_dropped_file_is_opened_once_and_remembered");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().opened.clear();
        stage().shell->display().on_drop({"/nowhere/moons.json"});
        ctx->Yield(3);
        IM_CHECK_EQ(stage().opened.size(), 1u);
        IM_CHECK_STR_EQ(stage().shell->preferences().recent_files.at(0).c_str(), "/nowhere/moons.json");
    };

    test = IM_REGISTER_TEST(engine, "shell", "own_file_dialog_asks_before_it_replaces_a_file");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        const auto folder = std::filesystem::temp_directory_path() / "ebmlab_dialog_test";
        std::filesystem::create_directories(folder);
        std::ofstream(folder / "there.json") << "{}";
        static std::string chosen;
        chosen.clear();
        stage().shell->dialogs().save_file("Save", "x", {{"Scenes", {"*.json"}}},
                                           [](const std::string& path) { chosen = path; });
        ctx->Yield(3);
        ctx->SetRef("//###file_dialog");
        ctx->ItemInputValue("##name", (folder / "there").string().c_str());
        ctx->Yield(2);
        IM_CHECK(chosen.empty());
        ctx->ItemClick("###accept");
        ctx->Yield(2);
        IM_CHECK_STR_EQ(chosen.c_str(), (folder / "there.json").string().c_str());
        IM_CHECK(!stage().shell->dialogs().is_open());
        std::filesystem::remove_all(folder);
    };

    test = IM_REGISTER_TEST(engine, "shell", "help_lists_every_shortcut");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        ctx->KeyPress(ImGuiKey_F1);
        ctx->Yield(3);
        ImGuiWindow* help = window_of("help");
        IM_CHECK(help && help->Active);
        ctx->WindowClose("//###help");
        ctx->Yield(2);
        IM_CHECK(!help->Active);
    };

    test = IM_REGISTER_TEST(engine, "shell", "every_panel_draws_in_a_narrow_window_at_double_size");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().shell->set_zoom(2);
        for (const window::Panel& panel : stage().shell->panels()) {
            stage().shell->open_panel(panel.id);
            ctx->Yield(2);
            IM_CHECK_SILENT(window_of(panel.id.c_str())->Active);
        }
        stage().shell->set_zoom(1);
        stage().shell->reset_layout();
        ctx->Yield(4);
    };

    test = IM_REGISTER_TEST(engine, "shell", "screenshot_writes_a_picture_where_there_is_one");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        const auto path = std::filesystem::temp_directory_path() / "ebmlab_window_test.png";
        std::filesystem::remove(path);
        stage().pictures.clear();
        stage().shell->screenshot(path.string());
        ctx->Yield(14);
        const bool graphics = stage().shell->display().has_graphics();
        IM_CHECK_EQ(stage().pictures.size(), graphics ? 1u : 0u);
        IM_CHECK_EQ(std::filesystem::exists(path), graphics);
        IM_CHECK(!stage().shell->notice().text.empty());
        std::filesystem::remove(path);
    };
}

const bool added = add_tests(register_tests);

} // namespace
} // namespace ebm::test
