#pragma once

#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

/// Messages for the person at the screen: to the terminal (standard error) and into a ring that the window
/// reads. Any thread may call any function.
namespace ebm::log {

enum class Level { info, warning, error };

struct Message {
    std::uint64_t index = 0; ///< 0, 1, 2, … since the program started
    std::chrono::system_clock::time_point time;
    Level level = Level::info;
    std::string text;
};

inline constexpr std::size_t ring_size = 1000;

/// `text` may come from anywhere: it is made printable.
void write(Level level, std::string text);

template <class... Arguments>
void info(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    write(Level::info, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <class... Arguments>
void warning(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    write(Level::warning, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <class... Arguments>
void error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    write(Level::error, fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// The messages with index ≥ `first` that are still among the last `ring_size`, oldest first.
std::vector<Message> messages_from(std::uint64_t first);

/// The index that the next message gets; cheap enough to ask every frame.
std::uint64_t next_index();

/// Messages below `threshold` do not go to the terminal. They still go into the ring. Starts at info.
void set_terminal_threshold(Level threshold);

} // namespace ebm::log
