#include "core/base/log.h"

#include "core/base/printable.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

namespace ebm::log {
namespace {

struct Ring {
    std::mutex mutex;
    std::deque<Message> messages;
    std::atomic<std::uint64_t> next = 0;
};

Ring& ring() {
    static Ring instance;
    return instance;
}

spdlog::logger& terminal() {
    static spdlog::logger instance = [] {
        auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
        sink->set_pattern("%^%l%$: %v");
        const char* plain = std::getenv("NO_COLOR");
        if (plain && *plain) sink->set_color_mode(spdlog::color_mode::never);
        return spdlog::logger("ebmlab", std::move(sink));
    }();
    return instance;
}

spdlog::level::level_enum level_of(Level level) {
    switch (level) {
    case Level::info:
        return spdlog::level::info;
    case Level::warning:
        return spdlog::level::warn;
    case Level::error:
        break;
    }
    return spdlog::level::err;
}

} // namespace

void write(Level level, std::string text) {
    text = printable(text);
    terminal().log(level_of(level), spdlog::string_view_t(text));
    Ring& r = ring();
    const std::scoped_lock lock(r.mutex);
    r.messages.push_back({r.next, std::chrono::system_clock::now(), level, std::move(text)});
    if (r.messages.size() > ring_size) r.messages.pop_front();
    ++r.next;
}

std::vector<Message> messages_from(std::uint64_t first) {
    Ring& r = ring();
    const std::scoped_lock lock(r.mutex);
    if (first >= r.next) return {};
    const std::uint64_t oldest = r.next - r.messages.size();
    const auto skipped = static_cast<std::ptrdiff_t>(std::max(first, oldest) - oldest);
    return {r.messages.begin() + skipped, r.messages.end()};
}

std::uint64_t next_index() {
    return ring().next;
}

void set_terminal_threshold(Level threshold) {
    terminal().set_level(level_of(threshold));
}

} // namespace ebm::log
