#include "core/base/printable.h"

#include <cstdint>

namespace ebm {
namespace {

constexpr const char* replacement = "\xEF\xBF\xBD";

/// The code point at the start of `text` and its length in bytes; length 0 if it is not well-formed UTF-8.
struct Character {
    std::uint32_t code = 0;
    std::size_t length = 0;
};

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
    std::uint32_t code = lead & (0xFFu >> (length + 1));
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xC0) != 0x80) return {};
        code = code << 6 | (byte(at) & 0x3F);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, length};
}

bool is_obeyed(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C || code == 0x200E ||
           code == 0x200F || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0xFEFF;
}

std::string cleaned(std::string_view text, bool keep_lines) {
    std::string clean;
    clean.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_character(text);
        const std::size_t length = character.length == 0 ? 1 : character.length;
        if (character.code == '\n' || character.code == '\t' || character.code == '\r')
            clean += keep_lines && character.code == '\n' ? '\n' : ' ';
        else if (character.length == 0 || is_obeyed(character.code))
            clean += replacement;
        else
            clean += text.substr(0, length);
        text.remove_prefix(length);
    }
    return clean;
}

} // namespace

std::size_t first_not_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = first_character(text.substr(at)).length;
        if (length == 0) return at;
        at += length;
    }
    return std::string_view::npos;
}

std::string printable(std::string_view text) {
    return cleaned(text, false);
}

std::string printable_lines(std::string_view text) {
    return cleaned(text, true);
}

std::string shell_quoted(std::string_view word) {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=@%+,";
    if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
    if (printable(word) != word) { // a name that no terminal shows: bash, zsh and POSIX 2024 read this form
        std::string quoted = "$'";
        for (const unsigned char letter : word) {
            constexpr const char* digits = "01234567";
            if (letter == '\'' || letter == '\\')
                quoted.append("\\").push_back(static_cast<char>(letter));
            else if (letter >= 0x20 && letter < 0x7F)
                quoted += static_cast<char>(letter);
            else
                quoted.append("\\").append(
                    {digits[letter >> 6], digits[letter >> 3 & 7], digits[letter & 7]});
        }
        return quoted + "'";
    }
    std::string quoted = "'";
    for (const char letter : word)
        quoted.append(letter == '\'' ? "'\\''" : std::string(1, letter));
    return quoted + "'";
}

} // namespace ebm
