#pragma once

#include "app/window/shell.h"

#include <imgui_te_context.h>
#include <imgui_te_engine.h>
#include <string>
#include <vector>

/// What the window tests play on: the program's shell, a snapshot that stands for the laboratory, and every
/// command that the window sent to it.
namespace ebm::window_tests {

struct Stage {
    window::Shell* shell = nullptr;
    lab::Snapshot snapshot;
    std::vector<lab::Command> sent;
    std::vector<std::string> opened;   ///< paths given to open_file
    std::vector<std::string> pictures; ///< paths given to write_picture

    template <class T>
    const T* last_sent() const {
        for (auto at = sent.rbegin(); at != sent.rend(); ++at)
            if (const T* command = std::get_if<T>(&*at)) return command;
        return nullptr;
    }
};

/// The one stage of the running program.
Stage& stage();

using Register = void (*)(ImGuiTestEngine*);
/// A file of tests adds itself: `const bool added = add_tests([](ImGuiTestEngine* engine) { …
/// IM_REGISTER_TEST … });`
bool add_tests(Register tests);

} // namespace ebm::window_tests
