#include "app/panels/landscape_tools.h"

#include <doctest/doctest.h>

using ebm::lab::QualityPoint;
using ebm::panels::kl_words;

DOCTEST_TEST_CASE("KL says of which iteration it is where the picture beside it is of another") {
    QualityPoint point;
    point.iteration = 20;
    point.kl = 2.35;
    point.error = 1e-4;
    const std::string words = kl_words(point, 20);
    DOCTEST_CHECK(words.starts_with("KL(data‖model) 2.35"));
    DOCTEST_CHECK(words.find("±") != std::string::npos);
    DOCTEST_CHECK(words.find("iteration") == std::string::npos);
    DOCTEST_CHECK(kl_words(point, 864) == words + ", iteration 20");
    point.iteration = 850;
    DOCTEST_CHECK(kl_words(point, 864) == words);
    point.iteration = 900; // after a roll back
    DOCTEST_CHECK(kl_words(point, 100) == words + ", iteration 900");
    point.temperature = 2;
    DOCTEST_CHECK(kl_words(point, 900).starts_with(words + " at T = 2"));
    // Of a bound: at the temperature of its density alone.
    DOCTEST_CHECK(kl_words(point, 900, true) == kl_words(point, 900));
    point.temperature = 1;
    DOCTEST_CHECK(kl_words(point, 900, true).starts_with("KL(data\u2016model) at most "));
    DOCTEST_CHECK(!kl_words(point, 900).starts_with("KL(data\u2016model) at most "));
}
