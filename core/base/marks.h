#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The inline Markdown of lessons: **bold**, `code`, and *italic*, which is shown as plain text. A backslash
/// before such a sign keeps it; a star between letters or blanks is a star.
namespace ebm {

struct MarkedPiece {
    std::string text;
    enum class Style { plain, bold, code } style = Style::plain;
    bool operator==(const MarkedPiece&) const = default;
};

/// Neighbours differ in style.
std::vector<MarkedPiece> marked_pieces(std::string_view text);
/// The text without its marks.
std::string unmarked(std::string_view text);

} // namespace ebm
