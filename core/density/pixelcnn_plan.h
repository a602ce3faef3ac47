#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/density/logistic_mixture.h"

namespace ebm {

/// Sizes of a PixelCNN++ (Salimans et al., 2017).
struct PixelCnnSpec {
    int channels = 1, height = 28, width = 28;
    int blocks = 1;      ///< gated blocks a level and stream on the way down; one more on the way up
    int resolutions = 2; ///< levels; each halves the one before, so at most until a side is 1
    int filters = 32;
    int components = 5; ///< of the logistic mixture
    int levels = 256;   ///< of a colour
    LogisticMixture mixture() const { return {channels, components, levels}; }
};

/// One operation of the network. Its result has `channels` planes at resolution `level`.
struct PixelCnnNode {
    enum class Kind {
        input,       ///< the picture and a plane of ones, so that padding can be told from a pixel
        convolution, ///< of a; tap (0, 0) reads row stride·i + dy, column stride·j + dx; outside is 0
        upsampling,  ///< of a by a transposed convolution of stride 2; its column 0 reaches column 2j + dx
        activation,  ///< concat_elu: elu of a and of −a, one after the other
        rectified,   ///< elu of a
        add,         ///< a + b
        gate,        ///< a + first half of b · σ(second half of b)
        concatenate  ///< a and b
    };
    Kind kind = Kind::input;
    int a = -1, b = -1;
    int channels = 0;
    int level = 0;
    /// Reads pixels to the left in its own row too, not only rows above: what depends on those is known one
    /// pixel at a time, everything else one row at a time.
    bool pixelwise = false;
    int rows = 1, columns = 1, dy = 0, dx = 0, stride = 1; ///< of kernels
    double gain = 1;       ///< standard deviation of a result after the initialisation that depends on data
    int layer = -1;        ///< which weights, for kernels
    std::string name = {}; ///< of the weights
};

/// In the order of computation; the last is the mixture's parameters.
using PixelCnnPlan = std::vector<PixelCnnNode>;

/// Throws Error for sizes that cannot be.
PixelCnnPlan pixelcnn_plan(const PixelCnnSpec& spec);

/// Height or width at a level.
inline int side_at(int side, int level) {
    for (; level > 0; --level)
        side = (side + 1) / 2;
    return side;
}

} // namespace ebm
