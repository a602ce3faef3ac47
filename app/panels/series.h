#pragma once

#include "core/lab/record_log.h"

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace ebm::panels {

using ReadValue = std::function<float(const Record&)>;

/// Neighbouring records summed up for one column of pixels. `iteration` is that of the middle record.
struct Bucket {
    double iteration = 0;
    float low = 0, high = 0, mean = 0;
};

/// One scalar of a run, ready to be drawn at any zoom: minimum, maximum and mean of 16, 256, 4096 … records
/// are kept, so that a plot of millions of records costs no more than its width in pixels.
class Series {
public:
    explicit Series(ReadValue read) : read_(std::move(read)) {}

    /// Takes in the records appended since the last call, at most `budget` of them. Starts anew if `log` is
    /// another one. Returns whether nothing is left.
    bool extend(const std::shared_ptr<const lab::RecordLog>& log, std::int64_t budget = 20'000);

    /// Records taken in so far.
    std::int64_t size() const { return size_; }

    /// The records [begin, end) in at most `count` + 2 buckets of equal, power-of-two size. Their borders do
    /// not move when records are appended, so the drawn line does not shimmer. Values that are not finite are
    /// left out; a bucket without a finite value is dropped.
    void buckets(std::int64_t begin, std::int64_t end, std::int64_t count, std::vector<Bucket>& out) const;

private:
    struct Sum {
        float low = std::numeric_limits<float>::infinity(), high = -std::numeric_limits<float>::infinity();
        double total = 0;
        std::int64_t count = 0;
        void add(float value);
        void add(const Sum& other);
    };
    static constexpr std::int64_t base = 16;

    ReadValue read_;
    std::shared_ptr<const lab::RecordLog> log_;
    std::int64_t size_ = 0;
    std::array<std::vector<Sum>, 4> levels_; ///< level i sums base^(i + 1) records
};

/// Index of the first record at or after `iteration`, among the first `size` records.
std::int64_t first_at(const lab::RecordLog& log, std::int64_t size, double iteration);

struct AxisRange {
    double low = 0, high = 1;
    double span() const { return high - low; }
};

/// AxisRange that hold all but the outermost `share` of the values at either end, with a margin of 8 %.
/// Values that are not finite are ignored; without values 0 … 1; all equal: one unit (or a tenth of the
/// value) around them. Reorders `values`.
AxisRange robust_range(std::vector<float>& values, double share = 0.01);

/// Axis limits that glide to where they should be. They grow at once in intent but shrink only when the
/// values fill less than two thirds of the axis, so that a noisy series does not make the axis breathe.
class EasedRange {
public:
    /// seconds: since the last call. The first call takes the target as it is.
    const AxisRange& update(const AxisRange& wanted, double seconds);
    void forget() { started_ = false; }

private:
    AxisRange now_, goal_;
    bool started_ = false;
};

} // namespace ebm::panels
