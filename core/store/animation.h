#pragma once

#include "core/store/image.h"

#include <filesystem>
#include <memory>

namespace ebm::store {

/// Pictures one after the other, in one file or one folder.
class Animation {
public:
    virtual ~Animation() = default;
    /// Every picture has the size of the first, and 3 or 4 channels; opacity is not kept. Throws Error.
    virtual void add(const Image& picture) = 0;
    /// Writes what is left; the file appears as a whole or not at all. Without it nothing is kept of a file,
    /// and of a folder the pictures so far. Throws Error if there is no picture.
    virtual void finish() = 0;
    /// In place of finish: removes what was made, the pictures in a folder too.
    virtual void discard() {}
    /// Pictures that were handed over and are not written yet.
    virtual std::size_t waiting() const { return 0; }
};

/// The kind goes by the ending: `.gif`; `.mp4` and `.webm` by the program ffmpeg, which must be on the PATH;
/// no ending, or one `/` at the end, is a folder of frame-0001.png and so on, which must be empty or new.
/// frames_per_second: 1 to 50. Throws Error for other endings, without ffmpeg, and where nothing can be
/// written.
std::unique_ptr<Animation> open_animation(const std::filesystem::path& path, double frames_per_second);

/// Endings that open_animation knows, for messages and dialogs.
inline constexpr const char* animation_endings[] = {".gif", ".mp4", ".webm"};

/// The same on a thread of its own, so that the caller goes on drawing. What goes wrong there is thrown by
/// the next add or by finish. At most 256 MB of pictures wait; then add does.
std::unique_ptr<Animation> in_background(std::unique_ptr<Animation> animation);

} // namespace ebm::store
