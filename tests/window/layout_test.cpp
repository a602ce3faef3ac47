#include "app/window/widgets.h"
#include "tests/window/stage.h"

#include <cmath>
#include <imgui_internal.h>
#include <implot.h>
#include <implot_internal.h>

/// The window at every size, scale and theme that a lecture hall or a laptop has.
namespace ebm::test {
namespace {

struct Screen {
    window::Size size;
    float scale;
};

const std::vector<Screen>& screens() {
    static const std::vector<Screen> all = [] {
        std::vector<Screen> list;
        for (const window::Size size : {window::Size{1280, 720}, {1600, 1000}, {1920, 1080}})
            for (const float scale : {1.f, 1.5f, 2.f})
                list.push_back({size, scale});
        return list;
    }();
    return all;
}

std::string name_of(const Screen& screen) {
    return std::to_string(screen.size.width) + " x " + std::to_string(screen.size.height) + " at " +
           std::to_string(static_cast<int>(screen.scale * 100)) + " %";
}

/// The layout follows a new size when it has lasted some time.
void use(Stage& stage, ImGuiTestContext* context, const Screen& screen) {
    stage.display->resize(screen.size.width, screen.size.height);
    stage.shell->set_zoom(screen.scale / stage.display->content_scale());
    context->SleepNoSkip(0.5f, 0.05f);
    stage.shell->reset_layout();
    context->Yield(8);
}

const ImGuiWindow* find(const std::string& id) {
    return ImGui::FindWindowByName(("###" + id).c_str());
}

/// Heights of the plots of the panel that is shown, in pixels at scale 1.
std::vector<float> plot_heights() {
    std::vector<float> heights;
    ImPlotContext& plots = *ImPlot::GetCurrentContext();
    for (int i = 0; i < plots.Plots.GetMapSize(); ++i)
        if (const ImPlotPlot* plot = plots.Plots.TryGetMapData(i); plot && plot->Initialized)
            heights.push_back(plot->PlotRect.GetHeight() / window::look().scale);
    return heights;
}

/// Labels of the shown plots' lower axes that touch each other.
std::string touching_labels() {
    ImPlotContext& plots = *ImPlot::GetCurrentContext();
    for (int i = 0; i < plots.Plots.GetMapSize(); ++i) {
        ImPlotPlot* plot = plots.Plots.TryGetMapData(i);
        if (!plot || !plot->Initialized) continue;
        ImPlotTicker& ticker = plot->XAxis(0).Ticker;
        const ImPlotTick* before = nullptr;
        for (const ImPlotTick& tick : ticker.Ticks) {
            if (!tick.ShowLabel || tick.LabelSize.x <= 0) continue;
            if (before &&
                tick.PixelPos - tick.LabelSize.x / 2 < before->PixelPos + before->LabelSize.x / 2 + 2)
                return ticker.GetText(*before) + std::string(" and ") + ticker.GetText(tick);
            before = &tick;
        }
    }
    return "";
}

/// Everything that has no room: words of rows and bars, tabs, plots, and panels wider than their window.
std::string cut_in(Stage& stage, ImGuiTestContext* context, const Screen& screen) {
    std::string cut;
    use(stage, context, screen);
    window::CutTextWatch watch;
    for (const window::Panel& panel : stage.shell->panels()) {
        if (panel.second) continue; // there is no run B
        stage.shell->open_panel(panel.id);
        context->Yield(4);
        ImPlot::GetCurrentContext()->Plots.Clear(); // those of the panel before
        context->Yield(3);
        watch.clear();
        context->Yield();
        const ImGuiWindow* window = find(panel.id);
        if (!window || !window->WasActive || window->Hidden) {
            cut += "  " + panel.id + " is not shown\n";
            continue;
        }
        for (const float height : plot_heights())
            if (height < 68) cut += "  " + panel.id + ": a plot is " + std::to_string(height) + " high\n";
        if (const std::string labels = touching_labels(); !labels.empty())
            cut += "  " + panel.id + ": labels touch: " + labels + "\n";
        if (window->ContentSize.x > window->WorkRect.GetWidth() + 1)
            cut += "  " + panel.id + " is wider than its window\n";
        if (const ImGuiDockNode* node = window->DockNode; node && node->TabBar)
            for (const ImGuiTabItem& tab : node->TabBar->Tabs)
                if (tab.Width < tab.ContentWidth - 1)
                    cut += std::string("  a tab of ") + panel.id + " is cut: " +
                           ImGui::TabBarGetTabName(node->TabBar, const_cast<ImGuiTabItem*>(&tab)) + " " +
                           std::to_string(tab.Width) + " of " + std::to_string(tab.ContentWidth) + ", bar " +
                           std::to_string(node->TabBar->BarRect.GetWidth()) + ", node " +
                           std::to_string(node->Size.x) + "\n";
        const bool rows = panel.id == "scene" || panel.id == "sampler";
        for (const window::CutText& text : watch.found()) {
            const bool bar = text.window.find("bar") != std::string::npos;
            const bool own = text.window.find("###" + panel.id) != std::string::npos;
            if (bar || (rows && own))
                cut += "  " + text.window + ": \"" + text.text + "\" needs " + std::to_string(text.needed) +
                       " and has " + std::to_string(text.room) + "\n";
        }
    }
    return cut.empty() ? cut : name_of(screen) + "\n" + cut;
}

} // namespace

static void add_layout_tests(Stage& stage) {
    // Hundreds of frames that nobody looks at: measured without graphics.
    if (stage.display->has_graphics()) return;
    for (const auto theme : {window::ThemeKind::dark, window::ThemeKind::light}) {
        const bool dark = theme == window::ThemeKind::dark;
        stage.test("layout", dark ? "nothing is cut at any size, dark" : "nothing is cut at any size, light",
                   [&stage, theme](ImGuiTestContext* context) {
                       const window::Size size = stage.display_size();
                       lab::Scene scene = small_plane();
                       scene.title = lab::built_in_scenes()[8].title; // a long one
                       stage.shell->set_theme(theme);
                       stage.open(context, scene);
                       stage.train(context, 5);
                       stage.trace(context, 1, 12'000); // step numbers of five digits
                       std::string cut;
                       for (const Screen& screen : screens())
                           cut += cut_in(stage, context, screen);
                       stage.shell->set_theme(window::ThemeKind::dark);
                       use(stage, context, {size, stage.display->content_scale()});
                       if (!cut.empty()) IM_ERRORF("cut:\n%s", cut.c_str());
                   });
    }

    stage.test("layout", "a dialog for files stays whole in a window that shrinks",
               [&stage](ImGuiTestContext* context) {
                   const window::Size size = stage.display_size();
                   use(stage, context, {{1600, 1000}, 1});
                   stage.shell->dialogs().save_file("Save", "x", {{"Scenes", {"*.json"}}},
                                                    [](const std::string&) {});
                   context->Yield(4);
                   context->WindowMove("//###file_dialog", {1000, 560});
                   for (const window::Size less : {window::Size{700, 500}, {420, 300}, {1600, 1000}}) {
                       stage.display->resize(less.width, less.height);
                       context->SleepNoSkip(0.4f, 0.05f);
                       const ImGuiWindow* dialog = find("file_dialog");
                       const ImVec2 end{dialog->Pos.x + dialog->Size.x, dialog->Pos.y + dialog->Size.y};
                       IM_CHECK(dialog->Pos.x >= 0 && dialog->Pos.y >= 0);
                       IM_CHECK_LE(end.x, static_cast<float>(less.width));
                       IM_CHECK_LE(end.y, static_cast<float>(less.height));
                       const ImRect save = context->ItemInfo("//###file_dialog/###accept").RectFull;
                       IM_CHECK_LE(save.Max.y, end.y);
                   }
                   context->KeyPress(ImGuiKey_Escape);
                   use(stage, context, {size, stage.display->content_scale()});
               });

    stage.test("layout", "a smaller window has fewer places, a larger one its own layout again",
               [&stage](ImGuiTestContext* context) {
                   const window::Size size = stage.display_size();
                   use(stage, context, {{1600, 1000}, 1});
                   IM_CHECK(find("sampler")->DockId != find("scene")->DockId);
                   IM_CHECK(find("energies")->DockId != find("landscape")->DockId);
                   const ImGuiID home = find("sampler")->DockId;
                   // A panel moved by hand is found where it was left.
                   stage.shell->open_panel("log");
                   context->Yield(4);
                   ImGui::DockContextQueueUndockWindow(context->UiContext, ImGui::FindWindowByName("###log"));
                   context->Yield(10);
                   IM_CHECK(find("log")->DockId != find("histograms")->DockId);
                   const ImVec2 place = find("log")->Pos;
                   stage.display->resize(800, 500);
                   context->SleepNoSkip(0.6f, 0.05f);
                   IM_CHECK(find("sampler")->DockId == find("scene")->DockId);
                   IM_CHECK(find("energies")->DockId == find("landscape")->DockId);
                   stage.display->resize(1600, 1000);
                   context->SleepNoSkip(0.6f, 0.05f);
                   IM_CHECK_EQ(find("sampler")->DockId, home);
                   IM_CHECK(find("energies")->DockId != find("landscape")->DockId);
                   IM_CHECK(find("log")->DockId != find("histograms")->DockId);
                   IM_CHECK_LT(std::fabs(find("log")->Pos.x - place.x),
                               40.f); // Dear ImGui may pull its frame in
                   use(stage, context, {size, stage.display->content_scale()});
               });
}

static const bool added_layout = add_tests(add_layout_tests);

} // namespace ebm::test
