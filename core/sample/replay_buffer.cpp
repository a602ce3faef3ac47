#include "core/sample/replay_buffer.h"

#include "core/sample/rows.h"

#include <limits>

namespace ebm {

ReplayBuffer::ReplayBuffer(torch::Tensor initial)
    : samples_(std::move(initial)),
      energy_(torch::full({samples_.size(0)}, std::numeric_limits<float>::quiet_NaN())),
      age_(torch::zeros({samples_.size(0)}, torch::kLong)),
      reused_(torch::zeros({samples_.size(0)}, torch::kLong)),
      birth_(torch::zeros({samples_.size(0)}, torch::kLong)) {}

void ReplayBuffer::resize(std::int64_t size) {
    const torch::Tensor rows = torch::arange(size).remainder(this->size());
    for (torch::Tensor* column : {&samples_, &energy_, &age_, &reused_, &birth_})
        *column = column->index_select(0, rows);
}

torch::Tensor ReplayBuffer::take(const torch::Tensor& slots) const {
    return take_rows(samples_, slots);
}

void ReplayBuffer::put(const torch::Tensor& slots, const torch::Tensor& x, const torch::Tensor& energy,
                       const torch::Tensor& fresh, std::int64_t steps, std::int64_t iteration) {
    put_rows(samples_, slots, x);
    put_rows(energy_, slots, energy);
    const std::int64_t* slot = slots.data_ptr<std::int64_t>();
    const bool* is_fresh = fresh.data_ptr<bool>();
    auto *age = age_.data_ptr<std::int64_t>(), *reused = reused_.data_ptr<std::int64_t>(),
         *birth = birth_.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < slots.size(0); ++i) {
        const std::int64_t at = slot[i];
        age[at] = (is_fresh[i] ? 0 : age[at]) + steps;
        reused[at] = is_fresh[i] ? 0 : reused[at] + 1;
        if (is_fresh[i]) birth[at] = iteration;
    }
}

} // namespace ebm
