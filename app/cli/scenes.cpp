#include "app/cli/commands.h"
#include "app/cli/text.h"
#include "core/lab/scene.h"

#include <cstdio>

#include <CLI/CLI.hpp>

namespace ebm::cli {
namespace {

int scenes() {
    std::string text, group;
    std::size_t name_width = 0;
    for (const lab::Scene& scene : lab::built_in_scenes())
        name_width = std::max(name_width, width(scene.name));
    for (const lab::Scene& scene : lab::built_in_scenes()) {
        if (scene.group != group) {
            text += (text.empty() ? "" : "\n") + scene.group + "\n";
            group = scene.group;
        }
        text += "  " + scene.name + std::string(name_width - width(scene.name) + 2, ' ') +
                wrapped(scene.title + ". " + scene.description, 110, name_width + 4) + "\n";
    }
    std::fputs(text.c_str(), stdout);
    return exit_done;
}

} // namespace

void add_scenes(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand("scenes", "List the built-in scenes");
    app->footer("Examples:\n"
                "  ebmlab scenes\n"
                "  ebmlab train --scene two_moons --out runs/moons\n"
                "\n" +
                program.get_footer());
    app->callback([&action] { action = scenes; });
}

} // namespace ebm::cli
