#include "core/lab/partition.h"

#include "core/base/error.h"
#include "core/density/density.h"
#include "core/lab/views.h"
#include "core/measure/histogram.h"
#include "core/sample/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace ebm::lab {
namespace {

constexpr int shown_pictures = 16, shown_levels = 400;
constexpr std::int64_t most_held_out = 2000;

/// As much work as a curve is worth that is looked at.
constexpr measure::Effort curve_effort{128, 20'000, 1e-3};

} // namespace

void require_unnormalised(const SceneRun& run) {
    if (run.density())
        throw Error("This model is normalised: its log Z is 0", "annealed importance sampling",
                    "Estimate log Z of an energy-based model.");
}

PartitionEstimate::PartitionEstimate(const measure::AnnealSettings& settings, const SceneRun& run)
    : energy_(run.viewed_energy()->clone()), kind_(run.kind()) {
    require_unnormalised(run);
    measure::AnnealSettings boxed = settings;
    const auto& sampler = run.in_force().sampler;
    boxed.low = sampler.box_low;
    boxed.high = sampler.box_high;
    if (boxed.temperature == 0) boxed.temperature = density_temperature(run.in_force());
    annealing_ = std::make_unique<measure::Annealing>(energy_, boxed);
    view_.settings = boxed;
    view_.iteration = run.iteration();
    view_.of_class = run.asked_class();
    const Dataset& data = run.data();
    if (data.held_out.defined() && data.held_out.size(0) > 0) {
        held_out_ = data.held_out;
        if (view_.of_class >= 0 && data.held_out_labels.defined())
            held_out_ = held_out_.index({data.held_out_labels.eq(view_.of_class)});
        held_out_ = model_values(held_out_.index_select(0, evenly(held_out_.size(0), most_held_out)));
    }
    for (const data::Coding::Column& column : data.coding.columns)
        log_units_ += std::log(column.sd);
    if (!kind_.plane) return;
    std::vector<float> points;
    if (data.train.defined())
        points = to_vector(data.train.slice(0, 0, std::min<std::int64_t>(data.train.size(0), 2000)));
    for (const double beta : {0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0}) {
        if (beta == 0) {
            view_.exact.push_back({0, 2 * std::log(boxed.high - boxed.low), 0});
            continue;
        }
        const measure::Partition exact = measure::log_partition(
            energy_of_points(*energy_, boxed.temperature / beta), {boxed.low, boxed.high},
            beta == 1 ? measure::Effort{} : curve_effort, {}, points);
        view_.exact.push_back({beta, exact.log_partition, exact.error});
    }
}

void PartitionEstimate::advance() {
    if (!left()) return;
    try {
        annealing_->advance();
        if (annealing_->left()) return;
        view_.found = annealing_->result();
        measure_held_out();
    } catch (const Error& error) {
        view_.problem = error.what();
    }
}

void PartitionEstimate::measure_held_out() {
    if (!held_out_.defined() || held_out_.size(0) == 0) return;
    const measure::AnnealSettings& settings = view_.settings;
    const torch::Tensor inside =
        held_out_.ge(settings.low).logical_and(held_out_.le(settings.high)).flatten(1).all(1);
    PartitionView::HeldOut result;
    result.outside = held_out_.size(0) - inside.sum().item<std::int64_t>();
    const std::vector<float> energies =
        to_vector(energies_in_pieces(*energy_, {held_out_.index({inside})}) / settings.temperature);
    const measure::Moments moments = measure::moments(energies);
    result.count = moments.count;
    result.mean = moments.count == 0       ? std::numeric_limits<double>::quiet_NaN()
                  : moments.not_finite > 0 ? -std::numeric_limits<double>::infinity()
                                           : -moments.mean - view_.found->log_z - log_units_;
    result.standard_error =
        moments.sd / std::sqrt(static_cast<double>(std::max<std::int64_t>(1, moments.count)));
    // A step of 8 bits is 2 / 256 of the model's values.
    result.bits = kind_.plane ? std::numeric_limits<double>::quiet_NaN()
                              : 7 - result.mean / (kind_.elements() * std::numbers::ln2);
    view_.held_out = result;
}

PartitionView PartitionEstimate::view(bool paused) const {
    PartitionView view = view_;
    view.phase = annealing_->phase();
    view.level = annealing_->level();
    view.paused = paused;
    view.done = view.found.has_value();
    view.share = annealing_->done();
    const auto& path = annealing_->path();
    const auto count = static_cast<int>(path.size());
    for (int i = 0; i < std::min(count, shown_levels); ++i)
        view.path.push_back(path[static_cast<std::size_t>(
            count <= shown_levels ? i : static_cast<std::int64_t>(i) * (count - 1) / (shown_levels - 1))]);
    const torch::Tensor& x = annealing_->positions();
    if (kind_.plane) {
        view.positions = to_vector(x);
    } else {
        view.shown = std::min<int>(shown_pictures, static_cast<int>(x.size(0)));
        view.pixels = to_pixels(x.slice(0, 0, view.shown));
    }
    return view;
}

} // namespace ebm::lab
