#include "app/panels/class_energies.h"
#include "app/panels/class_names.h"
#include "app/panels/group_layout.h"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace ebm::panels;

namespace {
const std::vector<std::string> clothes = {"T-shirt/top", "Sneaker", "Ankle boot"};
}

DOCTEST_TEST_CASE("classes: a choice of the list asks for that class, whatever the names are") {
    const std::vector<std::vector<std::string>> sets = {
        clothes, {"a", "A", "b"}, {"2", "1", "0"}, {"boot", "boot", "ankle boot"}, {"12", "x", "1"}};
    for (const auto& names : sets)
        for (int k = -1; k < static_cast<int>(names.size()); ++k) {
            DOCTEST_CAPTURE(names[0]);
            DOCTEST_CAPTURE(k);
            // The second of two equal names can only be asked for by number, and digits may be names.
            if (names[0] == "boot" && k == 1) {
                DOCTEST_CHECK(asking_for(names, k) == "1");
                continue;
            }
            DOCTEST_CHECK(asked_class(names, asking_for(names, k)) == k);
        }
    DOCTEST_CHECK(asking_for(clothes, 1) == "Sneaker");
    DOCTEST_CHECK(asking_for(clothes, -1) == "all");
}

DOCTEST_TEST_CASE("classes: what is asked for is said with its name") {
    DOCTEST_CHECK(asked_words(clothes, "all") == "All, in turn");
    DOCTEST_CHECK(asked_words(clothes, "boot") == "Ankle boot");
    DOCTEST_CHECK(asked_words(clothes, "1") == "Sneaker");
    DOCTEST_CHECK(asked_words(clothes, "teapot") == "teapot");
    DOCTEST_CHECK(asked_class(clothes, "teapot") == -2);
    DOCTEST_CHECK(class_name(clothes, 2) == "Ankle boot");
    DOCTEST_CHECK(class_name(clothes, 7) == "class 7");
    DOCTEST_CHECK(class_name(clothes, -1) == "\u2013");
}

DOCTEST_TEST_CASE("classes: all bars in the order of the classes where there is room for them") {
    const std::vector<float> energies = {3, -1, 2};
    DOCTEST_CHECK(classes_to_show(energies, 0, 3) == std::vector<int>{0, 1, 2});
    DOCTEST_CHECK(lowest_class(energies) == 1);
}

DOCTEST_TEST_CASE("classes: where there is no room, the lowest energies and the class asked for") {
    const float nan = std::nanf("");
    const std::vector<float> energies = {3, -1, nan, 2, 9};
    DOCTEST_CHECK(classes_to_show(energies, -1, 2) == std::vector<int>{1, 3});
    DOCTEST_CHECK(classes_to_show(energies, 3, 2) == std::vector<int>{1, 3});
    DOCTEST_CHECK(classes_to_show(energies, 4, 2) == std::vector<int>{1, 4});
    DOCTEST_CHECK(classes_to_show(energies, 2, 4) == std::vector<int>{1, 3, 0, 2});
    DOCTEST_CHECK(classes_to_show(energies, 99, 2) == std::vector<int>{1, 3});
    DOCTEST_CHECK(classes_to_show(energies, -1, 0) == std::vector<int>{1});
    DOCTEST_CHECK(lowest_class(std::vector<float>{nan, nan}) == -1);
    DOCTEST_CHECK(lowest_class(std::vector<float>{nan, 5}) == 1);
}

DOCTEST_TEST_CASE("groups of pictures: columns or rows, whichever shows them larger, and never too wide") {
    GroupRoom room;
    room.picture = {28, 28};
    room.gap = {6, 8};
    room.caption = 30;
    room.column_heading = {50, 20};
    room.row_heading = 80;
    const std::vector<int> counts(10, 4);
    room.area = {900, 500};
    const GroupLayout wide = group_layout(counts, room, 1, 0);
    DOCTEST_CHECK(wide.columns);
    DOCTEST_CHECK(wide.zoom == 3); // 10 · 90 − 6 = 894 wide, 20 + 4 · 122 − 8 = 500 high
    room.area = {400, 1200};
    const GroupLayout tall = group_layout(counts, room, 1, 0);
    DOCTEST_CHECK_FALSE(tall.columns);
    DOCTEST_CHECK(tall.zoom == 2);
    DOCTEST_CHECK(tall.per_row == 5);
    // Nothing fits: the smallest, in rows where ten columns are too wide.
    room.area = {300, 100};
    const GroupLayout little = group_layout(counts, room, 1, 0);
    DOCTEST_CHECK_FALSE(little.columns);
    DOCTEST_CHECK(little.zoom == 1);
    // A thousand classes.
    room.area = {900, 500};
    DOCTEST_CHECK_FALSE(group_layout(std::vector<int>(1000, 1), room, 1, 0).columns);
    // As asked for by hand, also where it must be scrolled.
    DOCTEST_CHECK(group_layout(counts, room, 1, 6).zoom == 6);
    DOCTEST_CHECK(group_layout({}, room, 1, 0).zoom == 8);
    for (int zoom = 1; zoom <= 8; ++zoom)
        for (const float width : {60.f, 200.f, 700.f}) {
            room.area.x = width;
            const GroupLayout layout = group_layout(counts, room, 1, zoom);
            DOCTEST_CHECK(layout.per_row >= 1);
            if (layout.columns) DOCTEST_CHECK(10 * layout.pitch - room.gap.x <= width);
        }
}
