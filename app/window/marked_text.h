#pragma once

#include <imgui.h>
#include <string>
#include <string_view>
#include <vector>

/// The inline Markdown of lessons: **bold**, `code`, and *italic*, which is shown as plain text. A backslash
/// before such a sign keeps it; a star between letters or blanks is a star.
namespace ebm::window {

struct MarkedPiece {
    std::string text;
    enum class Style { plain, bold, code } style = Style::plain;
    bool operator==(const MarkedPiece&) const = default;
};

/// Neighbours differ in style.
std::vector<MarkedPiece> marked_pieces(std::string_view text);
/// The text without its marks.
std::string unmarked(std::string_view text);

/// In lines that are no wider than `width` where a blank allows that, in the font and size of now.
ImVec2 marked_text_size(const std::string& text, float width);
void draw_marked_text(ImDrawList& list, ImVec2 at, ImU32 ink, const std::string& text, float width);
/// The same as an item of the window, as wide as there is room.
void marked_text(const std::string& text);

} // namespace ebm::window
