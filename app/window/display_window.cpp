#include "app/draw/gl.h"
#include "app/window/display.h"
#include "core/base/error.h"

#define GLFW_INCLUDE_NONE
#include <algorithm>
#include <backends/imgui_impl_opengl3.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <GLFW/glfw3.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

namespace ebm::window {
namespace {

/// GLFW 3.3 has one window system compiled in.
bool is_x11() {
    return std::string_view(glfwGetVersionString()).find("X11") != std::string_view::npos;
}

std::string last_glfw_error() {
    const char* text = nullptr;
    glfwGetError(&text);
    return text ? text : "no reason given";
}

GLFWwindow* open_window_now = nullptr; ///< whose display is told when the X server dies

/// Xlib calls this in the thread of the window when the connection breaks, and calls exit() when it returns:
/// that would destroy statics under the engine thread.
extern "C" int handle_lost_connection(void*) {
    static bool called = false;
    if (!std::exchange(called, true)) {
        auto* display =
            open_window_now ? static_cast<Display*>(glfwGetWindowUserPointer(open_window_now)) : nullptr;
        std::fputs("ebmlab: The window system is gone.\n", stderr);
        if (display && display->on_lost) display->on_lost();
    }
    std::fflush(nullptr);
    ::_exit(1);
}

/// GLFW loads Xlib at run time, so that it is not there under another window system.
void watch_x_connection() {
    using Handler = int (*)(void*);
    void* xlib = ::dlopen("libX11.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (!xlib) return;
    if (auto* set = reinterpret_cast<Handler (*)(Handler)>(::dlsym(xlib, "XSetIOErrorHandler")))
        set(handle_lost_connection);
    ::dlclose(xlib); // GLFW holds it
}

/// An X server without other clients begins anew when the last one leaves, and refuses connections meanwhile.
bool initialised() {
    for (int more = 4; more > 0 && std::getenv("DISPLAY"); --more) {
        if (glfwInit()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
    return glfwInit();
}

class GlfwDisplay final : public Display {
public:
    explicit GlfwDisplay(const DisplayOptions& options) {
        if (!initialised())
            throw Error(last_glfw_error(), "", "Use `ebmlab render` or `ebmlab train` without a window.");
        glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
        glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
        glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
        glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
        glfwWindowHintString(GLFW_X11_CLASS_NAME, "ebmlab");
        glfwWindowHintString(GLFW_X11_INSTANCE_NAME, "ebmlab");
        const Size size = size_on_screen({options.width, options.height}, options.scale);
        window_ = glfwCreateWindow(size.width, size.height, options.title.c_str(), nullptr, nullptr);
        if (!window_) {
            const std::string reason = last_glfw_error();
            glfwTerminate();
            throw Error("The window system gave no OpenGL 3.3 window: " + reason, "",
                        "Update the graphics driver, or use `ebmlab render` without a window.");
        }
        keep_on_screen();
        glfwSetWindowUserPointer(window_, static_cast<Display*>(this));
        open_window_now = window_;
        watch_x_connection();
        glfwSetDropCallback(window_, [](GLFWwindow* window, int count, const char** paths) {
            auto* display = static_cast<Display*>(glfwGetWindowUserPointer(window));
            if (display->on_drop) display->on_drop(std::vector<std::string>(paths, paths + count));
        });
        glfwMakeContextCurrent(window_);
        glfwSwapInterval(1);
        const auto* renderer = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
        const std::string name = renderer ? renderer : "";
        software_ = name.find("llvmpipe") != std::string::npos ||
                    name.find("softpipe") != std::string::npos ||
                    name.find("SwiftShader") != std::string::npos;
    }

    ~GlfwDisplay() override {
        on_lost = nullptr; // what it would save may be gone already
        glfwDestroyWindow(window_);
        open_window_now = nullptr;
        glfwTerminate();
    }

    void connect() override {
        ImGui_ImplGlfw_InitForOpenGL(window_, true);
        ImGui_ImplOpenGL3_Init("#version 330");
    }
    void disconnect() override {
        ImGui_ImplOpenGL3_Shutdown();
        ImGui_ImplGlfw_Shutdown();
    }

    bool begin_frame(double wait_seconds) override {
        bool input = true;
        if (wait_seconds > 0) {
            const double before = glfwGetTime();
            glfwWaitEventsTimeout(wait_seconds);
            input = glfwGetTime() - before < wait_seconds * 0.98;
        } else {
            glfwPollEvents();
        }
        ImGui_ImplOpenGL3_NewFrame();
        ImGui_ImplGlfw_NewFrame();
        return input;
    }

    void draw(ImDrawData* data) override {
        int width = 0, height = 0;
        glfwGetFramebufferSize(window_, &width, &height);
        glBindFramebuffer(GL_FRAMEBUFFER, 0);
        glViewport(0, 0, width, height);
        glDisable(GL_SCISSOR_TEST);
        const ImVec4& background = ImGui::GetStyle().Colors[ImGuiCol_DockingEmptyBg];
        glClearColor(background.x, background.y, background.z, 1);
        glClear(GL_COLOR_BUFFER_BIT);
        ImGui_ImplOpenGL3_RenderDrawData(data);
    }
    void show() override { glfwSwapBuffers(window_); }

    Pixels read_pixels() override {
        Pixels pixels;
        glfwGetFramebufferSize(window_, &pixels.width, &pixels.height);
        pixels.rgba.resize(static_cast<std::size_t>(pixels.width) * pixels.height * 4);
        glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
        glReadBuffer(GL_BACK);
        glPixelStorei(GL_PACK_ALIGNMENT, 1);
        glReadPixels(0, 0, pixels.width, pixels.height, GL_RGBA, GL_UNSIGNED_BYTE, pixels.rgba.data());
        const std::size_t row = static_cast<std::size_t>(pixels.width) * 4;
        for (int y = 0; y < pixels.height / 2; ++y)
            std::swap_ranges(pixels.rgba.begin() + y * row, pixels.rgba.begin() + (y + 1) * row,
                             pixels.rgba.begin() + (pixels.height - 1 - y) * row);
        for (std::size_t i = 3; i < pixels.rgba.size(); i += 4)
            pixels.rgba[i] = 255;
        return pixels;
    }

    bool is_software() const override { return software_; }
    bool is_window() const override { return true; }
    bool is_minimised() const override { return glfwGetWindowAttrib(window_, GLFW_ICONIFIED); }
    bool wants_close() const override { return glfwWindowShouldClose(window_); }
    void refuse_close() override { glfwSetWindowShouldClose(window_, GLFW_FALSE); }

    float content_scale() const override {
        float scale = 1, unused = 1;
        glfwGetWindowContentScale(window_, &scale, &unused);
        int window_width = 0, framebuffer_width = 0, height = 0;
        glfwGetWindowSize(window_, &window_width, &height);
        glfwGetFramebufferSize(window_, &framebuffer_width, &height);
        // Where a window is measured in points (macOS, Wayland) Dear ImGui applies the ratio itself.
        if (window_width > 0 && framebuffer_width > 0)
            scale *= static_cast<float>(window_width) / static_cast<float>(framebuffer_width);
        return std::clamp(scale, 0.5f, 4.0f);
    }

    void set_title(const std::string& title) override {
        if (title == title_) return;
        title_ = title;
        glfwSetWindowTitle(window_, title.c_str());
    }

    void toggle_full_screen() override {
        if (glfwGetWindowMonitor(window_)) {
            glfwSetWindowMonitor(window_, nullptr, x_, y_, width_, height_, 0);
            return;
        }
        GLFWmonitor* monitor = glfwGetPrimaryMonitor();
        if (!monitor) return;
        glfwGetWindowPos(window_, &x_, &y_);
        glfwGetWindowSize(window_, &width_, &height_);
        const GLFWvidmode* mode = glfwGetVideoMode(monitor);
        glfwSetWindowMonitor(window_, monitor, 0, 0, mode->width, mode->height, mode->refreshRate);
    }

    void resize(int width, int height) override { glfwSetWindowSize(window_, width, height); }
    void wake() override { glfwPostEmptyEvent(); }

private:
    /// Scaled here and not by GLFW, which would scale beyond the edges of the screen.
    static Size size_on_screen(Size wanted, float scale) {
        GLFWmonitor* monitor = glfwGetPrimaryMonitor();
        if (!monitor) return wanted;
        int x = 0, y = 0;
        Size room;
        glfwGetMonitorWorkarea(monitor, &x, &y, &room.width, &room.height);
        float unused = 1;
        // Where a window is measured in points (macOS, Wayland) the system scales it.
        if (!is_x11())
            scale = 1;
        else if (scale <= 0)
            glfwGetMonitorContentScale(monitor, &scale, &unused);
        return window_size(wanted, scale, room);
    }

    /// Makes room for the frame that the window manager put around the window.
    void keep_on_screen() {
        GLFWmonitor* monitor = glfwGetPrimaryMonitor();
        if (!monitor) return;
        int x = 0, y = 0, left = 0, top = 0, right = 0, bottom = 0;
        Size room, size;
        glfwGetMonitorWorkarea(monitor, &x, &y, &room.width, &room.height);
        glfwGetWindowFrameSize(window_, &left, &top, &right, &bottom);
        glfwGetWindowSize(window_, &size.width, &size.height);
        const Size fitted = window_size(size, 1, {room.width - left - right, room.height - top - bottom});
        if (room.width <= 0 || fitted == size) return;
        glfwSetWindowSize(window_, fitted.width, fitted.height);
        glfwSetWindowPos(window_, x + left, y + top);
    }

    GLFWwindow* window_ = nullptr;
    std::string title_;
    bool software_ = false;
    int x_ = 0, y_ = 0, width_ = 1280, height_ = 720;
};

} // namespace

std::string Display::why_no_window() {
    if (glfwInit()) {
        glfwTerminate();
        return {};
    }
    const std::string reason = last_glfw_error();
    return "No window can be opened here (" + reason + ").";
}

std::unique_ptr<Display> Display::open_window(const DisplayOptions& options) {
    return std::make_unique<GlfwDisplay>(options);
}

} // namespace ebm::window
