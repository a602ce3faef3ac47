#include "core/lab/parts.h"

#include "core/base/error.h"
#include "core/lab/sample_files.h"

#include <fmt/format.h>

namespace ebm::lab {

Laboratory::Laboratory(const Options& options) : parts_(std::make_unique<Parts>(options)) {}
Laboratory::~Laboratory() = default;

bool Laboratory::work(std::chrono::microseconds budget) {
    if (parts_->state_ == State::empty) return false;
    try {
        parts_->run_for(budget);
    } catch (...) {
        parts_->state_ = State::failed;
        throw;
    }
    return parts_->state_ == State::running;
}

void Laboratory::fill(Snapshot& snapshot) {
    parts_->fill(snapshot);
}
const Scene& Laboratory::scene() const {
    return parts_->scene_;
}
const Settings& Laboratory::settings() const {
    return parts_->settings_;
}
SampleKind Laboratory::kind() const {
    return parts_->dataset_.kind;
}
const data::Coding& Laboratory::coding() const {
    return parts_->dataset_.coding;
}
Samples Laboratory::read(const std::string& path, const std::string& columns) const {
    return read_samples(path, kind(), coding(), columns);
}
std::int64_t Laboratory::iteration() const {
    return parts_->trainer_ ? parts_->trainer_->iteration() : 0;
}

TrainingRecord Laboratory::train_iteration() {
    if (!parts_->trainer_)
        throw Error("An analytic energy is not trained", "scene " + parts_->scene_.name,
                    "Use a scene with data to train on.");
    parts_->train_once();
    return parts_->recent_.back();
}

Samples Laboratory::sample(std::int64_t count, int steps, ChainStart start, const Samples* initial,
                           std::uint64_t seed, const std::function<void(int step)>& progress) {
    torch::Tensor x;
    const auto group = static_cast<std::uint32_t>(RandomGroup::command_line);
    if (initial)
        x = to_tensor(*initial).index_select(0, torch::arange(count).remainder(initial->count));
    else if (start == ChainStart::noise)
        x = uniform_samples(count, parts_->dataset_.shape(),
                            static_cast<float>(parts_->settings_.sampler.box_low),
                            static_cast<float>(parts_->settings_.sampler.box_high),
                            {seed, random::Stream::start, group, 0, 0});
    else
        x = parts_->chain_starts(start, count, "");
    const kernels::StepSettings step = step_settings(parts_->settings_);
    kernels::StepReport report;
    for (int done = 0; done < steps;) {
        const int part = std::min(20, steps - done);
        x = advance(parts_->shown_energy(), x, step,
                    {seed, random::Stream::noise, group, 0, static_cast<std::uint32_t>(done)}, part, report)
                .x;
        done += part;
        if (progress) progress(done);
    }
    return {count, parts_->dataset_.kind, to_vector(x)};
}

void Laboratory::energies(const Samples& samples, std::vector<float>& energy, std::vector<float>* gradient) {
    const torch::Tensor x = to_tensor(samples);
    const Energy& shown = parts_->shown_energy();
    if (!gradient) {
        energy = to_vector(energies_in_pieces(shown, x));
        return;
    }
    energy.clear();
    gradient->clear();
    for (std::int64_t first = 0; first < x.size(0); first += 256) {
        const auto [value, slope] =
            shown.value_and_gradient(x.slice(0, first, std::min(first + 256, x.size(0))));
        const std::vector<float> values = to_vector(value), slopes = to_vector(slope);
        energy.insert(energy.end(), values.begin(), values.end());
        gradient->insert(gradient->end(), slopes.begin(), slopes.end());
    }
}

Evaluation Laboratory::evaluate(const std::vector<std::pair<std::string, Samples>>& extra_ood) {
    Parts& p = *parts_;
    for (const auto& [name, samples] : extra_ood) {
        if (free_name(name, p.dataset_) != name)
            throw Error(fmt::format("Two out-of-distribution sets are named {}", name), "",
                        "Give each a name of its own.");
        p.dataset_.ood.emplace_back(name, to_tensor(samples));
    }
    Evaluation evaluation;
    if (p.wants(Parts::View::quality)) {
        p.refresh(Parts::View::quality);
        evaluation.kl = p.quality_->back().kl;
    }
    constexpr std::int64_t most = 10000;
    // The live chains have not moved yet: they say nothing about a trained model.
    const torch::Tensor chains = p.trainer_ ? torch::Tensor() : p.chains_->states();
    evaluation.scores =
        scores_view(p.shown_energy(), p.dataset_, p.buffer_samples(), chains, most, iteration());
    return evaluation;
}

void Laboratory::refresh_views() {
    for (int i = 0; i < static_cast<int>(Parts::View::count); ++i) {
        const auto view = static_cast<Parts::View>(i);
        if (!parts_->wants(view)) continue;
        parts_->freshness_[static_cast<std::size_t>(i)].wanted = false; // fine resolution at once
        parts_->refresh(view);
    }
}

} // namespace ebm::lab
