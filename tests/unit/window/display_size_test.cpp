#include "app/window/dialogs.h"
#include "app/window/display.h"
#include "app/window/shell.h"
#include "tests/unit/temporary_folder.h"

#include <doctest/doctest.h>

#include <fstream>

using namespace ebm::window;

DOCTEST_TEST_CASE("a window is never larger than its screen") {
    DOCTEST_CHECK(window_size({1600, 1000}, 1, {1920, 1080}) == Size{1600, 1000});
    DOCTEST_CHECK(window_size({1600, 1000}, 1.5f, {1920, 1080}) == Size{1920, 1080});
    DOCTEST_CHECK(window_size({1600, 1000}, 1, {1280, 720}) == Size{1280, 720});
    DOCTEST_CHECK(window_size({1600, 1000}, 1.5f, {3840, 2160}) == Size{2400, 1500});
}

DOCTEST_TEST_CASE("settings and plots get fewer places where there is less room") {
    DOCTEST_CHECK(layout_form(1600, 940) == LayoutForm::wide);
    DOCTEST_CHECK(layout_form(1280, 660) == LayoutForm::medium);
    DOCTEST_CHECK(layout_form(640, 330) == LayoutForm::narrow);
}

DOCTEST_TEST_CASE("a proposed name is one that no file has") {
    const ebm::tests::TemporaryFolder folder;
    DOCTEST_CHECK(free_name(folder.path, "chain_3.png") == "chain_3.png");
    std::ofstream(folder.path / "chain_3.png") << "x";
    DOCTEST_CHECK(free_name(folder.path, "chain_3.png") == "chain_3-2.png");
    std::ofstream(folder.path / "chain_3-2.png") << "x";
    DOCTEST_CHECK(free_name(folder.path, "chain_3.png") == "chain_3-3.png");
}
