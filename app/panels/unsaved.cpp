#include "app/panels/unsaved.h"

#include "app/panels/lesson.h"
#include "app/window/comparison.h"
#include "app/window/number_format.h"
#include "app/window/shell.h"
#include "core/lab/kept_training.h"
#include "core/lab/lessons.h"
#include "core/store/recovery.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

namespace ebm::panels {
namespace {

using window::Question;

/// Seconds of training that a person would miss. A scene that is left sooner can be brought back all the
/// same; what the closing window takes along cannot.
constexpr double worth_at_end = 0.25; // of Shell::worth_asking
/// A lesson trains its scenes again by itself, and asking at each of them would be most of the lesson.
constexpr double in_lesson = 15; // of Shell::worth_asking

const std::vector<window::FileFilter> checkpoints = {{"Checkpoints", {"*.safetensors"}}};

/// Training that nobody saved.
struct Unsaved {
    std::int64_t iterations = 0;
    double seconds = 0;
};

/// Of run B too what it began with, if run A does not have that any more.
Unsaved unsaved(const lab::Snapshot& s, const window::Comparison* both, bool second) {
    Unsaved missed{s.unsaved_iterations, s.unsaved_seconds};
    if (second && both) {
        missed.iterations += both->inherited_iterations();
        missed.seconds += both->inherited_seconds();
    }
    return missed;
}
Unsaved unsaved(const window::Context& context) {
    return unsaved(context.snapshot, context.comparison, context.second);
}

std::string what_is_lost(const window::Context& context) {
    const lab::Snapshot& s = context.snapshot;
    const Unsaved missed = unsaved(context);
    return (context.second ? "Run B of \u201c" : "\u201c") + s.scene.title + "\u201d has been trained for " +
           window::format_duration(missed.seconds) + " (" + window::format_count(missed.iterations) +
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

double seconds_since(std::filesystem::file_time_type time) {
    return std::max(
        0.0, std::chrono::duration<double>(std::filesystem::file_time_type::clock::now() - time).count());
}

/// What was kept, and how long ago as of now.
std::string what_was_kept(const LeftBehind& file, const std::optional<lab::KeptTraining>& kept, bool more) {
    const std::string when =
        " It was written " + window::format_duration(seconds_since(file.written)) + " ago";
    std::string text =
        kept ? "\u201c" + kept->title + "\u201d, iteration " + window::format_count(kept->iteration) + ", " +
                   window::format_duration(kept->seconds) + " of training, was not saved." + when
             : "A training was not saved." + when;
    text += ", before EBM Lab ended, and can go on from there.";
    if (file.run == store::recovery::Which::b) text += " It was run B of two that were compared.";
    if (more) text += " Run B, which was compared with it, was kept too and is asked about next.";
    return text;
}

/// The trainings of one process, run A before run B, and then `others`, of older ones, as long as the window
/// has none of them.
struct Offer {
    window::Shell& shell;
    window::Shell::Send send;
    std::vector<LeftBehind> files, others;
    bool taken = false; ///< the window's own run is one of them already, so that the next becomes run B
};

void offer(Offer o) {
    if (o.files.empty()) {
        if (o.others.empty()) return;
        if (o.taken)
            return o.shell.say(window::format_count(static_cast<std::int64_t>(o.others.size())) +
                                   " older trainings are kept, which the next start offers.",
                               window::Meaning::muted);
        o.files = std::move(o.others);
        o.others.clear();
        std::erase_if(o.files, [&, first = o.files.front()](const LeftBehind& file) {
            if (store::recovery::same_process(file, first)) return false;
            o.others.push_back(file);
            return true;
        });
    }
    const LeftBehind file = o.files.front();
    o.files.erase(o.files.begin());
    const bool more = !o.files.empty(), paired = more || file.run == store::recovery::Which::b;
    const auto go_on = [o](bool now_taken) {
        Offer rest = o;
        rest.taken = now_taken;
        offer(std::move(rest));
    };
    const auto kept = lab::kept_training(file.path);
    window::Question question{"Unsaved training was kept", "", {}};
    question.update = [file, kept, more](window::Question& q) { q.text = what_was_kept(file, kept, more); };
    if (o.taken)
        question.answers.push_back({"Recover it as run B", [&shell = o.shell, go_on, path = file.path] {
                                        shell.compare_recovered(path);
                                        go_on(true);
                                    }});
    else
        question.answers.push_back({"Recover it", [send = o.send, go_on, path = file.path] {
                                        send(lab::Recover{path.string()});
                                        go_on(true);
                                    }});
    if (paired || !o.others.empty())
        question.answers.push_back(
            {"Leave it for the next start", [go_on, taken = o.taken] { go_on(taken); }});
    question.answers.push_back(
        {"Delete it\u2026", [go_on, o, file] {
             Offer again = o;
             again.files.insert(again.files.begin(), file);
             o.shell.ask({"Delete it for good?",
                          "It cannot be brought back.",
                          {{"Keep it", [again] { offer(again); }}, {"Delete it", [go_on, o, file] {
                                                                        store::recovery::remove(file.path);
                                                                        go_on(o.taken);
                                                                    }}}});
         }});
    o.shell.ask(std::move(question));
}

} // namespace

void allow_or_ask(window::Context& context, const lab::Command& command, std::function<void()> go_on) {
    const window::Comparison* both = context.comparison;
    const auto would_miss = [&](const lab::Snapshot& s, bool second) {
        const Unsaved missed = unsaved(s, both, second);
        const double worth =
            context.shell.worth_asking() * (takes_lesson() && lab::is_lesson_scene(s.scene) ? in_lesson : 1);
        return missed.iterations > 0 && missed.seconds >= worth;
    };
    const bool shared = both && both->shares(command);
    const lab::Snapshot* other = shared ? context.second ? &both->a() : &both->b() : nullptr;
    const bool others = other && would_miss(*other, !context.second);
    if (!lab::discards_training(command) || (!would_miss(context.snapshot, context.second) && !others))
        return go_on();
    const std::string back = " It can be brought back (File menu) until another run takes its place.";
    if (!others) return ask(context, "Go on without saving", back, go_on);
    // Of two linked runs one would be left unsaved whatever is saved here.
    context.shell.ask({"Both runs begin anew",
                       "The runs are linked, and training that is not saved is set aside in both." + back +
                           " Unlink them in Compare runs to begin one anew, or save first.",
                       {{"Begin both anew", go_on}}});
}

bool is_missed_at_end(const window::Shell& shell, const lab::Snapshot& snapshot, bool second) {
    const Unsaved missed = unsaved(snapshot, shell.comparison(), second);
    return missed.iterations > 0 && missed.seconds >= worth_at_end * shell.worth_asking();
}

bool may_end(window::Context& context, std::function<void()> go_on) {
    if (!is_missed_at_end(context.shell, context.snapshot, context.second)) return true;
    if (context.second)
        ask(context, "End it without saving", " It is lost when it ends.", std::move(go_on));
    else
        ask(context, "Close without saving", " It is lost when the window closes.", std::move(go_on));
    return false;
}

void offer_recovery(window::Context& context) {
    std::vector<LeftBehind> files = store::recovery::left_behind();
    std::erase_if(files, [worth = worth_at_end * context.shell.worth_asking()](const LeftBehind& file) {
        const auto kept = lab::kept_training(file.path);
        if (!kept || kept->seconds >= worth) return false;
        store::recovery::remove(file.path); // closing the window would not have asked about it
        return true;
    });
    offer({context.shell, context.send, {}, std::move(files)});
}

} // namespace ebm::panels
