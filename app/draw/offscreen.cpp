#include "app/draw/offscreen.h"

#include "app/draw/gl.h"

#include <algorithm>

namespace ebm::draw {
namespace {

constexpr int most_pixels = 8192; ///< along an edge

float wanted_density = 1;

} // namespace

void set_density(float density) {
    wanted_density = density;
}

Offscreen::~Offscreen() {
    if (!texture_ || !has_graphics()) return;
    glDeleteFramebuffers(1, &framebuffer_);
    glDeleteTextures(1, &texture_);
}

bool Offscreen::begin(int width, int height, Color background) {
    if (!has_graphics()) return false;
    width_ = std::clamp(width, 1, most_pixels);
    height_ = std::clamp(height, 1, most_pixels);
    density_ = std::min(wanted_density, static_cast<float>(most_pixels) / std::max(width_, height_));
    width = std::max(1, static_cast<int>(static_cast<float>(width_) * density_));
    height = std::max(1, static_cast<int>(static_cast<float>(height_) * density_));
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &previous_framebuffer_);
    glGetIntegerv(GL_VIEWPORT, previous_viewport_);
    if (!texture_) {
        glGenTextures(1, &texture_);
        glGenFramebuffers(1, &framebuffer_);
    }
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
    if (width != pixels_wide_ || height != pixels_high_) {
        pixels_wide_ = width;
        pixels_high_ = height;
        glBindTexture(GL_TEXTURE_2D, texture_);
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
        glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture_, 0);
    }
    glViewport(0, 0, pixels_wide_, pixels_high_);
    glDisable(GL_SCISSOR_TEST);
    glDisable(GL_DEPTH_TEST);
    glDisable(GL_CULL_FACE);
    glClearColor(background.r * background.a, background.g * background.a, background.b * background.a,
                 background.a);
    glClear(GL_COLOR_BUFFER_BIT);
    glEnable(GL_BLEND);
    glBlendEquation(GL_FUNC_ADD);
    glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
    for (const GLuint unit : {0u, 1u})
        glBindSampler(unit, 0);
    return true;
}

void Offscreen::end() {
    glBindVertexArray(0);
    glUseProgram(0);
    glActiveTexture(GL_TEXTURE0);
    glBindFramebuffer(GL_FRAMEBUFFER, static_cast<GLuint>(previous_framebuffer_));
    glViewport(previous_viewport_[0], previous_viewport_[1], previous_viewport_[2], previous_viewport_[3]);
}

std::vector<std::uint8_t> Offscreen::read_pixels() const {
    if (!texture_) return {};
    const std::size_t row = static_cast<std::size_t>(pixels_wide_) * 4;
    std::vector<std::uint8_t> upside_down(row * static_cast<std::size_t>(pixels_high_)),
        pixels(upside_down.size());
    GLint previous = 0;
    glGetIntegerv(GL_READ_FRAMEBUFFER_BINDING, &previous);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer_);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(0, 0, pixels_wide_, pixels_high_, GL_RGBA, GL_UNSIGNED_BYTE, upside_down.data());
    glBindFramebuffer(GL_READ_FRAMEBUFFER, static_cast<GLuint>(previous));
    for (int y = 0; y < pixels_high_; ++y)
        std::copy_n(upside_down.begin() + static_cast<std::ptrdiff_t>((pixels_high_ - 1 - y) * row), row,
                    pixels.begin() + static_cast<std::ptrdiff_t>(y * row));
    return pixels;
}

} // namespace ebm::draw
