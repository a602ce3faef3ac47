#include "core/lab/chosen_picture.h"

#include "core/base/error.h"
#include "core/lab/damage.h"
#include "core/lab/views.h"
#include "core/sample/sampler.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace ebm::lab {
namespace {

constexpr int neighbours = 8, most_chains = 16;
constexpr double restoration_told_every = 0.05; ///< seconds between two pictures of the restoration

double seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Training samples that are compared at a time with some samples, so that it takes some milliseconds.
std::int64_t piece_for(std::int64_t samples, const SampleKind& kind) {
    return std::max<std::int64_t>(16, 40'000'000 / (samples * kind.elements()) / 4 * 4);
}

std::vector<std::int32_t> to_labels(const torch::Tensor& labels) {
    if (!labels.defined()) return {};
    const torch::Tensor whole = labels.contiguous();
    const auto* first = whole.const_data_ptr<std::int64_t>();
    return {first, first + whole.numel()};
}

/// Where pixels move.
std::vector<std::uint8_t> moving(const RestoreSettings& settings, const SampleKind& kind) {
    if (!settings.hidden.empty()) return settings.hidden;
    return std::vector<std::uint8_t>(static_cast<std::size_t>(kind.height * kind.width), 1);
}

Samples repeated(const Samples& one, int times) {
    Samples all = one;
    all.count = times;
    for (int i = 1; i < times; ++i)
        all.values.insert(all.values.end(), one.values.begin(), one.values.end());
    return all;
}

void check(const RestoreSettings& settings, const SceneRun& run) {
    const auto refuse = [](const std::string& what, const std::string& remedy) {
        throw Error(what, "restoration", remedy);
    };
    const SampleKind& kind = run.kind();
    if (!settings.hidden.empty()) {
        if (static_cast<int>(settings.hidden.size()) != kind.height * kind.width)
            refuse("The mask does not have the size of the pictures",
                   fmt::format("Give {} × {} pixels.", kind.width, kind.height));
        if (std::ranges::none_of(settings.hidden, [](std::uint8_t pixel) { return pixel != 0; }))
            refuse("No pixel is hidden, so there is nothing to restore",
                   "Paint over the picture, or add noise to it.");
    } else if (!(settings.noise > 0)) {
        refuse("There is no noise, so there is nothing to restore", "Give a size above 0.");
    }
    if (settings.chains < 1 || settings.chains > most_chains)
        refuse(fmt::format("{} chains are not shown beside each other", settings.chains),
               fmt::format("Ask for 1 to {}.", most_chains));
    if (settings.steps < 1) refuse("A restoration needs a step", "Ask for one or more.");
    if (settings.of_class >= 0 && settings.of_class >= run.classes())
        refuse(fmt::format("The model has no class {}", settings.of_class), "Choose another class.");
}

} // namespace

void ChosenPicture::choose(const SceneRun& run, const LiveChains& chains, const PictureChoice& choice) {
    if (run.kind().plane)
        throw Error("Samples of this scene are points, not pictures", "scene " + run.scene().name,
                    "Open a scene of pictures.");
    const torch::Tensor& held_out = run.data().held_out;
    PictureView view;
    view.choice = choice;
    view.held_out = held_out.defined() ? held_out.size(0) : 0;
    torch::Tensor x;
    if (choice.source == PictureSource::chain) {
        if (choice.index < 0 || choice.index >= chains.count())
            throw Error(fmt::format("There is no chain {}", choice.index), "",
                        "Select a chain in Samples first.");
        x = chains.states()[choice.index].unsqueeze(0).clone();
        view.chain_steps = chains.steps_made();
        if (chains.labels().defined())
            view.label = static_cast<int>(chains.labels()[choice.index].item<std::int64_t>());
    } else {
        if (view.held_out == 0)
            throw Error("The scene has no held-out pictures", "scene " + run.scene().name,
                        "Choose the picture of a chain.");
        view.choice.index = (choice.index % view.held_out + view.held_out) % view.held_out;
        x = model_values(held_out.slice(0, view.choice.index, view.choice.index + 1)).clone();
        if (run.data().held_out_labels.defined())
            view.label = static_cast<int>(run.data().held_out_labels[view.choice.index].item<std::int64_t>());
    }
    view.number = ++number_;
    view.pixels = to_pixels(x);
    x_ = x;
    picture_ = std::make_shared<const PictureView>(std::move(view));
    picture_search_.reset();
    nearest_.reset();
    scorer_.reset();
    scores_.reset();
    end_restoration();
}

void ChosenPicture::restore(const SceneRun& run, const RestoreSettings& settings) {
    if (!x_.defined()) throw Error("No picture is chosen", "restoration", "Choose one first.");
    check(settings, run);
    const Samples original{1, run.kind(), to_vector(x_)};
    Samples damaged = original;
    if (settings.hidden.empty()) {
        add_noise(damaged, settings.noise, settings.seed);
        damaged = repeated(damaged, settings.chains);
    } else {
        damaged = repeated(damaged, settings.chains);
        hide(damaged, settings.hidden, settings.seed);
    }
    const torch::Tensor labels = settings.of_class >= 0
                                     ? torch::full({settings.chains}, settings.of_class, torch::kLong)
                                     : run.chain_labels(settings.chains);
    // The places of `ebmlab inpaint`: chain i does what its picture i does with the same seed.
    restoration_.emplace(run.energy().clone(), step_settings(run.in_force()),
                         Batch{to_tensor(damaged), labels}, moving(settings, run.kind()),
                         random::Place{settings.seed, random::Stream::noise,
                                       static_cast<std::uint32_t>(RandomGroup::command_line), 0, 0});
    told_ = {};
    told_.settings = settings;
    told_.picture = number_;
    told_.iteration = run.iteration();
    told_.original = picture_->pixels;
    told_.damaged = to_pixels(restoration_->start().x);
    told_.labels = to_labels(labels);
    const torch::NoGradGuard no_graph;
    told_.energy_original =
        to_vector(restoration_->energy().value({x_.expand_as(restoration_->start().x).contiguous(), labels}));
    told_.energy_damaged = to_vector(restoration_->energy().value(restoration_->start()));
    tell();
    told_.error_before = told_.error;
    restoration_view_ = std::make_shared<const RestorationView>(told_);
}

void ChosenPicture::pause(bool paused) {
    if (!restoration_) throw Error("Nothing is being restored", "restoration", "Start one first.");
    told_.paused = paused;
    restoration_view_ = std::make_shared<const RestorationView>(told_);
}

void ChosenPicture::end_restoration() {
    restoration_.reset();
    restoration_view_.reset();
}

bool ChosenPicture::restores() const {
    return restoration_ && !told_.paused && !told_.done;
}

bool ChosenPicture::searches() const {
    if (!x_.defined()) return false;
    return !nearest_ || (nearest_->problem.empty() && !held_out_ && nearest_->held_out_done < 1);
}

bool ChosenPicture::works(bool restoration_shown, bool nearest_shown) const {
    return (restoration_shown && restores()) || (nearest_shown && (searches() || scores()));
}

void ChosenPicture::work(const SceneRun& run, bool restoration_shown, bool nearest_shown,
                         const std::function<bool()>& time_left) {
    while (time_left() && works(restoration_shown, nearest_shown)) {
        if (restoration_shown && restores()) move_on();
        if (nearest_shown && searches())
            search(run);
        else if (nearest_shown && scores())
            score(run);
    }
}

void ChosenPicture::move_on() {
    try {
        restoration_->advance();
    } catch (const Error& error) {
        // Else it would fail again at once.
        told_.done = true;
        told_.problem = error.what_happened + ". Give the sampler a smaller step.";
        restoration_view_ = std::make_shared<const RestorationView>(told_);
        if (error.where != "sampler") throw;
        return;
    }
    told_.step = restoration_->step();
    told_.done = told_.step >= told_.settings.steps;
    if (told_.done || seconds_now() > told_at_ + restoration_told_every) tell();
}

/// Measures where the chains are, and shows it.
void ChosenPicture::tell() {
    const torch::Tensor& x = restoration_->states();
    const SampleKind kind{false, static_cast<int>(x.size(1)), static_cast<int>(x.size(2)),
                          static_cast<int>(x.size(3))};
    const std::vector<std::uint8_t> where = moving(told_.settings, kind);
    const Samples original{1, kind, to_vector(x_)};
    told_.error.clear();
    for (std::int64_t chain = 0; chain < x.size(0); ++chain)
        told_.error.push_back(difference_where(original, {1, kind, to_vector(x[chain])}, where));
    told_.pixels = to_pixels(x);
    const torch::NoGradGuard no_graph;
    told_.energy = to_vector(restoration_->energy().value({x, restoration_->start().labels}));
    restoration_view_ = std::make_shared<const RestorationView>(told_);
    told_at_ = seconds_now();
}

/// One part of what is still unknown: first the neighbours of the picture, then those of held-out pictures.
void ChosenPicture::search(const SceneRun& run) {
    const Dataset& data = run.data();
    auto view = nearest_ ? std::make_shared<NearestView>(*nearest_) : std::make_shared<NearestView>();
    view->picture = number_;
    if (!nearest_) {
        try {
            data.require_training_data();
            const auto each = static_cast<int>(std::min<std::int64_t>(neighbours, data.train.size(0)));
            if (!picture_search_) picture_search_.emplace(data, x_, each, piece_for(each, data.kind));
            picture_search_->advance();
            if (picture_search_->left()) return;
            const Neighbours found = picture_search_->result();
            picture_search_.reset();
            view->training_count = data.train.size(0);
            view->records = found.records;
            view->distances = found.distances;
            view->labels = found.labels;
            view->pixels = to_pixels(to_tensor(found.samples));
            if (held_out_) view->held_out = *held_out_;
            view->held_out_done = held_out_ ? 1 : 0;
        } catch (const Error& error) {
            view->problem = error.what();
        }
        nearest_ = std::move(view);
        return;
    }
    if (!held_out_search_) {
        const torch::Tensor some = held_out_to_search(data, nearest_held_out);
        if (some.size(0) > 0) held_out_search_.emplace(data, some, 1, piece_for(some.size(0), data.kind));
    }
    if (held_out_search_) held_out_search_->advance();
    view->held_out_done = held_out_search_ ? held_out_search_->done() : 1;
    if (!held_out_search_ || !held_out_search_->left()) {
        held_out_ = held_out_search_ ? held_out_distances(held_out_search_->result()) : HeldOutDistances();
        view->held_out = *held_out_;
        held_out_search_.reset();
    }
    nearest_ = std::move(view);
}

bool ChosenPicture::scores() const {
    return x_.defined() && (!scores_ || scorer_);
}

void ChosenPicture::score(const SceneRun& run) {
    if (!scorer_) scorer_ = std::make_unique<PictureScorer>(run, x_);
    scorer_->advance();
    auto view = std::make_shared<PictureScores>(scorer_->result());
    view->picture = number_;
    if (!scorer_->left()) scorer_.reset();
    scores_ = std::move(view);
}

void ChosenPicture::fill(Snapshot& snapshot) const {
    snapshot.picture = picture_;
    snapshot.restoration = restoration_view_;
    snapshot.nearest = nearest_;
    snapshot.picture_scores = scores_;
}

} // namespace ebm::lab
