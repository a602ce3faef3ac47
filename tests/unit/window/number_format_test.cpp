#include "app/window/number_format.h"

#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace ebm::window;

DOCTEST_TEST_CASE("three significant digits with a true minus") {
    DOCTEST_CHECK(format_number(1.2345) == "1.23");
    DOCTEST_CHECK(format_number(-0.03127) == "−0.0313");
    DOCTEST_CHECK(format_number(0) == "0");
    DOCTEST_CHECK(format_number(-0.0) == "0");
    DOCTEST_CHECK(format_number(100) == "100");
    DOCTEST_CHECK(format_number(1234.4) == "1234");
    DOCTEST_CHECK(format_number(12346) == "12\u2009346");
    DOCTEST_CHECK(format_number(0.00125) == "0.00125");
}

DOCTEST_TEST_CASE("rounding decides on which side of a power of ten a number is written") {
    DOCTEST_CHECK(format_number(9.999) == "10.0");
    DOCTEST_CHECK(format_number(0.99951) == "1.00");
    DOCTEST_CHECK(format_number(0.00099999) == "0.00100");
    DOCTEST_CHECK(format_number(999999.9) == "1.00\u2009×\u200910⁶");
}

DOCTEST_TEST_CASE("very small and very large numbers are powers of ten") {
    DOCTEST_CHECK(format_number(1.25e-6) == "1.25\u2009×\u200910⁻⁶");
    DOCTEST_CHECK(format_number(-3.5e12) == "−3.50\u2009×\u200910¹²");
    DOCTEST_CHECK(format_number(5e-324).find("10⁻³²⁴") != std::string::npos);
    DOCTEST_CHECK(format_number(1.7e308).find("10³⁰⁸") != std::string::npos);
}

DOCTEST_TEST_CASE("what is not known is a dash without unit, infinities have a sign") {
    const double nan = std::numeric_limits<double>::quiet_NaN(),
                 infinity = std::numeric_limits<double>::infinity();
    DOCTEST_CHECK(format_value(nan, "nats") == "–");
    DOCTEST_CHECK(format_value(-infinity, "s") == "−∞\u2009s");
    DOCTEST_CHECK(format_share(nan) == "–");
    DOCTEST_CHECK(format_duration(nan) == "–");
    DOCTEST_CHECK(format_bytes(nan) == "–");
    DOCTEST_CHECK(format_exact(nan) == "–");
}

DOCTEST_TEST_CASE("exact digits read back as the same number") {
    for (const double value : {0.1, 1.0 / 3, 1e300, 123456.789, 2.2250738585072014e-308})
        DOCTEST_CHECK(std::stod(format_exact(value)) == value);
    DOCTEST_CHECK(format_exact(-0.5) == "−0.5");
}

DOCTEST_TEST_CASE("counts are grouped from five digits on") {
    DOCTEST_CHECK(format_count(0) == "0");
    DOCTEST_CHECK(format_count(9999) == "9999");
    DOCTEST_CHECK(format_count(1234567) == "1\u2009234\u2009567");
    DOCTEST_CHECK(format_count(-12345) == "−12\u2009345");
}

DOCTEST_TEST_CASE("shares, durations and sizes carry their unit") {
    DOCTEST_CHECK(format_share(0.125) == "12.5\u2009%");
    DOCTEST_CHECK(format_share(1) == "100\u2009%");
    DOCTEST_CHECK(format_share(0) == "0\u2009%");
    DOCTEST_CHECK(format_share(0.0123) == "1.23\u2009%");
    DOCTEST_CHECK(format_duration(0.85) == "850\u2009ms");
    DOCTEST_CHECK(format_duration(12.34) == "12.3\u2009s");
    DOCTEST_CHECK(format_duration(245) == "4\u2009min 05\u2009s");
    DOCTEST_CHECK(format_duration(59.97) == "1\u2009min 00\u2009s");
    DOCTEST_CHECK(format_duration(7620) == "2\u2009h 07\u2009min");
    DOCTEST_CHECK(format_bytes(999) == "999\u2009B");
    DOCTEST_CHECK(format_bytes(1.25e9) == "1.25\u2009GB");
    DOCTEST_CHECK(format_bytes(999999) == "1.00\u2009MB");
}

DOCTEST_TEST_CASE("text is wrapped and cut by characters, not bytes") {
    DOCTEST_CHECK(wrap_text("ΔΔΔΔ ΔΔΔΔ ΔΔ", 9) == "ΔΔΔΔ ΔΔΔΔ\nΔΔ");
    DOCTEST_CHECK(wrap_text("a\nb c", 10) == "a\nb c");
    DOCTEST_CHECK(wrap_text("overlongword x", 4) == "overlongword\nx");
    DOCTEST_CHECK(ellipsize("éééé", 4) == "éééé");
    DOCTEST_CHECK(ellipsize("ééééé", 4) == "ééé…");
}

DOCTEST_TEST_CASE("counts are written briefly where there is room for four letters") {
    using ebm::window::format_count_briefly;
    DOCTEST_CHECK(format_count_briefly(0) == "0");
    DOCTEST_CHECK(format_count_briefly(999) == "999");
    DOCTEST_CHECK(format_count_briefly(1000) == "1.0k");
    DOCTEST_CHECK(format_count_briefly(1559) == "1.6k");
    DOCTEST_CHECK(format_count_briefly(9949) == "9.9k");
    DOCTEST_CHECK(format_count_briefly(9951) == "10k");
    DOCTEST_CHECK(format_count_briefly(24'300) == "24k");
    DOCTEST_CHECK(format_count_briefly(3'100'000) == "3.1M");
}
