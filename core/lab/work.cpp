#include "core/lab/parts.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/measure/diagnostics.h"
#include "core/store/checkpoint.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr double longest_part = 0.025;         ///< seconds of an iteration that a command may wait for
constexpr std::int64_t good_state_every = 200; ///< iterations
constexpr double autosave_every = 60;          ///< seconds, at least
constexpr double worth_autosaving = 5;         ///< seconds of training, about which closing the window asks
constexpr double autosave_share = 0.02;        ///< of the time may go into saving
constexpr double settled_after = 1;            ///< seconds without a change: a slider passes many values

} // namespace

void Laboratory::Parts::train_once() {
    run_->data().require_training_data();
    while (!train_for(std::numeric_limits<double>::infinity())) {
    }
}

/// Returns whether an iteration became whole.
bool Laboratory::Parts::train_for(double seconds) {
    const double begin = now();
    run_->keep_account(options_.for_window && views_.shown(View::algorithm));
    const bool whole = run_->train(seconds).has_value();
    training_.add(now(), now() - begin, whole ? 1 : 0);
    if (whole) iteration_done();
    return whole;
}

void Laboratory::Parts::walk(Stride stride) {
    run_->data().require_training_data();
    run_->keep_account(options_.for_window);
    const double begin = now();
    const bool whole = run_->walk(stride).has_value();
    training_.add(now(), now() - begin, whole ? 1 : 0);
    views_.want(View::buffer); // its slots light up with the lines
    if (whole) iteration_done();
}

void Laboratory::Parts::require_training() const {
    if (!run_->trainable())
        throw Error("An analytic energy is not trained", "", "Open a scene with data to train on.");
}

void Laboratory::Parts::iteration_done() {
    model_changed();
    if (run_->iteration() % good_state_every == 0) keep_good_state();
    if (run_->iteration() != run_->settings().train.iterations) return;
    views_.want_all();
    if (!options_.for_window) return; // the command line has its own words
    const measure::Health health =
        measure::judge(run_->curves().recent(), run_->in_force(), training_circumstances());
    if (health.level == measure::HealthLevel::failure)
        log::warning("Training ended after {} iterations. {}. {}", run_->iteration(), health.sentence,
                     health.remedy);
    else
        log::info("Training finished after {} iterations.", run_->iteration());
}

measure::Circumstances Laboratory::Parts::training_circumstances() const {
    measure::Circumstances around = run_->circumstances();
    around.training = true;
    return around;
}

void Laboratory::Parts::keep_good_state() {
    if (!options_.for_window) return;
    const measure::Health health =
        measure::judge(run_->curves().recent(), run_->in_force(), training_circumstances());
    if (health.level != measure::HealthLevel::failure) run_->keep_good_state();
}

void Laboratory::Parts::step_chains() {
    if (watch_.drawing())
        watch_.draw(*run_, now());
    else
        watch_.step(*run_, now());
    views_.chains_moved();
}

void Laboratory::Parts::pause_if_reached() {
    if (state_ != State::running) return;
    const PauseAt& at = pause_at_;
    const bool reached = (at.chain_steps >= 0 && watch_.chains().steps_made() >= at.chain_steps) ||
                         (at.iteration >= 0 && run_->iteration() >= at.iteration);
    if (!reached) return;
    state_ = State::paused;
    pause_at_ = {};
}

bool Laboratory::Parts::has_to_autosave() const {
    if (options_.recovery.empty() || !run_->trainable() || run_->unsaved_iterations() <= 0) return false;
    // What a copy began with may be nowhere else.
    const double unsaved = copied_ ? run_->seconds() : run_->unsaved_seconds();
    return unsaved >= worth_autosaving && run_->iteration() != autosaved_iteration_;
}

/// Writes what nobody has saved to Options::recovery, each minute and less often if that takes long.
void Laboratory::Parts::autosave() {
    if (!has_to_autosave() || now() < next_autosave_) return;
    const double begin = now();
    try {
        store::write_checkpoint(options_.recovery, checkpoint(options_.recovery));
    } catch (const Error& error) {
        log::warning("The run could not be kept for recovery: {}", error.what());
    }
    autosaved_iteration_ = run_->iteration();
    next_autosave_ = now() + std::max(autosave_every, (now() - begin) / autosave_share);
}

void Laboratory::Parts::tell_changes() {
    if (untold_changes_.empty() || now() < last_change_ + settled_after) return;
    for (const auto& [key, before] : untold_changes_) {
        const Setting& row = setting(key);
        const std::string after = row.text(run_->settings());
        if (after == before) continue;
        const std::string when =
            run_->trainable() ? fmt::format(" at iteration {}", run_->iteration()) : std::string();
        if (row.key == "sampler.walls") // a painting, of which the text says nothing
            log::info("{} changed{}.", row.label, when);
        else
            log::info("{}: {} → {}{}.", row.label, before.empty() ? "–" : before, after.empty() ? "–" : after,
                      when);
    }
    untold_changes_.clear();
}

double Laboratory::Parts::next_duty() const {
    double next = std::numeric_limits<double>::infinity();
    if (!untold_changes_.empty()) next = last_change_ + settled_after;
    if (has_to_autosave()) next = std::min(next, next_autosave_);
    return next;
}

Work Laboratory::Parts::work_on_run(std::chrono::microseconds budget) {
    if (!run_) return {};
    const double end = now() + std::chrono::duration<double>(budget).count();
    const auto clock = [this] { return now(); };
    const auto refresh = [&] { return views_.refresh_due(*run_, watch_, now(), clock); };
    const bool running = state_ == State::running;
    const bool by_lines = watch_.pace().speed == Speed::lines;
    Work work;
    if (next_autosave_ == 0) next_autosave_ = now() + autosave_every;
    autosave();
    tell_changes();
    views_.train_on(running && trains());
    if (!running || watch_.slow()) {
        if (running && watch_.slow_step_due(now())) {
            watch_.plan_slow_step(now());
            const bool training = trains();
            if (training && by_lines)
                walk(Stride::sampling_step);
            else if (training)
                train_once();
            const bool chains = watch_.moving() && !(training && by_lines);
            if (chains) step_chains();
            work.changed = training || chains;
            pause_if_reached();
        }
        // Samples that were asked for come about in a laboratory at rest too.
        for (bool some = false; !running && watch_.drawing() && (!some || now() < end); some = true) {
            step_chains();
            work.changed = true;
        }
        while (now() < end && refresh())
            work.changed = true;
        work.wait = std::max(0.0, std::min(views_.next_due(*run_, watch_), next_duty()) - now());
        const bool steps = running && (trains() || watch_.moving());
        if (steps) work.wait = std::min(work.wait, std::max(0.0, watch_.next_slow_step() - now()));
        if (!running && watch_.drawing()) work.wait = 0;
        return work;
    }
    // Beside training, live chains get 5 % of the time and views 4 %; alone, chains get what the views (20 %)
    // leave.
    while (now() < end && state_ == State::running) {
        const double t = now();
        if (views_.refresh_verdict(*run_, watch_, t)) work.changed = true;
        const bool training = trains(), chains = watch_.moving();
        const double spent =
            training_.seconds(t) + watch_.meter().seconds(t) + views_.meter().seconds(t) + 1e-6;
        const bool views_may = views_.meter().seconds(t) < (training ? 0.04 : 0.2) * spent + 0.02;
        if ((views_may || !(training || chains)) && refresh()) {
            work.changed = true;
            continue;
        }
        if (!training && !chains) {
            work.wait = std::max(0.0, std::min(views_.next_due(*run_, watch_), next_duty()) - now());
            return work;
        }
        if (training && (!chains || watch_.meter().seconds(t) >= 0.05 * spent))
            train_for(longest_part);
        else
            step_chains();
        work.changed = true;
        pause_if_reached();
    }
    work.wait = 0;
    return work;
}

} // namespace ebm::lab
