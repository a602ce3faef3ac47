#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct ImDrawData;

namespace ebm::window {

/// 8-bit RGBA, row 0 at the top.
struct Pixels {
    int width = 0, height = 0;
    std::vector<std::uint8_t> rgba;
};

struct DisplayOptions {
    int width = 1600, height = 1000; ///< of a window: at scale 1, at most what the screen has room for
    std::string title = "EBM Lab";
    float scale = 0; ///< of a window; 0 = as the screen asks for
};

struct Size {
    int width = 0, height = 0;
    bool operator==(const Size&) const = default;
};
/// Pixels of a window that is `wanted` at scale 1, on a screen with that scale and `room` pixels beside bars
/// and frames.
Size window_size(Size wanted, float scale, Size room);

/// Where the program draws: a window, a picture in memory (OpenGL without a display) or nothing at all (tests
/// of logic). One thread. A frame is: begin_frame, ImGui::NewFrame … ImGui::Render, draw, show.
class Display {
public:
    virtual ~Display() = default;

    /// Why no window can be opened here, one sentence; empty if one can.
    static std::string why_no_window();
    /// Each throws Error if the system refuses.
    static std::unique_ptr<Display> open_window(const DisplayOptions& options);
    static std::unique_ptr<Display> open_offscreen(const DisplayOptions& options);
    static std::unique_ptr<Display> open_null(const DisplayOptions& options);

    /// Between these two the ImGui context that was current at connect() is fed by this display.
    virtual void connect() = 0;
    virtual void disconnect() = 0;

    /// Collects input. wait_seconds > 0: sleeps until input, wake() or that time. Returns whether there was
    /// input.
    virtual bool begin_frame(double wait_seconds) = 0;
    virtual void draw(ImDrawData* data) = 0;
    virtual void show() {}
    /// What draw() made; call before show(). Empty for the null display.
    virtual Pixels read_pixels() = 0;

    virtual bool has_graphics() const { return true; }
    /// Drawn by the processor: every frame costs time that the laboratory could use.
    virtual bool is_software() const { return false; }
    virtual bool is_window() const { return false; }
    virtual bool is_minimised() const { return false; }
    virtual bool wants_close() const { return false; }
    /// Undoes a close request of the window's frame, to ask the person first.
    virtual void refuse_close() {}
    /// Factor for fonts and spacing that the screen asks for: 1 on an ordinary screen, 2 on many 4K laptops.
    virtual float content_scale() const { return 1; }
    virtual void set_title(const std::string&) {}
    virtual void toggle_full_screen() {}
    /// Pixels; a window asks the window system, which may decide otherwise.
    virtual void resize(int width, int height) = 0;
    /// Any thread: ends the sleep of begin_frame.
    virtual void wake() {}

    /// Files dropped on the window.
    std::function<void(std::vector<std::string> paths)> on_drop;
    /// The window system is gone, so that nothing can be drawn any more: what must be saved is saved here,
    /// within a call of begin_frame, draw, show or set_title. The process ends with exit code 1 when it
    /// returns.
    std::function<void()> on_lost;
};

} // namespace ebm::window
