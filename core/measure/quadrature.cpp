#include "core/measure/quadrature.h"

#include "core/base/error.h"
#include "core/base/stop_check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <string>

namespace ebm::measure {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double narrow =
    0.07; ///< cells with data are cut until they are narrower; no data set has noise below it

/// Equal cells of a square, side × side, with what was found in the middle of each.
struct Patch {
    double low_x, low_y, cell; ///< corner, and width of a cell
    int side;
    std::vector<float> energy, log_p; ///< [side²]; log_p is empty if only the energy counts
    std::vector<char> cut = {};       ///< [side²]: another patch has taken its place
    /// [side²] or empty: where p jumps within a cell, log p on the higher side; otherwise NaN.
    std::vector<float> edge = {};

    std::size_t size() const { return energy.size(); }
    double x(std::size_t i) const {
        return low_x + (static_cast<double>(i % static_cast<std::size_t>(side)) + 0.5) * cell;
    }
    double y(std::size_t i) const {
        return low_y + (static_cast<double>(i / static_cast<std::size_t>(side)) + 0.5) * cell;
    }
    double area() const { return cell * cell; }
};

/// Sums over all cells that were not cut.
struct Sums {
    double log_z = 0; ///< log ∫ q for q = exp(−E)
    double p = 0;     ///< ∫ p
    double cross = 0; ///< ∫ p (log p + E + log_z)
    double kl() const { return p > 0 ? cross / p - std::log(p) : 0; }
};

/// One cell of one patch that may be cut, and by how much the integral may be wrong there.
struct Candidate {
    double error;
    std::size_t patch, cell;
    bool jump = false; ///< and not only bend
};

class Cells {
public:
    Cells(const EnergyOfPoints& energy, std::function<float(double, double)> log_p)
        : energy_(energy), log_p_(std::move(log_p)) {}

    /// `energies` may be empty: then they are evaluated.
    void begin(Square square, int resolution, std::vector<float> energies) {
        const auto n = static_cast<std::size_t>(resolution) * static_cast<std::size_t>(resolution);
        patches_.push_back({square.low,
                            square.low,
                            (square.high - square.low) / resolution,
                            resolution,
                            std::move(energies),
                            {},
                            std::vector<char>(n)});
        Patch& first = patches_.front();
        if (first.energy.empty()) first.energy = evaluated(points_of(first));
        require_finite(first.energy);
        if (log_p_)
            for (std::size_t i = 0; i < n; ++i)
                first.log_p.push_back(log_p_(first.x(i), first.y(i)));
    }

    /// Replaces energies of the first cells that were approximate, wherever they matter.
    void evaluate_heaviest() {
        Patch& first = patches_.front();
        std::vector<std::size_t> order(first.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(),
                  [&](std::size_t a, std::size_t b) { return first.energy[a] < first.energy[b]; });
        double mass = 0, rest = 0;
        for (const float e : first.energy)
            rest += std::exp(double(first.energy[order[0]]) - e);
        std::vector<float> points;
        std::size_t count = 0;
        for (; count < order.size() && rest > 1e-4 * (mass + rest); ++count) {
            const double share = std::exp(double(first.energy[order[0]]) - first.energy[order[count]]);
            mass += share;
            rest -= share;
            points.push_back(static_cast<float>(first.x(order[count])));
            points.push_back(static_cast<float>(first.y(order[count])));
        }
        const std::vector<float> found = evaluated(points);
        require_finite(found);
        for (std::size_t i = 0; i < count; ++i)
            first.energy[order[i]] = found[i];
    }

    Sums sums() const {
        Sums s;
        double largest = -infinity, z = 0;
        for_each_cell([&](const Patch& patch, std::size_t i) {
            largest = std::max(largest, -double(patch.energy[i]) + 2 * std::log(patch.cell));
        });
        for_each_cell([&](const Patch& patch, std::size_t i) {
            z += std::exp(-patch.energy[i] + 2 * std::log(patch.cell) - largest);
        });
        s.log_z = largest + std::log(z);
        for_each_cell([&](const Patch& patch, std::size_t i) {
            if (patch.log_p.empty() || std::isinf(patch.log_p[i])) return;
            const double p = std::exp(double(patch.log_p[i])) * patch.area();
            s.p += p;
            s.cross += p * (patch.log_p[i] + patch.energy[i] + s.log_z);
        });
        return s;
    }

    /// By how much an integral is off: the next term of the midpoint rule where cells resolve the integrand,
    /// and the root of the sum of squares of what single cells may be wrong by.
    struct Rest {
        double correction = 0, error = 0;
        std::vector<Candidate> candidates; ///< the largest first
    };
    /// For the integrand cross · p (log p − log q) + p_weight · p + q_weight · q, where q is normalised.
    struct Weights {
        double cross = 0, p = 0, q = 0;
    };
    Rest rest(const Sums& s, const Weights& weights) const {
        Rest rest;
        double squares = 0, alike = 0, lower = 0, highest = 0;
        std::vector<double> values;
        const auto p_part = [&](float log_p, double log_q) {
            return std::isinf(log_p)
                       ? 0.0
                       : std::exp(double(log_p)) * (weights.cross * (log_p - log_q) + weights.p);
        };
        for (std::size_t k = 0; k < patches_.size(); ++k) {
            const Patch& patch = patches_[k];
            values.resize(patch.size());
            for (std::size_t i = 0; i < patch.size(); ++i) {
                const double log_q = -patch.energy[i] - s.log_z;
                values[i] = weights.q * std::exp(log_q);
                if (!patch.log_p.empty()) values[i] += p_part(patch.log_p[i], log_q);
            }
            for (std::size_t i = 0; i < patch.size(); ++i) {
                if (patch.cut[i]) continue;
                auto [bend, jump] = bending(values, patch.side, i);
                if (!patch.edge.empty() && !std::isnan(patch.edge[i]))
                    jump = std::max(jump, 3 * std::abs(p_part(patch.edge[i], -patch.energy[i] - s.log_z)));
                const double error = patch.area() * (jump / 6 + std::abs(bend) / 24);
                if (jump == 0) rest.correction += patch.area() * bend / 24;
                if (jump == 0)
                    squares += error * error;
                else
                    alike += error;
                // Where the energy is steep it may be lower within the cell by half of what it changes to the
                // next ones, and a steep cell whose middle is high may hold the lowest well of all.
                double hidden = 0;
                if (const double change = energy_change(patch, i); weights.q > 0 && change > 2) {
                    const double exponent = change - patch.energy[i] - s.log_z + std::log(patch.area());
                    hidden = std::exp(std::min(exponent, 600.0));
                    highest = std::max(highest, exponent);
                }
                lower += hidden;
                if (error + hidden > 0) rest.candidates.push_back({std::max(error, hidden), k, i, jump > 0});
            }
        }
        std::sort(rest.candidates.begin(), rest.candidates.end(),
                  [](const Candidate& a, const Candidate& b) { return a.error > b.error; });
        rest.error = std::sqrt(squares) + alike;
        // As much more mass than was found would raise log ∫ q by log(1 + lower).
        rest.error = std::max({rest.error, std::log1p(lower), highest});
        return rest;
    }

    /// Cuts cells that hold one of the points until they are narrow. False if there are none.
    bool cut_around(std::span<const float> points, std::int64_t most) {
        if (patches_.front().cell <= narrow) return false;
        bool cut_any = false;
        for (double width = patches_.front().cell; width > narrow; width /= 3) {
            std::vector<Candidate> chosen;
            for (std::size_t k = 0; k < patches_.size(); ++k) {
                const Patch& patch = patches_[k];
                if (patch.cell < width * 0.99) continue;
                std::vector<char> holds(patch.size());
                const double side = patch.side * patch.cell;
                for (std::size_t at = 0; at + 1 < points.size(); at += 2) {
                    const double u = points[at] - patch.low_x, v = points[at + 1] - patch.low_y;
                    if (!(u >= 0 && u < side && v >= 0 && v < side)) continue;
                    const auto column = static_cast<std::size_t>(u / patch.cell),
                               row = static_cast<std::size_t>(v / patch.cell);
                    holds[std::min(row * static_cast<std::size_t>(patch.side) + column, holds.size() - 1)] =
                        1;
                }
                for (std::size_t i = 0; i < patch.size(); ++i)
                    if (holds[i] && !patch.cut[i]) chosen.push_back({0, k, i});
            }
            if (9 * static_cast<std::int64_t>(chosen.size()) > most) return cut_any;
            most -= 9 * static_cast<std::int64_t>(chosen.size());
            if (!chosen.empty()) cut(chosen);
            cut_any = cut_any || !chosen.empty();
        }
        return cut_any;
    }

    void cut(std::span<const Candidate> chosen) {
        std::vector<float> points;
        for (const Candidate& candidate : chosen) {
            Patch& parent = patches_[candidate.patch];
            parent.cut[candidate.cell] = 1;
            Patch child{parent.x(candidate.cell) - parent.cell / 2,
                        parent.y(candidate.cell) - parent.cell / 2,
                        parent.cell / 3,
                        3,
                        {},
                        {},
                        std::vector<char>(9)};
            child.energy.resize(9);
            for (std::size_t i = 0; log_p_ && i < 9; ++i) {
                child.log_p.push_back(log_p_(child.x(i), child.y(i)));
                if (candidate.jump) child.edge.push_back(edge_within(child, i));
            }
            const std::vector<float> places = points_of(child);
            points.insert(points.end(), places.begin(), places.end());
            patches_.push_back(std::move(child));
        }
        const std::vector<float> found = evaluated(points);
        require_finite(found);
        for (std::size_t k = 0; k < chosen.size(); ++k)
            std::copy_n(found.begin() + static_cast<std::ptrdiff_t>(9 * k), 9,
                        patches_[patches_.size() - chosen.size() + k].energy.begin());
    }

    std::int64_t evaluations() const { return evaluations_; }
    double narrowest(const Candidate& candidate) const { return patches_[candidate.patch].cell; }

private:
    template <class Work>
    void for_each_cell(const Work& work) const {
        for (const Patch& patch : patches_)
            for (std::size_t i = 0; i < patch.size(); ++i)
                if (!patch.cut[i]) work(patch, i);
    }

    /// Half of the largest change of the energy from a cell to its neighbours, along both axes.
    static double energy_change(const Patch& patch, std::size_t i) {
        const auto n = static_cast<std::size_t>(patch.side);
        double sum = 0;
        for (const auto& [at, stride] : {std::pair(i % n, std::size_t{1}), std::pair(i / n, n)}) {
            double change = 0;
            if (at > 0) change = std::abs(double(patch.energy[i]) - patch.energy[i - stride]);
            if (at + 1 < n)
                change = std::max(change, std::abs(double(patch.energy[i]) - patch.energy[i + stride]));
            sum += change / 2;
        }
        return sum;
    }

    struct Bending {
        double smooth = 0; ///< h² Δf
        double jump = 0;   ///< of f, where the cells around are too wide to tell a bend from a jump
    };
    /// From the second differences along both axes, at the border those of the next cell inside.
    static Bending bending(const std::vector<double>& f, int side, std::size_t i) {
        const auto n = static_cast<std::size_t>(side);
        Bending result;
        const auto along = [&](std::size_t at, std::size_t stride) {
            const std::size_t place = std::clamp<std::size_t>(at, 1, n - 2);
            const std::size_t middle = i + (place - at) * stride;
            const double a = f[middle - stride], b = f[middle], c = f[middle + stride],
                         second = a - 2 * b + c;
            if (std::abs(second) > 0.5 * std::max({std::abs(a), std::abs(b), std::abs(c)}))
                result.jump += std::abs(second);
            else
                result.smooth += second;
        };
        along(i % n, 1);
        along(i / n, n);
        return result;
    }

    /// log p on the higher side of an edge that cuts the cell, by p in its middle and just inside its
    /// corners; NaN if none is seen. An edge along the border of the cell does not count.
    float edge_within(const Patch& patch, std::size_t i) const {
        const double reach = patch.cell * 0.499;
        float low = patch.log_p[i], high = low;
        for (const double x : {patch.x(i) - reach, patch.x(i) + reach})
            for (const double y : {patch.y(i) - reach, patch.y(i) + reach}) {
                const float corner = log_p_(x, y);
                low = std::min(low, corner);
                high = std::max(high, corner);
            }
        return high - low > 1 ? high : std::numeric_limits<float>::quiet_NaN();
    }

    std::vector<float> points_of(const Patch& patch) const {
        std::vector<float> points;
        for (std::size_t i = 0;
             i < static_cast<std::size_t>(patch.side) * static_cast<std::size_t>(patch.side); ++i) {
            points.push_back(static_cast<float>(patch.x(i)));
            points.push_back(static_cast<float>(patch.y(i)));
        }
        return points;
    }
    std::vector<float> evaluated(std::span<const float> points) {
        evaluations_ += static_cast<std::int64_t>(points.size() / 2);
        return points.empty() ? std::vector<float>() : energy_(points);
    }
    static void require_finite(std::span<const float> energies) {
        if (!std::all_of(energies.begin(), energies.end(), [](float e) { return std::isfinite(e); }))
            throw Error("The energy on the grid is not finite", "",
                        "The model has diverged. Go back to an earlier state.");
    }

    const EnergyOfPoints& energy_;
    std::function<float(double, double)> log_p_;
    std::vector<Patch> patches_;
    std::int64_t evaluations_ = 0;
};

/// Cuts until the error is small or the effort is spent. `weights(sums)` are those that rest() is asked for.
template <class WeightsOf>
Cells::Rest refine(Cells& cells, const Effort& effort, const WeightsOf& weights) {
    const std::int64_t most = cells.evaluations() + effort.evaluations;
    for (;;) {
        StopCheck::ask();
        const Sums s = cells.sums();
        Cells::Rest rest = cells.rest(s, weights(s));
        const double smallest = 1e-7;
        if (rest.error <= effort.tolerance) return rest;
        // The fewest cells that leave a third of the tolerance.
        double left = 0;
        for (const Candidate& candidate : rest.candidates)
            left += candidate.error;
        // While it is not known where the mass lies, in small portions.
        const std::int64_t portion =
            rest.error > 0.5 ? std::max<std::int64_t>(effort.evaluations / 16, 9) : effort.evaluations;
        std::vector<Candidate> chosen;
        for (const Candidate& candidate : rest.candidates) {
            if (left <= effort.tolerance / 3 || 9 * static_cast<std::int64_t>(chosen.size()) >= portion)
                break;
            if (9 * static_cast<std::int64_t>(chosen.size() + 1) > most - cells.evaluations()) break;
            left -= candidate.error;
            if (cells.narrowest(candidate) > smallest) chosen.push_back(candidate);
        }
        if (chosen.empty()) return rest;
        cells.cut(chosen);
    }
}

} // namespace

PlaneQuadrature::PlaneQuadrature(Square square, LogDensity log_density, std::vector<float> data,
                                 Effort effort)
    : square_(square), log_density_(std::move(log_density)), data_(std::move(data)), effort_(effort) {}

float PlaneQuadrature::log_density(double x, double y) {
    const auto bits = [](double v) {
        return static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(static_cast<float>(v)));
    };
    const auto [place, is_new] = known_.try_emplace(bits(x) << 32 | bits(y));
    if (is_new) place->second = static_cast<float>(log_density_(x, y));
    return place->second;
}

Divergence Divergence::as_normalised() const {
    Divergence result = *this;
    result.kl -= log_partition;
    return result;
}

std::string Divergence::note() const {
    std::string text;
    if (data_mass + data_mass_error < 0.999) {
        char share[32];
        std::snprintf(share, sizeof share, "%.3g", 100 * (1 - data_mass));
        text = std::string("The box cuts off ") + share +
               " % of the data, and KL is about the rest: widen sampler.box_low and sampler.box_high.";
    }
    if (!(error <= 0.1 * kl || error <= 1e-3))
        text += std::string(text.empty() ? "" : " ") + "The error of KL is not small: the model is too "
                                                       "steep, or the box too large, for the cells that were "
                                                       "affordable.";
    return text;
}

Divergence PlaneQuadrature::divergence(const EnergyOfPoints& energy) {
    if (known_.size() > 1'000'000) known_.clear();
    Cells cells(energy, [this](double x, double y) { return log_density(x, y); });
    cells.begin(square_, effort_.resolution, {});
    cells.cut_around(data_, effort_.evaluations / 2);
    const auto weights = [](const Sums& s) {
        if (!(s.p > 0))
            throw Error("The data density on the grid is zero or not a number", "",
                        "Choose a box that covers the data.");
        // The differential of kl = cross / p − log p + log ∫ q.
        return Cells::Weights{1 / s.p, -(s.cross / s.p + 1) / s.p, 1};
    };
    const Cells::Rest rest = refine(cells, effort_, weights);
    const Sums s = cells.sums();
    const Cells::Rest of_z = cells.rest(s, {0, 0, 1}), of_p = cells.rest(s, {0, 1, 0});
    Divergence result;
    result.kl = s.kl() + rest.correction;
    result.error = rest.error + std::abs(rest.correction) / 4;
    result.log_partition = s.log_z + of_z.correction;
    result.log_partition_error = of_z.error + std::abs(of_z.correction) / 4;
    result.data_mass = s.p + of_p.correction;
    result.data_mass_error = of_p.error + std::abs(of_p.correction) / 4;
    return result;
}

Partition log_partition(const EnergyOfPoints& energy, Square square, const Effort& effort,
                        std::vector<float> first_energies, std::span<const float> data) {
    Cells cells(energy, nullptr);
    const bool approximate = !first_energies.empty();
    cells.begin(square, effort.resolution, std::move(first_energies));
    if (approximate) cells.evaluate_heaviest();
    cells.cut_around(data, effort.evaluations / 2);
    const Cells::Rest rest = refine(cells, effort, [](const Sums&) { return Cells::Weights{0, 0, 1}; });
    return {cells.sums().log_z + rest.correction, rest.error + std::abs(rest.correction) / 4};
}

} // namespace ebm::measure
