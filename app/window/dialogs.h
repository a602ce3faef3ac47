#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ebm::window {

/// "Checkpoints", {"*.safetensors"}. Without patterns: a new folder is made, where one is saved.
struct FileFilter {
    std::string title;
    std::vector<std::string> patterns;
};

/// What store::open_animation writes.
inline const std::vector<FileFilter> animation_files = {
    {"GIF", {"*.gif"}}, {"Film", {"*.mp4", "*.webm"}}, {"PNG pictures in a folder", {}}};

/// Asks for a file without stopping the window: the desktop's dialog where there is one, else an own window.
/// The callback runs in a later frame, only if a file was chosen. A new question replaces an unanswered one.
class FileDialogs {
public:
    using Chosen = std::function<void(const std::string& path)>;

    /// own_only: never the desktop's dialog (tests, offscreen).
    explicit FileDialogs(bool own_only);
    ~FileDialogs();

    void open_file(const std::string& title, std::vector<FileFilter> filters, Chosen chosen);
    /// Of files that fit `filters` those that lie in a folder are shown, so that it can be told from others.
    void open_folder(const std::string& title, std::vector<FileFilter> filters, Chosen chosen);
    /// `name` is proposed, with a number where a file has it already. Several filters are kinds of which one
    /// is chosen, in the own window; a missing extension is added from that filter. The path of a folder ends
    /// in
    /// `/`.
    void save_file(const std::string& title, const std::string& name, std::vector<FileFilter> filters,
                   Chosen chosen);

    /// Once a frame.
    void draw();
    bool is_open() const;

private:
    struct Question;
    struct Desktop;
    void draw_own_window();
    void choose_kind(Question& question) const;
    void answer(const std::string& path);

    bool own_only_;
    std::unique_ptr<Question> question_;
    std::unique_ptr<Desktop> desktop_;
    std::filesystem::path folder_;
};

/// `name`, or name-2, name-3 … before its ending: the first that no file in `folder` has.
std::string free_name(const std::filesystem::path& folder, const std::string& name);
/// Whether `name` fits "*.json" or "*"; case does not matter.
bool matches(const std::string& name, const std::string& pattern);
/// Adds the extension of the first pattern unless `path` fits one of them; a `/` if the first filter is of
/// folders.
std::string with_extension(const std::string& path, const std::vector<FileFilter>& filters);

} // namespace ebm::window
