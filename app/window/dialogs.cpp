#include "app/window/dialogs.h"

#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cctype>
#include <imgui_internal.h>
#include <portable_file_dialogs.h>

namespace ebm::window {

/// Of the folder that a dialog shows.
struct FolderEntry {
    std::string name;
    bool is_folder = false;
};

namespace {

constexpr std::size_t most_entries = 2000;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool fits(const std::string& name, const std::vector<FileFilter>& filters) {
    if (filters.empty()) return true;
    for (const FileFilter& filter : filters)
        for (const std::string& pattern : filter.patterns)
            if (matches(name, pattern)) return true;
    return false;
}

/// Folders first, both in alphabetical order; hidden ones are left out. What cannot be read is left out too.
std::vector<FolderEntry> entries_of(const std::filesystem::path& folder,
                                    const std::vector<FileFilter>& filters) {
    std::vector<FolderEntry> entries;
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (name.empty() || name[0] == '.' || entries.size() >= most_entries) continue;
        std::error_code unknown;
        const bool is_folder = at->is_directory(unknown);
        if (is_folder || fits(name, filters)) entries.push_back({name, is_folder});
    }
    std::sort(entries.begin(), entries.end(), [](const FolderEntry& a, const FolderEntry& b) {
        return a.is_folder != b.is_folder ? a.is_folder : lower(a.name) < lower(b.name);
    });
    return entries;
}

} // namespace

struct FileDialogs::Question {
    std::string title;
    enum class Kind { file, folder, save } kind = Kind::file;
    std::vector<FileFilter> filters;
    Chosen chosen;
    std::string name;    ///< in the input line
    std::string confirm; ///< existing file that is about to be replaced
    std::vector<FolderEntry> entries;
    std::filesystem::path listed; ///< folder that `entries` were read from
    bool fresh = true;
    int kind_of_file = 0; ///< of `filters`, where they are several and one is saved

    /// Those that fit what is saved, or opened: of several kinds the chosen one first.
    std::vector<FileFilter> ordered() const {
        std::vector<FileFilter> list = filters;
        if (kind == Kind::save && !list.empty())
            std::rotate(list.begin(), list.begin() + kind_of_file, list.begin() + kind_of_file + 1);
        return list;
    }
    std::vector<FileFilter> shown() const {
        if (kind != Kind::save || filters.empty()) return filters;
        return {filters[static_cast<std::size_t>(kind_of_file)]};
    }
};

struct FileDialogs::Desktop {
    std::unique_ptr<pfd::open_file> open;
    std::unique_ptr<pfd::select_folder> folder;
    std::unique_ptr<pfd::save_file> save;

    ~Desktop() {
        if (open && !open->ready(0)) open->kill();
        if (folder && !folder->ready(0)) folder->kill();
        if (save && !save->ready(0)) save->kill();
    }
};

bool matches(const std::string& name, const std::string& pattern) {
    if (pattern == "*") return true;
    if (pattern.empty() || pattern[0] != '*') return lower(name) == lower(pattern);
    const std::string ending = lower(pattern.substr(1)), whole = lower(name);
    return whole.size() >= ending.size() &&
           whole.compare(whole.size() - ending.size(), ending.size(), ending) == 0;
}

std::string free_name(const std::filesystem::path& folder, const std::string& name) {
    const std::filesystem::path file(name);
    std::error_code error;
    std::string free = name;
    for (int number = 2; std::filesystem::exists(folder / free, error); ++number)
        free = file.stem().string() + "-" + std::to_string(number) + file.extension().string();
    return free;
}

std::string with_extension(const std::string& path, const std::vector<FileFilter>& filters) {
    const std::string name = std::filesystem::path(path).filename().string();
    if (filters.empty() || fits(name, filters) || path.ends_with('/')) return path;
    if (filters[0].patterns.empty()) return path + "/";
    const std::string& pattern = filters[0].patterns[0];
    return pattern.size() > 1 && pattern[0] == '*' ? path + pattern.substr(1) : path;
}

FileDialogs::FileDialogs(bool own_only) : own_only_(own_only) {
    std::error_code error;
    folder_ = std::filesystem::current_path(error);
    if (error) folder_ = "/";
}

FileDialogs::~FileDialogs() = default;

bool FileDialogs::is_open() const {
    return question_ != nullptr;
}

void FileDialogs::open_file(const std::string& title, std::vector<FileFilter> filters, Chosen chosen) {
    question_ = std::make_unique<Question>(
        Question{title, Question::Kind::file, std::move(filters), std::move(chosen), {}, {}, {}, {}, true});
    desktop_.reset();
    if (own_only_ || !pfd::settings::available()) return;
    std::vector<std::string> list;
    for (const FileFilter& filter : question_->filters) {
        std::string patterns;
        for (const std::string& pattern : filter.patterns)
            patterns += (patterns.empty() ? "" : " ") + pattern;
        list.insert(list.end(), {filter.title, patterns});
    }
    list.insert(list.end(), {"All files", "*"});
    desktop_ = std::make_unique<Desktop>();
    desktop_->open = std::make_unique<pfd::open_file>(title, folder_.string(), list);
}

void FileDialogs::open_folder(const std::string& title, std::vector<FileFilter> filters, Chosen chosen) {
    question_ = std::make_unique<Question>(
        Question{title, Question::Kind::folder, std::move(filters), std::move(chosen), {}, {}, {}, {}, true});
    desktop_.reset();
    if (own_only_ || !pfd::settings::available()) return;
    desktop_ = std::make_unique<Desktop>();
    desktop_->folder = std::make_unique<pfd::select_folder>(title, folder_.string());
}

void FileDialogs::save_file(const std::string& title, const std::string& wanted,
                            std::vector<FileFilter> filters, Chosen chosen) {
    const std::string name = free_name(folder_, wanted);
    question_ = std::make_unique<Question>(
        Question{title, Question::Kind::save, std::move(filters), std::move(chosen), name, {}, {}, {}, true});
    desktop_.reset();
    // The desktop's dialog does not tell which kind was chosen.
    if (own_only_ || question_->filters.size() > 1 || !pfd::settings::available()) return;
    desktop_ = std::make_unique<Desktop>();
    desktop_->save = std::make_unique<pfd::save_file>(title, (folder_ / name).string());
}

void FileDialogs::answer(const std::string& path) {
    // The callback may ask the next question.
    const std::unique_ptr<Question> question = std::move(question_);
    desktop_.reset();
    if (path.empty()) return;
    std::filesystem::path file(path);
    if (!file.has_filename()) file = file.parent_path(); // of a new folder: what it lies in
    if (file.has_parent_path()) folder_ = file.parent_path();
    question->chosen(question->kind == Question::Kind::save ? with_extension(path, question->ordered())
                                                            : path);
}

void FileDialogs::draw() {
    if (!question_) return;
    if (!desktop_) return draw_own_window();
    if (desktop_->open && desktop_->open->ready(0)) {
        const std::vector<std::string> paths = desktop_->open->result();
        answer(paths.empty() ? std::string() : paths[0]);
    } else if (desktop_->folder && desktop_->folder->ready(0)) {
        answer(desktop_->folder->result());
    } else if (desktop_->save && desktop_->save->ready(0)) {
        answer(desktop_->save->result());
    }
}

/// A row of the kinds; the name gets the ending of the one that is chosen.
void FileDialogs::choose_kind(Question& question) const {
    std::vector<const char*> names;
    for (const FileFilter& filter : question.filters)
        names.push_back(filter.title.c_str());
    ImGui::SetNextItemWidth(-FLT_MIN);
    if (!segmented("##kind", question.kind_of_file, names)) return;
    const FileFilter& kind = question.filters[static_cast<std::size_t>(question.kind_of_file)];
    std::filesystem::path name = question.name;
    name.replace_extension(kind.patterns.empty() ? "" : kind.patterns[0].substr(1));
    question.name = free_name(folder_, name.string());
    question.confirm.clear();
    question.listed.clear();
}

void FileDialogs::draw_own_window() {
    Question& question = *question_;
    if (question.listed != folder_) {
        question.entries = entries_of(folder_, question.shown());
        question.listed = folder_;
    }
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    // Wholly within the window, whatever becomes of it: Save and Cancel are at the end.
    const ImVec2 low = viewport->WorkPos, room = viewport->WorkSize;
    const auto least = [](float wanted, float most) { return std::min(wanted, std::max(most, 1.0f)); };
    ImGui::SetNextWindowSizeConstraints({least(scaled(280), room.x), least(scaled(200), room.y)},
                                        {std::max(room.x, 1.0f), std::max(room.y, 1.0f)});
    ImVec2 at = viewport->GetCenter(), size = scaled(560, 420);
    const ImGuiWindow* before = question.fresh ? nullptr : ImGui::FindWindowByName("###file_dialog");
    if (before) at = before->Pos, size = before->SizeFull;
    size = {std::min(size.x, room.x), std::min(size.y, room.y)};
    if (!before) at = {at.x - size.x / 2, at.y - size.y / 2};
    const ImVec2 fits = {std::clamp(at.x, low.x, low.x + room.x - size.x),
                         std::clamp(at.y, low.y, low.y + room.y - size.y)};
    const bool moves = !before || fits.x != at.x || fits.y != at.y;
    ImGui::SetNextWindowPos(fits, moves ? ImGuiCond_Always : ImGuiCond_Appearing);
    ImGui::SetNextWindowSize(size, ImGuiCond_Appearing);
    if (question.fresh) ImGui::SetNextWindowFocus();
    bool open = true;
    std::string path, whole_folder;
    const ImGuiWindowFlags flags =
        ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings;
    if (ImGui::Begin((question.title + "###file_dialog").c_str(), &open, flags)) {
        if (icon_button("up", icon::up, "Parent folder") && folder_.has_parent_path())
            folder_ = folder_.parent_path();
        ImGui::SameLine();
        ImGui::AlignTextToFramePadding();
        clipped_text(folder_.string(), ImGui::GetContentRegionAvail().x);
        const bool kinds = question.kind == Question::Kind::save && question.filters.size() > 1;
        const float bottom = (kinds ? 3 : 2) * ImGui::GetFrameHeightWithSpacing() + scaled(4);
        if (ImGui::BeginChild("list", {0, -bottom}, ImGuiChildFlags_Borders)) {
            if (question.entries.empty()) muted_text("Nothing here that fits.");
            for (const FolderEntry& entry : question.entries) {
                const std::string label =
                    std::string(entry.is_folder ? icon::folder : icon::file) + "  " + entry.name;
                if (ImGui::Selectable(label.c_str(), entry.name == question.name,
                                      ImGuiSelectableFlags_AllowDoubleClick)) {
                    if (entry.is_folder) {
                        folder_ /= entry.name;
                    } else if (question.kind != Question::Kind::folder) {
                        question.name = entry.name;
                        question.confirm.clear();
                        if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left))
                            path = (folder_ / entry.name).string();
                    }
                }
            }
        }
        ImGui::EndChild();
        if (kinds) choose_kind(question);
        ImGui::SetNextItemWidth(-FLT_MIN);
        if (first_text_field("##name", "Name or path", question.name, question.fresh)) path = question.name;
        const bool folder = question.kind == Question::Kind::folder;
        std::string verb = question.kind == Question::Kind::save ? "Save"
                           : folder                              ? "Open this folder"
                                                                 : "Open";
        if (!question.confirm.empty()) verb = "Replace";
        ImGui::BeginDisabled(question.name.empty() && !folder);
        if (accent_button((verb + "###accept").c_str(), scaled(folder ? 160 : 110, 0))) {
            path = question.name;
            if (folder && question.name.empty()) whole_folder = folder_.string();
        }
        ImGui::EndDisabled();
        ImGui::SameLine();
        if (ImGui::Button("Cancel", scaled(90, 0)) || escape_closes()) open = false;
        if (!question.confirm.empty()) {
            ImGui::SameLine();
            ImGui::TextColored(color(Meaning::attention), "%s exists.", question.confirm.c_str());
        }
        question.fresh = false;
    }
    ImGui::End();
    if (!open) return answer({});
    if (!whole_folder.empty()) return answer(whole_folder);
    if (path.empty()) return;

    std::filesystem::path chosen =
        std::filesystem::path(path).is_absolute() ? std::filesystem::path(path) : folder_ / path;
    std::error_code error;
    if (std::filesystem::is_directory(chosen, error)) {
        folder_ = chosen;
        question.name.clear();
        return;
    }
    if (question.kind == Question::Kind::save) {
        chosen = with_extension(chosen.string(), question.ordered());
        const std::string name = chosen.filename().string();
        if (std::filesystem::exists(chosen, error) && question.confirm != name) {
            question.confirm = name;
            return;
        }
    }
    answer(chosen.string());
}

} // namespace ebm::window
