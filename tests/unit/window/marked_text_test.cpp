#include "core/base/marks.h"

#include <doctest/doctest.h>

using namespace ebm;
using Style = MarkedPiece::Style;

DOCTEST_TEST_CASE("bold and code are pieces of their own, italic is plain, and no mark is left") {
    const std::vector<MarkedPiece> pieces = marked_pieces("Set **Step size**, *then* type `0.05`.");
    DOCTEST_REQUIRE(pieces.size() == 5);
    DOCTEST_CHECK(pieces[0] == MarkedPiece{"Set ", Style::plain});
    DOCTEST_CHECK(pieces[1] == MarkedPiece{"Step size", Style::bold});
    DOCTEST_CHECK(pieces[2] == MarkedPiece{", then type ", Style::plain});
    DOCTEST_CHECK(pieces[3] == MarkedPiece{"0.05", Style::code});
    DOCTEST_CHECK(pieces[4] == MarkedPiece{".", Style::plain});
    DOCTEST_CHECK(unmarked("***both*** and **bold *within* it**") == "both and bold within it");
    DOCTEST_CHECK(unmarked("**bold *at the end***") == "bold at the end");
    DOCTEST_CHECK(unmarked("`**raw**`") == "**raw**");
}

DOCTEST_TEST_CASE("a star that marks nothing stays") {
    for (const char* text :
         {"2 * 3 * 4", "a*b*c", "f(x)*g", "one * alone", "** not bold **", "a ` alone", "*"})
        DOCTEST_CHECK(unmarked(text) == text);
    DOCTEST_CHECK(unmarked("\\*kept\\* and \\`kept\\`") == "*kept* and `kept`");
}
