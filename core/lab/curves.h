#pragma once

#include "core/lab/record_log.h"
#include "core/lab/snapshot.h"
#include "core/learn/optimizer.h"

#include <deque>

namespace ebm::lab {

/// What a run has measured of itself so far: the record of each iteration, KL now and then, and the settings
/// that were changed. Everything is ordered by iteration, so a run that goes back forgets what came after.
class Curves {
public:
    Curves();

    void add(const Record& record);
    void add(const QualityPoint& point);
    /// Changes of one setting within 20 iterations are one: the drag of a slider.
    void add(const SettingChange& change);
    /// Forgets everything after `iteration`.
    void cut_after(std::int64_t iteration);

    /// The latest records, at most 400, oldest first.
    std::vector<Record> recent() const { return {recent_.begin(), recent_.end()}; }
    const std::deque<Record>& latest() const { return recent_; }
    const std::shared_ptr<RecordLog>& records() const { return records_; }
    const std::shared_ptr<const std::vector<QualityPoint>>& quality() const { return quality_; }
    const std::shared_ptr<const std::vector<SettingChange>>& changes() const { return changes_; }

    /// What a checkpoint keeps. Tensors: "curves.iterations" int64 [n ≤ 2048] and "curves.records" float32
    /// [n, fields] (evenly thinned; record_fields()), "curves.quality" float64 [n, 4] (iteration, KL, its
    /// error, mass of the data in the box). Text: the seconds of both, which are of the machine and not of
    /// the run, and the changes; JSON.
    NamedTensors state() const;
    std::string text() const;
    /// Takes what is there; a field that an earlier program version did not have is not known, curves of one
    /// that has others are left out. density: of a normalised model, whose KL earlier versions took with log
    /// Z of the box; it is left out too, which the log says.
    void restore(const NamedTensors& state, const std::string& text, bool density = false);

private:
    std::vector<std::int64_t> stored() const;

    std::shared_ptr<RecordLog> records_;
    std::shared_ptr<const std::vector<QualityPoint>> quality_;
    std::shared_ptr<const std::vector<SettingChange>> changes_;
    std::deque<Record> recent_;
};

} // namespace ebm::lab
