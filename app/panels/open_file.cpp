#include "app/panels/open_file.h"

#include "app/panels/lesson.h"
#include "app/window/shell.h"
#include "app/window/theme.h"
#include "app/window/widgets.h"
#include "core/base/error.h"
#include "core/data/describe.h"
#include "core/data/drawing.h"
#include "core/lab/data_scene.h"
#include "core/lab/lessons.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>

#include <imgui.h>

namespace ebm::panels {
namespace {

using Use = data::FileDescription::Use;

/// What is found at a path, and the scene that opens if it is a scene or data to learn from.
struct Found {
    data::FileDescription file;
    lab::Scene scene;
    std::optional<lab::Lesson> lesson;
    std::string drawing; ///< the darkness of a single picture, as settings keep it; empty if it is none
    std::string problem; ///< a sentence; empty if there is none
    std::optional<Error> no_lesson; ///< why a lesson is none
};

/// Empty for what is no PNG or JPEG, or has no darkness.
std::string darkness_of(const std::string& path) {
    try {
        return data::drawing_text(data::drawing_of_picture(path));
    } catch (const Error&) {
        return "";
    }
}

Found look_at(const std::string& path, const lab::Scene& now) {
    Found found;
    try {
        found.file = data::describe(path);
        if (lab::is_lesson_file(path, found.file)) {
            try {
                found.lesson = lab::read_lesson(path);
            } catch (const Error& error) {
                found.no_lesson = error;
            }
            return found;
        }
        if (found.file.use == Use::scene) found.scene = lab::find_scene(path);
        if (found.file.use == Use::points || found.file.use == Use::pictures)
            found.scene = lab::learning_scene(path, now);
        if (found.file.use == Use::pictures) found.drawing = darkness_of(path);
    } catch (const Error& error) {
        found.problem = error.what();
    }
    return found;
}

/// Which columns of a table are the points, and which holds their classes.
struct ColumnChoice {
    const data::FileDescription* file = nullptr;
    int x = -1, y = -1, label = -1; ///< −1: none

    /// Those that the model of now learned, by name, where the file has them; else the first two of numbers.
    ColumnChoice(const data::FileDescription& of, const std::vector<std::string>& learned) : file(&of) {
        const auto column_named = [&](const std::string& name) {
            const auto found = std::ranges::find(of.columns, name);
            return std::ranges::count(of.columns, name) == 1 ? static_cast<int>(found - of.columns.begin())
                                                             : -1;
        };
        if (of.named && learned.size() == 2) {
            x = column_named(learned[0]);
            y = column_named(learned[1]);
            if (x >= 0 && y >= 0) return;
        }
        x = y = -1;
        for (std::size_t i = 0; i < of.columns.size() && y < 0; ++i)
            if (of.numbers[i]) (x < 0 ? x : y) = static_cast<int>(i);
    }
    /// Whether there is anything to choose.
    bool asks() const {
        return file->use == Use::points &&
               (file->columns.size() != 2 || std::ranges::find(file->numbers, false) != file->numbers.end());
    }
    std::string problem() const {
        if (!asks()) return "";
        if (x < 0 || y < 0) return "A model of the plane needs two columns of numbers.";
        return x == y ? "Choose two different columns." : "";
    }
    /// As settings name a column: by its name, or by its number where that says more.
    std::string text(int column) const {
        const std::string& name = file->columns[static_cast<std::size_t>(column)];
        const bool unnamed = name == "column " + std::to_string(column + 1);
        const bool plain = file->named && !unnamed && std::ranges::count(file->columns, name) == 1 &&
                           name.find(',') == std::string::npos && std::isdigit(name.front()) == 0;
        return plain ? name : std::to_string(column + 1);
    }
    std::string points() const { return asks() && problem().empty() ? text(x) + "," + text(y) : ""; }
    std::string labels() const { return asks() && label >= 0 ? text(label) : ""; }

    void draw() {
        column("x", x, true);
        column("y", y, true);
        column("Classes", label, false);
    }

private:
    void column(const char* title, int& chosen, bool of_numbers) const {
        const auto name = [&](int i) {
            return i < 0 ? std::string("none") : file->columns[static_cast<std::size_t>(i)];
        };
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(title);
        ImGui::SameLine(window::scaled(90));
        ImGui::SetNextItemWidth(-FLT_MIN);
        if (!window::begin_combo((std::string("##column ") + title).c_str(), name(chosen))) return;
        if (!of_numbers && ImGui::Selectable("none", chosen < 0)) chosen = -1;
        for (int i = 0; i < static_cast<int>(file->columns.size()); ++i) {
            if (of_numbers && !file->numbers[static_cast<std::size_t>(i)]) continue;
            if (ImGui::Selectable((name(i) + "###column" + std::to_string(i)).c_str(), chosen == i))
                chosen = i;
        }
        ImGui::EndCombo();
    }
};

/// A file that a person is asked about.
struct Asked {
    std::future<Found> looking;
    std::optional<Found> found;
    std::optional<ColumnChoice> columns;
};

const std::vector<window::FileFilter> tables = {
    {"Tables", {"*.csv", "*.tsv", "*.txt", "*.npy", "*.npz", "*.gz"}}, {"All files", {"*"}}};
const std::vector<window::FileFilter> picture_files = {
    {"Pictures", {"*.png", "*.jpg", "*.jpeg", "*.npy", "*.npz", "*.idx", "*.gz", "*-ubyte"}},
    {"All files", {"*"}}};

std::string name_of(const std::filesystem::path& path) {
    const std::filesystem::path name = path.filename();
    return (name.empty() ? path.parent_path().filename() : name).string();
}

} // namespace

void open_file(window::Context& context, const std::string& path) {
    lab::Scene now = context.snapshot.scene;
    now.settings = context.settings.shown();
    const auto asked = std::make_shared<Asked>();
    asked->looking = std::async(std::launch::async, [=] { return look_at(path, now); });
    const bool open = context.snapshot.state != lab::State::empty, plane = context.snapshot.kind.plane;
    const std::vector<std::string> learned =
        plane && context.snapshot.data ? context.snapshot.data->coding.names() : std::vector<std::string>();
    window::Question question{"What is " + name_of(path) + " for?", "Looking at the file \u2026", {}};
    question.update = [=, send = context.send, &shell = context.shell](window::Question& q) {
        if (asked->looking.valid() &&
            asked->looking.wait_for(std::chrono::seconds(0)) == std::future_status::ready)
            asked->found = asked->looking.get();
        if (!asked->found) return;
        const Found& found = *asked->found;
        const auto say = [&](const std::string& text) {
            q.answered = [&shell, text] { shell.say(text, window::Meaning::attention); };
        };
        if (!found.problem.empty()) return say(found.problem);
        if (found.no_lesson) {
            q.answered = [&shell, path, why = *found.no_lesson] { refuse_lesson(shell, path, why); };
            return;
        }
        if (found.lesson) {
            q.answered = [&shell, lesson = *found.lesson] { open_lesson(shell, lesson); };
            return;
        }
        switch (found.file.use) {
        case Use::checkpoint:
            q.answered = [=] { send(lab::OpenCheckpoint{path}); };
            return;
        case Use::scene:
            q.answered = [=] { send(lab::OpenScene{found.scene, true}); };
            return;
        case Use::lesson:
        case Use::none:
            return say(name_of(path) + ": " + found.file.words + ".");
        case Use::points:
        case Use::pictures:
            break;
        }
        if (!asked->columns) asked->columns.emplace(found.file, learned);
        const ColumnChoice& columns = *asked->columns;
        if (columns.asks() && !q.controls) q.controls = [asked] { asked->columns->draw(); };
        const std::string points = columns.points(), refusal = columns.problem();
        q.text = "It holds " + found.file.words + ".";
        const std::string other = !open ? "No scene is open."
                                  : (found.file.use == Use::points) == plane
                                      ? ""
                                      : "The model of this scene takes samples of another kind.";
        q.answers = {{"An out-of-distribution set: compare its energies with the data's",
                      [=] {
                          send(lab::AddOodSet{std::filesystem::path(path).stem().string(), path, points});
                      },
                      other.empty() ? refusal : other},
                     {"Start of the live chains",
                      [=] {
                          send(lab::RestartChains{lab::ChainStart::file, {}, path, -1, points});
                      },
                      other.empty() ? refusal : other},
                     {"Data to learn from, in a new scene",
                      [=, labels = columns.labels()] {
                          lab::Scene scene = asked->found->scene;
                          scene.settings.data.columns = points;
                          scene.settings.data.labels = labels;
                          send(lab::OpenScene{scene, true});
                      },
                      refusal}};
        if (!found.drawing.empty())
            q.answers.push_back({"A density on the plane: dark is likely, in a new scene", [=] {
                                     send(lab::OpenScene{lab::drawn_scene(found.drawing, now), true});
                                 }});
    };
    context.shell.ask(std::move(question));
}

bool choose_own_data(window::Shell& shell, const Setting& row, const std::string& value,
                     const Settings& shown) {
    const auto own = [](const std::string& set) { return set == "points" || set == "pictures"; };
    const auto open = [&shell](const std::string& path) { shell.open_path(path); };
    if (row.key == "data.path" && own(shown.data.set) && !value.empty()) {
        open(value);
        return true;
    }
    if (row.key != "data.set" || !own(value) || !shown.data.path.empty()) return false;
    if (value == "points") {
        shell.dialogs().open_file("Points to learn from", tables, open);
        return true;
    }
    window::Question question{
        "Where are the pictures?", "Folders inside the one that you choose are taken for classes.", {}};
    question.answers = {
        {"In a folder…",
         [&shell, open] { shell.dialogs().open_folder("Pictures to learn from", picture_files, open); }},
        {"In one file: npz, npy, IDX…",
         [&shell, open] { shell.dialogs().open_file("Pictures to learn from", picture_files, open); }}};
    shell.ask(std::move(question));
    return true;
}

} // namespace ebm::panels
