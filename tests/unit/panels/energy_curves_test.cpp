#include "app/panels/energy_curves.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace ebm;
using namespace ebm::panels;

DOCTEST_TEST_CASE("every scalar of a record is in a plot") {
    const std::vector<Plot> plots = make_plots();
    for (const RecordField& field : record_fields()) {
        Record nothing, record;
        record.*field.member = 7;
        const bool drawn = std::ranges::any_of(plots, [&](const Plot& plot) {
            return std::ranges::any_of(plot.curves, [&](const Curve& curve) {
                return curve.read_value(record) != curve.read_value(nothing) ||
                       (curve.banded && curve.read_high(record) != curve.read_high(nothing));
            });
        });
        DOCTEST_CHECK_MESSAGE(drawn, field.name);
    }
}

DOCTEST_TEST_CASE("plots have names of their own") {
    std::vector<std::string> ids;
    for (const Plot& plot : make_plots()) {
        DOCTEST_CHECK(std::ranges::find(ids, plot.id) == ids.end());
        DOCTEST_CHECK(!plot.curves.empty());
        ids.push_back(plot.id);
    }
}
