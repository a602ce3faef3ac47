#include "core/lab/landscape.h"

#include "core/lab/views.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ebm::lab {
namespace {

constexpr int side = 4; ///< cells of a patch along an axis

/// Weights of (f₀, f₁, f₀′, f₁′) in the cubic through two values with two slopes, at t in [0, 1].
constexpr std::array<float, 4> hermite(float t) {
    const float u = 1 - t;
    return {u * u * (1 + 2 * t), t * t * (3 - 2 * t), u * u * t, -t * t * u};
}

class Patches {
public:
    Patches(const PlaneEnergy& energy, const Rect& rect, int resolution)
        : energy_(energy), rect_(rect), resolution_(resolution), count_((resolution + side - 1) / side),
          nodes_(count_ + 1), result_(static_cast<std::size_t>(resolution) * resolution),
          waiting_(static_cast<std::size_t>(count_) * count_) {}

    Landscape evaluate() {
        evaluate_nodes();
        for (int y = 0; y < count_; ++y)
            for (int x = 0; x < count_; ++x) {
                if (smooth(x, y)) {
                    interpolate(x, y);
                    ask(x, y, [](int i, int j) { return 2 * i == side && 2 * j == side; });
                } else {
                    ask(x, y, [](int i, int j) { return i > 0 || j > 0; });
                }
            }
        const std::vector<float> interpolated = result_;
        const std::vector<std::int64_t> middles = answer();
        for (const std::int64_t place : middles) {
            const auto at = static_cast<std::size_t>(place);
            if (std::abs(result_[at] - interpolated[at]) <= checked_) continue;
            const int x = static_cast<int>(place % resolution_) / side,
                      y = static_cast<int>(place / resolution_) / side;
            if (waiting_[static_cast<std::size_t>(y) * count_ + x]) continue; // evaluated already
            ask(x, y, [](int i, int j) { return (i > 0 || j > 0) && (2 * i != side || 2 * j != side); });
        }
        answer();
        return {std::move(result_), evaluations_};
    }

private:
    struct Node {
        float value, x, y, xy; ///< E and its derivatives, with the side of a patch as the unit of length
    };
    const Node& node(int x, int y) const { return table_[static_cast<std::size_t>(y) * nodes_ + x]; }

    double width() const { return (rect_.high_x - rect_.low_x) / resolution_; }
    double height() const { return (rect_.high_y - rect_.low_y) / resolution_; }
    void add_point(std::vector<float>& points, int column, int row) const {
        points.push_back(static_cast<float>(rect_.low_x + (column + 0.5) * width()));
        points.push_back(static_cast<float>(rect_.low_y + (row + 0.5) * height()));
    }
    static torch::Tensor as_tensor(std::vector<float>& points) {
        return torch::from_blob(points.data(), {static_cast<std::int64_t>(points.size()) / 2, 2});
    }

    void evaluate_nodes() {
        std::vector<float> points;
        for (int y = 0; y < nodes_; ++y)
            for (int x = 0; x < nodes_; ++x)
                add_point(points, x * side, y * side);
        const ValueAndGradient found = energy_.value_and_gradient(as_tensor(points));
        evaluations_ += static_cast<std::int64_t>(points.size()); // two of each
        const float* values = found.value.data_ptr<float>();
        const float* gradients = found.gradient.data_ptr<float>();
        table_.resize(points.size() / 2);
        for (std::size_t i = 0; i < table_.size(); ++i)
            table_[i] = {values[i], gradients[2 * i] * static_cast<float>(side * width()),
                         gradients[2 * i + 1] * static_cast<float>(side * height()), 0};
        for (int y = 0; y < nodes_; ++y)
            for (int x = 0; x < nodes_; ++x) {
                const int left = std::max(0, x - 1), right = std::min(count_, x + 1),
                          below = std::max(0, y - 1), above = std::min(count_, y + 1);
                const float along_x = (node(right, y).y - node(left, y).y) / static_cast<float>(right - left);
                const float along_y =
                    (node(x, above).x - node(x, below).x) / static_cast<float>(above - below);
                table_[static_cast<std::size_t>(y) * nodes_ + x].xy = (along_x + along_y) / 2;
            }
        const auto [low, high] = std::minmax_element(values, values + table_.size());
        checked_ = std::min(0.01f, (*high - *low) / 1000) / 3; // errors between the checks may be larger
    }

    /// Coefficient of t³ on the edge from a node to the right or upwards.
    float cubic(int x, int y, bool right) const {
        const Node &a = node(x, y), &b = right ? node(x + 1, y) : node(x, y + 1);
        return 2 * (a.value - b.value) + (right ? a.x + b.x : a.y + b.y);
    }
    /// Error of the cubic in the middle of an edge: f⁗ / 384, with f⁗ from the jump of f‴ = 6 · cubic.
    float edge_error(int x, int y, bool right) const {
        const float here = cubic(x, y, right);
        const int at = right ? x : y;
        const auto jump = [&](int step) {
            return std::abs(cubic(right ? x + step : x, right ? y : y + step, right) - here) / 64;
        };
        const float before = at > 0 ? jump(-1) : 0, after = at + 1 < count_ ? jump(1) : 0;
        return before <= after ? after : before; // NaN stays
    }
    bool smooth(int x, int y) const {
        return edge_error(x, y, true) <= checked_ && edge_error(x, y + 1, true) <= checked_ &&
               edge_error(x, y, false) <= checked_ && edge_error(x + 1, y, false) <= checked_;
    }

    void interpolate(int x, int y) {
        static constexpr std::array<std::array<float, 4>, side> weights{hermite(0), hermite(0.25f),
                                                                        hermite(0.5f), hermite(0.75f)};
        const Node &a = node(x, y), &b = node(x + 1, y), &c = node(x, y + 1), &d = node(x + 1, y + 1);
        for (int j = 0; j < std::min(side, resolution_ - y * side); ++j) {
            const std::array<float, 4>& v = weights[static_cast<std::size_t>(j)];
            const std::array<float, 4> row{v[0] * a.value + v[1] * c.value + v[2] * a.y + v[3] * c.y,
                                           v[0] * b.value + v[1] * d.value + v[2] * b.y + v[3] * d.y,
                                           v[0] * a.x + v[1] * c.x + v[2] * a.xy + v[3] * c.xy,
                                           v[0] * b.x + v[1] * d.x + v[2] * b.xy + v[3] * d.xy};
            float* out = result_.data() + static_cast<std::size_t>(y * side + j) * resolution_ + x * side;
            for (int i = 0; i < std::min(side, resolution_ - x * side); ++i) {
                const std::array<float, 4>& u = weights[static_cast<std::size_t>(i)];
                out[i] = u[0] * row[0] + u[1] * row[1] + u[2] * row[2] + u[3] * row[3];
            }
        }
    }

    /// Points of a patch that are to be evaluated.
    template <class Chosen>
    void ask(int x, int y, Chosen chosen) {
        int asked = 0;
        for (int row = y * side; row < std::min(resolution_, (y + 1) * side); ++row)
            for (int column = x * side; column < std::min(resolution_, (x + 1) * side); ++column) {
                const int i = column - x * side, j = row - y * side;
                const auto place = static_cast<std::int64_t>(row) * resolution_ + column;
                if (i == 0 && j == 0) result_[static_cast<std::size_t>(place)] = node(x, y).value;
                if (!chosen(i, j)) continue;
                places_.push_back(place);
                add_point(points_, column, row);
                ++asked;
            }
        waiting_[static_cast<std::size_t>(y) * count_ + x] = asked > 1;
    }

    /// Evaluates what was asked for; returns its places.
    std::vector<std::int64_t> answer() {
        if (!points_.empty()) {
            const torch::Tensor found = energy_.value(as_tensor(points_));
            for (std::size_t i = 0; i < places_.size(); ++i)
                result_[static_cast<std::size_t>(places_[i])] = found.data_ptr<float>()[i];
            evaluations_ += static_cast<std::int64_t>(places_.size());
        }
        points_.clear();
        return std::exchange(places_, {});
    }

    const PlaneEnergy& energy_;
    Rect rect_;
    int resolution_, count_, nodes_; ///< cells, patches and nodes along an axis
    float checked_ = 0;              ///< error that a check lets pass
    std::vector<Node> table_;
    std::vector<float> result_, points_;
    std::vector<std::int64_t> places_;
    std::vector<char> waiting_;
    std::int64_t evaluations_ = 0;
};

} // namespace

torch::Tensor grid_points(const Rect& rect, int resolution) {
    const auto centres = [&](double low, double high) {
        const double cell = (high - low) / resolution;
        return torch::arange(resolution, torch::kFloat) * cell + (low + cell / 2);
    };
    const torch::Tensor x = centres(rect.low_x, rect.high_x), y = centres(rect.low_y, rect.high_y);
    return torch::stack({x.unsqueeze(0).expand({resolution, resolution}),
                         y.unsqueeze(1).expand({resolution, resolution})},
                        2)
        .reshape({-1, 2})
        .contiguous();
}

PlaneEnergy plane_energy(const Energy& energy) {
    return {[&energy](const torch::Tensor& x) { return energies_in_pieces(energy, x); },
            [&energy](const torch::Tensor& x) { return energy.value_and_gradient(x); }};
}

Landscape landscape(const PlaneEnergy& energy, const Rect& rect, int resolution) {
    const torch::NoGradGuard no_graph;
    return Patches(energy, rect, resolution).evaluate();
}

} // namespace ebm::lab
