#include "core/lab/lessons.h"
#include "app/cli/commands.h"
#include "app/cli/text.h"

#include <cstdio>

#include <CLI/CLI.hpp>

namespace ebm::cli {
namespace {

int lessons() {
    std::size_t name_width = 0;
    for (const std::string_view name : lab::names_of_lessons())
        name_width = std::max(name_width, width(std::string(name)));
    std::string text;
    const auto add = [&](const std::vector<lab::Lesson>& some) {
        for (const lab::Lesson& lesson : some)
            text += lesson.name + std::string(name_width - width(lesson.name) + 2, ' ') +
                    wrapped(lesson.title + " (" + std::to_string(lesson.minutes) + " min). " + lesson.about,
                            110, name_width + 2) +
                    "\n";
    };
    add(lab::built_in_lessons());
    if (!lab::own_lessons().empty()) text += "\nYour own lessons\n";
    add(lab::own_lessons());
    std::fputs(text.c_str(), stdout);
    return exit_done;
}

} // namespace

void add_lessons(CLI::App& program, Action& action) {
    auto* app = program.add_subcommand("lessons", "List the lessons");
    app->footer("Examples:\n"
                "  ebmlab lessons\n"
                "  ebmlab lesson density\n"
                "\n" +
                program.get_footer());
    app->callback([&action] { action = lessons; });
}

} // namespace ebm::cli
