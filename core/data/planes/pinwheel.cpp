#include "core/data/planes/pinwheel.h"

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

int arm_in(const Draws& draws) {
    return draws.choice(0, arms);
}

Point point(const Draws& draws) {
    const auto [z_along, z_across] = draws.normal_pair(0);
    const double a = 1 + along * z_along, b = across * z_across;
    const double angle = arm_in(draws) * 2 * pi / arms + twist * std::exp(a);
    return {scale * (a * std::cos(angle) - b * std::sin(angle)),
            scale * (a * std::sin(angle) + b * std::cos(angle))};
}

constexpr size_t cells = 64; ///< a multiple of four, so that sine and cosine are monotone in each cell
struct Angle {
    double angle, cosine, sine;
};

Angle angle_at(double angle) {
    return {angle, std::cos(angle), std::sin(angle)};
}

/// Where the slope changes its sign between two angles, by bisection.
template <class Slope>
Angle find_fold(const Slope& slope, Angle low, Angle high) {
    const bool falling = slope(high) < 0;
    for (int step = 0; step < 45; ++step) {
        const Angle middle = angle_at((low.angle + high.angle) / 2);
        ((slope(middle) < 0) == falling ? high : low) = middle;
    }
    return low;
}

/// The ends of the cells that the search for preimages starts from: −π … π.
const std::array<Angle, cells + 1>& angles() {
    static const auto table = [] {
        std::array<Angle, cells + 1> t;
        for (size_t i = 0; i <= cells; ++i)
            t[i] = angle_at(pi * (2.0 * static_cast<double>(i) / cells - 1));
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

/// Beyond this radius (8.4 in the units of the points) the arms are so tightly wound that a point has some
/// twist · eʳ preimages, and the density is replaced by its mean over the angle.
///
/// What is lost: r > 6 needs a > 5.9, a < −5.9 or |b| > 1, so the mass out there is below that of ten
/// standard deviations of b and sixteen of a, 1e-22: added to 1 it changes no double. Sums and integrals over
/// the plane keep even this, because the mean has the same mass on every circle.
constexpr double far_radius = 6;

/// log of (1 / 2π scale²) ∫ N(r cos t; 1, along²) N(r sin t; 0, across²) dt: the mean of the density below
/// over the angle. The integrand is a peak at t = 0 of width 1 / √(r² / across² − r (r − 1) / along²), and
/// the trapezoidal rule is exact to rounding for it.
double far_log_density(double r) {
    const double width = 1 / std::sqrt(r * r / (across * across) - r * (r - 1) / (along * along));
    constexpr int half = 24;
    const double peak = log_gaussian(r, 0), step = 8 * width / half;
    double sum = 0;
    for (int i = -half; i <= half; ++i) {
        // a = r cos t as r − 2 r sin²(t/2), so that the difference of two large exponents keeps its digits.
        const double t = i * step, sine = std::sin(t / 2), shorter = 2 * r * sine * sine, b = r * std::sin(t);
        const double exponent =
            shorter * (2 * (r - 1) - shorter) / (2 * along * along) - b * b / (2 * across * across);
        sum += std::exp(exponent);
    }
    return peak + std::log(sum * step / (2 * pi * scale * scale * 2 * pi * along * across));
}

} // namespace

/// Change of variables. A point at radius r and angle φ comes from (a, b) = (r cos t, r sin t) of an arm if
/// h(t) = t + twist · exp(r cos t) equals φ up to a multiple of 2π/5, whatever the arm. The map (a, b) → (x,
/// y) has the determinant scale² · dh/dt. So p(x, y) = Σ_t N(a; 1, along²) N(b; 0, across²) / (5 scale²
/// |dh/dt|). Where dh/dt = 0 the map folds, and p has an edge at which it is infinite on one side.
double pinwheel_log_density(double x, double y, int* solved) {
    const double r = std::hypot(x, y) / scale;
    if (r > far_radius) return far_log_density(r);
    const double phi = std::atan2(y, x);
    const double period = 2 * pi / arms;
    double largest = -std::numeric_limits<double>::infinity(), sum = 0; // log-sum-exp in one pass
    const auto h = [r](const Angle& at) { return at.angle + twist * std::exp(r * at.cosine); };
    const auto slope = [r](const Angle& at) { return 1 - twist * r * at.sine * std::exp(r * at.cosine); };
    const auto add_monotone = [&](const Angle& low, const Angle& high) {
        const double low_turn = h(low), high_turn = h(high);
        const double from = std::min(low_turn, high_turn), to = std::max(low_turn, high_turn);
        for (double target = phi + period * std::ceil((from - phi) / period); target < to; target += period) {
            const Angle t = angle_at(
                solve_preimage(r, target, low.angle, high.angle, low_turn - target, high_turn - target));
            if (solved) ++*solved;
            const double term =
                log_gaussian(r * t.cosine, r * t.sine) - std::log(std::max(std::abs(slope(t)), 1e-12));
            if (term > largest) {
                sum = sum * std::exp(largest - term) + 1;
                largest = term;
            } else {
                sum += std::exp(term - largest);
            }
        }
    };
    // dh/dt falls from 1 at t = 0 to its least value at the angle `steepest` and rises again to 1 at t = π.
    const double steepest = std::acos((std::sqrt(1 + 4 * r * r) - 1) / (2 * r));
    const bool folds = r > 0 && slope(angle_at(steepest)) < 0;
    const auto add_cell = [&](const Angle& low, const Angle& high) {
        const double best = log_gaussian(nearest_between(r * low.cosine, r * high.cosine, 1),
                                         nearest_between(r * low.sine, r * high.sine, 0));
        if (best < largest - 40) return; // adds less than e⁻⁴⁰ of the largest term, if |dh/dt| is not tiny
        Angle ends[4] = {low};
        int count = 1;
        const auto fold_between = [&](const Angle& first, const Angle& last) {
            if ((slope(first) < 0) != (slope(last) < 0)) ends[count++] = find_fold(slope, first, last);
        };
        if (folds && steepest > low.angle && steepest < high.angle) {
            fold_between(low, angle_at(steepest));
            fold_between(angle_at(steepest), high);
        } else if (folds) {
            fold_between(low, high);
        }
        ends[count] = high;
        for (int part = 0; part < count; ++part)
            add_monotone(ends[part], ends[part + 1]);
    };
    // From t = 0 outwards: the largest terms lie there if r is large, so that the many preimages elsewhere
    // are never looked for.
    for (size_t i = 0; i < cells / 2; ++i) {
        add_cell(angles()[cells / 2 + i], angles()[cells / 2 + i + 1]);
        add_cell(angles()[cells / 2 - i - 1], angles()[cells / 2 - i]);
    }
    return largest + std::log(sum / (arms * 2 * pi * along * across * scale * scale));
}

PlaneSet pinwheel() {
    return {"pinwheel",
            "Pinwheel",
            "Five curved arms around the origin, reaching out to about radius 2.5.",
            [](std::int64_t count, std::uint64_t seed) { return sample_points(count, seed, point); },
            [](double x, double y) { return pinwheel_log_density(x, y); },
            0,
            nullptr,
            {"1", "2", "3", "4", "5"},
            [](std::int64_t count, std::uint64_t seed) { return sample_labels(count, seed, arm_in); }};
}

} // namespace ebm::data
