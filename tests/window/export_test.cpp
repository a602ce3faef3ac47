#include "core/base/files.h"
#include "core/store/image.h"
#include "core/store/table.h"
#include "tests/window/stage.h"

#include <imgui_internal.h>

#include <cstdlib>
#include <filesystem>

/// What is on the screen can be had in a file: the context menus of plots and pictures.
namespace ebm::test {
namespace {

/// Answers the file dialog with a name in the stage's folder and waits for the file.
std::filesystem::path save_as(Stage& stage, ImGuiTestContext* context, const char* name) {
    const std::filesystem::path path = stage.folder.path / name;
    context->SetRef("//###file_dialog");
    context->ItemInputValue("##name", path.c_str());
    stage.wait(context, "the file", [&](const lab::Snapshot&) { return std::filesystem::exists(path); });
    return path;
}

} // namespace

static void add_export_tests(Stage& stage) {
    stage.test(
        "export", "a curve as numbers, in the clipboard and in a file", [&stage](ImGuiTestContext* context) {
            stage.open(context, small_plane());
            stage.train(context, 6);
            stage.show(context, "energies");
            stage.enter(context, "energies", "plots");
            choose_of_plot(context, "energies/##plot", "Copy numbers");
            const std::string copied = ImGui::GetClipboardText();
            IM_CHECK(copied.starts_with("iteration\t"));
            IM_CHECK_EQ(std::count(copied.begin(), copied.end(), '\n'), 7);
            stage.enter(context, "energies", "plots");
            choose_of_plot(context, "energies/##plot", "Save numbers (CSV)…");
            const std::filesystem::path path = save_as(stage, context, "curve.csv");
            IM_CHECK(!context->IsError());
            const store::Table table = store::read_table(path);
            IM_CHECK_EQ(table.rows(), 6);
            const Record& last = (*stage.now().records)[5];
            IM_CHECK_EQ(table.values[5 * static_cast<std::size_t>(table.columns)],
                        static_cast<double>(last.iteration));
            IM_CHECK_EQ(static_cast<float>(table.values[5 * static_cast<std::size_t>(table.columns) + 1]),
                        last.positive_energy);
        });

    stage.test("export", "a histogram as a drawing", [&stage](ImGuiTestContext* context) {
        stage.open(context, small_plane());
        stage.train(context, 6);
        stage.show(context, "histograms");
        stage.enter(context, "histograms", "view");
        choose_of_plot(context, "##histogram", "Save drawing (SVG)…");
        const std::filesystem::path path = save_as(stage, context, "histogram.svg");
        IM_CHECK(!context->IsError());
        const std::string svg = files::read_text(path, 1 << 20);
        IM_CHECK(svg.starts_with("<svg "));
        IM_CHECK(svg.find("Training data") != std::string::npos);
    });

    stage.test(
        "export", "the landscape as numbers, and as a picture where there is one",
        [&stage](ImGuiTestContext* context) {
            stage.open(context, small_plane());
            stage.show(context, "landscape");
            choose_of_plot(context, "canvas", "Save numbers (CSV)…");
            const int side = stage.now().field->resolution;
            const std::filesystem::path path = save_as(stage, context, "landscape.csv");
            IM_CHECK(!context->IsError());
            const store::Table table = store::read_table(path);
            IM_CHECK_EQ(table.rows(), side * side);
            if (!stage.display->has_graphics()) return;
            context->SetRef("//###landscape");
            choose_of_plot(context, "canvas", "Save picture (PNG)…");
            const ImRect canvas = context->ItemInfo("//###landscape/canvas").RectFull;
            const std::filesystem::path shot = save_as(stage, context, "landscape.png");
            IM_CHECK(!context->IsError());
            const store::Image picture = store::read_image(shot);
            IM_CHECK_LE(std::abs(picture.width - 2 * static_cast<int>(canvas.GetWidth())), 4);
            IM_CHECK_LE(std::abs(picture.height - 2 * static_cast<int>(canvas.GetHeight())), 4);
            // Where the buttons are on the screen, the picture has the field.
            context->Yield(2);
            const float inset = 14 * window::look().scale;
            const window::Pixels window = stage.display->read_pixels();
            const auto brightness = [](const std::uint8_t* pixel) { return pixel[0] + pixel[1] + pixel[2]; };
            const auto place = [](int width, int channels, float x, float y) {
                return static_cast<std::size_t>(static_cast<int>(y) * width + static_cast<int>(x)) *
                       static_cast<std::size_t>(channels);
            };
            const int on_screen =
                brightness(&window.rgba[place(window.width, 4, canvas.Max.x - inset, canvas.Min.y + inset)]);
            const int in_picture = brightness(&picture.pixels[place(
                picture.width, picture.channels, 2 * (canvas.GetWidth() - inset), 2 * inset)]);
            IM_CHECK_GT(std::abs(in_picture - on_screen), 30);
        });

    stage.test(
        "export", "the picture of a plot is drawn anew at twice the size, and the window stays as it is",
        [&stage](ImGuiTestContext* context) {
            if (!stage.display->has_graphics()) return;
            stage.open(context, small_plane());
            stage.train(context, 6);
            stage.show(context, "energies");
            stage.enter(context, "energies", "plots");
            const ImRect plot = context->ItemInfo("energies/##plot").RectFull;
            choose_of_plot(context, "energies/##plot", "Save picture (PNG)…");
            const std::filesystem::path shot = save_as(stage, context, "curve.png");
            IM_CHECK(!context->IsError());
            context->Yield(2);
            const window::Pixels window = stage.display->read_pixels();
            IM_CHECK_EQ(window.width, stage.display_size().width);
            const store::Image picture = store::read_image(shot);
            IM_CHECK_LE(std::abs(picture.width - 2 * static_cast<int>(plot.GetWidth())), 40);
            // Where the same is on the screen: the left part, with the labels of the axis.
            const window::Pixels screen =
                window::part_of(window, plot.Min, {plot.Min.x + 60 * window::look().scale, plot.Max.y});
            const auto brightest_step = [](int width, int height, int channels, int columns,
                                           const std::vector<std::uint8_t>& pixels) {
                int most = 0;
                for (int y = 0; y < height; ++y)
                    for (int x = 1; x < std::min(width, columns); ++x) {
                        const auto at =
                            static_cast<std::size_t>(y * width + x) * static_cast<std::size_t>(channels);
                        const int step = pixels[at] - pixels[at - static_cast<std::size_t>(channels)];
                        most = std::max(most, std::abs(step));
                    }
                return most;
            };
            const int before = brightest_step(screen.width, screen.height, 4, screen.width, screen.rgba),
                      now = brightest_step(picture.width, picture.height, picture.channels, 2 * screen.width,
                                           picture.pixels);
            // A picture that is only stretched has half the slope at the edges of letters, or pairs of
            // equal pixels.
            IM_CHECK_GE(now, before * 9 / 10);
            int unequal = 0;
            for (int y = 0; y + 1 < picture.height; y += 2)
                for (int x = 0; x + 1 < picture.width; x += 2) {
                    const auto at = static_cast<std::size_t>(y * picture.width + x) *
                                    static_cast<std::size_t>(picture.channels);
                    unequal +=
                        picture.pixels[at] != picture.pixels[at + static_cast<std::size_t>(picture.channels)];
                }
            IM_CHECK_GT(unequal, 200);
        });

    const auto record_some = [&stage](ImGuiTestContext* context) {
        const auto enough = [&] {
            return stage.shell->recording() && stage.shell->recording()->pictures() >= 3;
        };
        for (int i = 0; i < 500 && !enough(); ++i) {
            stage.send(lab::StepChains{1});
            context->Yield();
        }
        IM_CHECK(enough());
    };

    stage.test("export", "the window is recorded until it is stopped",
               [&stage, record_some](ImGuiTestContext* context) {
                   if (!stage.display->has_graphics()) return;
                   stage.open(context, small_analytic());
                   const auto path = stage.folder.path / "window.gif";
                   stage.shell->record(path.string());
                   record_some(context);
                   IM_CHECK(!std::filesystem::exists(path));
                   context->MenuClick("//##MainMenuBar/File/###record");
                   IM_CHECK(stage.shell->recording() == nullptr);
                   stage.wait(context, "the file",
                              [&](const lab::Snapshot&) { return !stage.shell->writing(); });
                   IM_CHECK_STR_EQ(files::read_text(path, 1 << 30).substr(0, 6).c_str(), "GIF89a");
                   IM_CHECK(stage.shell->notice().text.find("window.gif") != std::string::npos);
               });

    stage.test("export", "the window goes on while a recording is written",
               [&stage, record_some](ImGuiTestContext* context) {
                   if (!stage.display->has_graphics()) return;
                   // In place of ffmpeg: takes the pictures and ends when it is told to, or gives up.
                   const auto tools = stage.folder.path / "tools", told = stage.folder.path / "told";
                   std::filesystem::create_directories(tools);
                   files::write_atomically(tools / "ffmpeg",
                                           "#!/bin/sh\nfor last; do :; done\ncat > /dev/null\ni=0\n"
                                           "while [ ! -e '" +
                                               told.string() +
                                               "' ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i + 1)); done\n"
                                               "echo film > \"${last#file:}\"\n");
                   std::filesystem::permissions(tools / "ffmpeg", std::filesystem::perms::owner_all);
                   const std::string path_before = std::getenv("PATH");
                   ::setenv("PATH", (tools.string() + ":" + path_before).c_str(), 1);
                   stage.open(context, small_analytic());
                   const auto path = stage.folder.path / "window.mp4";
                   stage.shell->record(path.string());
                   ::setenv("PATH", path_before.c_str(), 1);
                   record_some(context);
                   stage.shell->stop_recording(true);
                   context->Yield(5);
                   IM_CHECK(stage.shell->writing() != nullptr);
                   IM_CHECK(!std::filesystem::exists(path));
                   IM_CHECK(stage.words(context).find("Writing ") != std::string::npos);
                   // Not twice into one file.
                   stage.shell->record(path.string());
                   IM_CHECK(stage.shell->recording() == nullptr);
                   files::write_atomically(told, "");
                   stage.wait(context, "the film",
                              [&](const lab::Snapshot&) { return !stage.shell->writing(); });
                   IM_CHECK(std::filesystem::exists(path));
                   IM_CHECK(stage.shell->notice().text.find("window.mp4") != std::string::npos);
               });

    stage.test("export", "the window is recorded as pictures in a folder, and discarded without a trace",
               [&stage, record_some](ImGuiTestContext* context) {
                   if (!stage.display->has_graphics()) return;
                   stage.open(context, small_analytic());
                   for (const bool keep : {true, false}) {
                       const auto path = stage.folder.path / (keep ? "frames" : "more frames");
                       context->MenuClick("//##MainMenuBar/File/###record");
                       context->Yield(3);
                       context->SetRef("//###file_dialog");
                       context->ItemClick("##kind/PNG pictures in a folder");
                       context->ItemInputValue("##name", path.c_str());
                       context->Yield(3);
                       record_some(context);
                       context->SetRef("//##status_bar");
                       context->ItemClick(keep ? "Stop and save" : "Discard");
                       IM_CHECK(stage.shell->recording() == nullptr);
                       stage.wait(context, "the pictures",
                                  [&](const lab::Snapshot&) { return !stage.shell->writing(); });
                       IM_CHECK_EQ(std::filesystem::exists(path / "frame-0003.png"), keep);
                       IM_CHECK_EQ(std::filesystem::exists(path), keep);
                   }
                   stage.shell->record((stage.folder.path / "none.gif").string());
                   record_some(context);
                   context->SetRef("//##status_bar");
                   context->ItemClick("Discard");
                   IM_CHECK(stage.shell->recording() == nullptr);
                   context->Yield(5);
                   IM_CHECK(!std::filesystem::exists(stage.folder.path / "none.gif"));
               });

    stage.test(
        "export", "the kind of a recording is chosen in the dialog", [&stage](ImGuiTestContext* context) {
            std::string chosen;
            const auto ask = [&](const char* kind, const char* name) {
                chosen.clear();
                stage.shell->dialogs().save_file("Record the window", "ebmlab.gif", window::animation_files,
                                                 [&](const std::string& path) { chosen = path; });
                context->Yield(3);
                context->SetRef("//###file_dialog");
                if (*kind) context->ItemClick((std::string("##kind/") + kind).c_str());
                if (*name)
                    context->ItemInputValue("##name", name);
                else
                    context->ItemClick("###accept");
                context->Yield(3);
                return std::filesystem::path(chosen);
            };
            IM_CHECK_STR_EQ(ask("", "").filename().c_str(), "ebmlab.gif");
            IM_CHECK_STR_EQ(ask("Film", "").filename().c_str(), "ebmlab.mp4");
            IM_CHECK(ask("PNG pictures in a folder", "").string().ends_with("/ebmlab/"));
            IM_CHECK_STR_EQ(ask("Film", "run").filename().c_str(), "run.mp4");
            IM_CHECK(ask("PNG pictures in a folder", "run").string().ends_with("/run/"));
        });
}

static const bool added_export = add_tests(add_export_tests);

} // namespace ebm::test
