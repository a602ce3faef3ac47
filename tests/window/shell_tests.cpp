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
            if (panel.second) continue; // there is no run B
            ImGuiWindow* window = window_of(panel.id.c_str());
            if (!panel.open) continue;
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

    test = IM_REGISTER_TEST(engine, "shell", "a_panel_that_is_made_tall_has_its_height_back_afterwards");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().shell->reset_layout();
        ctx->Yield(14);
        stage().shell->open_panel("energies");
        ctx->Yield(4);
        const auto height = [] { return window_of("energies")->DockNode->Size.y; };
        const float before = height(), above = window_of("landscape")->DockNode->Size.y;
        stage().shell->make_tall("energies");
        ctx->Yield(4);
        const float tall = height();
        IM_CHECK_GT(tall, before);
        IM_CHECK_GT(tall, window_of("landscape")->DockNode->Size.y);
        stage().shell->make_tall("");
        ctx->Yield(4);
        IM_CHECK_EQ(height(), before);
        IM_CHECK_EQ(window_of("landscape")->DockNode->Size.y, above);
        // A border that somebody has moved meanwhile stays there.
        stage().shell->make_tall("energies");
        ctx->Yield(4);
        const ImRect upper = window_of("landscape")->DockNode->Rect();
        ctx->MouseMoveToPos({upper.GetCenter().x, upper.Max.y + 1});
        ctx->MouseDragWithDelta({0, 40});
        ctx->Yield(4);
        const float moved = height();
        IM_CHECK_LT(moved, tall - 20);
        stage().shell->make_tall("");
        ctx->Yield(4);
        IM_CHECK_EQ(height(), moved);
        stage().shell->reset_layout();
        ctx->Yield(14);
    };

    test = IM_REGISTER_TEST(engine, "shell", "what_is_typed_into_the_palette_is_no_shortcut");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().open(ctx, small_plane(), true);
        stage().shell->open_palette();
        ctx->Yield(3);
        ctx->KeyChars("a s");
        ctx->Yield();
        IM_CHECK(stage().last<lab::Pause>() == nullptr);
        IM_CHECK(stage().last<lab::StepChains>() == nullptr);
        ctx->KeyPress(ImGuiKey_Escape);
        ctx->Yield();
        IM_CHECK(ImGui::GetCurrentContext()->OpenPopupStack.empty());
        stage().send(lab::Pause{});
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

    test = IM_REGISTER_TEST(engine, "shell", "palette_prefers_what_can_be_used_and_what_is_called_so");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().open(ctx, small_plane());
        stage().train(ctx, 2);
        for (const auto& [typed, id] : {std::pair("reset", "reset"),
                                        {"reset l", "reset_layout"},
                                        {"lay", "reset_layout"},
                                        {"one t", "step_training"},
                                        {"undo", "undo"}}) {
            const window::Context context{stage().now(), [](lab::Command) {}, *stage().shell,
                                          stage().shell->settings()};
            const auto found = window::matching_actions(stage().shell->actions(), typed, context);
            IM_CHECK(!found.empty());
            IM_CHECK_STR_EQ(found.front()->id.c_str(), id);
        }
        // "Undo setting" cannot be used here, so it comes after everything that can.
        const window::Context context{stage().now(), [](lab::Command) {}, *stage().shell,
                                      stage().shell->settings()};
        bool refused = false;
        for (const window::Action* action :
             window::matching_actions(stage().shell->actions(), "t", context)) {
            const bool here = !window::refusal_of(*action, context).empty();
            IM_CHECK_SILENT(!refused || here);
            refused = here;
        }
        IM_CHECK(refused);
        ctx->KeyPress(ImGuiMod_Ctrl | ImGuiKey_P);
        ctx->Yield(3);
        ctx->KeyChars("reset");
        ctx->Yield();
        ctx->KeyPress(ImGuiKey_Enter);
        stage().wait(ctx, "the reset", [](const lab::Snapshot& s) { return s.iteration == 0; });
    };

    test = IM_REGISTER_TEST(engine, "shell", "letters_typed_before_the_palette_is_there_are_not_lost");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().open(ctx, small_plane());
        stage().shell->open_palette();
        // The palette appears in the next frame and has the keyboard a frame later: letters of slow frames.
        ctx->KeyChars("light");
        ctx->Yield();
        const ImGuiInputTextState* state = ImGui::GetInputTextState(ImGui::GetActiveID());
        IM_CHECK(state != nullptr);
        IM_CHECK_STR_EQ(state->TextA.Data, "light");
        ctx->KeyPress(ImGuiKey_Escape);
        ctx->Yield(2);
        IM_CHECK(ImGui::GetCurrentContext()->OpenPopupStack.empty());
    };

    test =
        IM_REGISTER_TEST(engine, "shell", "a_word_typed_on_after_its_field_lost_the_keyboard_is_no_shortcut");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().open(ctx, small_plane());
        stage().train(ctx, 2);
        stage().show(ctx, "scene");
        stage().sent.clear();
        ctx->ItemInput("##search settings");
        ctx->KeyChars("ste");
        ctx->KeyPress(ImGuiKey_Escape); // the field lets the keyboard go
        ctx->Yield(2);
        IM_CHECK(!ImGui::GetIO().WantTextInput);
        for (const auto& [key, letter] : {std::pair(ImGuiKey_S, 's'), {ImGuiKey_R, 'r'}, {ImGuiKey_3, '3'}}) {
            ctx->KeyChars(std::string(1, letter).c_str());
            ctx->KeyPress(key);
        }
        ctx->Yield(2);
        IM_CHECK_EQ(stage().count<lab::StepChains>() + stage().count<lab::Reset>() +
                        stage().count<lab::OpenScene>(),
                    0);
        ctx->SleepNoSkip(2.f, 0.05f);
        ctx->KeyPress(ImGuiKey_S);
        ctx->Yield(2);
        IM_CHECK_EQ(stage().count<lab::StepChains>(), 1);
    };

    test = IM_REGISTER_TEST(engine, "shell", "one_escape_closes_a_dialog");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().shell->dialogs().open_file("Open", {}, [](const std::string&) {});
        ctx->Yield(4);
        ctx->KeyChars("abc");
        ctx->KeyPress(ImGuiKey_Escape);
        ctx->Yield(2);
        IM_CHECK(!stage().shell->dialogs().is_open());
        stage().shell->show_help();
        ctx->Yield(4);
        ctx->KeyPress(ImGuiKey_Escape);
        ctx->Yield(2);
        IM_CHECK(!window_of("help")->Active);
        stage().shell->open_palette();
        ctx->Yield(4);
        ctx->KeyChars("abc");
        ctx->KeyPress(ImGuiKey_Escape);
        ctx->Yield(2);
        IM_CHECK(ImGui::GetCurrentContext()->OpenPopupStack.empty());
    };

    test = IM_REGISTER_TEST(engine, "shell", "plus_zooms_with_and_without_shift");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        ctx->KeyPress(ImGuiMod_Ctrl | ImGuiKey_0);
        for (const ImGuiKeyChord chord :
             {ImGuiMod_Ctrl | ImGuiKey_Equal, ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Equal,
              ImGuiMod_Ctrl | ImGuiKey_KeypadAdd}) {
            const float before = stage().shell->preferences().zoom;
            ctx->KeyPress(chord);
            ctx->Yield(2);
            IM_CHECK_GT(stage().shell->preferences().zoom, before);
        }
        ctx->KeyPress(ImGuiMod_Ctrl | ImGuiKey_0);
        ctx->Yield(2);
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
        stage().open(ctx, small_analytic());
        ctx->SleepNoSkip(2.f, 0.1f); // what the test before typed is over
        stage().shell->say("");
        ctx->KeyPress(ImGuiKey_I);
        ctx->Yield();
        IM_CHECK(stage().sent.empty());
        IM_CHECK(!stage().shell->notice().text.empty());
    };

    test = IM_REGISTER_TEST(engine, "shell", "a_dropped_scene_is_opened_and_remembered");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().open(ctx, small_plane());
        lab::Scene scene = small_analytic();
        scene.title = "Dropped scene";
        const std::filesystem::path path = stage().folder.path / "dropped.json";
        std::ofstream(path) << lab::scene_json(scene);
        stage().shell->display().on_drop({path.string()});
        stage().wait(ctx, "the dropped scene",
                     [](const lab::Snapshot& s) { return s.scene.title == "Dropped scene"; });
        IM_CHECK_STR_EQ(stage().shell->preferences().recent_files.at(0).c_str(), path.c_str());
        stage().send(lab::Pause{});
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

    test =
        IM_REGISTER_TEST(engine, "shell", "japanese_letters_have_shapes_where_a_font_for_them_is_installed");
    test->TestFunc = [](ImGuiTestContext*) {
        const window::Fonts& fonts = window::look().fonts;
        if (!fonts.east_asian) return;
        for (ImFont* font : {fonts.body, fonts.bold, fonts.mono}) {
            ImFontBaked* baked = font->GetFontBaked(15);
            for (const ImWchar letter : {0x65E5u, 0x672Cu, 0x3042u, 0x30ABu})
                if (!baked->FindGlyphNoFallback(static_cast<ImWchar>(letter)))
                    IM_ERRORF("no shape for U+%04X", static_cast<unsigned>(letter));
        }
    };

    test = IM_REGISTER_TEST(engine, "shell", "help_lists_every_shortcut");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        ctx->KeyPress(ImGuiKey_F1);
        ctx->Yield(3);
        ImGuiWindow* help = window_of("help");
        IM_CHECK(help && help->Active);
        const std::string words = stage().words(ctx);
        int listed = 0;
        for (const window::Action& action : stage().shell->actions().all()) {
            if (action.shortcut == 0) continue;
            ++listed;
            if (words.find(action.title) == std::string::npos ||
                words.find(window::shortcut_text(action.shortcut)) == std::string::npos)
                IM_ERRORF("the help does not list %s", action.title.c_str());
        }
        IM_CHECK_GT(listed, 20);
        ctx->WindowClose("//###help");
        ctx->Yield(2);
        IM_CHECK(!help->Active);
    };

    test = IM_REGISTER_TEST(engine, "shell", "every_panel_draws_in_a_narrow_window_at_double_size");
    test->TestFunc = [](ImGuiTestContext* ctx) {
        stage().shell->set_zoom(2);
        for (const window::Panel& panel : stage().shell->panels()) {
            if (panel.second) continue; // there is no run B
            stage().shell->open_panel(panel.id);
            const auto shown = [&] {
                const ImGuiWindow* shown_window = window_of(panel.id.c_str());
                return shown_window && shown_window->Active;
            };
            // A panel that is docked anew comes to the front some frames later.
            for (int frame = 0; frame < 20 && !shown(); ++frame)
                ctx->Yield();
            IM_CHECK_SILENT(shown());
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

const bool added_shell = add_tests(register_tests);

} // namespace
} // namespace ebm::test
