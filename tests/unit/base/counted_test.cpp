#include "core/base/counted.h"

#include <limits>

#include <doctest/doctest.h>

namespace ebm::test {

DOCTEST_TEST_CASE("whole numbers in sentences are grouped and agree with their noun") {
    DOCTEST_CHECK(grouped(0) == "0");
    DOCTEST_CHECK(grouped(999) == "999");
    DOCTEST_CHECK(grouped(-1000) == "-1,000");
    DOCTEST_CHECK(grouped(1234567) == "1,234,567");
    DOCTEST_CHECK(grouped(std::numeric_limits<std::int64_t>::min()) == "-9,223,372,036,854,775,808");
    DOCTEST_CHECK(counted(1, "class") == "1 class");
    DOCTEST_CHECK(counted(0, "class") == "0 classes");
    DOCTEST_CHECK(counted(2000, "held-out sample") == "2,000 held-out samples");
}

} // namespace ebm::test
