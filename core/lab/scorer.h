#pragma once

#include "core/base/error.h"
#include "core/energy/energy.h"
#include "core/measure/mixture.h"
#include "core/measure/scores.h"

#include <optional>

namespace ebm::lab {

/// What a model says of n samples, [n] each and fp32 unless it says otherwise. What no score asked for is
/// undefined. A number that the model cannot give, because a chain diverged, is not a number.
struct Statistics {
    torch::Tensor energy;       ///< without class, as settings.view.class_score says
    torch::Tensor of_classes;   ///< E(x, y), [n, classes]; of every conditional model
    torch::Tensor log_gradient; ///< log ‖∇E‖
    torch::Tensor recovery;     ///< E(x) − E(x after the training's steps)
    torch::Tensor distance;     ///< ‖x after them − x‖
    torch::Tensor denoising;    ///< root mean square of x − (x + noise after the training's steps)
    torch::Tensor rises;        ///< E(x + noise) − E(x), [n, sizes of measure::noise_sizes]
    torch::Tensor bits;         ///< that the compressed picture takes
    torch::Tensor members;      ///< energies of the models of an ensemble, [n, members]
};

/// All parts one behind the other; nothing of none.
Statistics joined(const std::vector<Statistics>& parts);

/// Scores samples with one model, by as many scores as wanted: what two of them need is computed once.
/// Of a conditional energy gradient, steps and noise are those of E(x, y) under the class y of lowest energy.
class Scorer {
public:
    /// Keeps references to both. `kinds`: each must be possible, see score_problem.
    Scorer(const Energy& energy, const Settings& settings, std::vector<ScoreKind> kinds);

    /// x: [n, sample shape…], fp32 or bytes, the samples of a set from number `first` on. The noise of sample
    /// i is that of chain i with the seed train.seed. With `all_of_them` false only the energies.
    Statistics statistics(const torch::Tensor& x, bool all_of_them = true, std::int64_t first = 0) const;

    bool needs_fit() const;
    /// Fits what needs it on what the model says of held-out samples. Samples of which a statistic is not
    /// finite are left out, and counted by fit_not_finite. Throws Error if there are too few.
    void fit(const Statistics& held_out);
    std::int64_t fitted_on() const { return fitted_on_; }
    std::int64_t fit_not_finite() const { return fit_not_finite_; }

    /// [n], higher = more like the data; not finite where the statistics are not.
    std::vector<float> score(const Statistics& statistics, ScoreKind kind) const;

private:
    bool wants(ScoreKind kind) const;
    void add_steps(const torch::Tensor& x, std::int64_t first_of_all, Statistics& result) const;
    torch::Tensor state_row(const Statistics& statistics) const;

    const Energy& energy_;
    const Settings& settings_;
    std::vector<ScoreKind> kinds_;
    std::int64_t fitted_on_ = 0, fit_not_finite_ = 0;
    double mean_energy_ = 0;
    torch::Tensor member_means_;
    std::optional<measure::GaussianMixture> states_;
};

/// Why this model cannot be asked by that score: an Error that says so and what to do; nothing if it can.
/// held_out: samples that there are to fit on.
std::optional<Error> score_problem(ScoreKind kind, const Energy& energy, std::int64_t held_out);

/// How many samples of a set are scored where `most` are wanted (0 = all of them, whatever it costs) and the
/// model has so many classes. A sample is computed under each class, so that with more than ten they are
/// fewer: the work stays that of ten classes, or of 20 samples.
std::int64_t most_scored(std::int64_t most, int classes);

/// The held-out data are divided for scores that need a fit: every second sample, from the first on, is
/// scored, the others are fitted on. Row numbers below `count`.
torch::Tensor scored_rows(std::int64_t count);
torch::Tensor fitted_rows(std::int64_t count);

} // namespace ebm::lab
