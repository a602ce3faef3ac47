#pragma once

#include "core/data/plane.h"
#include "core/lab/evaluation.h"
#include "core/lab/ood_table_view.h"
#include "core/lab/session.h"
#include "core/measure/ais.h"

#include <chrono>
#include <functional>
#include <limits>
#include <span>

namespace ebm::lab {

/// What a slice of work leaves.
struct Work {
    bool changed = false; ///< something that a snapshot shows
    /// Seconds until there is work again; 0 = at once, infinity = not before the next command.
    double wait = std::numeric_limits<double>::infinity();
};

/// All chains after a step: step 0 is where they start.
struct ObservedStep {
    int step = 0;
    std::span<const float> states;          ///< [count][elements]
    std::span<const float> energies;        ///< [count], at these states
    std::span<const std::uint8_t> accepted; ///< [count], 0 where the proposal was refused; empty at step 0
};

/// What a classifier says of samples.
struct Classified {
    std::vector<int> classes;    ///< [n], the likeliest of each
    std::vector<float> features; ///< [n][feature_count], what its last layer reads
    std::int64_t feature_count = 0;
};

/// One scene: data, energy, sampler, training and their views, without threads of its own. The window's
/// engine thread and the command line both drive this. Every function may throw Error; the laboratory then
/// stays usable.
class Laboratory {
public:
    explicit Laboratory(const Options& options);
    ~Laboratory();

    void apply(const Command& command);

    /// Works for about `budget` and returns. If that fails, a running laboratory is State::failed and the run
    /// as it was before the iteration.
    Work work(std::chrono::microseconds budget);

    /// Fills everything but RecordLog contents. Reuses the snapshot's memory.
    void fill(Snapshot& snapshot);

    // For the command line, which needs no views:
    const Scene& scene() const;
    /// Those in force.
    const Settings& settings() const;
    SampleKind kind() const;
    /// Whether the model is normalised and draws samples without chains.
    bool is_density() const;
    /// Whether ChainStart::model is possible.
    bool makes_samples() const;
    /// Names of the classes of a conditional model; empty if it is not.
    std::vector<std::string> classes() const;
    /// Where the data come from, if they are a generated plane set; else null.
    const data::PlaneSet* plane_set() const;
    /// Between the model's coordinates and the numbers of files.
    const data::Coding& coding() const;
    /// Names of the out-of-distribution sets.
    std::vector<std::string> ood_sets() const;
    /// Samples of a file for this model, see read_samples of sample_files.h.
    Samples read(const std::string& path, const std::string& columns = {}) const;
    std::int64_t iteration() const;
    /// What measure::judge must know of a training beside its records.
    measure::Circumstances training_circumstances() const;
    /// Throws Error where there is nothing to train.
    void require_training() const;
    Record train_iteration();
    /// `steps` steps of chains of the shown model, under the classes that settings.sampler.ask asks for, from
    /// `start` (or from `initial` if it has samples). ChainStart::model and no steps: what the model draws;
    /// `progress` is then told the pixels that are drawn, if they come one after the other.
    Samples sample(std::int64_t count, int steps, ChainStart start, const Samples* initial,
                   std::uint64_t seed, const std::function<void(int step)>& progress,
                   const std::function<void(const ObservedStep&)>& observe = {});
    /// Energies [n], and gradients [n][elements] if asked: under a class of a conditional model, or with −1
    /// without one, where settings.view.class_score says how.
    void energies(const Samples& samples, int label, std::vector<float>& energy,
                  std::vector<float>* gradient);
    /// [n][classes] of a conditional model, and in `without_class` [n], if it is not null, what `energies`
    /// gives with −1.
    std::vector<float> class_energies(const Samples& samples, std::vector<float>* without_class = nullptr);
    /// Throws Error unless the open model is a classifier (model.energy) and takes such samples.
    Classified classify(const Samples& samples) const;
    /// At most `most` of the training data, or of the held-out data, evenly taken, with their labels if they
    /// have any; 0 = all. Throws Error if there are none.
    Samples data(bool held_out, std::int64_t most) const;
    /// The scores that the model can give, in the order of measure::score_kinds.
    std::vector<ScoreKind> possible_scores() const;
    /// Each score of each sample, [kinds][n], higher = more like the data. Fits take at most `most` of the
    /// held-out data; 0 = all that are for fits. energies: those of `energies` without a class, on the way;
    /// may be null, and is left as it is where no score is asked for. Throws Error if the model cannot give
    /// one of them.
    std::vector<std::vector<float>> scores(const Samples& samples, const std::vector<ScoreKind>& kinds,
                                           std::int64_t most = 10000,
                                           std::vector<float>* energies = nullptr) const;
    /// At most `most` samples of each set are scored, evenly taken; 0 = all. Throws Error if two sets have
    /// one name, or the model cannot give a score.
    Evaluation evaluate(const std::vector<std::pair<std::string, Samples>>& extra_ood,
                        std::int64_t most = 10000, const std::vector<ScoreKind>& kinds = {ScoreKind::energy});
    /// The `each` training samples that are nearest to each sample. Throws Error if there are fewer.
    Neighbours nearest(const Samples& samples, int each) const;
    /// How near held-out samples lie to their nearest training samples, of at most `most`, evenly taken; a
    /// count of 0 without held-out data. Throws Error if there are no training data.
    HeldOutDistances held_out_distances(std::int64_t most = nearest_held_out) const;
    /// Chains of the shown model that start at pictures and move only those pixels whose entry of `free`
    /// [height · width] is not 0: what is to be filled in. The others are put back after each step.
    Samples restore(const Samples& damaged, const std::vector<std::uint8_t>& free, int steps,
                    std::uint64_t seed, const std::function<void(int step)>& progress) const;
    /// log Z of exp(−E/T) on the sampler's box; `settings` says the rest.
    measure::Annealed anneal(measure::AnnealSettings settings,
                             const std::function<bool(double share)>& progress) const;
    /// The table of what models know from start to end, whatever is open here. `progress` gets the share that
    /// is done and the model whose turn it is, and returns whether to go on; on a stop what there is comes
    /// back. Throws Error if a model or a set is not there.
    OodTableView ood_table(const OodTableSettings& settings,
                           const std::function<bool(double share, const std::string& model)>& progress);
    /// The temperature at which the scene's own chains run.
    double chain_temperature() const;
    /// A race of samplers on the shown model from start to end, see RaceSettings. `progress` gets the share
    /// that is done and returns whether to go on; on a stop what there is comes back. Throws Error.
    RaceOutcome race(const RaceSettings& settings, const std::function<bool(double share)>& progress) const;
    /// Brings every view up to date now (pictures from the command line).
    void refresh_views();
    /// The same of one view, if the scene has it.
    void refresh_view(View view);
    /// The same of KL, on which `effort` is spent from now on.
    void refresh_quality(const measure::Effort& effort);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Data of a scene with what is known of each sample.
struct LabelledSamples {
    Samples samples;
    data::Coding coding = data::plane_coding();
    std::vector<float> log_density; ///< log p in nats, in the units of the samples; empty if p is not known
    std::vector<int> mode;          ///< plane sets with modes: 0 … modes − 1, −1 for none; else empty
};
/// `count` samples of the data that settings.data describes: generated sets draw them with `seed` (the seed
/// of a training gives its own data), files give their first training samples. Throws Error if a file has
/// fewer.
LabelledSamples scene_data(const Settings& settings, std::int64_t count, std::uint64_t seed);

} // namespace ebm::lab
