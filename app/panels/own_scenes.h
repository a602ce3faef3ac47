#pragma once

#include "app/window/action.h"
#include "core/lab/scene.h"

#include <filesystem>
#include <vector>

/// A person's own scenes: files of one folder, beside the built-in ones in the picker.
namespace ebm::panels {

struct OwnScene {
    std::filesystem::path path;
    lab::Scene scene;
};

/// A file among them that is no scene.
struct BrokenScene {
    std::filesystem::path path;
    std::string why; ///< as in the log: what is wrong, where, and what to do
};

/// Those of a folder, by title; no folder is no scenes. Files that are no scenes are lines in the log, and in
/// `broken`, by path, if it is given.
std::vector<OwnScene> read_own_scenes(const std::filesystem::path& folder,
                                      std::vector<BrokenScene>* broken = nullptr);
/// Gives a broken file a name that is not read: NAME.json.aside, with a number where there is one. Returns
/// it. Throws Error.
std::filesystem::path put_aside(const std::filesystem::path& file);
/// Writes the scene under a name made of its title: over the scene of the same title, else into a new file.
/// Returns the file. Throws Error.
std::filesystem::path keep_own_scene(const std::filesystem::path& folder, lab::Scene scene);
/// "Two moons, wide!" → "my_two_moons_wide"
std::string own_scene_name(const std::string& title);

/// The scene as it is now: settings as they are shown, the panels that are open and the part of the plane
/// that is seen; with `chains` also where the live chains of a plane are.
lab::Scene scene_as_it_is(const window::Context& context, bool chains);

/// Calls `tile` for each own scene, and opens the one for which it returns true.
void draw_own_scenes(window::Context& context, const std::function<bool(const OwnScene&, bool open)>& tile);
/// Which files could not be read and why, with buttons to read them again and to put one aside; nothing if
/// there are none. As wide as the room.
void draw_broken_scenes(window::Context& context);
/// The menu behind the right button on the last item: open at start, and for own scenes copy and delete.
void scene_menu(window::Context& context, const lab::Scene& scene, const std::string& start_name,
                const OwnScene* own);
/// A scene that says which panels are open opens them, once. Every frame.
void follow_scene_panels(window::Context& context);

/// "Save as my scene…"
window::Action keep_scene_action();

} // namespace ebm::panels
