#pragma once

#include "core/settings/settings.h"

namespace ebm::panels {

/// Where a value sits on a slider, 0 … 1, and back. Logarithmic rows whose range starts at 0 keep the first 4
/// % of the slider for 0 ("off").
class SliderScale {
public:
    explicit SliderScale(const Setting& row);

    double position(double value) const;
    /// Rounded to what a hand can mean: two significant digits on a logarithmic slider, a round step on a
    /// linear one, a whole number for integers.
    double value(double position) const;
    /// The next value up (+1) or down (−1), for arrow keys.
    double stepped(double value, int direction) const;

private:
    double low_, high_, floor_, step_;
    bool logarithmic_, has_zero_, near_one_, whole_;
    static constexpr double zero_share_ = 0.04;
};

} // namespace ebm::panels
