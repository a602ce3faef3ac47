#pragma once

#include "core/energy/device.h"
#include "core/lab/views.h"
#include "core/train/trainer.h"

#include <array>
#include <deque>

namespace ebm::lab {

using Clock = std::chrono::steady_clock;

/// Time spent on something and how often it was done, forgotten over about two seconds: budgets the engine's
/// work and gives the rates on screen. `now` is in seconds and never decreases.
class Meter {
public:
    void add(double now, double seconds, double amount = 1);
    double rate(double now) const;    ///< amount a second
    double seconds(double now) const; ///< spent lately

private:
    void forget(double now) const;
    mutable double seconds_ = 0, amount_ = 0, weight_ = 0, last_ = 0;
};

/// The inside of a Laboratory: one scene with its energy, trainer, chains and the newest views of them.
struct Laboratory::Parts {
    explicit Parts(const Options& options);

    // Opening and running (laboratory.cpp)
    void open(const Scene& scene, bool run);
    void open_checkpoint(const std::string& path);
    /// How much of the replay buffer is copies that completed the file of a model, see store::Checkpoint.
    struct Completed {
        std::int64_t iteration = -1, buffer_samples = 0;
    };
    Completed restore(const Scene& scene, const store::Checkpoint& checkpoint,
                      const std::filesystem::path& path, Trainer* trainer);
    void save_checkpoint(const std::string& path);
    void use_device(const std::string& wanted);
    void reset();
    void roll_back();
    void keep_good_state();
    void train_once();
    void train_for(double seconds);
    void keep(const TrainingRecord& record);
    void step_chains(bool slowly);
    bool training_left() const;
    double training_seconds() const { return trainer_ ? trainer_->seconds() : 0; }
    void run_for(std::chrono::microseconds budget);
    const Energy& shown_energy() const;
    /// What the buffer holds, without copies; undefined without a buffer.
    torch::Tensor buffer_samples() const;

    // Commands (commands.cpp)
    void change_setting(const ChangeSetting& command);
    void start_chains(const RestartChains& command);
    torch::Tensor chain_starts(ChainStart start, std::int64_t count, const std::string& path);

    // Views (refresh.cpp)
    enum class View { field, exact, slice, scores, buffer, quality, count };
    bool refresh_due();
    void refresh(View view);
    bool wants(View view) const;
    void model_changed();
    void fill(Snapshot& snapshot);

    Options options_;
    ComputeDevice device_;
    Scene scene_;
    Settings settings_;
    State state_ = State::empty;
    Dataset dataset_;
    std::shared_ptr<Energy> analytic_; ///< of scenes without training
    std::unique_ptr<Trainer> trainer_;
    Completed completed_;
    std::unique_ptr<LiveChains> chains_;
    bool chains_frozen_ = false;
    SetPace pace_;
    double next_slow_step_ = 0;
    std::string energy_title_;
    std::int64_t parameter_count_ = 0;

    std::shared_ptr<RecordLog> records_;
    std::shared_ptr<const std::vector<SettingChange>> changes_;
    std::shared_ptr<const std::vector<QualityPoint>> quality_;
    std::deque<TrainingRecord> recent_;
    struct GoodState {
        std::int64_t iteration = -1;
        double seconds = 0;
        std::vector<std::pair<std::string, torch::Tensor>> tensors;
    };
    std::array<GoodState, 2> good_states_; ///< older, newer

    SetFieldRect rect_, slice_rect_{-0.5, -0.5, 1.5, 1.5};
    bool arrows_ = false;
    std::array<Anchor, 3> anchors_{Anchor{AnchorKind::data, 0}, Anchor{AnchorKind::chain, 0},
                                   Anchor{AnchorKind::noise, 0}};
    SliceBasis basis_;
    BrowseBuffer query_;
    std::vector<float> box_log_density_;
    std::shared_ptr<const FieldView> field_, exact_;
    std::shared_ptr<const SliceView> slice_;
    std::shared_ptr<const ScoresView> scores_;
    std::shared_ptr<const BufferView> buffer_;
    std::shared_ptr<const measure::Health> health_;
    struct Freshness {
        std::int64_t version = -1; ///< of what it was computed from
        double at = -1e9;          ///< when
        double cost = 0.01;        ///< seconds, last time
        bool wanted = true;        ///< asked for by a command
        bool shown = false;        ///< computed since the scene was opened
    };
    std::array<Freshness, static_cast<std::size_t>(View::count)> freshness_;
    std::int64_t version_ = 0; ///< grows whenever weights, chains or settings change

    kernels::StepReport reading_;
    double reading_since_ = 0;
    SamplerReading sampler_reading_;
    Meter training_, chain_steps_, viewing_;
    Clock::time_point start_ = Clock::now();
    double now() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
};

} // namespace ebm::lab
