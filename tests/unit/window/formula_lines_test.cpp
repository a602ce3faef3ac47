#include "app/window/formula_lines.h"

#include <doctest/doctest.h>

using namespace ebm::window;

namespace {

/// In lines of at most so many bytes.
std::vector<std::string> lines_of(std::string_view formula, std::size_t bytes) {
    return formula_lines(formula, [bytes](const std::string& line) { return line.size() <= bytes; });
}

using Lines = std::vector<std::string>;

} // namespace

DOCTEST_TEST_CASE("a formula is broken between its terms") {
    DOCTEST_CHECK(lines_of("a = b + c", 20) == Lines{"a = b + c"});
    DOCTEST_CHECK(lines_of("a = b + c", 6) == Lines{"a = b", "  + c"});
    DOCTEST_CHECK(lines_of("q(a | b) / q(b | a)", 16) == Lines{"q(a | b)", "  / q(b | a)"});
    DOCTEST_CHECK(lines_of("min(1, exp(a + b) / q(a))", 18) == Lines{"min(1, exp(a + b)", "  / q(a))"});
}

DOCTEST_TEST_CASE("a break outside brackets is better than one within") {
    DOCTEST_CHECK(lines_of("sum = f(a + b + c) + g(a + b + c)", 30) ==
                  Lines{"sum = f(a + b + c)", "  + g(a + b + c)"});
    // Unless the line would be nearly empty.
    DOCTEST_CHECK(lines_of("E = f(first(x) + second(x) + third(x))", 30) ==
                  Lines{"E = f(first(x) + second(x)", "  + third(x))"});
}

DOCTEST_TEST_CASE("a formula without a place to break stays one line") {
    DOCTEST_CHECK(lines_of("exp(a) exp(b) exp(c)", 8) == Lines{"exp(a) exp(b) exp(c)"});
    DOCTEST_CHECK(lines_of("", 8) == Lines{""});
    DOCTEST_CHECK(lines_of("a = b", 0) == Lines{"a = b"}); // nothing fits: it ends all the same
}

DOCTEST_TEST_CASE("short formulas and numbers of a sentence are kept together") {
    DOCTEST_CHECK(kept_together("at T = 1 the chains") == "at T\u00a0=\u00a01 the chains");
    DOCTEST_CHECK(kept_together("all 25 600 points") == "all 25\u00a0600 points");
    DOCTEST_CHECK(kept_together("To which log Z goes") == "To which log\u00a0Z goes");
    DOCTEST_CHECK(kept_together("plain words, 3 of them") == "plain words, 3 of them");
    DOCTEST_CHECK(kept_together("is exp(E \u2212 E\u2032), and") ==
                  "is exp(E\u00a0\u2212\u00a0E\u2032), and");
    DOCTEST_CHECK(kept_together("E(x, y) in [\u22124, 4] of it") ==
                  "E(x,\u00a0y) in [\u22124,\u00a04] of it");
    DOCTEST_CHECK(kept_together("words (which say more) here") == "words (which say more) here");
    DOCTEST_CHECK(kept_together("an open ( bracket") == "an open ( bracket");
}
