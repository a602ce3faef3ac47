#include "core/base/marks.h"

#include <cctype>

namespace ebm {
namespace {

using Style = MarkedPiece::Style;

bool is_word(char sign) {
    return std::isalnum(static_cast<unsigned char>(sign)) != 0 || static_cast<unsigned char>(sign) >= 0x80;
}

/// Where the mark that begins at `at` ends again; npos if it marks nothing.
std::size_t end_of_mark(std::string_view text, std::size_t at, std::string_view mark) {
    const std::size_t first = at + mark.size();
    const bool star = mark.front() == '*';
    if (first >= text.size() || (star && text[first] == ' ')) return std::string_view::npos;
    if (star && at > 0 && is_word(text[at - 1])) return std::string_view::npos;
    for (std::size_t end = text.find(mark, first + 1); end != std::string_view::npos;
         end = text.find(mark, end + 1)) {
        if (!star) return end;
        const std::size_t behind = end + mark.size();
        // Of a longer run of stars a single one belongs to others, and two are its last.
        const bool longer = (mark.size() == 1 && text[end - 1] == '*') ||
                            (mark.size() < 3 && behind < text.size() && text[behind] == '*');
        if (!longer && text[end - 1] != ' ' && text[end - 1] != '\\' &&
            (behind == text.size() || !is_word(text[behind])))
            return end;
    }
    return std::string_view::npos;
}

void add(std::vector<MarkedPiece>& pieces, std::string_view text, Style style) {
    if (text.empty()) return;
    if (pieces.empty() || pieces.back().style != style) pieces.push_back({"", style});
    pieces.back().text += text;
}

void read(std::vector<MarkedPiece>& pieces, std::string_view text, Style style) {
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (rest.size() > 1 && rest[0] == '\\' && (rest[1] == '*' || rest[1] == '`' || rest[1] == '\\')) {
            add(pieces, rest.substr(1, 1), style);
            at += 2;
            continue;
        }
        const std::string_view mark = rest[0] == '`'            ? "`"
                                      : rest.starts_with("***") ? "***"
                                      : rest.starts_with("**")  ? "**"
                                                                : "*";
        const std::size_t end = rest.starts_with(mark) ? end_of_mark(text, at, mark) : std::string_view::npos;
        if (end == std::string_view::npos) {
            const std::size_t length = rest.starts_with(mark) ? mark.size() : 1;
            add(pieces, rest.substr(0, length), style);
            at += length;
            continue;
        }
        const std::string_view inside = text.substr(at + mark.size(), end - at - mark.size());
        if (mark == "`")
            add(pieces, inside, Style::code);
        else
            read(pieces, inside, mark.size() > 1 ? Style::bold : style);
        at = end + mark.size();
    }
}

} // namespace

std::vector<MarkedPiece> marked_pieces(std::string_view text) {
    std::vector<MarkedPiece> pieces;
    read(pieces, text, Style::plain);
    return pieces;
}

std::string unmarked(std::string_view text) {
    std::string plain;
    for (const MarkedPiece& piece : marked_pieces(text))
        plain += piece.text;
    return plain;
}

} // namespace ebm
