#pragma once

#include "core/lab/dataset.h"
#include "core/learn/optimizer.h"
#include "core/sample/sampler.h"

#include <deque>

namespace ebm::lab {

/// The chains that are watched: they move under the current model beside the training and do not influence
/// it.
class LiveChains {
public:
    static constexpr int trail_length = 24;
    static constexpr int trace_length = 2000; ///< steps of numbers kept for the selected chain
    static constexpr int frame_count =
        256; ///< pictures kept of the selected chain: dense at both ends, thinned between

    LiveChains(const SampleKind& kind, Shape shape, std::uint64_t seed);

    /// `starts` [n, shape…] replace the chains `which` (all chains, and their number, if empty).
    void restart(const torch::Tensor& starts, const std::vector<int>& which);
    /// Adds chains from `starts` or drops the last ones until there are `count`.
    void resize(int count, const std::function<torch::Tensor(std::int64_t)>& starts);
    /// Those whose turn it is, if each lives for `life` steps and they take turns; not the selected one.
    std::vector<int> at_end_of_life(int life) const;
    /// A single dropped chain is selected.
    void drop(float x, float y, int count, float spread);
    void move(int chain, float x, float y);
    void select(int chain);
    void step(const Energy& energy, const kernels::StepSettings& step, kernels::StepReport& report);
    /// One step on the plane by the reference sampler, which also tells what it did with each chain.
    void step_slowly(const Energy& energy, const kernels::StepSettings& step, kernels::StepReport& report);
    /// Energies and gradients where the chains are, after the model changed and the chains did not.
    void measure(const Energy& energy);
    /// Whether the last step left the energies of the points that its gradients were taken at (all rules but
    /// MALA).
    bool energies_lag() const { return energies_lag_; }

    std::int64_t count() const { return x_.size(0); }
    const torch::Tensor& states() const { return x_; }
    const torch::Tensor& energies() const { return energy_; }
    void fill(ChainsView& view) const;
    /// With the energies of the selected chain under all classes of a conditional energy.
    std::shared_ptr<const TraceView> trace(const Energy& energy) const;
    /// [count] int64, the class that each chain moves under; undefined without classes.
    void set_labels(torch::Tensor labels) { labels_ = std::move(labels); }
    const torch::Tensor& labels() const { return labels_; }
    /// Since the chains were made; restarts do not reset it.
    std::int64_t steps_made() const { return step_; }
    int selected() const { return selected_; }
    /// Steps since the chain's start.
    std::int32_t age(int chain) const { return age_[static_cast<std::size_t>(chain)]; }

    /// "chains.x", "chains.labels" int64 [n] if there are classes, "chains.age" int32 [n] and
    /// "chains.counters" int64 [3]: steps made, places of random starts used, selected chain. With them the
    /// chains go on as if they had never stopped.
    NamedTensors state() const;
    /// False, and nothing changes, if the tensors are not there. Throws Error (at `origin`) if they do not
    /// fit.
    bool restore(const NamedTensors& state, const std::string& origin);
    /// Random draws that starts need: a fresh place for `count` chains.
    random::Place fresh_place(std::int64_t count);

private:
    void after_step(const Energy& energy, const torch::Tensor& before, const ChainState& state,
                    const kernels::StepSettings& step);
    void record_trail();
    void clear_trail(const std::vector<int>& chains);
    void record_trace(const Energy& energy);
    void record_frame();
    void thin_frames();

    SampleKind kind_;
    Shape shape_;
    std::uint64_t seed_;
    std::uint32_t step_ = 0, fresh_ = 0;
    torch::Tensor x_, labels_, energy_, gradient_norm_;
    std::vector<std::int32_t> age_;
    std::vector<std::int64_t> dropped_; ///< of each chain when it was dropped last; 0: never
    std::int64_t drops_ = 0;
    std::vector<std::uint8_t> accepted_;
    std::vector<float> trail_; ///< ring [trail_length][count][2]
    int trail_head_ = 0, trail_filled_ = 0;
    StepParts parts_;
    bool energies_lag_ = false;
    int selected_ = -1;
    std::int64_t trace_start_ = 0;
    std::deque<float> trace_energy_, trace_gradient_, trace_position_;
    /// A picture of the selected chain, and what was known of it.
    struct Frame {
        std::int64_t step;
        float energy, gradient_norm;
        std::vector<std::uint8_t> pixels;
    };
    std::vector<Frame> frames_; ///< oldest first
};

} // namespace ebm::lab
