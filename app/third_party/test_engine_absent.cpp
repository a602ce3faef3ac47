#include <cstdio>
#include <imgui.h>
#include <imgui_internal.h>

/// Stands in for the test engine in the program.
void ImGuiTestEngineHook_ItemAdd(ImGuiContext*, ImGuiID, const ImRect&, const ImGuiLastItemData*) {}
void ImGuiTestEngineHook_ItemInfo(ImGuiContext*, ImGuiID, const char*, ImGuiItemStatusFlags) {}
void ImGuiTestEngineHook_Log(ImGuiContext*, const char*, ...) {}
const char* ImGuiTestEngine_FindItemDebugLabel(ImGuiContext*, ImGuiID) {
    return nullptr;
}

void imgui_contract_broken(const char* expression, const char* file, const char* function, int line) {
    static int reports = 0;
    if (++reports <= 20) std::fprintf(stderr, "%s:%d: %s: expected %s\n", file, line, function, expression);
}
