#include "core/lab/scene_text.h"

#include "core/base/base64.h"
#include "core/base/error.h"
#include "core/base/files.h"

#include <algorithm>
#include <cctype>

namespace ebm::lab {
namespace {

constexpr std::string_view family = "ebmlab-scene-", mark = "ebmlab-scene-1:";
constexpr std::size_t longest_shared_text = 100'000;
constexpr std::uint64_t largest_scene = 1 << 20;

/// Throws Error if the scene names a file that is not one of the program's own, or of the current folder.
void refuse_files_of_a_machine(const Scene& scene, const char* what, const char* remedy) {
    std::vector<std::string> files = {scene.settings.data.path, scene.checkpoint};
    for (const EnergyPart& part : scene.parts)
        files.insert(files.end(), {part.checkpoint, part.scene});
    for (const std::string& file : files) {
        const std::filesystem::path path = file;
        const bool leads_up = std::ranges::find(path, "..") != path.end();
        if (path.is_absolute() || leads_up || file.starts_with('~')) throw Error(what, file, remedy);
    }
}

} // namespace

bool is_scene_text(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text.substr(first).starts_with(family);
}

std::string scene_text(const Scene& scene) {
    refuse_files_of_a_machine(scene, "The scene reads a file of this machine, which a text cannot carry",
                              "Save the scene and give it away together with the file.");
    const std::string json = scene_json(scene);
    return std::string(mark) + base64(files::gzip(files::as_bytes(json)));
}

Scene parse_scene_text(std::string_view text, std::vector<std::string>& warnings) {
    if (text.size() > longest_shared_text)
        throw Error("The text is too long for a scene", "", "Copy the text of one scene.");
    std::string plain;
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain),
                 [](unsigned char sign) { return !std::isspace(sign); });
    if (!plain.starts_with(family))
        throw Error("This is no text of a scene", "", "One begins with " + std::string(mark));
    if (!plain.starts_with(mark))
        throw Error("The text of the scene is of another version of EBM Lab", "",
                    "Open it with the version that it was made with, or a newer one.");
    const files::Bytes packed = from_base64(std::string_view(plain).substr(mark.size()), "text of the scene");
    if (!files::is_gzip(packed))
        throw Error("The text of the scene is damaged", "", "Copy it again as a whole.");
    files::Bytes json;
    try {
        json = files::gunzip(packed, largest_scene, "text of the scene");
    } catch (const Error&) {
        throw Error("The text of the scene is damaged or incomplete", "", "Copy it again as a whole.");
    }
    Scene scene = parse_scene(std::string(files::as_text(json)), "text of the scene", warnings);
    refuse_files_of_a_machine(scene, "The text names a file of a machine, which no text of a scene may",
                              "Ask for the scene and the file, and open both from one folder.");
    if (scene.title.empty()) scene.title = scene.name.empty() ? "Shared scene" : scene.name;
    if (scene.name.empty()) scene.name = "shared";
    if (scene.group.empty()) scene.group = "Own scenes";
    return scene;
}

} // namespace ebm::lab
