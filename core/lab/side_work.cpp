#include "core/lab/parts.h"

#include <algorithm>

/// What shares the engine's time with the run while it is shown: a race of samplers, an estimate of log Z,
/// the table of what models know, the chosen picture.
namespace ebm::lab {
namespace {

constexpr double measured_every = 0.1; ///< between measurements of one sampler, if they cost little

} // namespace

std::unique_ptr<Race> Laboratory::Parts::make_race(const RaceSettings& settings) const {
    const SceneRun& run = *run_;
    const auto& sampler = run.in_force().sampler;
    RaceTrack track;
    // Of the class asked for, or of all: chains of one density can be compared.
    track.energy = run.viewed_energy()->clone();
    track.kind = run.kind();
    track.iteration = run.iteration();
    track.tuning.temperature = density_temperature(run.in_force());
    track.tuning.box = sampler.box;
    track.tuning.box_low = static_cast<float>(sampler.box_low);
    track.tuning.box_high = static_cast<float>(sampler.box_high);
    track.tuning.gradient_clip = static_cast<float>(sampler.gradient_clip);
    track.tuning.drift_limit = static_cast<float>(sampler.drift_limit);
    if (run.kind().plane) track.modes = mode_map(run.data().plane.get(), run.minima());
    const std::int64_t chains = std::max(1, settings.chains);
    track.starts.x = watch_.starts(
        run, settings.start, chains, "",
        {settings.seed, random::Stream::start, static_cast<std::uint32_t>(RandomGroup::race), 0, 0});
    return std::make_unique<Race>(settings, std::move(track));
}

void Laboratory::Parts::race_for(double seconds) {
    race_.advance_for(seconds, [this] { return now(); });
    const bool over = !race_->left();
    const double begin = now();
    if (over || begin > race_measured_ + std::max(measured_every, 10 * race_cost_)) {
        // Long traces cost much: while others wait, one sampler at a time.
        std::vector<std::size_t> due;
        for (std::size_t lane = 0; lane < race_->lanes(); ++lane)
            if (race_->unmeasured(lane) > 0) due.push_back(lane);
        if (!over && !due.empty())
            due = {*std::ranges::max_element(due, {},
                                             [&](std::size_t lane) { return race_->unmeasured(lane); })};
        for (const std::size_t lane : due)
            race_->measure(lane);
        race_measured_ = now();
        race_cost_ = race_measured_ - begin;
    }
    race_.tell_if_due(now());
}

Work Laboratory::Parts::work(std::chrono::microseconds budget) {
    const double seconds = std::chrono::duration<double>(budget).count();
    const bool raced = run_ && races(), estimated = run_ && estimates_partition(),
               tabled = run_ && fills_ood_table(), looked = run_ && looks_at_picture();
    const int guests = raced + estimated + tabled + looked;
    if (guests > 0) {
        const bool shared = state_ == State::running && (trains() || watch_.moving());
        const double aside = (shared ? 0.5 : 0.8) * seconds / guests;
        if (raced) race_for(aside);
        const auto advance = [&](auto& task) {
            task.advance_for(aside, [this] { return now(); });
            task.tell_if_due(now());
        };
        if (estimated) advance(partition_);
        if (tabled) advance(ood_table_);
        if (looked) {
            const double end = now() + aside;
            picture_.work(*run_, views_.shown(View::restoration), views_.shown(View::nearest),
                          [&] { return now() < end; });
        }
        budget = std::chrono::microseconds(static_cast<std::int64_t>(1e6 * seconds * (shared ? 0.5 : 0.2)));
    }
    Work work = work_on_run(budget);
    if (guests == 0) return work;
    work.changed = true;
    if (races() || estimates_partition() || fills_ood_table() || looks_at_picture()) work.wait = 0;
    return work;
}

RaceOutcome Laboratory::race(const RaceSettings& settings,
                             const std::function<bool(double share)>& progress) const {
    const std::unique_ptr<Race> race = parts_->make_race(settings);
    while (race->left()) {
        race->advance();
        if (progress && !progress(race->done())) break;
    }
    for (std::size_t lane = 0; lane < race->lanes(); ++lane)
        race->measure(lane);
    return {race->view(false), race->draws()};
}

OodTableView
Laboratory::ood_table(const OodTableSettings& settings,
                      const std::function<bool(double share, const std::string& model)>& progress) {
    OodTable table(settings, parts_->device_, OodTable::alone);
    while (table.left()) {
        if (progress && !progress(table.done(), table.model())) break;
        table.advance();
    }
    return table.view(false);
}

} // namespace ebm::lab
