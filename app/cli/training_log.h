#pragma once

#include "core/learn/record.h"
#include "core/measure/health.h"
#include "core/settings/settings.h"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace ebm::cli {

/// The verdict on a training, from time to time, and when it turns.
class HealthWatch {
public:
    /// Judges every 25th record from the latest ones. Returns the sentence to say if the verdict turned: bad,
    /// worse, or good again; a turn for the better has to last 100 iterations. Else empty.
    std::string add(const Record& record, const Settings& settings);
    /// The verdict on the latest records; level unknown before there are enough.
    measure::Health verdict(const Settings& settings) const;
    /// "unknown", "good", "attention" or "failure": of the last judgement.
    const char* word() const;

private:
    std::deque<Record> recent_;
    measure::HealthLevel latest_ = measure::HealthLevel::unknown, said_ = measure::HealthLevel::good;
    int better_for_ = 0; ///< judgements
};

const char* health_word(measure::HealthLevel level);
/// "Energies run away. Halve the learning rate."
std::string health_sentence(const measure::Health& health);

/// log.csv: one row an iteration, units in the column names (nat for energies, s for seconds, x for distances
/// in sample space, share for 0 … 1), and the verdict of HealthWatch.
class TrainingLog {
public:
    /// Goes on after `iteration` of the log at `path`; starts a new log if there is none. Later rows, which
    /// the run writes again, and a torn last line are dropped. A log that is damaged before its end or has
    /// other columns is kept under another name first. Appends a sentence to `notices` for whatever is not as
    /// it would be without an interruption. Throws Error if the file cannot be written.
    TrainingLog(std::filesystem::path path, std::int64_t iteration, std::vector<std::string>& notices);

    void add(const Record& record, const char* health);
    /// Hands all rows to the system. Throws Error if it does not take them.
    void flush();

    /// The last records that the log held when it was opened, oldest first, at most 1,000.
    const std::vector<Record>& earlier() const { return earlier_; }

private:
    std::filesystem::path path_;
    std::ofstream file_;
    std::vector<Record> earlier_;
};

} // namespace ebm::cli
