#include "core/lab/composition.h"

#include "core/base/error.h"
#include "core/lab/class_choice.h"
#include "core/lab/dataset.h"
#include "core/lab/part_texts.h"
#include "core/learn/learner.h"
#include "core/store/checkpoint.h"

#include <algorithm>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr int deepest = 8;

/// A part that was opened.
struct Opened {
    std::shared_ptr<Energy> energy;
    PartView view;
    std::int64_t parameters = 0;
};

Opened open_checkpoint(const std::string& file, ComputeDevice& device) {
    std::filesystem::path path = file;
    if (path.is_relative()) path = assets_folder() / path;
    const store::Checkpoint checkpoint = store::read_checkpoint(path);
    std::vector<std::string> warnings;
    const Scene scene = parse_scene(checkpoint.scene_json, path.string(), warnings);
    const Settings& settings = scene.settings;
    const KeptData kept = kept_data(checkpoint, path.string());
    Opened part;
    part.energy = make_energy(settings, kept.shape, static_cast<std::uint64_t>(settings.train.seed),
                              static_cast<int>(kept.classes.size()));
    // The averaged weights, as they are shown alone.
    const auto learner = make_learner(settings, part.energy, Batch());
    learner->restore(checkpoint.tensors, checkpoint.iteration, checkpoint.seconds, path.string());
    part.energy = settings.train.use_average ? learner->average() : learner->energy();
    for (const auto& [name, weight] : part.energy->parameters())
        part.parameters += weight.numel();
    part.view.title = scene.title.empty() ? path.stem().string() : scene.title;
    if (part.energy->classes() > 0) part.view.classes = kept.classes;
    move_to(device, *part.energy);
    return part;
}

Opened open_analytic(const Settings& settings) {
    const auto& kinds = energy_kinds();
    const auto kind = std::ranges::find(kinds, settings.model.energy, &EnergyKind::name);
    if (kind != kinds.end() && !kind->analytic)
        throw Error(
            fmt::format("The energy '{}' has to be trained before it can be a part", settings.model.energy),
            "energies", "Name a scene with a trained model, a checkpoint, or an analytic energy.");
    Opened part;
    part.energy = make_energy(settings, {2}, 0);
    part.view.title = kind->title;
    return part;
}

/// above: the scenes, as they were named, of which this one is a part.
ComposedEnergy compose(const Scene& scene, const Settings& settings, ComputeDevice& device,
                       std::vector<std::string>& above);

Opened open_scene_part(const std::string& name, ComputeDevice& device, std::vector<std::string>& above) {
    const Scene scene = find_scene(name);
    Opened part;
    if (!scene.parts.empty()) {
        const bool within_itself = std::ranges::find(above, name) != above.end();
        if (within_itself || above.size() >= deepest)
            throw Error(within_itself ? "The scene is a part of itself" : "The scene is nested too deeply",
                        "scene " + name, "Take that part out.");
        above.push_back(name);
        ComposedEnergy composed = compose(scene, scene.settings, device, above);
        above.pop_back();
        part.energy = composed.energy;
        part.parameters = composed.parameters;
    } else if (!scene.checkpoint.empty()) {
        part = open_checkpoint(scene.checkpoint, device);
    } else {
        try {
            part = open_analytic(scene.settings);
        } catch (const Error& error) {
            if (error.where != "energies") throw;
            throw Error(fmt::format("The scene '{}' has no trained model that could be a part", scene.name),
                        "energies", "Train it, and name its checkpoint in the place of the scene.");
        }
    }
    part.view.title = scene.title;
    return part;
}

Opened open_part(const EnergyPart& named, ComputeDevice& device, std::vector<std::string>& above) {
    if (!named.scene.empty()) return open_scene_part(named.scene, device, above);
    if (!named.checkpoint.empty()) return open_checkpoint(named.checkpoint, device);
    Settings settings;
    settings.model.energy = named.energy;
    return open_analytic(settings);
}

/// Whether the energy is conditional on what its parts are: no class is given to any of them.
bool reads_classes(const std::vector<PartView>& parts, const Settings& settings) {
    return part_classes(settings.compose.classes, parts.size()).empty();
}

std::vector<std::int64_t> labels_of(const std::vector<PartView>& parts, const Settings& settings) {
    const std::vector<std::string> names = part_classes(settings.compose.classes, parts.size());
    std::vector<std::int64_t> labels(parts.size(), -1);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty()) continue;
        if (parts[i].classes.empty())
            throw Error(fmt::format("A class is given to a part without classes, {}", parts[i].title),
                        "setting compose.classes", "Leave its place between the commas empty.");
        try {
            labels[i] = class_choice(names[i], parts[i].classes);
        } catch (const Error& error) {
            throw Error(error.what_happened,
                        fmt::format("setting compose.classes, part {}: {}", i + 1, parts[i].title),
                        error.what_to_do);
        }
    }
    return labels;
}

std::string title_of(const std::vector<PartView>& parts, const std::vector<EnergyTerm>& terms,
                     Composition joined) {
    // A weight of 0 leaves a part out.
    const auto used = std::ranges::count_if(terms, [](const EnergyTerm& term) { return term.weight != 0; });
    if (used == 0) return "nothing: every weight is 0";
    if (used > 3) return fmt::format("{} of {} energies", joined == Composition::all ? "AND" : "OR", used);
    std::string title;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (terms[i].weight == 0) continue;
        if (!title.empty()) title += joined == Composition::all ? " AND " : " OR ";
        title += (terms[i].weight < 0 ? "NOT " : "") + parts[i].title;
    }
    return title;
}

ComposedEnergy compose(const Scene& scene, const Settings& settings, ComputeDevice& device,
                       std::vector<std::string>& above) {
    auto views = std::make_shared<std::vector<PartView>>();
    std::vector<EnergyTerm> terms;
    ComposedEnergy composed;
    for (const EnergyPart& named : scene.parts) {
        Opened part = open_part(named, device, above);
        terms.push_back({std::move(part.energy)});
        views->push_back(std::move(part.view));
        composed.parameters += part.parameters;
    }
    const std::vector<double> weights = part_weights(settings.compose.weights, terms.size());
    const std::vector<std::int64_t> labels = labels_of(*views, settings);
    for (std::size_t i = 0; i < terms.size(); ++i) {
        terms[i].weight = weights[i];
        terms[i].label = labels[i];
    }
    composed.energy =
        std::make_shared<SumEnergy>(std::move(terms), settings.compose.as, reads_classes(*views, settings));
    composed.title = title_of(*views, composed.energy->parts(), settings.compose.as);
    composed.parts = std::move(views);
    return composed;
}

} // namespace

ComposedEnergy open_composition(const Scene& scene, const Settings& settings, ComputeDevice& device) {
    std::vector<std::string> above;
    return compose(scene, settings, device, above);
}

void recompose(ComposedEnergy& composed, const Settings& settings) {
    const std::vector<PartView>& parts = *composed.parts;
    composed.energy->set(settings.compose.as, part_weights(settings.compose.weights, parts.size()),
                         labels_of(parts, settings), reads_classes(parts, settings));
    composed.title = title_of(parts, composed.energy->parts(), settings.compose.as);
}

} // namespace ebm::lab
