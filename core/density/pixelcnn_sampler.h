#pragma once

#include "core/density/density.h"
#include "core/density/pixelcnn_plan.h"
#include "core/energy/weights.h"

namespace ebm {

/// Computes what a PixelCNN++ predicts of one pixel after the other, each result of the network once: what
/// sees only rows above once a row, the rest once a pixel. The last rows of every result are kept
/// (Ramachandran et al., "Fast generation for convolutional autoregressive models", 2017). Agrees with the
/// network up to rounding.
class PixelCnnSampler {
public:
    /// Weights as PixelCnn has them; copied.
    PixelCnnSampler(const PixelCnnSpec& spec, const PixelCnnPlan& plan, const Weights& weights);

    /// The results for one picture.
    class Rows;
    Rows rows() const;
    /// Of the next pixel of a picture, in the order of reading: the mixture's parameters from the pixels
    /// before it, which have been set.
    const float* predict_next(Rows& rows) const;
    /// Its values, one a channel, to be set before the next is asked for.
    float* pixel(Rows& rows) const;

    /// The mixture's parameters at every pixel as they come when `picture`, [C, H, W], is drawn;
    /// returns [outputs, H, W].
    torch::Tensor predict(const torch::Tensor& picture) const;

    const PixelCnnSpec& spec() const { return spec_; }

private:
    void compute(Rows& rows, const PixelCnnNode& node, std::size_t index, int row, int column) const;

    PixelCnnSpec spec_;
    PixelCnnPlan plan_;
    std::vector<std::vector<float>> kernels_; ///< of each layer, [rows][columns][in][out, padded]
    std::vector<std::vector<float>> biases_;  ///< of each layer, padded
};

/// The last rows of every result of the network for one picture, and the pixel that is predicted.
class PixelCnnSampler::Rows {
public:
    Rows(const PixelCnnSpec& spec, const PixelCnnPlan& plan);

private:
    friend PixelCnnSampler;
    struct Result {
        int width, stride; ///< stride: floats a position
        std::vector<float> values;
        float* at(int row, int column);
    };
    std::vector<Result> results_;
    int row_ = 0, column_ = -1;
};

/// A part is a pixel of each picture, of 64 pictures at a time.
class PixelDrawing final : public Drawing {
public:
    PixelDrawing(PixelCnnSampler sampler, std::int64_t count, std::uint64_t seed);
    bool advance(int parts) override;
    double done() const override;
    const torch::Tensor& samples() const override { return pictures_; }

private:
    PixelCnnSampler sampler_;
    torch::Tensor uniforms_, pictures_;
    std::int64_t first_ = 0;                  ///< of the pictures that are being drawn
    std::int64_t drawn_ = 0;                  ///< pixels of each of them
    std::vector<PixelCnnSampler::Rows> rows_; ///< of each of them
};

} // namespace ebm
