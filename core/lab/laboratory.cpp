#include "core/lab/parts.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/lab/model_file.h"
#include "core/store/checkpoint.h"

#include <algorithm>
#include <limits>
#include <thread>

#include <fmt/format.h>

namespace ebm::lab {

Laboratory::Parts::Parts(const Options& options) : options_(options) {
    if (options_.threads <= 0) {
        const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
        options_.threads = options_.for_window ? std::max(1, cores - 1) : cores;
    }
    device_ = open_device(options_.device);
    if (!device_.note.empty()) log::info("{}", device_.note);
    torch::set_num_threads(options_.threads);
}

void Laboratory::Parts::open(const Scene& scene, bool run) {
    validate(scene.settings);
    const std::filesystem::path file =
        scene.checkpoint.empty() || std::filesystem::path(scene.checkpoint).is_absolute()
            ? std::filesystem::path(scene.checkpoint)
            : assets_folder() / scene.checkpoint;
    std::optional<store::Checkpoint> checkpoint;
    if (!file.empty()) checkpoint = store::read_checkpoint(file);
    Dataset dataset =
        open_dataset(scene.settings, checkpoint ? kept_data(*checkpoint, file.string()) : KeptData());
    const Shape shape = dataset.shape();
    std::shared_ptr<Energy> energy =
        make_energy(scene.settings, shape, static_cast<std::uint64_t>(scene.settings.train.seed));
    move_to(device_, *energy);
    const bool trainable = !energy->parameters().empty();
    if (trainable && !dataset.train.defined() && dataset.view == nullptr)
        throw Error(fmt::format("The energy '{}' needs data to learn from", scene.settings.model.energy),
                    "setting data.set", "Choose a data set, or an analytic energy.");
    auto trainer = trainable ? std::make_unique<Trainer>(scene.settings, energy, dataset.train) : nullptr;
    const Completed completed = checkpoint ? restore(scene, *checkpoint, file, trainer.get()) : Completed();

    const bool another = scene.name != scene_.name; // else it is looked at from where it was
    scene_ = scene;
    if (!dataset.path.empty()) scene_.settings.data.path = dataset.path; // so that it opens from any folder
    settings_ = scene_.settings;
    dataset_ = std::move(dataset);
    analytic_ = trainable ? nullptr : energy;
    trainer_ = std::move(trainer);
    completed_ = completed;
    parameter_count_ = 0;
    for (const auto& [name, tensor] : energy->parameters())
        parameter_count_ += tensor.numel();
    energy_title_.clear();
    for (const EnergyKind& kind : energy_kinds())
        if (kind.name == settings_.model.energy) energy_title_ = kind.title;
    chains_ =
        std::make_unique<LiveChains>(dataset_.kind, shape, static_cast<std::uint64_t>(settings_.train.seed));
    start_chains({});
    records_ = std::make_shared<RecordLog>();
    changes_ = std::make_shared<std::vector<SettingChange>>();
    quality_ = std::make_shared<std::vector<QualityPoint>>();
    recent_.clear();
    good_states_ = {};
    if (another) {
        const double half = settings_.view.extent;
        rect_ = {-half, -half, half, half};
    }
    field_ = exact_ = nullptr;
    slice_ = nullptr;
    scores_ = nullptr;
    buffer_ = nullptr;
    health_ = nullptr;
    box_log_density_.clear();
    freshness_ = {};
    reading_ = {};
    sampler_reading_ = {};
    training_ = chain_steps_ = viewing_ = {};
    chains_frozen_ = false;
    query_.page = 0;
    if (!dataset_.kind.plane) {
        anchors_ = {Anchor{AnchorKind::data, 0}, Anchor{AnchorKind::chain, 0}, Anchor{AnchorKind::noise, 0}};
        basis_ = slice_basis(anchors_, dataset_, chains_->states(),
                             static_cast<std::uint64_t>(settings_.train.seed));
    }
    model_changed();
    state_ = run ? State::running : State::ready;
    if (options_.for_window)
        log::info("Opened {}: {}{}.", scene.title.empty() ? scene.name : scene.title, energy_title_,
                  trainer_ ? fmt::format(", iteration {}", trainer_->iteration()) : "");
}

Laboratory::Parts::Completed Laboratory::Parts::restore(const Scene& scene,
                                                        const store::Checkpoint& checkpoint,
                                                        const std::filesystem::path& path, Trainer* trainer) {
    if (!trainer)
        throw Error(fmt::format("The energy '{}' has no weights that a checkpoint could hold",
                                scene.settings.model.energy),
                    path.string(), "Take \"checkpoint\" out of the scene, or choose another energy.");
    std::vector<std::string> warnings;
    const Scene trained = parse_scene(checkpoint.scene_json, path.string(), warnings);
    require_same_model(trained.settings, scene.settings, path.string());
    trainer->restore(checkpoint.tensors, checkpoint.iteration, checkpoint.seconds);
    return {checkpoint.iteration, checkpoint.buffer_samples};
}

torch::Tensor Laboratory::Parts::buffer_samples() const {
    if (!trainer_ || trainer_->buffer().size() == 0) return {};
    const torch::Tensor& samples = trainer_->buffer().samples_;
    const bool copies = completed_.buffer_samples > 0 && trainer_->iteration() == completed_.iteration;
    return copies ? samples.slice(0, 0, completed_.buffer_samples) : samples;
}

void Laboratory::Parts::open_checkpoint(const std::string& path) {
    const store::Checkpoint checkpoint = store::read_checkpoint(path);
    std::vector<std::string> warnings;
    Scene scene = parse_scene(checkpoint.scene_json, path, warnings);
    scene.checkpoint = std::filesystem::absolute(path).string();
    for (const std::string& warning : warnings)
        log::warning("{}", warning);
    open(scene, state_ == State::running);
    if (state_ == State::ready) state_ = State::paused;
}

void Laboratory::Parts::save_checkpoint(const std::string& path) {
    if (!trainer_)
        throw Error("An analytic energy has nothing to save", path,
                    "Save the scene instead, or open a scene that trains.");
    store::Checkpoint checkpoint;
    Scene scene = scene_;
    scene.settings = settings_;
    scene.checkpoint.clear();
    checkpoint.scene_json = scene_json(scene);
    checkpoint.iteration = trainer_->iteration();
    checkpoint.seconds = training_seconds();
    checkpoint.tensors = trainer_->state();
    keep_data(dataset_, checkpoint, path);
    store::write_checkpoint(path, checkpoint);
}

void Laboratory::Parts::use_device(const std::string& wanted) {
    ComputeDevice device = open_device(wanted);
    std::vector<Energy*> energies;
    if (analytic_) energies = {analytic_.get()};
    if (trainer_) energies = {trainer_->energy().get(), trainer_->average().get()};
    try {
        for (Energy* energy : energies)
            move_to(device, *energy);
    } catch (...) {
        for (Energy* energy : energies)
            move_to(device_, *energy);
        throw;
    }
    device_ = std::move(device);
    options_.device = wanted;
    log::info("{}",
              device_.note.empty() ? "Computing on: " + device_name(device_.gpu.get()) + "." : device_.note);
}

void Laboratory::Parts::reset() {
    Scene scene = scene_;
    const Scene reference = scene_;
    const bool run = state_ == State::running;
    scene.settings = settings_;
    if (model_difference(reference.settings, settings_)) scene.checkpoint.clear(); // it is of another model
    open(scene, run);
    scene_ = reference;
    if (!run) state_ = State::ready;
}

void Laboratory::Parts::keep_good_state() {
    if (!options_.for_window || trainer_->iteration() % 200 != 0) return;
    GoodState state{trainer_->iteration(), training_seconds(), {}};
    for (const auto& [name, tensor] : trainer_->state())
        state.tensors.emplace_back(name, tensor.clone());
    good_states_[0] = std::move(good_states_[1]);
    good_states_[1] = std::move(state);
}

void Laboratory::Parts::roll_back() {
    // The newer state may already be on the way down, the older is at least 200 iterations before the
    // failure.
    const GoodState& state = good_states_[0].iteration >= 0 ? good_states_[0] : good_states_[1];
    if (!trainer_ || state.iteration < 0)
        throw Error("No earlier state is kept in memory yet", "", "Reset the run, or open a checkpoint.");
    trainer_->restore(state.tensors, state.iteration, state.seconds);
    auto kept = std::make_shared<RecordLog>();
    for (std::int64_t i = 0; i < records_->size() && (*records_)[i].iteration <= state.iteration; ++i)
        kept->append((*records_)[i]);
    records_ = kept;
    recent_.clear();
    health_ = nullptr;
    chains_->restart(chain_starts(ChainStart::buffer, settings_.sampler.chains, ""), {});
    log::info("Rolled back to iteration {}.", state.iteration);
    model_changed();
    state_ = State::paused;
}

const Energy& Laboratory::Parts::shown_energy() const {
    if (analytic_) return *analytic_;
    return settings_.train.use_average ? *trainer_->average() : *trainer_->energy();
}

bool Laboratory::Parts::training_left() const {
    return trainer_ && dataset_.train.defined() && trainer_->iteration() < settings_.train.iterations;
}

void Laboratory::Parts::model_changed() {
    ++version_;
}

void Laboratory::Parts::train_once() {
    dataset_.require_training_data();
    const std::int64_t iteration = trainer_->iteration();
    while (trainer_->iteration() == iteration)
        train_for(std::numeric_limits<double>::infinity());
}

void Laboratory::Parts::train_for(double seconds) {
    const double begin = now();
    const std::optional<TrainingRecord> record = trainer_->work(settings_, seconds);
    if (record) keep(*record);
    training_.add(now(), now() - begin, record ? 1 : 0);
}

void Laboratory::Parts::keep(const TrainingRecord& record) {
    if (!records_->append(record)) {
        auto thinner = std::make_shared<RecordLog>();
        for (std::int64_t i = 0; i < records_->size(); i += 2)
            thinner->append((*records_)[i]);
        thinner->append(record);
        records_ = thinner;
    }
    recent_.push_back(record);
    if (recent_.size() > 400) recent_.pop_front();
    keep_good_state();
    model_changed();
    if (trainer_->iteration() == settings_.train.iterations) {
        log::info("Training finished after {} iterations.", trainer_->iteration());
        for (Freshness& view : freshness_)
            view.wanted = true;
    }
}

void Laboratory::Parts::step_chains(bool slowly) {
    const double begin = now();
    const kernels::StepSettings step = step_settings(settings_);
    if (slowly && dataset_.kind.plane)
        chains_->step_slowly(shown_energy(), step, reading_);
    else
        chains_->step(shown_energy(), step, reading_);
    if (const std::vector<int> old = chains_->at_end_of_life(settings_.sampler.chain_life); !old.empty())
        chains_->restart(chain_starts(ChainStart::noise, static_cast<std::int64_t>(old.size()), ""), old);
    model_changed();
    chain_steps_.add(now(), now() - begin, static_cast<double>(chains_->count()));
}

/// Commands wait for a part of an iteration, not for all its steps.
constexpr double longest_part = 0.025; // seconds

void Laboratory::Parts::run_for(std::chrono::microseconds budget) {
    const auto end = Clock::now() + budget;
    if (state_ == State::running && pace_.speed == Speed::slow) {
        if (now() >= next_slow_step_) {
            next_slow_step_ = std::max(now(), next_slow_step_ + 1 / std::max(0.1, pace_.steps_per_second));
            if (training_left()) train_once();
            if (!chains_frozen_) step_chains(true);
        }
        while (Clock::now() < end && refresh_due()) {
        }
        return;
    }
    // Beside training, live chains get 5 % of the time and views 4 %; alone, chains get what the views (20 %)
    // leave.
    while (Clock::now() < end) {
        const double t = now();
        const bool running = state_ == State::running, training = running && training_left();
        const double spent = training_.seconds(t) + chain_steps_.seconds(t) + viewing_.seconds(t) + 1e-6;
        const bool views_may = viewing_.seconds(t) < (training ? 0.04 : 0.2) * spent + 0.02;
        if ((!running || views_may) && refresh_due()) continue;
        if (!running) return;
        const bool chains_move = !chains_frozen_ && chains_->count() > 0;
        if (training && (!chains_move || chain_steps_.seconds(t) >= 0.05 * spent))
            train_for(longest_part);
        else if (chains_move)
            step_chains(false);
        else
            return;
    }
}

} // namespace ebm::lab
