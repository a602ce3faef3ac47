#include "tests/window/stage.h"

#include "app/panels/panels.h"
#include "core/base/log.h"

#include <cfloat>
#include <cstdio>
#include <cstdlib>

void imgui_contract_broken(const char* expression, const char* file, const char* function, int line) {
    std::fprintf(stderr, "%s:%d: %s: expected %s\n", file, line, function, expression);
    std::abort();
}

namespace ebm::test {

Stage::Stage() {
    log::set_terminal_threshold(log::Level::error);
    display_ = window::Display::open_null({});
    window::ShellOptions options;
    options.panels = window::all_panels();
    options.own_file_dialogs = true;
    shell_ = std::make_unique<window::Shell>(*display_, std::move(options));
    engine_ = ImGuiTestEngine_CreateContext();
    ImGuiTestEngineIO& io = ImGuiTestEngine_GetIO(engine_);
    io.ConfigRunSpeed = ImGuiTestRunSpeed_Fast;
    io.ConfigVerboseLevel = ImGuiTestVerboseLevel_Error;
    io.ConfigVerboseLevelOnError = ImGuiTestVerboseLevel_Info;
    io.ConfigLogToTTY = true;
    io.ConfigSavedSettings = false;
    io.ConfigNoThrottle = true;
    io.ConfigWatchdogWarning = io.ConfigWatchdogKillTest = FLT_MAX; // it counts simulated time
    ImGuiTestEngine_Start(engine_, ImGui::GetCurrentContext());
}

Stage::~Stage() {
    ImGuiTestEngine_Stop(engine_);
    shell_.reset();
    ImGuiTestEngine_DestroyContext(engine_);
}

void Stage::test(const char* group, const char* name, std::function<void(ImGuiTestContext*)> body) {
    ImGuiTest* test = IM_REGISTER_TEST(engine_, group, name);
    test->TestFunc = [this, body = std::move(body)](ImGuiTestContext* context) {
        snapshot = demo::plane();
        sent.clear();
        context->PopupCloseAll();
        body(context);
    };
}

void Stage::show(ImGuiTestContext* context, lab::Snapshot with, const char* panel) {
    snapshot = std::move(with);
    shell_->open_panel(panel);
    context->Yield(3);
    context->SetRef((std::string("//###") + panel).c_str());
    context->Yield(2);
}

void Stage::enter(ImGuiTestContext* context, const char* panel, const char* child) {
    const std::string path = std::string("//###") + panel + "/" + child;
    const ImGuiTestItemInfo info = context->WindowInfo(path.c_str());
    IM_CHECK_SILENT(info.Window != nullptr);
    if (info.Window) context->SetRef(info.Window);
}

int Stage::run(const std::string& filter) {
    ImGuiTestEngine_QueueTests(engine_, ImGuiTestGroup_Tests, filter.empty() ? "all" : filter.c_str());
    const auto send = [this](lab::Command command) { sent.push_back(std::move(command)); };
    while (!ImGuiTestEngine_IsTestQueueEmpty(engine_)) {
        shell_->begin(false);
        shell_->build(snapshot, send);
        shell_->draw();
        display_->show();
        ImGuiTestEngine_PostSwap(engine_);
    }
    ImGuiTestEngineResultSummary summary;
    ImGuiTestEngine_GetResultSummary(engine_, &summary);
    std::printf("window tests: %d passed, %d failed\n", summary.CountSuccess,
                summary.CountTested - summary.CountSuccess);
    return summary.CountTested - summary.CountSuccess;
}

} // namespace ebm::test
