#pragma once

#include <cstdint>
#include <fstream>
#include <unistd.h>

namespace ebm {

/// Resident memory of this process in bytes; 0 where the system does not tell (/proc is Linux).
inline std::int64_t resident_memory() {
    std::ifstream statm("/proc/self/statm");
    std::int64_t total = 0, resident = 0;
    statm >> total >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

} // namespace ebm
