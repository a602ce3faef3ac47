#include "app/cli/commands.h"
#include "app/cli/text.h"
#include "core/lab/lesson.h"

#include <cstdio>

#include <CLI/CLI.hpp>

namespace ebm::cli {
namespace {

int lessons() {
    std::string text;
    std::size_t name_width = 0;
    for (const lab::Lesson& lesson : lab::built_in_lessons())
        name_width = std::max(name_width, width(lesson.name));
    for (const lab::Lesson& lesson : lab::built_in_lessons())
        text += lesson.name + std::string(name_width - width(lesson.name) + 2, ' ') +
                wrapped(lesson.title + " (" + std::to_string(lesson.minutes) + " min). " + lesson.about, 110,
                        name_width + 2) +
                "\n";
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
