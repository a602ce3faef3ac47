#include "core/lab/view_schedule.h"

#include "core/measure/diagnostics.h"
#include "core/sample/sampler.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>

namespace ebm::lab {
namespace {

constexpr int coarse_resolution = 64, arrow_count = 24;
constexpr int most_drawn_pictures = 256;
constexpr View scheduled[] = {View::field,   View::exact,  View::slice, View::scores, View::buffer,
                              View::quality, View::health, View::trace, View::mixing, View::modes};

/// Seconds between two computations of a view, if it costs little.
double pause(View view, bool plane) {
    switch (view) {
    case View::field:
        return 0.06;
    case View::scores:
        return plane ? 0.7 : 2.0;
    case View::slice:
    case View::health:
    case View::modes:
        return 0.25;
    case View::trace:
        return 0.1;
    case View::buffer:
        return 0.5;
    default:
        return 1.0;
    }
}

ModeMap modes_of(const SceneRun& run) {
    return run.kind().plane ? mode_map(run.data().plane.get(), run.minima()) : ModeMap{};
}

/// The shares that chains should have: those of the data, or of the formula, by quadrature.
std::vector<double> wanted_shares(const SceneRun& run, const ModeMap& modes) {
    if (run.data().plane && run.data().plane->mode_of)
        return std::vector<double>(static_cast<std::size_t>(modes.count), 1.0 / modes.count);
    const Settings& settings = run.in_force();
    const double t = implied_temperature(step_settings(settings));
    if (!(t > 0)) return {};
    return exact_mode_shares(*run.viewed_energy(), t, {settings.sampler.box_low, settings.sampler.box_high},
                             modes);
}

} // namespace

void ViewSchedule::open(const SceneRun& run, const Watch& watch, bool keep_place) {
    if (!keep_place) {
        const double half = run.settings().view.extent;
        rect_ = {-half, -half, half, half};
    }
    field_ = exact_ = nullptr;
    slice_ = nullptr;
    scores_ = nullptr;
    buffer_ = nullptr;
    health_ = nullptr;
    trace_ = nullptr;
    mixing_ = nullptr;
    modes_ = nullptr;
    quadrature_ = nullptr;
    freshness_ = {};
    meter_ = {};
    query_.page = 0;
    pictured_.reset();
    if (!run.kind().plane)
        set_anchors(
            run, watch,
            {Anchor{AnchorKind::data, 0}, Anchor{AnchorKind::chain, 0}, Anchor{AnchorKind::noise, 0}});
    changed();
    count_modes(run, watch); // at once, so that the panel knows whether there is such a row
}

void ViewSchedule::spend(const measure::Effort& effort) {
    effort_ = effort;
    if (quadrature_) quadrature_->spend(effort);
}

void ViewSchedule::want_all() {
    for (Freshness& view : freshness_)
        view.wanted = true;
}

void ViewSchedule::show(const ShownViews& shown) {
    for (std::size_t i = 0; i < view_count; ++i)
        if (shown[i] && !shown_[i]) freshness_[i].at = -1e9; // what comes on screen is not old
    shown_ = shown;
}

void ViewSchedule::set_rect(const SceneRun& run, const Rect& rect) {
    if (!(rect.low_x < rect.high_x && rect.low_y < rect.high_y)) return;
    (run.kind().plane ? rect_ : slice_rect_) = rect;
    want(View::field);
    want(View::exact);
    want(View::slice);
}

void ViewSchedule::set_arrows(bool shown) {
    arrows_ = shown;
    want(View::field);
}

void ViewSchedule::set_anchors(const SceneRun& run, const Watch& watch,
                               const std::array<Anchor, 3>& anchors) {
    anchors_ = anchors;
    if (run.kind().plane) return;
    basis_ = slice_basis(anchors_, run.data(), watch.chains().states(),
                         static_cast<std::uint64_t>(run.in_force().train.seed));
    want(View::slice);
}

void ViewSchedule::set_query(const BufferQuery& query) {
    query_ = query;
    want(View::buffer);
}

void ViewSchedule::show_pictures(std::vector<int> chains) {
    std::ranges::sort(chains);
    chains.erase(std::unique(chains.begin(), chains.end()), chains.end());
    pictured_ = std::move(chains);
}

bool ViewSchedule::applies(View view, const SceneRun& run, const Watch& watch) const {
    const bool plane = run.kind().plane;
    const data::PlaneSet* exact = run.data().plane.get();
    switch (view) {
    case View::field:
        return plane;
    case View::exact:
        return plane && exact && exact->log_density;
    case View::slice:
    case View::pictures:
        return !plane;
    case View::scores:
    case View::mixing:
        return true;
    case View::modes:
        return modes_of(run).count > 0;
    case View::buffer:
        return run.trainable() && run.learner()->buffer();
    case View::quality:
        return plane && run.trainable() && exact && exact->log_density;
    case View::health:
        return true;
    case View::trace:
        return watch.chains().selected() >= 0;
    case View::algorithm:
        return run.trainable();
    case View::race:      // side_work.cpp
    case View::partition: // side_work.cpp
    case View::ood_table: // side_work.cpp
    case View::restoration:
    case View::nearest: // chosen_picture.cpp
        return false;
    }
    return false;
}

/// Of what the view shows.
std::int64_t ViewSchedule::version_of(View view) const {
    switch (view) {
    case View::exact:
        return 0; // the data's density
    case View::field:
    case View::buffer:
    case View::quality:
        return model_version_;
    default:
        return version_;
    }
}

/// Infinity if nothing changed since.
double ViewSchedule::due_at(View view, const SceneRun& run) const {
    const Freshness& f = freshness_[static_cast<std::size_t>(view)];
    if (f.wanted) return -std::numeric_limits<double>::infinity();
    if (f.version == version_of(view)) return std::numeric_limits<double>::infinity();
    return f.at + std::max(pause(view, run.kind().plane), view == View::health ? 0 : 10 * f.cost);
}

bool ViewSchedule::refresh_verdict(SceneRun& run, Watch& watch, double now) {
    if (!shown(View::health) || due_at(View::health, run) > now) return false;
    refresh(View::health, run, watch, now);
    return true;
}

double ViewSchedule::next_due(const SceneRun& run, const Watch& watch) const {
    double next = std::numeric_limits<double>::infinity();
    for (const View view : scheduled)
        if (shown(view) && applies(view, run, watch)) next = std::min(next, due_at(view, run));
    return next;
}

bool ViewSchedule::refresh_due(SceneRun& run, Watch& watch, double now,
                               const std::function<double()>& clock) {
    const View* chosen = nullptr;
    double longest = 0;
    for (const View& view : scheduled) {
        if (!shown(view) || !applies(view, run, watch)) continue;
        const double due = due_at(view, run);
        if (due > now) continue;
        const Freshness& f = at(view);
        const double overdue = f.wanted ? std::numeric_limits<double>::infinity()
                                        : (now - f.at) / std::max(pause(view, run.kind().plane), 10 * f.cost);
        if (chosen && overdue <= longest) continue;
        chosen = &view;
        longest = overdue;
    }
    if (!chosen) return false;
    refresh(*chosen, run, watch, now);
    Freshness& f = at(*chosen);
    const double end = clock();
    f.cost = end - now;
    // The first of each view is not charged: the budget would leave a new scene without a second for seconds.
    if (f.known) meter_.add(end, f.cost);
    f.known = true;
    return true;
}

void ViewSchedule::refresh(View view, SceneRun& run, Watch& watch, double now) {
    Freshness& f = at(view);
    const bool at_once = f.wanted;
    f.wanted = false;
    f.at = now;
    f.version = version_of(view);
    const Energy& model = run.model();
    const std::shared_ptr<const Energy> viewed = run.viewed_energy();
    const std::int64_t iteration = run.iteration();
    const Settings& settings = run.in_force();
    const double low = settings.sampler.box_low, high = settings.sampler.box_high;
    const int resolution = settings.view.resolution;
    switch (view) {
    case View::field: {
        const bool coarse = at_once && resolution > coarse_resolution;
        field_ =
            field_view(*viewed, rect_, coarse ? coarse_resolution : resolution, arrows_ ? arrow_count : 0,
                       low, high, iteration, run.data().view ? run.data().view->points : std::vector<float>(),
                       density_temperature(settings));
        if (coarse) {
            f.at = -1e9;
            f.version = -1;
        }
        break;
    }
    case View::exact:
        exact_ = exact_view(*run.data().plane, rect_, resolution);
        break;
    case View::slice:
        basis_ = slice_basis(anchors_, run.data(), watch.chains().states(),
                             static_cast<std::uint64_t>(settings.train.seed));
        slice_ =
            slice_view(*viewed, basis_, anchors_, slice_rect_, std::clamp(resolution / 4, 16, 64), iteration);
        break;
    case View::scores:
        scores_ =
            scores_view(model, run.data(), run.buffer_samples(settings.view.scored), watch.chains().states(),
                        {.settings = settings, .most = settings.view.scored, .iteration = iteration});
        break;
    case View::buffer:
        buffer_ = buffer_view(*run.learner()->buffer(), query_, run.kind(), run.learner()->account());
        break;
    case View::quality:
        if (!quadrature_) quadrature_ = plane_quadrature(run.data(), settings, effort_);
        run.curves().add(quality_point(iteration, run.seconds(),
                                       plane_divergence(*quadrature_, model, density_temperature(settings)),
                                       density_temperature(settings)));
        break;
    case View::health: {
        measure::Circumstances around = run.circumstances();
        const SamplerReading& reading = watch.reading(run, now);
        around.training = around.training && training_;
        around.acceptance = reading.acceptance;
        around.clipped_share = reading.clipped_share;
        around.clamped_share = reading.clamped_share;
        health_ = std::make_shared<measure::Health>(measure::judge(run.curves().recent(), settings, around));
        break;
    }
    case View::trace:
        trace_ = watch.chains().trace(run.energy());
        break;
    case View::mixing:
        mixing_ = std::make_shared<measure::Mixing>(watch.mixing());
        break;
    case View::modes:
        count_modes(run, watch);
        break;
    case View::pictures:
    case View::algorithm: // fill() has it as it is
    case View::race:
    case View::partition:
    case View::ood_table:
    case View::restoration:
    case View::nearest:
        break;
    }
}

void ViewSchedule::count_modes(const SceneRun& run, const Watch& watch) {
    const ModeMap map = modes_of(run);
    if (map.count == 0) return;
    ModesView view = watch.modes(map);
    view.of_data = run.data().plane && run.data().plane->mode_of;
    view.exact = modes_ && modes_version_ == model_version_ ? modes_->exact : wanted_shares(run, map);
    view.places = modes_ ? modes_->places
                         : std::make_shared<const std::vector<ModePlace>>(
                               mode_places(run.data().plane.get(), run.minima()));
    modes_version_ = model_version_;
    modes_ = std::make_shared<ModesView>(std::move(view));
}

void ViewSchedule::refresh_fully(View view, SceneRun& run, Watch& watch, double now) {
    at(view).wanted = false;
    refresh(view, run, watch, now);
}

void ViewSchedule::fill(Snapshot& snapshot, const SceneRun& run, const Watch& watch) const {
    snapshot.field = field_;
    snapshot.exact = exact_;
    snapshot.slice = slice_;
    const int selected = watch.chains().selected();
    snapshot.trace = selected < 0 ? nullptr : trace_;
    if (selected >= 0 && (!trace_ || trace_->chain != selected))
        snapshot.trace = watch.chains().trace(run.energy());
    snapshot.scores = scores_;
    snapshot.buffer = buffer_;
    snapshot.health = health_;
    snapshot.mixing = mixing_;
    snapshot.modes = modes_;
    snapshot.chains.asked_class = run.asked_class();
    const Account* account = shown(View::algorithm) && run.learner() ? run.learner()->account() : nullptr;
    snapshot.algorithm = account ? algorithm_view(*account, run.kind()) : nullptr;
    if (run.kind().plane) return;
    const torch::Tensor& x = watch.chains().states();
    snapshot.chains.positions = project(basis_, x);
    ChainsView& chains = snapshot.chains;
    chains.shown = 0;
    chains.pictured.clear();
    chains.pixels.clear();
    if (!shown(View::pictures)) return;
    chains.shown = static_cast<int>(std::min<std::int64_t>(x.size(0), most_drawn_pictures));
    if (!pictured_) {
        chains.pictured.resize(static_cast<std::size_t>(chains.shown));
        std::iota(chains.pictured.begin(), chains.pictured.end(), 0);
        chains.pixels = to_pixels(x.slice(0, 0, chains.shown));
        return;
    }
    std::ranges::copy_if(*pictured_, std::back_inserter(chains.pictured),
                         [&](int chain) { return chain >= 0 && chain < chains.shown; });
    chains.pixels = to_pixels(x.index_select(0, torch::tensor(chains.pictured, torch::kInt)));
}

} // namespace ebm::lab
