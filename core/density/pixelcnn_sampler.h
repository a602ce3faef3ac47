#pragma once

#include "core/density/pixelcnn_plan.h"
#include "core/energy/weights.h"

#include <functional>

namespace ebm {

/// Draws from a PixelCNN++ pixel by pixel, computing each result of the network once: what sees only rows
/// above once a row, the rest once a pixel. The last rows of every result are kept (Ramachandran et al.,
/// "Fast generation for convolutional autoregressive models", 2017). Agrees with the network up to rounding.
class PixelCnnSampler {
public:
    /// Weights as PixelCnn has them; copied.
    PixelCnnSampler(const PixelCnnSpec& spec, const PixelCnnPlan& plan, const Weights& weights);

    /// Told after each pixel, and for pictures beyond the first 64 in turns of 64: the part of all pixels
    /// that is drawn, and the pictures [count, C, H, W], black where nothing is drawn. False stops; what is
    /// then returned is as incomplete.
    using Progress = std::function<bool(double done, const torch::Tensor& pictures)>;

    /// [count, C, H, W]; picture i is drawn from (seed, i).
    torch::Tensor draw(std::int64_t count, std::uint64_t seed, const Progress& progress = {}) const;

    /// The mixture's parameters at every pixel as `draw` computes them when it draws `picture`, [C, H, W];
    /// returns [outputs, H, W].
    torch::Tensor predict(const torch::Tensor& picture) const;

private:
    struct Rows;
    void start_row(Rows& rows, int row) const;
    void compute(Rows& rows, const PixelCnnNode& node, std::size_t index, int row, int column) const;
    const float* parameters_of(Rows& rows, int row, int column) const;

    PixelCnnSpec spec_;
    PixelCnnPlan plan_;
    std::vector<std::vector<float>> kernels_; ///< of each layer, [rows][columns][in][out, padded]
    std::vector<std::vector<float>> biases_;  ///< of each layer, padded
};

} // namespace ebm
