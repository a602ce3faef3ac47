#include "core/lab/live_chains.h"

#include "core/base/error.h"
#include "core/lab/views.h"
#include "core/measure/diagnostics.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

namespace ebm::lab {
namespace {

constexpr std::uint32_t live_group = static_cast<std::uint32_t>(RandomGroup::live_chains);

std::vector<int> all_chains(std::int64_t count) {
    std::vector<int> chains(static_cast<std::size_t>(count));
    std::iota(chains.begin(), chains.end(), 0);
    return chains;
}

} // namespace

LiveChains::LiveChains(const SampleKind& kind, Shape shape, std::uint64_t seed)
    : kind_(kind), shape_(std::move(shape)), seed_(seed) {
    Shape none = shape_;
    none.insert(none.begin(), 0);
    x_ = torch::empty(none);
    energy_ = torch::empty({0});
    gradient_norm_ = torch::empty({0});
}

random::Place LiveChains::fresh_place(std::int64_t count) {
    const random::Place place{seed_, random::Stream::start, live_group, fresh_, 0};
    fresh_ += static_cast<std::uint32_t>(count);
    return place;
}

void LiveChains::restart(const torch::Tensor& starts, const std::vector<int>& which) {
    const float unknown = std::numeric_limits<float>::quiet_NaN();
    if (which.empty()) {
        x_ = starts.clone();
        const std::int64_t n = x_.size(0);
        energy_ = torch::full({n}, unknown);
        gradient_norm_ = torch::full({n}, unknown);
        age_.assign(static_cast<std::size_t>(n), 0);
        accepted_.assign(static_cast<std::size_t>(n), 1);
        trail_filled_ = 0;
        if (selected_ >= n) selected_ = -1;
        if (kind_.plane) {
            trail_.assign(static_cast<std::size_t>(trail_length * n * 2), 0.0f);
            record_trail();
        }
    } else {
        for (std::size_t i = 0; i < which.size(); ++i) {
            x_[which[i]] = starts[static_cast<std::int64_t>(i)];
            energy_[which[i]] = unknown;
            age_.at(static_cast<std::size_t>(which[i])) = 0;
        }
        clear_trail(which);
    }
    parts_ = {};
    if (selected_ >= 0 && (which.empty() || std::ranges::find(which, selected_) != which.end()))
        select(selected_);
}

void LiveChains::resize(int count, const std::function<torch::Tensor(std::int64_t)>& starts) {
    const std::int64_t have = x_.size(0);
    if (count == have) return;
    const auto age = age_;
    const int selected = selected_;
    torch::Tensor x = count < have ? x_.slice(0, 0, count) : torch::cat({x_, starts(count - have)});
    restart(x, {});
    std::copy_n(age.begin(), std::min(age.size(), age_.size()), age_.begin());
    selected_ = selected < count ? selected : -1;
}

std::vector<int> LiveChains::at_end_of_life(int life) const {
    std::vector<int> chains;
    for (std::int64_t i = 0; life > 0 && i < count(); ++i)
        if ((step_ + i * life / count()) % life == 0 && i != selected_) chains.push_back(static_cast<int>(i));
    return chains;
}

void LiveChains::drop(float x, float y, int count, float spread) {
    std::vector<int> oldest = all_chains(this->count());
    dropped_.resize(oldest.size(), 0);
    // Of chains of one age, as all are before the first step, those that were not dropped just now.
    const auto key = [&](int chain) {
        const auto k = static_cast<std::size_t>(chain);
        return std::tuple(-age_[k], dropped_[k], chain);
    };
    const auto take = std::min<std::size_t>(static_cast<std::size_t>(std::max(count, 1)), oldest.size());
    std::partial_sort(oldest.begin(), oldest.begin() + static_cast<std::ptrdiff_t>(take), oldest.end(),
                      [&](int a, int b) { return key(a) < key(b); });
    oldest.resize(take);
    ++drops_;
    for (const int chain : oldest)
        dropped_[static_cast<std::size_t>(chain)] = drops_;
    const auto n = static_cast<std::int64_t>(take);
    torch::Tensor starts =
        spread > 0 ? spread * normal_samples(n, shape_, fresh_place(n)) : torch::zeros({n, 2});
    starts += torch::tensor({x, y});
    restart(starts, oldest);
    if (n == 1) select(oldest.front());
}

void LiveChains::move(int chain, float x, float y) {
    if (chain < 0 || chain >= count()) throw Error("There is no such chain", "", "Choose one that is shown.");
    x_[chain] = torch::tensor({x, y});
    clear_trail({chain});
}

void LiveChains::select(int chain) {
    selected_ = chain >= 0 && chain < count() ? chain : -1;
    trace_energy_.clear();
    trace_gradient_.clear();
    trace_position_.clear();
    frames_.clear();
    trace_start_ = step_;
    if (selected_ >= 0 && !kind_.plane) record_frame();
}

void LiveChains::step(const Energy& energy, const kernels::StepSettings& step, kernels::StepReport& report) {
    const torch::Tensor before = x_;
    const random::Place first{seed_, random::Stream::noise, live_group, 0, step_};
    parts_ = {};
    after_step(energy, before, advance(energy, {x_, labels_}, step, first, 1, report), step);
}

void LiveChains::step_slowly(const Energy& energy, const kernels::StepSettings& step,
                             kernels::StepReport& report) {
    const torch::Tensor before = x_;
    const random::Place place{seed_, random::Stream::noise, live_group, 0, step_};
    StepEvents events;
    const ChainState state = step_reference(energy, {x_, labels_}, step, place, report, events);
    const auto flags = [](const torch::Tensor& values) {
        const torch::Tensor bytes = values.to(torch::kByte).contiguous();
        return std::vector<std::uint8_t>(bytes.data_ptr<std::uint8_t>(),
                                         bytes.data_ptr<std::uint8_t>() + bytes.numel());
    };
    parts_ = {static_cast<std::int64_t>(step_), events.noise_first,     to_vector(events.start),
              to_vector(events.kick),           to_vector(events.pull), to_vector(events.proposal),
              to_vector(events.step_scale),     flags(events.jumped),   flags(events.accepted)};
    after_step(energy, before, state, step);
}

void LiveChains::after_step(const Energy& energy, const torch::Tensor& before, const ChainState& state,
                            const kernels::StepSettings& step) {
    const std::int64_t n = count();
    const torch::Tensor moved = (state.x != before).flatten(1).any(1);
    const bool* flags = moved.data_ptr<bool>();
    for (std::int64_t i = 0; i < n; ++i) {
        ++age_[static_cast<std::size_t>(i)];
        accepted_[static_cast<std::size_t>(i)] = flags[i];
    }
    x_ = state.x;
    energy_ = state.energy;
    gradient_norm_ = state.gradient_norm;
    energies_lag_ = step.rule != kernels::Rule::mala;
    ++step_;
    if (kind_.plane) record_trail();
    if (selected_ >= 0) record_trace(energy);
}

void LiveChains::measure(const Energy& energy) {
    const auto [value, gradient] = energy.value_and_gradient({x_, labels_});
    energy_ = value;
    gradient_norm_ = gradient.flatten(1).norm(2, 1);
    energies_lag_ = false;
    if (frames_.size() != 1) return;
    frames_[0].energy = energy_[selected_].item<float>();
    frames_[0].gradient_norm = gradient_norm_[selected_].item<float>();
}

void LiveChains::record_trail() {
    const auto row = static_cast<std::size_t>(count() * 2);
    trail_head_ = (trail_head_ + 1) % trail_length;
    const torch::Tensor x = x_.contiguous();
    std::copy_n(x.data_ptr<float>(), row, trail_.begin() + static_cast<std::ptrdiff_t>(row) * trail_head_);
    trail_filled_ = std::min(trail_filled_ + 1, trail_length);
}

void LiveChains::clear_trail(const std::vector<int>& chains) {
    if (!kind_.plane) return;
    const torch::Tensor x = x_.contiguous();
    const float* at = x.data_ptr<float>();
    const auto row = static_cast<std::size_t>(count() * 2);
    for (int chain : chains)
        for (std::size_t t = 0; t < trail_length; ++t)
            std::copy_n(at + 2 * chain, 2, trail_.begin() + static_cast<std::ptrdiff_t>(t * row) + 2 * chain);
}

void LiveChains::record_trace(const Energy& energy) {
    const auto keep = [](auto& values, std::size_t most) {
        while (values.size() > most)
            values.pop_front();
    };
    if (energies_lag_) {
        const auto here = energy.value_and_gradient(
            {x_.slice(0, selected_, selected_ + 1),
             labels_.defined() ? labels_.slice(0, selected_, selected_ + 1) : torch::Tensor()});
        energy_[selected_] = here.value[0];
        gradient_norm_[selected_] = here.gradient.norm();
    }
    trace_energy_.push_back(energy_[selected_].item<float>());
    trace_gradient_.push_back(gradient_norm_[selected_].item<float>());
    if (kind_.plane) {
        trace_position_.push_back(x_[selected_][0].item<float>());
        trace_position_.push_back(x_[selected_][1].item<float>());
    } else {
        record_frame();
    }
    if (trace_energy_.size() > trace_length) ++trace_start_;
    keep(trace_energy_, trace_length);
    keep(trace_gradient_, trace_length);
    keep(trace_position_, 2 * trace_length);
}

void LiveChains::record_frame() {
    frames_.push_back({step_, energy_[selected_].item<float>(), gradient_norm_[selected_].item<float>(),
                       to_pixels(x_.slice(0, selected_, selected_ + 1))});
    if (frames_.size() > frame_count) thin_frames();
}

/// Drops the frame that is missed least: the gap it leaves is small beside its distance to the nearer end, so
/// that the first and the newest steps stay dense.
void LiveChains::thin_frames() {
    constexpr double dense = 16; // steps
    std::size_t least = 1;
    double smallest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i + 1 < frames_.size(); ++i) {
        const auto gap = static_cast<double>(frames_[i + 1].step - frames_[i - 1].step);
        const auto distance = static_cast<double>(
            std::min(frames_[i].step - frames_.front().step, frames_.back().step - frames_[i].step));
        const double missed = gap / std::max(dense, distance);
        if (missed >= smallest) continue;
        smallest = missed;
        least = i;
    }
    frames_.erase(frames_.begin() + static_cast<std::ptrdiff_t>(least));
}

NamedTensors LiveChains::state() const {
    NamedTensors state{{"chains.x", x_},
                       {"chains.age", torch::tensor(age_, torch::kInt)},
                       {"chains.counters",
                        torch::tensor({static_cast<std::int64_t>(step_), static_cast<std::int64_t>(fresh_),
                                       static_cast<std::int64_t>(selected_)},
                                      torch::kLong)}};
    if (labels_.defined()) state.emplace_back("chains.labels", labels_);
    return state;
}

bool LiveChains::restore(const NamedTensors& state, const std::string& origin) {
    const auto find = [&](const char* name) {
        const auto found = std::ranges::find(state, name, [](const auto& entry) { return entry.first; });
        return found == state.end() ? torch::Tensor() : found->second;
    };
    const torch::Tensor x = find("chains.x"), age = find("chains.age"), counters = find("chains.counters"),
                        labels = find("chains.labels");
    if (!x.defined() && !age.defined() && !counters.defined()) return false;
    const bool fits = x.defined() && age.defined() && counters.defined() && x.dim() > 1 &&
                      x.sizes().slice(1).vec() == shape_ && x.scalar_type() == torch::kFloat &&
                      age.sizes() == torch::IntArrayRef{x.size(0)} && age.scalar_type() == torch::kInt &&
                      counters.sizes() == torch::IntArrayRef{3} && counters.scalar_type() == torch::kLong &&
                      (!labels.defined() || (labels.sizes() == torch::IntArrayRef{x.size(0)} &&
                                             labels.scalar_type() == torch::kLong));
    if (!fits)
        throw Error("The live chains of the checkpoint do not fit its model", origin,
                    "The file is damaged. Use an earlier checkpoint or another copy.");
    selected_ = -1;
    restart(x, {});
    labels_ = labels.defined() ? labels.clone() : torch::Tensor();
    age_.assign(age.data_ptr<std::int32_t>(), age.data_ptr<std::int32_t>() + age.numel());
    const std::int64_t* counter = counters.data_ptr<std::int64_t>();
    step_ = static_cast<std::uint32_t>(counter[0]);
    fresh_ = static_cast<std::uint32_t>(counter[1]);
    select(static_cast<int>(std::clamp<std::int64_t>(counter[2], -1, count() - 1)));
    return true;
}

void LiveChains::fill(ChainsView& view) const {
    const auto n = static_cast<std::size_t>(count());
    view.count = static_cast<int>(n);
    const auto copy = [](std::vector<float>& out, const torch::Tensor& values) {
        const torch::Tensor flat = values.contiguous();
        out.assign(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
    };
    copy(view.energy, energy_);
    copy(view.gradient_norm, gradient_norm_);
    view.age = age_;
    view.labels.clear();
    if (labels_.defined())
        view.labels.assign(labels_.data_ptr<std::int64_t>(),
                           labels_.data_ptr<std::int64_t>() + labels_.numel());
    view.accepted = accepted_;
    view.parts = parts_;
    view.trail_length = 0;
    view.shown = 0;
    if (kind_.plane) {
        copy(view.positions, x_);
        view.trail_length = trail_filled_;
        view.trail.resize(static_cast<std::size_t>(trail_filled_) * n * 2);
        for (int t = 0; t < trail_filled_; ++t) {
            const int row = (trail_head_ - (trail_filled_ - 1 - t) + trail_length) % trail_length;
            std::copy_n(trail_.begin() + static_cast<std::ptrdiff_t>(n * 2) * row, n * 2,
                        view.trail.begin() + static_cast<std::ptrdiff_t>(n * 2) * t);
        }
    }
}

std::shared_ptr<const TraceView> LiveChains::trace(const Energy& energy) const {
    if (selected_ < 0) return nullptr;
    auto view = std::make_shared<TraceView>();
    view->chain = selected_;
    if (energy.classes() > 0)
        view->class_energy =
            to_vector(class_energies_in_pieces(energy, x_.slice(0, selected_, selected_ + 1)));
    view->first_step = trace_start_;
    view->energy.assign(trace_energy_.begin(), trace_energy_.end());
    view->gradient_norm.assign(trace_gradient_.begin(), trace_gradient_.end());
    view->positions.assign(trace_position_.begin(), trace_position_.end());
    view->frames = static_cast<int>(frames_.size());
    for (const Frame& frame : frames_) {
        view->pixels.insert(view->pixels.end(), frame.pixels.begin(), frame.pixels.end());
        view->frame_steps.push_back(frame.step);
        view->frame_energy.push_back(frame.energy);
        view->frame_gradient_norm.push_back(frame.gradient_norm);
    }
    view->effective_samples = std::numeric_limits<double>::quiet_NaN();
    if (view->energy.size() >= 32) {
        const std::vector<double> energies(view->energy.begin(), view->energy.end());
        const std::size_t lags = std::min<std::size_t>(200, energies.size() / 2);
        for (double value : measure::autocorrelation(energies, lags))
            view->autocorrelation.push_back(static_cast<float>(value));
        view->effective_samples = measure::effective_sample_size({energies});
    }
    return view;
}

} // namespace ebm::lab
