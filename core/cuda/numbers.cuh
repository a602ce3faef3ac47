#pragma once

/// Random numbers of core/base/random.h and the activations, one thread at a time.
namespace ebm::cuda {

struct Words {
    unsigned at[4];
};

/// random::Stream
enum : unsigned { noise_stream = 1, choice_stream = 2, jump_stream = 3 };

/// Where the draws of a chain at a step sit.
struct Place {
    unsigned seed_low, seed_high, group, chain, step;
};

/// random::words: Philox4x32-10.
__device__ inline Words random_words(const Place& place, unsigned stream, unsigned block) {
    unsigned c0 = block, c1 = place.chain, c2 = place.step, c3 = place.group << 8 | stream;
    unsigned key0 = place.seed_low, key1 = place.seed_high;
#pragma unroll
    for (int round = 0; round < 10; ++round) {
        const unsigned long long a = 0xD2511F53ull * c0, b = 0xCD9E8D57ull * c2;
        c0 = static_cast<unsigned>(b >> 32) ^ c1 ^ key0;
        c1 = static_cast<unsigned>(b);
        c2 = static_cast<unsigned>(a >> 32) ^ c3 ^ key1;
        c3 = static_cast<unsigned>(a);
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return {{c0, c1, c2, c3}};
}

/// random::uniform
__device__ inline float uniform(unsigned word) {
    return static_cast<float>(word >> 8) * 0x1p-24f;
}

/// random::normal_pair
__device__ inline void normal_pair(unsigned word0, unsigned word1, float& first, float& second) {
    const float u = (static_cast<float>(word0) + 0.5f) * 0x1p-32f;
    const float radius = sqrtf(fmaxf(0.0f, -2.0f * logf(u)));
    float sine, cosine;
    sincospif(2.0f * uniform(word1), &sine, &cosine);
    first = radius * cosine;
    second = radius * sine;
}

/// Four normals, of which only the first `count` are needed.
template <int count>
__device__ inline void normals(const Place& place, unsigned block, float (&z)[4]) {
    const Words words = random_words(place, noise_stream, block);
    normal_pair(words.at[0], words.at[1], z[0], z[1]);
    z[2] = z[3] = 0;
    if constexpr (count > 2) normal_pair(words.at[2], words.at[3], z[2], z[3]);
}

/// NaN passes through, which fminf and fmaxf do not grant.
__device__ inline float clamp(float x, float low, float high) {
    return x < low ? low : x > high ? high : x;
}

__device__ inline bool finite(float x) {
    return fabsf(x) <= 3.402823466e38f;
}

struct Activated {
    float value, derivative;
};

/// ebm::Activation, in its order.
template <int activation>
__device__ inline Activated activate(float z) {
    if constexpr (activation == 0) { // silu
        // s·y = 1 − s, without the cancellation that z would magnify.
        const float y = expf(fminf(-z, 87.0f)), s = 1.0f / (1.0f + y), value = z * s;
        return {value, value * (s * y) + s};
    } else if constexpr (activation == 1) { // softplus
        const float y = expf(-fabsf(z)), inverse = 1.0f / (1.0f + y);
        return {fmaxf(0.0f, z) + log1pf(y), z >= 0 ? inverse : y * inverse};
    } else if constexpr (activation == 2) { // tanh
        const float value = tanhf(z);
        return {value, 1.0f - value * value};
    } else if constexpr (activation == 3) { // relu
        return {z < 0 ? 0.0f : z, z > 0 ? 1.0f : 0.0f};
    } else if constexpr (activation == 4) { // leaky relu
        const float slope = z > 0 ? 1.0f : 0.2f;
        return {z * slope, slope};
    } else { // gelu
        const float phi = 0.5f * erfcf(-0.707106781f * z), bell = expf(-0.5f * z * z);
        return {z * phi, z * 0.398942280f * bell + phi};
    }
}

} // namespace ebm::cuda
