// The random numbers of core/base/random.h, one draw per lane. Included once per instruction set.
#if defined(EBM_KERNELS_PHILOX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_PHILOX_INL_H_
#undef EBM_KERNELS_PHILOX_INL_H_
#else
#define EBM_KERNELS_PHILOX_INL_H_
#endif

#include "core/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

using PairTag = hn::Repartition<std::uint64_t, WordTag>;
using PairVector = hn::Vec<PairTag>;

/// What the lanes of a draw have in common.
struct Draw {
    std::uint32_t step, purpose; ///< purpose = group << 8 | stream
    std::uint32_t key0, key1;
};

/// Ten Philox rounds on every second lane: the words sit in the low halves, the high halves are not defined.
HWY_INLINE void philox_half(const Draw& draw, PairVector block, PairVector chain, PairVector (&words)[4]) {
    const PairTag pair;
    const WordVector multiplier0 = hn::Set(kWord, 0xD2511F53u), multiplier1 = hn::Set(kWord, 0xCD9E8D57u);
    PairVector c0 = block, c1 = chain, c2 = hn::Set(pair, draw.step), c3 = hn::Set(pair, draw.purpose);
    std::uint32_t key0 = draw.key0, key1 = draw.key1;
    for (int round = 0; round < 10; ++round) {
        const PairVector a = hn::MulEven(multiplier0, hn::BitCast(kWord, c0));
        const PairVector b = hn::MulEven(multiplier1, hn::BitCast(kWord, c2));
        c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(b), c1), hn::Set(pair, key0));
        c1 = b;
        c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(a), c3), hn::Set(pair, key1));
        c3 = a;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
}

/// The four words of one block per lane.
HWY_INLINE void random_words(const Draw& draw, WordVector block, WordVector chain, WordVector (&words)[4]) {
    const PairTag pair;
    const PairVector blocks = hn::BitCast(pair, block), chains = hn::BitCast(pair, chain);
    PairVector even[4], odd[4];
    philox_half(draw, blocks, chains, even);
    philox_half(draw, hn::ShiftRight<32>(blocks), hn::ShiftRight<32>(chains), odd);
    const PairVector low = hn::Set(pair, 0xFFFFFFFFull);
    for (int i = 0; i < 4; ++i) {
        words[i] = hn::BitCast(kWord, hn::Or(hn::And(even[i], low), hn::ShiftLeft<32>(odd[i])));
    }
}

/// random::uniform: [0, 1), a multiple of 2^-24.
HWY_INLINE Vector uniform(WordVector word) {
    return hn::Mul(hn::ConvertTo(kFloat, hn::BitCast(kInt, hn::ShiftRight<8>(word))), constant(0x1p-24f));
}

/// random::normal_pair.
HWY_INLINE void normal_pair(WordVector word0, WordVector word1, Vector& first, Vector& second) {
    // The two halves are exact, so their sum is the correctly rounded word.
    const Vector high = hn::ConvertTo(kFloat, hn::BitCast(kInt, hn::ShiftRight<16>(word0)));
    const Vector low = hn::ConvertTo(kFloat, hn::BitCast(kInt, hn::And(word0, hn::Set(kWord, 0xFFFFu))));
    const Vector rounded = hn::MulAdd(high, constant(65536.0f), low);
    const Vector u = hn::Mul(hn::Add(rounded, constant(0.5f)), constant(0x1p-32f));
    // log(1) may round to a tiny positive number.
    const Vector squared = hn::Max(hn::Zero(kFloat), hn::Mul(constant(-2.0f), logarithm(u)));
    const Vector radius = hn::Sqrt(squared);
    Vector sine, cosine;
    sine_cosine(hn::Mul(constant(6.283185307f), uniform(word1)), sine, cosine);
    first = hn::Mul(radius, cosine);
    second = hn::Mul(radius, sine);
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
