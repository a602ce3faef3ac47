#include "core/lab/parts.h"

#include <algorithm>

/// What shares the engine's time with the run while it is shown: a race of samplers, an estimate of log Z,
/// the table of what models know, the chosen picture.
namespace ebm::lab {
namespace {

constexpr double told_every = 0.05;    ///< seconds between two pictures of either
constexpr double measured_every = 0.1; ///< between measurements of one sampler, if they cost little

/// Advances `work` as long as it is told. What fails is paused, else it would fail again at once.
template <class Work, class InTime, class Tell>
void advance_while(Work& work, bool& paused, InTime&& in_time, Tell&& tell) {
    try {
        while (in_time() && work.left())
            work.advance();
    } catch (...) {
        paused = true;
        tell();
        throw;
    }
}

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

void Laboratory::Parts::tell_race() {
    race_told_ = now();
    race_view_ = race_ ? std::make_shared<RaceView>(race_->view(race_paused_)) : nullptr;
}

void Laboratory::Parts::race_for(double seconds) {
    const double end = now() + seconds;
    advance_while(
        *race_, race_paused_, [&] { return now() < end; }, [this] { tell_race(); });
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
    if (over || now() > race_told_ + told_every) tell_race();
}

void Laboratory::Parts::tell_partition() {
    partition_told_ = now();
    partition_view_ =
        partition_ ? std::make_shared<PartitionView>(partition_->view(partition_paused_)) : nullptr;
}

void Laboratory::Parts::estimate_for(double seconds) {
    const double end = now() + seconds;
    advance_while(
        *partition_, partition_paused_, [&] { return now() < end; }, [this] { tell_partition(); });
    if (!partition_->left() || now() > partition_told_ + told_every) tell_partition();
}

void Laboratory::Parts::tell_ood_table() {
    ood_table_told_ = now();
    ood_table_view_ =
        ood_table_ ? std::make_shared<OodTableView>(ood_table_->view(ood_table_paused_)) : nullptr;
}

void Laboratory::Parts::fill_ood_table_for(double seconds) {
    const double end = now() + seconds;
    advance_while(
        *ood_table_, ood_table_paused_, [&] { return now() < end; }, [this] { tell_ood_table(); });
    if (!ood_table_->left() || now() > ood_table_told_ + told_every) tell_ood_table();
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
        if (estimated) estimate_for(aside);
        if (tabled) fill_ood_table_for(aside);
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
