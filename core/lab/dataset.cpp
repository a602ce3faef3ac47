#include "core/lab/dataset.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/names.h"
#include "core/data/images.h"
#include "core/data/points.h"
#include "core/sample/sampler.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr std::int64_t shown_points = 4000, shown_pictures = 64, ood_count = 1000;

torch::Tensor points_tensor(const std::vector<float>& points) {
    return torch::tensor(points).reshape({-1, 2});
}

std::vector<float> first_points(const torch::Tensor& points) {
    return to_vector(points.slice(0, 0, shown_points));
}

random::Place evaluation_place(const Settings& settings, std::uint32_t chain, std::uint32_t step) {
    return {static_cast<std::uint64_t>(settings.train.seed), random::Stream::data,
            static_cast<std::uint32_t>(RandomGroup::evaluation), chain, step};
}

Dataset open_plane(const Settings& settings) {
    Dataset dataset;
    auto view = std::make_shared<DataView>();
    const auto seed = static_cast<std::uint64_t>(settings.train.seed);
    if (settings.data.set == "points") {
        const data::PointSet file = data::read_points(settings.data.path);
        const torch::Tensor all = points_tensor(file.points);
        // Every tenth point is held out.
        const torch::Tensor index = torch::arange(all.size(0));
        dataset.train = all.index({index.remainder(10) != 9});
        dataset.held_out = all.index({index.remainder(10) == 9});
        view->title = "Points";
        view->source = settings.data.path;
        view->transform = fmt::format("x = (file − mean) / sd, mean ({:.4g}, {:.4g}), sd ({:.4g}, {:.4g})",
                                      file.mean[0], file.mean[1], file.scale[0], file.scale[1]);
    } else {
        dataset.plane = &data::plane_set(settings.data.set);
        dataset.train = points_tensor(dataset.plane->sample(settings.data.count, seed));
        dataset.held_out = points_tensor(dataset.plane->sample(settings.data.count, seed + (1ull << 32)));
        view->title = dataset.plane->title;
        view->source = "generated";
    }
    view->train_count = dataset.train.size(0);
    view->held_out_count = dataset.held_out.size(0);
    view->points = first_points(dataset.train);
    view->held_out = first_points(dataset.held_out);
    dataset.view = view;
    dataset.ood.emplace_back(uniform_box_name, uniform_box(settings));
    return dataset;
}

torch::Tensor image_tensor(const data::ImageSet& images) {
    const SampleKind kind{false, static_cast<int>(images.channels), static_cast<int>(images.height),
                          static_cast<int>(images.width)};
    return from_pixels(images.pixels.data(), images.count, kind);
}

Dataset open_images(const Settings& settings) {
    Dataset dataset;
    auto view = std::make_shared<DataView>();
    if (settings.data.set == "fashion_mnist") {
        const data::ImageSet train = data::find_fashion_mnist(data::Split::train, settings.data.path);
        dataset.train = image_tensor(train);
        dataset.held_out = image_tensor(data::find_fashion_mnist(data::Split::held_out, settings.data.path));
        view->title = "Fashion-MNIST";
        view->source = train.source;
    } else {
        const data::ImageSet images = data::read_images(settings.data.path);
        if (images.count < 10)
            throw Error(fmt::format("The file has only {} images", images.count), settings.data.path,
                        "Give a set of at least 10 images.");
        const torch::Tensor all = image_tensor(images);
        const std::int64_t held_out = images.count / 10;
        dataset.train = all.slice(0, 0, images.count - held_out);
        dataset.held_out = all.slice(0, images.count - held_out);
        view->title = "IDX images";
        view->source = settings.data.path;
    }
    dataset.kind = {false, static_cast<int>(dataset.train.size(1)), static_cast<int>(dataset.train.size(2)),
                    static_cast<int>(dataset.train.size(3))};
    view->train_count = dataset.train.size(0);
    view->held_out_count = dataset.held_out.size(0);
    view->pixels = to_pixels(dataset.train.slice(0, 0, shown_pictures));
    dataset.view = view;

    const Shape shape = dataset.shape();
    if (const auto mnist = data::find_mnist())
        if (mnist->height == dataset.kind.height && mnist->width == dataset.kind.width &&
            dataset.kind.channels == 1)
            dataset.ood.emplace_back("MNIST digits", image_tensor(*mnist));
    dataset.ood.emplace_back("Uniform noise",
                             uniform_samples(ood_count, shape, -1, 1, evaluation_place(settings, 0, 0)));
    const torch::Tensor grey = uniform_samples(ood_count, {1, 1, 1}, -1, 1, evaluation_place(settings, 0, 1));
    Shape full = shape;
    full.insert(full.begin(), ood_count);
    dataset.ood.emplace_back("Constant", grey.expand(full).contiguous());
    const std::int64_t pairs = std::min<std::int64_t>(ood_count, dataset.held_out.size(0) / 2);
    dataset.ood.emplace_back(
        "Interpolation",
        (dataset.held_out.slice(0, 0, pairs) + dataset.held_out.slice(0, pairs, 2 * pairs)) / 2);
    return dataset;
}

} // namespace

Shape Dataset::shape() const {
    return kind.plane ? Shape{2} : Shape{kind.channels, kind.height, kind.width};
}

torch::Tensor uniform_box(const Settings& settings) {
    return uniform_samples(ood_count, {2}, static_cast<float>(settings.sampler.box_low),
                           static_cast<float>(settings.sampler.box_high), evaluation_place(settings, 0, 0));
}

Dataset open_dataset(const Settings& settings) {
    if (settings.data.set == "none") {
        Dataset dataset;
        dataset.ood.emplace_back(uniform_box_name, uniform_box(settings));
        return dataset;
    }
    if (settings.data.set == "fashion_mnist" || settings.data.set == "idx") return open_images(settings);
    std::vector<std::string_view> names = {"points", "fashion_mnist", "idx", "none"};
    for (const data::PlaneSet& set : data::plane_sets())
        names.push_back(set.name);
    if (std::ranges::find(names, settings.data.set) == names.end())
        throw Error(fmt::format("There is no data set '{}'", settings.data.set), "setting data.set",
                    did_you_mean(settings.data.set, names));
    return open_plane(settings);
}

std::vector<std::uint8_t> to_pixels(const torch::Tensor& x) {
    const torch::Tensor bytes = ((x + 1) * 127.5f).round().clamp(0, 255).to(torch::kUInt8).contiguous();
    return {bytes.data_ptr<std::uint8_t>(), bytes.data_ptr<std::uint8_t>() + bytes.numel()};
}

torch::Tensor from_pixels(const std::uint8_t* pixels, std::int64_t count, const SampleKind& kind) {
    std::array<float, 256> values;
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(i) / 127.5f - 1;
    torch::Tensor x = torch::empty({count, kind.channels, kind.height, kind.width});
    std::transform(pixels, pixels + x.numel(), x.data_ptr<float>(),
                   [&](std::uint8_t p) { return values[p]; });
    return x;
}

torch::Tensor to_tensor(const Samples& samples) {
    const torch::Tensor flat = torch::tensor(samples.values);
    return samples.kind.plane ? flat.reshape({samples.count, 2})
                              : flat.reshape({samples.count, samples.kind.channels, samples.kind.height,
                                              samples.kind.width});
}

std::vector<float> to_vector(const torch::Tensor& x) {
    const torch::Tensor flat = x.contiguous();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

} // namespace ebm::lab
