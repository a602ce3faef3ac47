#pragma once

#include "app/window/display.h"
#include "core/store/animation.h"

#include <filesystem>
#include <future>
#include <memory>

#include <imgui.h>

namespace ebm::window {

/// The window, or a part of it, on its way into an animation. Time runs as it did: where the window is drawn
/// less often than pictures are taken, the same one is taken again.
class Recording {
public:
    static constexpr double pictures_per_second = 20;

    /// Of the pixels between two corners; equal corners: of the whole window. Throws Error, see
    /// store::open_animation.
    Recording(std::filesystem::path path, ImVec2 low, ImVec2 high);

    /// After a frame was drawn. `now` in seconds. False if the window has another size than before, which
    /// ends the recording. Throws Error.
    bool take(Display& display, double now);
    /// Begins to write the rest, on a thread of its own. No more take().
    void finish();
    /// Whether wait() returns at once.
    bool is_written() const;
    /// After finish(): the file is there when this returns. Throws Error.
    void wait();
    /// Of the pictures, 0 … 1.
    double written() const;
    /// Nothing is left of it, neither a file nor pictures in a folder. No more take().
    void discard();

    const std::filesystem::path& path() const { return path_; }
    int pictures() const { return pictures_; }
    double seconds() const { return pictures_ / pictures_per_second; }

private:
    std::filesystem::path path_;
    ImVec2 low_, high_;
    std::unique_ptr<store::Animation> animation_;
    std::future<void> rest_; ///< after animation_, which it uses
    int pictures_ = 0;
    Size size_;
    double began_ = -1;
};

/// The pixels between two corners, as far as they are in the picture.
Pixels part_of(const Pixels& whole, ImVec2 low, ImVec2 high);

} // namespace ebm::window
