#pragma once

#include "app/panels/plotting.h"
#include "app/panels/series.h"
#include "app/window/theme.h"

#include <vector>

/// Which scalars of a training run can be plotted, and how.
namespace ebm::panels {

/// One line of a plot over the iterations, with a band if `low` and `high` are given.
struct Curve {
    Curve(const char* given_name, window::Meaning given_meaning, Dash given_dash, ReadValue read,
          ReadValue low = nullptr, ReadValue high = nullptr)
        : name(given_name), meaning(given_meaning), dash(given_dash), read_value(read), middle(read),
          low(low), high(high), banded(low != nullptr) {}
    const char* name;
    window::Meaning meaning;
    Dash dash;
    ReadValue read_value;
    Series middle, low, high;
    bool banded, shown = true;
    std::vector<Bucket> line, lower, upper;
};

/// One plot with its curves; `meaning` says what its axis means.
struct Plot {
    const char* id;
    const char* name;
    const char* meaning;
    bool shown, zero_line;
    std::vector<Curve> curves;
    EasedRange limits;
};

/// In the order of the panel.
std::vector<Plot> make_plots();

} // namespace ebm::panels
