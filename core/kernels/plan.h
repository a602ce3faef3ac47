#pragma once

#include "core/base/random.h"
#include "core/kernels/aligned.h"
#include "core/kernels/step.h"
#include "core/network/stack.h"

#include <cstdint>
#include <vector>

/// How a stack of layers is laid out for the kernels. Every other network is laid out as graph_plan.h says.
///
/// A tile is a group of samples that lie along the lanes: every activation is one row of `tile` floats. Rows
/// of an image are ordered [y][x][channel], so that for one output position and one kernel row the valid
/// columns and all channels are one contiguous run. Channel counts of layer outputs are rounded up to a
/// multiple of 4 (`stored`) with zero weights. Weights are packed as [block of outputs][run][output in
/// block], see next_block.
namespace ebm::kernels {

/// What the forward weights and biases are multiplied by when they are packed: SiLU takes c·z with c =
/// −log2(e), so that its exponential is a power of two at once.
constexpr float preactivation_scale(Activation activation) {
    return activation == Activation::silu ? -1.442695041f : 1.0f;
}

/// One layer that is followed by the activation. A linear layer is a convolution whose kernel covers its 1×1
/// input, with all rows of the layer below as channels.
struct Layer {
    int in_channels = 0, in_stored = 0, in_height = 1, in_width = 1;
    int out_channels = 0, out_stored = 0, out_height = 1, out_width = 1;
    int kernel = 1, stride = 1, padding = 0;

    std::int64_t forward_weights = 0, bias = 0,
                 backward_weights = 0;        ///< offsets into the packed parameters, floats
    std::int64_t values = 0, derivatives = 0; ///< offsets into the scratch memory, rows

    int in_rows() const { return in_height * in_width * in_stored; }
    int out_rows() const { return out_height * out_width * out_stored; }
    /// Inputs of one output.
    int run() const { return kernel * kernel * in_stored; }
    bool linear() const { return kernel == 1 && in_height * in_width == 1; }
};

struct Plan {
    int channels = 1, height = 1, width = 1; ///< of a sample, not rounded up
    std::vector<Layer> layers;
    Activation activation = Activation::silu;
    float input_scale = 1.0f, output_scale = 1.0f;
    float curvature = 0.0f;

    std::int64_t last_weights = 0, last_bias = 0; ///< of the linear layer to the energy, floats
    std::int64_t packed_floats = 0;
    std::int64_t scaled_input = 0; ///< scratch offset, rows
    std::int64_t input_gradient =
        0; ///< scratch offset of the zero-padded gradient of the first convolution, rows
    std::int64_t scratch_rows = 0;
    std::vector<int> position; ///< row of element e of a sample in LibTorch's order

    int elements() const { return channels * height * width; }
    /// The gradient of the first layer is computed tap by tap and scattered if that layer is a true
    /// convolution.
    bool scatters() const { return !layers.front().linear(); }
    int ring_height() const { return height + 2 * layers.front().padding; }
    int ring_width() const { return width + 2 * layers.front().padding; }
};

/// Outputs per register block: as many as the instruction set has registers for, fewer at the end.
/// `taps`: the block of 25 is allowed, which fits the 5×5 kernel of a first layer.
constexpr int next_block(int remaining, int largest, bool taps) {
    if (taps && largest >= 16 && remaining % 25 == 0) return 25;
    if (remaining >= 16 && largest >= 16) return 16;
    if (remaining >= 8 && largest >= 8) return 8;
    return 4;
}

constexpr int round_up(int count, int multiple) {
    return (count + multiple - 1) / multiple * multiple;
}

/// Rows of the packed backward weights: the inputs of the layer, or all its taps if it scatters.
inline int backward_rows(const Layer& layer, bool scatters, int largest_block) {
    if (!scatters) return round_up(layer.in_stored, 4);
    const int taps = layer.in_channels * layer.kernel * layer.kernel;
    return next_block(taps, largest_block, true) == 25 ? taps : round_up(taps, 4);
}

/// Throws ebm::Error for a convolution whose kernel is above 15, and for layers without outputs.
Plan make_plan(const network::LayerStack& stack);

struct GradientSums;

/// The functions of one instruction set. Each handles one tile: `samples` ≤ tile rows of x,
/// [samples][elements].
struct Backend {
    int tile = 1;
    int largest_block = 4;
    int weight_lanes = 4; ///< see GradientSums

    /// Floats of scratch memory that any of the functions below needs.
    std::int64_t (*scratch_floats)(const Plan& plan);
    /// gradients may be null.
    void (*evaluate)(const Plan& plan, const float* packed, const float* x, int samples, float* energies,
                     float* gradients, float* scratch);
    void (*run)(const Plan& plan, const float* packed, float* x, int samples, const StepSettings& settings,
                const random::Place& first, int steps, const ChainOutputs& outputs, StepReport& report,
                float* scratch);
    /// Writes the energies and adds to `sums` the parameter gradients of Σ_i (coefficients[i] +
    /// energy_factor·E_i)·E_i, the bracket held fixed.
    void (*add_parameter_gradients)(const Plan& plan, const GradientSums& layout, const float* packed,
                                    const float* x, int samples, const float* coefficients,
                                    float energy_factor, float* energies, float* sums, float* scratch);
};

/// The backend of the instruction set in use.
const Backend& current_backend();

} // namespace ebm::kernels
