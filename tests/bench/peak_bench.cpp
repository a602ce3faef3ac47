#include "core/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/bench/peak_bench.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

/// What one core can do at most: fused multiply-adds on registers alone, in the instruction set of the
/// kernels.
HWY_BEFORE_NAMESPACE();
namespace ebm::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int sums = 12; // hides the latency, and fits the 16 registers of AVX2

/// Returns the number of floating-point operations.
double multiply_add(int times, float* out) {
    const hn::ScalableTag<float> tag;
    using Vector = hn::Vec<decltype(tag)>;
    Vector sum[sums], a = hn::Set(tag, 0.5f), b = hn::Set(tag, 0.25f);
    for (Vector& s : sum)
        s = hn::Set(tag, out[0]);
    for (int i = 0; i < times; ++i) {
#pragma GCC unroll 16
        for (int j = 0; j < sums; ++j)
            sum[j] = hn::MulAdd(a, sum[j], b);
    }
    for (int j = 1; j < sums; ++j)
        sum[0] = hn::Add(sum[0], sum[j]);
    hn::StoreU(sum[0], tag, out);
    return 2.0 * sums * times * static_cast<double>(hn::Lanes(tag));
}

} // namespace
} // namespace ebm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <benchmark/benchmark.h>

namespace ebm {
namespace {

HWY_EXPORT(multiply_add);

void fused_multiply_add_peak(benchmark::State& state) {
    alignas(64) float out[64] = {1.0f};
    double operations = 0;
    for (auto _ : state)
        operations += HWY_DYNAMIC_DISPATCH(multiply_add)(100000, out);
    state.counters["FLOP/s"] = benchmark::Counter(operations, benchmark::Counter::kIsRate);
}
BENCHMARK(fused_multiply_add_peak)->Unit(benchmark::kMicrosecond);

} // namespace
} // namespace ebm
#endif
