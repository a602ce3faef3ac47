#pragma once

#include "core/learn/record.h"

#include <cstdint>
#include <filesystem>
#include <fstream>

namespace ebm::cli {

/// log.csv: one row an iteration, units in the column names (nat for energies, s for seconds, x for distances
/// in sample space, share for 0 … 1).
class TrainingLog {
public:
    /// Goes on after `iteration` of the log at `path`: later rows and a torn last line are dropped. Starts a
    /// new log if there is none. Throws Error if the file cannot be written or is not such a log.
    TrainingLog(std::filesystem::path path, std::int64_t iteration);

    void add(const Record& record);
    /// Hands all rows to the system. Throws Error if it does not take them.
    void flush();

private:
    std::filesystem::path path_;
    std::ofstream file_;
};

} // namespace ebm::cli
