#include "app/panels/file_units.h"

#include "app/window/number_format.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>

namespace ebm::panels {

const data::Coding& axes_of(const lab::Snapshot& snapshot) {
    static const data::Coding plain = data::plane_coding();
    const bool points = snapshot.kind.plane && snapshot.data && snapshot.data->coding.columns.size() == 2;
    return points ? snapshot.data->coding : plain;
}

std::string coordinate_text(const data::Coding& axes, std::size_t axis, double x, double step) {
    const double value = axes.to_file(axis, x), digit = step * axes.columns[axis].sd;
    const int decimals = digit > 0 && std::isfinite(digit)
                             ? std::clamp(static_cast<int>(std::ceil(-std::log10(digit))), 0, 12)
                             : 0;
    return (value < 0 ? "\u2212" : "\u2007") + fmt::format("{:.{}f}", std::fabs(value), decimals);
}

std::string position_text(const data::Coding& axes, double x, double y) {
    return fmt::format("{}, {}", axes.to_file(0, x), axes.to_file(1, y));
}

int tick_in_file(double value, char* text, int size, void* column) {
    const auto& c = *static_cast<const data::Coding::Column*>(column);
    return std::snprintf(text, static_cast<std::size_t>(size), "%s",
                         window::format_tick(c.mean + c.sd * value).c_str());
}

} // namespace ebm::panels
