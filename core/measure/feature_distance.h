#pragma once

#include "core/base/tensor.h"

#include <cstdint>

/// Distances between two sets of samples in the features of a network, computed in double precision. They are
/// called FID and KID only where the network is the Inception network of the published scores.
namespace ebm::measure {

/// Fréchet distance of the normal distributions with the means and covariances (unbiased) of two sets [Heusel
/// et al. 2017]: |m₁ − m₂|² + tr S₁ + tr S₂ − 2 tr (S₁^½ S₂ S₁^½)^½, with eigenvalues below 0 taken as 0.
/// a: [n, d], b: [m, d], any floating type. Biased upwards for small sets, so that n belongs beside it.
/// Throws Error if a set has fewer than two samples or a feature is not finite.
double frechet_distance(const torch::Tensor& a, const torch::Tensor& b);

struct KernelDistance {
    double mean = 0, sd = 0; ///< over the subsets; sd with subsets − 1, 0 for one
    int subsets = 0;
    std::int64_t subset_size = 0;
};
/// Unbiased squared maximum mean discrepancy with the kernel (x·y/d + 1)³ [Binkowski et al. 2018], the mean
/// over `subsets` pairs of subsets of min(subset_size, n, m) samples, drawn without replacement from `seed`.
/// Around 0, also below, for sets of one distribution. Throws Error as frechet_distance does.
KernelDistance kernel_distance(const torch::Tensor& a, const torch::Tensor& b, std::uint64_t seed,
                               int subsets = 100, std::int64_t subset_size = 1000);

/// How rough pictures are: the root mean square of a pixel minus the mean of its four neighbours, over all
/// inner pixels of all pictures and channels, in the units of x. x: [n, channels, height, width], sides of 3
/// at least.
double roughness(const torch::Tensor& x);

} // namespace ebm::measure
