#include "app/window/theme.h"
#include "core/store/image.h"
#include "tests/window/stage.h"

#include <cmath>
#include <filesystem>

#include <imgui_te_internal.h>

namespace ebm::test {
namespace {

/// Places in the picture of the landscape, 0 … 1 from its lower left corner.
ImVec2 spot(ImGuiTestContext* context, float x, float y) {
    const ImRect rect = context->ItemInfo("canvas").RectFull;
    return {rect.Min.x + x * rect.GetWidth(), rect.Max.y - y * rect.GetHeight()};
}

/// Pixels below the tools in the light blue of data, which no field has.
int data_pixels(Stage& stage, ImGuiTestContext* context) {
    const auto path = std::filesystem::temp_directory_path() / "ebmlab_landscape_test.png";
    stage.shell->screenshot(path.string());
    context->Yield(14);
    const store::Image picture = store::read_image(path);
    std::filesystem::remove(path);
    const ImRect rect = context->ItemInfo("canvas").RectFull;
    int count = 0;
    for (int y = static_cast<int>(rect.Min.y + 0.2f * rect.GetHeight()); y < static_cast<int>(rect.Max.y);
         ++y) {
        for (int x = static_cast<int>(rect.Min.x); x < static_cast<int>(rect.Max.x); ++x) {
            const std::uint8_t* rgb =
                &picture.pixels[static_cast<std::size_t>((y * picture.width + x) * picture.channels)];
            count += rgb[0] < 140 && rgb[1] > 140 && rgb[2] > 190;
        }
    }
    return count;
}

std::string in_one_line(const std::string& text) {
    std::string line;
    for (const char sign : text) {
        const bool blank = sign == '\n' || sign == ' ';
        if (!blank || !line.ends_with(' ')) line += blank ? ' ' : sign;
    }
    return line;
}

/// White pixels near a point of the plane; 0 where nothing is drawn.
int white_pixels(Stage& stage, ImGuiTestContext* context, float x, float y) {
    if (!stage.display->has_graphics()) return 0;
    const auto path = stage.folder.path / "white.png";
    stage.shell->screenshot(path.string());
    context->Yield(14);
    const store::Image picture = store::read_image(path);
    std::filesystem::remove(path);
    const ImVec2 at = of_plane(context, x, y);
    const int reach = static_cast<int>(20 * window::look().scale);
    int count = 0;
    for (int row = static_cast<int>(at.y) - reach; row <= static_cast<int>(at.y) + reach; ++row)
        for (int column = static_cast<int>(at.x) - reach; column <= static_cast<int>(at.x) + reach;
             ++column) {
            const std::uint8_t* rgb =
                &picture.pixels[static_cast<std::size_t>((row * picture.width + column) * picture.channels)];
            count += rgb[0] > 235 && rgb[1] > 235 && rgb[2] > 235;
        }
    return count;
}

/// Moves chain 9 to where no other is, and waits until it is drawn there.
void put_lone_chain(Stage& stage, ImGuiTestContext* context, float x, float y) {
    stage.send(lab::MoveChain{9, x, y});
    stage.wait(context, "chain 9 in its place", [&](const lab::Snapshot& s) {
        return s.chains.positions[18] == x && s.chains.positions[19] == y;
    });
    context->Yield(2);
    stage.sent.clear();
}

int traced(const lab::Snapshot& s) {
    return s.trace ? s.trace->chain : -1;
}

void open(Stage& stage, ImGuiTestContext* context, const lab::Scene& scene) {
    // Another scene in between, so that every test starts with the scene's own view.
    stage.open(context, scene.name == "small_analytic" ? small_plane() : small_analytic());
    stage.open(context, scene);
    stage.show(context, "landscape");
    stage.sent.clear();
}

} // namespace

static void add_landscape_tests(Stage& stage) {
    stage.test("landscape", "a click on empty ground drops a chain there",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   context->MouseMoveToPos(of_plane(context, -3.2f, -3.2f));
                   context->MouseClick();
                   const auto* drop = stage.last<lab::DropChains>();
                   IM_CHECK(drop != nullptr);
                   IM_CHECK_EQ(drop->count, 1);
                   IM_CHECK_LT(std::fabs(drop->x + 3.2f), 0.05f);
                   IM_CHECK_LT(std::fabs(drop->y + 3.2f), 0.05f);
               });

    stage.test("landscape", "what lies in the corners of the box is wholly in the picture",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   const ImRect rect = context->ItemInfo("canvas").RectFull;
                   IM_CHECK_GT(rect.GetWidth(), rect.GetHeight());
                   const float radius = 5 * window::look().scale;
                   for (const float edge : {rect.Min.y + radius, rect.Max.y - radius}) {
                       context->MouseMoveToPos({of_plane(context, -3.2f, 0).x, edge});
                       context->MouseClick();
                       context->Yield(2);
                       IM_CHECK_GE(std::fabs(stage.newest<lab::DropChains>().y),
                                   static_cast<float>(stage.now().settings.sampler.box_high));
                   }
               });

    stage.test("landscape", "the bar of a mode says which one it is, and Landscape shows where",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_analytic());
                   stage.show(context, "sampler");
                   stage.wait(context, "modes",
                              [](const lab::Snapshot& s) { return s.modes && s.modes->places; });
                   context->Yield(4);
                   const ImRect bars = context->ItemInfo("**/modes").RectFull;
                   const lab::ModesView modes = *stage.now().modes;
                   const auto count = static_cast<int>(modes.shares.size());
                   IM_CHECK_EQ(count, 2);
                   context->MouseMoveToPos({5, 5});
                   context->SetRef("//###landscape");
                   std::vector<int> white;
                   for (const lab::ModePlace& place : *modes.places)
                       white.push_back(white_pixels(stage, context, place.points[0], place.points[1]));
                   IM_CHECK(stage.words(context).find("Mode 1") == std::string::npos);
                   for (int mode = 0; mode < count; ++mode) {
                       const auto at = static_cast<std::size_t>(mode);
                       const float x = (static_cast<float>(mode) + 0.5f) / static_cast<float>(count);
                       context->MouseMoveToPos({bars.Min.x + x * bars.GetWidth(), bars.GetCenter().y});
                       context->SleepNoSkip(0.8f, 0.05f);
                       const std::string words = in_one_line(stage.words(context)); // the tooltip is wrapped
                       const std::string name = "Mode " + std::to_string(mode + 1);
                       IM_CHECK(words.find(name + " at (") != std::string::npos);
                       IM_CHECK(words.find(name + " at (") != words.rfind(name + " at (")); // in both places
                       IM_CHECK(words.find("of the live chains are in it now") != std::string::npos);
                       IM_CHECK(words.find("it should be 50.0") != std::string::npos);
                       // The ring is at the mode of this bar and at no other.
                       for (std::size_t k = 0; k < white.size(); ++k) {
                           const lab::ModePlace& place = (*modes.places)[k];
                           const int more =
                               white_pixels(stage, context, place.points[0], place.points[1]) - white[k];
                           if (stage.display->has_graphics()) IM_CHECK_EQ(more > 60, k == at);
                       }
                       // Chains that are put there are what raises this bar.
                       const std::vector<float>& point = (*modes.places)[at].points;
                       stage.send(lab::DropChains{point[0], point[1], stage.now().chains.count, 0});
                       stage.wait(context, "the bar",
                                  [&](const lab::Snapshot& s) { return s.modes->shares[at] == 1; });
                       stage.send(lab::RestartChains{lab::ChainStart::noise, {}, {}});
                       stage.wait(context, "all over",
                                  [&](const lab::Snapshot& s) { return s.modes->shares[at] < 1; });
                       for (std::size_t k = 0; k < white.size(); ++k) {
                           context->MouseMoveToPos({5, 5});
                           const lab::ModePlace& place = (*modes.places)[k];
                           white[k] = white_pixels(stage, context, place.points[0], place.points[1]);
                       }
                   }
               });

    stage.test("landscape", "a dropped chain is the selected one", [&stage](ImGuiTestContext* context) {
        open(stage, context, small_plane());
        context->MouseMoveToPos(of_plane(context, -3.2f, -3.2f));
        context->MouseClick();
        stage.wait(context, "the trace of the dropped chain", [](const lab::Snapshot& s) {
            const int chain = traced(s);
            return chain >= 0 &&
                   std::fabs(s.chains.positions[2 * static_cast<std::size_t>(chain)] + 3.2f) < 0.05f;
        });
    });

    stage.test("landscape", "no coordinates are shown of a mouse that is elsewhere",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   context->NavMoveTo("canvas");
                   context->MouseMoveToPos({5, 5});
                   context->Yield(2);
                   IM_CHECK(stage.words(context).find("|\u2207E| =") == std::string::npos);
               });

    stage.test("landscape", "axes, read-out and positions are the file's numbers under its names",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_points());
                   const ImVec2 at = of_plane(context, 1, 0); // one sd right of the mean
                   context->MouseMoveToPos(at);
                   context->Yield(2);
                   const std::string words = stage.words(context);
                   IM_CHECK(words.find("\u2192 height_cm    \u2191 weight_kg") != std::string::npos);
                   IM_CHECK(words.find("height_cm \u2007178.") != std::string::npos ||
                            words.find("height_cm \u2007177.") != std::string::npos);
                   context->MouseClick(ImGuiMouseButton_Right);
                   context->ItemClick("//$FOCUSED/Copy this position");
                   const std::string copied = ImGui::GetClipboardText();
                   IM_CHECK_LT(std::fabs(std::stod(copied) - 178), 0.5);
                   IM_CHECK_LT(std::fabs(std::stod(copied.substr(copied.find(',') + 1)) - 70), 0.5);
               });

    stage.test("landscape", "shift-click drops fifty with a spread", [&stage](ImGuiTestContext* context) {
        open(stage, context, small_plane());
        context->MouseMoveToPos(of_plane(context, -3.2f, -3.2f));
        context->KeyDown(ImGuiMod_Shift);
        context->MouseClick();
        context->KeyUp(ImGuiMod_Shift);
        const auto* drop = stage.last<lab::DropChains>();
        IM_CHECK(drop != nullptr);
        IM_CHECK_EQ(drop->count, 50);
        IM_CHECK_GT(drop->spread, 0.0f);
    });

    stage.test("landscape", "a click on a chain selects it, another click lets it go",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   put_lone_chain(stage, context, -3.1f, 3.0f);
                   context->MouseMoveToPos(of_plane(context, -3.1f, 3.0f));
                   context->MouseClick();
                   stage.wait(context, "chain 9", [](const lab::Snapshot& s) { return traced(s) == 9; });
                   IM_CHECK_EQ(stage.count<lab::DropChains>(), 0);
                   context->MouseClick();
                   stage.wait(context, "no chain", [](const lab::Snapshot& s) { return traced(s) == -1; });
               });

    stage.test("landscape", "a chain let go elsewhere is let go here, and can be selected again",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   put_lone_chain(stage, context, -3.1f, 3.0f);
                   for (const int chain : {9, -1, 9, -1}) {
                       stage.send(lab::SelectChain{chain});
                       stage.wait(context, "the selection",
                                  [&](const lab::Snapshot& s) { return traced(s) == chain; });
                       context->Yield(2);
                   }
                   context->MouseMoveToPos(of_plane(context, -3.1f, 3.0f));
                   context->MouseClick();
                   stage.wait(context, "chain 9", [](const lab::Snapshot& s) { return traced(s) == 9; });
               });

    stage.test("landscape", "dragging a chain carries it", [&stage](ImGuiTestContext* context) {
        open(stage, context, small_plane());
        put_lone_chain(stage, context, -3.1f, 3.0f);
        context->MouseMoveToPos(of_plane(context, -3.1f, 3.0f));
        context->MouseDown();
        context->MouseMoveToPos(of_plane(context, 0.5f, 0.25f));
        context->MouseUp();
        const auto* move = stage.last<lab::MoveChain>();
        IM_CHECK(move != nullptr);
        IM_CHECK_EQ(move->chain, 9);
        IM_CHECK_LT(std::fabs(move->x - 0.5f), 0.05f);
        IM_CHECK_LT(std::fabs(move->y - 0.25f), 0.05f);
        IM_CHECK_EQ(stage.count<lab::SelectChain>(), 0);
    });

    stage.test("landscape", "a chain is where the button was let go of, though it moved in that very frame",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   put_lone_chain(stage, context, -3.1f, 3.0f);
                   context->MouseMoveToPos(of_plane(context, -3.1f, 3.0f));
                   context->MouseDown();
                   context->MouseMoveToPos(of_plane(context, -1.0f, 1.0f));
                   context->Inputs->MousePosValue = of_plane(context, 0.5f, 0.25f);
                   context->Inputs->MouseButtonsValue = 0;
                   context->Yield(2);
                   const auto* move = stage.last<lab::MoveChain>();
                   IM_CHECK(move != nullptr);
                   IM_CHECK_EQ(move->chain, 9);
                   IM_CHECK_LT(std::fabs(move->x - 0.5f), 0.05f);
                   IM_CHECK_LT(std::fabs(move->y - 0.25f), 0.05f);
               });

    stage.test("landscape", "dragging the ground pans, F frames the data again",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   context->MouseMoveToPos(spot(context, 0.1f, 0.15f));
                   context->MouseDown();
                   context->MouseMoveToPos(spot(context, 0.4f, 0.15f));
                   context->MouseUp();
                   context->SleepNoSkip(0.5f, 0.05f);
                   IM_CHECK_EQ(stage.count<lab::DropChains>(), 0);
                   const auto* panned = stage.last<lab::SetFieldRect>();
                   IM_CHECK(panned != nullptr);
                   IM_CHECK_LT(panned->low_x + panned->high_x, -0.5);
                   context->KeyPress(ImGuiKey_F);
                   context->SleepNoSkip(0.5f, 0.05f);
                   const auto* framed = stage.last<lab::SetFieldRect>();
                   IM_CHECK_LT(std::fabs(framed->low_x + framed->high_x), 0.5);
                   IM_CHECK_LT(framed->high_y, 4.0);
               });

    stage.test("landscape", "the wheel zooms about the mouse and asks for the part that is seen",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   context->MouseMoveToPos(of_plane(context, 2, 0));
                   context->MouseWheelY(6);
                   context->SleepNoSkip(0.5f, 0.05f);
                   const auto* rect = stage.last<lab::SetFieldRect>();
                   IM_CHECK(rect != nullptr);
                   IM_CHECK_LT(rect->high_y - rect->low_y, 5.0);
                   IM_CHECK(rect->low_x < 2 && rect->high_x > 2);
               });

    stage.test("landscape", "the density switch is a setting and can be undone",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   context->ItemClick("**/Density");
                   const auto shows = [](FieldKind kind) {
                       return [kind](const lab::Snapshot& s) { return s.settings.view.field == kind; };
                   };
                   stage.wait(context, "the density", shows(FieldKind::density));
                   context->KeyPress(ImGuiMod_Ctrl | ImGuiKey_Z);
                   stage.wait(context, "the energy", shows(FieldKind::energy));
               });

    stage.test("landscape", "gradient arrows are asked for when they are shown",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   context->ItemClick("**/gradient/##button");
                   stage.wait(context, "arrows",
                              [](const lab::Snapshot& s) { return s.field && s.field->arrows > 0; });
                   context->ItemClick("**/gradient/##button");
                   stage.wait(context, "no arrows",
                              [](const lab::Snapshot& s) { return s.field && s.field->arrows == 0; });
               });

    stage.test("landscape", "exact beside learned shows two linked pictures and keeps its switch",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   stage.wait(context, "the exact density",
                              [](const lab::Snapshot& s) { return s.exact != nullptr; });
                   context->ItemClick("**/beside/##button");
                   context->Yield(2);
                   IM_CHECK(context->ItemExists("canvas_exact"));
                   const ImRect left = context->ItemInfo("canvas").RectFull,
                                right = context->ItemInfo("canvas_exact").RectFull;
                   IM_CHECK_LT(std::fabs(left.GetWidth() - right.GetWidth()), 2.0f);
                   context->ItemClick("**/beside/##button");
                   context->Yield(2);
                   IM_CHECK(!context->ItemExists("canvas_exact"));
               });

    stage.test("landscape", "the buttons stay under the mouse while zooming changes the exact field",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_plane());
                   stage.wait(context, "the exact density",
                              [](const lab::Snapshot& s) { return s.exact != nullptr; });
                   context->Yield(2);
                   const ImVec2 before = context->ItemInfo("**/chains/##button").RectFull.Min;
                   context->MouseMoveToPos(of_plane(context, 2, 0));
                   for (int i = 0; i < 12; ++i) {
                       context->MouseWheelY(i < 6 ? -1.f : 1.f);
                       context->SleepNoSkip(0.06f, 0.02f);
                       const ImVec2 at = context->ItemInfo("**/chains/##button").RectFull.Min;
                       IM_CHECK(at.x == before.x && at.y == before.y);
                   }
               });

    stage.test("landscape", "a scene without data shows no data of the scene before",
               [&stage](ImGuiTestContext* context) {
                   if (!stage.shell->display().has_graphics()) return;
                   open(stage, context, small_plane());
                   IM_CHECK_GT(data_pixels(stage, context), 500);
                   open(stage, context, small_analytic());
                   IM_CHECK_LT(data_pixels(stage, context), 20);
               });

    stage.test("landscape", "images: another corner of the slice is asked for",
               [&stage](ImGuiTestContext* context) {
                   open(stage, context, small_images());
                   context->ItemClick("**/shuffle/##button");
                   const auto* slice = stage.last<lab::ChooseSlice>();
                   IM_CHECK(slice != nullptr);
                   const auto wanted = slice->anchors;
                   stage.wait(context, "the other slice", [&](const lab::Snapshot& s) {
                       return s.slice && s.slice->anchors[0].index == wanted[0].index &&
                              s.slice->anchors[2].kind == lab::AnchorKind::noise;
                   });
               });
}

static const bool added_landscape = add_tests(add_landscape_tests);

} // namespace ebm::test
