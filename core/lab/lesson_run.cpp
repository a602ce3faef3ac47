#include "core/lab/lesson.h"

#include "core/base/counted.h"
#include "core/base/error.h"
#include "core/lab/part_texts.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace ebm::lab {
namespace {

/// What a comparison asks of the person's hand, for a sentence; empty if it comes about by running.
std::string by_hand(const Comparison& c) {
    if (c.name == "setting") {
        const Setting& row = setting(c.key);
        // Other kinds of settings are compared with numbers that are no index, or with none.
        const bool named = row.type == SettingType::choice && c.compare == Comparison::Operator::is &&
                           c.number >= 0 && c.number < static_cast<double>(row.choices.size());
        return std::string(row.label) +
               (named ? ": " + row.title(row.choices[static_cast<std::size_t>(c.number)]) : "");
    }
    if (c.name == "panel") return "open its panel";
    if (c.name == "slow" && c.compare == Comparison::Operator::is && c.number == 0) return "full speed";
    const auto name = std::ranges::find(lesson_names(), c.name, &LessonName::name);
    return name == lesson_names().end() ? "" : std::string(name->by_hand);
}

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

template <class Numbers>
double mean_of(const Numbers& numbers) {
    if (numbers.empty()) return unknown;
    return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

/// Of the live chains on the plane: root of the mean square distance from their centre.
double spread_of(const Snapshot& s) {
    const std::vector<float>& at = s.chains.positions;
    if (!s.kind.plane || at.size() < 2) return unknown;
    double sum[2] = {0, 0}, squares = 0;
    const double count = static_cast<double>(at.size() / 2);
    for (std::size_t i = 0; i < at.size(); ++i)
        sum[i % 2] += at[i] / count;
    for (std::size_t i = 0; i < at.size(); ++i)
        squares += (at[i] - sum[i % 2]) * (at[i] - sum[i % 2]);
    return std::sqrt(squares / count);
}

double share_right(const Snapshot& s) {
    const std::vector<float>& at = s.chains.positions;
    if (!s.kind.plane || at.size() < 2) return unknown;
    std::size_t right = 0;
    for (std::size_t i = 0; i < at.size(); i += 2)
        right += at[i] > 0;
    return static_cast<double>(right) / static_cast<double>(at.size() / 2);
}

/// Whether every live chain began in this step of the lesson: none is older than the steps made in it.
bool restarted(const LessonView& view) {
    const std::vector<std::int32_t>& age = view.snapshot.chains.age;
    return !age.empty() &&
           *std::ranges::max_element(age) <= view.snapshot.chain_steps - view.chain_steps_before;
}

/// Percent that the slowest sampler of a race has run.
double race_done(const Snapshot& s) {
    if (!s.race) return 0;
    if (s.race->done) return 100;
    double least = s.race->lanes.empty() ? 0 : 99;
    for (const RaceLane& lane : s.race->lanes)
        least =
            std::min(least, 100.0 * static_cast<double>(lane.gradients) /
                                static_cast<double>(std::max<std::int64_t>(1, s.race->settings.gradients)));
    return least;
}

double auroc_of(const Snapshot& s, const std::string& set) {
    // While another score is being computed, the numbers are those of the score before.
    if (s.scores && s.scores->score == s.settings.view.score)
        for (const ScoreSet& scores : s.scores->sets)
            if (scores.name == set) return scores.auroc;
    return unknown;
}

const char* phase_name(const Snapshot& s) {
    if (!s.algorithm) return "";
    switch (s.algorithm->progress.phase) {
    case Phase::data:
        return "data";
    case Phase::start:
        return "start";
    case Phase::sample:
        return "sample";
    case Phase::energies:
        return "energies";
    case Phase::update:
        return "update";
    }
    return "";
}

/// In the order of ChainStart.
constexpr const char* start_names[] = {"noise", "data", "buffer", "file", "model"};

float last_of(const Snapshot& s, float (*read)(const Record&)) {
    if (!s.records || s.records->size() == 0) return std::nanf("");
    return read((*s.records)[s.records->size() - 1]);
}

double weight_of(const Snapshot& s, const std::string& part) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || !s.parts || number == 0 || number > s.parts->size()) return unknown;
    try {
        return part_weights(s.settings.compose.weights, s.parts->size())[number - 1];
    } catch (const Error&) {
        return unknown;
    }
}

double number_in(const Comparison& c, const LessonView& view) {
    const Snapshot& s = view.snapshot;
    const std::string& name = c.name;
    if (name == "iteration") return static_cast<double>(s.iteration);
    if (name == "iterations") return static_cast<double>(s.iteration - view.iteration_before);
    if (name == "steps") return static_cast<double>(s.chain_steps - view.chain_steps_before);
    if (name == "T") return s.reading.temperature;
    if (name == "KL") return s.quality && !s.quality->empty() ? s.quality->back().kl : unknown;
    if (name == "ess") return s.mixing ? s.mixing->effective_samples : unknown;
    if (name == "rhat") return s.mixing ? s.mixing->r_hat : unknown;
    if (name == "acceptance") return s.reading.acceptance;
    if (name == "spread") return spread_of(s);
    if (name == "right") return share_right(s);
    if (name == "mean_energy") return mean_of(s.chains.energy);
    if (name == "mean_gradient") return mean_of(s.chains.gradient_norm);
    if (name == "difference") return last_of(s, [](const Record& record) { return record.difference(); });
    if (name == "gap") return last_of(s, [](const Record& record) { return std::abs(record.difference()); });
    if (name == "auroc") return auroc_of(s, c.key);
    if (name == "selected") return s.trace ? s.trace->chain : -1;
    if (name == "race") return race_done(s);
    if (name == "annealed")
        return s.partition ? 100 * (s.partition->done ? 1 : 0.99 * s.partition->share) : 0;
    if (name == "annealed_T") return s.partition ? s.partition->settings.temperature : unknown;
    if (name == "weight") return weight_of(s, c.key);
    if (name == "class") return s.chains.asked_class;
    if (name == "k") return s.algorithm && !s.algorithm->whole ? s.algorithm->progress.step : 0;
    if (name == "whole") return s.algorithm && s.algorithm->whole;
    if (name == "running") return s.state == State::running;
    if (name == "paused") return s.state == State::paused;
    if (name == "failed") return s.state == State::failed;
    if (name == "frozen") return s.chains_frozen;
    if (name == "model_frozen") return s.model_frozen;
    if (name == "restarted") return restarted(view);
    if (name == "reset") return view.reset;
    if (name == "dropped") return s.chains.drops > view.drops_before;
    if (name == "slow") return s.pace.speed == Speed::slow;
    if (name == "panel") return view.panel_open && view.panel_open(c.key);
    return unknown;
}

/// What comes about by running, and how far it has: "share of the chains with x > 0: 52 % now, below 1 %
/// wanted". What is wanted is not said where a question asks for it. Empty if `c` is not of that kind.
std::string coming_about(const Comparison& c, const LessonView& view, bool asked) {
    struct Words {
        std::string_view name, words;
        const char* format = nullptr; ///< of the number; null: nothing is measured
        double unit = 1;
    };
    constexpr const char *plain = "{:.3g}", *percent = "{:.3g} %";
    static const std::vector<Words> all = {
        {"KL", "KL(data‖model)", "{:.3g} nats"},
        {"ess", "ESS", plain},
        {"rhat", "R̂", plain},
        {"acceptance", "share of proposals that are accepted", percent, 100},
        {"spread", "mean distance of the chains from their centre", plain},
        {"right", "share of the chains with x > 0", percent, 100},
        {"mean_energy", "mean E of the chains", plain},
        {"mean_gradient", "mean |∇E| at the chains", plain},
        {"difference", "E⁺ − E⁻", plain},
        {"gap", "|E⁺ − E⁻|", plain},
        {"auroc", "AUROC of {}", "{:.3f}"},
        {"race", "the race of samplers", percent},
        {"annealed", "the estimate of log Z", percent},
        {"annealed_T", "the temperature of the estimate", plain},
        {"k", "steps of the negatives in this iteration", "{:.0f}"},
        {"iterations", "training iterations", "{:.0f}"},
        {"iteration", "training iterations", "{:.0f}"},
        {"steps", "steps of the chains", "{:.0f}"},
        {"whole", "the last line of Algorithm 1"},
        {"phase", "another line of Algorithm 1"},
        {"start", "another start of the chains"},
        {"running", "Run"},
        {"paused", "Pause"},
        {"failed", "a run that fails"},
    };
    const auto known = std::ranges::find(all, c.name, &Words::name);
    if (known == all.end()) return "";
    std::string text = fmt::format(fmt::runtime(known->words), c.key);
    if (!known->format) return text;
    const auto shown = [&](double value) {
        std::string number = fmt::format(fmt::runtime(known->format), known->unit * value);
        if (number.starts_with('-')) number.replace(0, 1, "−");
        return number;
    };
    const double now = number_in(c, view);
    text += std::isfinite(now) ? ": " + shown(now) + " now" : ": not known yet";
    if (asked) return text;
    static constexpr std::pair<Comparison::Operator, const char*> relations[] = {
        {Comparison::Operator::is, ""},          {Comparison::Operator::is_not, "other than "},
        {Comparison::Operator::below, "below "}, {Comparison::Operator::at_most, "at most "},
        {Comparison::Operator::above, "above "}, {Comparison::Operator::at_least, "at least "}};
    for (const auto& [operation, words] : relations)
        if (operation == c.compare) text += std::string(", ") + words + shown(c.number) + " wanted";
    return text;
}

bool compare(double value, Comparison::Operator operation, double with) {
    switch (operation) {
    case Comparison::Operator::is:
        return value == with;
    case Comparison::Operator::is_not:
        return value != with && !std::isnan(value);
    case Comparison::Operator::below:
        return value < with;
    case Comparison::Operator::at_most:
        return value <= with;
    case Comparison::Operator::above:
        return value > with;
    case Comparison::Operator::at_least:
        return value >= with;
    }
    return false;
}

} // namespace

const std::vector<LessonName>& lesson_names() {
    static const std::vector<LessonName> names = {
        {"iteration", "training iterations of the run"},
        {"iterations", "training iterations since the step of the lesson began"},
        {"steps", "steps of the live chains since the step of the lesson began"},
        {"T", "implied temperature of the sampler", false, false, "the temperature"},
        {"KL", "newest KL(data‖model), nats"},
        {"ess", "effective sample size of the live chains"},
        {"rhat", "R̂ of the live chains"},
        {"acceptance", "share of accepted MALA proposals"},
        {"spread", "plane: root mean square distance of the live chains from their centre"},
        {"right", "plane: share of the live chains with x > 0"},
        {"mean_energy", "mean energy of the live chains"},
        {"mean_gradient", "mean |∇E| at the live chains"},
        {"difference", "newest E⁺ − E⁻"},
        {"gap", "newest |E⁺ − E⁻|"},
        {"auroc", "AUROC of an out-of-distribution set", true},
        {"selected", "the chain whose trace is shown; −1 = none", false, false, "a selected chain"},
        {"race", "percent of the race of samplers that is run; 0 = none"},
        {"annealed", "percent of the estimate of log Z that is run; 0 = none"},
        {"annealed_T", "temperature of that estimate"},
        {"weight", "of a composed energy: the weight of a part, which are counted from 1", true, false,
         "the weight"},
        {"start", "where all chains were started from last: noise, data, buffer, file, model", false, true,
         "another start"},
        {"class", "the class that chains are asked for; −1 = each in turn", false, false, "the class"},
        {"k", "Langevin steps done in the iteration that Algorithm 1 is stepped through"},
        {"whole", "Algorithm 1 has done its last line"},
        {"phase", "the line of Algorithm 1 that comes next: data, start, sample, energies, update", false,
         true},
        {"running", "the laboratory runs"},
        {"paused", "the laboratory is paused"},
        {"failed", "the run failed"},
        {"frozen", "live chains rest", false, false, "resting chains"},
        {"model_frozen", "the model is not trained while chains run", false, false, "a frozen model"},
        {"restarted", "every live chain began since the step of the lesson did", false, false,
         "a restart of the chains"},
        {"reset", "the run was reset since the step of the lesson began", false, false, "a reset"},
        {"dropped", "plane: chains were dropped since the step of the lesson began", false, false,
         "a point that is dropped"},
        {"slow", "slow motion", false, false, "slow motion"},
        {"panel", "a panel is open", true, false, "the panel"},
        {"setting", "a setting as it is asked for", true, true, "a setting"},
    };
    return names;
}

bool holds(const Comparison& c, const LessonView& view) {
    if (c.name == "setting") {
        const Setting& row = setting(c.key);
        const bool is_number = row.type == SettingType::real || row.type == SettingType::integer;
        if (is_number) return compare(row.number(view.snapshot.settings), c.compare, c.number);
        const bool same = row.text(view.snapshot.settings) == c.value;
        return c.compare == Comparison::Operator::is_not ? !same : same;
    }
    if (c.name == "phase" || c.name == "start") {
        const bool same =
            c.value == (c.name == "phase"
                            ? phase_name(view.snapshot)
                            : start_names[static_cast<std::size_t>(view.snapshot.chains.start)]);
        return c.compare == Comparison::Operator::is_not ? !same : same;
    }
    return compare(number_in(c, view), c.compare, c.number);
}

LessonRun::LessonRun(const Lesson& lesson, std::size_t step, std::size_t done)
    : lesson_(std::make_shared<const Lesson>(lesson)), at_(step < lesson.steps.size() ? step : 0),
      done_(lesson.steps.size()), chosen_(lesson.steps.size(), -1), predicted_(lesson.steps.size()),
      begins_at_(iterations_before(lesson, at_)) {
    std::fill_n(done_.begin(), std::min(at_, done), true);
}

bool LessonRun::is_open(const Snapshot& snapshot) const {
    return snapshot.state != State::empty && snapshot.task.empty() &&
           snapshot.scene.description == lesson_description(*lesson_, at_);
}

std::optional<LessonRun::Count> LessonRun::count_of(const Comparison& c) const {
    const bool chains = c.name == "steps";
    if ((!chains && c.name != "iterations" && c.name != "iteration") ||
        c.compare != Comparison::Operator::at_least)
        return std::nullopt;
    return Count{chains,
                 chains                  ? chain_steps_before_
                 : c.name == "iteration" ? 0
                                         : iteration_before_,
                 static_cast<std::int64_t>(std::ceil(c.number))};
}

PauseAt LessonRun::pause_at(const Snapshot& snapshot) const {
    PauseAt at;
    if (!begun_ || met_ || missing_ || !step().pause || !is_open(snapshot)) return at;
    for (const Comparison& c : step().when)
        if (const auto count = count_of(c))
            (count->chains ? at.chain_steps : at.iteration) = count->from + count->number;
    return at;
}

void LessonRun::go(std::size_t step, const Snapshot& snapshot) {
    at_ = std::min(step, lesson_->steps.size() - 1);
    begun_ = is_open(snapshot); // otherwise when its scene is open
    begins_at_ = 0;
    met_ = pause_ = false;
    missing_ = nullptr;
    iteration_before_ = snapshot.iteration;
    chain_steps_before_ = snapshot.chain_steps;
    drops_before_ = snapshot.chains.drops;
    iteration_at_ = snapshot.iteration;
    reset_ = false;
}

bool LessonRun::next(const Snapshot& snapshot) {
    if (step().when.empty() && step().choices.empty()) done_[at_] = true;
    if (at_ + 1 == lesson_->steps.size()) return false;
    go(at_ + 1, snapshot);
    return true;
}

void LessonRun::choose(int choice) {
    chosen_[at_] = choice >= 0 && choice < static_cast<int>(step().choices.size()) ? choice : -1;
    predicted_[at_] = chosen() >= 0 && !step().when.empty() && !met_;
    settle();
}

std::string LessonRun::counted(const Snapshot& snapshot) const {
    if (!begun_ || !is_open(snapshot)) return "";
    for (const Comparison& c : step().when) {
        const auto count = count_of(c);
        if (!count) continue;
        const std::string wanted = ebm::counted(count->number, count->chains ? "step" : "iteration");
        if (missing_) return by_hand(*missing_) + ", then " + wanted;
        const std::int64_t now = count->chains ? snapshot.chain_steps : snapshot.iteration;
        const std::int64_t done = std::max<std::int64_t>(0, now - count->from);
        if (done >= count->number && !met_)
            return wanted + " done; not all that the step asks for has come about yet";
        return grouped(std::min(done, count->number)) + " of " + wanted;
    }
    if (missing_) return by_hand(*missing_);
    const LessonView view{snapshot, iteration_before_, chain_steps_before_, drops_before_, reset_, {}};
    for (const Comparison& c : step().when)
        if (!holds(c, view))
            if (const std::string text = coming_about(c, view, !step().choices.empty()); !text.empty())
                return text;
    return "";
}

bool LessonRun::look(const Snapshot& snapshot, const std::function<bool(std::string_view)>& panel_open) {
    if (!is_open(snapshot)) return false;
    if (!begun_) {
        if (snapshot.iteration < begins_at_ && snapshot.state != State::failed) return false;
        go(at_, snapshot);
    }
    const bool was_done = done_[at_];
    // A run that begins anew counts from its own start.
    iteration_before_ = std::min(iteration_before_, snapshot.iteration);
    chain_steps_before_ = std::min(chain_steps_before_, snapshot.chain_steps);
    if (snapshot.iteration < iteration_at_) reset_ = true;
    drops_before_ = std::min(drops_before_, snapshot.chains.drops);
    const LessonView view{snapshot, iteration_before_, chain_steps_before_, drops_before_,
                          reset_,   panel_open};
    missing_ = nullptr;
    for (const Comparison& c : step().when)
        if (!missing_ && !by_hand(c).empty() && !holds(c, view)) missing_ = &c;
    if (missing_) {
        iteration_before_ = snapshot.iteration;
        chain_steps_before_ = snapshot.chain_steps;
    }
    if (!met_ && !step().when.empty() &&
        std::all_of(step().when.begin(), step().when.end(),
                    [&](const Comparison& c) { return holds(c, view); })) {
        met_ = true;
        pause_ = step().pause;
    }
    settle();
    return done_[at_] && !was_done;
}

/// A prediction may be wrong: the run shows it. A question that ends a lesson has no condition beside it.
void LessonRun::settle() {
    const bool answered = step().choices.empty() || right() || (chosen() >= 0 && !step().when.empty());
    const bool done = step().when.empty() ? !step().choices.empty() : met_;
    if (answered && done) done_[at_] = true;
}

} // namespace ebm::lab
