#pragma once

#include "core/base/tensor.h"
#include "core/store/safetensors.h"

#include <functional>
#include <string>

/// The Inception network of the published scores ("2015-12-05", 1008 outputs) with weights that a person has,
/// and the Inception Score. FID and KID are core/measure/feature_distance.h in its features.
namespace ebm::measure {

/// What to do where a file does not hold those weights.
inline constexpr const char* inception_remedy =
    "Give the weights of the Inception network of 2015-12-05 as safetensors: README tells the few lines of "
    "Python that make the file from pt_inception-2015-12-05, and the names of its tensors.";

/// Inception v3 as Heusel et al. (2017) use it: average pools inside the blocks leave the padding out, the
/// last block pools by maximum, batch normalisation with ε = 0.001.
class Inception {
public:
    /// Tensors by the names of torchvision's inception_v3, float: `Conv2d_1a_3x3.conv.weight`, `….bn.weight`,
    /// `….bn.bias`, `….bn.running_mean`, `….bn.running_var` and so on to `Mixed_7c.branch_pool`, and
    /// `fc.weight` [1008, 2048]; others are not read. `source` names the file in errors. Throws Error that
    /// names the first tensor that is missing, of another shape, or not finite.
    Inception(const store::SafetensorsFile& file, const std::string& source);

    struct Seen {
        torch::Tensor features; ///< [n, 2048]
        torch::Tensor logits;   ///< [n, 1008], without the bias, as the published scores have them
    };
    /// pictures: uint8 [n, 1 or 3, height, width]; grey is repeated. Resized to 299 × 299 as TensorFlow 1
    /// does (bilinear, source = target · size / 299, no half pixel, no antialiasing), then (x − 128) / 128.
    /// `progress`, if there is one, is called with the pictures done and may throw.
    Seen look(const torch::Tensor& pictures,
              const std::function<void(std::int64_t)>& progress = nullptr) const;

private:
    torch::Tensor weight(const std::string& name) const;
    torch::Tensor unit(const torch::Tensor& x, const std::string& name, int stride = 1, int pad_high = 0,
                       int pad_wide = 0) const;
    torch::Tensor block_a(const torch::Tensor& x, const std::string& name) const;
    torch::Tensor block_b(const torch::Tensor& x, const std::string& name) const;
    torch::Tensor block_c(const torch::Tensor& x, const std::string& name) const;
    torch::Tensor block_d(const torch::Tensor& x, const std::string& name) const;
    torch::Tensor block_e(const torch::Tensor& x, const std::string& name, bool maximum) const;

    const std::string source_;
    std::map<std::string, torch::Tensor> weights_; ///< convolution and normalisation are one: weight and bias
};

/// Inception's resize: x [n, channels, height, width] float, to side × side.
torch::Tensor resize_as_tensorflow_1(const torch::Tensor& x, std::int64_t side);

struct InceptionScore {
    double mean = 0, sd = 0; ///< over the splits; sd with the number of splits, as published
    int splits = 0;
};
/// exp of the mean KL(p(y|x) ‖ p(y)) [Salimans et al. 2016], computed in `splits` equal parts after a shuffle
/// by `seed`. logits: [n, classes]. Throws Error if there are fewer samples than splits or a logit is not
/// finite.
InceptionScore inception_score(const torch::Tensor& logits, std::uint64_t seed, int splits = 10);

} // namespace ebm::measure
