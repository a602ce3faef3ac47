#include "core/data/planes/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace ebm::data {
namespace {

// Five-point Gauss–Legendre rule on [−1, 1] (Abramowitz & Stegun, table 25.4).
constexpr double gauss_nodes[] = {-0.906179845938664, -0.538469310105683, 0, 0.538469310105683,
                                  0.906179845938664};
constexpr double gauss_weights[] = {0.236926885056189, 0.478628670499366, 0.568888888888889,
                                    0.478628670499366, 0.236926885056189};

/// Cuts 0 ≤ v ≤ 1, v = √u, so that every panel of the curve is at most `longest` long.
std::vector<double> panel_ends(CurveDensity::Curve curve, double longest) {
    constexpr int steps = 20000;
    std::vector<double> ends = {0};
    double length = 0;
    Point last = curve(0);
    for (int i = 1; i <= steps; ++i) {
        const double v = static_cast<double>(i) / steps;
        const Point next = curve(v * v);
        length += std::hypot(next.x - last.x, next.y - last.y);
        last = next;
        if (length > 0.99 * longest || i == steps) {
            ends.push_back(v);
            length = 0;
        }
    }
    return ends;
}

} // namespace

CurveDensity::CurveDensity(const std::vector<Curve>& curves, double standard_deviation)
    : variance_(standard_deviation * standard_deviation) {
    const double normaliser = static_cast<double>(curves.size()) * 2 * std::numbers::pi * variance_;
    for (const Curve curve : curves) {
        const std::vector<double> ends = panel_ends(curve, standard_deviation);
        for (size_t panel = 0; panel + 1 < ends.size(); ++panel) {
            const double half = (ends[panel + 1] - ends[panel]) / 2;
            const double middle = ends[panel] + half;
            const Point centre = curve(middle * middle);
            centre_x_.push_back(static_cast<float>(centre.x));
            centre_y_.push_back(static_cast<float>(centre.y));
            for (size_t i = 0; i < nodes_per_panel; ++i) {
                const double v = middle + half * gauss_nodes[i];
                const Point node = curve(v * v);
                nodes_.push_back({node.x, node.y, 2 * v * half * gauss_weights[i] / normaliser});
                reach_ = std::max(reach_, std::hypot(node.x - centre.x, node.y - centre.y));
            }
        }
    }
}

double CurveDensity::log_density(double x, double y) const {
    const float point_x = static_cast<float>(x), point_y = static_cast<float>(y);
    const size_t panels = centre_x_.size();
    const auto squared_distance = [&](size_t panel) {
        const float dx = centre_x_[panel] - point_x, dy = centre_y_[panel] - point_y;
        return dx * dx + dy * dy;
    };
    float nearest = std::numeric_limits<float>::infinity();
    for (size_t panel = 0; panel < panels; ++panel)
        nearest = std::min(nearest, squared_distance(panel));

    const double distance = std::sqrt(double(nearest));
    const double limit = std::sqrt(distance * distance + 40 * variance_) + reach_ + 1e-5 * distance;
    const float squared_limit = static_cast<float>(limit * limit);
    const auto for_each_near_node = [&](const auto& work) {
        for (size_t panel = 0; panel < panels; ++panel) {
            if (squared_distance(panel) > squared_limit) continue;
            for (size_t i = panel * nodes_per_panel; i < (panel + 1) * nodes_per_panel; ++i) {
                const double dx = nodes_[i].x - x, dy = nodes_[i].y - y;
                work(dx * dx + dy * dy, nodes_[i].weight);
            }
        }
    };
    // Terms relative to the largest, exp(-reference / 2σ²), so that none overflows and not all underflow.
    // Single precision will not do here: 10⁶ away its error is many thousand times σ².
    double reference = std::numeric_limits<double>::infinity();
    for_each_near_node([&](double squared, double) { reference = std::min(reference, squared); });
    double sum = 0;
    for_each_near_node([&](double squared, double weight) {
        sum += weight * std::exp((reference - squared) / (2 * variance_));
    });
    return std::log(sum) - reference / (2 * variance_);
}

} // namespace ebm::data
