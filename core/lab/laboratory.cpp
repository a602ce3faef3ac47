#include "core/lab/parts.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/memory.h"
#include "core/lab/sample_files.h"
#include "core/measure/diagnostics.h"
#include "core/store/checkpoint.h"
#include "core/store/recovery.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

/// The verdict on a run is late: what was kept in the last iterations before trouble is not trusted.
constexpr std::int64_t distrusted = 100;

std::string title_of(const Scene& scene) {
    return scene.title.empty() ? scene.name : scene.title;
}

} // namespace

Laboratory::Parts::Parts(const Options& options) : options_(options) {
    if (options_.threads <= 0) {
        const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
        options_.threads = options_.for_window ? std::max(1, cores - 1) : cores;
    }
    device_ = open_device(options_.device);
    if (!device_.note.empty()) log::info("{}", device_.note);
    torch::set_num_threads(options_.threads);
}

void Laboratory::Parts::take(std::unique_ptr<SceneRun> fresh, const NamedTensors& checkpoint,
                             const std::string& origin, State state) {
    Watch watch;
    watch.set_pace(watch_.pace());
    watch.open(*fresh, checkpoint, origin);
    if (std::ranges::none_of(checkpoint, [](const auto& entry) { return entry.first == "chains.x"; }))
        watch.start_as_scene_says(*fresh);
    // Nothing below fails.
    const bool same_place = run_ && run_->scene().name == fresh->scene().name;
    if (run_ && run_->unsaved_iterations() > 0) {
        NamedTensors chains = copy_of_chains();
        set_aside_ = {std::move(run_), std::move(chains)};
    }
    run_ = std::move(fresh);
    watch_ = std::move(watch);
    views_.open(*run_, watch_, same_place);
    race_.end();
    partition_.end();
    picture_ = {};
    training_ = {};
    model_frozen_ = false;
    pause_at_ = {};
    untold_changes_.clear();
    give_back_memory(); // that of the run before
    autosaved_iteration_ = run_->iteration();
    copied_ = false;
    state_ = state;
    if (options_.for_window)
        log::info("Opened {}: {}{}.", title_of(run_->scene()), run_->energy_title(),
                  run_->trainable() ? fmt::format(", iteration {}", run_->iteration()) : "");
}

void Laboratory::Parts::open(const Scene& scene, bool run) {
    NamedTensors tensors;
    take(std::make_unique<SceneRun>(scene, scene.settings, device_, run_.get(), added_sets_, &tensors),
         tensors, scene.checkpoint, run ? State::running : State::ready);
}

void Laboratory::Parts::open_checkpoint(const OpenCheckpoint& command, bool recovered) {
    const store::Checkpoint checkpoint = store::read_checkpoint(command.path);
    auto fresh = std::make_unique<SceneRun>(checkpoint, command.path, device_, run_.get(), added_sets_,
                                            command.data_path);
    if (command.begins_at) fresh->begin_at(*command.begins_at);
    if (recovered) fresh->forget_file();
    // A recovered run waits: its other run may still have to be recovered.
    const bool goes_on = state_ == State::running && !recovered;
    take(std::move(fresh), checkpoint.tensors, command.path, goes_on ? State::running : State::paused);
    copied_ = command.begins_at.has_value();
    if (recovered && !options_.recovery.empty()) store::recovery::adopt(command.path, options_.recovery);
}

void Laboratory::Parts::bring_back() {
    if (!set_aside_.run)
        throw Error("No run was set aside", "", "A run is, when another takes its place unsaved.");
    SetAside back = std::move(set_aside_);
    set_aside_ = {};
    back.run->use_device(device_, device_);
    take(std::move(back.run), back.chains, "run that was set aside", State::paused);
}

store::Checkpoint Laboratory::Parts::checkpoint(const std::string& path) const {
    store::Checkpoint checkpoint = run_->checkpoint(path);
    for (auto& entry : watch_.chains().state())
        checkpoint.tensors.push_back(std::move(entry));
    return checkpoint;
}

void Laboratory::Parts::save_checkpoint(const std::string& path) {
    store::write_checkpoint(path, checkpoint(path));
    run_->mark_saved();
    // An older state of what is saved now must not be offered after a crash.
    if (!options_.recovery.empty() && path != options_.recovery) {
        std::error_code ignored;
        std::filesystem::remove(options_.recovery, ignored);
    }
    log::info("Saved {}.", path);
}

void Laboratory::Parts::use_device(const std::string& wanted) {
    ComputeDevice device = open_device(wanted);
    if (run_) run_->use_device(device, device_);
    device_ = std::move(device);
    options_.device = wanted;
    // What failed on one device may go on where it was on another; if it was not the device, it fails again.
    if (state_ == State::failed) state_ = State::paused;
    log::info("{}",
              device_.note.empty() ? "Computing on: " + device_name(device_.gpu.get()) + "." : device_.note);
}

void Laboratory::Parts::reset(const Settings& settings) {
    NamedTensors tensors;
    auto fresh =
        std::make_unique<SceneRun>(run_->scene(), settings, device_, run_.get(), added_sets_, &tensors);
    // Chains start anew, whatever a checkpoint says of them.
    take(std::move(fresh), {}, "", state_ == State::running ? State::running : State::ready);
}

std::int64_t Laboratory::Parts::roll_back_limit() const {
    const measure::Health health =
        measure::judge(run_->curves().recent(), run_->in_force(), training_circumstances());
    const bool ill = state_ == State::failed || health.level == measure::HealthLevel::failure;
    return run_->iteration() - (ill ? distrusted : 0);
}

NamedTensors Laboratory::Parts::copy_of_chains() const {
    NamedTensors chains;
    for (const auto& [name, tensor] : watch_.chains().state())
        chains.emplace_back(name, tensor.clone());
    return chains;
}

Laboratory::Parts::SetAside Laboratory::Parts::copy_of_run() {
    store::Checkpoint now = run_->checkpoint("");
    for (auto& [name, tensor] : now.tensors)
        tensor = tensor.clone();
    auto copy = std::make_unique<SceneRun>(now, "run that is set aside", device_, run_.get(), added_sets_);
    copy->forget_file();
    copy->begin_at(run_->scene().checkpoint);
    return {std::move(copy), copy_of_chains()};
}

void Laboratory::Parts::roll_back() {
    // A failed run holds no numbers that anybody could go on with.
    const bool worth_keeping = run_->unsaved_iterations() > 0 && state_ != State::failed &&
                               run_->good_iteration(roll_back_limit()) >= 0;
    SetAside before;
    if (worth_keeping) try {
            before = copy_of_run();
        } catch (const Error& error) { // which must not keep anybody from going back
            log::warning("The run that is rolled back could not be set aside: {}", error.what());
        }
    run_->roll_back(roll_back_limit());
    if (before.run) set_aside_ = std::move(before);
    watch_.restart(*run_, {ChainStart::buffer, {}, ""});
    log::info("Rolled back to iteration {}.", run_->iteration());
    views_.want_all();
    model_changed();
    state_ = State::paused;
}

void Laboratory::Parts::add_ood_set(const AddOodSet& command) {
    const torch::Tensor x =
        to_tensor(read_samples(command.path, run_->kind(), run_->data().coding, command.columns));
    const std::string name = free_name(command.name, run_->data());
    run_->add_ood_set(name, x);
    added_sets_.push_back({name, std::filesystem::absolute(command.path).string(), command.columns});
    views_.want(View::scores);
}

void Laboratory::Parts::fill(Snapshot& snapshot) {
    const double t = now();
    snapshot.state = state_;
    snapshot.changes_handled = changes_handled_;
    snapshot.device_choice = options_.device;
    snapshot.device_note = device_.note;
    snapshot.threads = options_.threads;
    snapshot.pace = watch_.pace();
    snapshot.memory_bytes = resident_memory();
    snapshot.set_aside.reset();
    if (set_aside_.run)
        snapshot.set_aside =
            Snapshot::SetAside{title_of(set_aside_.run->scene()), set_aside_.run->iteration()};
    if (!run_) {
        snapshot.device = device_name(device_.gpu.get());
        return;
    }
    const SceneRun& run = *run_;
    const bool running = state_ == State::running;
    if (options_.for_window) watch_.settle(run, t);
    snapshot.scene = run.scene();
    snapshot.settings = run.settings();
    snapshot.in_force = run.in_force();
    snapshot.iteration = run.iteration();
    snapshot.trainable = run.trainable();
    snapshot.roll_back_iteration = run.trainable() ? run.good_iteration(roll_back_limit()) : -1;
    snapshot.unsaved_iterations = run.unsaved_iterations();
    snapshot.unsaved_seconds = run.unsaved_seconds();
    snapshot.kind = run.kind();
    snapshot.energy_title = run.energy_title();
    snapshot.kernel = run.energy().kernel_name();
    snapshot.device = device_name(run.energy().gpu());
    snapshot.parameter_count = run.parameter_count();
    snapshot.model = run.description();
    snapshot.minima = run.minima();
    snapshot.parts = run.parts();
    snapshot.chains_frozen = watch_.frozen();
    snapshot.model_frozen = model_frozen_;
    snapshot.chain_steps = watch_.chains().steps_made();
    snapshot.iterations_per_second = running && trains() ? training_.rate(t) : 0;
    snapshot.chain_steps_per_second = running ? watch_.meter().rate(t) : 0;
    snapshot.training_seconds = run.seconds();
    const double busy = training_.seconds(t) + watch_.meter().seconds(t) + views_.meter().seconds(t);
    snapshot.training_share = run.training_left() && busy > 0 ? training_.seconds(t) / busy : 0;
    watch_.chains().fill(snapshot.chains);
    snapshot.chains.start = watch_.started_from();
    snapshot.chains.drops = watch_.drops();
    snapshot.reading = watch_.reading(run, t);
    snapshot.data = run.data().view;
    snapshot.quality = run.curves().quality();
    snapshot.changes = run.curves().changes();
    snapshot.records = run.curves().records();
    snapshot.race = race_.view();
    snapshot.partition = partition_.view();
    snapshot.ood_table = ood_table_.view();
    picture_.fill(snapshot);
    views_.fill(snapshot, run, watch_);
}

Laboratory::Laboratory(const Options& options) : parts_(std::make_unique<Parts>(options)) {}
Laboratory::~Laboratory() = default;

Work Laboratory::work(std::chrono::microseconds budget) {
    try {
        return parts_->work(budget);
    } catch (...) {
        if (parts_->state_ == State::running) parts_->state_ = State::failed;
        throw;
    }
}

void Laboratory::fill(Snapshot& snapshot) {
    parts_->fill(snapshot);
}

} // namespace ebm::lab
