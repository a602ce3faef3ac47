#include "core/sample/samplers.h"

#include "core/base/error.h"
#include "core/base/names.h"

#include <algorithm>
#include <cmath>
#include <limits>

#define EBM_SAMPLERS(SAMPLER)                                                                                \
    SAMPLER(langevin)                                                                                        \
    SAMPLER(mala)                                                                                            \
    SAMPLER(hmc)                                                                                             \
    SAMPLER(tempering)

namespace ebm {

#define EBM_DECLARE(name) SamplerRecord name##_sampler();
EBM_SAMPLERS(EBM_DECLARE)
#undef EBM_DECLARE

const std::vector<SamplerRecord>& samplers() {
#define EBM_CALL(name) name##_sampler(),
    static const std::vector<SamplerRecord> list = {EBM_SAMPLERS(EBM_CALL)};
#undef EBM_CALL
    return list;
}

const SamplerRecord& find_sampler(std::string_view name) {
    std::vector<std::string_view> names;
    for (const SamplerRecord& record : samplers()) {
        if (record.name == name) return record;
        names.push_back(record.name);
    }
    throw Error("There is no sampler of this name", std::string(name), did_you_mean(name, names));
}

kernels::StepSettings move_of(const SamplerTuning& tuning, kernels::Rule rule) {
    kernels::StepSettings move;
    move.rule = rule;
    move.drift = static_cast<float>(tuning.step / 2);
    move.noise = static_cast<float>(std::sqrt(tuning.step * tuning.temperature));
    move.gradient_clip = tuning.gradient_clip;
    move.drift_limit = tuning.drift_limit;
    move.box = tuning.box;
    move.box_low = tuning.box_low;
    move.box_high = tuning.box_high;
    move.temperature = static_cast<float>(tuning.temperature);
    return move;
}

torch::Tensor& SamplerState::operator[](std::string_view name) {
    for (auto& [known, tensor] : tensors_)
        if (known == name) return tensor;
    return tensors_.emplace_back(name, torch::Tensor()).second;
}

torch::Tensor SamplerState::find(std::string_view name) const {
    for (const auto& [known, tensor] : tensors_)
        if (known == name) return tensor;
    return {};
}

void SamplerReport::add(std::string_view name, std::int64_t count) {
    for (auto& [known, sum] : counters_)
        if (known == name) {
            sum += count;
            return;
        }
    counters_.emplace_back(name, count);
}

void SamplerReport::add(const SamplerReport& other) {
    for (const auto& [name, count] : other.counters_)
        add(name, count);
}

std::int64_t SamplerReport::operator[](std::string_view name) const {
    for (const auto& [known, sum] : counters_)
        if (known == name) return sum;
    return 0;
}

double SamplerReport::share(std::string_view part, std::string_view whole) const {
    const std::int64_t n = (*this)[whole];
    return n > 0 ? static_cast<double>((*this)[part]) / static_cast<double>(n)
                 : std::numeric_limits<double>::quiet_NaN();
}

StepSearch::StepSearch(const SamplerRecord& record, const Energy& energy, const Batch& start,
                       const SamplerTuning& tuning, const random::Place& place)
    : record_(record), mover_(record.tuned_as.empty() ? record : find_sampler(record.tuned_as)),
      energy_(energy), tuning_(tuning), place_(place), log_step_(std::log(record.first_step)) {
    SamplerReport ignored;
    mover_.init(energy_, start, tuning_, state_, ignored);
}

void StepSearch::advance() {
    tuning_.step = std::exp(log_step_);
    SamplerReport report;
    random::Place place = place_;
    place.step += static_cast<std::uint32_t>(round_);
    mover_.step(energy_, state_, tuning_, place, report);
    const double acceptance = report.share(SamplerReport::accepted, SamplerReport::proposals);
    ++round_;
    const double error = acceptance - record_.wanted_acceptance;
    if (settled_ == 0) { // doubled or halved until the wanted acceptance lies between two steps
        if (round_ == 1 || (error > 0) == rising_)
            log_step_ += error > 0 ? std::log(2.0) : -std::log(2.0);
        else
            ++settled_;
        rising_ = error > 0;
    } else {
        log_step_ += 2 / std::pow(static_cast<double>(settled_++), 0.6) * error;
    }
    log_step_ = std::clamp(log_step_, std::log(1e-8), std::log(1e4));
    if (round_ > rounds / 2) sum_ += log_step_;
}

double StepSearch::found() const {
    const int counted = round_ - rounds / 2;
    return std::exp(counted > 0 ? sum_ / counted : log_step_);
}

} // namespace ebm
