#include "core/data/plane.h"
#include "core/data/planes/draws.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace ebm::data {
namespace {

// Johnson et al. 2016, "Composing graphical models with neural networks": five arms, each a Gaussian around
// (1, 0) that is turned by an angle which grows with the distance.
constexpr int arms = 5;
constexpr double along = 0.3, across = 0.1; // standard deviations
constexpr double twist = 0.25;
constexpr double scale = 1.4;
constexpr double pi = std::numbers::pi;

Point point(const Draws& draws) {
    const auto [z_along, z_across] = draws.normal_pair(0);
    const double a = 1 + along * z_along, b = across * z_across;
    const double angle = draws.choice(0, arms) * 2 * pi / arms + twist * std::exp(a);
    return {scale * (a * std::cos(angle) - b * std::sin(angle)),
            scale * (a * std::sin(angle) + b * std::cos(angle))};
}

constexpr size_t cells = 64; ///< a multiple of four, so that sine and cosine are monotone in each cell
struct Angle {
    double angle, cosine, sine;
};

/// The ends of the cells that the search for preimages starts from: −π … π.
const std::array<Angle, cells + 1>& angles() {
    static const auto table = [] {
        std::array<Angle, cells + 1> t;
        for (size_t i = 0; i <= cells; ++i) {
            const double angle = pi * (2.0 * static_cast<double>(i) / cells - 1);
            t[i] = {angle, std::cos(angle), std::sin(angle)};
        }
        return t;
    }();
    return table;
}

/// log N(a; 1, along²) N(b; 0, across²) without its constant.
double log_gaussian(double a, double b) {
    const double u = (a - 1) / along, v = b / across;
    return -0.5 * (u * u + v * v);
}

/// The part of [low, high], or of [high, low], that is nearest to `target`.
double nearest_between(double low, double high, double target) {
    return std::clamp(target, std::min(low, high), std::max(low, high));
}

/// The solution of t + twist · exp(r cos t) = target between `low` and `high`, where the two sides'
/// difference changes its sign from `low_excess` to `high_excess`: Newton's method, bisection where it would
/// leave the bracket.
double solve_preimage(double r, double target, double low, double high, double low_excess,
                      double high_excess) {
    const double sign = high_excess > low_excess ? 1 : -1;
    double t = low - low_excess * (high - low) / (high_excess - low_excess);
    for (int iteration = 0; iteration < 60; ++iteration) {
        const double turn = twist * std::exp(r * std::cos(t));
        const double excess = t + turn - target;
        (sign * excess < 0 ? low : high) = t;
        double next = t - excess / (1 - r * std::sin(t) * turn);
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        const double step = std::abs(next - t);
        t = next;
        if (step < 1e-10) break;
    }
    return t;
}

/// Change of variables. A point at radius r and angle φ comes from (a, b) = (r cos t, r sin t) of an arm if
/// h(t) = t + twist · exp(r cos t) equals φ up to a multiple of 2π/5, whatever the arm. The map (a, b) → (x,
/// y) has the determinant scale² · dh/dt. So p(x, y) = Σ_t N(a; 1, along²) N(b; 0, across²) / (5 scale²
/// |dh/dt|).
double log_density(double x, double y) {
    const double r = std::hypot(x, y) / scale;
    const double phi = std::atan2(y, x);
    const double period = 2 * pi / arms;
    double largest = -std::numeric_limits<double>::infinity(), sum = 0; // log-sum-exp in one pass
    const auto h = [r](const Angle& at) { return at.angle + twist * std::exp(r * at.cosine); };
    double low_turn = h(angles()[0]);
    for (size_t i = 0; i < cells; ++i) {
        const Angle &low = angles()[i], &high = angles()[i + 1];
        const double high_turn = h(high);
        const double from = std::min(low_turn, high_turn), to = std::max(low_turn, high_turn);
        for (double target = phi + period * std::ceil((from - phi) / period); target < to; target += period) {
            const double best = log_gaussian(nearest_between(r * low.cosine, r * high.cosine, 1),
                                             nearest_between(r * low.sine, r * high.sine, 0));
            if (best < largest - 40)
                continue; // adds less than e⁻⁴⁰ of the largest term, if |dh/dt| is not tiny
            const double t =
                solve_preimage(r, target, low.angle, high.angle, low_turn - target, high_turn - target);
            const double a = r * std::cos(t), b = r * std::sin(t);
            const double slope = std::max(std::abs(1 - twist * b * std::exp(a)), 1e-12);
            const double term = log_gaussian(a, b) - std::log(slope);
            if (term > largest) {
                sum = sum * std::exp(largest - term) + 1;
                largest = term;
            } else {
                sum += std::exp(term - largest);
            }
        }
        low_turn = high_turn;
    }
    return largest + std::log(sum / (arms * 2 * pi * along * across * scale * scale));
}

} // namespace

PlaneSet pinwheel() {
    return {"pinwheel", "Pinwheel", "Five curved arms around the origin, reaching out to about radius 2.5.",
            [](std::int64_t count, std::uint64_t seed) { return sample_points(count, seed, point); },
            log_density};
}

} // namespace ebm::data
