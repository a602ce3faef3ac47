#pragma once

#include "app/window/display.h"
#include "app/window/shell.h"
#include "tests/window/demo_snapshot.h"

#include <imgui.h>
#include <imgui_te_context.h>
#include <imgui_te_engine.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The whole window without a display or an engine: a test sets the snapshot, acts with mouse and keyboard,
/// and looks at what was sent.
namespace ebm::test {

class Stage {
public:
    Stage();
    ~Stage();
    Stage(const Stage&) = delete;

    lab::Snapshot snapshot = demo::plane();
    std::vector<lab::Command> sent;

    /// The newest command of this kind; nullptr if there is none.
    template <class Kind>
    const Kind* last() const {
        for (auto command = sent.rbegin(); command != sent.rend(); ++command)
            if (const Kind* found = std::get_if<Kind>(&*command)) return found;
        return nullptr;
    }
    template <class Kind>
    int count() const {
        int number = 0;
        for (const lab::Command& command : sent)
            number += std::holds_alternative<Kind>(command);
        return number;
    }

    /// Registers a test. It starts with the demo plane, nothing sent and no popup open.
    void test(const char* group, const char* name, std::function<void(ImGuiTestContext*)> body);
    /// Shows a snapshot, brings a panel to the front and makes it the reference of item paths.
    void show(ImGuiTestContext* context, lab::Snapshot with, const char* panel);
    /// Makes a child window of the panel the reference of item paths.
    void enter(ImGuiTestContext* context, const char* panel, const char* child);

    window::Shell& shell() { return *shell_; }
    /// Runs every test whose group or name contains `filter`. Returns how many failed.
    int run(const std::string& filter);

private:
    std::unique_ptr<window::Display> display_;
    std::unique_ptr<window::Shell> shell_;
    ImGuiTestEngine* engine_ = nullptr;
};

// One for each file of tests.
void add_samples_tests(Stage& stage);
void add_run_view_tests(Stage& stage);
void add_buffer_tests(Stage& stage);
void add_narrow_tests(Stage& stage);

} // namespace ebm::test
