#include "app/panels/unsaved.h"

#include "app/window/comparison.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "core/store/recovery.h"

#include <chrono>
#include <filesystem>

namespace ebm::panels {
namespace {

using window::Question;

/// Seconds of training that a person would miss. A scene that is left sooner can be brought back all the
/// same; what the closing window takes along cannot.
constexpr double worth_at_end = 0.25; // of Shell::worth_asking

const std::vector<window::FileFilter> checkpoints = {{"Checkpoints", {"*.safetensors"}}};

std::string what_is_lost(const window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    return (context.second ? "Run B of \u201c" : "\u201c") + s.scene.title + "\u201d has been trained for " +
           window::format_duration(s.unsaved_seconds) + " (" + window::format_count(s.unsaved_iterations) +
           " iterations, now at " + window::format_count(s.iteration) + ") since it was saved last.";
}

/// Save and go on, or go on without.
void ask(window::Context& context, const std::string& without, const std::string& text,
         std::function<void()> go_on) {
    const lab::Snapshot& s = context.snapshot;
    window::Shell& shell = context.shell;
    const auto save = [&shell, send = context.send, go_on, name = s.scene.name + ".safetensors"] {
        shell.dialogs().save_file("Save checkpoint", name, checkpoints,
                                  [&shell, send, go_on](const std::string& path) {
                                      send(lab::SaveCheckpoint{path});
                                      shell.preferences().remember_file(path);
                                      go_on(); // commands are applied in order: it is saved before
                                  });
    };
    shell.ask({"This training is not saved",
               what_is_lost(context) + text,
               {{"Save\u2026", save}, {without, go_on}}});
}

using store::recovery::LeftBehind;

/// The first of the files, and the others once that is answered. taken: the window's own run is one of them
/// already, so that the next becomes run B.
void offer(window::Shell& shell, const window::Shell::Send& send, std::vector<LeftBehind> files, bool taken) {
    if (files.empty()) return;
    const LeftBehind file = files.front();
    const std::size_t left = files.size() - 1;
    const bool second = file.run == store::recovery::Which::b;
    const auto go_on = [&shell, send, rest = std::vector(files.begin() + 1, files.end())](bool now_taken) {
        offer(shell, send, rest, now_taken);
    };
    const double seconds =
        std::chrono::duration<double>(std::filesystem::file_time_type::clock::now() - file.written).count();
    std::string text = "EBM Lab ended " + window::format_duration(std::max(0.0, seconds)) +
                       " ago while a training was not saved. It was kept (" +
                       window::format_bytes(static_cast<double>(file.bytes)) + ") and can go on from there.";
    if (second) text += " It was run B of two that were compared.";
    if (left > 0) text += " Run B, which was compared with it, was kept too and is asked about next.";
    window::Question question{"A training was not ended properly", text, {}};
    if (taken)
        question.answers.push_back(
            {"Recover it as run B", [&shell, path = file.path] { shell.compare_recovered(path); }});
    else
        question.answers.push_back({"Recover it", [send, go_on, path = file.path] {
                                        send(lab::Recover{path.string()});
                                        go_on(true);
                                    }});
    if (left > 0)
        question.answers.push_back({"Leave it for the next start", [go_on, taken] { go_on(taken); }});
    question.answers.push_back({"Delete it", [go_on, taken, path = file.path] {
                                    store::recovery::remove(path);
                                    go_on(taken);
                                }});
    shell.ask(std::move(question));
}

} // namespace

void send_or_ask(window::Context& context, lab::Command command) {
    const auto would_miss = [&](const lab::Snapshot& s) {
        return s.unsaved_iterations > 0 && s.unsaved_seconds >= context.shell.worth_asking();
    };
    const window::Comparison* both = context.comparison;
    const bool shared = both && both->shares(command);
    const lab::Snapshot* other = shared ? context.second ? &both->a() : &both->b() : nullptr;
    const bool others = other && would_miss(*other);
    if (!lab::discards_training(command) || (!would_miss(context.snapshot) && !others))
        return context.send(std::move(command));
    const std::string back = " It can be brought back (File menu) until another run takes its place.";
    const auto go_on = [send = context.send, command] { send(command); };
    if (!others) return ask(context, "Go on without saving", back, go_on);
    // Of two linked runs one would be left unsaved whatever is saved here.
    context.shell.ask({"Both runs begin anew",
                       "The runs are linked, and training that is not saved is set aside in both." + back +
                           " Unlink them in Compare runs to begin one anew, or save first.",
                       {{"Begin both anew", go_on}}});
}

bool may_end(window::Context& context, std::function<void()> go_on) {
    const lab::Snapshot& s = context.snapshot;
    if (s.unsaved_iterations <= 0 || s.unsaved_seconds < worth_at_end * context.shell.worth_asking())
        return true;
    if (context.second)
        ask(context, "End it without saving", " It is lost when it ends.", std::move(go_on));
    else
        ask(context, "Close without saving", " It is lost when the window closes.", std::move(go_on));
    return false;
}

void offer_recovery(window::Context& context) {
    std::vector<store::recovery::LeftBehind> files = store::recovery::left_behind();
    std::erase_if(files, [first = files.empty() ? store::recovery::LeftBehind() : files.front()](
                             const auto& file) { return !store::recovery::same_process(file, first); });
    offer(context.shell, context.send, std::move(files), false);
}

} // namespace ebm::panels
