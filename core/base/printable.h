#pragma once

#include <string>
#include <string_view>

/// Texts that others wrote, on their way to a terminal, a log or a shell.
namespace ebm {

/// The text without anything that a terminal obeys: control characters (C0, DEL, and C1 as bytes or as
/// UTF-8), marks that turn the direction of writing, and what is not UTF-8 become "�"; line breaks and tabs
/// become spaces. So a title from a foreign file can neither move the cursor nor fake another line.
std::string printable(std::string_view text);

/// The same for text of several lines: "\n" stays.
std::string printable_lines(std::string_view text);

/// Where the first byte is that is no well-formed UTF-8; npos if there is none.
std::size_t first_not_utf8(std::string_view text);

/// The text as one word of a POSIX shell, quoted where that is needed: 'It'\''s Bob'\''s/last.safetensors'.
std::string shell_quoted(std::string_view word);

} // namespace ebm
