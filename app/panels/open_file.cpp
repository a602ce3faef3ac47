#include "app/panels/open_file.h"

#include "app/window/shell.h"
#include "core/base/error.h"
#include "core/data/describe.h"
#include "core/data/drawing.h"
#include "core/lab/data_scene.h"

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>

namespace ebm::panels {
namespace {

using Use = data::FileDescription::Use;

/// What is found at a path, and the scene that opens if it is a scene or data to learn from.
struct Found {
    data::FileDescription file;
    lab::Scene scene;
    std::string drawing; ///< the darkness of a single picture, as settings keep it; empty if it is none
    std::string problem; ///< a sentence; empty if there is none
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
        if (found.file.use == Use::scene) found.scene = lab::find_scene(path);
        if (found.file.use == Use::points || found.file.use == Use::pictures)
            found.scene = lab::learning_scene(path, now);
        if (found.file.use == Use::pictures) found.drawing = darkness_of(path);
    } catch (const Error& error) {
        found.problem = error.what();
    }
    return found;
}

std::string name_of(const std::filesystem::path& path) {
    const std::filesystem::path name = path.filename();
    return (name.empty() ? path.parent_path().filename() : name).string();
}

} // namespace

void open_file(window::Context& context, const std::string& path) {
    lab::Scene now = context.snapshot.scene;
    now.settings = context.settings.shown();
    const auto future = std::make_shared<std::future<Found>>(
        std::async(std::launch::async, [=] { return look_at(path, now); }));
    const bool open = context.snapshot.state != lab::State::empty, plane = context.snapshot.kind.plane;
    window::Question question{"What is " + name_of(path) + " for?", "Looking at the file \u2026", {}};
    question.update = [=, send = context.send, &shell = context.shell](window::Question& q) {
        if (!future->valid() || future->wait_for(std::chrono::seconds(0)) != std::future_status::ready)
            return;
        const Found found = future->get();
        const auto say = [&](const std::string& text) {
            q.answered = [&shell, text] { shell.say(text, window::Meaning::attention); };
        };
        if (!found.problem.empty()) return say(found.problem);
        switch (found.file.use) {
        case Use::checkpoint:
            q.answered = [=] { send(lab::OpenCheckpoint{path}); };
            return;
        case Use::scene:
            q.answered = [=] { send(lab::OpenScene{found.scene, true}); };
            return;
        case Use::none:
            return say(name_of(path) + ": " + found.file.words + ".");
        case Use::points:
        case Use::pictures:
            break;
        }
        q.text = "It holds " + found.file.words + ".";
        const std::string other = !open ? "No scene is open."
                                  : (found.file.use == Use::points) == plane
                                      ? ""
                                      : "The model of this scene takes samples of another kind.";
        q.answers = {{"An out-of-distribution set: compare its energies with the data's",
                      [=] {
                          send(lab::AddOodSet{std::filesystem::path(path).stem().string(), path});
                      },
                      other},
                     {"Start of the live chains",
                      [=] {
                          send(lab::RestartChains{lab::ChainStart::file, {}, path});
                      },
                      other},
                     {"Data to learn from, in a new scene", [=] {
                          send(lab::OpenScene{found.scene, true});
                      }}};
        if (!found.drawing.empty())
            q.answers.push_back({"A density on the plane: dark is likely, in a new scene", [=] {
                                     send(lab::OpenScene{lab::drawn_scene(found.drawing, now), true});
                                 }});
    };
    context.shell.ask(std::move(question));
}

} // namespace ebm::panels
