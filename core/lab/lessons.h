#pragma once

#include "core/base/error.h"
#include "core/data/describe.h"
#include "core/lab/lesson.h"

#include <filesystem>
#include <string_view>
#include <vector>

/// The lessons that the program knows: those of assets/lessons, and those of a person's own. For one thread,
/// that of the window or of the command line.
namespace ebm::lab {

/// Whether a file that was looked at is to be a lesson: by its header, or by its name, so that one without a
/// header is told what it lacks.
bool is_lesson_file(const std::filesystem::path& path, const data::FileDescription& file);
/// Throws Error.
Lesson read_lesson(const std::filesystem::path& file);
/// A lesson of a person's own that cannot be taken, and why, in sentences with its name and line.
struct BrokenLesson {
    std::filesystem::path file;
    std::string why;
};
/// Those of a folder in their order. One that cannot be read is a line in the log, and one of `broken`.
std::vector<Lesson> read_lessons(const std::filesystem::path& folder,
                                 std::vector<BrokenLesson>* broken = nullptr);

/// Those of assets/lessons.
const std::vector<Lesson>& built_in_lessons();
/// Those of the folder below, and those that were added.
const std::vector<Lesson>& own_lessons();
/// Where a person keeps own lessons. The folder need not exist, and is read when lessons are first asked for.
void keep_own_lessons_in(const std::filesystem::path& folder);
/// Own lessons that are not among them, for the list of lessons.
const std::vector<BrokenLesson>& broken_lessons();
/// Adds one, in the place of what was said of the file before.
void add_broken_lesson(const std::filesystem::path& file, const Error& why);
/// In the place of an own lesson of the same name. Throws Error if a built-in lesson has that name.
void add_own_lesson(Lesson lesson);
/// Null if there is none of this name. Good until an own lesson is added.
const Lesson* find_lesson(std::string_view name);
/// Of all lessons, for a sentence about a name that none has.
std::vector<std::string_view> names_of_lessons();
/// Whether a lesson opened it.
bool is_lesson_scene(const Scene& scene);

/// What a window has, by the ids of lessons.
struct WindowIds {
    std::vector<std::string> panels, actions;
};
/// Throws Error with file and line if the lesson names a panel or an action that is not among these.
void check_mentions(const Lesson& lesson, const WindowIds& ids);
/// Leaves out each lesson that check_mentions refuses, with a line in the log; own ones are broken then.
void leave_out_lessons_beyond(const WindowIds& ids);

} // namespace ebm::lab
