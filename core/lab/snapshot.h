#pragma once

#include "core/data/coding.h"
#include "core/lab/command.h"
#include "core/lab/model_description.h"
#include "core/lab/modes_view.h"
#include "core/lab/partition_view.h"
#include "core/lab/picture_view.h"
#include "core/lab/race_view.h"
#include "core/lab/record_log.h"
#include "core/measure/chain_history.h"
#include "core/measure/health.h"
#include "core/measure/overlap.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What the engine shows to the window: plain arrays, immutable once published. Views behind a shared_ptr are
/// replaced, never changed; a new pointer means new content.
namespace ebm::lab {

/// "Running", "Paused", …
const char* state_name(State state);
/// Why `command` cannot be used in `state`; empty if it can. Buttons show it as the tooltip of a disabled
/// button.
std::string refusal(State state, const Command& command);

struct DataView {
    std::string title;
    std::string source;    ///< file or generator
    std::string transform; ///< data::coding_in_words
    data::Coding coding;   ///< axes and read-outs are in the file's own units: coding.to_file(axis, x)
    std::string missing;   ///< why there is no training data, a sentence; empty if there is
    std::vector<std::string> classes; ///< what label k is called; empty without classes
    std::int64_t train_count = 0, held_out_count = 0;
    /// How many there are of each class, [classes]; empty without classes.
    std::vector<std::int64_t> class_counts, held_out_class_counts;
    std::vector<float> points, held_out; ///< plane: [n][2], at most 4000
    /// Images: some of the training data for a preview, [n][C·H·W], drawn at random with the seed: 8 of each
    /// of the first 64 classes in their order, or 64 of all.
    std::vector<std::uint8_t> pixels;
    /// Classes of `points` or `pixels`, and of `held_out`; empty without classes.
    std::vector<std::int32_t> labels, held_out_labels;
    /// Of one axis of points or one channel of pictures, over `measured` training samples, in the file's
    /// units.
    struct Values {
        std::string name; ///< "x", "red"
        double mean = 0, sd = 0, low = 0, high = 0;
    };
    std::vector<Values> values;
    std::int64_t measured = 0;
};

/// A part of a composed energy.
struct PartView {
    std::string title;
    std::vector<std::string> classes; ///< one of which settings.compose.classes asks it for; empty without
};

/// E on a regular grid, row 0 at low_y; value (i, j) at the centre of its cell.
struct FieldView {
    double low_x = -4, low_y = -4, high_x = 4, high_y = 4;
    int resolution = 0;        ///< grid points per side
    std::vector<float> energy; ///< [resolution²]; of the exact field −log p
    double temperature = 1;    ///< T of the density; the energies are not divided by it
    /// p = exp(−E/T − log_z), plane only: log_integral, or 0 of a model that is normalised as it is.
    double log_z = 0;
    bool normalised = false; ///< log_z is 0 by construction, and log_integral a check
    double log_integral = 0; ///< log ∫ exp(−E/T) over the sampler's box by quadrature
    double log_z_error = 0;  ///< of log_integral, estimated
    std::int64_t iteration = 0;
    int arrows = 0;              ///< gradient grid per side; 0 = not computed
    std::vector<float> gradient; ///< [arrows²][2] ∇E at cell centres
};

/// The slice x(u, v) = a + u (b − a) + v (c − a); the FieldView's x, y are u, v.
struct SliceView {
    std::array<Anchor, 3> anchors;
    std::array<std::array<float, 2>, 3> at; ///< (0,0), (1,0), (0,1)
    std::vector<std::uint8_t> pixels;       ///< [3][C·H·W]
    FieldView field;
};

/// What a step of each chain did, [count][2] and [count]; empty if that is not known.
/// From `start` the noise moves the chain by `kick` and the gradient by `pull`, both as they were used
/// (spread, clip and drift limit included); `proposal` is where that led, or where a jump led, walls of the
/// box included. A chain that was not accepted is at `start` again.
struct StepParts {
    std::int64_t step = -1;   ///< steps made before this one
    bool noise_first = false; ///< as published: the gradient is that of start + kick
    std::vector<float> start, kick, pull, proposal;
    std::vector<float> step_scale;              ///< factor of the step size a, drawn from the spread
    std::vector<std::uint8_t> jumped, accepted; ///< accepted: 1 where there is nothing to refuse
    bool empty() const { return start.empty(); }
};

struct ChainsView {
    int count = 0;
    std::vector<float> positions; ///< [count][2]; images: projection on the slice
    std::vector<float> trail;     ///< [trail_length][count][2], oldest first, newest = positions
    int trail_length = 0;
    ChainStart start = ChainStart::noise;     ///< where all of them were started from last
    std::int64_t drops = 0;                   ///< how often some were dropped since the scene was opened
    int asked_class = -1;                     ///< the class that all chains are asked for; −1: each in turn
    StepParts parts;                          ///< of the last step, in slow motion on the plane; else empty
    std::vector<float> energy, gradient_norm; ///< [count]
    std::vector<std::int32_t> age;            ///< [count], steps since the start
    std::vector<std::int32_t> labels;         ///< [count], the class that is asked for; empty without classes
    std::vector<std::uint8_t> accepted;       ///< [count] last proposal (mala); 1 otherwise
    int shown = 0;                            ///< images: chains that have pictures, the first ones
    std::vector<std::int32_t> pictured;       ///< those whose pictures were asked for, ascending
    std::vector<std::uint8_t> pixels;         ///< [pictured.size()][C·H·W]
    /// Of a chain in `pixels`; −1 if it is not there.
    int picture_of(std::int64_t chain) const {
        const auto found = std::ranges::lower_bound(pictured, chain);
        return found != pictured.end() && *found == chain ? static_cast<int>(found - pictured.begin()) : -1;
    }
};

/// The last steps of the selected chain, oldest first.
struct TraceView {
    int chain = -1;
    std::int64_t first_step = 0;
    std::vector<float> energy, gradient_norm; ///< [steps]
    std::vector<float> positions;             ///< plane [steps][2]
    /// Pictures [frames][C·H·W] from the start of the trace to the newest step, thinned in between.
    std::vector<std::uint8_t> pixels;
    int frames = 0;
    std::vector<std::int64_t> frame_steps;                ///< [frames]
    std::vector<float> frame_energy, frame_gradient_norm; ///< [frames]
    std::vector<float> class_energy;    ///< E(x, y) of the newest state under every class y; empty without
    std::vector<float> autocorrelation; ///< of the energy, lags 0 …
    double effective_samples = 0;       ///< ESS of the energy trace; NaN if too short
};

enum class SetMeaning { data, held_out, buffer, samples, ood };

struct ScoreSet {
    std::string name;
    SetMeaning meaning;
    std::int64_t count = 0;            ///< energies that were computed, evenly taken from the set
    std::int64_t total = 0;            ///< samples in the set
    std::vector<float> density;        ///< histogram over ScoresView::edges
    double mean = 0, sd = 0;           ///< of the finite values; NaN if there are too few
    std::int64_t not_finite = 0;       ///< values that are infinite or not a number: most unlike the data
    std::int64_t below = 0, above = 0; ///< finite values outside the edges
    double auroc = 0, fpr95 = 0;       ///< OOD sets, see measure::Detection; NaN if unknown
    double auroc_low = 0, auroc_high = 0, aupr = 0;
    std::string why_no_auroc;    ///< a sentence without a full stop; empty if it is known
    std::string why_no_interval; ///< the same of auroc_low and auroc_high
    std::string remark;          ///< what a reader of the AUROC must know, a sentence; mostly empty
    std::vector<float> roc_fpr, roc_tpr;
};

/// Sets under one score. The values whose histogram is shown are energies if the score is −E, which are low
/// where samples are likely; else scores, which are high there.
struct ScoresView {
    ScoreKind score = ScoreKind::energy;
    std::string problem; ///< why there is no such score of this model, a sentence; empty if there is
    std::vector<std::string> refusals; ///< for each of measure::score_kinds, likewise
    /// Held-out samples that the score was fitted on, none of which is scored, and how many more were left
    /// out because a statistic was not finite.
    std::int64_t fitted_on = 0, fit_not_finite = 0;
    bool energies() const { return score == ScoreKind::energy; }
    std::int64_t iteration = 0;
    std::string
        positive; ///< the set that is the positive class: held-out data, or samples; empty if there is none
    std::int64_t positive_count = 0;
    std::vector<float> edges; ///< shared bins
    std::vector<ScoreSet> sets;
    /// Of the training data with the held-out data; nothing if one of them is missing.
    std::optional<measure::Overlap> overlap;
    int classes = 0;                   ///< of the energy, which scores without label if there are any …
    bool minimum_over_classes = false; ///< … by min over y of E(x, y) instead of −log Σ_y exp(−E(x, y))
    /// Share of the held-out data whose label has the lowest energy, of `classified`; NaN if there are no
    /// labels.
    double accuracy = std::numeric_limits<double>::quiet_NaN();
    std::int64_t classified = 0;
    std::vector<float> data_quantiles; ///< energies of the data at 0, 1, …, 100 %
    std::vector<float> score_quantiles; ///< values of the positive class at 0, 1, …, 100 %; empty without one
    std::vector<float> chain_values;    ///< of the live chains in their order; empty if not all were scored
};

struct BufferView {
    BufferQuery query;
    int pages = 0;
    std::int64_t size = 0, matching = 0;
    std::vector<std::int64_t> slots; ///< of this page
    std::vector<float> energy;
    std::vector<std::int64_t> age, reused, birth;
    std::vector<std::int64_t> labels; ///< under which a sample was last moved; empty without classes
    std::vector<float> points;        ///< plane: [page][2]
    std::vector<std::uint8_t> pixels; ///< images: [page][C·H·W]
    std::vector<float> all_points;    ///< plane: at most 4000 for the landscape
    std::vector<float> age_edges, age_counts;
    double fresh_share = 0; ///< of all slots: never continued since re-initialisation
};

/// What Algorithm 1 did, line by line; see Account.
struct AlgorithmView : Account {
    std::vector<std::uint8_t> positive_pixels, negative_pixels; ///< pictures: [shown][C·H·W]
};

/// KL(data‖model) in nats by quadrature on the box; at T = 1 an upper bound of it where Snapshot::bounded().
struct QualityPoint {
    std::int64_t iteration = 0;
    double seconds = 0;
    double kl = 0;
    double error = 0;       ///< of kl, estimated, nats
    double data_mass = 1;   ///< of the data inside the box
    std::string note = {};  ///< what a reader of kl must know, see measure::Divergence; else empty
    double temperature = 1; ///< T of the model's density exp(−E/T)
};

struct OodTableView; // ood_table_view.h

struct SettingChange {
    std::int64_t iteration = 0;
    std::string key, before, after;
};

/// Live readings of the sampler over the last moments.
/// Means over the latest steps; NaN before the first, acceptances also if nothing was proposed.
struct SamplerReading {
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    double temperature = unknown; ///< T = s² / 2a, at which the chains move
    double gradient_norm = unknown, distance = unknown, clipped_share = unknown, clamped_share = unknown;
    double acceptance = unknown, jump_acceptance = unknown;
};

struct Problem {
    std::string text, remedy;
    std::int64_t number = 0;
}; ///< number grows with each problem

struct Snapshot {
    std::uint64_t number = 0;
    State state = State::empty;
    Scene scene;                      ///< as opened, the reference for "changed" marks
    Settings settings;                ///< as asked for; a `restart` row acts from the next reset on
    Settings in_force;                ///< what the run computes with, and what a checkpoint keeps
    std::int64_t changes_handled = 0; ///< largest ChangeSetting::number that was applied or refused
    std::int64_t iteration = 0;
    std::int64_t roll_back_iteration = -1; ///< where RollBack leads; −1 = nowhere
    bool trainable = false;                ///< false for analytic energies
    SampleKind kind;
    std::string energy_title, kernel, device;
    std::string device_choice = "auto"; ///< as it was asked for
    std::string device_note;            ///< why not the GPU, one sentence; empty if nothing is to be said
    std::int64_t parameter_count = 0;
    std::shared_ptr<const ModelDescription> model; ///< null while nothing is open
    /// Whether the model is normalised: it learns without chains, negatives and buffer.
    bool density() const { return model && model->density; }
    /// Whether its energy is no −log p but an upper bound of it, see ModelDescription::bound.
    bool bounded() const { return model && !model->bound.empty(); }
    /// What its settings act on.
    Surroundings surroundings() const { return {kind.plane, trainable, density(), parts != nullptr}; }
    Learning learning() const { return ebm::learning(in_force, surroundings()); }
    int threads = 1;
    Pace pace;
    bool chains_frozen = false, model_frozen = false;
    std::int64_t chain_steps = 0; ///< of every live chain since the scene was opened
    double iterations_per_second = 0, chain_steps_per_second = 0, training_seconds = 0;
    double training_share = 0; ///< of the engine's busy time
    std::int64_t memory_bytes = 0;
    /// Training since the last save (or since opening): nothing keeps it if it is discarded.
    std::int64_t unsaved_iterations = 0;
    double unsaved_seconds = 0;
    /// The run that was discarded last with unsaved training; BringBack fetches it.
    struct SetAside {
        std::string title;
        std::int64_t iteration = 0;
    };
    std::optional<SetAside> set_aside;
    std::string task;               ///< long work under way: "Loading Fashion-MNIST"; empty = none
    std::optional<Problem> problem; ///< the newest, until the next command succeeds
    std::int64_t problems = 0;      ///< so far
    std::vector<double> minima;     ///< x, y of an analytic energy's known minima
    std::shared_ptr<const std::vector<PartView>> parts; ///< null unless the energy is composed

    ChainsView chains;
    SamplerReading reading;
    std::shared_ptr<const DataView> data;
    std::shared_ptr<const FieldView> field, exact; ///< plane
    std::shared_ptr<const SliceView> slice;        ///< images
    std::shared_ptr<const TraceView> trace;
    std::shared_ptr<const ScoresView> scores;
    std::shared_ptr<const BufferView> buffer;
    std::shared_ptr<const AlgorithmView> algorithm; ///< null unless it is shown and the model trains
    std::shared_ptr<const measure::Health> health;
    std::shared_ptr<const measure::Mixing> mixing;      ///< of the live chains
    std::shared_ptr<const ModesView> modes;             ///< of them; null unless the plane has known modes
    std::shared_ptr<const RaceView> race;               ///< null while there is none
    std::shared_ptr<const PartitionView> partition;     ///< null while log Z is not estimated
    std::shared_ptr<const OodTableView> ood_table;      ///< null while there is none
    std::shared_ptr<const PictureView> picture;         ///< null while none is chosen
    std::shared_ptr<const RestorationView> restoration; ///< of the chosen picture; null while there is none
    std::shared_ptr<const NearestView> nearest;         ///< of the chosen picture; null before it is searched
    std::shared_ptr<const PictureScores> picture_scores; ///< of the same, as it was scored; null before that
    std::shared_ptr<const std::vector<QualityPoint>> quality;
    std::shared_ptr<const std::vector<SettingChange>> changes;
    std::shared_ptr<const RecordLog> records;
};

} // namespace ebm::lab
