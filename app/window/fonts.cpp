#include "app/window/fonts.h"

#include "app/draw/embedded.h"
#include "app/window/theme.h"
#include "core/base/log.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

namespace ebm::window {
namespace {

constexpr float base_size = 15;

ImFontConfig without_copy(const char* name) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    std::snprintf(config.Name, sizeof config.Name, "%s", name);
    return config;
}

ImFont* add(const char* file, ImFontConfig config) {
    const std::string_view bytes = embedded(font_files(), file);
    return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<char*>(bytes.data()),
                                                      static_cast<int>(bytes.size()), base_size, &config);
}

/// Roboto has only some of the superscripts; all of a family must come from one font to sit on one line. They
/// are drawn larger than the font has them, because + and − of the superscripts are three pixels wide there.
constexpr ImWchar superscripts[] = {0xB2, 0xB3, 0xB9, 0xB9, 0x2070, 0x209C, 0};
constexpr ImWchar not_superscripts[] = {0x20, 0xB1, 0xB4, 0xB8, 0xBA, 0x206F, 0x209D, 0x10FFFF, 0};
/// ‖ of mathematics is too fine for a screen.
constexpr ImWchar not_norm[] = {0x20, 0x2015, 0x2017, 0x10FFFF, 0};
constexpr ImWchar not_icons[] = {0x20, 0xDFFF, 0xF900, 0x10FFFF, 0};

/// The first of these that is there: too large to be carried inside the program, and packaged everywhere.
constexpr const char* east_asian_fonts[] = {
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/vlgothic/VL-Gothic-Regular.ttf",
};

/// Read once and kept: Dear ImGui takes letters from it when they are first drawn.
const std::vector<char>& east_asian_font() {
    static const std::vector<char> bytes = [] {
        for (const char* path : east_asian_fonts) {
            std::ifstream file(path, std::ios::binary);
            if (file) return std::vector<char>(std::istreambuf_iterator<char>(file), {});
        }
        return std::vector<char>();
    }();
    return bytes;
}

void add_east_asian() {
    const std::vector<char>& bytes = east_asian_font();
    if (bytes.empty()) return;
    ImFontConfig config = without_copy("east asian");
    config.MergeMode = true;
    ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<char*>(bytes.data()),
                                               static_cast<int>(bytes.size()), base_size, &config);
}

ImFont* add_family(const char* file) {
    ImFontConfig first = without_copy(file);
    first.GlyphExcludeRanges = superscripts;
    ImFont* font = add(file, first);

    ImFontConfig raised = without_copy("superscripts");
    raised.MergeMode = true;
    raised.GlyphExcludeRanges = not_superscripts;
    raised.ExtraSizeScale = 1.4f;
    raised.GlyphOffset.y = 0.5f;
    add("NotoSans-Regular.ttf", raised);

    ImFontConfig norm = without_copy("norm");
    norm.MergeMode = true;
    norm.GlyphExcludeRanges = not_norm;
    add("NotoSans-Regular.ttf", norm);

    ImFontConfig icons = without_copy("icons");
    icons.MergeMode = true;
    icons.GlyphExcludeRanges = not_icons;
    icons.GlyphMinAdvanceX = 18;
    icons.GlyphOffset.y = 0.5f;
    icons.ExtraSizeScale = 0.86f;
    add("Font_Awesome_6_Free-Solid-900.otf", icons);

    ImFontConfig mathematics = without_copy("mathematics");
    mathematics.MergeMode = true;
    add("latinmodern-math.otf", mathematics);
    add_east_asian();
    return font;
}

} // namespace

Fonts load_fonts() {
    if (east_asian_font().empty())
        log::info("No font with Chinese and Japanese letters was found: they are shown as boxes. Install "
                  "the package fonts-droid-fallback to see them.");
    return {add_family("Roboto-Regular.ttf"), add_family("Roboto-Bold.ttf"),
            add_family("Inconsolata-Medium.ttf"), !east_asian_font().empty()};
}

TypeScope::TypeScope(Type type) {
    const Fonts& fonts = look().fonts;
    switch (type) {
    case Type::body:
        ImGui::PushFont(fonts.body, base_size);
        break;
    case Type::strong:
        ImGui::PushFont(fonts.bold, base_size);
        break;
    case Type::caption:
        ImGui::PushFont(fonts.body, 13);
        break;
    case Type::mono:
        ImGui::PushFont(fonts.mono, base_size);
        break;
    case Type::small_mono:
        ImGui::PushFont(fonts.mono, 13);
        break;
    case Type::heading:
        ImGui::PushFont(fonts.bold, 18);
        break;
    case Type::title:
        ImGui::PushFont(fonts.bold, 24);
        break;
    }
}

} // namespace ebm::window
