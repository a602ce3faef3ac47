#pragma once

#include "core/base/random.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ebm::fuzz {

using Bytes = std::vector<std::byte>;

/// The random choices of one input: a pure function of (seed, file, round).
class Choices {
public:
    Choices(std::uint64_t seed, std::uint32_t file, std::uint32_t round)
        : place_{seed, random::Stream::choice, 0, file, round} {}

    /// Uniform among 0 … count − 1; 0 if count is 0.
    std::size_t below(std::size_t count) {
        if (used_ == 4) words_ = random::words(place_, block_++), used_ = 0;
        return count == 0 ? 0 : words_[used_++] % count;
    }

private:
    random::Place place_;
    random::Words words_{};
    std::uint32_t block_ = 0;
    std::size_t used_ = 4;
};

/// A damaged copy: one to four of flipped bits, changed bytes, extreme numbers, cuts, repeats and pieces of
/// `other`.
Bytes mutated(std::span<const std::byte> input, std::span<const std::byte> other, Choices& choices);

/// The same PNG with right checksums, so that damage gets past them. Stops at the first chunk beyond the end.
Bytes with_png_checksums(Bytes png);

} // namespace ebm::fuzz
