#include "core/data/check.h"

#include <doctest/doctest.h>

using namespace ebm::data;

DOCTEST_TEST_CASE("classes without samples are named, and a class for each sample is no class") {
    using Classes = std::vector<DataReport::Class>;
    const auto problems = [](const Classes& classes) { return problems_of_classes(classes, "a.csv"); };
    DOCTEST_CHECK(problems({{"boot", 3}, {"bag", 1}}).empty());
    const std::vector<std::string> one = problems({{"boot", 3}, {"bag", 0}});
    DOCTEST_REQUIRE(one.size() == 1);
    DOCTEST_CHECK(one[0] == "The class 'bag' has no samples (a.csv). Add some, or take the class away.");
    const std::vector<std::string> two = problems({{"boot", 0}, {"shirt", 8}, {"bag", 0}});
    DOCTEST_REQUIRE(two.size() == 1);
    DOCTEST_CHECK(two[0].starts_with("2 of 3 classes have no samples: 'boot', 'bag' (a.csv)."));

    Classes names; // a column of names or numbers of the rows
    for (int row = 0; row < 30; ++row)
        names.push_back({"row " + std::to_string(row), 1});
    const std::vector<std::string> many = problems(names);
    DOCTEST_REQUIRE(many.size() == 1);
    DOCTEST_CHECK(many[0].starts_with("There are 30 classes for 30 samples (a.csv)"));

    Classes given = names; // classes that the set's own format names, most of them not in a small part of it
    given.push_back({"not here", 0});
    const std::vector<std::string> part = problems(given);
    DOCTEST_REQUIRE(part.size() == 1);
    DOCTEST_CHECK(part[0].starts_with("The class 'not here' has no samples"));
    for (DataReport::Class& found : names)
        found.count = 2;
    DOCTEST_CHECK(problems(names).empty());
}
