#include "core/lab/views.h"

#include "core/base/stop_check.h"
#include "core/density/density.h"
#include "core/energy/classes.h"
#include "core/settings/settings.h"

#include <cmath>

namespace ebm::lab {
namespace {

void put_rect(FieldView& view, const Rect& rect, int resolution) {
    view.low_x = rect.low_x;
    view.low_y = rect.low_y;
    view.high_x = rect.high_x;
    view.high_y = rect.high_y;
    view.resolution = resolution;
}

} // namespace

torch::Tensor energies_in_pieces(const Energy& energy, const Batch& samples) {
    const c10::InferenceMode inference;
    const torch::Tensor& x = samples.x;
    const std::int64_t piece = x.dim() == 2 ? 8192 : 256;
    std::vector<torch::Tensor> parts;
    for (std::int64_t first = 0; first < x.size(0); first += piece) {
        StopCheck::ask();
        const std::int64_t end = std::min(first + piece, x.size(0));
        parts.push_back(
            energy.value({model_values(x.slice(0, first, end)),
                          samples.labels.defined() ? samples.labels.slice(0, first, end) : torch::Tensor()}));
    }
    return parts.empty() ? torch::empty({0}) : torch::cat(parts);
}

torch::Tensor class_energies_in_pieces(const Energy& energy, const torch::Tensor& x) {
    const c10::InferenceMode inference;
    std::vector<torch::Tensor> parts;
    for (std::int64_t first = 0; first < x.size(0); first += 256)
        parts.push_back(
            class_energies(energy, model_values(x.slice(0, first, std::min(first + 256, x.size(0))))));
    return parts.empty() ? torch::empty({0, energy.classes()}) : torch::cat(parts);
}

torch::Tensor evenly(std::int64_t count, std::int64_t most) {
    if (most <= 0 || count <= most) return torch::arange(count, torch::kLong);
    return (torch::arange(most, torch::kDouble) * (static_cast<double>(count) / static_cast<double>(most)))
        .floor()
        .to(torch::kLong);
}

std::shared_ptr<const FieldView> field_view(const Energy& energy, const Rect& rect, int resolution,
                                            int arrows, double box_low, double box_high,
                                            std::int64_t iteration, const std::vector<float>& data,
                                            double temperature) {
    auto view = std::make_shared<FieldView>();
    put_rect(*view, rect, resolution);
    view->iteration = iteration;
    view->energy = landscape(plane_energy(energy), rect, resolution).energy;
    // The density is looked at: a fifth of a per cent is finer than its colours.
    constexpr measure::Effort effort{128, 6000, 2e-3};
    const Rect box{box_low, box_low, box_high, box_high};
    std::vector<float> first = landscape(plane_energy(energy), box, effort.resolution).energy;
    for (float& value : first)
        value /= static_cast<float>(temperature);
    const measure::Partition z = measure::log_partition(energy_of_points(energy, temperature),
                                                        {box_low, box_high}, effort, std::move(first), data);
    view->temperature = temperature;
    view->normalised = is_normalised(energy, temperature);
    view->log_integral = z.log_partition;
    view->log_z = view->normalised ? 0 : z.log_partition;
    view->log_z_error = z.error;
    if (arrows > 0) {
        view->arrows = arrows;
        view->gradient = to_vector(energy.value_and_gradient(grid_points(rect, arrows)).gradient);
    }
    return view;
}

std::shared_ptr<const FieldView> exact_view(const data::PlaneSet& set, const Rect& rect, int resolution) {
    if (!set.log_density) return nullptr;
    auto view = std::make_shared<FieldView>();
    put_rect(*view, rect, resolution);
    const double width = rect.high_x - rect.low_x, height = rect.high_y - rect.low_y;
    if (rect.low_x == rect.low_y && width == height) {
        view->energy = data::log_density_grid(set, rect.low_x, rect.high_x, resolution);
        for (float& value : view->energy)
            value = -value;
        return view;
    }
    view->energy.resize(static_cast<std::size_t>(resolution) * static_cast<std::size_t>(resolution));
    for (int row = 0; row < resolution; ++row)
        for (int column = 0; column < resolution; ++column)
            view->energy[static_cast<std::size_t>(row * resolution + column)] =
                static_cast<float>(-set.log_density(rect.low_x + (column + 0.5) * width / resolution,
                                                    rect.low_y + (row + 0.5) * height / resolution));
    return view;
}

bool is_normalised(const Energy& energy, double temperature) {
    return temperature == 1 && dynamic_cast<const Density*>(&energy);
}

measure::Divergence plane_divergence(measure::PlaneQuadrature& quadrature, const Energy& energy,
                                     double temperature) {
    const measure::Divergence found = quadrature.divergence(energy_of_points(energy, temperature));
    return is_normalised(energy, temperature) ? found.as_normalised() : found;
}

measure::EnergyOfPoints energy_of_points(const Energy& energy, double temperature) {
    return [&energy, temperature](std::span<const float> points) {
        const torch::Tensor x = torch::from_blob(const_cast<float*>(points.data()),
                                                 {static_cast<std::int64_t>(points.size()) / 2, 2});
        std::vector<float> values = to_vector(energies_in_pieces(energy, x));
        for (float& value : values)
            value /= static_cast<float>(temperature);
        return values;
    };
}

std::unique_ptr<measure::PlaneQuadrature> plane_quadrature(const Dataset& dataset, const Settings& settings,
                                                           const measure::Effort& effort) {
    const std::int64_t shown = std::min<std::int64_t>(dataset.train.size(0), 4000);
    return std::make_unique<measure::PlaneQuadrature>(
        measure::Square{settings.sampler.box_low, settings.sampler.box_high}, dataset.plane->log_density,
        to_vector(dataset.train.slice(0, 0, shown)), effort);
}

QualityPoint quality_point(std::int64_t iteration, double seconds, const measure::Divergence& divergence,
                           double temperature) {
    return {iteration,         seconds,    divergence.kl, divergence.error, divergence.data_mass,
            divergence.note(), temperature};
}

SliceBasis slice_basis(const std::array<Anchor, 3>& anchors, const Dataset& dataset,
                       const torch::Tensor& chains, std::uint64_t seed) {
    const auto point = [&](const Anchor& anchor) -> torch::Tensor {
        const auto pick = [&](const torch::Tensor& x) {
            return model_values(x[std::clamp<std::int64_t>(anchor.index, 0, x.size(0) - 1)]).clone();
        };
        if (anchor.kind == AnchorKind::data && dataset.train.defined()) return pick(dataset.train);
        if (anchor.kind == AnchorKind::data && dataset.held_out.defined()) return pick(dataset.held_out);
        if (anchor.kind == AnchorKind::chain) return pick(chains);
        return uniform_samples(1, dataset.shape(), -1, 1,
                               {seed, random::Stream::start,
                                static_cast<std::uint32_t>(RandomGroup::evaluation),
                                static_cast<std::uint32_t>(anchor.index), 0})[0];
    };
    const torch::Tensor a = point(anchors[0]);
    return {a, point(anchors[1]) - a, point(anchors[2]) - a};
}

PlaneEnergy slice_energy(const Energy& energy, const SliceBasis& basis) {
    constexpr std::int64_t piece = 256;
    // Calls work(first, images) for the images at places [first, first + piece).
    const auto in_pieces = [&basis](const torch::Tensor& places, const auto& work) {
        for (std::int64_t first = 0; first < places.size(0); first += piece) {
            const torch::Tensor uv =
                places.slice(0, first, std::min(first + piece, places.size(0))).view({-1, 2, 1, 1, 1});
            work(first, basis.origin + uv.select(1, 0) * basis.first + uv.select(1, 1) * basis.second);
        }
    };
    const auto value = [&energy, in_pieces](const torch::Tensor& places) {
        torch::Tensor energies = torch::empty({places.size(0)});
        in_pieces(places, [&](std::int64_t first, const torch::Tensor& images) {
            energies.slice(0, first, first + images.size(0)).copy_(energy.value(images));
        });
        return energies;
    };
    const auto value_and_gradient = [&energy, &basis, in_pieces](const torch::Tensor& places) {
        ValueAndGradient result{torch::empty({places.size(0)}), torch::empty({places.size(0), 2})};
        const torch::Tensor axes = torch::stack({basis.first.flatten(), basis.second.flatten()}, 1);
        in_pieces(places, [&](std::int64_t first, const torch::Tensor& images) {
            const ValueAndGradient found = energy.value_and_gradient(images);
            const std::int64_t end = first + images.size(0);
            result.value.slice(0, first, end).copy_(found.value);
            result.gradient.slice(0, first, end).copy_(found.gradient.flatten(1).mm(axes));
        });
        return result;
    };
    return {value, value_and_gradient};
}

std::shared_ptr<const SliceView> slice_view(const Energy& energy, const SliceBasis& basis,
                                            const std::array<Anchor, 3>& anchors, const Rect& rect,
                                            int resolution, std::int64_t iteration) {
    auto view = std::make_shared<SliceView>();
    view->anchors = anchors;
    view->at = {{{0, 0}, {1, 0}, {0, 1}}};
    view->pixels =
        to_pixels(torch::stack({basis.origin, basis.origin + basis.first, basis.origin + basis.second}));
    put_rect(view->field, rect, resolution);
    view->field.iteration = iteration;
    view->field.energy = landscape(slice_energy(energy, basis), rect, resolution).energy;
    return view;
}

std::vector<float> project(const SliceBasis& basis, const torch::Tensor& chains) {
    const torch::Tensor axes =
        torch::stack({basis.first.flatten(), basis.second.flatten()}, 1).to(torch::kDouble);
    const torch::Tensor offsets = (chains - basis.origin).flatten(1).to(torch::kDouble);
    const torch::Tensor gram = axes.t().mm(axes) + 1e-9 * torch::eye(2, torch::kDouble);
    const double a = gram[0][0].item<double>(), b = gram[0][1].item<double>(), d = gram[1][1].item<double>();
    const torch::Tensor inverse =
        torch::tensor({d, -b, -b, a}, torch::kDouble).reshape({2, 2}) / (a * d - b * b);
    return to_vector(offsets.mm(axes).mm(inverse).to(torch::kFloat));
}

} // namespace ebm::lab
