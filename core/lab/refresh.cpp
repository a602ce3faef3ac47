#include "core/lab/parts.h"

#include "core/base/memory.h"
#include "core/measure/diagnostics.h"

#include <cmath>

namespace ebm::lab {
namespace {

constexpr int coarse_resolution = 64, arrow_count = 24;
constexpr double memory_seconds = 2;

} // namespace

void Meter::forget(double now) const {
    const double keep = std::exp(-(now - last_) / memory_seconds);
    seconds_ *= keep;
    amount_ *= keep;
    weight_ = weight_ * keep + (1 - keep);
    last_ = now;
}

void Meter::add(double now, double seconds, double amount) {
    forget(now);
    seconds_ += seconds;
    amount_ += amount;
}

double Meter::rate(double now) const {
    forget(now);
    return weight_ > 0.02 ? amount_ / (memory_seconds * weight_) : 0;
}

double Meter::seconds(double now) const {
    forget(now);
    return seconds_;
}

bool Laboratory::Parts::wants(View view) const {
    const bool plane = dataset_.kind.plane;
    switch (view) {
    case View::field:
        return plane;
    case View::exact:
        return plane && dataset_.plane && !exact_;
    case View::slice:
        return !plane;
    case View::scores:
        return true;
    case View::buffer:
        return trainer_ != nullptr;
    case View::quality:
        return plane && trainer_ && dataset_.plane && dataset_.plane->log_density;
    case View::count:
        break;
    }
    return false;
}

bool Laboratory::Parts::refresh_due() {
    if (state_ == State::empty || !options_.for_window) return false;
    const bool plane = dataset_.kind.plane;
    const auto pause = [&](View view) {
        switch (view) {
        case View::field:
            return 0.06;
        case View::scores:
            return plane ? 0.7 : 2.0;
        case View::slice:
            return 0.25;
        case View::buffer:
            return 0.5;
        default:
            return 1.0;
        }
    };
    const double t = now();
    View chosen = View::count;
    double longest = 0;
    for (int i = 0; i < static_cast<int>(View::count); ++i) {
        const auto view = static_cast<View>(i);
        const Freshness& f = freshness_[static_cast<std::size_t>(i)];
        if (!wants(view) || (f.version == version_ && !f.wanted)) continue;
        if (f.wanted) {
            chosen = view;
            break;
        }
        // A costly view waits longer, so that each gets a like share of the budget.
        const double overdue = (t - f.at) / std::max(pause(view), 10 * f.cost);
        if (overdue > 1 && overdue > longest) {
            longest = overdue;
            chosen = view;
        }
    }
    if (chosen == View::count) return false;
    const double begin = now();
    refresh(chosen);
    Freshness& f = freshness_[static_cast<std::size_t>(chosen)];
    f.cost = now() - begin;
    // The first of each view is not charged: the budget would leave a new scene without a second for seconds.
    if (f.shown) viewing_.add(now(), f.cost);
    f.shown = true;
    return true;
}

void Laboratory::Parts::refresh(View view) {
    Freshness& f = freshness_[static_cast<std::size_t>(view)];
    const bool at_once = f.wanted;
    f.wanted = false;
    f.at = now();
    f.version = version_;
    const Energy& energy = shown_energy();
    const std::int64_t iteration = trainer_ ? trainer_->iteration() : 0;
    const double low = settings_.sampler.box_low, high = settings_.sampler.box_high;
    const int resolution = settings_.view.resolution;
    switch (view) {
    case View::field: {
        const bool coarse = at_once && resolution > coarse_resolution;
        field_ =
            field_view(energy, rect_, coarse ? coarse_resolution : resolution, arrows_ ? arrow_count : 0, low,
                       high, iteration, dataset_.view ? dataset_.view->points : std::vector<float>());
        if (coarse) {
            f.at = -1e9;
            f.version = -1;
        }
        break;
    }
    case View::exact:
        exact_ = exact_view(*dataset_.plane, rect_, resolution);
        break;
    case View::slice:
        basis_ = slice_basis(anchors_, dataset_, chains_->states(),
                             static_cast<std::uint64_t>(settings_.train.seed));
        slice_ =
            slice_view(energy, basis_, anchors_, slice_rect_, std::clamp(resolution / 4, 16, 64), iteration);
        break;
    case View::scores:
        scores_ = scores_view(energy, dataset_, buffer_samples(), chains_->states(), settings_.view.scored,
                              iteration);
        break;
    case View::buffer:
        buffer_ = buffer_view(trainer_->buffer(), query_, dataset_.kind);
        break;
    case View::quality: {
        if (!quadrature_)
            quadrature_ = plane_quadrature(dataset_, settings_,
                                           options_.for_window ? measure::Effort() : measure::thorough);
        auto points = std::make_shared<std::vector<QualityPoint>>(*quality_);
        if (!points->empty() && points->back().iteration == iteration) points->pop_back();
        points->push_back(
            quality_point(iteration, training_seconds(), quadrature_->divergence(energy_of_points(energy))));
        quality_ = points;
        break;
    }
    case View::count:
        break;
    }
}

void Laboratory::Parts::fill(Snapshot& snapshot) {
    const double t = now();
    snapshot.state = state_;
    snapshot.scene = scene_;
    snapshot.settings = settings_;
    snapshot.iteration = trainer_ ? trainer_->iteration() : 0;
    snapshot.roll_back_iteration =
        good_states_[0].iteration >= 0 ? good_states_[0].iteration : good_states_[1].iteration;
    snapshot.trainable = trainer_ != nullptr;
    snapshot.kind = dataset_.kind;
    snapshot.energy_title = energy_title_;
    snapshot.device = device_name(state_ == State::empty ? device_.gpu.get() : shown_energy().gpu());
    snapshot.device_choice = options_.device;
    snapshot.device_note = device_.note;
    snapshot.parameter_count = parameter_count_;
    snapshot.threads = options_.threads;
    snapshot.pace = pace_;
    snapshot.chains_frozen = chains_frozen_;
    const bool running = state_ == State::running;
    snapshot.iterations_per_second = running && training_left() ? training_.rate(t) : 0;
    snapshot.chain_steps_per_second = running ? chain_steps_.rate(t) : 0;
    snapshot.training_seconds = training_seconds();
    const double busy = training_.seconds(t) + chain_steps_.seconds(t) + viewing_.seconds(t);
    snapshot.training_share = training_left() && busy > 0 ? training_.seconds(t) / busy : 0;
    snapshot.memory_bytes = resident_memory();
    snapshot.minima.clear();
    for (const EnergyKind& kind : energy_kinds())
        if (kind.name == settings_.model.energy) snapshot.minima = kind.minima;
    if (state_ == State::empty) return;
    snapshot.kernel = shown_energy().kernel_name();

    chains_->fill(snapshot.chains);
    if (!dataset_.kind.plane) snapshot.chains.positions = project(basis_, chains_->states());
    if (reading_.chain_steps > 0 && t - reading_since_ > 0.2) {
        const auto& r = reading_;
        const auto steps = static_cast<double>(r.chain_steps), elements = static_cast<double>(r.elements);
        const auto share = [](std::int64_t part, std::int64_t whole) {
            return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : std::nan("");
        };
        sampler_reading_.gradient_norm = r.gradient_norm / steps;
        sampler_reading_.distance = r.distance / steps;
        sampler_reading_.clipped_share = static_cast<double>(r.clipped) / elements;
        sampler_reading_.clamped_share = static_cast<double>(r.clamped) / elements;
        sampler_reading_.acceptance = share(r.accepted, r.proposals);
        sampler_reading_.jump_acceptance = share(r.jumps_accepted, r.jumps);
        reading_ = {};
        reading_since_ = t;
    }
    snapshot.reading = sampler_reading_;
    snapshot.reading.temperature = implied_temperature(step_settings(settings_));
    if (!recent_.empty()) {
        const std::vector<TrainingRecord> recent(recent_.begin(), recent_.end());
        health_ = std::make_shared<measure::Health>(measure::judge(recent, settings_));
    }
    snapshot.data = dataset_.view;
    snapshot.field = field_;
    snapshot.exact = exact_;
    snapshot.slice = slice_;
    snapshot.trace = chains_->trace();
    snapshot.scores = scores_;
    snapshot.buffer = buffer_;
    snapshot.health = health_;
    snapshot.quality = quality_;
    snapshot.changes = changes_;
    snapshot.records = records_;
}

} // namespace ebm::lab
