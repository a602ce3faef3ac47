#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

/// Integrals of exp(−E) and of densities over a square of the plane, with an estimate of their error.
///
/// The square is cut into cells that each give area · value in the middle. Cells in which the integrand bends
/// or jumps (edges of the data, narrow wells of the energy) are cut into 3 × 3, again and again, until what
/// they may be wrong by is small beside the whole; cells that hold data are cut until they are small beside
/// the narrowest data set. What is left of the bending is added as the next term of the midpoint rule, h²/24
/// · Δf.
///
/// On a grid of equal cells the rule converges faster than any power of h where the integrand is smooth and
/// vanishes at the border, but only as h² where the data have edges.
namespace ebm::measure {

/// low … high along both axes.
struct Square {
    double low = -4, high = 4;
};

/// Energies of points [n][2].
using EnergyOfPoints = std::function<std::vector<float>(std::span<const float> points)>;

/// How much work an integral may take.
struct Effort {
    int resolution = 128;              ///< cells along an axis to begin with
    std::int64_t evaluations = 60'000; ///< of the energy at most, beyond those of the first cells
    double tolerance = 1e-4;           ///< nats; cells are cut until the error is estimated as less
};
/// As above for results that nobody waits for.
constexpr Effort thorough{256, 2'000'000, 1e-5};
/// For results that come again and again: of a steep energy, which takes all of the effort, an eighth of it.
constexpr Effort repeated{256, 250'000, 1e-5};

/// log Z = log ∫ exp(−E(x)) dx over a square.
struct Partition {
    double log_partition = 0;
    double error = 0; ///< estimated, nats
};

struct Divergence {
    double kl = 0;            ///< KL(data‖model) in nats, both normalised on the square
    double error = 0;         ///< of kl, estimated, nats
    double log_partition = 0; ///< log Z of the model on the square
    double log_partition_error = 0;
    double data_mass = 0; ///< ∫ p over the square; clearly below 1 if the square cuts off data
    double data_mass_error = 0;

    /// The same of a model whose density is exp(−E) as it is, with log Z = 0: KL = ∫ p (log p + E) dx, p
    /// normalised on the square. log_partition then is what is left of exp(−E) outside it, or below a bound.
    Divergence as_normalised() const;

    /// What a reader of kl must know, in whole sentences: that the square misses a thousandth of the data or
    /// more, or that the error is not small beside kl. Empty if there is nothing to say.
    std::string note() const;
};

/// KL(data‖model) on a square, for one data set and many energies: densities of the data are kept.
class PlaneQuadrature {
public:
    using LogDensity = std::function<double(double x, double y)>; ///< −∞ where p = 0

    /// `data`: points [n][2] of the data set, by which narrow parts of it are found in a large square.
    PlaneQuadrature(Square square, LogDensity log_density, std::vector<float> data, Effort effort);

    /// KL = ∫ p (log p + E) dx + log Z. Throws Error if an energy is not finite or p has no mass in the
    /// square.
    Divergence divergence(const EnergyOfPoints& energy);

    const Square& square() const { return square_; }
    /// From the next divergence on.
    void spend(const Effort& effort) { effort_ = effort; }

private:
    float log_density(double x, double y);

    Square square_;
    LogDensity log_density_;
    std::vector<float> data_;
    Effort effort_;
    std::unordered_map<std::uint64_t, float> known_; ///< log p, by the bits of x and y in single precision
};

/// log Z of an energy. `first_energies` may hold approximate energies of the first cells, [resolution²] with
/// row 0 at `low`, or nothing; those that matter are evaluated again. `data` as above, may be empty. Throws
/// Error if an energy is not finite.
Partition log_partition(const EnergyOfPoints& energy, Square square, const Effort& effort,
                        std::vector<float> first_energies = {}, std::span<const float> data = {});

} // namespace ebm::measure
