#include "core/energy/registry.h"

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/settings/settings.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

/// Every energy, in the order in which they are offered, densities too. A new one is a file that defines
/// `EnergyEntry its_name_energy()` and one line here.
#define EBM_ENERGIES(X)                                                                                      \
    X(mlp)                                                                                                   \
    X(conv)                                                                                                  \
    X(residual)                                                                                              \
    X(autoencoder)                                                                                           \
    X(flow)                                                                                                  \
    X(pixelcnn)                                                                                              \
    X(vae)                                                                                                   \
    X(classifier)                                                                                            \
    X(gaussian_mixture)                                                                                      \
    X(double_well)                                                                                           \
    X(banana)                                                                                                \
    X(funnel)                                                                                                \
    X(ring)                                                                                                  \
    X(left_half)                                                                                             \
    X(muller_brown)

namespace ebm {

#define EBM_DECLARE(name) EnergyEntry name##_energy();
EBM_ENERGIES(EBM_DECLARE)
#undef EBM_DECLARE

namespace {

const std::vector<EnergyEntry>& entries() {
    static const std::vector<EnergyEntry> list = {
#define EBM_ENTRY(name) name##_energy(),
        EBM_ENERGIES(EBM_ENTRY)
#undef EBM_ENTRY
    };
    return list;
}

} // namespace

const std::vector<EnergyKind>& energy_kinds() {
    static const std::vector<EnergyKind> kinds = [] {
        std::vector<EnergyKind> list;
        for (const EnergyEntry& entry : entries())
            list.push_back(entry.kind);
        return list;
    }();
    return kinds;
}

namespace {

const EnergyEntry& entry_of(const Settings& settings) {
    std::vector<std::string_view> names;
    for (const EnergyEntry& entry : entries()) {
        if (entry.kind.name == settings.model.energy) return entry;
        names.push_back(entry.kind.name);
    }
    throw Error(fmt::format("There is no energy '{}'", settings.model.energy), "setting model.energy",
                did_you_mean(settings.model.energy, names));
}

/// 0 for an energy that is not conditional.
int classes_of_energy(const Settings& settings, int classes) {
    if (!settings.model.conditional) return 0;
    if (classes < 2)
        throw Error("A conditional energy needs data with at least two classes", "setting model.conditional",
                    "Choose data with labels, or set model.conditional=false.");
    return classes;
}

} // namespace

std::shared_ptr<Energy> make_energy(const Settings& settings, const Shape& shape, std::uint64_t seed,
                                    int classes) {
    return entry_of(settings).make(settings, shape, seed, classes_of_energy(settings, classes));
}

std::vector<network::LayerFacts> energy_layers(const Settings& settings, const Shape& shape, int classes) {
    const EnergyEntry& entry = entry_of(settings);
    return entry.layers ? entry.layers(settings, shape, classes_of_energy(settings, classes))
                        : std::vector<network::LayerFacts>();
}

bool is_density(const Settings& settings) {
    return std::ranges::any_of(energy_kinds(), [&](const EnergyKind& kind) {
        return kind.density && kind.name == settings.model.energy;
    });
}

bool makes_samples(const Settings& settings) {
    return std::ranges::any_of(energy_kinds(), [&](const EnergyKind& kind) {
        return (kind.density || kind.decodes) && kind.name == settings.model.energy;
    });
}

std::string shape_text(const Shape& shape) {
    return fmt::format("{{{}}}", fmt::join(shape, ", "));
}

void require_plane(const Shape& shape, std::string_view energy) {
    if (shape == Shape{2}) return;
    throw Error(fmt::format("The energy '{}' is defined on the plane, but a sample has shape {}", energy,
                            shape_text(shape)),
                "setting model.energy",
                "Choose a plane data set, or the energy 'conv' or 'residual' for images.");
}

} // namespace ebm
