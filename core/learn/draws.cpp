#include "core/learn/draws.h"

#include "core/energy/classes.h"
#include "core/energy/differentiate.h"
#include "core/kernels/fused_kernel.h"
#include "core/sample/rows.h"
#include "core/sample/sampler.h"
#include "core/settings/settings.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace ebm {
namespace {

using torch::Tensor;

/// What the stream `batch` is read for: blocks [2^28 k, 2^28 (k + 1)).
enum class Use : std::uint32_t { positives = 0, slots = 1, fresh = 2 };

/// Word i of a use of the stream `batch` in an iteration.
class BatchWords {
public:
    BatchWords(const Settings& settings, std::int64_t iteration, Use use)
        : place_(training_place(settings, random::Stream::batch, iteration)),
          first_block_(static_cast<std::uint32_t>(use) << 28) {}

    std::uint32_t operator()(std::int64_t i) {
        if (i / 4 != block_) {
            block_ = i / 4;
            words_ = random::words(place_, first_block_ + static_cast<std::uint32_t>(block_));
        }
        return words_[static_cast<std::size_t>(i % 4)];
    }
    /// Uniform on 0 … count − 1.
    std::int64_t below(std::int64_t count, std::int64_t i) {
        return static_cast<std::int64_t>(
            static_cast<std::uint64_t>((*this)(i)) * static_cast<std::uint64_t>(count) >> 32);
    }

private:
    random::Place place_;
    std::uint32_t first_block_;
    std::int64_t block_ = -1; ///< whose words are held
    random::Words words_{};
};

/// `count` different numbers below `size`, every set equally likely [Floyd 1987, in Bentley, "Programming
/// pearls: a sample of brilliance"].
Tensor different_slots(BatchWords words, std::int64_t size, std::int64_t count) {
    Tensor slots = torch::empty({count}, torch::kLong);
    std::vector<bool> taken(static_cast<std::size_t>(size));
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t last = size - count + i;
        const std::int64_t draw = words.below(last + 1, i);
        const std::int64_t slot = taken[static_cast<std::size_t>(draw)] ? last : draw;
        taken[static_cast<std::size_t>(slot)] = true;
        slots.data_ptr<std::int64_t>()[i] = slot;
    }
    return slots;
}

/// `count` numbers below `size`, drawn with replacement.
Tensor any_slots(BatchWords words, std::int64_t size, std::int64_t count) {
    Tensor slots = torch::empty({count}, torch::kLong);
    for (std::int64_t i = 0; i < count; ++i)
        slots.data_ptr<std::int64_t>()[i] = words.below(size, i);
    return slots;
}

Batch joined(const Batch& a, const Batch& b) {
    return {joined_rows(a.x, b.x), a.labels.defined() ? joined_rows(a.labels, b.labels) : Tensor()};
}

/// Fills everything but the gradient from the energies of data and negatives, in this order.
void set_loss(LossGradient& result, const Tensor& energies, double energy_l2) {
    const std::int64_t count = energies.size(0) / 2;
    result.positive_energy = energies.slice(0, 0, count);
    result.negative_energy = energies.slice(0, count);
    double difference = 0, squares = 0;
    const std::vector<double> numbers = numbers_of(energies);
    for (std::size_t i = 0, half = numbers.size() / 2; i < half; ++i) {
        difference += numbers[i] - numbers[half + i];
        squares += numbers[i] * numbers[i] + numbers[half + i] * numbers[half + i];
    }
    result.regulariser = squares / static_cast<double>(count);
    result.loss = difference / static_cast<double>(count) + energy_l2 * result.regulariser;
}

/// Σ_i (coefficients[i] + energy_factor · E(x_i)) ∂E(x_i)/∂weights, like Energy::parameters(); fills
/// energies.
std::vector<Tensor> fused_gradient(const Energy& energy, const FusedKernel& kernel, const Batch& batch,
                                   const std::vector<float>& coefficients, float energy_factor,
                                   const Tensor& energies) {
    std::vector<Tensor> gradient;
    std::vector<float*> places;
    for (const auto& [name, weight] : energy.parameters()) {
        gradient.push_back(torch::empty_like(weight));
        places.push_back(gradient.back().data_ptr<float>());
    }
    kernel.parameter_gradient(batch.x.data_ptr<float>(), batch.size(), coefficients.data(), energy_factor,
                              energies.data_ptr<float>(), places, label_pointer(batch));
    return energy.weight_gradient(std::move(gradient));
}

} // namespace

random::Place training_place(const Settings& settings, random::Stream stream, std::int64_t iteration) {
    return {static_cast<std::uint64_t>(settings.train.seed), stream,
            static_cast<std::uint32_t>(RandomGroup::training),
            static_cast<std::uint32_t>(iteration % (1 << 20)) * 4096u,
            static_cast<std::uint32_t>(iteration / (1 << 20)) * 1024u};
}

Tensor positive_rows(const Settings& settings, std::int64_t size, std::int64_t count,
                     std::int64_t iteration) {
    BatchWords words(settings, iteration, Use::positives);
    Tensor rows = torch::empty({count}, torch::kLong);
    for (std::int64_t i = 0; i < count; ++i)
        rows.data_ptr<std::int64_t>()[i] = words.below(size, i);
    return rows;
}

Batch draw_positives(const Settings& settings, const Batch& data, std::int64_t count,
                     std::int64_t iteration) {
    const Tensor rows = positive_rows(settings, data.size(), count, iteration);
    const Tensor drawn = take_rows(data.x, rows);
    const Tensor positives = model_values(drawn);
    const Shape shape = drawn.sizes().slice(1).vec();
    float* x = positives.data_ptr<float>();
    if (settings.data.dequantise && drawn.scalar_type() == torch::kByte) {
        const Tensor u = uniform_samples(count, shape, 0, 1,
                                         training_place(settings, random::Stream::dequantise, iteration));
        const auto* bytes = drawn.data_ptr<std::uint8_t>();
        for (std::int64_t i = 0; i < positives.numel(); ++i)
            x[i] = (static_cast<float>(bytes[i]) + u.data_ptr<float>()[i]) / 128 - 1;
    }
    if (settings.data.noise > 0) {
        const Tensor noise =
            normal_samples(count, shape, training_place(settings, random::Stream::data, iteration));
        const auto scale = static_cast<float>(settings.data.noise);
        const float infinite = std::numeric_limits<float>::infinity();
        const float low = settings.sampler.box ? static_cast<float>(settings.sampler.box_low) : -infinite;
        const float high = settings.sampler.box ? static_cast<float>(settings.sampler.box_high) : infinite;
        const float* z = noise.data_ptr<float>();
        for (std::int64_t i = 0; i < positives.numel(); ++i)
            x[i] = std::min(std::max(x[i] + scale * z[i], low), high);
    }
    return {positives, data.labels.defined() ? take_rows(data.labels, rows) : Tensor()};
}

Negatives draw_negatives(const Settings& settings, const Energy& energy, const ReplayBuffer& buffer,
                         const Batch& positives, std::int64_t iteration) {
    const std::int64_t count = positives.size();
    Negatives negatives;
    const bool in_turn = negatives.in_turn = settings.buffer.order == SlotOrder::fifo;
    // The released code draws once there is more than a batch to draw from.
    const bool all_fresh = in_turn && buffer.filled_ <= count;
    negatives.slots = in_turn ? any_slots({settings, iteration, Use::slots},
                                          std::max<std::int64_t>(1, buffer.filled_), count)
                              : different_slots({settings, iteration, Use::slots}, buffer.size(), count);
    negatives.fresh = torch::zeros({count}, torch::kBool);
    negatives.x =
        buffer.take(negatives.slots, training_place(settings, random::Stream::dequantise_buffer, iteration));
    BatchWords words(settings, iteration, Use::fresh);
    const random::Place place = training_place(settings, random::Stream::start, iteration);
    const std::int64_t elements = negatives.x.x.numel() / std::max<std::int64_t>(1, count);
    const bool some_fresh = settings.buffer.reinit_share > 0 || all_fresh;
    const Tensor made = settings.buffer.fresh_from == FreshFrom::decoder && some_fresh
                            ? energy.starts(count, place).contiguous()
                            : Tensor();
    bool* fresh = negatives.fresh.data_ptr<bool>();
    for (std::int64_t i = 0; i < count; ++i) {
        fresh[i] = random::uniform(words(i)) < settings.buffer.reinit_share || all_fresh;
        if (!fresh[i]) continue;
        if (made.defined()) {
            std::copy_n(made.data_ptr<float>() + i * elements, elements,
                        negatives.x.x.data_ptr<float>() + i * elements);
            continue;
        }
        random::Place row = place;
        row.chain += static_cast<std::uint32_t>(i);
        fill_uniform(negatives.x.x.data_ptr<float>() + i * elements, 1, elements,
                     static_cast<float>(settings.sampler.box_low),
                     static_cast<float>(settings.sampler.box_high), row);
    }
    if (!negatives.x.labels.defined()) return negatives;
    auto* labels = negatives.x.labels.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < count; ++i)
        if (fresh[i] || settings.buffer.labels == BufferLabels::batch)
            labels[i] = positives.labels.data_ptr<std::int64_t>()[i];
    return negatives;
}

LossGradient loss_gradient(const Energy& energy, const Batch& positives, const Batch& negatives,
                           double energy_l2) {
    const FusedKernel* kernel = energy.fused();
    if (!kernel || positives.x.scalar_type() != torch::kFloat)
        return loss_gradient_reference(energy, positives, negatives, energy_l2);
    const std::int64_t count = positives.size();
    const Batch both = joined(positives, negatives);
    const Tensor energies = torch::empty({2 * count});
    const float each = 1.0f / static_cast<float>(count);
    std::vector<float> coefficients(static_cast<std::size_t>(2 * count), -each);
    std::fill_n(coefficients.begin(), count, each);
    LossGradient result;
    result.gradient =
        fused_gradient(energy, *kernel, both, coefficients,
                       static_cast<float>(2 * energy_l2 / static_cast<double>(count)), energies);
    set_loss(result, energies, energy_l2);
    return result;
}

namespace {

/// ∂loss/∂weights; 0 for a weight that the loss does not read.
std::vector<Tensor> gradient_of(const Tensor& loss, const Energy& energy) {
    std::vector<Tensor> weights, gradient;
    for (const auto& [name, weight] : energy.parameters())
        weights.push_back(weight);
    const auto found = differentiate({loss}, weights, {}, {.unused = true});
    for (std::size_t i = 0; i < weights.size(); ++i)
        gradient.push_back(found[i].defined() ? found[i].contiguous() : torch::zeros_like(weights[i]));
    return gradient;
}

} // namespace

LossGradient data_gradient(const Energy& energy, const Batch& positives, const Batch& negatives,
                           double energy_l2) {
    const torch::AutoGradMode with_graph(true);
    const Tensor energies = energy.value(positives);
    const Tensor loss = energies.mean() + energy_l2 * energies.square().mean();
    LossGradient result;
    result.gradient = gradient_of(loss, energy);
    result.positive_energy = energies.detach();
    const torch::NoGradGuard no_graph;
    result.negative_energy = energy.value(negatives);
    result.loss = loss.item<double>();
    result.regulariser =
        (result.positive_energy.square().mean() + result.negative_energy.square().mean()).item<double>();
    return result;
}

LossGradient loss_gradient_reference(const Energy& energy, const Batch& positives, const Batch& negatives,
                                     double energy_l2) {
    const torch::AutoGradMode with_graph(true);
    const Tensor energies = energy.value(joined(positives, negatives));
    const std::int64_t count = positives.size();
    const Tensor difference = energies.slice(0, 0, count).mean() - energies.slice(0, count).mean();
    LossGradient result;
    result.gradient = gradient_of(difference + energy_l2 * energies.square().sum() / count, energy);
    set_loss(result, energies.detach(), energy_l2);
    return result;
}

ClassGradient class_gradient(const Energy& energy, const Batch& batch, double temperature) {
    const torch::NoGradGuard no_graph;
    const int classes = energy.classes();
    const auto count = static_cast<double>(batch.size());
    const Tensor log_p =
        torch::log_softmax(-class_energies(energy, batch.x).to(torch::kDouble) / temperature, 1);
    const Tensor asked = torch::zeros_like(log_p).scatter_(1, batch.labels.unsqueeze(1), 1.0);
    // ∂/∂θ −log p(y|x) = Σ_c (1[c = y] − p(c|x)) ∂E(x, c)/∂θ / temperature
    const Tensor all = ((asked - log_p.exp()) / (temperature * count)).to(torch::kFloat).flatten();
    const FusedKernel* kernel = batch.x.scalar_type() == torch::kFloat ? energy.fused() : nullptr;
    ClassGradient result;
    result.loss = -(asked * log_p).sum().item<double>() / count;
    const float* next = all.data_ptr<float>();
    for_all_labels(batch.x, classes, [&](const Batch& pairs) {
        const std::vector<float> coefficients(next, next + pairs.size());
        next += pairs.size();
        std::vector<Tensor> part;
        if (kernel) {
            const Tensor energies = torch::empty({pairs.size()});
            part = fused_gradient(energy, *kernel, pairs, coefficients, 0, energies);
        } else {
            const torch::AutoGradMode with_graph(true);
            part = gradient_of((energy.value(pairs) * torch::tensor(coefficients)).sum(), energy);
        }
        if (result.gradient.empty())
            result.gradient = std::move(part);
        else
            for (std::size_t i = 0; i < part.size(); ++i)
                result.gradient[i].add_(part[i]);
    });
    return result;
}

ClassGradient class_gradient_reference(const Energy& energy, const Batch& batch, double temperature) {
    const torch::AutoGradMode with_graph(true);
    const int classes = energy.classes();
    const Batch all(batch.x.repeat_interleave(classes, 0), labels_in_turn(batch.size() * classes, classes));
    const Tensor log_p = torch::log_softmax(-energy.value(all).view({-1, classes}) / temperature, 1);
    const Tensor loss = -log_p.gather(1, batch.labels.unsqueeze(1)).mean();
    return {loss.item<double>(), gradient_of(loss, energy)};
}

void add_class_loss(const Settings& settings, const Energy& energy, const Batch& positives,
                    LossGradient& loss) {
    const auto& train = settings.train;
    if (train.class_weight == 0 || energy.classes() == 0) return;
    const std::int64_t rows = train.class_batch > 0
                                  ? std::min<std::int64_t>(train.class_batch, positives.size())
                                  : positives.size();
    const ClassGradient classes = class_gradient(
        energy, {positives.x.slice(0, 0, rows), positives.labels.slice(0, 0, rows)}, train.class_temperature);
    loss.class_loss = classes.loss;
    loss.loss += train.class_weight * classes.loss;
    for (std::size_t i = 0; i < loss.gradient.size(); ++i)
        loss.gradient[i].add_(classes.gradient[i], train.class_weight);
}

} // namespace ebm
