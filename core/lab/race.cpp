#include "core/lab/race.h"

#include "core/base/error.h"
#include "core/lab/dataset.h"
#include "core/lab/views.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr std::size_t traced_draws = 400; ///< shown of the first chain
constexpr std::size_t most_lags = 200;
constexpr int most_race_pictures = 8;

/// Of all samplers together, each kept as two or three numbers.
constexpr double most_draws = 20e6;

void check(const RaceSettings& settings) {
    const auto refuse = [](const char* what, const char* remedy) { throw Error(what, "race", remedy); };
    if (settings.chains < 1) refuse("A race needs a chain", "Ask for one or more.");
    if (settings.warm_up < 0 || settings.gradients <= settings.warm_up)
        refuse("The warm-up takes all gradient evaluations", "Give more of them, or a shorter warm-up.");
    const double runners =
        static_cast<double>(settings.runners.empty() ? samplers().size() : settings.runners.size());
    if (runners * settings.chains * static_cast<double>(settings.gradients) > most_draws)
        refuse("The race would keep more than 20 million draws",
               "Ask for fewer chains, gradient evaluations or samplers.");
    if (settings.leapfrogs < 1) refuse("A Hamiltonian move needs a leapfrog", "Ask for one or more.");
    const bool hamiltonian =
        settings.runners.empty() || std::ranges::any_of(settings.runners, [](const Runner& runner) {
            return find_sampler(runner.sampler).cost({.leapfrogs = 2}) == 2;
        });
    if (hamiltonian && settings.warm_up + settings.leapfrogs > settings.gradients)
        refuse(
            "The leapfrogs of one Hamiltonian move are more than the gradient evaluations after the warm-up",
            "Give more evaluations, or fewer leapfrogs.");
}

} // namespace

const std::vector<SamplerInfo>& sampler_infos() {
    static const std::vector<SamplerInfo> infos = [] {
        std::vector<SamplerInfo> list;
        for (const SamplerRecord& record : samplers())
            list.push_back({std::string(record.name), std::string(record.title), std::string(record.help),
                            std::string(record.step_name)});
        return list;
    }();
    return infos;
}

Race::Race(const RaceSettings& settings, RaceTrack track) : settings_(settings), track_(std::move(track)) {
    check(settings_);
    if (settings_.runners.empty())
        for (const SamplerRecord& record : samplers())
            settings_.runners.push_back({std::string(record.name), 0});
    statistics_ = track_.kind.plane ? std::vector<std::string>{"x", "y", "energy"}
                                    : std::vector<std::string>{"energy", "mean"};
    if (!track_.kind.plane || !track_.tuning.box) track_.modes = {};
    if (track_.modes.count > 0)
        exact_shares_ = exact_mode_shares(*track_.energy, track_.tuning.temperature,
                                          {track_.tuning.box_low, track_.tuning.box_high}, track_.modes);
    for (const Runner& runner : settings_.runners) {
        for (const Lane& other : lanes_)
            if (other.record->name == runner.sampler)
                throw Error("A sampler is there twice", runner.sampler, "Name each sampler once.");
        Lane& lane = lanes_.emplace_back();
        lane.record = &find_sampler(runner.sampler);
        lane.tuning = track_.tuning;
        lane.tuning.leapfrogs = settings_.leapfrogs;
        lane.tuning.replicas = settings_.replicas;
        lane.tuning.hottest = settings_.hottest;
        lane.tuning.step = runner.step > 0 ? runner.step : lane.record->first_step;
        lane.values.assign(statistics_.size(), measure::Chains(static_cast<std::size_t>(settings_.chains)));
        lane.mode_counts.assign(static_cast<std::size_t>(track_.modes.count), 0);
        RaceLane& shown = lane.shown;
        shown.sampler = lane.record->name;
        shown.title = lane.record->title;
        shown.exact = lane.record->exact;
        shown.cost = lane.record->cost(lane.tuning);
        shown.step_found = runner.step <= 0;
        shown.why_unknown = "no draw counts yet";
        if (runner.step <= 0)
            lane.search = std::make_unique<StepSearch>(*lane.record, *track_.energy, track_.starts,
                                                       lane.tuning, place(RandomGroup::dry_run));
    }
}

random::Place Race::place(RandomGroup group) const {
    return {settings_.seed, random::Stream::noise, static_cast<std::uint32_t>(group), 0, 0};
}

bool Race::can_step(const Lane& lane) const {
    if (!lane.shown.problem.empty()) return false;
    return lane.search || !lane.started || lane.gradients + lane.shown.cost <= settings_.gradients;
}

bool Race::left() const {
    return std::ranges::any_of(lanes_, [&](const Lane& lane) { return can_step(lane); });
}

double Race::done() const {
    double sum = 0;
    for (const Lane& lane : lanes_) {
        const double search = lane.search ? lane.search->done() : 1;
        const double run =
            can_step(lane) ? static_cast<double>(lane.gradients) / static_cast<double>(settings_.gradients)
                           : 1;
        sum += 0.1 * search + 0.9 * run;
    }
    return sum / static_cast<double>(lanes_.size());
}

void Race::advance() {
    // Dry runs come first, so that all start together.
    Lane* next = nullptr;
    const auto turn = [](const Lane& lane) {
        return lane.search ? lane.search->done() - 2 : static_cast<double>(lane.gradients);
    };
    for (Lane& lane : lanes_)
        if (can_step(lane) && (!next || turn(lane) < turn(*next))) next = &lane;
    if (!next) return;
    try {
        if (next->search) {
            next->search->advance();
            if (next->search->done() < 1) return;
            next->tuning.step = next->search->found();
            next->search.reset();
        } else if (!next->started) {
            start(*next);
        } else {
            step(*next);
        }
    } catch (const Error& error) {
        if (error.where != "sampler") throw;
        next->search.reset();
        next->shown.problem = error.what_happened + ". Give it a smaller step.";
    }
}

void Race::start(Lane& lane) {
    SamplerReport report;
    lane.record->init(*track_.energy, track_.starts, lane.tuning, lane.state, report);
    lane.started = true;
    lane.gradients = report[SamplerReport::gradients] / settings_.chains;
}

void Race::step(Lane& lane) {
    const auto begin = std::chrono::steady_clock::now();
    random::Place at = place(RandomGroup::race);
    at.step = lane.steps++;
    SamplerReport report;
    lane.record->step(*track_.energy, lane.state, lane.tuning, at, report);
    lane.gradients += report[SamplerReport::gradients] / settings_.chains;
    if (lane.gradients <= settings_.warm_up) return;
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    lane.seconds += taken.count();
    lane.report.add(report);
    keep_draw(lane);
}

void Race::keep_draw(Lane& lane) {
    const std::vector<float> energy = to_vector(lane.state["energy"]);
    const torch::Tensor x = lane.state["x"].contiguous();
    const auto put = [&](std::size_t statistic, std::size_t chain, double value) {
        lane.values[statistic][chain].push_back(value);
    };
    if (track_.kind.plane) {
        const float* at = x.data_ptr<float>();
        for (std::size_t chain = 0; chain < energy.size(); ++chain, at += 2) {
            put(0, chain, at[0]);
            put(1, chain, at[1]);
            put(2, chain, energy[chain]);
            if (track_.modes.count == 0) continue;
            const int mode = track_.modes.mode_of(at[0], at[1]);
            ++(mode < 0 ? lane.in_no_mode : lane.mode_counts[static_cast<std::size_t>(mode)]);
        }
    } else {
        const std::vector<float> mean = to_vector(x.flatten(1).mean(1));
        for (std::size_t chain = 0; chain < energy.size(); ++chain) {
            put(0, chain, energy[chain]);
            put(1, chain, mean[chain]);
        }
    }
    ++lane.draws;
}

std::int64_t Race::unmeasured(std::size_t lane) const {
    return lanes_[lane].draws - lanes_[lane].shown.measured_draws;
}

void Race::measure(std::size_t index) {
    Lane& lane = lanes_[index];
    RaceLane& shown = lane.shown;
    shown.measured_draws = lane.draws;
    shown.effective_samples = shown.r_hat = shown.split_r_hat = RaceLane::unknown;
    shown.slowest.clear();
    shown.why_unknown = lane.draws == 0 ? "no draw counts yet" : "";
    for (std::size_t s = 0; s < statistics_.size() && shown.why_unknown.empty(); ++s) {
        const measure::Chains& values = lane.values[s];
        shown.why_unknown = measure::why_unknown(values);
        if (!shown.why_unknown.empty()) break;
        const double size = measure::bulk_effective_sample_size(values);
        if (s == 0 || size < shown.effective_samples) {
            shown.effective_samples = size;
            shown.slowest = statistics_[s];
        }
        shown.r_hat = std::fmax(shown.r_hat, measure::rank_r_hat(values));
        shown.split_r_hat = std::fmax(shown.split_r_hat, measure::split_r_hat(values));
    }
    if (!shown.why_unknown.empty())
        shown.effective_samples = shown.r_hat = shown.split_r_hat = RaceLane::unknown;
    shown.per_second = lane.seconds > 0 ? shown.effective_samples / lane.seconds : RaceLane::unknown;
    const auto used = static_cast<double>(lane.report[SamplerReport::gradients]);
    shown.per_gradient = used > 0 ? shown.effective_samples / used : RaceLane::unknown;
    shown.autocorrelation.clear();
    if (lane.draws < 8) return;
    const std::size_t lags = std::min<std::size_t>(most_lags, static_cast<std::size_t>(lane.draws) / 2);
    std::vector<double> sum(lags + 1);
    for (const std::vector<double>& chain : lane.values[0]) {
        const std::vector<double> one = measure::autocorrelation(chain, lags);
        for (std::size_t lag = 0; lag <= lags; ++lag)
            sum[lag] += one[lag] / static_cast<double>(settings_.chains);
    }
    shown.autocorrelation.assign(sum.begin(), sum.end());
}

RaceView Race::view(bool paused) const {
    RaceView view;
    view.settings = settings_;
    view.iteration = track_.iteration;
    view.temperature = track_.tuning.temperature;
    view.box = track_.tuning.box;
    view.box_low = track_.tuning.box_low;
    view.box_high = track_.tuning.box_high;
    view.paused = paused;
    view.done = !left();
    view.traced = statistics_.front();
    view.mode_shares = exact_shares_;
    double searched = 0;
    for (const Lane& lane : lanes_) {
        view.adapting = view.adapting || lane.search;
        searched += lane.search ? lane.search->done() : 1;
        RaceLane shown = lane.shown;
        shown.step = lane.search ? lane.search->found() : lane.tuning.step;
        shown.gradients = lane.gradients;
        shown.draws = lane.draws;
        shown.seconds = lane.seconds;
        shown.acceptance = lane.report.share(SamplerReport::accepted, SamplerReport::proposals);
        shown.swap_acceptance = lane.report.share(SamplerReport::swaps_accepted, SamplerReport::swaps);
        shown.divergences = lane.report[SamplerReport::divergences];
        const auto total = static_cast<double>(lane.draws * settings_.chains);
        if (total > 0 && track_.modes.count > 0) {
            shown.mode_none = static_cast<double>(lane.in_no_mode) / total;
            double exact_none = 1;
            shown.mode_distance = 0;
            for (std::size_t mode = 0; mode < lane.mode_counts.size(); ++mode) {
                shown.mode_shares.push_back(static_cast<double>(lane.mode_counts[mode]) / total);
                shown.mode_distance += std::abs(shown.mode_shares[mode] - exact_shares_[mode]) / 2;
                exact_none -= exact_shares_[mode];
            }
            shown.mode_distance += std::abs(shown.mode_none - exact_none) / 2;
        }
        const torch::Tensor x = lane.started ? lane.state.find("x") : track_.starts.x;
        if (track_.kind.plane) {
            shown.positions = to_vector(x);
        } else {
            shown.shown = static_cast<int>(std::min<std::int64_t>(x.size(0), most_race_pictures));
            shown.pixels = to_pixels(x.slice(0, 0, shown.shown));
        }
        const std::vector<double>& first = lane.values[0][0];
        for (std::size_t i = first.size() - std::min(first.size(), traced_draws); i < first.size(); ++i)
            shown.trace.push_back(static_cast<float>(first[i]));
        view.lanes.push_back(std::move(shown));
    }
    view.adapted = searched / static_cast<double>(lanes_.size());
    return view;
}

std::vector<RaceOutcome::Draws> Race::draws() const {
    std::vector<RaceOutcome::Draws> result;
    for (const Lane& lane : lanes_) {
        RaceOutcome::Draws draws{
            std::string(lane.record->name), settings_.chains, lane.draws, statistics_, {}};
        for (const measure::Chains& chains : lane.values) {
            std::vector<double>& values = draws.values.emplace_back();
            for (const std::vector<double>& chain : chains)
                values.insert(values.end(), chain.begin(), chain.end());
        }
        result.push_back(std::move(draws));
    }
    return result;
}

} // namespace ebm::lab
