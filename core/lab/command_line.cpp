#include "core/lab/parts.h"

#include "core/base/error.h"
#include "core/density/density.h"
#include "core/energy/classes.h"
#include "core/energy/classifier.h"
#include "core/energy/registry.h"
#include "core/lab/mixing.h"
#include "core/lab/sample_files.h"
#include "core/lab/scorer.h"

#include <algorithm>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

/// Rows of the held-out data that scores are fitted on.
torch::Tensor rows_to_fit(const SceneRun& run) {
    return fitted_rows(run.data().held_out.defined() ? run.data().held_out.size(0) : 0);
}

/// Throws Error if the model cannot give one of the scores.
void require_possible(const SceneRun& run, const std::vector<ScoreKind>& kinds) {
    for (const ScoreKind kind : kinds)
        if (const auto problem = score_problem(kind, run.energy(), rows_to_fit(run).size(0))) throw *problem;
}

} // namespace

const Scene& Laboratory::scene() const {
    return parts_->run_->scene();
}
const Settings& Laboratory::settings() const {
    return parts_->run_->in_force();
}
measure::Circumstances Laboratory::training_circumstances() const {
    return parts_->training_circumstances();
}
SampleKind Laboratory::kind() const {
    return parts_->run_->kind();
}
bool Laboratory::makes_samples() const {
    return ebm::makes_samples(parts_->run_->settings());
}

bool Laboratory::is_density() const {
    return parts_->run_->density() != nullptr;
}
std::vector<std::string> Laboratory::classes() const {
    return parts_->run_->classes() > 0 ? parts_->run_->data().classes : std::vector<std::string>();
}
const data::PlaneSet* Laboratory::plane_set() const {
    return parts_->run_->data().plane.get();
}
const data::Coding& Laboratory::coding() const {
    return parts_->run_->data().coding;
}
std::vector<std::string> Laboratory::ood_sets() const {
    std::vector<std::string> names;
    for (const auto& [name, x] : parts_->run_->data().ood)
        names.push_back(name);
    return names;
}
Samples Laboratory::read(const std::string& path, const std::string& columns) const {
    return read_samples(path, kind(), coding(), columns);
}
std::int64_t Laboratory::iteration() const {
    return parts_->run_->iteration();
}

void Laboratory::require_training() const {
    if (!parts_->run_->trainable())
        throw Error("An analytic energy is not trained", "scene " + scene().name,
                    "Use a scene with data to train on.");
}

Record Laboratory::train_iteration() {
    require_training();
    parts_->train_once();
    return parts_->run_->curves().latest().back();
}

Samples Laboratory::sample(std::int64_t count, int steps, ChainStart start, const Samples* initial,
                           std::uint64_t seed, const std::function<void(int step)>& progress,
                           const std::function<void(const ObservedStep&)>& observe) {
    const SceneRun& run = *parts_->run_;
    const Energy& energy = run.energy();
    const auto group = static_cast<std::uint32_t>(RandomGroup::command_line);
    const auto drawn = [&] {
        const Density& density = *run.density();
        const auto drawing = density.start_drawing(count, seed, run.chain_labels(count));
        if (!drawing) return finite_draws(density, count, seed, run.chain_labels(count));
        const auto pixels = static_cast<double>(count) * run.kind().height * run.kind().width;
        while (drawing->advance(run.kind().width))
            if (progress && steps == 0) progress(static_cast<int>(drawing->done() * pixels));
        return require_finite_draws(drawing->samples());
    };
    torch::Tensor x =
        initial ? to_tensor(*initial).index_select(0, torch::arange(count).remainder(initial->count))
        : start == ChainStart::model && run.density()
            ? drawn()
            : parts_->watch_.starts(run, start, count, "", {seed, random::Stream::start, group, 0, 0});
    const kernels::StepSettings step = step_settings(run.in_force());
    torch::Tensor labels = run.chain_labels(count);
    kernels::StepReport report;
    const torch::Tensor start_of_chains = x.clone();
    ChainState state;
    const auto tell = [&](int done) {
        evaluate_at_state(energy, step, state, labels);
        const std::vector<float> states = to_vector(state.x), energies = to_vector(state.energy);
        const torch::Tensor accepted = state.accepted.to(torch::kByte).contiguous();
        observe({done,
                 states,
                 energies,
                 {accepted.data_ptr<std::uint8_t>(), static_cast<std::size_t>(done > 0 ? count : 0)}});
    };
    const auto move = [&](int done, int part) {
        state =
            advance(energy, {x, labels}, step,
                    {seed, random::Stream::noise, group, 0, static_cast<std::uint32_t>(done)}, part, report);
        x = state.x;
    };
    if (observe) {
        move(0, 0);
        tell(0);
    }
    for (int done = 0; done < steps;) {
        int part = observe ? 1 : std::min(20, steps - done);
        const Settings& settings = run.in_force();
        if (mixes(settings)) part = std::min(part, settings.sampler.steps - done % settings.sampler.steps);
        move(done, part);
        done += part;
        if (mixes_before_end(settings, done, steps)) {
            const auto round = static_cast<std::uint32_t>(done / settings.sampler.steps);
            const Mix mixed =
                mix(settings, labels, count, run.classes(), {seed, random::Stream::batch, group, 0, round});
            labels = mixed.labels;
            random::Place fresh{seed, random::Stream::start, group, 0, round};
            for (const int chain : mixed.restarted) {
                fresh.chain = static_cast<std::uint32_t>(chain);
                x[chain] = parts_->watch_.starts(run, ChainStart::noise, 1, "", fresh)[0];
            }
        }
        if (observe) tell(done);
        if (progress) progress(done);
    }
    Samples samples{count, run.kind(), to_vector(x)};
    if (labels.defined())
        samples.labels.assign(labels.data_ptr<std::int64_t>(), labels.data_ptr<std::int64_t>() + count);
    const auto share = [](std::int64_t part, std::int64_t whole) {
        return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : std::nan("");
    };
    samples.acceptance = share(report.accepted, report.proposals);
    samples.jump_acceptance = share(report.jumps_accepted, report.jumps);
    samples.unmoved = (x == start_of_chains).flatten(1).all(1).sum().item<std::int64_t>();
    return samples;
}

void Laboratory::energies(const Samples& samples, int label, std::vector<float>& energy,
                          std::vector<float>* gradient) {
    const torch::Tensor x = to_tensor(samples);
    const Energy& shown = parts_->run_->energy();
    const bool unlabelled = label < 0 && shown.classes() > 0;
    if (!gradient && unlabelled) {
        class_energies(samples, &energy);
        return;
    }
    torch::Tensor labels;
    if (label >= 0) labels = torch::full({x.size(0)}, label, torch::kLong);
    // The gradient of a minimum is that of the class which has it.
    if (unlabelled && parts_->run_->in_force().view.class_score == ClassScore::minimum)
        labels = class_energies_in_pieces(shown, x).argmin(1);
    if (!gradient) {
        energy = to_vector(energies_in_pieces(shown, {x, labels}));
        return;
    }
    energy.clear();
    gradient->clear();
    for (std::int64_t first = 0; first < x.size(0); first += 256) {
        const std::int64_t end = std::min(first + 256, x.size(0));
        const auto [value, slope] = shown.value_and_gradient(
            {x.slice(0, first, end), labels.defined() ? labels.slice(0, first, end) : labels});
        const std::vector<float> values = to_vector(value), slopes = to_vector(slope);
        energy.insert(energy.end(), values.begin(), values.end());
        gradient->insert(gradient->end(), slopes.begin(), slopes.end());
    }
}

std::vector<float> Laboratory::class_energies(const Samples& samples, std::vector<float>* without_class) {
    const torch::Tensor of_classes = class_energies_in_pieces(parts_->run_->energy(), to_tensor(samples));
    if (without_class)
        *without_class = to_vector(ebm::without_class(of_classes, parts_->run_->in_force().view.class_score));
    return to_vector(of_classes);
}

Classified Laboratory::classify(const Samples& samples) const {
    const auto* classifier = dynamic_cast<const Classifier*>(&parts_->run_->energy());
    if (!classifier)
        throw Error("The model is no classifier", "scene " + scene().name,
                    "Take one that was trained with model.energy=classifier.");
    if (samples.kind != kind())
        throw Error("The samples do not have the shape that the classifier takes", "scene " + scene().name,
                    "Take a classifier that was trained on pictures of the same size.");
    const torch::NoGradGuard no_graph;
    const torch::Tensor x = to_tensor(samples);
    Classified result;
    for (std::int64_t first = 0; first < x.size(0); first += 256) {
        const torch::Tensor features =
            classifier->features(x.slice(0, first, std::min(first + 256, x.size(0))));
        const std::vector<float> values = to_vector(features);
        result.feature_count = features.size(1);
        result.features.insert(result.features.end(), values.begin(), values.end());
        const torch::Tensor likeliest = classifier->logits_of_features(features).argmax(1).contiguous();
        const auto* classes = likeliest.data_ptr<std::int64_t>();
        result.classes.insert(result.classes.end(), classes, classes + likeliest.size(0));
    }
    return result;
}

Samples Laboratory::data(bool held_out, std::int64_t most) const {
    const Dataset& data = parts_->run_->data();
    const torch::Tensor& x = held_out ? data.held_out : data.train;
    const torch::Tensor& labels = held_out ? data.held_out_labels : data.train_labels;
    if (!x.defined() || x.size(0) == 0)
        throw Error(fmt::format("There are no {} data", held_out ? "held-out" : "training"),
                    "scene " + scene().name, "See what `ebmlab data list` says of the set.");
    const torch::Tensor rows = evenly(x.size(0), most);
    Samples samples{rows.size(0), kind(), to_vector(model_values(x.index_select(0, rows)))};
    if (labels.defined()) {
        const torch::Tensor of_rows = labels.index_select(0, rows);
        samples.labels.assign(of_rows.data_ptr<std::int64_t>(),
                              of_rows.data_ptr<std::int64_t>() + rows.size(0));
    }
    return samples;
}

std::vector<ScoreKind> Laboratory::possible_scores() const {
    std::vector<ScoreKind> kinds;
    for (const measure::ScoreInfo& info : measure::score_kinds())
        if (!score_problem(info.kind, parts_->run_->energy(), rows_to_fit(*parts_->run_).size(0)))
            kinds.push_back(info.kind);
    return kinds;
}

std::vector<std::vector<float>> Laboratory::scores(const Samples& samples,
                                                   const std::vector<ScoreKind>& kinds, std::int64_t most,
                                                   std::vector<float>* energies) const {
    if (kinds.empty()) return {};
    const SceneRun& run = *parts_->run_;
    require_possible(run, kinds);
    Scorer scorer(run.energy(), run.in_force(), kinds);
    if (scorer.needs_fit()) {
        const torch::Tensor rows = rows_to_fit(run);
        scorer.fit(scorer.statistics(
            run.data().held_out.index_select(0, rows.index_select(0, evenly(rows.size(0), most)))));
    }
    const Statistics statistics = scorer.statistics(to_tensor(samples));
    if (energies) *energies = to_vector(statistics.energy);
    std::vector<std::vector<float>> result;
    for (const ScoreKind kind : kinds)
        result.push_back(scorer.score(statistics, kind));
    return result;
}

measure::Annealed Laboratory::anneal(measure::AnnealSettings settings,
                                     const std::function<bool(double share)>& progress) const {
    require_unnormalised(*parts_->run_);
    const auto& sampler = parts_->run_->in_force().sampler;
    settings.low = sampler.box_low;
    settings.high = sampler.box_high;
    return measure::anneal(parts_->run_->energy(), settings, progress);
}

double Laboratory::chain_temperature() const {
    return implied_temperature(step_settings(parts_->run_->in_force()));
}

Evaluation Laboratory::evaluate(const std::vector<std::pair<std::string, Samples>>& extra_ood,
                                std::int64_t most, const std::vector<ScoreKind>& kinds) {
    Parts& p = *parts_;
    SceneRun& run = *p.run_;
    require_possible(run, kinds);
    for (const auto& [name, samples] : extra_ood) {
        if (is_reserved_name(name))
            throw Error(fmt::format("{} is the name of a set of the program's own", name), "",
                        "Give the out-of-distribution set another name.");
        if (free_name(name, run.data()) != name)
            throw Error(fmt::format("Two out-of-distribution sets are named {}", name), "",
                        "Give each a name of its own.");
        run.add_ood_set(name, to_tensor(samples));
    }
    Evaluation evaluation;
    try {
        if (run.kind().plane)
            evaluation = plane_evaluation(run.model(), run.data(), run.in_force(), run.buffer_samples());
    } catch (const Error& error) {
        evaluation.plane_problem = error.what(); // energies of sets may be finite all the same
    }
    // A model that was trained is compared with its data, an analytic energy with samples of it, a density
    // on the plane with both.
    torch::Tensor chains;
    std::string name;
    if (!run.trainable()) {
        constexpr int count = 1000, steps = 1000;
        chains = to_tensor(sample(count, steps, ChainStart::noise, nullptr,
                                  static_cast<std::uint64_t>(run.in_force().train.seed), nullptr));
        name = fmt::format("Chains after {} steps", steps);
    }
    const Density* density = run.density();
    if (density && run.kind().plane) {
        constexpr int count = 1000;
        chains = density->draw(count, static_cast<std::uint64_t>(run.in_force().train.seed),
                               run.chain_labels(count)); // those that are not finite are counted
        name = "Own samples";
    }
    evaluation.scores = scores_views(run.model(), run.data(), run.buffer_samples(most), chains,
                                     {.settings = run.in_force(),
                                      .kinds = kinds,
                                      .most = most,
                                      .iteration = iteration(),
                                      .chains_name = name});
    const auto by_energy =
        std::ranges::find(evaluation.scores, ScoreKind::energy, [](const auto& view) { return view->score; });
    if (density && !run.kind().plane && by_energy != evaluation.scores.end())
        evaluation.bits = bits_per_dimension(**by_energy, run.kind().elements(), density->bound());
    return evaluation;
}

void Laboratory::refresh_views() {
    for (std::size_t i = 0; i < view_count; ++i)
        refresh_view(static_cast<View>(i));
}

void Laboratory::refresh_view(View view) {
    Parts& p = *parts_;
    if (p.views_.applies(view, *p.run_, p.watch_)) p.views_.refresh_fully(view, *p.run_, p.watch_, p.now());
}

void Laboratory::refresh_quality(const measure::Effort& effort) {
    parts_->views_.spend(effort);
    refresh_view(View::quality);
}

LabelledSamples scene_data(const Settings& settings, std::int64_t count, std::uint64_t seed) {
    LabelledSamples result;
    if (data::is_plane_set(settings)) {
        const std::shared_ptr<const data::PlaneSet> of_scene = data::plane_set_of(settings);
        const data::PlaneSet& set = *of_scene;
        result.samples = {count, {}, set.sample(count, seed)};
        if (set.labels) result.samples.labels = set.labels(count, seed);
        const std::vector<float>& x = result.samples.values;
        for (std::size_t i = 0; i < x.size(); i += 2) {
            if (set.log_density)
                result.log_density.push_back(static_cast<float>(set.log_density(x[i], x[i + 1])));
            if (set.mode_of) result.mode.push_back(set.mode_of(x[i], x[i + 1]));
        }
        return result;
    }
    const Dataset dataset = open_dataset(settings);
    if (!dataset.train.defined())
        throw Error("This scene has no data", "setting data.set", "Choose a scene that learns from data.");
    if (dataset.train.size(0) < count)
        throw Error(fmt::format("There are only {} training samples", dataset.train.size(0)), "--count",
                    "Ask for fewer.");
    result.samples = {count, dataset.kind, to_vector(model_values(dataset.train.slice(0, 0, count)))};
    if (dataset.train_labels.defined()) {
        const auto* labels = dataset.train_labels.const_data_ptr<std::int64_t>();
        result.samples.labels.assign(labels, labels + count);
    }
    result.coding = dataset.coding;
    return result;
}

} // namespace ebm::lab
