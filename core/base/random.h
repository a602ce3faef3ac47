#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

/// Counter-based random numbers: every draw is a pure function of (seed, stream, chain, step, element), so a
/// result does not depend on thread count, batch split or kernel. Philox4x32-10: Salmon et al., "Parallel
/// random numbers: as easy as 1, 2, 3", SC 2011.
namespace ebm::random {

using Words = std::array<std::uint32_t, 4>;

/// What a draw is for. Two draws with different streams are independent.
enum class Stream : std::uint32_t {
    noise = 1,             ///< Langevin noise, element e of a sample is normal e % 4 of block e / 4
    choice = 2,            ///< block 0: word 0 accept, word 1 jump or not, word 2 step-size spread
    jump = 3,              ///< uniform proposals, element e is word e % 4 of block e / 4
    start = 4,             ///< fresh chains
    batch = 5,             ///< which data and which buffer entries
    data = 6,              ///< data noise and generated data sets
    weights = 7,           ///< network initialisation
    dequantise = 8,        ///< of data, element e is word e % 4 of block e / 4
    dequantise_buffer = 9, ///< of what the replay buffer keeps as bytes, likewise
    swap = 10              ///< block 0, word 0: whether two replicas of tempering exchange their states
};

/// Where a draw sits. `group` keeps users of the same stream apart (training negatives, live chains, …).
struct Place {
    std::uint64_t seed = 0;
    Stream stream = Stream::noise;
    std::uint32_t group = 0; ///< below 2^24
    std::uint32_t chain = 0;
    std::uint32_t step = 0;
};

inline Words philox(Words counter, std::uint32_t key0, std::uint32_t key1) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = 0xD2511F53ull * counter[0];
        const std::uint64_t b = 0xCD9E8D57ull * counter[2];
        counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key0, static_cast<std::uint32_t>(b),
                   static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key1, static_cast<std::uint32_t>(a)};
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return counter;
}

/// Four random words: counter = {block, chain, step, group << 8 | stream}, key = {seed low, seed high}.
inline Words words(const Place& place, std::uint32_t block) {
    return philox(
        {block, place.chain, place.step, place.group << 8 | static_cast<std::uint32_t>(place.stream)},
        static_cast<std::uint32_t>(place.seed), static_cast<std::uint32_t>(place.seed >> 32));
}

/// Uniform in [0, 1), a multiple of 2^-24.
inline float uniform(std::uint32_t word) {
    return static_cast<float>(word >> 8) * 0x1p-24f;
}

/// Two standard normals from two words (Box–Muller). |z| stays below 6.8.
inline std::array<float, 2> normal_pair(std::uint32_t word0, std::uint32_t word1) {
    const float u = (static_cast<float>(word0) + 0.5f) * 0x1p-32f;
    const float radius = std::sqrt(-2.0f * std::log(u));
    const float angle = 2.0f * std::numbers::pi_v<float> * uniform(word1);
    return {radius * std::cos(angle), radius * std::sin(angle)};
}

/// The four standard normals of a block: words 0, 1 give elements 0, 1; words 2, 3 give elements 2, 3.
inline std::array<float, 4> normals(const Words& w) {
    const auto [a, b] = normal_pair(w[0], w[1]);
    const auto [c, d] = normal_pair(w[2], w[3]);
    return {a, b, c, d};
}

} // namespace ebm::random
