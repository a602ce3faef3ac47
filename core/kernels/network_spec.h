#pragma once

#include "core/base/activation.h"

#include <vector>

/// What a network looks like, in the terms of LibTorch's modules.
namespace ebm::kernels {

using ebm::Activation;

/// Square convolution with zero padding (torch.nn.Conv2d, dilation 1, one group, with bias).
struct ConvLayer {
    int in = 1;      ///< channels
    int out = 1;     ///< channels
    int kernel = 3;  ///< 1 … 15
    int stride = 1;  ///< ≥ 1
    int padding = 0; ///< 0 … kernel − 1
};

/// torch.nn.Linear with bias.
struct LinearLayer {
    int in = 1, out = 1;
};

/// A convolutional energy: the convolutions, flattened in LibTorch's [channel][row][column] order, then the
/// linear layers, of which the last has one output. The activation follows every layer but the last.
struct ConvNetSpec {
    int channels = 1, height = 28, width = 28; ///< of one image
    std::vector<ConvLayer> convolutions;
    std::vector<LinearLayer> linear;
    Activation activation = Activation::silu;
};

/// E(x) = output_scale · network(input_scale · x) + |x|² / (2·confinement²).
struct MlpSpec {
    int inputs = 2;          ///< dimensions of x
    std::vector<int> hidden; ///< width of each hidden layer, at least one
    Activation activation = Activation::silu;
    float input_scale = 1.0f;
    float output_scale = 1.0f;
    float confinement = 0.0f; ///< standard deviation of the Gaussian factor; 0 = none
};

/// The network of the UvA deep learning course, tutorial 8: a 5×5 convolution with stride 2 and padding 4,
/// three 3×3 convolutions with stride 2 and padding 1, linear → hidden → 1.
ConvNetSpec tutorial_conv_net(int channels = 1, int height = 28, int width = 28,
                              const std::vector<int>& filters = {16, 32, 64, 64}, int hidden = 64,
                              Activation activation = Activation::silu);

} // namespace ebm::kernels
