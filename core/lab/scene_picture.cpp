#include "core/lab/scene_picture.h"

#include "core/base/error.h"
#include "core/data/plane.h"
#include "core/energy/energy.h"
#include "core/lab/composition.h"
#include "core/lab/dataset.h"

#include <algorithm>
#include <cmath>

namespace ebm::lab {
namespace {

/// Density of points on [−half, half]², smoothed by one cell and brought to 0 … 1.
std::vector<float> density_of(const std::vector<float>& points, int resolution, float half) {
    const auto n = static_cast<std::size_t>(resolution);
    std::vector<float> grid(n * n, 0.0f);
    const float cells = static_cast<float>(resolution);
    for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
        const float column = (points[i] / half + 1) / 2 * cells - 0.5f,
                    row = (1 - points[i + 1] / half) / 2 * cells - 0.5f;
        for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
                const float x = std::round(column) + static_cast<float>(dx),
                            y = std::round(row) + static_cast<float>(dy);
                if (x < 0 || y < 0 || x >= cells || y >= cells) continue;
                const float distance = (x - column) * (x - column) + (y - row) * (y - row);
                grid[static_cast<std::size_t>(y) * n + static_cast<std::size_t>(x)] +=
                    std::exp(-distance / 0.9f);
            }
    }
    std::vector<float> sorted = grid;
    const auto near_top = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 97 / 100);
    std::nth_element(sorted.begin(), near_top, sorted.end());
    const float top = std::max(1e-6f, *near_top);
    for (float& value : grid)
        value = std::sqrt(std::min(1.0f, value / top));
    return grid;
}

std::vector<float> density_of(const Energy& energy, const EnergyKind& kind, int resolution) {
    const auto axis =
        (torch::arange(resolution, torch::kFloat) + 0.5) * ((kind.high - kind.low) / resolution) + kind.low;
    const auto points = torch::stack({axis.unsqueeze(0).expand({resolution, resolution}),
                                      axis.flip(0).unsqueeze(1).expand({resolution, resolution})},
                                     2)
                            .reshape({-1, 2});
    const torch::NoGradGuard no_gradient;
    const torch::Tensor e = energy.value(points).contiguous();
    const float low = e.min().item<float>();
    // The width that shows the wells whatever the scale of the energy.
    const float width =
        std::max(1.0f, (std::get<0>(e.flatten().kthvalue(e.numel() / 5)).item<float>() - low) / 2.5f);
    std::vector<float> grid(static_cast<std::size_t>(e.numel()));
    for (std::size_t i = 0; i < grid.size(); ++i)
        grid[i] = std::exp(-(e.data_ptr<float>()[i] - low) / width);
    return grid;
}

} // namespace

std::vector<float> scene_picture(const Scene& scene, int resolution) {
    try {
        if (!scene.parts.empty()) {
            // Trained parts are not loaded for a little picture.
            const bool formulas =
                std::ranges::all_of(scene.parts, [](const EnergyPart& part) { return !part.energy.empty(); });
            if (!formulas) return {};
            ComputeDevice device;
            return density_of(*open_composition(scene, scene.settings, device).energy, EnergyKind{},
                              resolution);
        }
        for (const EnergyKind& kind : energy_kinds())
            if (kind.name == scene.settings.model.energy) {
                if (!kind.plane) return {};
                if (kind.analytic) return density_of(*make_energy(scene.settings, {2}, 1), kind, resolution);
            }
        if (scene.settings.data.set == "points")
            return density_of(standardised_points(scene.settings), resolution, 2.4f);
        return density_of(data::plane_set_of(scene.settings)->sample(12'000, 1), resolution, 4.0f);
    } catch (const Error&) {
        return {};
    }
}

} // namespace ebm::lab
