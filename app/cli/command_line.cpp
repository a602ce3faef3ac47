#include "app/cli/command_line.h"

#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/program.h"
#include "app/run.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/names.h"
#include "core/base/printable.h"
#include "core/base/program.h"
#include "core/base/system_error.h"
#include "core/lab/lessons.h"
#include "core/lab/scene_text.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <CLI/CLI.hpp>

namespace ebm::cli {
namespace {

struct WindowOptions : ComputeOptions {
    std::string scene, file, lesson;
    std::vector<std::string> changes;
    float ui_scale = 0;
    bool asks_for_lesson = false; ///< by the subcommand
};

void add_window(CLI::App& program, WindowOptions& options) {
    auto* file =
        program
            .add_option(
                "file", options.file,
                "Open this checkpoint, scene file, lesson file, scene, lesson or text of a scene in the "
                "window")
            ->type_name("FILE|SCENE|LESSON|TEXT");
    program.add_option("--scene", options.scene, "Open this scene in the window")
        ->type_name("NAME|FILE.json")
        ->excludes(file);
    add_changes(program, options.changes)->excludes(file);
    program
        .add_option("--ui-scale", options.ui_scale,
                    "Size of text and widgets; default: as the screen asks for")
        ->type_name("FACTOR")
        ->check(real_number(0.5, 4.0));
    add_compute_options(program, options);
}

bool is_scene_name(const std::string& word) {
    return std::ranges::find(lab::built_in_scenes(), word, &lab::Scene::name) != lab::built_in_scenes().end();
}

int open_window(const WindowOptions& options) {
    window::WindowRequest request;
    request.compute = options.laboratory();
    request.compute.for_window = true;
    std::error_code error;
    const bool is_file = std::filesystem::exists(options.file, error);
    const std::string& lesson_file = options.asks_for_lesson ? options.lesson : options.file;
    if (std::filesystem::is_regular_file(lesson_file, error) &&
        lab::is_lesson_file(lesson_file, data::describe(lesson_file))) {
        lab::Lesson lesson = lab::read_lesson(lesson_file);
        request.lesson = lesson.name;
        lab::add_own_lesson(std::move(lesson));
    } else {
        request.lesson = !is_file && lab::find_lesson(options.file) ? options.file : options.lesson;
    }
    if (!request.lesson.empty() || options.asks_for_lesson) {
        const lab::Lesson* lesson = lab::find_lesson(request.lesson);
        if (!lesson)
            throw Error("There is no lesson '" + request.lesson + "'", "",
                        did_you_mean(request.lesson, lab::names_of_lessons()) +
                            " `ebmlab lessons` lists them.");
        lab::check_mentions(*lesson, window::window_ids());
        request.scene = lab::lesson_scene(*lesson);
        request.ui_scale = options.ui_scale;
        return window::run_window(request);
    }
    if (!is_file && lab::is_scene_text(options.file)) {
        std::vector<std::string> warnings;
        request.scene = lab::parse_scene_text(options.file, warnings);
        for (const std::string& warning : warnings)
            log::warning("{}", warning);
        request.ui_scale = options.ui_scale;
        return window::run_window(request);
    }
    const bool names_scene = !is_file && is_scene_name(options.file);
    const std::string& scene = names_scene ? options.file : options.scene;
    request.scene = scene.empty() ? lab::built_in_scenes().front() : lab::find_scene(scene);
    change(request.scene.settings, parse_changes(options.changes));
    request.asked_for = !scene.empty() || !options.changes.empty();
    if (!names_scene) request.file = options.file;
    request.ui_scale = options.ui_scale;
    return window::run_window(request);
}

void add_lesson(CLI::App& program, WindowOptions& options, Action& action) {
    auto* app = program.add_subcommand("lesson", "Open a lesson in the window");
    app->add_option("name", options.lesson, "One of those that `ebmlab lessons` lists, or a lesson file")
        ->required()
        ->type_name("LESSON|FILE.md");
    app->add_option("--ui-scale", options.ui_scale,
                    "Size of text and widgets; default: as the screen asks for")
        ->type_name("FACTOR")
        ->check(real_number(0.5, 4.0));
    app->footer("Examples:\n"
                "  ebmlab lesson density\n"
                "  ebmlab density\n"
                "\n" +
                program.get_footer());
    app->callback([&action, &options] {
        options.asks_for_lesson = true;
        action = [&options] { return open_window(options); };
    });
}

int complain(const std::string& sentence, int exit_code) {
    std::fputs(("ebmlab: " + printable(sentence) + "\n").c_str(), stderr);
    return exit_code;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// The innermost subcommand that was given, or the program itself.
const CLI::App& chosen(const CLI::App& program) {
    const auto given = program.get_subcommands();
    return given.empty() ? program : chosen(*given.front());
}

/// "data get ", with a space behind each name; nothing for the program itself.
std::string given_names(const CLI::App& program) {
    const auto given = program.get_subcommands();
    return given.empty() ? "" : given.front()->get_name() + " " + given_names(*given.front());
}

std::string ask_for_help(const CLI::App& program) {
    return "`ebmlab " + given_names(program) + "--help` shows how.";
}

/// Collects --option names of `app` and of its groups.
void option_names(const CLI::App& app, std::vector<std::string>& names) {
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames())
            names.push_back("--" + name);
    for (const CLI::App* group :
         app.get_subcommands([](const CLI::App* sub) { return sub->get_name().empty(); }))
        option_names(*group, names);
}

int wrong_usage(const CLI::App& program, const CLI::ParseError& error) {
    std::string sentence = first_line(error.what());
    const std::vector<std::string> left = program.remaining(true);
    if (dynamic_cast<const CLI::ExtrasError*>(&error) && !left.empty()) {
        std::vector<std::string> names;
        const std::string word = left.front().substr(0, left.front().find('='));
        if (word.starts_with("-"))
            option_names(chosen(program), names);
        else
            for (const CLI::App* command : chosen(program).get_subcommands({}))
                names.push_back(command->get_name());
        const std::string_view near = nearest(word, names);
        sentence = "'" + left.front() + "' is not expected here";
        if (!near.empty()) sentence += "; did you mean " + std::string(near) + "?";
    }
    if (!sentence.ends_with("?") && !sentence.ends_with(".")) sentence += ".";
    return complain(sentence + " " + ask_for_help(program), exit_usage);
}

/// The name of an option that was given an empty value, of `app` or of a command in it that was given; empty
/// if there is none. CLI11 and the options' own rows take an empty text for "not given".
std::string without_value(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options())
        if (option->nonpositional() && option->get_items_expected_max() > 0 && option->count() > 0 &&
            std::ranges::any_of(option->results(), &std::string::empty))
            return option->get_name();
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        if (command->parsed() || command->get_name().empty())
            if (const std::string name = without_value(*command); !name.empty()) return name;
    return "";
}

/// A first word that is neither a subcommand nor a file; empty if there is none.
std::string unknown_command(const CLI::App& program, int argument_count, char** arguments) {
    if (argument_count < 2) return "";
    const std::string word = arguments[1];
    std::error_code error;
    const auto has_that_name = [&](const CLI::App* command) { return command->get_name() == word; };
    const bool known = !program.get_subcommands(has_that_name).empty();
    return word.starts_with("-") || known || lab::find_lesson(word) || is_scene_name(word) ||
                   lab::is_scene_text(word) || std::filesystem::exists(word, error)
               ? ""
               : word;
}

int run(const Action& action) {
    try {
        require_current_folder();
        end_on_interrupt(); // what has to be put in order first has handlers of its own
        const int exit_code = action();
        if (std::fflush(stdout) != 0 || std::ferror(stdout))
            return complain("The output cannot be written. Make room on the disk, or check where it goes.",
                            exit_error);
        return exit_code;
    } catch (const Error& error) {
        return complain(error.what(), exit_error);
    } catch (const std::exception& error) {
        if (const std::optional<Error> problem = explained(error))
            return complain(problem->what(), exit_error);
        return complain("Something went wrong inside EBM Lab: " + first_line(error.what()) +
                            ". Please report it.",
                        exit_error);
    }
}

} // namespace

int run_command_line(int argument_count, char** arguments) {
    log::set_terminal_threshold(log::Level::warning);
    CLI::App program("EBM Lab trains energy-based models and shows their chains at work.\n"
                     "Without a command it opens the window.",
                     "ebmlab");
    program.set_version_flag(
        "--version", [] { return "ebmlab " EBM_VERSION "\n" + libtorch_in_words(); },
        "Print the version, the LibTorch in use and exit");
    program.set_help_flag("--help,-h", "Print this help and exit");
    program.footer(
        "Exit codes: 0 done; 1 an error, said in one line on standard error; 2 wrong usage; 130 interrupted\n"
        "(a training is saved first).");
    program.require_subcommand(0, 1);

    window::find_own_lessons();
    Action action;
    for (const auto add :
         {add_train, add_sample, add_energy, add_evaluate, add_inpaint, add_nearest, add_race, add_table,
          add_render, add_export, add_data, add_describe, add_params, add_scenes, add_lessons, add_bench})
        add(program, action);
    WindowOptions window;
    add_lesson(program, window, action);
    add_window(program, window);

    if (const std::string word = unknown_command(program, argument_count, arguments); !word.empty()) {
        std::vector<std::string> names;
        for (const CLI::App* command : program.get_subcommands({}))
            names.push_back(command->get_name());
        for (const lab::Scene& scene : lab::built_in_scenes())
            names.push_back(scene.name);
        for (const std::string_view name : lab::names_of_lessons())
            names.emplace_back(name);
        const std::string_view near = nearest(word, names);
        return complain(
            "There is no command, file, scene or lesson '" + word + "'. " +
                (near.empty() ? "" : "Did you mean " + std::string(near) + "? ") +
                "`ebmlab --help` lists the commands, `ebmlab scenes` and `ebmlab lessons` the others.",
            exit_usage);
    }
    try {
        program.parse(argument_count, arguments);
    } catch (const CLI::Success& success) {
        return program.exit(success);
    } catch (const CLI::ParseError& error) {
        return wrong_usage(program, error);
    } catch (const std::exception& error) {
        const std::optional<Error> problem = explained(error);
        return complain(problem ? problem->what() : error.what(), exit_error);
    }
    if (const std::string option = without_value(program); !option.empty())
        return complain(option + " was given an empty value. " + ask_for_help(program), exit_usage);
    if (!action) action = [&window] { return open_window(window); };
    return run(action);
}

} // namespace ebm::cli
