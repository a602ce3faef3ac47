#include "app/panels/slider_scale.h"

#include <algorithm>
#include <cmath>

namespace ebm::panels {
namespace {

double rounded(double value, int significant) {
    if (value == 0) return 0;
    const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(value)) + 1e-9) + 1 - significant);
    const double digits = std::round(value / unit);
    // Dividing by a whole power of ten gives the nearest double to the decimal number; multiplying by 1e-3
    // does not.
    return unit < 1 ? digits / std::round(1 / unit) : digits * unit;
}

/// 1, 2 or 5 · 10ⁿ, at most range / 100.
double round_step(double range) {
    const double unit = std::pow(10.0, std::floor(std::log10(range / 100)));
    const double rest = range / 100 / unit;
    return (rest >= 5 ? 5 : rest >= 2 ? 2 : 1) * unit;
}

} // namespace

SliderScale::SliderScale(const Setting& row)
    : low_(row.low), high_(row.high), logarithmic_(row.scale == Scale::logarithmic),
      has_zero_(logarithmic_ && row.low <= 0),
      near_one_(!logarithmic_ && row.type == SettingType::real && row.high > 0.99 && row.high < 1),
      whole_(row.type != SettingType::real) {
    floor_ = !has_zero_ ? row.low : whole_ ? 1 : std::min(1e-4, row.high * 1e-4);
    step_ = whole_ ? std::max(1.0, round_step(high_ - low_)) : round_step(high_ - low_);
}

double SliderScale::position(double value) const {
    if (near_one_)
        return std::log((1 - std::min(value, high_)) / (1 - low_)) / std::log((1 - high_) / (1 - low_));
    if (!logarithmic_) return std::clamp((value - low_) / (high_ - low_), 0.0, 1.0);
    const double start = has_zero_ ? zero_share_ : 0;
    if (value < floor_) return has_zero_ && value > 0 ? start : 0;
    return std::clamp(start + (1 - start) * std::log(value / floor_) / std::log(high_ / floor_), 0.0, 1.0);
}

double SliderScale::value(double position) const {
    if (position <= 0) return low_;
    if (position >= 1) return high_;
    double value = 0;
    if (near_one_) {
        value = 1 - rounded((1 - low_) * std::pow((1 - high_) / (1 - low_), position), 1);
    } else if (logarithmic_) {
        const double start = has_zero_ ? zero_share_ : 0;
        if (has_zero_ && position < start / 2) return 0;
        const double share = std::max(0.0, (position - start) / (1 - start));
        value = rounded(floor_ * std::pow(high_ / floor_, share), 2);
    } else {
        value = low_ + position * (high_ - low_);
        const double inverse = std::round(1 / step_);
        value = step_ < 1 ? std::round(value * inverse) / inverse : std::round(value / step_) * step_;
    }
    if (whole_) value = std::round(value);
    return std::clamp(value, low_, high_);
}

double SliderScale::stepped(double value, int direction) const {
    if (near_one_) {
        const double rest = 1 - value,
                     unit = std::pow(10.0, std::floor(std::log10(rest) + (direction > 0 ? -1e-6 : 1e-6)));
        return std::clamp(1 - rounded(rest - direction * unit, 1), low_, high_);
    }
    if (!logarithmic_) return std::clamp(value + direction * step_, low_, high_);
    if (value <= 0) return direction > 0 ? floor_ : 0;
    double next = rounded(value * (direction > 0 ? 1.1 : 1 / 1.1), 2);
    if (whole_) {
        next = std::round(next);
        if (next == value) next += direction;
    }
    if (has_zero_ && next < floor_) return 0;
    return std::clamp(next, low_, high_);
}

} // namespace ebm::panels
