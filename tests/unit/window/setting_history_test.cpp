#include "app/window/setting_history.h"

#include <doctest/doctest.h>

using ebm::window::SettingHistory;

DOCTEST_TEST_CASE("setting history: a drag is one entry") {
    SettingHistory history;
    history.change("sampler.steps", "20", "21");
    history.change("sampler.steps", "21", "25");
    history.change("sampler.steps", "25", "40");
    history.release();
    const auto undone = history.undo();
    DOCTEST_REQUIRE(undone);
    DOCTEST_CHECK(*undone == SettingHistory::Change{"sampler.steps", "20", "40"});
    DOCTEST_CHECK_FALSE(history.undo());
    DOCTEST_CHECK(history.redo()->after == "40");
    DOCTEST_CHECK_FALSE(history.redo());
}

DOCTEST_TEST_CASE("setting history: two drags of one setting are two entries") {
    SettingHistory history;
    history.change("a", "1", "2");
    history.release();
    history.change("a", "2", "3");
    history.release();
    DOCTEST_CHECK(history.undo()->before == "2");
    DOCTEST_CHECK(history.undo()->before == "1");
}

DOCTEST_TEST_CASE("setting history: another setting closes the entry") {
    SettingHistory history;
    history.change("a", "1", "2");
    history.change("b", "x", "y");
    DOCTEST_CHECK(history.undo()->key == "b");
    DOCTEST_CHECK(history.undo()->key == "a");
}

DOCTEST_TEST_CASE("setting history: a drag back to where it began leaves nothing") {
    SettingHistory history;
    history.change("a", "1", "2");
    history.change("a", "2", "1");
    history.release();
    DOCTEST_CHECK(history.next_undo() == nullptr);
    history.change("a", "1", "1");
    DOCTEST_CHECK(history.next_undo() == nullptr);
}

DOCTEST_TEST_CASE("setting history: a change after undo forgets what was undone") {
    SettingHistory history;
    history.change("a", "1", "2");
    history.release();
    history.undo();
    DOCTEST_REQUIRE(history.next_redo());
    history.change("b", "3", "4");
    history.release();
    DOCTEST_CHECK(history.next_redo() == nullptr);
    DOCTEST_CHECK(history.undo()->key == "b");
    DOCTEST_CHECK_FALSE(history.undo());
}

DOCTEST_TEST_CASE("setting history: undo during a drag closes it first") {
    SettingHistory history;
    history.change("a", "1", "2");
    DOCTEST_CHECK(history.undo()->before == "1");
    history.change("a", "1", "5");
    DOCTEST_CHECK(history.undo()->after == "5");
}

DOCTEST_TEST_CASE("setting history: keeps the newest entries") {
    SettingHistory history;
    for (std::size_t i = 0; i < SettingHistory::capacity + 50; ++i) {
        history.change("a", std::to_string(i), std::to_string(i + 1));
        history.release();
    }
    std::size_t count = 0;
    std::string oldest;
    while (const auto change = history.undo())
        ++count, oldest = change->before;
    DOCTEST_CHECK(count == SettingHistory::capacity);
    DOCTEST_CHECK(oldest == "50");
}
