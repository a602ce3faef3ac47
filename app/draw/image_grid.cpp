#include "app/draw/image_grid.h"

#include "app/draw/gl.h"
#include "app/draw/plane.h"

#include <cmath>

namespace ebm::draw {
namespace {

constexpr int most_texture_size = 8192;

} // namespace

ImageGrid::~ImageGrid() {
    if (texture_ && has_graphics()) glDeleteTextures(1, &texture_);
}

void ImageGrid::set(std::span<const std::uint8_t> pixels, int channels, int height, int width) {
    count_ = 0;
    if ((channels != 1 && channels != 3) || height < 1 || width < 1 || pixels.empty()) return;
    const std::size_t plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    const int most = most_texture_size / height * (most_texture_size / width);
    count_ = std::min(static_cast<int>(pixels.size() / (plane * static_cast<std::size_t>(channels))), most);
    if (count_ == 0) return;
    const int columns = std::min(static_cast<int>(std::ceil(std::sqrt(count_))), most_texture_size / width);
    const int rows = (count_ + columns - 1) / columns;
    const bool same = texture_ && columns == columns_ && rows == rows_ && channels == channels_ &&
                      height == height_ && width == width_;
    columns_ = columns;
    rows_ = rows;
    channels_ = channels;
    height_ = height;
    width_ = width;
    if (!has_graphics()) return;

    const std::size_t atlas_width = static_cast<std::size_t>(columns) * static_cast<std::size_t>(width);
    atlas_.assign(atlas_width * static_cast<std::size_t>(rows * height * channels), 0);
    for (int image = 0; image < count_; ++image)
        for (int channel = 0; channel < channels; ++channel)
            for (int y = 0; y < height; ++y) {
                const std::uint8_t* from = pixels.data() +
                                           (static_cast<std::size_t>(image * channels + channel) * plane) +
                                           static_cast<std::size_t>(y * width);
                std::uint8_t* to = atlas_.data() +
                                   (static_cast<std::size_t>(image / columns * height + y) * atlas_width +
                                    static_cast<std::size_t>(image % columns * width)) *
                                       static_cast<std::size_t>(channels) +
                                   channel;
                for (int x = 0; x < width; ++x)
                    to[x * channels] = from[x];
            }

    if (!texture_) glGenTextures(1, &texture_);
    glBindTexture(GL_TEXTURE_2D, texture_);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    const GLenum format = channels == 1 ? GL_RED : GL_RGB;
    if (same) {
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, columns * width, rows * height, format, GL_UNSIGNED_BYTE,
                        atlas_.data());
        return;
    }
    glTexImage2D(GL_TEXTURE_2D, 0, channels == 1 ? GL_R8 : GL_RGB8, columns * width, rows * height, 0, format,
                 GL_UNSIGNED_BYTE, atlas_.data());
    const GLint grey[] = {GL_RED, GL_RED, GL_RED, GL_ONE}, colored[] = {GL_RED, GL_GREEN, GL_BLUE, GL_ONE};
    glTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_RGBA, channels == 1 ? grey : colored);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
}

void ImageGrid::draw(ImDrawList* list, int index, ImVec2 at, float scale, ImU32 tint) const {
    if (index < 0 || index >= count_) return;
    const ImVec2 end(at.x + static_cast<float>(width_) * scale, at.y + static_cast<float>(height_) * scale);
    if (!texture_) return list->AddRectFilled(at, end, IM_COL32(128, 128, 128, 255));
    const float cell_x = 1.0f / static_cast<float>(columns_), cell_y = 1.0f / static_cast<float>(rows_);
    const ImVec2 low(static_cast<float>(index % columns_) * cell_x,
                     static_cast<float>(index / columns_) * cell_y);
    list->AddImage(static_cast<ImTextureID>(texture_), at, end, low, {low.x + cell_x, low.y + cell_y}, tint);
}

CrispScope::CrispScope(ImDrawList* list) : list_(list) {
    if (const auto nearest = ImGui::GetPlatformIO().DrawCallback_SetSamplerNearest)
        list_->AddCallback(nearest);
}

CrispScope::~CrispScope() {
    if (const auto linear = ImGui::GetPlatformIO().DrawCallback_SetSamplerLinear) list_->AddCallback(linear);
}

} // namespace ebm::draw
