#pragma once

#include "core/lab/laboratory.h"
#include "core/measure/health.h"
#include "core/measure/record.h"
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
    /// around: of the data; the records alone tell of the sampler.
    std::string add(const Record& record, const Settings& settings, const measure::Circumstances& around);
    /// The verdict on the latest records; level unknown before there are enough.
    measure::Health verdict(const Settings& settings, const measure::Circumstances& around) const;
    /// "unknown", "good", "attention" or "failure": of the last judgement.
    const char* word() const;
    /// The verdict that `add` returned last, in words; empty before the first.
    const std::string& said() const { return said_sentence_; }

private:
    std::string turn(const Record& record, const measure::Health& health);

    std::deque<Record> recent_;
    measure::HealthLevel latest_ = measure::HealthLevel::unknown, said_ = measure::HealthLevel::good;
    std::string said_sentence_;
    int better_for_ = 0; ///< judgements
};

const char* health_word(measure::HealthLevel level);
/// "Energies run away. Halve the learning rate."
std::string health_sentence(const measure::Health& health);

/// What is measured of a model now and then, beside its records: KL where the data have an exact density, and
/// AUROC of each out-of-distribution set.
class Measurement {
public:
    /// Finds out what can be measured of the open model.
    explicit Measurement(lab::Laboratory& laboratory);
    /// kl_nat, kl_error_nat, auroc_NAME.
    const std::vector<std::string>& columns() const { return columns_; }
    /// A number for each column, NaN where it is not known. `last`: no other one follows, so KL may take its
    /// time. Passes on what a StopCheck throws.
    std::vector<double> measure(bool last);

private:
    lab::Laboratory& laboratory_;
    std::vector<std::string> columns_;
    std::vector<std::string> sets_; ///< OOD sets, in the order of their columns
};

/// log.csv: one row an iteration, units in the column names (nat for energies, s for seconds, x for distances
/// in sample space, share for 0 … 1), what is measured now and then, and the verdict of HealthWatch.
class TrainingLog {
public:
    /// Goes on after `iteration` of the log at `path`; starts a new log if there is none. Later rows, which
    /// the run writes again, and a torn last line are dropped. A log that is damaged before its end or has
    /// other columns is kept under another name first. Appends a sentence to `notices` for whatever is not as
    /// it would be without an interruption. `measured`: see Measurement. Throws Error if the file cannot be
    /// written.
    TrainingLog(std::filesystem::path path, std::int64_t iteration, std::vector<std::string> measured,
                std::vector<std::string>& notices);

    /// `measured` are the numbers of Measurement, or nothing at an iteration without them: empty cells.
    void add(const Record& record, const std::vector<double>& measured, const char* health);
    /// Hands all rows to the system. Throws Error if it does not take them.
    void flush();

    /// The last records that the log held when it was opened, oldest first, at most 1,000.
    const std::vector<Record>& earlier() const { return earlier_; }

private:
    std::filesystem::path path_;
    std::vector<std::string> measured_; ///< names of columns
    std::ofstream file_;
    std::vector<Record> earlier_;
};

} // namespace ebm::cli
