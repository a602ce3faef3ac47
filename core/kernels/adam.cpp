#include "core/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/adam.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cmath>
#include <cstring>

#include "core/kernels/adam.h"
#include "core/kernels/math-inl.h"
#include "core/kernels/parallel.h"

HWY_BEFORE_NAMESPACE();
namespace ebm::kernels::HWY_NAMESPACE {
namespace {

/// The constants of a step, as the loop wants them.
class AdamLoop {
public:
    explicit AdamLoop(const AdamStep& step)
        : scale_(constant(step.gradient_scale)), keep1_(constant(1.0f - step.beta1)),
          keep2_(constant(1.0f - step.beta2)), beta2_(constant(step.beta2)),
          rate_(constant(static_cast<float>(step.learning_rate / step.correction1))),
          root_correction_(constant(static_cast<float>(1.0 / std::sqrt(step.correction2)))),
          epsilon_(constant(step.epsilon)), keep_average_(constant(1.0f - step.average_decay)) {}

    HWY_INLINE void operator()(float* weights, float* first, float* second, float* average,
                               const float* gradient) const {
        const Vector g = hn::Mul(scale_, hn::LoadU(kFloat, gradient));
        Vector m = hn::LoadU(kFloat, first), v = hn::LoadU(kFloat, second), w = hn::LoadU(kFloat, weights);
        m = hn::MulAdd(keep1_, hn::Sub(g, m), m);
        v = hn::MulAdd(beta2_, v, hn::Mul(keep2_, hn::Mul(g, g)));
        const Vector denominator = hn::MulAdd(hn::Sqrt(v), root_correction_, epsilon_);
        w = hn::Sub(w, hn::Div(hn::Mul(rate_, m), denominator));
        hn::StoreU(m, kFloat, first);
        hn::StoreU(v, kFloat, second);
        hn::StoreU(w, kFloat, weights);
        if (!average) return;
        const Vector a = hn::LoadU(kFloat, average);
        hn::StoreU(hn::MulAdd(keep_average_, hn::Sub(w, a), a), kFloat, average);
    }

private:
    Vector scale_, keep1_, keep2_, beta2_, rate_, root_correction_, epsilon_, keep_average_;
};

} // namespace

void adam_piece(float* weights, float* first, float* second, float* average, const float* gradient,
                std::int64_t count, const AdamStep& step) {
    const AdamLoop loop(step);
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        loop(weights + i, first + i, second + i, average ? average + i : nullptr, gradient + i);
    }
    if (i == count) return;
    float rest[5][kLanes] = {};
    const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(count - i);
    std::memcpy(rest[0], weights + i, bytes);
    std::memcpy(rest[1], first + i, bytes);
    std::memcpy(rest[2], second + i, bytes);
    if (average) std::memcpy(rest[3], average + i, bytes);
    std::memcpy(rest[4], gradient + i, bytes);
    loop(rest[0], rest[1], rest[2], rest[3], rest[4]);
    std::memcpy(weights + i, rest[0], bytes);
    std::memcpy(first + i, rest[1], bytes);
    std::memcpy(second + i, rest[2], bytes);
    if (average) std::memcpy(average + i, rest[3], bytes);
}

} // namespace ebm::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cmath>

namespace ebm::kernels {
namespace {
HWY_EXPORT(adam_piece);
}

AdamStep adam_step(float learning_rate, float beta1, float beta2, std::int64_t t) {
    AdamStep step;
    step.learning_rate = learning_rate;
    step.beta1 = beta1;
    step.beta2 = beta2;
    step.correction1 = 1.0 - std::pow(static_cast<double>(beta1), static_cast<double>(t));
    step.correction2 = 1.0 - std::pow(static_cast<double>(beta2), static_cast<double>(t));
    return step;
}

void adam_ema(float* weights, float* first_moment, float* second_moment, float* average,
              const float* gradient, std::int64_t count, const AdamStep& step, int threads) {
    if (count <= 0) return;
    const auto piece_here = HWY_DYNAMIC_DISPATCH(adam_piece);
    constexpr std::int64_t piece = 16384;
    parallel_for((count + piece - 1) / piece, threads, [&](std::int64_t index) {
        const std::int64_t i = index * piece;
        piece_here(weights + i, first_moment + i, second_moment + i, average ? average + i : nullptr,
                   gradient + i, std::min(piece, count - i), step);
    });
}

double squared_norm(const float* gradient, std::int64_t count) {
    // Eight sums, so that the additions do not wait for each other.
    double sums[8] = {};
    std::int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        for (int j = 0; j < 8; ++j)
            sums[j] += static_cast<double>(gradient[i + j]) * gradient[i + j];
    }
    for (; i < count; ++i)
        sums[0] += static_cast<double>(gradient[i]) * gradient[i];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

} // namespace ebm::kernels
#endif
