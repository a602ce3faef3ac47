#pragma once

#include "app/panels/selection.h"
#include "app/panels/table_export.h"
#include "core/lab/snapshot.h"

#include <functional>
#include <imgui.h>
#include <span>
#include <string>

namespace ebm::panels {

/// Chains as rows: number, energy, class asked for, age, gradient, position. Narrow tables drop position,
/// then gradient, then age. order: chain numbers in the order shown.
struct ChainTable {
    const lab::ChainsView& chains;
    const data::Coding& axes; ///< of the plane; not used for pictures
    std::span<const std::int64_t> order;
    std::span<const float> data_quantiles;
    const Selection& selection;
    int traced = -1;
    std::function<void(std::int64_t)> menu;
    std::span<const std::string> classes = {}; ///< names, where chains have labels

    struct Clicks {
        std::int64_t item = -1; ///< −1 = none
        bool control = false, shift = false;
    };
    Clicks draw(ImVec2 size) const;
    /// All that is known of the chains in `order`, however narrow the table is.
    NumberTable numbers(const std::string& name) const;
};

} // namespace ebm::panels
