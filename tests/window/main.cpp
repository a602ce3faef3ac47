#include "tests/window/stage.h"

/// window_tests [FILTER]: runs the tests of the window whose name contains FILTER.
int main(int count, char** arguments) {
    ebm::test::Stage stage;
    ebm::test::add_samples_tests(stage);
    ebm::test::add_run_view_tests(stage);
    ebm::test::add_buffer_tests(stage);
    ebm::test::add_narrow_tests(stage);
    return stage.run(count > 1 ? arguments[1] : "") == 0 ? 0 : 1;
}
