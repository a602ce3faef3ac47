#pragma once

#include "core/data/plane.h"
#include "core/energy/energy.h"
#include "core/lab/snapshot.h"

namespace ebm::lab {

/// The data of a scene, in the model's coordinates: plane points as they are, pixels scaled to −1 … 1.
struct Dataset {
    SampleKind kind;
    torch::Tensor train, held_out;         ///< [n, shape…]; undefined for analytic scenes
    const data::PlaneSet* plane = nullptr; ///< for the exact density
    std::shared_ptr<const DataView> view;
    std::vector<std::pair<std::string, torch::Tensor>> ood; ///< name, [n, shape…]

    Shape shape() const;
};

/// An OOD set of every scene on the plane: 1,000 points, uniform in the sampler's box.
inline constexpr const char* uniform_box_name = "Uniform box";
torch::Tensor uniform_box(const Settings& settings);

/// Loads or generates settings.data. Throws Error.
Dataset open_dataset(const Settings& settings);

/// x in −1 … 1 to 8-bit pixels, clamped; x: [n, C, H, W].
std::vector<std::uint8_t> to_pixels(const torch::Tensor& x);
/// 8-bit pixels [n·C·H·W] to [n, C, H, W] in −1 … 1.
torch::Tensor from_pixels(const std::uint8_t* pixels, std::int64_t count, const SampleKind& kind);

torch::Tensor to_tensor(const Samples& samples);
std::vector<float> to_vector(const torch::Tensor& x);

} // namespace ebm::lab
