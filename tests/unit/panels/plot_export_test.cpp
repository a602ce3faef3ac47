#include "app/panels/landscape_export.h"
#include "app/panels/plot_export.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ebm;
using namespace ebm::panels;

DOCTEST_TEST_CASE("lines over the same x make one table, every digit kept") {
    const PlotContent content{
        "E", "iteration", "E", {{"data, all", {1, 2}, {0.1, NAN}}, {"samples", {1, 2}, {1.0 / 3, 5}}}, false};
    DOCTEST_CHECK(plot_table(content, ',') ==
                  "iteration,\"data, all\",samples\n1,0.1,0.3333333333333333\n2,,5\n");
    DOCTEST_CHECK(plot_table(content, '\t') ==
                  "iteration\tdata, all\tsamples\n1\t0.1\t0.3333333333333333\n2\t\t5\n");
}

DOCTEST_TEST_CASE("lines over different x keep every point, also where x repeats") {
    const PlotContent content{
        "ROC", "fpr", "tpr", {{"a", {0, 0, 1}, {0, 0.5, 1}}, {"b", {0, 1}, {0, 1}}}, false};
    DOCTEST_CHECK(plot_table(content, ',') == "line,fpr,tpr\na,0,0\na,0,0.5\na,1,1\nb,0,0\nb,1,1\n");
}

DOCTEST_TEST_CASE("a drawing has one path a line, breaks at what is not finite, and escapes names") {
    const PlotContent content{
        "E < 0",
        "step",
        "E",
        {{"a & b", {0, 1, 2, 3}, {1, NAN, 2, 4}, IM_COL32(255, 0, 128, 255), Dash::dashed}},
        false};
    const std::string svg = plot_svg(content);
    DOCTEST_CHECK(svg.starts_with("<svg "));
    DOCTEST_CHECK(svg.ends_with("</svg>\n"));
    DOCTEST_CHECK(svg.find("E &lt; 0") != std::string::npos);
    DOCTEST_CHECK(svg.find("a &amp; b") != std::string::npos);
    DOCTEST_CHECK(svg.find("#ff0080") != std::string::npos);
    const std::size_t path = svg.find("<path d=\"");
    const std::string d = svg.substr(path + 9, svg.find('"', path + 9) - path - 9);
    DOCTEST_CHECK(std::count(d.begin(), d.end(), 'M') == 2);
    DOCTEST_CHECK(std::count(d.begin(), d.end(), 'L') == 1);
}

DOCTEST_TEST_CASE("a landscape as numbers has each grid point at its middle") {
    lab::FieldView field;
    field.low_x = field.low_y = 0;
    field.high_x = field.high_y = 2;
    field.resolution = 2;
    field.energy = {1, 2, 3, 4};
    field.log_z = 0.5;
    field.temperature = 2;
    const data::Coding plain = data::plane_coding();
    DOCTEST_CHECK(field_table(field, &plain, ',') ==
                  "x,y,energy,minus_log_p\n0.5,0.5,1,1\n1.5,0.5,2,1.5\n0.5,1.5,3,2\n1.5,1.5,4,2.5\n");
    // In the units of a file p is a density of theirs: −log p grows by the log of each sd.
    data::Coding people;
    people.columns = {{"height, cm", 170, std::exp(2.0)}, {"weight", 0, std::exp(-1.0)}};
    field.resolution = 1;
    field.energy = {3};
    const std::string table = field_table(field, &people, ',');
    DOCTEST_CHECK(table.starts_with("\"height, cm\",weight,energy,minus_log_p\n177.389"));
    DOCTEST_CHECK(table.ends_with(",3,3\n"));
}
