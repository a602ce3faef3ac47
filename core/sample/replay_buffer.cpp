#include "core/sample/replay_buffer.h"

#include "core/sample/rows.h"
#include "core/sample/sampler.h"

#include <algorithm>
#include <limits>

namespace ebm {

ReplayBuffer::ReplayBuffer(Batch initial, const BufferBytes& bytes) : labels_(initial.labels), bytes_(bytes) {
    samples_ = bytes.on ? to_bytes(initial.x) : initial.x;
    start_columns();
}

ReplayBuffer::ReplayBuffer(std::int64_t size, const Shape& shape, torch::Tensor labels,
                           const BufferBytes& bytes, const random::Place& place)
    : labels_(std::move(labels)), bytes_(bytes) {
    Shape sizes{size};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    samples_ = torch::empty(sizes, bytes.on ? torch::kByte : torch::kFloat);
    constexpr std::int64_t rows_at_a_time = 512; // as floats beside the bytes
    for (std::int64_t begin = 0; begin < size; begin += rows_at_a_time) {
        const std::int64_t end = std::min(size, begin + rows_at_a_time);
        random::Place at = place;
        at.chain += static_cast<std::uint32_t>(begin);
        const torch::Tensor x = uniform_samples(end - begin, shape, bytes.low, bytes.high, at);
        samples_.slice(0, begin, end).copy_(bytes.on ? to_bytes(x) : x);
    }
    start_columns();
}

void ReplayBuffer::start_columns() {
    const std::int64_t size = this->size();
    energy_ = torch::full({size}, std::numeric_limits<float>::quiet_NaN());
    age_ = torch::zeros({size}, torch::kLong);
    reused_ = torch::zeros({size}, torch::kLong);
    birth_ = torch::zeros({size}, torch::kLong);
}

torch::Tensor ReplayBuffer::to_bytes(const torch::Tensor& x) const {
    torch::Tensor bytes = torch::empty(x.sizes(), torch::kByte);
    const torch::Tensor input = x.contiguous();
    const float *from = input.data_ptr<float>(), scale = 255 / (bytes_.high - bytes_.low);
    auto* to = bytes.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < x.numel(); ++i)
        to[i] = static_cast<std::uint8_t>(std::clamp((from[i] - bytes_.low) * scale, 0.0f, 255.0f));
    return bytes;
}

torch::Tensor ReplayBuffer::values_of(const torch::Tensor& kept, const random::Place* place) const {
    if (!bytes_.on) return kept;
    torch::Tensor values = place ? uniform_samples(kept.size(0), kept.sizes().slice(1).vec(), 0, 1, *place)
                                 : torch::full(kept.sizes(), 0.5);
    const auto* from = kept.data_ptr<std::uint8_t>();
    const float scale = (bytes_.high - bytes_.low) / 256;
    float* to = values.data_ptr<float>();
    for (std::int64_t i = 0; i < kept.numel(); ++i)
        to[i] = bytes_.low + scale * (static_cast<float>(from[i]) + to[i]);
    return values;
}

void ReplayBuffer::resize(std::int64_t size) {
    const std::int64_t before = this->size();
    if (size == before) return;
    const torch::Tensor rows = torch::arange(size).remainder(before);
    for (torch::Tensor* column : {&samples_, &labels_, &energy_, &age_, &reused_, &birth_})
        if (column->defined()) *column = column->index_select(0, rows);
    filled_ = filled_ >= before ? size : std::min(filled_, size);
    next_ = filled_ % size;
}

Batch ReplayBuffer::take(const torch::Tensor& slots, const random::Place& place) const {
    return {values_of(take_rows(samples_, slots), &place),
            labels_.defined() ? take_rows(labels_, slots) : torch::Tensor()};
}

Batch ReplayBuffer::look(const torch::Tensor& slots) const {
    return {values_of(take_rows(samples_, slots), nullptr),
            labels_.defined() ? take_rows(labels_, slots) : torch::Tensor()};
}

torch::Tensor ReplayBuffer::samples() const {
    return values_of(samples_, nullptr);
}

void ReplayBuffer::put(const torch::Tensor& slots, const Batch& x, const torch::Tensor& energy,
                       const torch::Tensor& fresh, std::int64_t steps, std::int64_t iteration) {
    put_rows(samples_, slots, bytes_.on ? to_bytes(x.x) : x.x);
    put_rows(energy_, slots, energy);
    if (labels_.defined()) put_rows(labels_, slots, x.labels);
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
    filled_ = size();
}

torch::Tensor ReplayBuffer::next_slots(std::int64_t count) const {
    return (torch::arange(count) + next_).remainder(size());
}

void ReplayBuffer::append(const torch::Tensor& from, const Batch& x, const torch::Tensor& energy,
                          const torch::Tensor& fresh, std::int64_t steps, std::int64_t iteration) {
    const std::int64_t count = from.size(0);
    const torch::Tensor to = next_slots(count);
    // All are read before any is written: a slot may be both.
    const torch::Tensor age = take_rows(age_, from), reused = take_rows(reused_, from),
                        birth = take_rows(birth_, from);
    const bool* is_fresh = fresh.data_ptr<bool>();
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t& steps_made = age.data_ptr<std::int64_t>()[i];
        std::int64_t& continued = reused.data_ptr<std::int64_t>()[i];
        steps_made = (is_fresh[i] ? 0 : steps_made) + steps;
        continued = is_fresh[i] ? 0 : continued + 1;
        if (is_fresh[i]) birth.data_ptr<std::int64_t>()[i] = iteration;
    }
    put_rows(samples_, to, bytes_.on ? to_bytes(x.x) : x.x);
    put_rows(energy_, to, energy);
    if (labels_.defined()) put_rows(labels_, to, x.labels);
    put_rows(age_, to, age);
    put_rows(reused_, to, reused);
    put_rows(birth_, to, birth);
    filled_ = std::min(size(), std::max(filled_, next_ + count));
    next_ = (next_ + count) % size();
}

} // namespace ebm
