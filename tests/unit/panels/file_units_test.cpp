#include "app/panels/file_units.h"

#include <doctest/doctest.h>

using namespace ebm;
using namespace ebm::panels;

namespace {

lab::Snapshot people() {
    lab::Snapshot snapshot;
    auto data = std::make_shared<lab::DataView>();
    data->coding.columns = {{"height_cm", 170, 8}, {"weight_kg", 70, 10}};
    snapshot.data = data;
    return snapshot;
}

} // namespace

DOCTEST_TEST_CASE("axes are those of the file, and x and y where there is none") {
    DOCTEST_CHECK(axes_of(people()).columns[1].name == "weight_kg");
    DOCTEST_CHECK(axes_of(lab::Snapshot()) == data::plane_coding());
    lab::Snapshot pictures = people();
    pictures.kind = {false, 1, 28, 28};
    DOCTEST_CHECK(axes_of(pictures) == data::plane_coding());
}

DOCTEST_TEST_CASE("a coordinate has the file's number with the decimals that a pixel tells") {
    const data::Coding axes = axes_of(people());
    DOCTEST_CHECK(coordinate_text(axes, 0, 1.0, 0.01) == "\u2007178.00");
    DOCTEST_CHECK(coordinate_text(axes, 1, -8.0, 0.02) == "\u221210.0");
    DOCTEST_CHECK(position_text(axes, -1, -8) == "162, -10");
    char text[32];
    data::Coding::Column column = axes.columns[1];
    tick_in_file(2, text, sizeof text, &column);
    DOCTEST_CHECK(std::string(text) == "90");
}
