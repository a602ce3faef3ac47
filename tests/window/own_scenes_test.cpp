#include "app/panels/own_scenes.h"
#include "core/base/files.h"
#include "tests/window/stage.h"

#include <filesystem>

/// A person's own scenes: saved with a title, found in the picker, opened as they were left.
namespace ebm::test {

static void add_own_scene_tests(Stage& stage) {
    // Away from what the scene says; returns where the chains are.
    const auto change_and_step = [&stage](ImGuiTestContext* context) {
        stage.send(lab::ChangeSetting{"sampler.step_size", "0.0125"});
        stage.send(lab::StepChains{3});
        stage.wait(context, "the setting", [](const lab::Snapshot& s) {
            return s.settings.sampler.step_size == 0.0125 && s.chains.age[0] == 3;
        });
        context->Yield(4);
        return stage.now().chains.positions;
    };
    stage.test("own_scenes", "a scene is saved with title, panels, view and chains, and opens like that",
               [&stage, change_and_step](ImGuiTestContext* context) {
                   std::error_code ignored;
                   std::filesystem::remove_all(stage.folder.path / "my scenes", ignored);
                   stage.open(context, small_analytic());
                   stage.show(context, "landscape");
                   stage.shell->preferences().open_panels["log"] = false;
                   stage.show(context, "chain"); // not the first tab of its group
                   IM_CHECK(stage.shell->is_in_front("chain"));
                   IM_CHECK(!stage.shell->is_in_front("energies"));
                   stage.show(context, "landscape");
                   context->MouseMove("canvas");
                   context->MouseWheelY(3);
                   context->Yield(4);
                   const window::Camera camera = stage.shell->camera.value();
                   const std::vector<float> chains = change_and_step(context);
                   context->MenuClick("//##MainMenuBar/File/###keep_scene");
                   context->Yield(4);
                   context->ItemInput("//###form/##title");
                   context->KeyCharsReplace("Two wells, near");
                   context->ItemClick("//###form/With the chains where they are now");
                   context->ItemClick("//###form/###save");
                   context->Yield(4);
                   const auto file = stage.folder.path / "my scenes" / "my_two_wells_near.json";
                   IM_CHECK(std::filesystem::exists(file));

                   stage.open(context, small_plane());
                   stage.shell->preferences().open_panels["log"] = true;
                   stage.shell->preferences().open_panels["lesson"] = true;
                   stage.show(context, "energies");
                   IM_CHECK(!stage.shell->is_in_front("chain"));
                   stage.show(context, "scene");
                   context->ItemClick("**/my_two_wells_near/scene");
                   stage.wait(context, "my scene", [](const lab::Snapshot& s) {
                       return s.scene.title == "Two wells, near" && s.field;
                   });
                   stage.send(lab::Pause{});
                   context->Yield(6);
                   IM_CHECK_EQ(stage.now().settings.sampler.step_size, 0.0125);
                   IM_CHECK(!stage.shell->is_open("log"));
                   IM_CHECK(stage.shell->is_open("lesson")); // lessons belong to no scene
                   stage.shell->preferences().open_panels["lesson"] = false;
                   IM_CHECK(stage.shell->is_in_front("chain"));
                   IM_CHECK(stage.shell->is_in_front("landscape"));
                   IM_CHECK(stage.shell->camera.has_value());
                   IM_CHECK_LT(std::abs(stage.shell->camera->half - camera.half), 1e-9);
                   // It opened running; where its chains began is in the scene.
                   IM_CHECK_EQ(stage.now().scene.chains.size() * 2, chains.size());
                   IM_CHECK_EQ(stage.now().scene.chains[1][1], chains[3]);
                   stage.session->send(lab::Reset{});
                   stage.wait(context, "the chains of the scene",
                              [&](const lab::Snapshot& s) { return s.chains.positions == chains; });
               });

    stage.test("own_scenes",
               "a scene goes over the clipboard as a text, with its chains where they are wanted",
               [&stage, change_and_step](ImGuiTestContext* context) {
                   for (const bool with_chains : {false, true}) {
                       stage.open(context, small_analytic());
                       const std::vector<float> chains = change_and_step(context);
                       context->MenuClick(with_chains ? "//##MainMenuBar/File/###copy_scene_with_chains"
                                                      : "//##MainMenuBar/File/###copy_scene");
                       stage.open(context, small_plane());
                       context->MenuClick("//##MainMenuBar/File/###paste_scene");
                       stage.wait(context, "the scene of the text", [](const lab::Snapshot& s) {
                           return s.scene.name == "small_analytic" && s.settings.sampler.step_size == 0.0125;
                       });
                       IM_CHECK_EQ(stage.now().scene.chains.size() * 2, with_chains ? chains.size() : 0);
                       if (with_chains) IM_CHECK_EQ(stage.now().scene.chains[1][1], chains[3]);
                       stage.send(lab::Pause{});
                   }
               });

    stage.test("own_scenes", "the same title replaces, another one is new, and deleting asks",
               [&stage](ImGuiTestContext* context) {
                   const auto folder = stage.folder.path / "my scenes";
                   std::error_code ignored;
                   std::filesystem::remove_all(folder, ignored);
                   stage.open(context, small_analytic());
                   const auto keep = [&](const char* title) {
                       context->MenuClick("//##MainMenuBar/File/###keep_scene");
                       context->Yield(4);
                       context->ItemInput("//###form/##title");
                       context->KeyCharsReplace(title);
                       context->ItemClick("//###form/###save");
                       context->Yield(4);
                   };
                   keep("Mine");
                   keep("Mine");
                   keep("Mine too");
                   IM_CHECK_EQ(panels::read_own_scenes(folder).size(), std::size_t{2});
                   stage.show(context, "scene");
                   context->ItemClick("**/my_mine/scene", ImGuiMouseButton_Right);
                   context->Yield(3);
                   context->ItemClick("//$FOCUSED/Delete\u2026");
                   context->Yield(3);
                   IM_CHECK(stage.shell->is_asking());
                   IM_CHECK_EQ(panels::read_own_scenes(folder).size(), std::size_t{2});
                   context->ItemClick("//###question/Delete it");
                   context->Yield(3);
                   IM_CHECK_EQ(panels::read_own_scenes(folder).size(), std::size_t{1});
               });

    stage.test("own_scenes",
               "a file that is no scene is told in the picker in the log's words, and put aside",
               [&stage](ImGuiTestContext* context) {
                   const auto folder = stage.folder.path / "my scenes";
                   std::error_code ignored;
                   std::filesystem::remove_all(folder, ignored);
                   std::filesystem::create_directories(folder);
                   stage.open(context, small_analytic());
                   files::write_atomically(folder / "torn.json", std::string_view("{\"title\": \"To"));
                   context->MenuClick("//##MainMenuBar/File/###keep_scene"); // the folder is read again
                   context->Yield(4);
                   context->ItemInput("//###form/##title");
                   context->KeyCharsReplace("Whole");
                   context->ItemClick("//###form/###save");
                   context->Yield(4);
                   stage.show(context, "scene");
                   std::vector<panels::BrokenScene> broken;
                   panels::read_own_scenes(folder, &broken);
                   IM_CHECK_EQ(broken.size(), std::size_t{1});
                   IM_CHECK(broken[0].why.find("torn.json") != std::string::npos);
                   IM_CHECK(stage.words(context).find(broken[0].why) != std::string::npos);
                   context->ItemClick("**/torn.json/Put aside");
                   context->Yield(4);
                   IM_CHECK(stage.words(context).find("torn.json.aside") != std::string::npos); // the notice
                   IM_CHECK(!context->ItemExists("**/torn.json/Put aside"));
                   IM_CHECK(!std::filesystem::exists(folder / "torn.json"));
                   IM_CHECK(std::filesystem::exists(folder / "torn.json.aside"));
                   IM_CHECK(context->ItemExists("**/my_whole/scene"));
                   // One that is mended is a scene.
                   files::write_atomically(folder / "mended.json", std::string_view("{"));
                   files::write_atomically(folder / "other.json", std::string_view("{"));
                   context->MenuClick("//##MainMenuBar/File/###keep_scene");
                   context->Yield(4);
                   context->ItemClick("//###form/###save");
                   context->Yield(4);
                   std::filesystem::copy_file(folder / "my_whole.json", folder / "mended.json",
                                              std::filesystem::copy_options::overwrite_existing);
                   context->SetRef("//###scene");
                   context->ItemClick("**/mended.json/Read again");
                   context->Yield(4);
                   IM_CHECK(context->ItemExists("**/mended/scene"));
                   IM_CHECK(!context->ItemExists("**/mended.json/Put aside"));
                   IM_CHECK(context->ItemExists("**/other.json/Put aside"));
                   context->ItemClick("**/other.json/Put aside");
               });

    stage.test("own_scenes", "Escape leaves everything as it is", [&stage](ImGuiTestContext* context) {
        const auto folder = stage.folder.path / "my scenes";
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
        stage.open(context, small_analytic());
        context->MenuClick("//##MainMenuBar/File/###keep_scene");
        context->Yield(4);
        IM_CHECK(context->ItemExists("//###form/###save"));
        context->KeyPress(ImGuiKey_Escape);
        context->Yield(3);
        IM_CHECK(!context->ItemExists("//###form/###save"));
        IM_CHECK(panels::read_own_scenes(folder).empty());
    });
}

static const bool added_own_scenes = add_tests(add_own_scene_tests);

} // namespace ebm::test
