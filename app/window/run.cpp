#include "app/window/run.h"

#include "app/window/render.h"
#include "core/base/error.h"

namespace ebm::window {

int run_window(const WindowRequest&) {
    throw Error("This build has no window", "", "`ebmlab --help` lists the commands that work without one.");
}

int render_picture(const RenderRequest&) {
    throw Error("This build has no window to draw", "", "`ebmlab sample` writes pictures of samples.");
}

} // namespace ebm::window
