#pragma once

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace ebm {

/// Resident memory of this process in bytes; 0 where the system does not tell (/proc is Linux).
inline std::int64_t resident_memory() {
    std::ifstream statm("/proc/self/statm");
    std::int64_t total = 0, resident = 0;
    statm >> total >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

/// The most that resident_memory has been since the process began or forget_peak_memory; 0 where the system
/// does not tell.
inline std::int64_t peak_memory() {
    std::ifstream status("/proc/self/status");
    std::int64_t kilobytes = 0;
    for (std::string line; std::getline(status, line);)
        if (line.rfind("VmHWM:", 0) == 0) kilobytes = std::stoll(line.substr(6));
    return kilobytes * 1024;
}

/// Bytes that programs can still take without swapping; the largest number where the system does not tell.
inline std::uint64_t available_memory() {
    std::ifstream information("/proc/meminfo");
    for (std::string line; std::getline(information, line);)
        if (line.rfind("MemAvailable:", 0) == 0) return std::stoull(line.substr(13)) * 1024;
    return std::numeric_limits<std::uint64_t>::max();
}

/// Gives freed memory back to the system and starts peak_memory anew.
inline void forget_peak_memory() {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
    std::ofstream("/proc/self/clear_refs") << 5;
}

} // namespace ebm
