#include "core/lab/dataset.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/data/images.h"
#include "core/data/picture_set.h"
#include "core/data/places.h"
#include "core/energy/batch.h"
#include "core/lab/views.h"
#include "core/sample/sampler.h"

#include <algorithm>
#include <filesystem>

namespace ebm::lab {
namespace {

constexpr std::uint32_t uniform_step = 0, grey_step = 1, shuffle_step = 2;

/// Adds pictures if they have the shape of the data.
void add(Dataset& dataset, const std::string& name, const torch::Tensor& pictures) {
    if (pictures.defined() && pictures.size(0) > 0 && pictures.sizes().slice(1).vec() == dataset.shape())
        dataset.ood.emplace_back(name, pictures);
}

torch::Tensor pixels_of(const data::ImageSet& images) {
    return torch::tensor(at::ArrayRef<std::uint8_t>(images.pixels))
        .reshape({images.count, images.channels, images.height, images.width});
}

/// A set that lies in its own folders: it is left out with a word in the log if it cannot be read.
template <class Read>
void add_found(Dataset& dataset, const std::string& name, const std::string& folder, Read&& read) {
    std::error_code ignored;
    for (const std::filesystem::path& place : data::places(folder)) {
        if (!std::filesystem::is_directory(place, ignored)) continue;
        try {
            add(dataset, name, read(place));
        } catch (const Error& error) {
            log::warning("The out-of-distribution set {} is left out. {}", name, error.what());
        }
        return;
    }
}

/// The set's own held-out part, or all of it if it has none.
torch::Tensor held_out_part(const data::PictureSet& set) {
    return set.held_out.defined() ? set.held_out : set.train;
}
/// Nothing if the set says no split: all of it stands there then.
torch::Tensor training_part(const data::PictureSet& set) {
    return set.held_out.defined() ? set.train : torch::Tensor();
}

/// Sets of other makers that are there: MNIST comes with the program.
void add_foreign_sets(Dataset& dataset, const Settings& settings) {
    if (settings.data.set != "mnist")
        if (const auto digits = data::find_mnist()) add(dataset, "MNIST digits", pixels_of(*digits));
    add_found(dataset, "KMNIST", "kmnist", [](const std::filesystem::path& place) {
        const auto letters = data::find_mnist(place);
        return letters ? pixels_of(*letters) : torch::Tensor();
    });
    const Shape shape = dataset.shape();
    if (shape.size() != 3 || shape[0] != 3 || shape[1] != shape[2]) return;
    const int side = static_cast<int>(shape[1]);
    const auto set_of = [&](const std::string& name, Crop crop, auto part) {
        return [=](const std::filesystem::path& place) {
            return part(data::open_picture_set(name, place, {side, crop, Colours::colour}));
        };
    };
    // The training split and the top left corner are what Du & Mordatch (2019) scored, see their released
    // code.
    if (settings.data.set != "svhn") {
        add_found(dataset, "SVHN", "svhn", set_of("svhn", Crop::centre, held_out_part));
        add_found(dataset, "SVHN, training split", "svhn", set_of("svhn", Crop::centre, training_part));
    }
    if (settings.data.set == "dtd") return;
    add_found(dataset, "Textures", "dtd", set_of("dtd", Crop::centre, held_out_part));
    add_found(dataset, "Textures, top left", "dtd", set_of("dtd", Crop::top_left, held_out_part));
}

/// Each picture's pixels in an order of its own, the same for its channels.
torch::Tensor shuffled(const torch::Tensor& pictures, const Settings& settings) {
    const torch::Tensor flat = pictures.flatten(2);
    const torch::Tensor order =
        uniform_samples(flat.size(0), {flat.size(2)}, 0, 1, evaluation_place(settings, 0, shuffle_step))
            .argsort(/*stable=*/true, 1);
    return flat.gather(2, order.unsqueeze(1).expand(flat.sizes())).view(pictures.sizes()).contiguous();
}

/// What is made of held-out pictures: wrong in one respect each, with the same pixels.
void add_controls(Dataset& dataset, const Settings& settings) {
    const torch::Tensor& held_out = dataset.held_out;
    if (!held_out.defined() || held_out.size(0) == 0) return;
    const torch::Tensor some = model_values(held_out.index_select(0, evenly(held_out.size(0), made_count)));
    add(dataset, "Inverted", -some);
    add(dataset, "Rotated", some.rot90(1, {2, 3}).contiguous()); // only square pictures keep their shape
    add(dataset, "Shuffled pixels", shuffled(some, settings));
}

} // namespace

void add_ood_pictures(Dataset& dataset, const Settings& settings) {
    const Shape shape = dataset.shape();
    add_foreign_sets(dataset, settings);
    add(dataset, "Uniform noise",
        uniform_samples(made_count, shape, -1, 1, evaluation_place(settings, 0, uniform_step)));
    const torch::Tensor grey =
        uniform_samples(made_count, {1, 1, 1}, -1, 1, evaluation_place(settings, 0, grey_step));
    Shape full = shape;
    full.insert(full.begin(), made_count);
    add(dataset, "Constant", grey.expand(full).contiguous());
    const torch::Tensor& held_out = dataset.held_out;
    const std::int64_t pairs =
        held_out.defined() ? std::min<std::int64_t>(made_count, held_out.size(0) / 2) : 0;
    if (pairs > 0)
        add(dataset, "Interpolation",
            (model_values(held_out.slice(0, 0, pairs)) + model_values(held_out.slice(0, pairs, 2 * pairs))) /
                2);
    add_controls(dataset, settings);
}

} // namespace ebm::lab
