#include "app/draw/gl.h"
#include "app/window/display.h"
#include "core/base/error.h"

#include <algorithm>
#include <backends/imgui_impl_null.h>
#include <backends/imgui_impl_opengl3.h>
#include <chrono>
#include <cmath>
#include <imgui.h>

#define EGL_NO_X11
#include <EGL/egl.h>
#include <EGL/eglext.h>

namespace ebm::window {
namespace {

using Clock = std::chrono::steady_clock;

/// Time between two calls, as Dear ImGui wants it: never 0.
float seconds_since(Clock::time_point& last) {
    const auto now = Clock::now();
    const float seconds = std::chrono::duration<float>(now - last).count();
    last = now;
    return std::clamp(seconds, 1e-4f, 0.25f);
}

/// A picture in memory: an EGL context without a surface, and a framebuffer object.
class OffscreenDisplay final : public Display {
public:
    explicit OffscreenDisplay(const DisplayOptions& options)
        : width_(options.width), height_(options.height) {
        open_context();
        glGenFramebuffers(1, &framebuffer_);
        glGenTextures(1, &texture_);
        allocate();
        glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
        glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture_, 0);
        if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE)
            throw Error("OpenGL refuses a picture of this size", size_text(),
                        "Ask for a smaller one with --size.");
    }

    ~OffscreenDisplay() override {
        glDeleteFramebuffers(1, &framebuffer_);
        glDeleteTextures(1, &texture_);
        close_context();
    }

    void connect() override {
        ImGui_ImplNullPlatform_Init();
        ImGui_ImplOpenGL3_Init("#version 330");
    }
    void disconnect() override {
        ImGui_ImplOpenGL3_Shutdown();
        ImGui_ImplNullPlatform_Shutdown();
    }

    bool begin_frame(double) override {
        glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
        ImGui_ImplOpenGL3_NewFrame();
        ImGui_ImplNullPlatform_NewFrame();
        ImGui::GetIO().DisplaySize = ImVec2(static_cast<float>(width_), static_cast<float>(height_));
        ImGui::GetIO().DeltaTime = seconds_since(last_);
        return true;
    }

    void draw(ImDrawData* data) override {
        glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
        glViewport(0, 0, width_, height_);
        glDisable(GL_SCISSOR_TEST);
        const ImVec4& background = ImGui::GetStyle().Colors[ImGuiCol_DockingEmptyBg];
        glClearColor(background.x, background.y, background.z, 1);
        glClear(GL_COLOR_BUFFER_BIT);
        ImGui_ImplOpenGL3_RenderDrawData(data);
    }
    void show() override { glFinish(); }

    Pixels read_pixels() override {
        Pixels pixels{width_, height_, {}};
        const std::size_t row = static_cast<std::size_t>(width_) * 4;
        std::vector<std::uint8_t> upside_down(row * height_);
        glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
        glPixelStorei(GL_PACK_ALIGNMENT, 1);
        glReadPixels(0, 0, width_, height_, GL_RGBA, GL_UNSIGNED_BYTE, upside_down.data());
        pixels.rgba.resize(upside_down.size());
        for (int y = 0; y < height_; ++y)
            std::copy_n(upside_down.begin() + (height_ - 1 - y) * row, row, pixels.rgba.begin() + y * row);
        for (std::size_t i = 3; i < pixels.rgba.size(); i += 4)
            pixels.rgba[i] = 255;
        return pixels;
    }

    void resize(int width, int height) override {
        width_ = width;
        height_ = height;
        allocate();
    }

private:
    void allocate() {
        glBindTexture(GL_TEXTURE_2D, texture_);
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width_, height_, 0, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
    }

    std::string size_text() const { return std::to_string(width_) + " × " + std::to_string(height_); }

    void open_context() {
        const auto refuse = [](const char* what) -> Error {
            return Error(std::string("No OpenGL without a display: ") + what, "EGL",
                         "Install libegl1 and libegl-mesa0; commands that draw nothing work without them.");
        };
        const auto get_display =
            reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(eglGetProcAddress("eglGetPlatformDisplayEXT"));
        if (!get_display) throw refuse("this EGL has no platform displays");
        display_ = get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
        if (display_ == EGL_NO_DISPLAY || !eglInitialize(display_, nullptr, nullptr))
            throw refuse("no surfaceless display");
        eglBindAPI(EGL_OPENGL_API);
        const EGLint wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, EGL_DONT_CARE,
                                 EGL_NONE};
        EGLConfig config = nullptr;
        EGLint count = 0;
        eglChooseConfig(display_, wanted, &config, 1, &count);
        const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION,
                                  3,
                                  EGL_CONTEXT_MINOR_VERSION,
                                  3,
                                  EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                  EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                  EGL_NONE};
        context_ = eglCreateContext(display_, count ? config : nullptr, EGL_NO_CONTEXT, version);
        if (context_ == EGL_NO_CONTEXT) throw refuse("no OpenGL 3.3 context");
        if (!eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_))
            throw refuse("context not usable");
    }

    void close_context() {
        eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        eglDestroyContext(display_, context_);
        eglTerminate(display_);
    }

    int width_, height_;
    EGLDisplay display_ = EGL_NO_DISPLAY;
    EGLContext context_ = EGL_NO_CONTEXT;
    GLuint framebuffer_ = 0, texture_ = 0;
    Clock::time_point last_ = Clock::now();
};

/// Draws nothing: runs the whole window's logic without a graphics system. Time passes at 60 frames a second.
class NullDisplay final : public Display {
public:
    explicit NullDisplay(const DisplayOptions& options) : width_(options.width), height_(options.height) {}
    void connect() override { ImGui_ImplNull_Init(); }
    void disconnect() override { ImGui_ImplNull_Shutdown(); }
    bool begin_frame(double) override {
        ImGui_ImplNull_NewFrame();
        ImGui::GetIO().DisplaySize = ImVec2(static_cast<float>(width_), static_cast<float>(height_));
        return true;
    }
    void draw(ImDrawData* data) override { ImGui_ImplNullRender_RenderDrawData(data); }
    Pixels read_pixels() override { return {}; }
    bool has_graphics() const override { return false; }
    void resize(int width, int height) override {
        width_ = width;
        height_ = height;
    }

private:
    int width_, height_;
};

} // namespace

Size window_size(Size wanted, float scale, Size room) {
    const auto fitted = [scale](int length, int most) {
        const int scaled = static_cast<int>(std::lround(static_cast<float>(length) * scale));
        return most > 0 ? std::min(scaled, most) : scaled;
    };
    return {fitted(wanted.width, room.width), fitted(wanted.height, room.height)};
}

std::unique_ptr<Display> Display::open_offscreen(const DisplayOptions& options) {
    return std::make_unique<OffscreenDisplay>(options);
}

std::unique_ptr<Display> Display::open_null(const DisplayOptions& options) {
    return std::make_unique<NullDisplay>(options);
}

} // namespace ebm::window
