#include "app/panels/energy_curves.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace ebm;
using namespace ebm::panels;

namespace {

constexpr Learning without_negatives[] = {Learning::likelihood, Learning::score_matching, Learning::classes};

}

DOCTEST_TEST_CASE("every scalar of a record is in a plot") {
    std::vector<Plot> plots = make_plots();
    for (Plot& plot : make_plots(Learning::likelihood))
        plots.push_back(std::move(plot));
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
    for (const Learning learning :
         {Learning::contrast, Learning::likelihood, Learning::score_matching, Learning::classes}) {
        std::vector<std::string> ids;
        for (const Plot& plot : make_plots(learning)) {
            DOCTEST_CHECK(std::ranges::find(ids, plot.id) == ids.end());
            DOCTEST_CHECK(!plot.curves.empty());
            ids.push_back(plot.id);
        }
    }
}

DOCTEST_TEST_CASE("a training without negatives has no plot of them") {
    Record record;
    record.negative_energy = 7;
    for (const Learning learning : without_negatives)
        for (const Plot& plot : make_plots(learning))
            for (const Curve& curve : plot.curves)
                DOCTEST_CHECK(curve.read_value(record) != 7);
}

DOCTEST_TEST_CASE("the loss of a bound is called one") {
    for (const bool bounded : {false, true})
        for (const Plot& plot : make_plots(Learning::likelihood, bounded))
            DOCTEST_CHECK((plot.meaning.find("a bound") != std::string::npos) ==
                          (bounded && (plot.id == "loss" || plot.id == "bits")));
}
