#include "core/lab/lessons.h"

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/names.h"
#include "core/base/printable.h"

#include <algorithm>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr std::uint64_t most_bytes = 1 << 20;

struct Library {
    std::filesystem::path own_folder;
    std::vector<Lesson> built_in, own;
    std::vector<BrokenLesson> broken; ///< own ones
    bool read = false;                ///< both were
};

Lesson* named(std::vector<Lesson>& lessons, std::string_view name) {
    const auto found = std::ranges::find(lessons, name, &Lesson::name);
    return found == lessons.end() ? nullptr : &*found;
}

void note_broken(std::vector<BrokenLesson>& broken, const std::filesystem::path& file, const Error& error) {
    std::string why = error.what();
    // The folder is the same for all of them.
    if (const auto at = why.find(file.string()); at != std::string::npos)
        why.replace(at, file.string().size(), file.filename().string());
    std::erase_if(broken, [&](const BrokenLesson& one) { return one.file == file; });
    broken.push_back({file, printable(why)});
}

void add(Library& library, Lesson lesson) {
    if (named(library.built_in, lesson.name))
        throw Error(fmt::format("A built-in lesson is called '{}', too", lesson.name), lesson.file.string(),
                    "Give the file another name.");
    std::erase_if(library.broken, [&](const BrokenLesson& one) { return one.file == lesson.file; });
    if (Lesson* same = named(library.own, lesson.name))
        *same = std::move(lesson);
    else
        library.own.push_back(std::move(lesson));
}

Library& unread_library() {
    static Library all;
    return all;
}

Library& library() {
    Library& all = unread_library();
    if (all.read) return all;
    all.read = true;
    try {
        all.built_in = read_lessons(assets_folder() / "lessons");
    } catch (const Error&) {
        return all; // without assets nothing opens, and that says why
    }
    std::error_code ignored;
    if (all.own_folder.empty() || !std::filesystem::is_directory(all.own_folder, ignored)) return all;
    for (Lesson& lesson : read_lessons(all.own_folder, &all.broken)) {
        const std::filesystem::path file = lesson.file;
        try {
            add(all, std::move(lesson));
        } catch (const Error& problem) {
            log::error("{}", problem.what());
            note_broken(all.broken, file, problem);
        }
    }
    return all;
}

} // namespace

bool is_lesson_file(const std::filesystem::path& path, const data::FileDescription& file) {
    using Use = data::FileDescription::Use;
    if (file.use == Use::lesson) return true;
    std::error_code ignored;
    return path.extension() == ".md" && (file.use == Use::points || file.use == Use::none) &&
           std::filesystem::is_regular_file(path, ignored);
}

Lesson read_lesson(const std::filesystem::path& file) {
    return parse_lesson(files::read_text(file, most_bytes), file);
}

std::vector<Lesson> read_lessons(const std::filesystem::path& folder, std::vector<BrokenLesson>* broken) {
    std::vector<Lesson> lessons;
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".md") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
        try {
            lessons.push_back(read_lesson(path));
        } catch (const Error& problem) {
            log::error("{}", problem.what());
            if (broken) note_broken(*broken, path, problem);
        }
    }
    if (error) log::error("The lessons cannot be listed ({}): {}.", folder.string(), error.message());
    std::stable_sort(lessons.begin(), lessons.end(),
                     [](const Lesson& a, const Lesson& b) { return a.order < b.order; });
    return lessons;
}

const std::vector<Lesson>& built_in_lessons() {
    return library().built_in;
}

const std::vector<Lesson>& own_lessons() {
    return library().own;
}

const std::vector<BrokenLesson>& broken_lessons() {
    return library().broken;
}

void add_broken_lesson(const std::filesystem::path& file, const Error& why) {
    note_broken(library().broken, file, why);
}

void keep_own_lessons_in(const std::filesystem::path& folder) {
    unread_library().own_folder = folder;
}

void add_own_lesson(Lesson lesson) {
    add(library(), std::move(lesson));
}

const Lesson* find_lesson(std::string_view name) {
    Library& all = library();
    const Lesson* built_in = named(all.built_in, name);
    return built_in ? built_in : named(all.own, name);
}

std::vector<std::string_view> names_of_lessons() {
    std::vector<std::string_view> names;
    for (const auto* lessons : {&built_in_lessons(), &own_lessons()})
        for (const Lesson& lesson : *lessons)
            names.push_back(lesson.name);
    return names;
}

bool is_lesson_scene(const Scene& scene) {
    const auto opens = [&](const Lesson& lesson) {
        for (std::size_t step = 0; step < lesson.steps.size(); ++step)
            if (opening_step(lesson, step) == step && lesson_description(lesson, step) == scene.description)
                return true;
        return false;
    };
    return std::ranges::any_of(built_in_lessons(), opens) || std::ranges::any_of(own_lessons(), opens);
}

void check_mentions(const Lesson& lesson, const WindowIds& ids) {
    for (const LessonMention& mention : lesson.mentions) {
        const std::vector<std::string>& known = mention.kind == "panel" ? ids.panels : ids.actions;
        if (std::ranges::find(known, mention.id) == known.end())
            throw Error(fmt::format("There is no {} '{}'", mention.kind, mention.id),
                        fmt::format("{}, line {}", lesson.file.string(), mention.line),
                        did_you_mean(mention.id, known));
    }
}

void leave_out_lessons_beyond(const WindowIds& ids) {
    for (std::vector<Lesson>* lessons : {&library().built_in, &library().own})
        std::erase_if(*lessons, [&](const Lesson& lesson) {
            try {
                check_mentions(lesson, ids);
                return false;
            } catch (const Error& problem) {
                log::error("{}", problem.what());
                if (lessons == &library().own) note_broken(library().broken, lesson.file, problem);
                return true;
            }
        });
}

} // namespace ebm::lab
