#include "app/program.h"

#include "app/panels/bars.h"
#include "app/panels/file_actions.h"
#include "app/panels/lesson.h"
#include "app/panels/open_file.h"
#include "app/panels/panels.h"
#include "app/panels/run_actions.h"
#include "app/panels/unsaved.h"
#include "core/store/image.h"

namespace ebm::window {

namespace {

std::vector<Action> actions_but_lessons() {
    std::vector<Action> actions = panels::file_actions();
    for (Action& action : panels::run_actions())
        actions.push_back(std::move(action));
    for (Action& action : panels::lesson_actions())
        actions.push_back(std::move(action));
    return actions;
}

lab::WindowIds ids_of(const std::vector<Panel>& panels, const std::vector<Action>& actions) {
    lab::WindowIds ids;
    const auto add = [&](const std::vector<Action>& some) {
        for (const Action& action : some)
            ids.actions.push_back(action.id);
    };
    add(actions);
    for (const Panel& panel : panels) {
        ids.panels.push_back(panel.id);
        add(panel.actions);
    }
    return ids;
}

} // namespace

void find_own_lessons() {
    if (const std::filesystem::path folder = config_folder(); !folder.empty())
        lab::keep_own_lessons_in(folder / "lessons");
}

lab::WindowIds window_ids() {
    return ids_of(all_panels(), actions_but_lessons());
}

ShellOptions program_options() {
    ShellOptions options;
    options.panels = all_panels();
    options.second_panels = second_panels();
    options.actions = actions_but_lessons();
    lab::leave_out_lessons_beyond(ids_of(options.panels, options.actions));
    for (Action& action : panels::actions_of_lessons())
        options.actions.push_back(std::move(action));
    options.top_bar = panels::top_bar();
    options.status_bar = panels::status_bar();
    options.open_file = panels::open_file;
    options.take_over = panels::choose_own_data;
    options.allow = panels::allow_or_ask;
    options.may_end = panels::may_end;
    options.write_picture = [](const std::string& path, const Pixels& pixels) {
        store::write_png(path, {pixels.width, pixels.height, 4, pixels.rgba});
    };
    return options;
}

} // namespace ebm::window
