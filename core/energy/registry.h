#pragma once

#include "core/energy/energy.h"
#include "core/network/layers.h"
#include "core/network/residual.h"

namespace ebm {

/// What an energy's file tells the list in registry.cpp.
struct EnergyEntry {
    EnergyKind kind;
    /// Throws Error if `shape` does not fit. classes: 0 for an energy that is not conditional.
    std::shared_ptr<Energy> (*make)(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                    int classes);
    /// Null for analytic energies.
    std::vector<network::LayerFacts> (*layers)(const Settings& settings, const Shape& shape,
                                               int classes) = nullptr;
};

/// The operations of the network that `settings` describe, without making it; empty for analytic energies.
/// classes: of the data. Throws Error as make_energy does.
std::vector<network::LayerFacts> energy_layers(const Settings& settings, const Shape& shape, int classes);

/// The residual network of `settings`. shape: {channels, height, width}. Throws Error.
network::ResidualSpec residual_spec(const Settings& settings, const Shape& shape, int classes);

/// "{1, 28, 28}", for messages.
std::string shape_text(const Shape& shape);

/// Whether settings.model.energy is normalised, see core/density/density.h; false for an unknown name.
bool is_density(const Settings& settings);
/// Whether settings.model.energy makes samples without a chain: its own draws, or starts of chains.
bool makes_samples(const Settings& settings);

/// Throws Error unless `shape` is {2}.
void require_plane(const Shape& shape, std::string_view energy);

} // namespace ebm
