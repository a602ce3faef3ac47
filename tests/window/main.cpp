#include "app/draw/plane.h"
#include "app/program.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/store/image.h"
#include "tests/window/stage.h"

#include <cfloat>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <imgui_internal.h>

void imgui_contract_broken(const char* expression, const char* file, const char* function, int line) {
    ImGuiTestEngine_AssertLog(expression, file, function, line);
    std::fprintf(stderr, "%s:%d: %s: expected %s\n", file, line, function, expression);
    std::abort();
}

namespace ebm::test {
namespace {

std::vector<Register>& all_tests() {
    static std::vector<Register> tests;
    return tests;
}

window::ShellOptions options_for(Stage& stage) {
    window::ShellOptions options = window::program_options();
    options.own_file_dialogs = true;
    options.scenes_folder = stage.folder.path / "my scenes";
    options.second_session = [] { return std::make_unique<lab::Session>(lab::Options{1, "cpu", true}); };
    options.write_picture = [&stage](const std::string& path, const window::Pixels& pixels) {
        stage.pictures.push_back(path);
        store::write_png(path, {pixels.width, pixels.height, 4, pixels.rgba});
    };
    return options;
}

/// Dear ImGui works on with sizes that are no numbers, and casts them to integers.
void require_sizes() {
    for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows) {
        const ImVec2 end = window->DC.CursorMaxPos, wanted = window->DC.IdealMaxPos;
        if (std::isfinite(end.x) && std::isfinite(end.y) && std::isfinite(wanted.x) &&
            std::isfinite(wanted.y))
            continue;
        std::fprintf(stderr, "The content of the window %s has a size that is no number.\n", window->Name);
        imgui_contract_broken("a finite size", __FILE__, __func__, __LINE__);
    }
}

int run(window::Display& display, const char* filter) {
    log::set_terminal_threshold(log::Level::error);
    Stage& on = stage();
    lab::Session session({1, "cpu", true});
    on.session = &session;
    on.shown = &session.latest();
    ImGuiTestEngine* engine = ImGuiTestEngine_CreateContext();
    ImGuiTestEngineIO& io = ImGuiTestEngine_GetIO(engine);
    io.ConfigVerboseLevel = ImGuiTestVerboseLevel_Warning;
    io.ConfigVerboseLevelOnError = ImGuiTestVerboseLevel_Debug;
    io.ConfigRunSpeed = ImGuiTestRunSpeed_Fast;
    io.ConfigWatchdogWarning = io.ConfigWatchdogKillTest = FLT_MAX;
    io.ConfigLogToTTY = true;
    ImGuiTestEngineResultSummary result;
    {
        window::Shell shell(display, options_for(on));
        on.shell = &shell;
        on.display = &display;
        on.engine = engine;
        ImGuiTestEngine_Start(engine, ImGui::GetCurrentContext());
        for (const Register tests : all_tests())
            tests(on);
        ImGuiTestEngine_QueueTests(engine, ImGuiTestGroup_Tests, filter);
        while (!ImGuiTestEngine_IsTestQueueEmpty(engine) || shell.wants_close()) {
            if (shell.wants_close()) break;
            shell.begin(false);
            on.shown = &session.latest();
            if (on.collect_words) ImGui::LogToBuffer();
            shell.build(*on.shown, [&](lab::Command command) {
                on.sent.push_back(command);
                session.send(std::move(command));
            });
            if (on.collect_words) {
                on.collected = ImGui::GetCurrentContext()->LogBuffer.c_str();
                ImGui::LogFinish();
                on.collect_words = false;
            }
            require_sizes();
            shell.draw();
            ImGuiTestEngine_PreSwap(engine);
            shell.show();
            ImGuiTestEngine_PostSwap(engine);
        }
        ImGuiTestEngine_GetResultSummary(engine, &result);
        ImGuiTestEngine_Stop(engine);
        on.shell = nullptr;
    }
    ImGuiTestEngine_DestroyContext(engine);
    std::printf("%d of %d window tests passed\n", result.CountSuccess, result.CountTested);
    return result.CountTested > 0 && result.CountSuccess == result.CountTested && result.CountInQueue == 0
               ? 0
               : 1;
}

} // namespace

Stage& stage() {
    static Stage stage;
    return stage;
}

bool add_tests(Register tests) {
    all_tests().push_back(tests);
    return true;
}

} // namespace ebm::test

/// window_tests null|offscreen|window [filter [WIDTHxHEIGHT SCALE]]
int main(int argument_count, char** arguments) {
    using ebm::window::Display;
    const std::string kind = argument_count > 1 ? arguments[1] : "null";
    ebm::window::DisplayOptions options;
    if (argument_count > 4) {
        std::sscanf(arguments[3], "%dx%d", &options.width, &options.height);
        options.scale = std::strtof(arguments[4], nullptr);
    }
    std::filesystem::current_path(ebm::test::stage().folder.path);
    try {
        const std::unique_ptr<Display> display = kind == "window"      ? Display::open_window(options)
                                                 : kind == "offscreen" ? Display::open_offscreen(options)
                                                                       : Display::open_null(options);
        return ebm::test::run(*display, argument_count > 2 ? arguments[2] : nullptr);
    } catch (const ebm::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
