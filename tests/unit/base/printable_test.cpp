#include "core/base/printable.h"

#include <array>
#include <cstdio>
#include <doctest/doctest.h>

namespace ebm {

DOCTEST_TEST_CASE("printable: letters of every script stay, what a terminal obeys does not") {
    for (const char* text : {"", "two moons", "E⁺ − E⁻", "身長と体重", "🙂", "naïve"})
        DOCTEST_CHECK(printable(text) == text);
    DOCTEST_CHECK(printable("a\x1b]0;title\x07z") == "a�]0;title�z");
    DOCTEST_CHECK(printable("\x1b[2J") == "�[2J");
    DOCTEST_CHECK(printable("\xC2\x9B"
                            "2J") == "�2J"); // C1 as UTF-8
    DOCTEST_CHECK(printable("\x9B"
                            "2J") == "�2J"); // C1 as a byte
    DOCTEST_CHECK(printable("\x7F") == "�");
    DOCTEST_CHECK(printable(std::string_view("a\0b", 3)) == "a�b");
    DOCTEST_CHECK(printable("\xE2\x80\xAE"
                            "gpj") == "�gpj"); // right-to-left override
    DOCTEST_CHECK(printable("\xE2\x81\xA6") == "�");
    DOCTEST_CHECK(printable("a\nb\tc\r") == "a b c ");
    DOCTEST_CHECK(printable_lines("a\nb\x1b") == "a\nb�");
    DOCTEST_CHECK(printable("\xC0\x9B") == "��");      // overlong
    DOCTEST_CHECK(printable("\xED\xA0\x80") == "���"); // half a surrogate pair
    DOCTEST_CHECK(printable("ab\xE2\x80") == "ab��");  // cut
}

DOCTEST_TEST_CASE("a quoted word is one word to the shell") {
    DOCTEST_CHECK(shell_quoted("runs/moons/last.safetensors") == "runs/moons/last.safetensors");
    for (const std::string word :
         {"It's Bob's/run", "a b", "$(touch x)", "`x`", "a\"b", "", "*", "~", "a;b", "Mädchen"}) {
        const std::string command = "printf %s " + shell_quoted(word);
        std::array<char, 100> output{};
        std::FILE* shell = ::popen(command.c_str(), "r");
        const std::size_t length = std::fread(output.data(), 1, output.size(), shell);
        ::pclose(shell);
        DOCTEST_CHECK(std::string(output.data(), length) == word);
    }
    DOCTEST_CHECK(shell_quoted("a\x1b'b\n") == "$'a\\033\\'b\\012'");
}

} // namespace ebm
