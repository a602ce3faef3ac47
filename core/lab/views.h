#pragma once

#include "core/lab/dataset.h"
#include "core/lab/evaluation.h"
#include "core/lab/landscape.h"
#include "core/lab/live_chains.h"
#include "core/measure/quadrature.h"
#include "core/sample/replay_buffer.h"
#include "core/settings/settings.h"

namespace ebm::lab {

/// Views are computed from the energy that is shown (averaged or not). All run on the engine thread.

/// E on resolution² points of the rectangle (see landscape.h), and ∇E on arrows² points if arrows > 0. log_z
/// of exp(−E/temperature) over [box_low, box_high]², see FieldView; `data` are points [n][2] by which narrow
/// valleys are found in a large box.
std::shared_ptr<const FieldView> field_view(const Energy& energy, const Rect& rect, int resolution,
                                            int arrows, double box_low, double box_high,
                                            std::int64_t iteration, const std::vector<float>& data = {},
                                            double temperature = 1);

/// −log p of the data set on the rectangle; null without an exact density.
std::shared_ptr<const FieldView> exact_view(const data::PlaneSet& set, const Rect& rect, int resolution);

/// Whether exp(−E/T) is normalised as it is, or bounds such a density from below: a Density at T = 1.
bool is_normalised(const Energy& energy, double temperature);
/// KL(data‖model) of exp(−E/T); of what is normalised with log Z = 0, not with that of the box.
measure::Divergence plane_divergence(measure::PlaneQuadrature& quadrature, const Energy& energy,
                                     double temperature);

/// E / temperature, for the integrals of core/measure. Refers to the energy.
measure::EnergyOfPoints energy_of_points(const Energy& energy, double temperature = 1);
/// KL(data‖model) on the sampler's box, of plane data with an exact density.
std::unique_ptr<measure::PlaneQuadrature> plane_quadrature(const Dataset& dataset, const Settings& settings,
                                                           const measure::Effort& effort);
QualityPoint quality_point(std::int64_t iteration, double seconds, const measure::Divergence& divergence,
                           double temperature);

struct SliceBasis {
    torch::Tensor origin, first, second; ///< a, b − a, c − a, each [C, H, W]
};
SliceBasis slice_basis(const std::array<Anchor, 3>& anchors, const Dataset& dataset,
                       const torch::Tensor& chains, std::uint64_t seed);
/// Energies at (u, v) of the slice. Refers to both.
PlaneEnergy slice_energy(const Energy& energy, const SliceBasis& basis);
std::shared_ptr<const SliceView> slice_view(const Energy& energy, const SliceBasis& basis,
                                            const std::array<Anchor, 3>& anchors, const Rect& rect,
                                            int resolution, std::int64_t iteration);
/// Least-squares (u, v) of each chain on the slice, [n][2].
std::vector<float> project(const SliceBasis& basis, const torch::Tensor& chains);

/// What is scored how.
struct ScoreQuery {
    Settings settings = {}; ///< those in force; view.score and view.class_score among them
    std::vector<ScoreKind> kinds = {settings.view.score};
    std::int64_t most = 0;      ///< samples of each set, evenly taken, see most_scored; 0 = all
    std::int64_t iteration = 0; ///< for the caption
    std::string chains_name = live_chains_name;
    /// Score the half of the held-out data that nothing is fitted on, whether one of `kinds` needs a fit or
    /// not.
    bool spare_half = false;
};
/// Train, held-out, buffer, samples and OOD sets under each score that is asked for, in that order. A score
/// that the model cannot give is a view with a problem and no sets. `buffer` and `chains` may be undefined. A
/// conditional energy scores without label. If one of the scores needs a fit, all of them are of the half of
/// the held-out data that is not fitted on, see scored_rows.
std::vector<std::shared_ptr<const ScoresView>> scores_views(const Energy& energy, const Dataset& dataset,
                                                            const torch::Tensor& buffer,
                                                            const torch::Tensor& chains,
                                                            const ScoreQuery& query);
/// The first of them.
std::shared_ptr<const ScoresView> scores_view(const Energy& energy, const Dataset& dataset,
                                              const torch::Tensor& buffer, const torch::Tensor& chains,
                                              const ScoreQuery& query);

/// Everything of an Evaluation but the scores. `buffer` may be undefined.
Evaluation plane_evaluation(const Energy& energy, const Dataset& dataset, const Settings& settings,
                            const torch::Tensor& buffer);

std::shared_ptr<const AlgorithmView> algorithm_view(const Account& account, const SampleKind& kind);

/// account: of the iteration whose slots BufferFilter::drawn keeps; null or without slots: it keeps none.
std::shared_ptr<const BufferView> buffer_view(const ReplayBuffer& buffer, const BufferQuery& query,
                                              const SampleKind& kind, const Account* account = nullptr);

/// Energies of many samples in pieces that fit the cache; [n]. x: fp32 or bytes of pictures.
torch::Tensor energies_in_pieces(const Energy& energy, const Batch& samples);
/// The same of a conditional energy under every class; [n, classes].
torch::Tensor class_energies_in_pieces(const Energy& energy, const torch::Tensor& x);

/// `most` of the numbers below `count`, evenly taken in rising order, so that sorted sets are covered; all of
/// them if most is 0 or not below count.
torch::Tensor evenly(std::int64_t count, std::int64_t most);

} // namespace ebm::lab
