#include "core/sample/replay_buffer.h"

#include "core/sample/one_thread.h"

#include <limits>

namespace ebm {

ReplayBuffer::ReplayBuffer(torch::Tensor initial)
    : samples_(std::move(initial)),
      energy_(torch::full({samples_.size(0)}, std::numeric_limits<float>::quiet_NaN())),
      age_(torch::zeros({samples_.size(0)}, torch::kLong)),
      reused_(torch::zeros({samples_.size(0)}, torch::kLong)),
      birth_(torch::zeros({samples_.size(0)}, torch::kLong)) {}

torch::Tensor ReplayBuffer::take(const torch::Tensor& slots) const {
    const OneThread one_thread;
    return samples_.index_select(0, slots);
}

void ReplayBuffer::put(const torch::Tensor& slots, const torch::Tensor& x, const torch::Tensor& energy,
                       const torch::Tensor& fresh, std::int64_t steps, std::int64_t iteration) {
    const torch::NoGradGuard no_graph;
    const OneThread one_thread;
    samples_.index_copy_(0, slots, x);
    energy_.index_copy_(0, slots, energy);
    const torch::Tensor continued = fresh.logical_not();
    age_.index_copy_(0, slots, age_.index_select(0, slots) * continued + steps);
    reused_.index_copy_(0, slots, (reused_.index_select(0, slots) + 1) * continued);
    birth_.index_copy_(0, slots, torch::where(fresh, iteration, birth_.index_select(0, slots)));
}

} // namespace ebm
