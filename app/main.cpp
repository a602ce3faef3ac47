#include "app/window/display.h"

#include <cstdio>

int main() {
    const std::string reason = ebm::window::Display::why_no_window();
    if (!reason.empty()) std::puts(reason.c_str());
    return 0;
}
