#include "core/learn/contrastive_divergence.h"

#include "core/sample/rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

/// What somebody who reads Algorithm 1 line by line is told. Nothing here changes the training.
namespace ebm {
namespace {

using torch::Tensor;

constexpr std::int64_t most_numbers = 8192; ///< of samples that are listed
constexpr std::int64_t fewest_samples = 8;

float mean_of(const Tensor& x) {
    const std::vector<double> values = numbers_of(x);
    return static_cast<float>(std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size()));
}

/// The first samples, as many as an account lists.
std::vector<float> first_samples(const Tensor& x, int shown) {
    const float* values = x.data_ptr<float>();
    return {values, values + shown * (x.numel() / x.size(0))};
}

template <class Number>
std::vector<Number> all_of(const Tensor& x) {
    const Number* values = x.data_ptr<Number>();
    return {values, values + x.numel()};
}

/// Of the first samples, as many as an account lists.
std::vector<float> first_numbers(const Tensor& x, int shown) {
    std::vector<double> values = numbers_of(x);
    values.resize(std::min(values.size(), static_cast<std::size_t>(shown)));
    return {values.begin(), values.end()};
}

/// after − before, element by element.
std::vector<float> changes(const std::vector<float>& before, const std::vector<float>& after) {
    std::vector<float> change;
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i)
        change.push_back(after[i] - before[i]);
    return change;
}

float share(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<float>(static_cast<double>(part) / static_cast<double>(whole)) : 0.0f;
}

} // namespace

void ContrastiveDivergence::keep_account(bool kept) {
    if (kept == account_.has_value()) return;
    account_.reset();
    if (!kept) return;
    account_.emplace();
    account_->iteration = iteration_;
}

void ContrastiveDivergence::note_data(const Settings& settings, const Iteration& part) {
    Account account;
    account.iteration = iteration_ + 1;
    const Tensor& x = part.positives.x;
    const std::int64_t count = x.size(0), elements = x.numel() / count;
    account.data_count = data_.size();
    account.rows = all_of<std::int64_t>(positive_rows(settings, data_.size(), count, iteration_ + 1));
    account.elements = static_cast<int>(elements);
    account.shown = static_cast<int>(std::min(count, std::max(fewest_samples, most_numbers / elements)));
    account.positives = first_samples(x, account.shown);
    account_ = std::move(account);
    account_->progress = {part.phase, 0, settings.sampler.steps};
}

void ContrastiveDivergence::note_start(const Iteration& part) {
    Account& account = *account_;
    if (account.iteration != iteration_ + 1) return;
    const Negatives& negatives = part.negatives;
    account.buffer_size = buffer_.size();
    account.slots = all_of<std::int64_t>(negatives.slots);
    account.buffer_filled = negatives.in_turn ? buffer_.filled_ : buffer_.size();
    if (negatives.in_turn) account.put = all_of<std::int64_t>(buffer_.next_slots(negatives.slots.size(0)));
    const Tensor fresh = negatives.fresh.contiguous();
    account.fresh.assign(fresh.data_ptr<bool>(), fresh.data_ptr<bool>() + fresh.numel());
    account.fresh_count = std::count(account.fresh.begin(), account.fresh.end(), std::uint8_t(1));
    account.ages = all_of<std::int64_t>(take_rows(buffer_.age_, negatives.slots));
    for (std::size_t i = 0; i < account.ages.size(); ++i)
        if (account.fresh[i]) account.ages[i] = 0;
    account.negatives = first_samples(negatives.x.x.contiguous(), account.shown);
    account.progress.phase = part.phase;
}

void ContrastiveDivergence::note_steps(const Iteration& part, const ChainState& state,
                                       const kernels::StepReport& before) {
    Account& account = *account_;
    if (account.iteration != iteration_ + 1) return;
    account.progress = {part.phase, part.steps, planned_steps_};
    account.negatives = first_samples(state.x.contiguous(), account.shown);
    const kernels::StepReport& after = part.report;
    const std::int64_t chain_steps = after.chain_steps - before.chain_steps;
    if (chain_steps == 0) return;
    account.energies = all_of<float>(state.energy.to(torch::kFloat).contiguous());
    account.gradient_norms = all_of<float>(state.gradient_norm.to(torch::kFloat).contiguous());
    account.mean_energy = mean_of(state.energy);
    account.mean_gradient_norm = mean_of(state.gradient_norm);
    const Tensor accepted = state.accepted.contiguous();
    const bool* flags = accepted.data_ptr<bool>();
    account.stayed.clear();
    for (std::int64_t i = 0; i < accepted.numel(); ++i)
        account.stayed.push_back(!flags[i]);
    account.refused = std::count(flags, flags + accepted.numel(), false);
    const std::int64_t elements = after.elements - before.elements;
    account.clipped_share = share(after.clipped - before.clipped, elements);
    account.clamped_share = share(after.clamped - before.clamped, elements);
    account.jumps = after.jumps - before.jumps;
    account.jumps_accepted = after.jumps_accepted - before.jumps_accepted;
    account.distance =
        static_cast<float>((after.distance - before.distance) / static_cast<double>(chain_steps));
}

/// The step is repeated with the reference sampler, which tells what it does; nothing of it is kept but that.
void ContrastiveDivergence::note_last_step(const Settings& settings, const Iteration& part, const Tensor& x,
                                           const random::Place& place) {
    Account& account = *account_;
    if (account.iteration != iteration_ + 1) return;
    const auto first = [&](const Tensor& of) { return of.defined() ? of.slice(0, 0, account.shown) : of; };
    const Batch start{first(x).contiguous(), first(part.negatives.x.labels)};
    // A copy: evaluations would move the power iteration of a network that is normalised in every step.
    const std::shared_ptr<Energy> twin = energy_->clone();
    kernels::StepReport report;
    StepEvents events;
    (void)step_reference(*twin, start, step_settings(settings), place, report, events);
    account.step_scales = all_of<float>(events.step_scale.to(torch::kFloat).contiguous());
    const Tensor jumped = events.jumped.contiguous();
    account.jumped.assign(jumped.data_ptr<bool>(), jumped.data_ptr<bool>() + jumped.numel());
    account.proposed_energies =
        all_of<float>(twin->value({events.proposal, start.labels}).to(torch::kFloat).contiguous());
}

void ContrastiveDivergence::note_energies(const Settings& settings, const Iteration& part) {
    Account& account = *account_;
    if (account.iteration != iteration_ + 1) return;
    account.positive_energy = mean_of(part.loss.positive_energy);
    account.negative_energy = mean_of(part.loss.negative_energy);
    account.positive_energies = first_numbers(part.loss.positive_energy, account.shown);
    account.negative_energies = first_numbers(part.loss.negative_energy, account.shown);
    account.regulariser = static_cast<float>(part.loss.regulariser);
    account.energy_l2 = static_cast<float>(settings.train.energy_l2);
    account.class_loss = static_cast<float>(part.loss.class_loss);
    account.class_weight =
        std::isnan(part.loss.class_loss) ? 0.0f : static_cast<float>(settings.train.class_weight);
    account.loss = static_cast<float>(part.loss.loss);
    account.gradient_norm_weights = static_cast<float>(part.gradient_norm);
    account.progress.phase = part.phase;
}

void ContrastiveDivergence::note_update(const Settings& settings, const Iteration& done, double scale,
                                        const std::vector<Tensor>& weights_before) {
    Account& account = *account_;
    if (account.iteration != iteration_) return;
    account.gradient_scale = static_cast<float>(scale);
    account.learning_rate = static_cast<float>(learning_rate(settings, iteration_, optimizer_.steps()));
    double squared = 0;
    const NamedTensors weights = energy_->parameters();
    for (std::size_t i = 0; i < weights.size(); ++i)
        squared += (weights[i].second.detach() - weights_before[i]).square().sum().item<double>();
    account.update_norm = static_cast<float>(std::sqrt(squared));
    const std::shared_ptr<Energy> twin = energy_->clone(); // as above
    const Tensor positive = twin->value(done.positives).contiguous(),
                 negative = twin->value(done.negatives.x).contiguous();
    account.positive_after = mean_of(positive);
    account.negative_after = mean_of(negative);
    account.positive_changes = changes(account.positive_energies, first_numbers(positive, account.shown));
    account.negative_changes = changes(account.negative_energies, first_numbers(negative, account.shown));
    account.progress = {Phase::data, done.steps, planned_steps_};
    account.whole = true;
}

} // namespace ebm
