#pragma once

#include <imgui.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace ebm::panels {

/// Size of one picture in pixels; 1 channel is shown grey, 3 are red, green, blue planes.
struct PictureShape {
    int channels = 0, height = 0, width = 0;
    int elements() const { return channels * height * width; }
    bool operator==(const PictureShape&) const = default;
};

/// Pictures of one shape in one texture, drawn as crisp pixels unless asked otherwise. Knows no renderer: the
/// texture is handed to Dear ImGui's backend, so it works without a display too. Must be destroyed before the
/// ImGui context.
class ImageSheet {
public:
    ImageSheet() = default;
    ~ImageSheet();
    ImageSheet(const ImageSheet&) = delete;
    ImageSheet& operator=(const ImageSheet&) = delete;

    /// Replaces the content. pixels: [n][channels · height · width]; a rest that is no whole picture is
    /// ignored. Does nothing if `version` (any number that changes with the content, such as the snapshot's)
    /// is that of the last call.
    void set(std::span<const std::uint8_t> pixels, const PictureShape& shape, std::uint64_t version);

    int count() const { return count_; }
    const PictureShape& shape() const { return shape_; }
    enum class Sampling { crisp, smooth };
    /// Draws picture `index` at `corner`, `zoom` screen pixels a pixel. Outside 0 … count − 1: an empty
    /// plate.
    void draw(ImDrawList& list, int index, ImVec2 corner, float zoom,
              Sampling sampling = Sampling::crisp) const;

    /// A whole zoom at which a picture is at most `width` wide, at least 1.
    int zoom_for(float width) const;

private:
    void create(int columns, int rows);
    void retire();

    PictureShape shape_;
    int count_ = 0, columns_ = 0, capacity_ = 0;
    std::uint64_t version_ = 0;
    bool filled_ = false;
    std::unique_ptr<ImTextureData> texture_;
    std::vector<std::unique_ptr<ImTextureData>> retired_; ///< until the backend has let go of them
};

} // namespace ebm::panels
