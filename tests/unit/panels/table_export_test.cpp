#include "app/panels/table_export.h"

#include <cmath>

#include <doctest/doctest.h>

using namespace ebm::panels;

DOCTEST_TEST_CASE("a table leaves the window with every digit, and names that hold a separator in quotes") {
    const NumberTable table{"KL(data ‖ model), run 2",
                            {"name", "value", "n"},
                            {{"plain", 0.1f, 3},
                             {"a,b", 1.0 / 3, std::int64_t{10'000}},
                             {"two\nlines", std::nan(""), ""},
                             {"tab\there", std::optional<double>(), std::optional<double>(2.5)}}};
    DOCTEST_CHECK(table_text(table, ',') == "name,value,n\n"
                                            "plain,0.1,3\n"
                                            "\"a,b\",0.3333333333333333,10000\n"
                                            "\"two\nlines\",,\n"
                                            "tab\there,,2.5\n");
    DOCTEST_CHECK(table_text(table, '\t').find("\"tab\there\"\t\t2.5\n") != std::string::npos);
    DOCTEST_CHECK(file_name(table.name) == "kl_data_model_run_2");
    DOCTEST_CHECK(file_name("…") == "untitled");
}
