// A whole network on one tile. Included once per instruction set.
#if defined(EBM_KERNELS_NETWORK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_NETWORK_INL_H_
#undef EBM_KERNELS_NETWORK_INL_H_
#else
#define EBM_KERNELS_NETWORK_INL_H_
#endif

#include "core/kernels/layers-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

/// energies[lane] = Σ_k weights[k]·values[k] + bias; with `gradients` also derivatives[k] ←
/// weights[k]·derivatives[k].
HWY_INLINE void last_layer(const Plan& plan, const float* packed, const float* values, float* derivatives,
                           bool gradients, float* energies) {
    const float* weights = packed + plan.last_weights;
    const int rows = plan.layers.back().out_rows(); // a multiple of 4
    for (int v = 0; v < kVectors; ++v) {
        Vector sums[4] = {constant(packed[plan.last_bias]), hn::Zero(kFloat), hn::Zero(kFloat),
                          hn::Zero(kFloat)};
        for (int k = 0; k < rows; k += 4) {
            for (int i = 0; i < 4; ++i) {
                const std::int64_t at = static_cast<std::int64_t>(k + i) * kTile + v * kLanes;
                const Vector weight = constant(weights[k + i]);
                sums[i] = hn::MulAdd(weight, hn::Load(kFloat, values + at), sums[i]);
                if (!gradients) continue;
                hn::Store(hn::Mul(weight, hn::Load(kFloat, derivatives + at)), kFloat, derivatives + at);
            }
        }
        hn::Store(hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3])), kFloat,
                  energies + v * kLanes);
    }
}

/// What the first layer reads: the inputs, or their scaled copy in the scratch memory.
HWY_INLINE const float* scaled_inputs(const Plan& plan, const float* inputs, float* scratch) {
    if (plan.input_scale == 1.0f) return inputs;
    float* scaled = scratch + plan.scaled_input * kTile;
    const Vector scale = constant(plan.input_scale);
    for (int i = 0; i < plan.elements() * kTile; i += kLanes) {
        hn::Store(hn::Mul(scale, hn::Load(kFloat, inputs + i)), kFloat, scaled + i);
    }
    return scaled;
}

/// Energies of one tile. inputs: [position][kTile], with the positions of Plan::position; energies: [kTile];
/// scratch: plan.scratch_rows rows, which keep the values of all layers and, with `differentiate`, their
/// derivatives, those of the last layer multiplied by the weights to the energy.
HWY_NOINLINE void forward_tile(const Plan& plan, const float* packed, const float* inputs, float* scratch,
                               bool differentiate, float* energies) {
    const float* below = scaled_inputs(plan, inputs, scratch);
    for (const Layer& layer : plan.layers) {
        float* values = scratch + layer.values * kTile;
        float* derivatives = differentiate ? scratch + layer.derivatives * kTile : nullptr;
        forward_layer(plan.activation, layer, packed, below, values, derivatives);
        below = values;
    }
    last_layer(plan, packed, below, scratch + plan.layers.back().derivatives * kTile, differentiate,
               energies);
    if (plan.curvature == 0) return;
    const Vector half = constant(0.5f * plan.curvature);
    for (int v = 0; v < kVectors; ++v) {
        Vector squares = hn::Zero(kFloat);
        for (int e = 0; e < plan.elements(); ++e) {
            const Vector x = hn::Load(kFloat, inputs + e * kTile + v * kLanes);
            squares = hn::MulAdd(x, x, squares);
        }
        float* at = energies + v * kLanes;
        hn::Store(hn::MulAdd(half, squares, hn::Load(kFloat, at)), kFloat, at);
    }
}

/// After forward_tile with `differentiate`: turns the derivatives of all layers into gradients at their
/// outputs before the activation.
HWY_NOINLINE void backward_tile(const Plan& plan, const float* packed, float* scratch) {
    for (std::size_t i = plan.layers.size() - 1; i > 0; --i) {
        float* lower = scratch + plan.layers[i - 1].derivatives * kTile;
        backward_layer(plan.layers[i], packed, scratch + plan.layers[i].derivatives * kTile, false, lower);
    }
}

/// After backward_tile: gradients of the energies at the inputs, [position][kTile].
HWY_NOINLINE void input_gradient(const Plan& plan, const float* packed, const float* inputs, float* scratch,
                                 float* gradients) {
    const Layer& layer = plan.layers.front();
    float* first = scratch + plan.input_gradient * kTile;
    const float* bottom = scratch + layer.derivatives * kTile;
    if (plan.scatters()) {
        scatter_layer(plan, packed, bottom, first);
    } else if (plan.elements() <= 4) {
        backward_narrow(layer, packed + layer.backward_weights, bottom, first);
    } else {
        backward_layer(layer, packed, bottom, true, first);
    }
    const Vector scale = constant(plan.input_scale), curvature = constant(plan.curvature);
    const int padding = plan.scatters() ? layer.padding : 0;
    const int columns = plan.scatters() ? plan.ring_width() : plan.width;
    const int run = plan.width * plan.channels * kTile;
    for (int y = 0; y < plan.height; ++y) {
        const float* from = first + ((y + padding) * columns + padding) * plan.channels * kTile;
        for (int i = 0; i < run; i += kLanes) {
            const Vector x = hn::Load(kFloat, inputs + y * run + i);
            const Vector gradient = hn::Mul(scale, hn::Load(kFloat, from + i));
            hn::Store(hn::MulAdd(curvature, x, gradient), kFloat, gradients + y * run + i);
        }
    }
}

/// Energies of one tile and, if `gradients` is not null, their gradients, [position][kTile].
HWY_INLINE void evaluate_tile(const Plan& plan, const float* packed, const float* inputs, float* scratch,
                              float* energies, float* gradients) {
    forward_tile(plan, packed, inputs, scratch, gradients != nullptr, energies);
    if (!gradients) return;
    backward_tile(plan, packed, scratch);
    input_gradient(plan, packed, inputs, scratch, gradients);
}

/// A network on the tile that TileSteps moves. scratch: plan.scratch_rows × kTile floats.
struct LaneNetwork {
    const Plan& plan;
    const float* packed;
    float* scratch;

    int elements() const { return plan.elements(); }
    /// The row of an element of a sample.
    int position(int element) const { return plan.position[static_cast<std::size_t>(element)]; }
    /// Energies [kTile] and, if not null, gradients at inputs [position][kTile].
    void evaluate(const float* inputs, float* energies, float* gradients) {
        evaluate_tile(plan, packed, inputs, scratch, energies, gradients);
    }
};

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
