#pragma once

#include <string>
#include <vector>

namespace ebm::panels {

struct Tick {
    double value;
    std::string label; ///< as many decimals as the step needs, with a true minus
};

/// Multiples of 1, 2 or 5 · 10ⁿ within [low, high]: at most `most` of them. At least two if `most` is
/// 5 or more; else there may be one.
std::vector<Tick> ticks(double low, double high, int most);

} // namespace ebm::panels
