#pragma once

#include "core/base/random.h"
#include "core/energy/energy.h"

namespace ebm {

/// The box whose values bytes stand for: b is read as low + (high − low) · (b + u) / 256 with u ~ U(0, 1),
/// x is kept as ⌊255 · (x − low) / (high − low)⌋, both as in the released code of Du & Mordatch (2019).
struct BufferBytes {
    bool on = false;
    float low = -1, high = 1;
};

/// Negatives kept between iterations (Tieleman 2008; Du & Mordatch 2019, Algorithm 1). Slots are overwritten
/// in place by the sample that continued them, where a re-initialised negative takes the slot it was drawn
/// for; or in turn, as in the released code: a ring, which begins empty and then loses the oldest.
class ReplayBuffer {
public:
    ReplayBuffer() = default;
    /// Fills all slots with `initial`; x: [size, sample_shape…], labels undefined without classes.
    explicit ReplayBuffer(Batch initial, const BufferBytes& bytes = {});
    /// Fills `size` slots with uniform noise in the box of `bytes`, row i from chain place.chain + i.
    ReplayBuffer(std::int64_t size, const Shape& shape, torch::Tensor labels, const BufferBytes& bytes,
                 const random::Place& place);

    std::int64_t size() const { return samples_.defined() ? samples_.size(0) : 0; }
    /// Keeps the first samples, or repeats all of them until there are `size` ≥ 1.
    void resize(std::int64_t size);
    /// slots: int64 [N]; returns copies, x: [N, sample_shape…] fp32. Row i draws u of bytes as chain
    /// place.chain + i.
    Batch take(const torch::Tensor& slots, const random::Place& place) const;
    /// The same without u: bytes are read in the middle of what they stand for. For looking at them.
    Batch look(const torch::Tensor& slots) const;
    /// All samples, as `look` reads them.
    torch::Tensor samples() const;
    /// Writes x back, and its labels if the buffer has labels; `energy` [N] are the energies, `fresh` bool
    /// [N] marks re-initialised chains (age and reuse restart).
    void put(const torch::Tensor& slots, const Batch& x, const torch::Tensor& energy,
             const torch::Tensor& fresh, std::int64_t steps, std::int64_t iteration);

    /// Where negatives go that are added in turn: int64 [count].
    torch::Tensor next_slots(std::int64_t count) const;
    /// The same for negatives that are added in turn; `from` are the slots that they continued, which may be
    /// named more than once.
    void append(const torch::Tensor& from, const Batch& x, const torch::Tensor& energy,
                const torch::Tensor& fresh, std::int64_t steps, std::int64_t iteration);

    std::int64_t next_ = 0;   ///< the slot that is the next in turn
    std::int64_t filled_ = 0; ///< slots from 0 on that hold a negative; all of them once any was put in place
    torch::Tensor samples_;   ///< [size, sample_shape…], fp32 or uint8
    torch::Tensor labels_; ///< int64 [size], under which the sample was last moved; undefined without classes
    torch::Tensor energy_; ///< [size], when last written; NaN before
    torch::Tensor age_;    ///< int64 [size], Langevin steps since (re-)initialisation
    torch::Tensor reused_; ///< int64 [size], times continued since (re-)initialisation
    torch::Tensor birth_;  ///< int64 [size], iteration of (re-)initialisation

private:
    void start_columns();
    torch::Tensor to_bytes(const torch::Tensor& x) const;
    torch::Tensor values_of(const torch::Tensor& kept, const random::Place* place) const;

    BufferBytes bytes_;
};

} // namespace ebm
