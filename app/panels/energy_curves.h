#pragma once

#include "app/panels/plotting.h"
#include "app/panels/series.h"
#include "app/window/theme.h"
#include "core/settings/settings.h"

#include <string>
#include <vector>

/// Which scalars of a training run can be plotted, and how.
namespace ebm::panels {

/// One line of a plot over the iterations, with a band if `low` and `high` are given.
struct Curve {
    Curve(std::string given_name, window::Meaning given_meaning, Dash given_dash, ReadValue read,
          ReadValue low = nullptr, ReadValue high = nullptr)
        : name(std::move(given_name)), meaning(given_meaning), dash(given_dash), read_value(read),
          read_high(high), middle(read), low(low), high(high), banded(static_cast<bool>(low)) {}
    std::string name;
    window::Meaning meaning;
    Dash dash;
    ReadValue read_value, read_high; ///< high: upper edge of the band
    Series middle, low, high;
    bool banded, shown = true;
    std::vector<Bucket> line, lower, upper;
};

/// One plot with its curves; `meaning` says what its axis means.
struct Plot {
    std::string id, name, meaning;
    bool shown, zero_line;
    std::vector<Curve> curves;
    EasedRange limits;
};

/// In the order of the panel: those that belong together in one plot first, then every other scalar of
/// record_fields() in a plot of its own, which is not shown unasked.
/// Trainings other than Algorithm 1 have no negatives and no chains. bounded: what maximum likelihood
/// minimises is an upper bound of −log p; of a VAE once its divergence has warmed up.
std::vector<Plot> make_plots(Learning learning = Learning::contrast, bool bounded = false);

} // namespace ebm::panels
