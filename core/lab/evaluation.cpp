#include "core/lab/evaluation.h"

#include "core/density/density.h"
#include "core/lab/modes.h"
#include "core/lab/views.h"
#include "core/measure/histogram.h"
#include "core/sample/sampler.h"
#include "core/settings/settings.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace ebm::lab {
namespace {

/// partition: over the box, which the model is then confined to; null for a density on the whole plane.
HeldOutLikelihood held_out_likelihood(const Energy& energy, const torch::Tensor& points,
                                      const measure::Square& box, const measure::Partition* partition,
                                      double temperature) {
    const torch::Tensor inside = partition ? points.ge(box.low).logical_and(points.le(box.high)).all(1)
                                           : torch::ones({points.size(0)}, torch::kBool);
    const std::vector<float> energies =
        to_vector(energies_in_pieces(energy, points.index({inside})) / temperature);
    const measure::Moments moments = measure::moments(energies);
    HeldOutLikelihood result;
    result.count = moments.count;
    result.outside = points.size(0) - moments.count;
    // One infinite energy makes the likelihood of all points zero.
    result.mean = moments.not_finite > 0 ? -std::numeric_limits<double>::infinity()
                                         : -moments.mean - (partition ? partition->log_partition : 0);
    result.standard_error = moments.sd / std::sqrt(static_cast<double>(moments.count));
    result.log_z_error = partition ? partition->error : 0;
    return result;
}

} // namespace

std::optional<BitsPerDimension> bits_per_dimension(const ScoresView& scores, int elements,
                                                   std::string bound) {
    for (const ScoreSet& set : scores.sets) {
        if (set.meaning != SetMeaning::held_out || set.count == 0) continue;
        const double nats_to_bits = 1 / (elements * std::numbers::ln2);
        BitsPerDimension bits{set.mean * nats_to_bits,
                              set.sd / std::sqrt(static_cast<double>(set.count)) * nats_to_bits, set.count,
                              set.not_finite, std::move(bound)};
        // What `set` leaves out is counted here: one impossible picture makes the likelihood of all zero.
        if (set.not_finite > 0) bits.mean = bits.standard_error = std::numeric_limits<double>::infinity();
        return bits;
    }
    return std::nullopt;
}

Evaluation plane_evaluation(const Energy& energy, const Dataset& dataset, const Settings& settings,
                            const torch::Tensor& buffer) {
    Evaluation result;
    const double t = result.temperature = density_temperature(settings);
    const measure::Square box{settings.sampler.box_low, settings.sampler.box_high};
    result.normalised = is_normalised(energy, t);
    if (result.normalised) result.bound = dynamic_cast<const Density&>(energy).bound();
    if (dataset.plane && dataset.plane->log_density && dataset.train.defined()) {
        const auto quadrature = plane_quadrature(dataset, settings, measure::thorough);
        result.divergence = plane_divergence(*quadrature, energy, t);
        result.partition = {result.divergence->log_partition, result.divergence->log_partition_error};
    } else {
        std::vector<float> data;
        if (dataset.train.defined())
            data = to_vector(dataset.train.slice(0, 0, std::min<std::int64_t>(dataset.train.size(0), 4000)));
        result.partition =
            measure::log_partition(energy_of_points(energy, t), box, measure::thorough, {}, data);
    }
    if (dataset.held_out.defined() && dataset.held_out.size(0) > 0)
        result.held_out = held_out_likelihood(energy, dataset.held_out, box,
                                              result.normalised ? nullptr : &*result.partition, t);
    // A density in the file's own units: x = (file − mean) / sd stretches each axis by its sd.
    if (result.held_out)
        for (const data::Coding::Column& column : dataset.coding.columns)
            result.held_out->mean -= std::log(column.sd);
    if (dataset.plane && dataset.plane->mode_of) {
        const auto add = [&](const std::string& name, const torch::Tensor& points) {
            result.modes.push_back({name, measure::mode_shares(to_vector(points), dataset.plane->modes,
                                                               dataset.plane->mode_of)});
        };
        add(held_out_set_name, dataset.held_out);
        if (buffer.defined()) add(buffer_set_name, buffer);
        result.model_modes = measure::mode_shares(
            exact_mode_shares(energy, t, box, {dataset.plane->modes, dataset.plane->mode_of}));
    }
    return result;
}

} // namespace ebm::lab
