#include "app/panels/series.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ebm::panels {

void Series::Sum::add(float value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
    total += value;
    ++count;
}

void Series::Sum::add(const Sum& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
    total += other.total;
    count += other.count;
}

bool Series::extend(const std::shared_ptr<const lab::RecordLog>& log, std::int64_t budget) {
    if (log != log_) {
        log_ = log;
        size_ = 0;
        for (auto& level : levels_)
            level.clear();
    }
    if (!log_) return true;
    const std::int64_t available = log_->size();
    const std::int64_t end = std::min(available, size_ + budget);
    for (; size_ < end; ++size_) {
        const float value = read_((*log_)[size_]);
        std::int64_t width = base;
        for (auto& level : levels_) {
            if (size_ % width == 0) level.emplace_back();
            level.back().add(value);
            width *= base;
        }
    }
    return size_ == available;
}

void Series::buckets(std::int64_t begin, std::int64_t end, std::int64_t count,
                     std::vector<Bucket>& out) const {
    out.clear();
    begin = std::max<std::int64_t>(begin, 0);
    end = std::min(end, size_);
    if (!log_ || begin >= end || count < 1) return;
    const auto needed = static_cast<std::uint64_t>((end - begin + count - 1) / count);
    const auto width = static_cast<std::int64_t>(std::bit_ceil(needed));

    // The coarsest level whose sums are no wider than a bucket; −1 reads the records themselves.
    int chosen = -1;
    std::int64_t step = 1;
    while (chosen + 1 < static_cast<int>(levels_.size()) && step * base <= width) {
        ++chosen;
        step *= base;
    }
    for (std::int64_t from = begin / width * width; from < end; from += width) {
        const std::int64_t to = std::min(from + width, size_);
        Sum sum;
        for (std::int64_t at = from; at < to; at += step) {
            if (chosen < 0)
                sum.add(read_((*log_)[at]));
            else
                sum.add(levels_[static_cast<std::size_t>(chosen)][static_cast<std::size_t>(at / step)]);
        }
        if (sum.count == 0) continue;
        out.push_back({static_cast<double>((*log_)[(from + to - 1) / 2].iteration), sum.low, sum.high,
                       static_cast<float>(sum.total / static_cast<double>(sum.count))});
    }
}

std::int64_t first_at(const lab::RecordLog& log, std::int64_t size, double iteration) {
    std::int64_t low = 0, high = size;
    while (low < high) {
        const std::int64_t middle = (low + high) / 2;
        if (static_cast<double>(log[middle].iteration) < iteration)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

AxisRange robust_range(std::vector<float>& values, double share) {
    std::erase_if(values, [](float value) { return !std::isfinite(value); });
    if (values.empty()) return {};
    const auto quantile = [&](double at) {
        const auto index =
            static_cast<std::ptrdiff_t>(std::lround(at * static_cast<double>(values.size() - 1)));
        std::nth_element(values.begin(), values.begin() + index, values.end());
        return static_cast<double>(values[static_cast<std::size_t>(index)]);
    };
    double low = quantile(share), high = quantile(1 - share);
    const double least = quantile(0), most = quantile(1);
    // A few outliers are worth showing as long as the rest stays readable.
    if (most - least <= 2.5 * (high - low)) {
        low = least;
        high = most;
    }
    if (high - low <= 1e-6 * std::max(std::abs(low), std::abs(high))) {
        const double around = std::max(std::abs(high) * 0.1, low == 0 && high == 0 ? 1.0 : 1e-6);
        return {low - around, high + around};
    }
    const double margin = 0.08 * (high - low);
    return {low - margin, high + margin};
}

const AxisRange& EasedRange::update(const AxisRange& wanted, double seconds) {
    if (!started_) {
        started_ = true;
        now_ = goal_ = wanted;
        return now_;
    }
    const bool outside = wanted.low < goal_.low || wanted.high > goal_.high;
    const bool loose = wanted.span() < goal_.span() * 2 / 3;
    if (outside || loose) goal_ = wanted;
    const double share = 1 - std::exp(-std::max(seconds, 0.0) / 0.12);
    now_.low += (goal_.low - now_.low) * share;
    now_.high += (goal_.high - now_.high) * share;
    return now_;
}

} // namespace ebm::panels
