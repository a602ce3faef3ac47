#include "app/window/marked_text.h"

#include "app/window/theme.h"

#include <algorithm>

namespace ebm::window {
namespace {

using Style = MarkedPiece::Style;

ImFont* font_of(Style style) {
    return style == Style::bold   ? look().fonts.bold
           : style == Style::code ? look().fonts.mono
                                  : ImGui::GetFont();
}

float width_of(ImFont& font, std::string_view text) {
    return font.CalcTextSizeA(ImGui::GetFontSize(), FLT_MAX, 0, text.data(), text.data() + text.size()).x;
}

/// Calls `draw(font, at, text)` for what stands together in a line, and returns the size of all.
template <class Draw>
ImVec2 lay_out(const std::vector<MarkedPiece>& pieces, float width, Draw&& draw) {
    struct Part {
        ImFont* font;
        std::string_view text;
    };
    const float line = ImGui::GetTextLineHeight(), blank = width_of(*ImGui::GetFont(), " ");
    float x = 0, y = 0, widest = 0, gap = 0;
    std::vector<Part> word; // of several styles, perhaps
    const auto place = [&] {
        float wide = 0;
        for (const Part& part : word)
            wide += width_of(*part.font, part.text);
        if (word.empty()) return;
        if (x > 0 && x + gap + wide > width) {
            x = 0;
            y += line;
        } else if (x > 0) {
            x += gap;
        }
        gap = 0;
        for (Part part : word) {
            while (!part.text.empty()) {
                // A word that is wider than the room goes on in the next line.
                std::size_t length = part.text.size();
                if (x + width_of(*part.font, part.text) > width) {
                    const char* const end = part.text.data() + part.text.size();
                    const char* fits = nullptr;
                    (void)part.font->CalcTextSizeA(ImGui::GetFontSize(), std::max(1.0f, width - x), 0,
                                                   part.text.data(), end, &fits);
                    length = static_cast<std::size_t>(fits - part.text.data());
                    if (length == 0 && x == 0) length = part.text.size();
                }
                const std::string_view now = part.text.substr(0, length);
                if (!now.empty()) draw(*part.font, ImVec2(x, y), now);
                x += width_of(*part.font, now);
                widest = std::max(widest, x);
                part.text.remove_prefix(length);
                if (part.text.empty()) break;
                x = 0;
                y += line;
            }
        }
        word.clear();
    };
    for (const MarkedPiece& piece : pieces) {
        std::string_view rest = piece.text;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(' '), rest.size());
            if (end > 0) word.push_back({font_of(piece.style), rest.substr(0, end)});
            if (end < rest.size()) {
                place();
                gap += blank;
            }
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    place();
    return {widest, y + line};
}

} // namespace

ImVec2 marked_text_size(const std::string& text, float width) {
    return lay_out(marked_pieces(text), width, [](ImFont&, ImVec2, std::string_view) {});
}

void draw_marked_text(ImDrawList& list, ImVec2 at, ImU32 ink, const std::string& text, float width) {
    (void)lay_out(marked_pieces(text), width, [&](ImFont& font, ImVec2 from, std::string_view part) {
        list.AddText(&font, ImGui::GetFontSize(), {at.x + from.x, at.y + from.y}, ink, part.data(),
                     part.data() + part.size());
    });
}

void marked_text(const std::string& text) {
    const std::vector<MarkedPiece> pieces = marked_pieces(text);
    if (pieces.size() <= 1 && (pieces.empty() || pieces[0].style == Style::plain)) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextUnformatted(pieces.empty() ? "" : pieces[0].text.c_str());
        ImGui::PopTextWrapPos();
        return;
    }
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    draw_marked_text(*ImGui::GetWindowDrawList(), at, ImGui::GetColorU32(ImGuiCol_Text), text, width);
    ImGui::LogText("%s\n", unmarked(text).c_str());
    ImGui::Dummy({width, marked_text_size(text, width).y});
}

} // namespace ebm::window
