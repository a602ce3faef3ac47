#pragma once

#include "core/energy/device.h"
#include "core/lab/composition.h"
#include "core/lab/curves.h"
#include "core/lab/dataset.h"
#include "core/lab/model_description.h"
#include "core/learn/learner.h"
#include "core/store/checkpoint.h"

#include <deque>

namespace ebm {
class Density;
}

namespace ebm::lab {

/// An OOD set that a person added; it outlives the run.
struct AddedSet {
    std::string name, path;
    std::string columns = {}; ///< as the setting data.columns
};

/// One scene from its opening on: data, energy, learner, the settings asked for and those in force, what was
/// measured, and good states to go back to.
class SceneRun {
public:
    /// Opens `scene` with `settings`, which may differ from the scene's (a reset keeps what was turned).
    /// Weights come from the scene's checkpoint if it has one, whose tensors go to `checkpoint`. `previous`
    /// lends its data where the same are asked for; may be null. Throws Error.
    SceneRun(const Scene& scene, const Settings& settings, ComputeDevice& device, const SceneRun* previous,
             const std::vector<AddedSet>& added, NamedTensors* checkpoint = nullptr);
    /// Goes on with a checkpoint; `origin` is its path. `data_path`: see OpenCheckpoint. Throws Error.
    SceneRun(const store::Checkpoint& checkpoint, const std::string& origin, ComputeDevice& device,
             const SceneRun* previous, const std::vector<AddedSet>& added, const std::string& data_path = {});

    const Scene& scene() const { return scene_; }
    /// As asked for.
    const Settings& settings() const { return asked_; }
    /// As computed with: `restart` rows keep the value they had when the run began.
    const Settings& in_force() const { return in_force_; }
    /// A `now` or `restart` row. Throws Error if the settings do not fit each other then.
    void change(const Setting& row, const Settings& changed);

    const Dataset& data() const { return data_; }
    /// What the verdict on the run must know beside its records; live chains are not in it.
    measure::Circumstances circumstances() const;
    void add_ood_set(const std::string& name, const torch::Tensor& x);
    const SampleKind& kind() const { return data_.kind; }
    bool trainable() const { return learner_ != nullptr; }
    /// Null for analytic energies.
    const Learner* learner() const { return learner_.get(); }
    std::int64_t iteration() const { return learner_ ? learner_->iteration() : 0; }
    double seconds() const { return learner_ ? learner_->seconds() : 0; }
    bool training_left() const {
        return learner_ && data_.train.defined() && iteration() < asked_.train.iterations;
    }
    /// The energy that is shown and moves the live chains: averaged or not, as the settings say, with walls.
    const Energy& energy() const;
    /// The same without walls, which belong to the sampler: what quality and scores are of.
    const Energy& model() const { return *bare_energy(); }
    /// The model, if it is normalised; else null.
    const Density* density() const;
    /// 0 if it is not conditional.
    int classes() const { return energy().classes(); }
    /// The class that settings.sampler.ask asks for, −1 for all in turn or without classes.
    int asked_class() const { return asked_class_; }
    /// Labels of chains `first`, `first` + 1, … under that; undefined without classes.
    torch::Tensor chain_labels(std::int64_t count, std::int64_t first = 0) const;
    /// What landscapes and slices show: E(x, y) of the class asked for, else the energy itself.
    std::shared_ptr<const Energy> viewed_energy() const;
    const std::string& energy_title() const { return composed_.energy ? composed_.title : energy_title_; }
    /// Of a composed energy; else null.
    const std::shared_ptr<const std::vector<PartView>>& parts() const { return composed_.parts; }
    std::int64_t parameter_count() const { return parameter_count_; }
    /// Never null. Of the settings asked for and the data as they are.
    const std::shared_ptr<const ModelDescription>& description() const { return description_; }
    const std::vector<double>& minima() const { return minima_; }
    /// What the buffer holds, without the copies that completed an exported model, in the model's values;
    /// undefined without a buffer. At most `most` of them, evenly taken; 0 = all.
    torch::Tensor buffer_samples(std::int64_t most = 0) const;
    /// Moves all energies; if the device cannot hold them they stay where they are. Throws Error.
    void use_device(ComputeDevice& device, ComputeDevice& before);

    /// Trains for about `seconds`; the record if an iteration became whole.
    std::optional<Record> train(double seconds);
    /// The same by a line of Algorithm 1 or a Langevin step of its negatives.
    std::optional<Record> walk(Stride stride);
    void keep_account(bool kept) {
        if (learner_) learner_->keep_account(kept);
    }

    Curves& curves() { return curves_; }
    const Curves& curves() const { return curves_; }

    /// Keeps the state of now in memory, to go back to: the newest three.
    void keep_good_state();
    /// The newest good state before `before`; −1 if there is none.
    std::int64_t good_iteration(std::int64_t before) const;
    /// Back to good_iteration(before); later states and curves are forgotten. Throws Error if there is none.
    void roll_back(std::int64_t before);

    /// Everything a checkpoint keeps but live chains. Throws Error for analytic energies.
    store::Checkpoint checkpoint(const std::string& origin) const;
    void mark_saved();
    /// The checkpoint where a reset leads; empty for the start.
    void begin_at(const std::string& checkpoint);
    /// As if there were no file of this run: all of its training is unsaved, and a reset goes back to the
    /// start.
    void forget_file();
    std::int64_t unsaved_iterations() const { return learner_ ? iteration() - saved_iteration_ : 0; }
    double unsaved_seconds() const { return learner_ ? seconds() - saved_seconds_ : 0; }

private:
    struct Opening;
    void open(const Opening& opening);
    void complete_ood_sets(const std::vector<AddedSet>& added);
    void measure_data();
    /// energy: what was built for it.
    void describe(const Energy& energy);
    void open_parts(ComputeDevice& device);
    /// Throws Error, and changes nothing, if the energies cannot be joined so.
    void change_parts(const Settings& changed);
    void require_classes_of_parts() const;
    /// The energy without walls.
    const std::shared_ptr<Energy>& bare_energy() const;
    std::shared_ptr<Energy> shared_energy() const;
    void build_walls(const std::string& text);
    int choose_class(const Settings& settings) const;

    Scene scene_;
    Settings asked_, in_force_;
    Dataset data_;
    measure::Circumstances data_range_; ///< its data_… members
    std::shared_ptr<Energy> analytic_;  ///< of scenes without training: a formula, or composed_
    ComposedEnergy composed_;           ///< its energy is null unless the scene has parts
    std::shared_ptr<Energy> walls_;     ///< null without
    /// The energy that is shown with its walls, and what it was made of.
    mutable std::shared_ptr<Energy> walled_, walled_from_, walled_walls_;
    std::unique_ptr<Learner> learner_;
    std::string energy_title_;
    std::vector<double> minima_;
    std::int64_t parameter_count_ = 0;
    std::shared_ptr<const ModelDescription> description_;
    int asked_class_ = -1;
    /// Of an exported model: where it was completed, and how many samples of its buffer are no copies.
    std::int64_t completed_iteration_ = -1, completed_samples_ = 0;
    Curves curves_;
    struct GoodState {
        std::int64_t iteration = -1;
        double seconds = 0;
        NamedTensors tensors;
    };
    std::deque<GoodState> good_states_; ///< oldest first
    std::int64_t saved_iteration_ = 0;
    double saved_seconds_ = 0;
};

} // namespace ebm::lab
