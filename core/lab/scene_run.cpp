#include "core/lab/scene_run.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/data/drawing.h"
#include "core/density/density.h"
#include "core/energy/classes.h"
#include "core/energy/painted.h"
#include "core/energy/sum.h"
#include "core/lab/class_choice.h"
#include "core/lab/model_file.h"
#include "core/lab/sample_files.h"
#include "core/lab/views.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr std::size_t good_state_count = 3;

/// Whether two settings mean the same data, sample for sample.
bool same_data(const Settings& a, const Settings& b) {
    if (a.train.seed != b.train.seed) return false;
    return std::ranges::all_of(settings_table(), [&](const Setting& row) {
        return row.group != "data" || row.effect != Effect::rebuild || row.is_default(a, b);
    });
}

} // namespace

struct SceneRun::Opening {
    ComputeDevice& device;
    const SceneRun* previous;
    const std::vector<AddedSet>& added;
    const store::Checkpoint* checkpoint; ///< null: from the start
    std::string origin;                  ///< path of the checkpoint
    bool keep_buffer_size;               ///< of the checkpoint, whatever the settings say
    std::string data_path = {};          ///< see OpenCheckpoint
};

SceneRun::SceneRun(const Scene& scene, const Settings& settings, ComputeDevice& device,
                   const SceneRun* previous, const std::vector<AddedSet>& added, NamedTensors* tensors)
    : scene_(scene), asked_(settings) {
    std::filesystem::path path = scene.checkpoint;
    // A model of other settings is left for one that is trained from the start.
    const bool from_file = !path.empty() && !model_difference(scene.settings, settings);
    std::optional<store::Checkpoint> checkpoint;
    if (from_file) {
        if (path.is_relative()) path = assets_folder() / path;
        checkpoint = store::read_checkpoint(path);
        std::vector<std::string> warnings;
        require_same_model(parse_scene(checkpoint->scene_json, path.string(), warnings).settings, settings,
                           path.string());
    }
    open({device, previous, added, checkpoint ? &*checkpoint : nullptr, path.string(),
          settings.buffer.size == scene.settings.buffer.size});
    if (checkpoint && tensors) *tensors = std::move(checkpoint->tensors);
}

SceneRun::SceneRun(const store::Checkpoint& checkpoint, const std::string& origin, ComputeDevice& device,
                   const SceneRun* previous, const std::vector<AddedSet>& added,
                   const std::string& data_path) {
    std::vector<std::string> warnings;
    scene_ = parse_scene(checkpoint.scene_json, origin, warnings);
    scene_.checkpoint = std::filesystem::absolute(origin).string();
    for (const std::string& warning : warnings)
        log::warning("{}", warning);
    asked_ = scene_.settings;
    open({device, previous, added, &checkpoint, origin, true, data_path});
    // The file's buffer is the truth about its size.
    scene_.settings.buffer.size = asked_.buffer.size;
}

void SceneRun::open(const Opening& opening) {
    validate(asked_);
    in_force_ = asked_;
    const bool lent = opening.data_path.empty() && opening.previous &&
                      same_data(opening.previous->in_force_, asked_) &&
                      opening.previous->data_.train.defined();
    if (lent) {
        data_ = opening.previous->data_;
    } else {
        KeptData kept;
        if (opening.checkpoint) kept = kept_data(*opening.checkpoint, opening.origin);
        kept.given_path = opening.data_path;
        kept.from_stream = kept.from_stream || (opening.checkpoint && asked_.data.path == "-");
        data_ = open_dataset(asked_, kept);
    }
    // So that a checkpoint opens from any folder.
    if (!data_.path.empty()) scene_.settings.data.path = asked_.data.path = in_force_.data.path = data_.path;
    // So that it needs no picture once it has been read.
    if (!data_.drawing.empty())
        for (Settings* settings : {&scene_.settings, &asked_, &in_force_}) {
            settings->data.drawing = data_.drawing;
            settings->data.path.clear();
        }
    complete_ood_sets(opening.added);
    measure_data();
    const Shape shape = data_.shape();
    build_walls(asked_.sampler.walls);
    if (!scene_.parts.empty()) return open_parts(opening.device);
    std::shared_ptr<Energy> energy = make_energy(asked_, shape, static_cast<std::uint64_t>(asked_.train.seed),
                                                 static_cast<int>(data_.classes.size()));
    move_to(opening.device, *energy);
    describe(*energy);
    for (const auto& [name, tensor] : energy->parameters())
        parameter_count_ += tensor.numel();
    for (const EnergyKind& kind : energy_kinds())
        if (kind.name == asked_.model.energy) {
            energy_title_ = kind.title;
            minima_ = kind.minima;
        }
    if (parameter_count_ == 0) {
        if (opening.checkpoint)
            throw Error(fmt::format("The energy '{}' has no weights that a checkpoint could hold",
                                    asked_.model.energy),
                        opening.origin, "Take \"checkpoint\" out of the scene, or choose another energy.");
        analytic_ = energy;
        return;
    }
    if (!data_.view)
        throw Error(fmt::format("The energy '{}' needs data to learn from", asked_.model.energy),
                    "setting data.set", "Choose a data set, or an analytic energy.");
    learner_ = make_learner(asked_, energy, {data_.train, data_.train_labels});
    asked_class_ = choose_class(asked_);
    if (!opening.checkpoint) return;
    const store::Checkpoint& checkpoint = *opening.checkpoint;
    learner_->restore(checkpoint.tensors, checkpoint.iteration, checkpoint.seconds, opening.origin);
    completed_iteration_ = checkpoint.iteration;
    completed_samples_ = checkpoint.buffer_samples;
    const auto text = checkpoint.extra.find("curves");
    curves_.restore(checkpoint.tensors, text == checkpoint.extra.end() ? "" : text->second,
                    density() != nullptr);
    mark_saved();
    if (!learner_->buffer()) return;
    const auto size = static_cast<int>(learner_->buffer()->size());
    if (size == asked_.buffer.size) return;
    if (opening.keep_buffer_size)
        asked_.buffer.size = in_force_.buffer.size = size;
    else
        learner_->resize_buffer(asked_.buffer.size);
}

void SceneRun::open_parts(ComputeDevice& device) {
    composed_ = open_composition(scene_, asked_, device);
    analytic_ = composed_.energy;
    parameter_count_ = composed_.parameters;
    if (analytic_->sample_shape() != data_.shape())
        throw Error("The data do not have the shape that the parts of the energy take",
                    "scene " + scene_.name, "Name the data in the scene that the models were trained on.");
    require_classes_of_parts();
    describe(*analytic_);
    asked_class_ = choose_class(asked_);
}

void SceneRun::require_classes_of_parts() const {
    if (analytic_->classes() > 0 && analytic_->classes() != static_cast<int>(data_.classes.size()))
        throw Error("The data do not have the classes of the models", "scene " + scene_.name,
                    "Name the data in the scene that the models were trained on.");
}

void SceneRun::change_parts(const Settings& changed) {
    recompose(composed_, changed);
    try {
        require_classes_of_parts();
        asked_class_ = choose_class(changed);
    } catch (const Error&) {
        recompose(composed_, asked_);
        throw;
    }
}

void SceneRun::build_walls(const std::string& text) {
    const data::Drawing walls = data::parse_drawing(text, "setting sampler.walls");
    if (!walls.empty() && !data_.kind.plane)
        throw Error("Walls are for the plane, and these samples are pictures", "setting sampler.walls",
                    "Leave the setting empty.");
    walls_ = walls.empty() ? nullptr : painted_energy(walls);
}

/// The box's set for the box of now, and those that a person added, where they fit this kind of samples.
void SceneRun::complete_ood_sets(const std::vector<AddedSet>& added) {
    const auto find = [&](const std::string& name) {
        return std::ranges::find(data_.ood, name, [](const auto& set) { return set.first; });
    };
    if (const auto box = find(uniform_box_name); box != data_.ood.end()) box->second = uniform_box(in_force_);
    for (const AddedSet& set : added) {
        if (find(set.name) != data_.ood.end()) continue;
        try {
            data_.ood.emplace_back(set.name,
                                   to_tensor(read_samples(set.path, data_.kind, data_.coding, set.columns)));
        } catch (const Error& error) {
            log::info("The OOD set {} is left out here: {}", set.name, error.what());
        }
    }
}

void SceneRun::change(const Setting& row, const Settings& changed) {
    validate(changed);
    if (row.group == "compose" && composed_.energy) change_parts(changed);
    if (row.key == "sampler.walls") build_walls(changed.sampler.walls);
    if (row.key == "sampler.ask") asked_class_ = choose_class(changed);
    const std::string before = row.text(asked_), after = row.text(changed);
    asked_ = changed;
    if (row.effect == Effect::now) row.copy(changed, in_force_);
    describe(model());
    const auto told = [&](const std::string& text) {
        return row.key == "sampler.walls" && !text.empty() ? std::string("painted") : text;
    };
    curves_.add(SettingChange{iteration(), std::string(row.key), told(before), told(after)});
    if (row.key != "sampler.box_low" && row.key != "sampler.box_high") return;
    complete_ood_sets({});
    measure_data();
}

void SceneRun::describe(const Energy& energy) {
    if (composed_.energy) {
        ModelDescription model;
        model.energy = composed_.title;
        model.kind = data_.kind;
        model.classes = composed_.energy->classes();
        model.parameters = composed_.parameters;
        description_ = std::make_shared<ModelDescription>(std::move(model));
        return;
    }
    const bool there = data_.train.defined();
    ModelDescription model = describe_model(asked_, {data_.kind, static_cast<int>(data_.classes.size()),
                                                     there ? data_.train.size(0) : 0,
                                                     there && data_.train.scalar_type() == torch::kByte});
    if (const auto* density = dynamic_cast<const Density*>(&energy)) model.bound = density->bound();
    description_ = std::make_shared<ModelDescription>(std::move(model));
}

/// Only points can lie outside the box: pictures are coded into it.
void SceneRun::measure_data() {
    data_range_ = {};
    if (!data_.kind.plane || !data_.train.defined() || data_.train.size(0) == 0) return;
    const auto& sampler = in_force_.sampler;
    const torch::Tensor& x = data_.train; // points are never bytes
    data_range_.data_count = x.size(0);
    data_range_.data_low = x.min().item<double>();
    data_range_.data_high = x.max().item<double>();
    data_range_.data_outside =
        x.lt(sampler.box_low).logical_or(x.gt(sampler.box_high)).any(1).sum().item<std::int64_t>();
}

measure::Circumstances SceneRun::circumstances() const {
    measure::Circumstances around = data_range_;
    around.training = training_left();
    around.learning = learning(settings(), {kind().plane, trainable(), density() != nullptr, false});
    around.bound = density() && !density()->exact();
    return around;
}

void SceneRun::add_ood_set(const std::string& name, const torch::Tensor& x) {
    data_.ood.emplace_back(name, x);
}

const std::shared_ptr<Energy>& SceneRun::bare_energy() const {
    if (analytic_) return analytic_;
    return asked_.train.use_average ? learner_->average() : learner_->energy();
}

std::shared_ptr<Energy> SceneRun::shared_energy() const {
    const std::shared_ptr<Energy>& energy = bare_energy();
    if (!walls_) return energy;
    if (walled_from_ != energy || walled_walls_ != walls_) {
        walled_ =
            std::make_shared<SumEnergy>(std::vector<EnergyTerm>{{energy}, {walls_}}, Composition::all, true);
        walled_from_ = energy;
        walled_walls_ = walls_;
    }
    return walled_;
}

const Energy& SceneRun::energy() const {
    const std::shared_ptr<Energy>& energy = bare_energy();
    return walls_ ? *shared_energy() : *energy;
}

int SceneRun::choose_class(const Settings& settings) const {
    return classes() == 0 ? -1 : class_choice(settings.sampler.ask, data_.classes);
}

torch::Tensor SceneRun::chain_labels(std::int64_t count, std::int64_t first) const {
    if (asked_class_ >= 0) return torch::full({count}, asked_class_, torch::kLong);
    return labels_in_turn(count, classes(), first);
}

std::shared_ptr<const Energy> SceneRun::viewed_energy() const {
    const std::shared_ptr<const Energy> energy = shared_energy();
    return asked_class_ < 0 ? energy : given_class(energy, asked_class_);
}

const Density* SceneRun::density() const {
    return dynamic_cast<const Density*>(&model());
}

torch::Tensor SceneRun::buffer_samples(std::int64_t most) const {
    const ReplayBuffer* buffer = learner_ ? learner_->buffer() : nullptr;
    if (!buffer || buffer->size() == 0) return {};
    const bool copies = completed_samples_ > 0 && iteration() == completed_iteration_;
    const std::int64_t count = copies ? completed_samples_ : buffer->size();
    return buffer->look(evenly(count, most)).x;
}

void SceneRun::use_device(ComputeDevice& device, ComputeDevice& before) {
    std::vector<Energy*> energies;
    if (analytic_) energies = {analytic_.get()};
    if (learner_) energies = {learner_->energy().get(), learner_->average().get()};
    try {
        for (Energy* energy : energies)
            move_to(device, *energy);
    } catch (...) {
        for (Energy* energy : energies)
            move_to(before, *energy);
        throw;
    }
}

std::optional<Record> SceneRun::train(double seconds) {
    const std::optional<Record> record = learner_->work(in_force_, seconds);
    if (record) curves_.add(*record);
    return record;
}

std::optional<Record> SceneRun::walk(Stride stride) {
    const std::optional<Record> record = learner_->walk(in_force_, stride);
    if (record) curves_.add(*record);
    return record;
}

void SceneRun::keep_good_state() {
    GoodState state{iteration(), seconds(), {}};
    for (const auto& [name, tensor] : learner_->state())
        state.tensors.emplace_back(name, tensor.clone());
    good_states_.push_back(std::move(state));
    if (good_states_.size() > good_state_count) good_states_.pop_front();
}

std::int64_t SceneRun::good_iteration(std::int64_t before) const {
    std::int64_t newest = -1;
    for (const GoodState& state : good_states_)
        if (state.iteration < before) newest = state.iteration;
    return newest;
}

void SceneRun::roll_back(std::int64_t before) {
    const std::int64_t wanted = good_iteration(before);
    if (wanted < 0)
        throw Error("No earlier state is kept in memory yet", "", "Reset the run, or open a checkpoint.");
    while (good_states_.back().iteration > wanted)
        good_states_.pop_back();
    const GoodState& state = good_states_.back();
    learner_->restore(state.tensors, state.iteration, state.seconds, "state kept in memory");
    curves_.cut_after(state.iteration);
}

store::Checkpoint SceneRun::checkpoint(const std::string& origin) const {
    if (!learner_)
        throw Error("An analytic energy has nothing to save", origin,
                    "Save the scene instead, or open a scene that trains.");
    store::Checkpoint checkpoint;
    Scene scene = scene_;
    scene.settings = in_force_;
    scene.checkpoint.clear();
    checkpoint.scene_json = scene_json(scene);
    checkpoint.iteration = iteration();
    checkpoint.seconds = seconds();
    checkpoint.tensors = learner_->state();
    keep_data(data_, checkpoint, origin);
    for (auto& entry : curves_.state())
        checkpoint.tensors.push_back(std::move(entry));
    checkpoint.extra["curves"] = curves_.text();
    return checkpoint;
}

void SceneRun::mark_saved() {
    saved_iteration_ = iteration();
    saved_seconds_ = seconds();
}

void SceneRun::begin_at(const std::string& checkpoint) {
    scene_.checkpoint = checkpoint;
}

void SceneRun::forget_file() {
    scene_.checkpoint.clear();
    saved_iteration_ = 0;
    saved_seconds_ = 0;
}

} // namespace ebm::lab
