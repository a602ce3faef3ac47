#include "app/panels/ticks.h"

#include "app/window/number_format.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace ebm::panels {
namespace {

double first_multiple(double low, double step) {
    return std::ceil(low / step - 1e-9);
}

int count(double low, double high, double step) {
    return static_cast<int>(std::floor(high / step + 1e-9) - first_multiple(low, step)) + 1;
}

} // namespace

std::vector<Tick> ticks(double low, double high, int most) {
    std::vector<Tick> list;
    if (!(high > low) || !std::isfinite(high - low) || most < 1) return list;
    int exponent = static_cast<int>(std::floor(std::log10((high - low) / most))) - 1;
    double step = 0;
    for (;; ++exponent) {
        for (const double digit : {1.0, 2.0, 5.0}) {
            step = digit * std::pow(10.0, exponent);
            if (count(low, high, step) <= most) goto found;
        }
    }
found:
    const int decimals = std::max(0, -exponent);
    const double first = first_multiple(low, step);
    for (int i = 0; i < count(low, high, step); ++i) {
        double value = (first + i) * step;
        if (std::fabs(value) < step * 1e-6) value = 0;
        std::string label = exponent >= 5 || exponent <= -6
                                ? window::format_tick(std::fabs(value))
                                : fmt::format("{:.{}f}", std::fabs(value), decimals);
        list.push_back({value, (value < 0 ? "\u2212" : "") + label});
    }
    return list;
}

} // namespace ebm::panels
