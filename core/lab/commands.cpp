#include "core/lab/parts.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/lab/sample_files.h"

#include <fmt/format.h>

namespace ebm::lab {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

} // namespace

torch::Tensor Laboratory::Parts::chain_starts(ChainStart start, std::int64_t count, const std::string& path) {
    const auto random_rows = [&](const torch::Tensor& x) {
        const torch::Tensor place = uniform_samples(count, {1}, 0, 1, chains_->fresh_place(count)).flatten();
        const torch::Tensor rows = (place * static_cast<double>(x.size(0))).floor().to(torch::kInt64);
        return x.index_select(0, rows.clamp_max(x.size(0) - 1));
    };
    switch (start) {
    case ChainStart::noise:
        break;
    case ChainStart::data:
        if (!dataset_.view)
            throw Error("This scene has no data to start from", "", "Start the chains from noise.");
        dataset_.require_training_data();
        return random_rows(dataset_.train);
    case ChainStart::buffer:
        if (!trainer_ || trainer_->buffer().size() == 0)
            throw Error("This scene has no replay buffer", "", "Start the chains from noise.");
        return random_rows(trainer_->buffer().samples_);
    case ChainStart::file: {
        const torch::Tensor x = to_tensor(read_samples(path, dataset_.kind, dataset_.coding));
        return x.index_select(0, torch::arange(count).remainder(x.size(0)));
    }
    }
    return uniform_samples(count, dataset_.shape(), static_cast<float>(settings_.sampler.box_low),
                           static_cast<float>(settings_.sampler.box_high), chains_->fresh_place(count));
}

void Laboratory::Parts::start_chains(const RestartChains& command) {
    const std::int64_t count =
        command.which.empty() ? settings_.sampler.chains : static_cast<std::int64_t>(command.which.size());
    for (int chain : command.which)
        if (chain < 0 || chain >= chains_->count())
            throw Error("There is no such chain", fmt::format("chain {}", chain),
                        "Choose one that is shown.");
    chains_->restart(chain_starts(command.start, count, command.path), command.which);
    chains_->measure(shown_energy());
}

void Laboratory::Parts::change_setting(const ChangeSetting& command) {
    const Setting& row = setting(command.key);
    Settings changed = settings_;
    row.set_text(changed, command.value);
    validate(changed);
    const std::string before = row.text(settings_), after = row.text(changed);
    if (before == after) return;
    if (row.effect == Effect::rebuild) {
        const Settings kept = settings_;
        settings_ = changed;
        try {
            reset();
        } catch (...) {
            settings_ = kept;
            throw;
        }
        return;
    }
    settings_ = changed;
    auto changes = std::make_shared<std::vector<SettingChange>>(*changes_);
    const std::int64_t iteration = trainer_ ? trainer_->iteration() : 0;
    if (!changes->empty() && changes->back().key == command.key && iteration - changes->back().iteration < 20)
        changes->back().after = after; // one drag of a slider is one change
    else
        changes->push_back({iteration, command.key, before, after});
    changes_ = changes;
    if (command.key == "sampler.chains") {
        chains_->resize(settings_.sampler.chains,
                        [&](std::int64_t count) { return chain_starts(ChainStart::noise, count, ""); });
        chains_->measure(shown_energy());
    }
    if (row.group == "view") {
        freshness_[static_cast<std::size_t>(View::field)].wanted = true;
        freshness_[static_cast<std::size_t>(View::exact)].wanted = true;
        exact_ = nullptr;
    }
    if (command.key == "sampler.box_low" || command.key == "sampler.box_high") box_log_density_.clear();
    model_changed();
}

void Laboratory::apply(const Command& command) {
    Parts& p = *parts_;
    if (const std::string why = refusal(p.state_, command); !why.empty())
        throw Error("That cannot be done now", state_name(p.state_), why);
    const auto plane_only = [&] {
        if (!p.dataset_.kind.plane)
            throw Error("Chains of images have no place on the plane", "", "Use the Samples panel.");
    };
    const auto want = [&](Parts::View view) { p.freshness_[static_cast<std::size_t>(view)].wanted = true; };
    std::visit(
        Overloaded{
            [&](const OpenScene& c) { p.open(c.scene, c.run); },
            [&](const OpenCheckpoint& c) { p.open_checkpoint(c.path); },
            [&](const SaveCheckpoint& c) {
                p.save_checkpoint(c.path);
                log::info("Saved {}.", c.path);
            },
            [&](const Run&) { p.state_ = State::running; },
            [&](const Pause&) { p.state_ = State::paused; },
            [&](const StepChains& c) {
                for (int i = 0; i < c.count; ++i)
                    p.step_chains(c.count == 1);
                p.state_ = State::paused;
            },
            [&](const StepTraining& c) {
                if (!p.trainer_)
                    throw Error("An analytic energy is not trained", "",
                                "Open a scene with data to train on.");
                for (int i = 0; i < c.count; ++i)
                    p.train_once();
                p.state_ = State::paused;
            },
            [&](const UseDevice& c) { p.use_device(c.device); },
            [&](const Reset&) { p.reset(); },
            [&](const RollBack&) { p.roll_back(); },
            [&](const ChangeSetting& c) { p.change_setting(c); },
            [&](const SetPace& c) {
                p.pace_ = c;
                p.pace_.share = std::clamp(c.share, 0.1, 1.0);
                p.next_slow_step_ = 0;
            },
            [&](const RestartChains& c) { p.start_chains(c); },
            [&](const DropChains& c) {
                plane_only();
                p.chains_->drop(c.x, c.y, c.count, c.spread);
                p.chains_->measure(p.shown_energy());
            },
            [&](const MoveChain& c) {
                plane_only();
                p.chains_->move(c.chain, c.x, c.y);
                p.chains_->measure(p.shown_energy());
            },
            [&](const SelectChain& c) { p.chains_->select(c.chain); },
            [&](const SendToChains& c) {
                if (!p.trainer_)
                    throw Error("This scene has no replay buffer", "", "Open a scene that trains.");
                std::vector<std::int64_t> slots;
                for (std::int64_t slot : c.slots)
                    if (slot >= 0 && slot < p.trainer_->buffer().size() &&
                        static_cast<std::int64_t>(slots.size()) < p.chains_->count())
                        slots.push_back(slot);
                if (slots.empty()) return;
                std::vector<int> which(slots.size());
                for (std::size_t i = 0; i < which.size(); ++i)
                    which[i] = static_cast<int>(i);
                p.chains_->restart(p.trainer_->buffer().take(torch::tensor(slots, torch::kInt64)), which);
                p.chains_->measure(p.shown_energy());
            },
            [&](const FreezeChains& c) { p.chains_frozen_ = c.frozen; },
            [&](const BrowseBuffer& c) {
                p.query_ = c;
                want(Parts::View::buffer);
            },
            [&](const SetFieldRect& c) {
                if (!(c.low_x < c.high_x && c.low_y < c.high_y)) return;
                (p.dataset_.kind.plane ? p.rect_ : p.slice_rect_) = c;
                want(Parts::View::field);
                want(Parts::View::exact);
                want(Parts::View::slice);
                p.exact_ = nullptr;
            },
            [&](const ShowGradient& c) {
                p.arrows_ = c.shown;
                want(Parts::View::field);
            },
            [&](const ChooseSlice& c) {
                p.anchors_ = c.anchors;
                if (p.dataset_.kind.plane) return;
                p.basis_ = slice_basis(p.anchors_, p.dataset_, p.chains_->states(),
                                       static_cast<std::uint64_t>(p.settings_.train.seed));
                want(Parts::View::slice);
            },
            [&](const AddOodSet& c) {
                const torch::Tensor x = to_tensor(read_samples(c.path, p.dataset_.kind, p.dataset_.coding));
                p.dataset_.ood.emplace_back(free_name(c.name, p.dataset_), x);
                want(Parts::View::scores);
            },
        },
        command);
    p.model_changed();
}

} // namespace ebm::lab
