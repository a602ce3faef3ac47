#pragma once

#include "app/window/shell.h"
#include "tests/window/demo_snapshot.h"

#include <functional>
#include <imgui.h>
#include <imgui_te_context.h>
#include <imgui_te_engine.h>
#include <string>
#include <vector>

/// What the window tests play on: the program's shell, a snapshot that stands for the laboratory, and every
/// command that the window sent to it.
namespace ebm::test {

struct Stage {
    window::Shell* shell = nullptr;
    ImGuiTestEngine* engine = nullptr;
    lab::Snapshot snapshot;
    std::vector<lab::Command> sent;
    std::vector<std::string> opened;   ///< paths given to open_file
    std::vector<std::string> pictures; ///< paths given to write_picture

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
};

/// The one stage of the running program.
Stage& stage();

using Register = void (*)(Stage&);
/// A file of tests adds itself: `const bool added = add_tests(add_samples_tests);`
bool add_tests(Register tests);

} // namespace ebm::test
