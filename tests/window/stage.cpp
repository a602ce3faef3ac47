#include "tests/window/stage.h"

namespace ebm::test {

void Stage::test(const char* group, const char* name, std::function<void(ImGuiTestContext*)> body) {
    ImGuiTest* test = IM_REGISTER_TEST(engine, group, name);
    test->TestFunc = [this, body = std::move(body)](ImGuiTestContext* context) {
        snapshot = demo::plane();
        context->PopupCloseAll();
        if (shell->dialogs().is_open()) context->KeyPress(ImGuiKey_Escape);
        shell->reset_layout();
        context->Yield(8);
        sent.clear();
        body(context);
    };
}

void Stage::show(ImGuiTestContext* context, lab::Snapshot with, const char* panel) {
    snapshot = std::move(with);
    shell->open_panel(panel);
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

} // namespace ebm::test
