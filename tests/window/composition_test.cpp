#include "core/data/drawing.h"
#include "core/store/image.h"
#include "tests/window/stage.h"

#include <cmath>
#include <filesystem>

/// Energies that are joined: weights as sliders, classes as lists. What is painted: a density, walls.
namespace ebm::test {
namespace {

lab::Scene ring_and_wells() {
    lab::Scene scene = lab::find_scene("ring_and_wells");
    scene.settings.sampler.chains = 20;
    scene.settings.view.resolution = 32;
    return scene;
}

void paint(ImGuiTestContext* context, ImVec2 from, ImVec2 to) {
    context->MouseMoveToPos(from);
    context->MouseDown(0);
    context->MouseMoveToPos(to);
    context->MouseUp(0);
    context->Yield(2);
}

/// The landscape with a view of its own, and the brush of this purpose in hand.
void take_brush(Stage& stage, ImGuiTestContext* context, const lab::Scene& scene, const char* action) {
    stage.open(context, scene.name == "small_analytic" ? small_plane() : small_analytic());
    stage.open(context, scene);
    stage.show(context, "landscape");
    context->Yield(4);
    window::Context around{stage.now(), [&stage](lab::Command command) { stage.send(std::move(command)); },
                           *stage.shell, stage.shell->settings()};
    stage.shell->actions().find(action)->run(around);
    context->Yield(4);
    stage.sent.clear();
}

void lay_brush_down(ImGuiTestContext* context) {
    context->SetRef("//###landscape");
    if (context->ItemExists("brush/Done")) context->ItemClick("brush/Done");
}

} // namespace

static void add_composition_tests(Stage& stage) {
    stage.test("composition", "a slider changes the weight of its part at once, is marked, and undone",
               [&stage](ImGuiTestContext* context) {
                   stage.open(context, ring_and_wells());
                   stage.show(context, "scene");
                   const std::string title = stage.now().energy_title;
                   IM_CHECK_STR_EQ(title.c_str(), "Ring AND Double well");
                   const float before = stage.now().field->energy[16 * 32 + 16];
                   context->ItemInputValue("**/$$1/##weight", "-0.5");
                   stage.wait(context, "the weight", [](const lab::Snapshot& s) {
                       return s.settings.compose.weights == "1, -0.5" &&
                              s.energy_title == "Ring AND NOT Double well";
                   });
                   stage.wait(context, "another landscape", [before](const lab::Snapshot& s) {
                       return s.field && std::fabs(s.field->energy[16 * 32 + 16] - before) > 1;
                   });
                   IM_CHECK(stage.shell->settings().changed(setting("compose.weights")));
                   IM_CHECK_EQ(stage.now().chain_steps, 0);
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   stage.wait(context, "the weight of before",
                              [](const lab::Snapshot& s) { return s.settings.compose.weights == "1, 1"; });
                   IM_CHECK(!stage.shell->settings().changed(setting("compose.weights")));
               });

    stage.test("composition", "OR refuses a weight below 0 in words", [&stage](ImGuiTestContext* context) {
        stage.open(context, ring_and_wells());
        stage.show(context, "scene");
        context->ItemInputValue("**/$$0/##weight", "-1");
        stage.wait(context, "the weight",
                   [](const lab::Snapshot& s) { return s.settings.compose.weights == "-1, 1"; });
        stage.send(lab::ChangeSetting{"compose.as", "or"});
        stage.wait(context, "the refusal", [](const lab::Snapshot& s) {
            return s.problem && s.problem->text.find("OR cannot") != std::string::npos;
        });
        IM_CHECK(stage.now().settings.compose.as == Composition::all);
    });

    stage.test(
        "composition", "each part with classes has a list of its own", [&stage](ImGuiTestContext* context) {
            const std::string path = (stage.folder.path / "moons.safetensors").string();
            stage.open(context, small_plane_classes());
            stage.train(context);
            stage.send(lab::SaveCheckpoint{path});
            stage.session->wait();
            lab::Scene scene = small_analytic();
            scene.name = "composed";
            scene.parts = {{"", "", "ring"}, {"", path, ""}};
            scene.settings.compose.weights = "1, 1";
            scene.settings.compose.classes = ", upper moon";
            stage.open(context, scene);
            stage.show(context, "scene");
            const auto row_of = [&](int part) {
                context->SetRef("//###scene");
                context->SetRef(
                    context->ItemInfo(("**/$$" + std::to_string(part) + "/##weight").c_str()).ParentID);
            };
            row_of(0);
            IM_CHECK(!context->ItemExists("##class"));
            row_of(1);
            context->ComboClick("##class/lower moon");
            stage.wait(context, "the class",
                       [](const lab::Snapshot& s) { return s.settings.compose.classes == ", lower moon"; });
            context->ComboClick("##class/any");
            stage.wait(context, "any class",
                       [](const lab::Snapshot& s) { return s.settings.compose.classes == ", "; });
        });

    stage.test("drawing", "a density is painted, erased and learned, with its exact density",
               [&stage](ImGuiTestContext* context) {
                   take_brush(stage, context, small_plane(), "draw_density");
                   IM_CHECK(context->ItemInfo("brush/Learn this").ItemFlags & ImGuiItemFlags_Disabled);
                   paint(context, of_plane(context, -2, 1), of_plane(context, 2, 1));
                   paint(context, of_plane(context, -2, -1), of_plane(context, 2, -1));
                   IM_CHECK_EQ(stage.count<lab::DropChains>(), 0); // the left button paints
                   context->ItemClick("**/tool/Erase");
                   paint(context, of_plane(context, -2, -1), of_plane(context, 2, -1));
                   context->ItemClick("brush/Learn this");
                   stage.wait(context, "the scene", [](const lab::Snapshot& s) {
                       return s.settings.data.set == "drawn" && s.task.empty() && s.exact && s.data;
                   });
                   const lab::Snapshot& s = stage.now();
                   IM_CHECK(s.trainable);
                   IM_CHECK(s.state == lab::State::running);
                   const data::Drawing drawing = data::parse_drawing(s.settings.data.drawing, "test");
                   const auto at = [&](float x, float y) {
                       return drawing.cells[static_cast<std::size_t>((y + 4) * 16) * 128 +
                                            static_cast<std::size_t>((x + 4) * 16)];
                   };
                   IM_CHECK_EQ(at(0, 1), 255);
                   IM_CHECK_EQ(at(0, -1), 0);
                   IM_CHECK_EQ(at(0, 3), 0);
                   for (std::size_t i = 0; i < s.data->points.size(); i += 2)
                       IM_CHECK_SILENT(std::fabs(s.data->points[i + 1] - 1) < 0.5f);
                   // The brush is down again: a click drops a chain.
                   stage.sent.clear();
                   context->SetRef("//###landscape");
                   context->MouseMoveToPos(of_plane(context, -3, -3));
                   context->MouseClick();
                   IM_CHECK_EQ(stage.count<lab::DropChains>(), 1);
                   stage.send(lab::Pause{});
               });

    stage.test("drawing",
               "spray leaves dots, the size is that of the brush, Clear empties, Escape lays it down",
               [&stage](ImGuiTestContext* context) {
                   take_brush(stage, context, small_plane(), "draw_density");
                   context->ItemClick("brush/Clear");
                   context->ItemClick("**/tool/Spray");
                   paint(context, of_plane(context, -1, 0), of_plane(context, 1, 0));
                   IM_CHECK(!(context->ItemInfo("brush/Clear").ItemFlags & ImGuiItemFlags_Disabled));
                   context->ItemClick("brush/Clear");
                   IM_CHECK(context->ItemInfo("brush/Clear").ItemFlags & ImGuiItemFlags_Disabled);
                   context->ItemClick("**/tool/Paint");
                   context->KeyPress(ImGuiKey_Escape);
                   context->Yield(2);
                   IM_CHECK(!context->ItemExists("brush/Done"));
               });

    stage.test("drawing", "strokes, dots and Clear are taken back and done again one at a time",
               [&stage](ImGuiTestContext* context) {
                   take_brush(stage, context, small_plane(), "draw_density");
                   const auto empty = [&] {
                       context->Yield(2);
                       return (context->ItemInfo("brush/Clear").ItemFlags & ImGuiItemFlags_Disabled) != 0;
                   };
                   if (!empty()) context->ItemClick("brush/Clear");
                   const auto undo = [&] { context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z); };
                   const auto redo = [&] { context->KeyPress(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z); };
                   paint(context, of_plane(context, -2, 2), of_plane(context, 2, 2));
                   paint(context, of_plane(context, -2, 0), of_plane(context, 2, 0));
                   context->ItemClick("**/tool/Spray");
                   paint(context, of_plane(context, -2, -2), of_plane(context, 2, -2));
                   context->ItemClick("brush/Clear");
                   IM_CHECK(empty());
                   undo(); // Clear
                   IM_CHECK(!empty());
                   undo(); // the dots
                   undo(); // the second stroke
                   IM_CHECK(!empty());
                   undo();
                   IM_CHECK(empty());
                   redo();
                   redo();
                   redo();
                   undo(); // the dots again
                   // A setting has its place among the strokes.
                   stage.shell->settings().change(setting("sampler.steps"), "7");
                   stage.shell->settings().release();
                   undo();
                   stage.wait(context, "the setting of before",
                              [](const lab::Snapshot& s) { return s.settings.sampler.steps == 3; });
                   undo(); // the second stroke
                   IM_CHECK(!empty());
                   context->ItemClick("**/tool/Paint"); // as the next test expects it
                   context->ItemClick("brush/Learn this");
                   stage.wait(context, "the scene", [](const lab::Snapshot& s) {
                       return s.settings.data.set == "drawn" && s.task.empty();
                   });
                   const data::Drawing drawing =
                       data::parse_drawing(stage.now().settings.data.drawing, "test");
                   const auto painted = [&](int row) {
                       int cells = 0;
                       for (int y = row - 8; y < row + 8; ++y)
                           for (int x = 0; x < 128; ++x)
                               cells += drawing.cells[static_cast<std::size_t>(y * 128 + x)] > 0;
                       return cells;
                   };
                   IM_CHECK_GT(painted(96), 0); // y = 2
                   IM_CHECK_EQ(painted(64), 0);
                   IM_CHECK_EQ(painted(32), 0);
                   stage.send(lab::Pause{});
               });

    stage.test("drawing", "walls are felt at once, saved with the scene, and undone",
               [&stage](ImGuiTestContext* context) {
                   take_brush(stage, context, small_analytic(), "draw_walls");
                   const auto middle = [](const lab::Snapshot& s) {
                       return s.field ? s.field->energy[16 * 32 + 16] : 0;
                   };
                   const float before = middle(stage.now());
                   paint(context, of_plane(context, 0, -3), of_plane(context, 0, 3));
                   stage.wait(context, "the wall in the landscape",
                              [&](const lab::Snapshot& s) { return middle(s) > before + 6; });
                   IM_CHECK(stage.newest<lab::ChangeSetting>().key == "sampler.walls");
                   const auto walls_are = [&](const char* what, const std::string& walls) {
                       stage.wait(context, what,
                                  [&](const lab::Snapshot& s) { return s.settings.sampler.walls == walls; });
                   };
                   stage.session->wait();
                   context->Yield(3);
                   const std::string first = stage.now().settings.sampler.walls;
                   paint(context, of_plane(context, -3, 2), of_plane(context, 3, 2));
                   stage.wait(context, "the second wall",
                              [&](const lab::Snapshot& s) { return s.settings.sampler.walls != first; });
                   stage.session->wait();
                   context->Yield(3);
                   const std::string both = stage.now().settings.sampler.walls;
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   walls_are("the first wall alone", first);
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z);
                   walls_are("both walls", both);
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   walls_are("the first wall again", first);
                   lay_brush_down(context);
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   stage.wait(context, "no wall", [&](const lab::Snapshot& s) {
                       return s.settings.sampler.walls.empty() && std::fabs(middle(s) - before) < 0.1f;
                   });
               });

    stage.test("drawing", "a picture that is dropped can be a density", [&stage](ImGuiTestContext* context) {
        const std::string path = (stage.folder.path / "bar.png").string();
        store::Image picture{16, 16, 1, std::vector<std::uint8_t>(256, 255)};
        for (std::size_t i = 0; i < 32; ++i)
            picture.pixels[i] = 0; // the two rows at the top
        store::write_png(path, picture);
        stage.open(context, small_plane());
        stage.shell->open_path(path);
        const char* answer = "//###question/A density on the plane: dark is likely, in a new scene";
        stage.wait(context, "the question",
                   [&](const lab::Snapshot&) { return context->ItemExists(answer); });
        context->ItemClick(answer);
        stage.wait(context, "the scene", [](const lab::Snapshot& s) {
            return s.settings.data.set == "drawn" && s.task.empty() && s.data && !s.data->points.empty();
        });
        for (std::size_t i = 0; i < stage.now().data->points.size(); i += 2)
            IM_CHECK_SILENT(stage.now().data->points[i + 1] >= 3);
        stage.send(lab::Pause{});
    });
}

namespace {
const bool added_composition = add_tests(add_composition_tests);
}

} // namespace ebm::test
