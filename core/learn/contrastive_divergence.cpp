#include "core/learn/contrastive_divergence.h"

#include "core/base/error.h"
#include "core/energy/classes.h"
#include "core/energy/graph_energy.h"
#include "core/kernels/adam.h"
#include "core/learn/checks.h"
#include "core/sample/rows.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace ebm {
namespace {

using torch::Tensor;

struct Moments {
    float mean = 0, sd = 0;
};
/// sd with n − 1; 0 for a single value.
Moments moments_of(const Tensor& x) {
    const std::vector<double> values = numbers_of(x);
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return {static_cast<float>(mean),
            count > 1 ? static_cast<float>(std::sqrt(squares / (count - 1))) : 0.0f};
}
float share_or_nan(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<float>(static_cast<double>(part) / static_cast<double>(whole))
                     : std::nanf("");
}

/// Of a buffer whose slots are taken in turn: the next, and how many hold negatives.
constexpr const char* ring_name = "ring";

constexpr const char* remedy_of_contrast =
    "The energy grew faster than the chains could follow: lower train.learning_rate, raise "
    "sampler.steps or "
    "train.energy_l2, and go on from the last checkpoint.";

} // namespace

ContrastiveDivergence::ContrastiveDivergence(const Settings& settings, std::shared_ptr<Energy> energy,
                                             Batch data)
    : energy_(std::move(energy)), data_(std::move(data)) {
    require_learnable(*energy_, data_);
    average_ = energy_->clone();
    optimizer_ = Optimizer(*energy_);
    // The iterations draw their fresh chains at steps below 2^32 − 1, see training_place.
    const random::Place place{static_cast<std::uint64_t>(settings.train.seed), random::Stream::start,
                              static_cast<std::uint32_t>(RandomGroup::training), 0, 0xFFFFFFFFu};
    const auto low = static_cast<float>(settings.sampler.box_low),
               high = static_cast<float>(settings.sampler.box_high);
    buffer_ = ReplayBuffer(settings.buffer.size, energy_->sample_shape(),
                           labels_in_turn(settings.buffer.size, energy_->classes()),
                           {settings.buffer.bytes, low, high}, place);
}

Progress ContrastiveDivergence::progress() const {
    if (!under_way_) return {};
    return {under_way_->phase, under_way_->steps, planned_steps_};
}

std::optional<Record> ContrastiveDivergence::work(const Settings& settings, double seconds) {
    const auto started = std::chrono::steady_clock::now();
    const auto left = [&] {
        return seconds - std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    };
    const int begun_at = under_way_ ? under_way_->steps : 0;
    // Only sampling is worth an interruption, after a step at least.
    return go_on(settings, left, [&](const Iteration& part) {
        return left() <= 0 && part.phase == Phase::sample && part.steps > begun_at;
    });
}

std::optional<Record> ContrastiveDivergence::walk(const Settings& settings, Stride stride) {
    const Phase begun_in = progress().phase;
    // Without any time left, sampling makes a single step.
    const double seconds = stride == Stride::sampling_step ? 0 : std::numeric_limits<double>::infinity();
    return go_on(
        settings, [seconds] { return seconds; },
        [&](const Iteration& part) {
            return stride == Stride::sampling_step || (stride == Stride::line && part.phase != begun_in);
        });
}

std::optional<Record> ContrastiveDivergence::go_on(const Settings& settings,
                                                   const std::function<double()>& seconds_left,
                                                   const std::function<bool(const Iteration&)>& enough) {
    const auto started = std::chrono::steady_clock::now();
    const torch::NoGradGuard no_graph;
    const PowerIterationMoves as_published;
    if (!data_.x.defined())
        throw Error("There are no data to learn from", "training data", "Open the model with its data.");
    // Taken out, so that an iteration that fails is not gone on with.
    std::optional<Iteration> part = std::exchange(under_way_, std::nullopt);
    if (!part) part.emplace();
    std::optional<Record> record;
    do {
        if (part->phase == Phase::update)
            record = finish(settings, *part);
        else
            advance_phase(settings, *part, seconds_left());
    } while (!record && !enough(*part));
    if (!record) under_way_ = std::move(part);
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    if (record) record->seconds = seconds_;
    return record;
}

void ContrastiveDivergence::advance_phase(const Settings& settings, Iteration& part, double seconds) {
    const std::int64_t iteration = iteration_ + 1;
    const std::int64_t batch = std::min<std::int64_t>(settings.train.batch, buffer_.size());
    switch (part.phase) {
    case Phase::data:
        part.positives = draw_positives(settings, data_, batch, iteration);
        part.phase = Phase::start;
        if (account_) note_data(settings, part);
        break;
    case Phase::start:
        part.negatives = draw_negatives(settings, *energy_, buffer_, part.positives, iteration);
        part.data_only = data_only(settings, iteration);
        part.phase = part.data_only ? Phase::energies : Phase::sample;
        if (account_) note_start(part);
        break;
    case Phase::sample:
        sample(settings, part, seconds);
        break;
    case Phase::energies: {
        part.loss = (part.data_only ? data_gradient : loss_gradient)(
            *energy_, part.positives, part.negatives.x, settings.train.energy_l2);
        add_class_loss(settings, *energy_, part.positives, part.loss);
        double squared = 0;
        for (const Tensor& gradient : part.loss.gradient)
            squared += kernels::squared_norm(gradient.data_ptr<float>(), gradient.numel());
        part.gradient_norm = std::sqrt(squared);
        if (!std::isfinite(part.loss.loss)) throw_diverged("loss", iteration, remedy_of_contrast);
        if (!std::isfinite(part.gradient_norm))
            throw_diverged("gradient of the weights", iteration, remedy_of_contrast);
        part.phase = Phase::update;
        if (account_) note_energies(settings, part);
        break;
    }
    case Phase::update:
        break;
    }
}

void ContrastiveDivergence::sample(const Settings& settings, Iteration& part, double seconds) {
    planned_steps_ = settings.sampler.steps;
    const int left = std::max(0, settings.sampler.steps - part.steps);
    const double fit = seconds / seconds_per_step_;
    const int steps = fit < left ? std::max(1, static_cast<int>(fit)) : left;
    random::Place place = training_place(settings, random::Stream::noise, iteration_ + 1);
    place.step += static_cast<std::uint32_t>(part.steps);
    const auto started = std::chrono::steady_clock::now();
    const kernels::StepReport before = part.report;
    // Whoever is told what the last step did needs to know where it began.
    const int alone = account_ && steps > 1 ? 1 : 0;
    if (alone > 0) {
        part.negatives.x.x =
            advance(*energy_, part.negatives.x, step_settings(settings), place, steps - alone, part.report).x;
        place.step += static_cast<std::uint32_t>(steps - alone);
    }
    const Tensor before_last = part.negatives.x.x;
    const ChainState state = advance(*energy_, part.negatives.x, step_settings(settings), place,
                                     alone > 0 ? alone : steps, part.report);
    part.negatives.x.x = state.x;
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
    if (steps > 0) seconds_per_step_ = std::max(1e-9, taken.count() / steps);
    part.steps += steps;
    if (steps == left) part.phase = Phase::energies;
    if (account_) note_steps(part, state, before);
    if (account_ && steps > 0) note_last_step(settings, part, before_last, place);
}

/// Nothing here can fail: weights, moments and buffer change together or not at all.
Record ContrastiveDivergence::finish(const Settings& settings, const Iteration& done) {
    const std::int64_t iteration = iteration_ + 1;
    const Negatives& negatives = done.negatives;
    const kernels::StepReport& report = done.report;
    const LossGradient& loss = done.loss;
    const double norm = done.gradient_norm, limit = settings.train.gradient_norm;
    const double scale = limit > 0 && norm > limit ? limit / norm : 1.0;
    std::vector<Tensor> weights_before;
    if (account_)
        for (const auto& [name, weight] : energy_->parameters())
            weights_before.push_back(weight.detach().clone());
    optimizer_.step(settings, *energy_, *average_, loss.gradient, scale, iteration);
    if (!done.data_only && negatives.in_turn)
        buffer_.append(negatives.slots, negatives.x, loss.negative_energy, negatives.fresh, done.steps,
                       iteration);
    else if (!done.data_only)
        buffer_.put(negatives.slots, negatives.x, loss.negative_energy, negatives.fresh, done.steps,
                    iteration);
    energy_->after_update();
    average_->after_update();
    iteration_ = iteration;
    if (account_) note_update(settings, done, scale, weights_before);

    Record record;
    record.iteration = iteration;
    const Moments positive = moments_of(loss.positive_energy), negative = moments_of(loss.negative_energy);
    record.positive_energy = positive.mean;
    record.positive_energy_sd = positive.sd;
    record.negative_energy = negative.mean;
    record.negative_energy_sd = negative.sd;
    record.loss = static_cast<float>(loss.loss);
    record.regulariser = static_cast<float>(loss.regulariser);
    record.class_loss = static_cast<float>(loss.class_loss);
    record.learning_rate = static_cast<float>(learning_rate(settings, iteration, optimizer_.steps()));
    record.parameter_gradient_norm = static_cast<float>(norm);
    // Not finite where no step was taken: 0 / 0.
    record.gradient_norm = static_cast<float>(report.gradient_norm / static_cast<double>(report.chain_steps));
    record.gradient_norm_max = static_cast<float>(report.gradient_norm_max);
    record.clipped_share = share_or_nan(report.clipped, report.elements);
    record.clamped_share = share_or_nan(report.clamped, report.elements);
    record.acceptance = share_or_nan(report.accepted, report.proposals);
    record.jump_acceptance = share_or_nan(report.jumps_accepted, report.jumps);
    record.distance = static_cast<float>(report.distance / static_cast<double>(report.chain_steps));
    const std::int64_t count = negatives.fresh.numel();
    const bool* fresh = negatives.fresh.data_ptr<bool>();
    record.fresh_share = share_or_nan(std::count(fresh, fresh + count, true), count);
    return record;
}

NamedTensors ContrastiveDivergence::state() const {
    NamedTensors tensors = weights_state(*energy_, *average_);
    for (auto& entry : optimizer_.state(*energy_))
        tensors.push_back(std::move(entry));
    tensors.emplace_back("buffer.samples", buffer_.samples_);
    if (buffer_.labels_.defined()) tensors.emplace_back("buffer.labels", buffer_.labels_);
    tensors.emplace_back("buffer.energy", buffer_.energy_);
    tensors.emplace_back("buffer.age", buffer_.age_);
    tensors.emplace_back("buffer.reused", buffer_.reused_);
    tensors.emplace_back("buffer.birth", buffer_.birth_);
    if (iteration_ > 0 && (buffer_.next_ != 0 || buffer_.filled_ < buffer_.size()))
        tensors.emplace_back(ring_name, torch::tensor({buffer_.next_, buffer_.filled_}, torch::kLong));
    return tensors;
}

void ContrastiveDivergence::restore(const NamedTensors& state, std::int64_t iteration, double seconds,
                                    const std::string& origin) {
    const torch::NoGradGuard no_graph;
    const auto find = [&](const std::string& name) {
        return std::find_if(state.begin(), state.end(), [&](const auto& e) { return e.first == name; });
    };
    // The buffer has the size of that restored; everything else is as large as the model.
    const auto samples = find("buffer.samples");
    const std::int64_t size =
        samples != state.end() && samples->second.dim() > 0 ? samples->second.size(0) : 0;
    std::vector<std::pair<Tensor, Tensor>> copies;
    for (const auto& [name, target] : this->state()) {
        if (name == ring_name) continue;
        const auto source = find(name);
        if (source == state.end())
            throw Error(fmt::format("The training state has no tensor '{}'", name), origin,
                        "Open a checkpoint that was written while training with this model.");
        std::vector<std::int64_t> wanted = target.sizes().vec();
        if (name.starts_with("buffer.")) wanted[0] = std::max<std::int64_t>(1, size);
        if (source->second.sizes() != wanted || source->second.scalar_type() != target.scalar_type())
            throw Error(fmt::format("The tensor '{}' of the training state has another shape or type", name),
                        origin, "Use the scene that the checkpoint was written with.");
        if (!name.starts_with("buffer.")) copies.emplace_back(target, source->second);
    }
    // Without one all slots hold negatives, and the first is the next.
    std::int64_t next = 0, filled = iteration > 0 ? size : 0;
    if (const auto ring = find(ring_name); ring != state.end()) {
        const Tensor& kept = ring->second;
        if (kept.sizes() == at::IntArrayRef{2} && kept.scalar_type() == torch::kLong) {
            next = kept[0].item<std::int64_t>();
            filled = kept[1].item<std::int64_t>();
        } else {
            next = -1;
        }
        if (next < 0 || next >= size || filled < 0 || filled > size)
            throw Error(fmt::format("The tensor '{}' of the training state cannot be right", ring_name),
                        origin, "The file is damaged. Use an earlier checkpoint or another copy.");
    }
    for (auto& [target, source] : copies)
        target.copy_(source);
    const auto copied = [&](const char* name) { return find(name)->second.clone(); };
    buffer_.samples_ = copied("buffer.samples");
    if (buffer_.labels_.defined()) buffer_.labels_ = copied("buffer.labels");
    buffer_.energy_ = copied("buffer.energy");
    buffer_.age_ = copied("buffer.age");
    buffer_.reused_ = copied("buffer.reused");
    buffer_.birth_ = copied("buffer.birth");
    buffer_.next_ = next;
    buffer_.filled_ = filled;
    under_way_.reset();
    if (account_) account_ = Account();
    iteration_ = iteration;
    seconds_ = seconds;
    energy_->weights_changed();
    average_->weights_changed();
}

} // namespace ebm
