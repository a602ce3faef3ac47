#include "tests/window/stage.h"

#include <chrono>
#include <imgui_internal.h>
#include <thread>

namespace ebm::test {

void Stage::test(const char* group, const char* name, std::function<void(ImGuiTestContext*)> body) {
    ImGuiTest* test = IM_REGISTER_TEST(engine, group, name);
    test->TestFunc = [this, body = std::move(body)](ImGuiTestContext* context) {
        context->PopupCloseAll();
        if (shell->dialogs().is_open() || shell->is_asking()) context->KeyPress(ImGuiKey_Escape);
        shell->set_worth_asking(1e9);
        shell->end_comparison();
        shell->reset_layout(); // closes Lesson, too, which ends the lesson of a test that failed
        context->Yield(8);
        shell->preferences().lessons.clear();
        sent.clear();
        body(context);
        context->PopupCloseAll();
        if (now().state == lab::State::running) session->send(lab::Pause{});
    };
}

bool Stage::wait(ImGuiTestContext* context, const char* what,
                 const std::function<bool(const lab::Snapshot&)>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!context->IsError()) {
        context->Yield();
        if (condition(now())) return true;
        if (std::chrono::steady_clock::now() > end) {
            IM_ERRORF("waited in vain for: %s", what);
            return false;
        }
        // Without graphics a frame takes no time, and the engine needs the processor.
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

void Stage::open(ImGuiTestContext* context, const lab::Scene& scene, bool run) {
    send(lab::UseDevice{"cpu"});
    send(lab::SetPace{});
    send(lab::SelectChain{-1});
    send(lab::OpenScene{scene, run});
    session->wait();
    wait(context, "the scene", [&](const lab::Snapshot& s) {
        return s.scene.title == scene.title && (run || s.iteration == 0) && s.chains.count > 0 &&
               s.task.empty() && (run || s.state == lab::State::ready) && (s.field || s.slice);
    });
    context->Yield(2);
    sent.clear();
}

void Stage::train(ImGuiTestContext* context, int iterations) {
    const std::int64_t until = now().iteration + iterations;
    send(lab::StepTraining{iterations});
    wait(context, "training", [&](const lab::Snapshot& s) {
        return s.iteration >= until && s.state == lab::State::paused && s.records &&
               s.records->size() >= until;
    });
    context->Yield(2);
}

void Stage::trace(ImGuiTestContext* context, int chain, int steps) {
    const auto at = static_cast<std::size_t>(chain);
    const std::int32_t until = now().chains.age[at] + steps;
    send(lab::SelectChain{chain});
    send(lab::StepChains{steps});
    wait(context, "the trace", [&](const lab::Snapshot& s) {
        return s.trace && s.trace->chain == chain && !s.trace->energy.empty() && s.chains.age[at] >= until;
    });
    context->Yield(2);
}

void Stage::show(ImGuiTestContext* context, const char* panel) {
    shell->open_panel(panel);
    context->Yield(3);
    session->wait(); // it knows that the panel's views are shown
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

std::string Stage::words(ImGuiTestContext* context) {
    collect_words = true;
    context->Yield(2);
    return collected;
}

void choose_of_plot(ImGuiTestContext* context, const char* plot, const char* item) {
    context->MouseMove(plot);
    context->MouseClick(ImGuiMouseButton_Right);
    context->Yield(2);
    context->ItemClick((std::string("//$FOCUSED/") + item).c_str());
    context->Yield(3);
}

ImVec2 of_plane(ImGuiTestContext* context, float x, float y) {
    const ImRect rect = context->ItemInfo("canvas").RectFull;
    const float unit = std::min(rect.GetWidth(), rect.GetHeight()) / (8 * 1.025f);
    return {rect.GetCenter().x + x * unit, rect.GetCenter().y - y * unit};
}

window::Size Stage::display_size() const {
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    return {static_cast<int>(size.x), static_cast<int>(size.y)};
}

} // namespace ebm::test
