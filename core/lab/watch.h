#pragma once

#include "core/density/density.h"
#include "core/lab/live_chains.h"
#include "core/lab/meter.h"
#include "core/lab/modes.h"
#include "core/lab/scene_run.h"
#include "core/measure/chain_history.h"

namespace ebm::lab {

/// The live chains of a run and how they are driven: their starts, their pace, and what their steps report.
class Watch {
public:
    /// Chains for a run that was just opened, from noise, or as its checkpoint left them. Throws Error.
    void open(const SceneRun& run, const NamedTensors& checkpoint, const std::string& origin);

    /// `count` starts in the range of the run's samples; data of class `of_class`, −1 = of any. Throws Error
    /// if the run has none of that kind.
    torch::Tensor starts(const SceneRun& run, ChainStart start, std::int64_t count, const std::string& path,
                         const random::Place& place, int of_class = -1,
                         const std::string& columns = {}) const;
    /// From samples that the model draws part by part the chains are as far as these until they are whole.
    /// Throws Error.
    void restart(const SceneRun& run, const RestartChains& command);
    void restart_from(const SceneRun& run, const torch::Tensor& x, const std::vector<int>& which);
    /// From Scene::chains, of which those that are not there are passed over.
    void start_as_scene_says(const SceneRun& run);
    /// As many chains as the settings say.
    void resize(const SceneRun& run);
    /// The chains stay where they are and move under the class that the settings ask for from now on.
    void ask(const SceneRun& run);
    void drop(const SceneRun& run, const DropChains& command);
    void move(const SceneRun& run, const MoveChain& command);
    void select(int chain) { chains_->select(chain); }

    /// Whether samples come about in place of chains. No chain moves until they are whole; what else changes
    /// the chains makes them whole first.
    bool drawing() const { return drawing_ != nullptr; }
    /// A little more of the samples: a pixel of each.
    void draw(const SceneRun& run, double now);
    void finish_drawing(const SceneRun& run);

    /// One step of every chain; those at the end of their life start anew.
    void step(const SceneRun& run, double now);
    /// Energies of where the chains are, if the last step left others. Throws nothing.
    void settle(const SceneRun& run, double now);
    /// In slow motion: whether the next step is due, and when it will be.
    bool slow_step_due(double now) const { return now >= next_slow_step_; }
    double next_slow_step() const { return next_slow_step_; }
    void plan_slow_step(double now);

    void set_pace(const Pace& pace);
    const Pace& pace() const { return pace_; }
    bool slow() const { return pace_.speed != Speed::full; }
    void freeze(bool frozen) { frozen_ = frozen; }
    bool frozen() const { return frozen_; }
    /// Where all chains were started from last.
    ChainStart started_from() const { return started_from_; }
    /// How often chains were dropped.
    std::int64_t drops() const { return drops_; }
    bool moving() const { return drawing_ || (!frozen_ && chains_ && chains_->count() > 0); }

    const LiveChains& chains() const { return *chains_; }
    /// ESS and R̂ over the live chains' latest steps: of the energy (for Langevin that at the point of the
    /// gradient) and, on the plane, both coordinates.
    measure::Mixing mixing() const { return history_.mixing(); }
    /// Their shares in the modes and their crossings; `exact` is left out.
    ModesView modes(const ModeMap& map) const;
    /// Means over the steps since about a fifth of a second, and T of the settings in force.
    SamplerReading reading(const SceneRun& run, double now);
    /// Steps with other settings say nothing about those of now.
    void forget_reading();
    const Meter& meter() const { return meter_; }

private:
    void mix_round(const SceneRun& run);
    void remember();
    void forget(const std::vector<int>& which);

    std::unique_ptr<LiveChains> chains_;
    std::unique_ptr<Drawing> drawing_;
    std::vector<int> drawn_chains_; ///< all if empty
    measure::ChainHistory history_{{"energy"}};
    bool frozen_ = false;
    ChainStart started_from_ = ChainStart::noise;
    std::int64_t drops_ = 0;
    Pace pace_;
    double next_slow_step_ = 0;
    kernels::StepReport report_;
    double report_since_ = 0;
    SamplerReading reading_;
    Meter meter_;
};

} // namespace ebm::lab
