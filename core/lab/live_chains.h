#pragma once

#include "core/lab/dataset.h"
#include "core/sample/sampler.h"

#include <deque>

namespace ebm::lab {

/// The chains that are watched: they move under the current model beside the training and do not influence
/// it.
class LiveChains {
public:
    static constexpr int trail_length = 24;
    static constexpr int trace_length = 2000; ///< steps of numbers kept for the selected chain
    static constexpr int frame_count = 256;   ///< steps of pictures kept for the selected chain

    LiveChains(const SampleKind& kind, Shape shape, std::uint64_t seed);

    /// `starts` [n, shape…] replace the chains `which` (all chains, and their number, if empty).
    void restart(const torch::Tensor& starts, const std::vector<int>& which);
    /// Adds chains from `starts` or drops the last ones until there are `count`.
    void resize(int count, const std::function<torch::Tensor(std::int64_t)>& starts);
    /// Those whose turn it is, if each lives for `life` steps and they take turns; not the selected one.
    std::vector<int> at_end_of_life(int life) const;
    void drop(float x, float y, int count, float spread);
    void move(int chain, float x, float y);
    void select(int chain);
    void step(const Energy& energy, const kernels::StepSettings& step, kernels::StepReport& report);
    /// One plane step of the reference sampler that also records the pull −a·∇E and the kick of the noise.
    void step_slowly(const Energy& energy, const kernels::StepSettings& step, kernels::StepReport& report);
    /// Energies and gradients where the chains are, after the model changed and the chains did not.
    void measure(const Energy& energy);

    std::int64_t count() const { return x_.size(0); }
    const torch::Tensor& states() const { return x_; }
    const torch::Tensor& energies() const { return energy_; }
    void fill(ChainsView& view) const;
    std::shared_ptr<const TraceView> trace() const;
    int selected() const { return selected_; }
    /// Random draws that starts need: a fresh place for `count` chains.
    random::Place fresh_place(std::int64_t count);

private:
    void after_step(const torch::Tensor& before, const ChainState& state);
    void record_trail();
    void clear_trail(const std::vector<int>& chains);
    void record_trace();

    SampleKind kind_;
    Shape shape_;
    std::uint64_t seed_;
    std::uint32_t step_ = 0, fresh_ = 0;
    torch::Tensor x_, energy_, gradient_norm_;
    std::vector<std::int32_t> age_;
    std::vector<std::uint8_t> accepted_;
    std::vector<float> trail_; ///< ring [trail_length][count][2]
    int trail_head_ = 0, trail_filled_ = 0;
    std::vector<float> drift_, kick_;
    int selected_ = -1;
    std::int64_t trace_start_ = 0;
    std::deque<float> trace_energy_, trace_gradient_, trace_position_;
    std::deque<std::vector<std::uint8_t>> trace_pixels_;
};

} // namespace ebm::lab
