#pragma once

#include "core/base/random.h"
#include "core/energy/energy.h"
#include "core/sample/replay_buffer.h"

#include <limits>

/// The parts of one training iteration that are functions of (seed, iteration) and the state alone.
namespace ebm {

struct Settings;

/// Where row 0 of `stream` draws in an iteration, and sampling step 0. Rows below 4096 and steps below 1000
/// of all iterations are kept apart: chain = 4096 · (iteration mod 2^20) + row, step = 1024 · (iteration /
/// 2^20) + k.
random::Place training_place(const Settings& settings, random::Stream stream, std::int64_t iteration);

/// Which rows of `size` data `draw_positives` takes: int64 [count].
torch::Tensor positive_rows(const Settings& settings, std::int64_t size, std::int64_t count,
                            std::int64_t iteration);
/// `count` rows of data, drawn with replacement, with their labels. data.x: [n, …], fp32 or bytes of
/// pictures; the result is fp32, dequantised if settings.data.dequantise says so, plus data noise. Noisy data
/// are clamped to the box if the chains are: otherwise what sticks out of the box would tell data from
/// samples.
Batch draw_positives(const Settings& settings, const Batch& data, std::int64_t count, std::int64_t iteration);

/// Where the negatives of an iteration start.
struct Negatives {
    torch::Tensor slots;  ///< int64 [N], all different where each negative goes back to its own
    bool in_turn = false; ///< they are added to the buffer instead, see ReplayBuffer::append
    torch::Tensor fresh;  ///< bool [N], re-initialised
    Batch x;              ///< the slots' samples, or where fresh as settings.buffer.fresh_from says
};
/// Labels, if the positives have any: theirs, or with settings.buffer.labels = own those of the slots, but of
/// the positives where fresh.
Negatives draw_negatives(const Settings& settings, const Energy& energy, const ReplayBuffer& buffer,
                         const Batch& positives, std::int64_t iteration);

/// Contrastive divergence with energy L2: L = mean E(x⁺) − mean E(x⁻) + α mean(E(x⁺)² + E(x⁻)²), and
/// ∂L/∂weights.
struct LossGradient {
    double loss = 0, regulariser = 0;
    torch::Tensor positive_energy, negative_energy;               ///< [N]
    double class_loss = std::numeric_limits<double>::quiet_NaN(); ///< see add_class_loss
    std::vector<torch::Tensor> gradient;                          ///< like Energy::parameters(), contiguous
};
LossGradient loss_gradient(const Energy& energy, const Batch& positives, const Batch& negatives,
                           double energy_l2);
/// Without negatives: L = mean E(x⁺) + α mean E(x⁺)², and ∂L/∂weights. negatives are only evaluated.
LossGradient data_gradient(const Energy& energy, const Batch& positives, const Batch& negatives,
                           double energy_l2);
/// The readable twin of the fused gradient: one graph, differentiated by LibTorch.
LossGradient loss_gradient_reference(const Energy& energy, const Batch& positives, const Batch& negatives,
                                     double energy_l2);

/// What a conditional energy says of classes: with p(y|x) = softmax_y(−E(x, y) / temperature), mean −log
/// p(y|x) over the batch, in nats, and its gradient [Grathwohl et al. 2020, at temperature 1].
struct ClassGradient {
    double loss = 0;
    std::vector<torch::Tensor> gradient; ///< like Energy::parameters(), contiguous
};
/// The energy is conditional and the batch has labels.
ClassGradient class_gradient(const Energy& energy, const Batch& batch, double temperature);
/// Its readable twin: one graph, differentiated by LibTorch.
ClassGradient class_gradient_reference(const Energy& energy, const Batch& batch, double temperature);

/// Adds settings.train.class_weight times that of the first settings.train.class_batch positives to loss and
/// gradient. Changes nothing if the energy is not conditional or the weight is 0.
void add_class_loss(const Settings& settings, const Energy& energy, const Batch& positives,
                    LossGradient& loss);

} // namespace ebm
