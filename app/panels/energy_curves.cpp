#include "app/panels/energy_curves.h"

namespace ebm::panels {

using namespace window;

namespace {

using Reading = const Record&;

} // namespace

std::vector<Plot> make_plots() {
    const auto positive_low = [](Reading r) { return r.positive_energy - r.positive_energy_sd; };
    const auto positive_high = [](Reading r) { return r.positive_energy + r.positive_energy_sd; };
    const auto negative_low = [](Reading r) { return r.negative_energy - r.negative_energy_sd; };
    const auto negative_high = [](Reading r) { return r.negative_energy + r.negative_energy_sd; };
    std::vector<Plot> plots;
    plots.push_back(
        {"energies", "Energies", "energy (low = likely), mean ± sd of a batch", true, false, {}, {}});
    plots.back().curves.emplace_back(
        "E⁺ data", Meaning::data, Dash::solid, [](Reading r) { return r.positive_energy; }, positive_low,
        positive_high);
    plots.back().curves.emplace_back(
        "E⁻ negatives", Meaning::samples, Dash::solid, [](Reading r) { return r.negative_energy; },
        negative_low, negative_high);
    plots.push_back({"difference", "d = E⁺ − E⁻", "d > 0: chains sit below the data", true, true, {}, {}});
    plots.back().curves.emplace_back("d", Meaning::text, Dash::solid,
                                     [](Reading r) { return r.difference(); });
    plots.push_back(
        {"gradient", "|∇ₓE|", "mean over the chains' steps, before clipping", false, false, {}, {}});
    plots.back().curves.emplace_back("mean", Meaning::samples, Dash::solid,
                                     [](Reading r) { return r.gradient_norm; });
    plots.back().curves.emplace_back("largest", Meaning::samples, Dash::dotted,
                                     [](Reading r) { return r.gradient_norm_max; });
    plots.back().curves.back().shown = false;
    plots.push_back({"acceptance", "Acceptance", "share of proposals that are taken", false, false, {}, {}});
    plots.back().curves.emplace_back("moves", Meaning::samples, Dash::solid,
                                     [](Reading r) { return r.acceptance; });
    plots.back().curves.emplace_back("jumps", Meaning::noise, Dash::dashed,
                                     [](Reading r) { return r.jump_acceptance; });
    plots.push_back({"loss", "Loss", "d + α (E⁺² + E⁻²); says little by itself", false, true, {}, {}});
    plots.back().curves.emplace_back("loss", Meaning::text, Dash::solid, [](Reading r) { return r.loss; });
    plots.push_back(
        {"weights", "|∇θ loss|", "gradient of all weights, before clipping", false, false, {}, {}});
    plots.back().curves.emplace_back("norm", Meaning::text, Dash::solid,
                                     [](Reading r) { return r.parameter_gradient_norm; });
    plots.push_back({"shares", "Shares", "of the elements of x⁻", false, false, {}, {}});
    plots.back().curves.emplace_back("clipped", Meaning::attention, Dash::solid,
                                     [](Reading r) { return r.clipped_share; });
    plots.back().curves.emplace_back("clamped", Meaning::failure, Dash::dashed,
                                     [](Reading r) { return r.clamped_share; });
    return plots;
}

} // namespace ebm::panels
