#include "core/lab/watch.h"

#include "core/base/error.h"
#include "core/lab/mixing.h"
#include "core/lab/sample_files.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr double reading_span = 0.2; // seconds

torch::Tensor data_of_class(const Dataset& data, int of_class) {
    if (!data.train_labels.defined())
        throw Error("These data have no classes to start from", "", "Start the chains from any data.");
    const torch::Tensor rows = data.train_labels.eq(of_class).nonzero().flatten();
    if (rows.size(0) == 0)
        throw Error("There are no data of this class", fmt::format("class {}", of_class),
                    "Start the chains from another class.");
    return data.train.index_select(0, rows);
}

} // namespace

void Watch::open(const SceneRun& run, const NamedTensors& checkpoint, const std::string& origin) {
    auto chains = std::make_unique<LiveChains>(run.kind(), run.data().shape(),
                                               static_cast<std::uint64_t>(run.in_force().train.seed));
    const bool restored = chains->restore(checkpoint, origin);
    chains_ = std::move(chains);
    history_ = measure::ChainHistory(run.kind().plane ? std::vector<std::string>{"energy", "x", "y"}
                                                      : std::vector<std::string>{"energy"});
    drawing_.reset();
    frozen_ = false;
    started_from_ = ChainStart::noise;
    report_ = {};
    reading_ = {};
    meter_ = {};
    next_slow_step_ = 0;
    if (!restored) return restart(run, {});
    const torch::Tensor& labels = chains_->labels();
    const bool fit = labels.defined() && run.classes() > 0 &&
                     labels.ge(0).logical_and(labels.lt(run.classes())).all().item<bool>();
    if (!fit) chains_->set_labels(run.chain_labels(chains_->count()));
    chains_->measure(run.energy());
    resize(run);
}

torch::Tensor Watch::starts(const SceneRun& run, ChainStart start, std::int64_t count,
                            const std::string& path, const random::Place& place, int of_class,
                            const std::string& columns) const {
    const auto random_rows = [&](const torch::Tensor& x) {
        const torch::Tensor at = uniform_samples(count, {1}, 0, 1, place).flatten();
        const torch::Tensor rows = (at * static_cast<double>(x.size(0))).floor().to(torch::kLong);
        return model_values(x.index_select(0, rows.clamp_max(x.size(0) - 1)));
    };
    switch (start) {
    case ChainStart::noise:
        break;
    case ChainStart::data:
        if (!run.data().view)
            throw Error("This scene has no data to start from", "", "Start the chains from noise.");
        run.data().require_training_data();
        return random_rows(of_class < 0 ? run.data().train : data_of_class(run.data(), of_class));
    case ChainStart::buffer: {
        const torch::Tensor samples = run.buffer_samples();
        if (!samples.defined())
            throw Error("This scene has no replay buffer", "", "Start the chains from noise.");
        return random_rows(samples);
    }
    case ChainStart::model: {
        const Density* density = run.density();
        if (!density) {
            const torch::Tensor decoded = run.energy().starts(count, place);
            if (!decoded.defined())
                throw Error("This model draws no samples without chains", "", "Start the chains from noise.");
            return decoded;
        }
        // Another place, another seed: the density counts its samples from 0.
        const random::Words words = random::words(place, 0);
        return finite_draws(*density, count, words[0] | std::uint64_t{words[1]} << 32,
                            run.chain_labels(count));
    }
    case ChainStart::file: {
        const torch::Tensor x = to_tensor(read_samples(path, run.kind(), run.data().coding, columns));
        return x.index_select(0, torch::arange(count).remainder(x.size(0)));
    }
    }
    const auto& sampler = run.in_force().sampler;
    return uniform_samples(count, run.data().shape(), static_cast<float>(sampler.box_low),
                           static_cast<float>(sampler.box_high), place);
}

void Watch::draw(const SceneRun& run, double now) {
    const auto begin = std::chrono::steady_clock::now();
    if (drawing_->advance(1))
        chains_->restart(drawing_->samples(), drawn_chains_);
    else
        finish_drawing(run);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    meter_.add(now + taken.count(), taken.count(), 0);
}

void Watch::finish_drawing(const SceneRun& run) {
    if (!drawing_) return;
    const std::unique_ptr<Drawing> drawing = std::move(drawing_);
    while (drawing->advance(run.kind().width)) {
    }
    restart_from(run, require_finite_draws(drawing->samples()), drawn_chains_);
}

void Watch::restart(const SceneRun& run, const RestartChains& command) {
    finish_drawing(run);
    if (command.which.empty()) started_from_ = command.start;
    const std::int64_t count = command.which.empty() ? run.in_force().sampler.chains
                                                     : static_cast<std::int64_t>(command.which.size());
    for (const int chain : command.which)
        if (chain < 0 || chain >= chains_->count())
            throw Error("There is no such chain", fmt::format("chain {}", chain),
                        "Choose one that is shown.");
    if (command.start == ChainStart::model && run.density()) {
        const random::Words words = random::words(chains_->fresh_place(count), 0);
        drawing_ = run.density()->start_drawing(count, words[0] | std::uint64_t{words[1]} << 32,
                                                run.chain_labels(count));
        if (drawing_) {
            drawn_chains_ = command.which;
            chains_->restart(drawing_->samples(), drawn_chains_);
            return forget(drawn_chains_);
        }
    }
    restart_from(run,
                 starts(run, command.start, count, command.path, chains_->fresh_place(count),
                        command.of_class, command.columns),
                 command.which);
}

void Watch::restart_from(const SceneRun& run, const torch::Tensor& x, const std::vector<int>& which) {
    finish_drawing(run);
    chains_->restart(x, which);
    if (which.empty()) chains_->set_labels(run.chain_labels(chains_->count()));
    forget(which);
    chains_->measure(run.energy());
}

void Watch::start_as_scene_says(const SceneRun& run) {
    const auto& points = run.scene().chains;
    const auto count = std::min(static_cast<std::int64_t>(points.size()), chains_->count());
    if (count == 0 || !run.kind().plane) return;
    torch::Tensor starts = torch::empty({count, 2});
    std::copy_n(points.data()->data(), 2 * count, starts.data_ptr<float>());
    std::vector<int> which(static_cast<std::size_t>(count));
    std::iota(which.begin(), which.end(), 0);
    restart_from(run, starts, which);
}

void Watch::resize(const SceneRun& run) {
    finish_drawing(run);
    if (chains_->count() == run.in_force().sampler.chains) return chains_->measure(run.energy());
    chains_->resize(run.in_force().sampler.chains, [&](std::int64_t count) {
        return starts(run, ChainStart::noise, count, "", chains_->fresh_place(count));
    });
    chains_->set_labels(run.chain_labels(chains_->count()));
    chains_->measure(run.energy());
}

void Watch::ask(const SceneRun& run) {
    finish_drawing(run);
    chains_->set_labels(run.chain_labels(chains_->count()));
    history_.clear();
    chains_->measure(run.energy());
}

void Watch::drop(const SceneRun& run, const DropChains& command) {
    finish_drawing(run);
    chains_->drop(command.x, command.y, command.count, command.spread);
    ++drops_;
    // Those that were dropped are the youngest now.
    std::vector<int> moved;
    for (int chain = 0; chain < static_cast<int>(chains_->count()); ++chain)
        if (chains_->age(chain) == 0) moved.push_back(chain);
    forget(moved);
    chains_->measure(run.energy());
}

void Watch::move(const SceneRun& run, const MoveChain& command) {
    finish_drawing(run);
    chains_->move(command.chain, command.x, command.y);
    forget({command.chain});
    chains_->measure(run.energy());
}

void Watch::step(const SceneRun& run, double now) {
    const auto begin = std::chrono::steady_clock::now();
    const kernels::StepSettings step = step_settings(run.in_force());
    if (slow() && run.kind().plane)
        chains_->step_slowly(run.energy(), step, report_);
    else
        chains_->step(run.energy(), step, report_);
    remember();
    if (mixes_after(run.in_force(), chains_->steps_made())) mix_round(run);
    const std::vector<int> old = chains_->at_end_of_life(run.in_force().sampler.chain_life);
    if (!old.empty()) restart(run, {ChainStart::noise, old, ""});
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    meter_.add(now + taken.count(), taken.count(), static_cast<double>(chains_->count()));
}

void Watch::mix_round(const SceneRun& run) {
    const Settings& settings = run.in_force();
    const auto round = static_cast<std::uint32_t>(chains_->steps_made() / settings.sampler.steps);
    const Mix mixed = mix(settings, chains_->labels(), chains_->count(), run.classes(),
                          {static_cast<std::uint64_t>(settings.train.seed), random::Stream::batch,
                           static_cast<std::uint32_t>(RandomGroup::live_chains), 0, round});
    chains_->set_labels(mixed.labels);
    if (!mixed.restarted.empty()) restart(run, {ChainStart::noise, mixed.restarted, ""});
}

void Watch::remember() {
    const auto n = std::min<std::int64_t>(chains_->count(), measure::ChainHistory::most_chains);
    std::vector<std::vector<float>> values{to_vector(chains_->energies().slice(0, 0, n))};
    if (chains_->states().dim() == 2)
        for (const int axis : {0, 1})
            values.push_back(to_vector(chains_->states().slice(0, 0, n).select(1, axis)));
    history_.add(values);
}

ModesView Watch::modes(const ModeMap& map) const {
    return modes_view(to_vector(chains_->states()), history_, map);
}

/// All chains if `which` is empty.
void Watch::forget(const std::vector<int>& which) {
    if (which.empty()) return history_.clear();
    for (const int chain : which)
        if (chain >= 0 && chain < static_cast<int>(measure::ChainHistory::most_chains))
            history_.restarted(static_cast<std::size_t>(chain));
}

void Watch::settle(const SceneRun& run, double now) {
    if (!chains_->energies_lag()) return;
    const auto begin = std::chrono::steady_clock::now();
    chains_->measure(run.energy());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    meter_.add(now + taken.count(), taken.count(), 0);
}

void Watch::plan_slow_step(double now) {
    next_slow_step_ = std::max(now, next_slow_step_ + 1 / std::max(0.1, pace_.steps_per_second));
}

void Watch::set_pace(const Pace& pace) {
    pace_ = pace;
    pace_.share = std::clamp(pace.share, 0.1, 1.0);
    next_slow_step_ = 0;
}

void Watch::forget_reading() {
    report_ = {};
    reading_ = {};
    report_since_ = 0;
    history_.clear(); // of chains that moved otherwise, perhaps to another density
}

SamplerReading Watch::reading(const SceneRun& run, double now) {
    if (report_.chain_steps > 0 && now - report_since_ > reading_span) {
        const auto steps = static_cast<double>(report_.chain_steps);
        const auto share = [](std::int64_t part, std::int64_t whole) {
            return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole)
                             : SamplerReading::unknown;
        };
        reading_.gradient_norm = report_.gradient_norm / steps;
        reading_.distance = report_.distance / steps;
        reading_.clipped_share = share(report_.clipped, report_.elements);
        reading_.clamped_share = share(report_.clamped, report_.elements);
        reading_.acceptance = share(report_.accepted, report_.proposals);
        reading_.jump_acceptance = share(report_.jumps_accepted, report_.jumps);
        report_ = {};
        report_since_ = now;
    }
    reading_.temperature = implied_temperature(step_settings(run.in_force()));
    return reading_;
}

} // namespace ebm::lab
