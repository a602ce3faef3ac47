#include "core/lab/model_description.h"

#include "core/base/error.h"
#include "core/data/describe.h"
#include "core/data/picture_set.h"
#include "core/data/plane.h"
#include "core/data/sprites.h"
#include "core/energy/energy.h"
#include "core/energy/registry.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

struct KnownSet {
    std::string_view name;
    DataOutline outline;
};
/// Sets of pictures whose shape and size are published.
const std::vector<KnownSet> known_sets = {
    {"fashion_mnist", {{false, 1, 28, 28}, 10, 60'000, true}},
    {"mnist", {{false, 1, 28, 28}, 10, 60'000, true}},
    {"cifar10", {{false, 3, 32, 32}, 10, 50'000, true}},
    {"cifar100", {{false, 3, 32, 32}, 100, 50'000, true}},
    {"svhn", {{false, 3, 32, 32}, 10, 73'257, true}},
    {"imagenet32", {{false, 3, 32, 32}, 1000, 1'281'167, true}},
    {"imagenet128", {{false, 3, 128, 128}, 1000, 1'281'167, true}},
};

/// Whether the data are a set of pictures that is decoded into a file if it is large.
bool in_a_folder(const Settings& settings) {
    std::error_code ignored;
    return data::is_picture_set(settings.data.set) ||
           (settings.data.set == "pictures" && std::filesystem::is_directory(settings.data.path, ignored));
}

} // namespace

std::int64_t ModelDescription::memory_bytes() const {
    std::int64_t sum = 0;
    for (const Memory& part : memory)
        if (!part.mapped) sum += part.bytes;
    return sum;
}

DataOutline data_outline(const Settings& settings) {
    const std::string& set = settings.data.set;
    if (set == "none") return {};
    for (const KnownSet& known : known_sets)
        if (known.name == set) return known.outline;
    if (set == "sprites") {
        const auto classes = data::sprites::classes(data::sprites::factor(settings.data.labels)).size();
        constexpr int channels = data::sprites::channels, side = data::sprites::side;
        return {{false, channels, side, side}, static_cast<int>(classes), settings.data.count, true};
    }
    if (set == "drawn") return {{}, 0, settings.data.count, false};
    for (const data::PlaneSet& plane : data::plane_sets())
        if (plane.name == set)
            return {{}, static_cast<int>(plane.classes.size()), settings.data.count, false};
    const data::FileDescription file = data::describe(settings.data.path);
    DataOutline outline;
    outline.count = std::max<std::int64_t>(0, file.count);
    if (file.use == data::FileDescription::Use::points) return outline;
    if (file.use != data::FileDescription::Use::pictures || file.height == 0)
        throw Error(fmt::format("What the data look like cannot be told: {}",
                                file.words.empty() ? "there is no file" : file.words),
                    settings.data.path.empty() ? "setting data.path" : settings.data.path,
                    "Give a file or folder of samples.");
    outline.kind = {false, file.channels, file.height, file.width};
    outline.bytes = true;
    return outline;
}

ModelDescription describe_model(const Settings& settings, const DataOutline& data) {
    ModelDescription model;
    model.kind = data.kind;
    model.classes = settings.model.conditional ? data.classes : 0;
    const auto& kinds = energy_kinds();
    const auto kind = std::ranges::find(kinds, settings.model.energy, &EnergyKind::name);
    model.energy = kind == kinds.end() ? settings.model.energy : kind->title;
    model.layers = energy_layers(settings, data.kind.shape(), data.classes);
    for (const network::LayerFacts& layer : model.layers) {
        model.parameters += layer.parameters;
        model.multiply_adds += layer.multiply_adds;
    }
    if (model.parameters == 0) return model;

    const std::int64_t weights = 4 * model.parameters, elements = data.kind.elements();
    std::int64_t activations = elements;
    for (const network::LayerFacts& layer : model.layers)
        activations += layer.shape.elements();
    model.density = is_density(settings);
    model.makes_samples = makes_samples(settings);
    const bool negatives = has_negatives(settings, {data.kind.plane, true, model.density, false});
    const std::int64_t batch =
        negatives ? 2 * std::min(settings.train.batch, settings.buffer.size) : settings.train.batch;
    // Without an average the weights that are shown are a copy.
    model.memory = {{"weights", weights},
                    {settings.train.average > 0 ? "average of the weights" : "copy of the weights", weights},
                    {"Adam's moments", 2 * weights},
                    {"gradient of the weights", weights}};
    if (negatives)
        model.memory.push_back(
            {"replay buffer", settings.buffer.size * (elements * (settings.buffer.bytes ? 1 : 4) +
                                                      (model.classes > 0 ? 36 : 28))});
    const std::int64_t samples = data.count * elements * (data.bytes ? 1 : 4);
    const bool mapped = data.bytes && in_a_folder(settings) &&
                        static_cast<std::uint64_t>(data.count) * static_cast<std::uint64_t>(elements) >
                            data::CacheRule().decoded_bytes;
    if (mapped) model.memory.push_back({"data", samples, true});
    model.memory.push_back(
        {mapped ? "labels" : "data", (mapped ? 0 : samples) + (data.classes > 0 ? 8 * data.count : 0)});
    // Data and negatives, if any, together; each value is kept for the way back, and its gradient for a
    // moment.
    model.memory.push_back({"activations", 4 * 2 * batch * activations});
    return model;
}

} // namespace ebm::lab
