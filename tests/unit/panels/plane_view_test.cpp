#include "app/panels/plane_view.h"

#include <doctest/doctest.h>

#include <vector>

using namespace ebm::panels;

namespace {
PlaneView view_800_by_600() {
    PlaneView view;
    view.set_screen(100, 50, 800, 600);
    return view;
}
} // namespace

DOCTEST_TEST_CASE("plane view: the smaller side shows the half extent, y points up") {
    const PlaneView view = view_800_by_600();
    DOCTEST_CHECK(view.to_screen({0, 0}).x == doctest::Approx(500));
    DOCTEST_CHECK(view.to_screen({0, 0}).y == doctest::Approx(350));
    DOCTEST_CHECK(view.to_screen({0, 4}).y == doctest::Approx(50));
    DOCTEST_CHECK(view.to_screen({4, 0}).x == doctest::Approx(800));
}

DOCTEST_TEST_CASE("plane view: screen to plane is the inverse after pan and zoom") {
    PlaneView view = view_800_by_600();
    view.pan(37, -120);
    view.zoom(2.5, {640, 200});
    for (const Vec2 p : {Vec2{0.3, -1.7}, Vec2{-3, 2}, Vec2{0, 0}}) {
        const Vec2 back = view.to_plane(view.to_screen(p));
        DOCTEST_CHECK(back.x == doctest::Approx(p.x));
        DOCTEST_CHECK(back.y == doctest::Approx(p.y));
    }
}

DOCTEST_TEST_CASE("plane view: zoom keeps the point under the cursor, pan carries it along") {
    PlaneView view = view_800_by_600();
    const Vec2 before = view.to_plane({222, 333});
    view.zoom(3, {222, 333});
    DOCTEST_CHECK(view.to_plane({222, 333}).x == doctest::Approx(before.x));
    DOCTEST_CHECK(view.to_plane({222, 333}).y == doctest::Approx(before.y));
    view.pan(40, 25);
    DOCTEST_CHECK(view.to_plane({262, 358}).x == doctest::Approx(before.x));
    DOCTEST_CHECK(view.to_plane({262, 358}).y == doctest::Approx(before.y));
}

DOCTEST_TEST_CASE("plane view: framing shows every point with a margin and no more than needed") {
    PlaneView view = view_800_by_600();
    const std::vector<float> points = {-6, 1, 6, 2, 0, 3};
    view.frame(points);
    const auto rect = view.visible();
    DOCTEST_CHECK(rect.low_x < -6);
    DOCTEST_CHECK(rect.high_x > 6);
    DOCTEST_CHECK((rect.high_x - rect.low_x) == doctest::Approx(12 * 1.2));
    DOCTEST_CHECK(view.centre().y == doctest::Approx(2));
    view.frame({});
    DOCTEST_CHECK(view.centre().y == doctest::Approx(2));
}

DOCTEST_TEST_CASE("plane view: rectangles are alike within a share of their size") {
    const ebm::lab::Rect rect{-4, -4, 4, 4}, near{-4.01, -4, 4, 4}, far{-5, -4, 4, 4};
    DOCTEST_CHECK(alike(rect, near, 0.01));
    DOCTEST_CHECK_FALSE(alike(rect, far, 0.01));
}
