#include "app/panels/image_sheet.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

namespace ebm::panels {

ImageSheet::~ImageSheet() {
    if (ImGui::GetCurrentContext() == nullptr) return;
    retire();
    for (auto& texture : retired_) {
        ImGui::UnregisterUserTexture(texture.get());
        // The backend walks through this list when it shuts down; it is renewed at the end of a frame only.
        ImGui::GetPlatformIO().Textures.find_erase(texture.get());
    }
}

void ImageSheet::retire() {
    if (!texture_) return;
    texture_->UnusedFrames = 1;
    texture_->SetStatus(ImTextureStatus_WantDestroy);
    texture_->WantDestroyNextFrame = true;
    retired_.push_back(std::move(texture_));
}

void ImageSheet::create(int columns, int rows) {
    retire();
    texture_ = std::make_unique<ImTextureData>();
    texture_->Create(ImTextureFormat_RGBA32, columns * shape_.width, rows * shape_.height);
    std::fill_n(texture_->Pixels, texture_->GetSizeInBytes(), static_cast<unsigned char>(0));
    texture_->UseColors = true;
    texture_->Status = ImTextureStatus_WantCreate;
    ImGui::RegisterUserTexture(texture_.get());
    columns_ = columns;
    capacity_ = columns * rows;
}

void ImageSheet::set(std::span<const std::uint8_t> pixels, const PictureShape& shape, std::uint64_t version) {
    std::erase_if(retired_, [](const auto& texture) {
        if (texture->Status != ImTextureStatus_Destroyed && texture->TexID != ImTextureID_Invalid)
            return false;
        ImGui::UnregisterUserTexture(texture.get());
        return true;
    });
    if (filled_ && version == version_ && shape == shape_) return;
    filled_ = true;
    version_ = version;
    const bool same_shape = shape == shape_;
    shape_ = shape;
    count_ = shape.elements() > 0 ? static_cast<int>(pixels.size()) / shape.elements() : 0;
    if (count_ == 0) return;
    if (!same_shape || !texture_ || count_ > capacity_) {
        const int columns = std::clamp(static_cast<int>(std::ceil(std::sqrt(count_))), 1, 8192 / shape.width);
        create(columns, (count_ + columns - 1) / columns);
    }
    const int plane = shape.height * shape.width;
    for (int index = 0; index < count_; ++index) {
        const std::uint8_t* from = pixels.data() + static_cast<std::ptrdiff_t>(index) * shape.elements();
        const int left = index % columns_ * shape.width, top = index / columns_ * shape.height;
        for (int y = 0; y < shape.height; ++y) {
            auto* to = static_cast<unsigned char*>(texture_->GetPixelsAt(left, top + y));
            for (int x = 0; x < shape.width; ++x, to += 4) {
                const int at = y * shape.width + x;
                for (int channel = 0; channel < 3; ++channel)
                    to[channel] = from[at + (shape.channels >= 3 ? channel * plane : 0)];
                to[3] = 255;
            }
        }
    }
    ImTextureDataQueueUpload(texture_.get(), 0, 0, texture_->Width, texture_->Height);
}

void ImageSheet::draw(ImDrawList& list, int index, ImVec2 corner, float zoom, Sampling sampling) const {
    corner = {std::floor(corner.x), std::floor(corner.y)};
    const ImVec2 end = {corner.x + zoom * static_cast<float>(shape_.width),
                        corner.y + zoom * static_cast<float>(shape_.height)};
    if (index < 0 || index >= count_ || !texture_) {
        list.AddRectFilled(corner, end, ImGui::GetColorU32(ImGuiCol_FrameBg));
        return;
    }
    const auto width = static_cast<float>(texture_->Width), height = static_cast<float>(texture_->Height);
    const auto left = static_cast<float>(index % columns_ * shape_.width);
    const auto top = static_cast<float>(index / columns_ * shape_.height);
    const ImVec2 low = {left / width, top / height};
    const ImVec2 high = {(left + static_cast<float>(shape_.width)) / width,
                         (top + static_cast<float>(shape_.height)) / height};
    const ImGuiPlatformIO& platform = ImGui::GetPlatformIO();
    const bool crisp = sampling == Sampling::crisp;
    if (crisp && platform.DrawCallback_SetSamplerNearest)
        list.AddCallback(platform.DrawCallback_SetSamplerNearest, nullptr);
    list.AddImage(texture_->GetTexRef(), corner, end, low, high);
    if (crisp && platform.DrawCallback_SetSamplerLinear)
        list.AddCallback(platform.DrawCallback_SetSamplerLinear, nullptr);
}

int ImageSheet::zoom_for(float width) const {
    return shape_.width > 0 ? std::max(1, static_cast<int>(width) / shape_.width) : 1;
}

} // namespace ebm::panels
