#include "core/base/log.h"

#include <doctest/doctest.h>
#include <thread>

using namespace ebm;

DOCTEST_TEST_CASE("log: the ring keeps the last messages and their running index, from any thread") {
    log::set_terminal_threshold(log::Level::error);
    const std::uint64_t start = log::next_index();
    log::info("iteration {} of {}", 3, 10);
    log::warning("careful");
    auto messages = log::messages_from(start);
    DOCTEST_REQUIRE(messages.size() == 2);
    DOCTEST_CHECK(messages[0].text == "iteration 3 of 10");
    DOCTEST_CHECK(messages[0].index == start);
    DOCTEST_CHECK(messages[1].level == log::Level::warning);
    DOCTEST_CHECK(log::messages_from(start + 2).empty());

    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([] {
            for (int i = 0; i < 500; ++i)
                log::info("{}", i);
        });
    for (std::thread& thread : threads)
        thread.join();
    messages = log::messages_from(0);
    DOCTEST_REQUIRE(messages.size() == log::ring_size);
    DOCTEST_CHECK(messages.back().index == start + 2001);
    for (size_t i = 1; i < messages.size(); ++i)
        DOCTEST_CHECK(messages[i].index == messages[i - 1].index + 1);
    log::set_terminal_threshold(log::Level::info);
}
