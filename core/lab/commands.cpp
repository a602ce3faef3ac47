#include "core/lab/parts.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/memory.h"
#include "core/lab/sample_files.h"

#include <algorithm>
#include <numeric>

namespace ebm::lab {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

} // namespace

void Laboratory::Parts::change_setting(const ChangeSetting& command) {
    const Setting& row = setting(command.key);
    Settings changed = run_->settings();
    row.set_text(changed, command.value);
    if (row.is_default(changed, run_->settings())) return;
    if (row.effect == Effect::rebuild) return reset(changed);
    untold_changes_.try_emplace(command.key, row.text(run_->settings()));
    last_change_ = now();
    run_->change(row, changed);
    if (row.key == "sampler.chains") watch_.resize(*run_);
    // Other classes of the parts are other classes of the energy.
    if (row.key == "sampler.ask" || row.key == "compose.classes") watch_.ask(*run_);
    if (row.group == "sampler") watch_.forget_reading();
    if (row.group == "view") {
        views_.want(View::field);
        views_.want(View::exact);
    }
    // Asked for by hand: not after a pause that is as long as the score before was slow.
    if (row.key == "view.score" || row.key == "view.class_score" || row.key == "view.scored")
        views_.want(View::scores);
    if (row.key == "sampler.box_low" || row.key == "sampler.box_high") views_.box_changed();
    model_changed();
}

void Laboratory::Parts::send_to_chains(const SendToChains& command) {
    const ReplayBuffer* buffer = run_->trainable() ? run_->learner()->buffer() : nullptr;
    if (!buffer) throw Error("This scene has no replay buffer", "", "Open a scene that trains.");
    std::vector<std::int64_t> slots;
    for (const std::int64_t slot : command.slots)
        if (slot >= 0 && slot < buffer->size() &&
            static_cast<std::int64_t>(slots.size()) < watch_.chains().count())
            slots.push_back(slot);
    if (slots.empty()) return;
    views_.chains_moved();
    std::vector<int> which(slots.size());
    std::iota(which.begin(), which.end(), 0);
    watch_.restart_from(*run_, buffer->look(torch::tensor(slots, torch::kLong)).x, which);
}

void Laboratory::apply(const Command& command) {
    Parts& p = *parts_;
    if (const auto* change = std::get_if<ChangeSetting>(&command))
        p.changes_handled_ = std::max(p.changes_handled_, change->number);
    if (const std::string why = refusal(p.state_, command); !why.empty())
        throw Error("That cannot be done now", state_name(p.state_), why);
    const auto plane_only = [&] {
        if (!p.run_->kind().plane)
            throw Error("Chains of images have no place on the plane", "", "Use the Samples panel.");
    };
    std::visit(Overloaded{
                   [&](const OpenScene& c) { p.open(c.scene, c.run); },
                   [&](const OpenCheckpoint& c) { p.open_checkpoint(c, false); },
                   [&](const Recover& c) { p.open_checkpoint({c.path}, true); },
                   [&](const BringBack&) { p.bring_back(); },
                   [&](const SaveCheckpoint& c) { p.save_checkpoint(c.path); },
                   [&](const SaveCopy& c) { store::write_checkpoint(c.path, p.checkpoint(c.path)); },
                   [&](const Run&) { p.state_ = State::running; },
                   [&](const Pause&) { p.state_ = State::paused; },
                   [&](const PauseAt& c) {
                       p.pause_at_ = c;
                       p.pause_if_reached();
                   },
                   [&](const StepChains& c) {
                       for (int i = 0; i < c.count; ++i)
                           p.step_chains();
                       p.state_ = State::paused;
                   },
                   [&](const StepTraining& c) {
                       p.require_training();
                       for (int i = 0; i < c.count; ++i)
                           p.train_once();
                       p.views_.want(View::buffer); // its slots light up with the last of them
                       p.state_ = State::paused;
                   },
                   [&](const StepAlgorithm& c) {
                       p.require_training();
                       p.walk(c.stride);
                       p.state_ = State::paused;
                   },
                   [&](const UseDevice& c) { p.use_device(c.device); },
                   [&](const Reset&) { p.reset(p.run_->settings()); },
                   [&](const RollBack&) { p.roll_back(); },
                   [&](const ChangeSetting& c) { p.change_setting(c); },
                   [&](const SetPace& c) { p.watch_.set_pace(c); },
                   [&](const RestartChains& c) {
                       p.watch_.restart(*p.run_, c);
                       p.views_.chains_moved();
                   },
                   [&](const DropChains& c) {
                       plane_only();
                       p.watch_.drop(*p.run_, c);
                       p.views_.want(View::trace);
                       p.views_.chains_moved();
                   },
                   [&](const MoveChain& c) {
                       plane_only();
                       p.watch_.move(*p.run_, c);
                       p.views_.chains_moved();
                   },
                   [&](const SelectChain& c) {
                       p.watch_.select(c.chain);
                       p.views_.want(View::trace);
                   },
                   [&](const SendToChains& c) { p.send_to_chains(c); },
                   [&](const FreezeChains& c) { p.watch_.freeze(c.frozen); },
                   [&](const FreezeModel& c) { p.model_frozen_ = c.frozen; },
                   [&](const BrowseBuffer& c) { p.views_.set_query(c); },
                   [&](const SetFieldRect& c) { p.views_.set_rect(*p.run_, c); },
                   [&](const ShowGradient& c) { p.views_.set_arrows(c.shown); },
                   [&](const ShowViews& c) { p.views_.show(c.shown); },
                   [&](const ShowPictures& c) { p.views_.show_pictures(c.chains); },
                   [&](const ChooseSlice& c) { p.views_.set_anchors(*p.run_, p.watch_, c.anchors); },
                   [&](const AddOodSet& c) { p.add_ood_set(c); },
                   [&](const StartRace& c) { p.race_.begin(p.make_race(c), p.now()); },
                   [&](const PauseRace& c) { p.race_.pause(c.paused, p.now()); },
                   [&](const EndRace&) { p.race_.end(); },
                   [&](const StartPartition& c) {
                       p.partition_.begin(std::make_unique<PartitionEstimate>(c, *p.run_), p.now());
                   },
                   [&](const PausePartition& c) { p.partition_.pause(c.paused, p.now()); },
                   [&](const EndPartition&) { p.partition_.end(); },
                   [&](const StartOodTable& c) {
                       p.ood_table_.begin(
                           std::make_unique<OodTable>(c, p.device_, OodTable::beside_the_window), p.now());
                   },
                   [&](const PauseOodTable& c) { p.ood_table_.pause(c.paused, p.now()); },
                   [&](const EndOodTable&) {
                       p.ood_table_.end();
                       give_back_memory(); // that of the model in it
                   },
                   [&](const ChoosePicture& c) { p.picture_.choose(*p.run_, p.watch_.chains(), c); },
                   [&](const StartRestoration& c) { p.picture_.restore(*p.run_, c); },
                   [&](const PauseRestoration& c) { p.picture_.pause(c.paused); },
                   [&](const EndRestoration&) { p.picture_.end_restoration(); },
               },
               command);
}

} // namespace ebm::lab
