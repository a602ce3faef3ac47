#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ebm::measure {

/// A mixture of Gaussians with full covariances in a few dimensions, fitted by expectation maximisation
/// (Dempster, Laird & Rubin 1977). Each column is standardised first; what the fit adds to the variances to
/// keep them positive is in units of that.
class GaussianMixture {
public:
    /// rows: [count][dimensions], all finite. Starts from k-means++ (Arthur & Vassilvitskii 2007) drawn with
    /// `seed`, so that the same rows give the same mixture. There are fewer components where a component
    /// would have under 20 rows. Throws Error if there are not more rows than dimensions.
    static GaussianMixture fit(std::span<const double> rows, int dimensions, int components,
                               std::uint64_t seed);

    /// log q in nats, of the columns as they are; −infinity if a number of the row is not finite.
    double log_density(std::span<const double> row) const;
    int dimensions() const { return dimensions_; }
    int components() const { return static_cast<int>(parts_.size()); }
    /// Mean log q of the rows of the fit, after each round of it.
    const std::vector<double>& history() const { return history_; }

private:
    struct Part {
        double log_weight = 0;
        std::vector<double> mean;
        std::vector<double> factor; ///< lower Cholesky factor of the covariance, [dimensions][dimensions]
        double log_determinant = 0; ///< of the covariance
    };
    double log_part(const Part& part, std::span<const double> standardised) const;
    void set_covariance(Part& part, std::vector<double> covariance) const;

    int dimensions_ = 0;
    std::vector<double> mean_, sd_; ///< of the columns
    std::vector<Part> parts_;
    std::vector<double> history_;
};

} // namespace ebm::measure
