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

/// Freed memory stays with this process, up to half a gigabyte at the end of its heap. A training iteration
/// frees what the next one takes again: given back to the system in between, it costs a page fault for every
/// 4 kB: 7 % of an iteration of PixelCNN++, 4 % of one of Glow. Call it before memory is taken.
inline void keep_freed_memory() {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 32 << 20); // the most that glibc takes
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
#endif
}

/// Gives freed memory back to the system.
inline void give_back_memory() {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

/// Gives freed memory back and starts peak_memory anew.
inline void forget_peak_memory() {
    give_back_memory();
    std::ofstream("/proc/self/clear_refs") << 5;
}

} // namespace ebm
