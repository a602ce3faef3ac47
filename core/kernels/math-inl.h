// Elementary functions on vectors of floats. Included once per instruction set, see network_simd.cpp.
#if defined(EBM_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EBM_KERNELS_MATH_INL_H_
#undef EBM_KERNELS_MATH_INL_H_
#else
#define EBM_KERNELS_MATH_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using IntTag = hn::ScalableTag<std::int32_t>;
using WordTag = hn::ScalableTag<std::uint32_t>;
using Vector = hn::Vec<FloatTag>;
using IntVector = hn::Vec<IntTag>;
using WordVector = hn::Vec<WordTag>;
using Mask = hn::Mask<FloatTag>;

constexpr FloatTag kFloat;
constexpr IntTag kInt;
constexpr WordTag kWord;
constexpr int kLanes = static_cast<int>(HWY_LANES(float));

HWY_INLINE Vector constant(float value) {
    return hn::Set(kFloat, value);
}

/// NaN passes through: Min and Max of x86 return their second argument if either is NaN.
HWY_INLINE Vector clamp(Vector x, Vector low, Vector high) {
    return hn::Min(high, hn::Max(low, x));
}

/// 1.5·2^23: adding it rounds |x| < 2^22 to the nearest integer, which then sits in the low bits.
constexpr float kRound = 12582912.0f;

/// 2^x for x in [−126, 127]; relative error 1e-7.
HWY_INLINE Vector exp2_in_range(Vector x) {
    const Vector rounded = hn::Add(x, constant(kRound));
    const Vector f = hn::Sub(x, hn::Sub(rounded, constant(kRound)));
    Vector p = hn::MulAdd(constant(1.326472708e-3f), f, constant(9.671512862e-3f));
    p = hn::MulAdd(p, f, constant(5.550733746e-2f));
    p = hn::MulAdd(p, f, constant(2.402224208e-1f));
    p = hn::MulAdd(p, f, constant(6.931469776e-1f));
    p = hn::MulAdd(p, f, constant(1.0f));
    const IntVector exponent = hn::ShiftLeft<23>(hn::BitCast(kInt, rounded));
    return hn::BitCast(kFloat, hn::Add(hn::BitCast(kInt, p), exponent));
}

#if HWY_TARGET == HWY_AVX3
/// 2^(i / 32).
alignas(64) constexpr float kRoots[32] = {
    1.0f,        1.02189715f, 1.04427378f, 1.0671404f,  1.09050773f, 1.11438674f, 1.13878863f, 1.16372486f,
    1.18920712f, 1.21524736f, 1.24185781f, 1.26905096f, 1.29683955f, 1.32523664f, 1.35425555f, 1.38390988f,
    1.41421356f, 1.44518081f, 1.47682615f, 1.50916443f, 1.54221083f, 1.57598085f, 1.61049033f, 1.64575548f,
    1.68179283f, 1.7186193f,  1.75625216f, 1.79470908f, 1.83400809f, 1.87416763f, 1.91520656f, 1.95714412f,
};
#endif

/// 2^x with x limited to [−126, 126]; relative error 2e-7. NaN may come out as a number.
HWY_INLINE Vector exp2_limited(Vector x) {
#if HWY_TARGET == HWY_AVX3
    // 2^x = 2^(n / 32) · 2^f with |f| ≤ 1/64: the lowest five bits of n choose a root, the others are the
    // exponent.
    constexpr float round = 393216.0f; // 1.5·2^18: adding it rounds to multiples of 1/32
    constexpr int smaller_size_and_own_sign = 2;
    const Vector limited{_mm512_range_ps(x.raw, constant(126.0f).raw, smaller_size_and_own_sign)};
    const Vector rounded = hn::Add(limited, constant(round));
    const Vector f = hn::Sub(limited, hn::Sub(rounded, constant(round)));
    const IntVector bits = hn::BitCast(kInt, rounded);
    const Vector root{
        _mm512_permutex2var_ps(hn::Load(kFloat, kRoots).raw, bits.raw, hn::Load(kFloat, kRoots + 16).raw)};
    const IntVector exponent = hn::ShiftLeft<18>(hn::AndNot(hn::Set(kInt, 31), bits));
    const Vector power = hn::BitCast(kFloat, hn::Add(hn::BitCast(kInt, root), exponent));
    const Vector q = hn::MulAdd(constant(2.402265070e-1f), f, constant(6.931573527e-1f));
    return hn::MulAdd(hn::Mul(power, f), q, power);
#else
    return exp2_in_range(clamp(x, constant(-126.0f), constant(126.0f)));
#endif
}

/// e^x, with x limited to [−87.3, 87.3]. NaN may come out as a number.
HWY_INLINE Vector exponential(Vector x) {
    return exp2_limited(hn::Mul(x, constant(1.442695041f)));
}

/// 1 / x for |x| in [2^-126, 2^126].
HWY_INLINE Vector reciprocal(Vector x) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
    // The estimate has 12 (AVX2) or 14 bits (AVX-512); one Newton step doubles them.
    const Vector estimate = hn::ApproximateReciprocal(x);
    return hn::Mul(estimate, hn::NegMulAdd(x, estimate, constant(2.0f)));
#else
    return hn::Div(constant(1.0f), x);
#endif
}

/// 1 / (1 + e^−x).
HWY_INLINE Vector sigmoid(Vector x) {
    return reciprocal(hn::Add(constant(1.0f), exponential(hn::Neg(x))));
}

/// Natural logarithm of a normal positive number (Cephes logf).
HWY_INLINE Vector logarithm(Vector x) {
    const IntVector root_half = hn::Set(kInt, 0x3F3504F3);
    const IntVector shifted = hn::Sub(hn::BitCast(kInt, x), root_half);
    const Vector exponent = hn::ConvertTo(kFloat, hn::ShiftRight<23>(shifted));
    const IntVector mantissa = hn::Add(hn::And(shifted, hn::Set(kInt, 0x007FFFFF)), root_half);
    const Vector f = hn::Sub(hn::BitCast(kFloat, mantissa), constant(1.0f));
    Vector p = hn::MulAdd(constant(7.0376836292e-2f), f, constant(-1.1514610310e-1f));
    p = hn::MulAdd(p, f, constant(1.1676998740e-1f));
    p = hn::MulAdd(p, f, constant(-1.2420140846e-1f));
    p = hn::MulAdd(p, f, constant(1.4249322787e-1f));
    p = hn::MulAdd(p, f, constant(-1.6668057665e-1f));
    p = hn::MulAdd(p, f, constant(2.0000714765e-1f));
    p = hn::MulAdd(p, f, constant(-2.4999993993e-1f));
    p = hn::MulAdd(p, f, constant(3.3333331174e-1f));
    const Vector f2 = hn::Mul(f, f);
    Vector y = hn::MulAdd(hn::Mul(p, f2), f, hn::Mul(exponent, constant(-2.12194440e-4f)));
    y = hn::NegMulAdd(constant(0.5f), f2, y);
    return hn::MulAdd(exponent, constant(0.693359375f), hn::Add(f, y));
}

/// log(1 + y) for y in [0, 1], minimax in the relative error; 2e-7.
HWY_INLINE Vector logarithm_of_one_plus(Vector y) {
    Vector p = hn::MulAdd(constant(0.00523269456f), y, constant(-0.0295052435f));
    p = hn::MulAdd(p, y, constant(0.0782259628f));
    p = hn::MulAdd(p, y, constant(-0.136632472f));
    p = hn::MulAdd(p, y, constant(0.191060081f));
    p = hn::MulAdd(p, y, constant(-0.24842982f));
    p = hn::MulAdd(p, y, constant(0.333190978f));
    p = hn::MulAdd(p, y, constant(-0.499994934f));
    p = hn::MulAdd(p, y, constant(0.99999994f));
    return hn::Mul(p, y);
}

/// sin and cos of an angle in [0, 2π] (Cephes sinf, cosf).
HWY_INLINE void sine_cosine(Vector angle, Vector& sine, Vector& cosine) {
    const Vector rounded = hn::MulAdd(angle, constant(0.636619772f), constant(kRound));
    const Vector quarter_turns = hn::Sub(rounded, constant(kRound));
    Vector r = hn::NegMulAdd(quarter_turns, constant(1.5703125f), angle);
    r = hn::NegMulAdd(quarter_turns, constant(4.837512969970703125e-4f), r);
    r = hn::NegMulAdd(quarter_turns, constant(7.54978995489188216e-8f), r);
    const Vector z = hn::Mul(r, r);
    Vector s = hn::MulAdd(constant(-1.9515295891e-4f), z, constant(8.3321608736e-3f));
    s = hn::MulAdd(s, z, constant(-1.6666654611e-1f));
    s = hn::MulAdd(hn::Mul(s, z), r, r);
    Vector c = hn::MulAdd(constant(2.443315711809948e-5f), z, constant(-1.388731625493765e-3f));
    c = hn::MulAdd(c, z, constant(4.166664568298827e-2f));
    c = hn::MulAdd(hn::Mul(c, z), z, hn::NegMulAdd(constant(0.5f), z, constant(1.0f)));

    const IntVector turns = hn::BitCast(kInt, rounded);
    const IntVector one = hn::Set(kInt, 1), two = hn::Set(kInt, 2);
    const Mask odd = hn::MaskFromVec(hn::BitCast(kFloat, hn::VecFromMask(kInt, hn::TestBit(turns, one))));
    const IntVector sine_sign = hn::ShiftLeft<30>(hn::And(turns, two));
    const IntVector cosine_sign = hn::ShiftLeft<30>(hn::And(hn::Add(turns, one), two));
    sine = hn::Xor(hn::IfThenElse(odd, c, s), hn::BitCast(kFloat, sine_sign));
    cosine = hn::Xor(hn::IfThenElse(odd, s, c), hn::BitCast(kFloat, cosine_sign));
}

// Activations: value and derivative at z.

/// Of u = −z·log2(e), see preactivation_scale; value and derivative are those of z·σ(z) at z.
struct Silu {
    static HWY_INLINE void apply(Vector u, Vector& value, Vector& derivative) {
        const Vector y = exp2_limited(u);
        const Vector s = reciprocal(hn::Add(constant(1.0f), y));
        value = hn::Mul(u, hn::Mul(constant(-0.693147181f), s));
        // s·y = 1 − s, without the cancellation that z would magnify.
        derivative = hn::MulAdd(value, hn::Mul(s, y), s);
    }
};

struct Softplus {
    static HWY_INLINE void apply(Vector z, Vector& value, Vector& derivative) {
        // With y = e^−|z|: log(1 + e^z) = max(z, 0) + log(1 + y), and the derivative is 1 or y over 1 + y.
        const Vector y = exponential(hn::Neg(hn::Abs(z)));
        const Vector inverse = reciprocal(hn::Add(constant(1.0f), y));
        value = hn::Add(hn::Max(hn::Zero(kFloat), z), logarithm_of_one_plus(y));
        derivative = hn::IfThenElse(hn::Ge(z, hn::Zero(kFloat)), inverse, hn::Mul(y, inverse));
    }
};

struct Tanh {
    static HWY_INLINE void apply(Vector z, Vector& value, Vector& derivative) {
        const Vector large =
            hn::NegMulAdd(constant(2.0f), sigmoid(hn::Mul(constant(-2.0f), z)), constant(1.0f));
        // Cephes tanhf for |z| < 0.625, where the form above loses digits.
        const Vector z2 = hn::Mul(z, z);
        Vector p = hn::MulAdd(constant(-5.70498872745e-3f), z2, constant(2.06390887954e-2f));
        p = hn::MulAdd(p, z2, constant(-5.37397155531e-2f));
        p = hn::MulAdd(p, z2, constant(1.33314422036e-1f));
        p = hn::MulAdd(p, z2, constant(-3.33332819422e-1f));
        const Vector small = hn::MulAdd(hn::Mul(p, z2), z, z);
        value = hn::IfThenElse(hn::Ge(hn::Abs(z), constant(0.625f)), large, small); // NaN stays NaN
        derivative = hn::NegMulAdd(value, value, constant(1.0f));
    }
};

struct Relu {
    static HWY_INLINE void apply(Vector z, Vector& value, Vector& derivative) {
        value = hn::Max(hn::Zero(kFloat), z);
        derivative = hn::IfThenElseZero(hn::Gt(z, hn::Zero(kFloat)), constant(1.0f));
    }
};

struct LeakyRelu {
    static HWY_INLINE void apply(Vector z, Vector& value, Vector& derivative) {
        derivative = hn::IfThenElse(hn::Gt(z, hn::Zero(kFloat)), constant(1.0f), constant(0.2f));
        value = hn::Mul(z, derivative);
    }
};

struct Gelu {
    static HWY_INLINE void apply(Vector z, Vector& value, Vector& derivative) {
        // Φ(z) by Abramowitz & Stegun 7.1.26, absolute error 8e-8: erf(y) = 1 − t·P(t)·e^(−y²), y = |z| / √2.
        const Vector y = hn::Mul(hn::Abs(z), constant(0.707106781f));
        const Vector bell = exponential(hn::Neg(hn::Mul(y, y)));
        const Vector t = reciprocal(hn::MulAdd(constant(0.3275911f), y, constant(1.0f)));
        Vector p = hn::MulAdd(constant(1.061405429f), t, constant(-1.453152027f));
        p = hn::MulAdd(p, t, constant(1.421413741f));
        p = hn::MulAdd(p, t, constant(-0.284496736f));
        p = hn::MulAdd(p, t, constant(0.254829592f));
        const Vector tail = hn::Mul(constant(0.5f), hn::Mul(hn::Mul(p, t), bell));
        const Vector phi = hn::IfThenElse(hn::Ge(z, hn::Zero(kFloat)), hn::Sub(constant(1.0f), tail), tail);
        value = hn::Mul(z, phi);
        derivative = hn::MulAdd(hn::Mul(z, constant(0.398942280f)), bell, phi);
    }
};

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
