#pragma once

#include <imgui.h>

namespace ebm::window {

/// Each has Latin, Greek, ∇ and other signs of mathematics, arrows, super- and subscripts, and the icons of
/// icons.h.
struct Fonts {
    ImFont* body = nullptr;
    ImFont* bold = nullptr;
    ImFont* mono = nullptr;
    bool east_asian = false; ///< Chinese and Japanese too: a font for them is on this machine
};

/// Adds the embedded fonts to the current context's atlas.
Fonts load_fonts();

enum class Type {
    body,    ///< 15 px
    strong,  ///< body, bold
    caption, ///< 13 px
    mono,    ///< numbers in tables and read-outs
    small_mono,
    heading, ///< 18 px, bold
    title,   ///< 24 px, bold
};

/// Sets the type until the end of the scope.
class TypeScope {
public:
    explicit TypeScope(Type type);
    ~TypeScope() { ImGui::PopFont(); }
    TypeScope(const TypeScope&) = delete;
    TypeScope& operator=(const TypeScope&) = delete;
};

} // namespace ebm::window
