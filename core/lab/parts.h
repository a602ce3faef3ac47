#pragma once

#include "core/lab/chosen_picture.h"
#include "core/lab/laboratory.h"
#include "core/lab/ood_table.h"
#include "core/lab/partition.h"
#include "core/lab/race.h"
#include "core/lab/scene_run.h"
#include "core/lab/side_task.h"
#include "core/lab/view_schedule.h"
#include "core/lab/watch.h"

#include <map>
#include <string>

namespace ebm::lab {

using Clock = std::chrono::steady_clock;

/// The inside of a Laboratory: the run, the chains that are watched, what is shown, and who gets the time.
struct Laboratory::Parts {
    /// A run that can be brought back, with its chains.
    struct SetAside {
        std::unique_ptr<SceneRun> run;
        NamedTensors chains;
    };

    explicit Parts(const Options& options);

    // What is open (laboratory.cpp)
    /// Makes `fresh` the run. Chains go on as `checkpoint` has them, if it has any. The run of before is set
    /// aside if nobody has saved it. On Error everything stays as it was.
    void take(std::unique_ptr<SceneRun> fresh, const NamedTensors& checkpoint, const std::string& origin,
              State state);
    void open(const Scene& scene, bool run);
    void open_checkpoint(const OpenCheckpoint& command, bool recovered);
    void bring_back();
    void reset(const Settings& settings);
    void save_checkpoint(const std::string& path);
    store::Checkpoint checkpoint(const std::string& path) const;
    void use_device(const std::string& wanted);
    void roll_back();
    std::int64_t roll_back_limit() const;
    NamedTensors copy_of_chains() const;
    /// The run as it is now, unsaved and with its chains. Throws Error.
    SetAside copy_of_run();
    void add_ood_set(const AddOodSet& command);

    // Work (work.cpp)
    Work work(std::chrono::microseconds budget);
    void train_once();
    bool train_for(double seconds);
    /// Goes on in Algorithm 1 by this much.
    void walk(Stride stride);
    void iteration_done();
    void require_training() const;
    /// Whether running means training: there is some left, and the model is not frozen.
    bool trains() const { return !model_frozen_ && run_->training_left(); }
    /// What the verdict on a training must know beside its records.
    measure::Circumstances training_circumstances() const;
    void keep_good_state();
    void step_chains();
    /// Pauses a run that has come to where it is to.
    void pause_if_reached();
    /// Whether there is training that a person would miss, and that neither they nor the recovery have.
    bool has_to_autosave() const;
    void autosave();
    /// Writes settings that were changed, and have rested for a second since, to the log.
    void tell_changes();
    /// When one of the two has something to do next; infinity if neither has.
    double next_duty() const;

    // A race (side_work.cpp)
    std::unique_ptr<Race> make_race(const RaceSettings& settings) const;
    void race_for(double seconds);
    bool races() const { return race_.goes_on() && views_.shown(View::race); }
    // An estimate of log Z and the table of what models know (side_work.cpp)
    bool estimates_partition() const { return partition_.goes_on() && views_.shown(View::partition); }
    bool fills_ood_table() const { return ood_table_.goes_on() && views_.shown(View::ood_table); }
    /// What of the chosen picture is to be computed, while that is shown (chosen_picture.cpp).
    bool looks_at_picture() const {
        return picture_.works(views_.shown(View::restoration), views_.shown(View::nearest));
    }
    Work work_on_run(std::chrono::microseconds budget);

    // Commands (commands.cpp)
    void change_setting(const ChangeSetting& command);
    void send_to_chains(const SendToChains& command);

    void fill(Snapshot& snapshot);
    void model_changed() { views_.changed(); }
    double now() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

    Options options_;
    ComputeDevice device_;
    State state_ = State::empty;
    PauseAt pause_at_;
    std::unique_ptr<SceneRun> run_; ///< null while nothing is open
    Watch watch_;
    ViewSchedule views_{!options_.for_window};
    Meter training_;
    bool model_frozen_ = false;
    SideTask<Race, RaceView> race_;
    double race_measured_ = -1e9, race_cost_ = 0;
    SideTask<PartitionEstimate, PartitionView> partition_;
    SideTask<OodTable, OodTableView> ood_table_;
    ChosenPicture picture_;
    std::vector<AddedSet> added_sets_;
    SetAside set_aside_;  ///< the run that was discarded last
    bool copied_ = false; ///< the run began as a copy of another one's
    std::int64_t autosaved_iteration_ = 0;
    double next_autosave_ = 0;
    std::int64_t changes_handled_ = 0;
    std::map<std::string, std::string> untold_changes_; ///< keys and values before
    double last_change_ = 0;
    Clock::time_point start_ = Clock::now();
};

} // namespace ebm::lab
