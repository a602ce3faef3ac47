#pragma once

#include "core/base/tensor.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ebm {

/// A number of the plane with its derivatives with respect to x and y: one formula, written for any T, gives
/// energies and exact gradients without a graph (forward differentiation).
struct Dual {
    float value = 0, dx = 0, dy = 0;
};

inline Dual operator+(Dual a, Dual b) {
    return {a.value + b.value, a.dx + b.dx, a.dy + b.dy};
}
inline Dual operator-(Dual a, Dual b) {
    return {a.value - b.value, a.dx - b.dx, a.dy - b.dy};
}
inline Dual operator*(Dual a, Dual b) {
    return {a.value * b.value, a.dx * b.value + a.value * b.dx, a.dy * b.value + a.value * b.dy};
}
inline Dual operator+(Dual a, double b) {
    return {a.value + static_cast<float>(b), a.dx, a.dy};
}
inline Dual operator+(double a, Dual b) {
    return b + a;
}
inline Dual operator-(Dual a, double b) {
    return a + -b;
}
inline Dual operator-(double a, Dual b) {
    return {static_cast<float>(a) - b.value, -b.dx, -b.dy};
}
inline Dual operator*(double a, Dual b) {
    const auto factor = static_cast<float>(a);
    return {factor * b.value, factor * b.dx, factor * b.dy};
}
inline Dual operator/(Dual a, double b) {
    return 1 / b * a;
}
inline Dual operator-(Dual a) {
    return {-a.value, -a.dx, -a.dy};
}

/// f(a), where f has the value and the derivative given.
inline Dual chain_rule(Dual a, float value, float derivative) {
    return {value, derivative * a.dx, derivative * a.dy};
}
inline Dual square(Dual a) {
    return chain_rule(a, a.value * a.value, 2 * a.value);
}
inline Dual sqrt(Dual a) {
    const float root = std::sqrt(a.value);
    return chain_rule(a, root, 0.5f / root);
}
inline Dual exp(Dual a) {
    const float e = std::exp(a.value);
    return chain_rule(a, e, e);
}
/// log(1 + exp(a)) without overflow.
inline Dual softplus(Dual a) {
    const float decay = std::exp(-std::abs(a.value));
    return chain_rule(a, std::max(a.value, 0.0f) + std::log1p(decay),
                      (a.value < 0 ? decay : 1) / (1 + decay));
}

/// log Σ exp of some terms, without overflow.
template <std::size_t count>
Dual log_sum_exp(const std::array<Dual, count>& terms) {
    float most = terms[0].value;
    for (const Dual& term : terms)
        most = std::max(most, term.value);
    Dual sum;
    for (const Dual& term : terms)
        sum = sum + chain_rule(term, std::exp(term.value - most), std::exp(term.value - most));
    return {most + std::log(sum.value), sum.dx / sum.value, sum.dy / sum.value};
}
template <std::size_t count>
torch::Tensor log_sum_exp(const std::array<torch::Tensor, count>& terms) {
    return torch::logsumexp(torch::stack(torch::TensorList(terms)), 0);
}

} // namespace ebm
